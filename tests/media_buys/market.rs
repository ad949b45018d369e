//! A publisher with three products, two buyers, an admin, and the words to deal with them.

use flightdeck::{
    domain::{
        ids::{BuyId, ProductId},
        opendirect::{
            line::Line,
            product::{DeliveryType, Product},
        },
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        creatives::sync::{Library, SyncCreatives},
        fault::Fault,
        media_buys::{
            act::ActOnBuy,
            create::CreateBuy,
            decide::{DecideApproval, Say},
            get::GetBuy,
            update::UpdateBuy,
            view::{BuyView, Ordered},
        },
        seller::{lines::get::GetLine, products::put::PutProduct},
    },
};
use serde_json::{Value, json};

use crate::desk::{Desk, caller};

pub const NOON: &str = "2026-06-10T12:00:00Z";

/// Somebody who buys from outside.
pub fn buyer(name: &str) -> Caller {
    Caller {
        name: name.to_owned(),
        ..caller("main", Role::Buyer)
    }
}

pub fn admin() -> Caller {
    caller("main", Role::Admin)
}

/// A product that is sold by the thousand at 20.00, 100,000 a day.
pub fn product(id: &str, delivery: DeliveryType) -> Product {
    serde_json::from_value(json!({
        "id": id, "publisher_id": "pub-1", "publisher": "Northlight",
        "name": format!("Prime {id}"), "channel": "ctv", "format": "video",
        "rate_type": "CPM", "delivery_type": delivery,
        "base_price": {"minor": 2_000, "currency": "USD"},
        "floor_price": {"minor": 1_000, "currency": "USD"},
        "daily_impressions": 100_000,
    }))
    .expect("a product")
}

/// Puts the three on sale: `standard`, `sponsor` and `open`.
pub async fn stock(desk: &Desk) {
    for (id, delivery) in [
        ("standard", DeliveryType::Guaranteed),
        ("sponsor", DeliveryType::Exclusive),
        ("open", DeliveryType::Pmp),
    ] {
        let product = product(id, delivery);
        let put = PutProduct(product);
        desk.core.ask(&admin(), put).await.expect("on sale");
    }
    for name in ["acme", "bolt"] {
        library(desk, name, &["spot"]).await;
    }
}

/// Fills a buyer's library.
pub async fn library(desk: &Desk, name: &str, ids: &[&str]) -> Library {
    let creative = |id: &&str| json!({"creative_id": id, "name": id, "format_id": {"id": "video"}});
    let creatives: Vec<Value> = ids.iter().map(creative).collect();
    let sync: SyncCreatives =
        serde_json::from_value(json!({"creatives": creatives})).expect("creatives");
    desk.core.ask(&buyer(name), sync).await.expect("taken in")
}

/// What is asked for: one package of each product that is named, 10,000.00 each.
pub fn wanted(products: &[&str]) -> Value {
    let package = |id: &&str| {
        json!({
            "product_id": id, "budget": 10_000, "pricing_option_id": "cpm_usd",
            "creative_assignments": [{"creative_id": "spot"}],
        })
    };
    let packages: Vec<Value> = products.iter().map(package).collect();
    json!({
        "start_time": "2026-07-01T00:00:00Z",
        "end_time": "2026-08-01T00:00:00Z",
        "brand": {"domain": "acme.example"},
        "po_number": "PO-1",
        "packages": packages,
    })
}

/// The same, in another way.
pub fn but(mut whole: Value, change: Value) -> Value {
    if let (Some(whole), Value::Object(change)) = (whole.as_object_mut(), change) {
        whole.extend(change);
    }
    whole
}

pub async fn order(desk: &Desk, who: &Caller, mut wanted: Value) -> Result<Ordered, Fault> {
    let keep_draft = wanted["keep_draft"].take() == json!(true);
    let wanted = json!({"draft": wanted, "keep_draft": keep_draft});
    let create: CreateBuy = serde_json::from_value(wanted).expect("a question");
    desk.core.ask(who, create).await
}

pub async fn change(
    desk: &Desk,
    who: &Caller,
    id: &BuyId,
    change: Value,
) -> Result<Ordered, Fault> {
    let mut change = change;
    let revision = change["revision"].take();
    let update = json!({"media_buy_id": id, "revision": revision, "change": change});
    let update: UpdateBuy = serde_json::from_value(update).expect("a question");
    desk.core.ask(who, update).await
}

pub async fn act(desk: &Desk, who: &Caller, id: &BuyId, action: Value) -> Result<Ordered, Fault> {
    let act = but(json!({"media_buy_id": id}), action);
    let act: ActOnBuy = serde_json::from_value(act).expect("a question");
    desk.core.ask(who, act).await
}

pub async fn say(desk: &Desk, id: &BuyId, say: Say, why: Option<&str>) -> Result<BuyView, Fault> {
    let decide = DecideApproval {
        approval_id: None,
        media_buy_id: Some(id.clone()),
        say,
        reason: why.map(str::to_owned),
        expected_revision: None,
    };
    desk.core.ask(&admin(), decide).await
}

pub async fn look(desk: &Desk, who: &Caller, id: &BuyId) -> Result<BuyView, Fault> {
    let media_buy_id = id.clone();
    desk.core.ask(who, GetBuy { media_buy_id }).await
}

/// The line of the nth package.
pub async fn line(desk: &Desk, view: &BuyView, n: usize) -> Line {
    let get = GetLine {
        account_id: None,
        order_id: None,
        line_id: view.buy.packages[n].line_id,
    };
    desk.core.ask(&admin(), get).await.expect("a line")
}

/// How much is left of a product on a day.
pub async fn free(desk: &Desk, product: &str, day: &str) -> u64 {
    use flightdeck::engine::seller::avails::ReadTaken;
    let day = flightdeck::domain::when::parse_day(day).expect("a day");
    let flight = flightdeck::domain::when::Flight::new(day, day).expect("a flight");
    let engine = Caller::engine(admin().tenant);
    let taken = desk.core.ask(&engine, ReadTaken { flight }).await;
    let taken = taken.expect("counted").taken;
    let own = ProductId::from(product);
    let used = taken.into_iter().find(|(id, _)| *id == own);
    100_000 - used.map_or(0, |(_, used)| used)
}
