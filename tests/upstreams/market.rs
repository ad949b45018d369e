//! What the stories of media buys stand on: a desk on every database that is there, each with a
//! sales agent of its own, and the few things that a person does at it.

use std::time::Duration;

use flightdeck::{
    domain::{
        ids::{BuyId, PackageId},
        media_buy::{
            action::OrderVerb,
            approval::Approval,
            change::{BuyChange, PackageChange},
            upstream::{
                AgentKind, Upstream,
                deed::{Deed, Stage},
            },
        },
        tenant::secret::Secret,
    },
    engine::{
        activity::ReadAudit,
        desk::Desk as EngineSetUp,
        fault::Fault,
        media_buys::{
            act::ActOnBuy,
            approvals::ListApprovals,
            decide::{DecideApproval, Say},
            delivery::{BuyDelivery, GetDelivery},
            get::GetBuy,
            list::ListBuys,
            update::UpdateBuy,
            upstream::{
                desk::{BuysDesk, GetBuysDesk},
                desks::{Agents, Pages, SetUp},
            },
            view::BuyView,
        },
        operation::Operation,
    },
    peers::upstream::sales_agent::{Bounds, admin::Session},
    store::Shared,
};

use crate::{
    desk::{Desk, databases},
    ground::admin,
    sales_agent::{Age, COOKIE, SalesAgent, TENANT, TOKEN},
};

pub const NOW: &str = "2026-06-16T12:00:00Z";

/// A desk and the sales agent in which its media buys live.
pub struct Market {
    pub desk: Desk,
    pub fake: SalesAgent,
    store: Shared,
}

/// How the desk of the tenant `main` is set up.
pub fn set_up(fake: &SalesAgent, cookie: &str) -> impl FnOnce(&mut EngineSetUp) + use<> {
    let session = Session::fixed(cookie.to_owned().into());
    with_session(fake, Some(session).filter(|_| !cookie.is_empty()))
}

/// The same, with the cookie for its pages read so.
pub fn with_session(
    fake: &SalesAgent,
    session: Option<Session>,
) -> impl FnOnce(&mut EngineSetUp) + use<> {
    let set = SetUp {
        key: Some(Secret::new(TOKEN)),
        tenant: Some(TENANT.into()),
        principal: "acme".into(),
        pages: session.map(|session| Pages {
            url: fake.pages(),
            tenant: "tenant_1".into(),
            session,
        }),
        bounds: Bounds {
            read: Duration::from_secs(5),
            send: Duration::from_millis(500),
        },
        ..SetUp::new(AgentKind::Adcp, fake.url())
    };
    let tenant = admin().tenant;
    move |desk| {
        desk.agents = Agents::new([(tenant.clone(), set)]).expect("an agent");
        desk.tenants = vec![tenant];
    }
}

impl Market {
    /// One on every database that is there.
    pub async fn each(test: &str, age: Age) -> Vec<Self> {
        let mut all = Vec::new();
        for (store, home) in databases(test).await {
            let fake = SalesAgent::open(age).await;
            let desk = Desk::on(store.clone(), NOW, home, set_up(&fake, COOKIE)).await;
            all.push(Self { desk, fake, store });
        }
        all
    }

    /// One on a file.
    pub async fn open(age: Age) -> Self {
        Self::with_cookie(age, COOKIE).await
    }

    /// The same, with another cookie for its pages.
    pub async fn with_cookie(age: Age, cookie: &str) -> Self {
        let session = Session::fixed(cookie.to_owned().into());
        Self::signed_in(age, Some(session).filter(|_| !cookie.is_empty())).await
    }

