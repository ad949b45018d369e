//! What the stories of sellers stand on: a desk with a seller inside and two somewhere else, and
//! the few things that a person does at it.

use std::time::Duration;

use flightdeck::{
    domain::{
        booking::asked::SellerKind,
        ids::{JobId, ProductId},
        money::Money,
        tenant::secret::Secret,
    },
    engine::{
        bookings::{
            approve::ApproveJob,
            budget::GetBudget,
            get::GetJob,
            history::JobHistory,
            submit::SubmitBrief,
            view::{JobView, LineView},
        },
        desk::Desk as EngineSetUp,
        operation::Operation,
        seller::products::stock::stock,
        sellers::{
            outside::Keeping,
            set_up::{OutsideSellers, SetUp},
        },
    },
    peers::sellers::http::{Bounds, KeyHeader},
    store::{Shared, open},
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, databases},
    ground::{NOW, admin},
    sellers_fake::{Fake, KEY, Sort, agent_product, opendirect_product},
};

/// A desk, and its sellers somewhere else.
pub struct Ground {
    /// The desk.
    pub desk: Desk,
    /// The server of OpenDirect, known as `north`.
    pub north: Fake,
    /// The seller agent, known as `south`.
    pub south: Fake,
    extra: Vec<SetUp>,
    store: Shared,
}

/// How a seller is set up in these stories.
pub fn seller(name: &str, kind: SellerKind, fake: &Fake) -> SetUp {
    SetUp {
        key: Some(Secret::new(KEY)),
        header: match kind {
            SellerKind::SellerAgent => KeyHeader::ApiKey,
            _ => KeyHeader::Bearer,
        },
        keeping: Keeping {
            patience: Duration::from_millis(800),
            ahead: false,
            ..Keeping::default()
        },
        bounds: Bounds {
            read: Duration::from_millis(700),
            change: Duration::from_millis(400),
            ..Bounds::default()
        },
        ..SetUp::new(name, kind, fake.url())
    }
}

/// Sets a desk up with both, and with these.
pub fn set_up(
    north: &Fake,
    south: &Fake,
    extra: &[SetUp],
) -> impl FnOnce(&mut EngineSetUp) + use<> {
    let tenant = admin().tenant;
    let mut all = vec![
        (
            tenant.clone(),
            seller("north", SellerKind::OpenDirect, north),
        ),
        (
            tenant.clone(),
            seller("south", SellerKind::SellerAgent, south),
        ),
    ];
    all.extend(extra.iter().map(|one| (tenant.clone(), one.clone())));
    move |desk| {
        desk.sellers = OutsideSellers::new(all).expect("sellers");
        desk.tenants = vec![tenant];
    }
}

/// A product of the seller inside.
pub fn own(id: &str, channel: &str, cents: i64) -> Value {
    json!({
        "id": id, "publisher_id": "pub", "publisher": "The Publisher", "name": format!("Own {id}"),
        "channel": channel, "format": "video", "rate_type": "CPM", "delivery_type": "Guaranteed",
        "base_price": {"minor": cents, "currency": "USD"},
        "floor_price": {"minor": cents, "currency": "USD"},
        "targeting": {"interests": ["gaming"]}, "daily_impressions": 20_000,
    })
}

/// What the server of OpenDirect sells: on two pages, one of it of no channel.
fn northern() -> Vec<Value> {
    let mut nowhere = opendirect_product("nowhere", "ctv", 9.0, None);
    nowhere["ext"] = json!({});
    vec![
        opendirect_product("prime", "ctv", 20.125, Some(400_000)),
        nowhere,
        opendirect_product("late", "linear_tv", 15.0, None),
    ]
}

/// What the seller agent sells: one of it is called as one of the other's.
fn southern() -> Vec<Value> {
    vec![agent_product("prime", 19_995_001, None)]
}

impl Ground {
    /// One on every database that is there.
    pub async fn each(test: &str) -> Vec<Self> {
        let mut all = Vec::new();
        for (store, home) in databases(test).await {
            all.push(Self::on(store, home, Vec::new()).await);
        }
        all
    }

    /// One on a file.
    pub async fn open() -> Self {
        Self::among(Vec::new()).await
    }

