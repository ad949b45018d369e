//! Media buys that run, and what is counted of them.

use chrono::Duration;
use flightdeck::{
    domain::{ids::LineId, opendirect::product::DeliveryType, when::Instant},
    engine::{
        delivery::record::RecordReadings,
        media_buys::view::BuyView,
        pacing::{
            list::{ListPacing, PacePage},
            row::PaceRow,
        },
        seller::products::put::PutProduct,
    },
};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    market::{admin, but, buyer, order, product, stock, wanted},
};

/// When every flight here begins; it takes 31 days.
pub const BEGIN: &str = "2026-07-01T00:00:00Z";

/// So many hours into the flight.
pub fn hour(hour: i64) -> Instant {
    let begin: Instant = BEGIN.parse().expect("a time");
    begin + Duration::hours(hour)
}

/// A desk with its market.
pub async fn ready(desk: &Desk) {
    stock(desk).await;
}

/// Orders packages of `open` for so much each, as acme.
pub async fn buy(desk: &Desk, name: &str, budgets: &[u32]) -> BuyView {
    let package = |budget: &u32| {
        json!({
            "product_id": "open", "budget": budget, "pricing_option_id": "cpm_usd",
            "creative_assignments": [{"creative_id": "spot"}],
        })
    };
    let packages: Vec<Value> = budgets.iter().map(package).collect();
    let whole = but(wanted(&[]), json!({"name": name, "packages": packages}));
    order(desk, &buyer("acme"), whole)
        .await
        .expect("ordered")
        .buy
}

/// The same of a product that is sold in another currency.
pub async fn buy_in(desk: &Desk, currency: &str, budgets: &[u32]) -> BuyView {
    let mut sold = serde_json::to_value(product(currency, DeliveryType::Pmp)).expect("JSON");
    for price in ["base_price", "floor_price"] {
        sold[price]["currency"] = json!(currency);
    }
    let put: PutProduct = serde_json::from_value(sold).expect("a product");
    desk.core.ask(&admin(), put).await.expect("on sale");
    let package = |budget: &u32| {
        json!({
            "product_id": currency, "budget": budget, "pricing_option_id": "default",
            "creative_assignments": [{"creative_id": "spot"}],
        })
    };
    let packages: Vec<Value> = budgets.iter().map(package).collect();
    let whole = but(wanted(&[]), json!({"name": currency, "packages": packages}));
    let ordered = order(desk, &buyer("acme"), whole).await;
    ordered.expect("ordered").buy
}

/// The line of the nth package.
pub fn line(view: &BuyView, n: usize) -> LineId {
    view.buy.packages[n].line_id
}

/// Lets time pass until so many hours into the flight.
pub async fn until(desk: &Desk, to: i64) {
    use flightdeck::engine::clock::Clock as _;
    desk.pass(hour(to) - desk.clock.now()).await;
}

/// A reading: so many impressions of a line until an hour of the flight, at 20.00 a thousand.
pub fn reading(line: LineId, at: i64, impressions: u64) -> Value {
    json!({
        "line_id": line,
        "delivered": {
            "impressions": impressions, "clicks": impressions / 500,
            "spent": {"minor": impressions * 2, "currency": "USD"}, "as_of": hour(at),
        },
    })
}

/// An ad server tells what it counted, and the engine does what is due.
pub async fn count(desk: &Desk, readings: Vec<Value>) {
    let readings: RecordReadings =
        serde_json::from_value(json!({ "readings": readings })).expect("readings");
    desk.core.ask(&admin(), readings).await.expect("taken");
    desk.pass(Duration::zero()).await;
}

/// A line that delivers the same every hour, counted every hour.
pub fn steady(line: LineId, hours: std::ops::RangeInclusive<i64>, each: u64) -> Vec<Value> {
    let total = |at: i64| u64::try_from(at).expect("after the beginning") * each;
    hours.map(|at| reading(line, at, total(at))).collect()
}

pub async fn list(desk: &Desk, ask: Value) -> PacePage {
    let ask: ListPacing = serde_json::from_value(ask).expect("a question");
    desk.core.ask(&admin(), ask).await.expect("listed")
}

pub async fn row(desk: &Desk, line: LineId) -> PaceRow {
    let page = list(desk, json!({"line_ids": [line]})).await;
    page.lines.into_iter().next().expect("a row")
}