    /// The same, with the cookie for its pages read so.
    pub async fn signed_in(age: Age, session: Option<Session>) -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let file = flightdeck::store::open::Database::File(home.path().join("desk.db"));
        let store = flightdeck::store::open::open(&file)
            .await
            .expect("a new database");
        let fake = SalesAgent::open(age).await;
        let desk = Desk::on(store.clone(), NOW, Some(home), with_session(&fake, session)).await;
        Self { desk, fake, store }
    }

    /// The same desk in another process, a minute later.
    pub async fn started_again(&self) -> Desk {
        let later = "2026-06-16T12:10:00Z";
        Desk::on(self.store.clone(), later, None, set_up(&self.fake, COOKIE)).await
    }

    /// Looks so often at the other side.
    pub async fn look(&self, times: u32) {
        for _ in 0..times {
            self.desk.pass(chrono::Duration::seconds(15)).await;
        }
    }

    pub async fn ask<O: Operation>(&self, operation: O) -> O::Output {
        let asked = self.desk.core.ask(&admin(), operation).await;
        asked.expect(O::NAME)
    }

    pub async fn buys(&self) -> Vec<BuyView> {
        self.ask(ListBuys::default()).await.media_buys
    }

    pub async fn buy(&self, id: &str) -> BuyView {
        let media_buy_id = id.into();
        self.ask(GetBuy { media_buy_id }).await
    }

    pub async fn known(&self, id: &str) -> Upstream {
        *self.buy(id).await.buy.upstream.expect("it lives elsewhere")
    }

    /// What was asked last of a buy.
    pub async fn deed(&self, id: &str) -> Deed {
        let known = self.known(id).await;
        known.deeds.last().expect("something was asked").clone()
    }

    pub async fn stage(&self, id: &str) -> Stage {
        self.deed(id).await.stage
    }

    pub async fn whereabouts(&self) -> BuysDesk {
        self.ask(GetBuysDesk::default()).await
    }

    pub async fn delivered(&self, id: &str) -> BuyDelivery {
        let get = GetDelivery {
            media_buy_ids: Some(vec![BuyId::from(id)]),
            ..GetDelivery::default()
        };
        let mut told = self.ask(get).await;
        told.buys.pop().expect("a delivery")
    }

    pub async fn act(&self, id: &str, action: OrderVerb) -> Result<BuyView, Fault> {
        let act = ActOnBuy {
            media_buy_id: id.into(),
            action,
            package_id: None,
            budget: None,
            impressions: None,
            reason: None,
            expected_revision: None,
        };
        let done = self.desk.core.ask(&admin(), act).await;
        done.map(|done| done.buy)
    }

    pub async fn change(&self, id: &str, change: BuyChange) -> Result<BuyView, Fault> {
        let update = UpdateBuy {
            media_buy_id: id.into(),
            revision: None,
            change,
            governed: None,
        };
        let done = self.desk.core.ask(&admin(), update).await;
        done.map(|done| done.buy)
    }

    /// Gives a package another budget, and another goal where one is named.
    pub async fn budget(
        &self,
        id: &str,
        package: &str,
        budget: u32,
        impressions: Option<u64>,
    ) -> Result<BuyView, Fault> {
        let mut one = PackageChange::of(PackageId::from(package));
        one.budget = Some(budget.into());
        one.impressions = impressions;
        let packages = Some(vec![one]);
        let change = BuyChange {
            packages,
            ..BuyChange::default()
        };
        self.change(id, change).await
    }

    /// How often the mirror was written.
    pub async fn trail(&self) -> usize {
        let read = ReadAudit {
            after: 0,
            limit: Some(1_000),
            object: None,
        };
        let lines = self.ask(read).await.lines;
        let of_mirror = |line: &&_| {
            let text = serde_json::to_string(line).expect("a line");
            text.contains("media_buys.mirror\"") || text.contains("media_buys.mirror\\\"")
        };
        lines.iter().filter(of_mirror).count()
    }

    pub async fn questions(&self) -> Vec<Approval> {
        let all = self.ask(ListApprovals::default()).await.approvals;
        all.into_iter().map(|one| one.approval).collect()
    }

    pub async fn decide(&self, id: &str, say: Say, reason: Option<&str>) -> Result<BuyView, Fault> {
        let decide = DecideApproval {
            approval_id: None,
            media_buy_id: Some(id.into()),
            say,
            reason: reason.map(str::to_owned),
            expected_revision: None,
        };
        self.desk.core.ask(&admin(), decide).await
    }
}