    /// One on a file, with further sellers.
    pub async fn among(extra: Vec<SetUp>) -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let file = open::Database::File(home.path().join("desk.db"));
        let store = open::open(&file).await.expect("a new database");
        Self::on(store, Some(home), extra).await
    }

    async fn on(store: Shared, home: Option<tempfile::TempDir>, extra: Vec<SetUp>) -> Self {
        let north = Fake::open(Sort::OpenDirect, northern()).await;
        let south = Fake::open(Sort::Agent, southern()).await;
        let desk = Desk::on(store.clone(), NOW, home, set_up(&north, &south, &extra)).await;
        let products = vec![own("prime", "ctv", 2_000)];
        let products = products.into_iter().map(serde_json::from_value);
        let products = products.collect::<Result<Vec<_>, _>>().expect("products");
        stock(&desk.core, &admin().tenant, products)
            .await
            .expect("stocked");
        Self {
            desk,
            north,
            south,
            extra,
            store,
        }
    }

    /// The same desk in another process, so much later.
    pub async fn started_again(self, now: &str) -> Self {
        let desk = Desk::on(
            self.store.clone(),
            now,
            None,
            set_up(&self.north, &self.south, &self.extra),
        )
        .await;
        Self { desk, ..self }
    }

    /// Sends a brief, and does what is due.
    pub async fn brief(&self, changes: Value) -> JobId {
        let mut brief = json!({
            "name": "Q3 Awareness Push", "objectives": ["brand_awareness"], "budget": 20_000,
            "start_date": "2026-07-01", "end_date": "2026-07-31", "channels": ["ctv"],
            "target_audience": {"interests": ["gaming"]},
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            brief[name] = value.clone();
        }
        let submit = SubmitBrief {
            brief: serde_json::from_value(brief).expect("a brief"),
            auto_approve: false,
        };
        let sent = self.ask(submit).await;
        self.pass(1).await;
        sent.job_id
    }

    /// Lets so many seconds pass, and does what is due.
    pub async fn pass(&self, seconds: i64) {
        self.desk.pass(chrono::Duration::seconds(seconds)).await;
    }

    /// Lets time pass until nobody tries any more.
    pub async fn tried_to_the_end(&self) {
        for _ in 0..16 {
            self.pass(70).await;
        }
    }

    /// The job as it is shown.
    pub async fn job(&self, job_id: JobId) -> JobView {
        self.ask(GetJob { job_id }).await
    }

    /// Approves everything that is of these sellers, and does what is due.
    pub async fn approve(&self, job_id: JobId, sellers: &[&str]) -> JobView {
        let job = self.job(job_id).await;
        let all = job.recommendations.into_iter().flatten();
        let chosen = all.filter(|one| sellers.contains(&&*one.seller));
        let ids: Vec<ProductId> = chosen.map(|one| one.product_id).collect();
        assert_eq!(ids.len(), sellers.len(), "one of each");
        let approve = ApproveJob {
            job_id,
            approved_product_ids: Some(ids),
            expected_revision: None,
            despite_warnings: false,
        };
        self.ask(approve).await;
        self.pass(1).await;
        self.job(job_id).await
    }

    /// What happened to a job, with what was said of it.
    pub async fn events(&self, job_id: JobId) -> Vec<(String, String)> {
        let history = JobHistory {
            job_id,
            after: 0,
            limit: None,
        };
        let events = self.ask(history).await.events;
        let said = |event: flightdeck::engine::events::Event| (event.event, event.detail);
        events.into_iter().map(said).collect()
    }

    /// What is committed of the tenant's budget.
    pub async fn committed(&self) -> String {
        self.ask(GetBudget::default()).await.committed.to_string()
    }

    /// Asks as an admin.
    pub async fn ask<O: Operation>(&self, operation: O) -> O::Output {
        let answer = self.desk.core.ask(&admin(), operation).await;
        answer.expect(O::NAME)
    }
}

/// The line of a seller.
pub fn line<'a>(job: &'a JobView, seller: &str) -> &'a LineView {
    let mut lines = job.booked_lines.iter().flatten();
    lines.find(|line| line.seller == seller).expect(seller)
}

/// An amount of the job in cents.
pub fn cents(money: Money) -> i64 {
    money.minor()
}
