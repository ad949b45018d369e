//! A desk with something of everything on it, always the same.

use flightdeck::{
    domain::{
        ids::JobId,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        bookings::{
            approve::ApproveJob, cancel::CancelJob, get::GetJob, submit::SubmitBrief, view::JobView,
        },
        seller::products::stock::{demo, stock},
    },
};
use serde_json::{Value, json};

use crate::desk::{Desk, caller};

/// When all of it happens.
pub const NOW: &str = "2026-06-15T12:00:00Z";

/// The brief of the bookings document, under another name and budget.
pub fn brief(name: &str, budget: u32) -> Value {
    json!({
        "name": name,
        "objectives": ["brand_awareness"],
        "budget": budget,
        "start_date": "2026-07-01",
        "end_date": "2026-09-30",
        "target_audience": {
            "demographics": {"age": "18-34"},
            "interests": ["gaming", "technology"]
        },
        "kpis": {"target_cpm": 10},
        "channels": ["ctv", "branding", "performance"]
    })
}

/// An empty desk with the demonstration's products.
pub async fn empty() -> Desk {
    let desk = Desk::sqlite(NOW).await;
    let tenant = "acme".parse().expect("a tenant");
    stock(&desk.core, &tenant, demo().expect("products"))
        .await
        .expect("stocked");
    desk
}

/// Sends a brief.
pub async fn send(desk: &Desk, by: &Caller, brief: Value) -> JobId {
    let brief: SubmitBrief = serde_json::from_value(json!({ "brief": brief })).expect("a brief");
    desk.core.ask(by, brief).await.expect("a job").job_id
}

/// Reads a job.
pub async fn read(desk: &Desk, job_id: JobId) -> JobView {
    let by = caller("acme", Role::Admin);
    desk.core.ask(&by, GetJob { job_id }).await.expect("a job")
}

/// A desk with jobs in every state that stays.
pub async fn lively() -> Desk {
    let desk = empty().await;
    let (anna, ben) = (
        person("anna", Role::Trafficker),
        person("ben", Role::Approver),
    );
    let minutes = chrono::Duration::minutes;
    let spring = send(&desk, &anna, brief("Spring Launch", 8400)).await;
    desk.pass(minutes(90)).await;
    let some = read(&desk, spring)
        .await
        .recommendations
        .expect("researched");
    let approve = ApproveJob {
        job_id: spring,
        approved_product_ids: Some(
            some.iter()
                .take(4)
                .map(|one| one.product_id.clone())
                .collect(),
        ),
        expected_revision: None,
    };
    desk.core.ask(&ben, approve).await.expect("approved");
    desk.pass(minutes(47)).await;
    let night = send(&desk, &ben, brief("Game Night", 5000)).await;
    desk.pass(minutes(30)).await;
    let cancel = CancelJob {
        job_id: night,
        expected_revision: None,
    };
    desk.core.ask(&ben, cancel).await.expect("cancelled");
    desk.pass(minutes(12)).await;
    send(&desk, &anna, brief("Back to School", 12000)).await;
    desk.pass(minutes(9)).await;
    send(&desk, &anna, brief("Q3 Awareness Push", 25000)).await;
    desk.pass(minutes(3)).await;
    send(&desk, &ben, brief("夏のキャンペーン & <Été>", 3100)).await;
    desk
}

fn person(name: &str, role: Role) -> Caller {
    Caller {
        name: name.to_owned(),
        ..caller("acme", role)
    }
}

/// Anna, who books.
pub fn anna() -> Caller {
    person("anna", Role::Trafficker)
}
