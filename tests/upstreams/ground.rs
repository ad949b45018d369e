//! What the stories stand on: a desk on every database that is there, each with a buyer agent of
//! its own, and the few things that a person does at it.

use std::time::Duration;

use flightdeck::{
    domain::{
        booking::upstream::UpstreamKind,
        ids::{JobId, ProductId},
        tenant::{caller::Caller, role::Role, secret::Secret},
    },
    engine::{
        bookings::{
            approve::ApproveJob,
            budget::GetBudget,
            get::GetJob,
            history::JobHistory,
            list::{JobPage, ListJobs},
            submit::SubmitBrief,
            upstream::{
                desk::{BookingsDesk, GetBookingsDesk},
                desks::{SetUp, Upstreams},
            },
            view::JobView,
        },
        desk::Desk as EngineSetUp,
        fault::Fault,
        operation::Operation,
    },
    peers::upstream::buyer_agent::Bounds,
    store::Shared,
};
use serde_json::{Value, json};

use crate::{
    buyer_agent::{BuyerAgent, KEY},
    desk::{Desk, caller, databases},
};

pub const NOW: &str = "2026-06-01T12:00:00Z";

/// A desk and the buyer agent in which its bookings live.
pub struct Ground {
    /// The desk.
    pub desk: Desk,
    /// The other side.
    pub fake: BuyerAgent,
    store: Shared,
}

/// How the desk of the tenant `main` is set up.
pub fn set_up(fake: &BuyerAgent) -> impl FnOnce(&mut EngineSetUp) + use<> {
    let set = SetUp {
        key: Some(Secret::new(KEY)),
        bounds: Bounds {
            read: Duration::from_secs(5),
            send: Duration::from_millis(400),
            decide: Duration::from_millis(400),
            ..Bounds::default()
        },
        ..SetUp::new(UpstreamKind::IabBuyerAgent, fake.url())
    };
    let tenant = admin().tenant;
    move |desk| {
        desk.upstreams = Upstreams::new([(tenant.clone(), set)]).expect("an upstream");
        desk.tenants = vec![tenant];
    }
}

impl Ground {
    /// One on every database that is there.
    pub async fn each(test: &str) -> Vec<Self> {
        let mut all = Vec::new();
        for (store, home) in databases(test).await {
            let fake = BuyerAgent::open().await;
            let desk = Desk::on(store.clone(), NOW, home, set_up(&fake)).await;
            all.push(Self { desk, fake, store });
        }
        all
    }

    /// One on a file.
    pub async fn open() -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let file = flightdeck::store::open::Database::File(home.path().join("desk.db"));
        let store = flightdeck::store::open::open(&file)
            .await
            .expect("a new database");
        let fake = BuyerAgent::open().await;
        let desk = Desk::on(store.clone(), NOW, Some(home), set_up(&fake)).await;
        Self { desk, fake, store }
    }

    /// The same desk in another process, a minute later.
    pub async fn started_again(&self) -> Desk {
        let later = "2026-06-01T12:01:00Z";
        Desk::on(self.store.clone(), later, None, set_up(&self.fake)).await
    }

    /// Looks so often at the other side.
    pub async fn look(&self, times: u32) {
        look(&self.desk, times).await;
    }

    /// Sends a brief, and does what is due.
    pub async fn brief(&self, changes: Value) -> JobId {
        let job_id = self.submit(changes).await.expect("submitted");
        self.look(1).await;
        job_id
    }

    /// Sends a brief.
    pub async fn submit(&self, changes: Value) -> Result<JobId, Fault> {
        let mut brief = json!({
            "name": "Q3 Awareness Push", "objectives": ["brand_awareness"], "budget": 20_000,
            "start_date": "2026-07-01", "end_date": "2026-07-31",
            "target_audience": {"interests": ["gaming"]},
        });
        let auto_approve = changes.get("auto_approve") == Some(&json!(true));
        for (name, value) in changes.as_object().into_iter().flatten() {
            if name != "auto_approve" {
                brief[name] = value.clone();
            }
        }
        let brief = serde_json::from_value(brief).expect("a brief");
        let submit = SubmitBrief {
            brief,
            auto_approve,
        };
        self.desk
            .core
            .ask(&admin(), submit)
            .await
            .map(|done| done.job_id)
    }

    /// A brief that has come to wait for a decision.
    pub async fn waiting(&self, changes: Value) -> JobId {
        let job_id = self.brief(changes).await;
        self.fake.research();
        self.look(2).await;
        job_id
    }

    /// The job as it is shown.
    pub async fn job(&self, job_id: JobId) -> JobView {
        self.ask(GetJob { job_id }).await
    }

    /// The jobs of the desk.
    pub async fn jobs(&self) -> JobPage {
        self.ask(ListJobs::default()).await
    }

    /// Where the desk's truth lives.
    pub async fn whereabouts(&self) -> BookingsDesk {
        self.ask(GetBookingsDesk::default()).await
    }

    /// What happened to a job.
    pub async fn events(&self, job_id: JobId) -> Vec<String> {
        let after = 0;
        let limit = None;
        let history = JobHistory {
            job_id,
            after,
            limit,
        };
        let events = self.ask(history).await.events;
        events.into_iter().map(|event| event.event).collect()
    }

    /// What is committed of the tenant's budget.
    pub async fn committed(&self) -> String {
        self.ask(GetBudget::default()).await.committed.to_string()
    }

    /// Approves, all where no product is named.
    pub async fn approve(
        &self,
        job_id: JobId,
        products: Option<&[&str]>,
    ) -> Result<JobView, Fault> {
        self.decide(job_id, products, false).await
    }

    /// Approves although there are warnings.
    pub async fn decide(
        &self,
        job_id: JobId,
        products: Option<&[&str]>,
        despite_warnings: bool,
    ) -> Result<JobView, Fault> {
        let ids = |all: &[&str]| all.iter().map(|id| ProductId::from(*id)).collect();
        let approve = ApproveJob {
            job_id,
            approved_product_ids: products.map(ids),
            expected_revision: None,
            despite_warnings,
        };
        self.desk.core.ask(&admin(), approve).await
    }

    /// Asks as an admin.
    pub async fn ask<O: Operation>(&self, operation: O) -> O::Output {
        self.desk
            .core
            .ask(&admin(), operation)
            .await
            .expect(O::NAME)
    }
}

pub fn admin() -> Caller {
    caller("main", Role::Admin)
}

/// Looks so often at the other side.
pub async fn look(desk: &Desk, times: u32) {
    for _ in 0..times {
        desk.pass(chrono::Duration::seconds(3)).await;
    }
}

/// What is not as it was asked for, beside that the sellers of the fake only ever propose.
pub fn disagreements(job: &JobView) -> Vec<String> {
    let upstream = job.upstream.as_ref().expect("an upstream");
    let all = upstream.disagreements.iter();
    let all = all.filter(|one| one.about != "sellers");
    all.map(flightdeck::domain::booking::upstream::differ::Disagreement::sentence)
        .collect()
}
