//! A desk with something of everything on it, always the same.

use flightdeck::{
    domain::{
        ids::{BuyId, JobId},
        media_buy::action::OrderVerb,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        bookings::{
            approve::ApproveJob, cancel::CancelJob, get::GetJob, submit::SubmitBrief, view::JobView,
        },
        media_buys::{
            act::ActOnBuy, create::CreateBuy, decide::DecideApproval, get::GetBuy,
            update::UpdateBuy, view::BuyView,
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
        despite_warnings: false,
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

/// Somebody who buys from outside.
pub fn buyer(name: &str) -> Caller {
    person(name, Role::Buyer)
}

/// Sofia, who decides on orders.
pub fn sofia() -> Caller {
    person("sofia", Role::Admin)
}

/// Orders media for July: products with their budgets.
pub async fn order(desk: &Desk, by: &Caller, name: &str, packages: &[(&str, u32)]) -> BuyId {
    ordered(desk, by, name, packages, false).await
}

/// The same; a draft is not laid before the publisher.
pub async fn ordered(
    desk: &Desk,
    by: &Caller,
    name: &str,
    packages: &[(&str, u32)],
    keep_draft: bool,
) -> BuyId {
    let package = |(product, budget): &(&str, u32)| {
        json!({
            "product_id": product, "budget": budget, "pricing_option_id": "default",
            "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video"}}],
        })
    };
    let packages: Vec<Value> = packages.iter().map(package).collect();
    let draft = json!({
        "name": name, "po_number": "PO-7", "packages": packages,
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-08-01T00:00:00Z",
    });
    let create = json!({"draft": draft, "keep_draft": keep_draft});
    let create: CreateBuy = serde_json::from_value(create).expect("an order");
    let ordered = desk.core.ask(by, create).await;
    let id = ordered.expect(name).buy.buy.id;
    desk.pass(chrono::Duration::minutes(20)).await;
    id
}

/// Reads an order.
pub async fn look(desk: &Desk, id: &BuyId) -> BuyView {
    let media_buy_id = id.clone();
    let asked = desk.core.ask(&sofia(), GetBuy { media_buy_id }).await;
    asked.expect("an order")
}

/// Does something to an order.
pub async fn act(desk: &Desk, by: &Caller, id: &BuyId, verb: OrderVerb) {
    let act = json!({"media_buy_id": id, "action": verb});
    let act: ActOnBuy = serde_json::from_value(act).expect("an act");
    desk.core.ask(by, act).await.expect("done");
    desk.pass(chrono::Duration::minutes(5)).await;
}

/// Wants another budget for the first package of an order.
pub async fn rebudget(desk: &Desk, by: &Caller, id: &BuyId, budget: u32) {
    let package = look(desk, id).await.buy.packages[0].id.clone();
    let change = json!({"packages": [{"package_id": package, "budget": budget}]});
    let update = json!({"media_buy_id": id, "change": change});
    let update: UpdateBuy = serde_json::from_value(update).expect("a change");
    desk.core.ask(by, update).await.expect("asked");
    desk.pass(chrono::Duration::minutes(5)).await;
}

/// The lively desk, with orders in every state that an admin meets.
pub async fn trading() -> Desk {
    let desk = lively().await;
    let (acme, zephyr) = (buyer("acme-foods"), buyer("zephyr"));
    let harvest = order(
        &desk,
        &acme,
        "Harvest Table",
        &[
            ("brand-daybreak-ros", 18_000),
            ("perf-marlow-display", 6_000),
        ],
    )
    .await;
    act(&desk, &sofia(), &harvest, OrderVerb::ApproveOrder).await;
    let paused = order(
        &desk,
        &zephyr,
        "Commuter Week",
        &[("perf-marlow-display", 9_000)],
    )
    .await;
    act(&desk, &zephyr, &paused, OrderVerb::PauseMediaBuy).await;
    let native = [("brand-signal-native", 12_000)];
    ordered(&desk, &zephyr, "Trail Weeks", &native, true).await;
    let tour = [
        ("brand-outfield-live", 16_000),
        ("ctv-outfield-match", 22_000),
    ];
    order(&desk, &zephyr, "Summer Tour", &tour).await;
    let refused = order(
        &desk,
        &acme,
        "Night Rides",
        &[("ctv-northlight-first", 30_000)],
    )
    .await;
    let no = json!({"media_buy_id": refused, "say": "reject", "reason": "kept for new series"});
    let no: DecideApproval = serde_json::from_value(no).expect("a decision");
    desk.core.ask(&sofia(), no).await.expect("refused");
    rebudget(&desk, &acme, &harvest, 30_000).await;
    order(
        &desk,
        &acme,
        "Finals Snack",
        &[("ctv-outfield-match", 900_000)],
    )
    .await;
    desk
}
