//! What the other tests trade with: one product, one account, one order, one line.

use axum::{
    Router,
    http::{Method, StatusCode},
};
use flightdeck::{
    domain::{
        ids::{AccountId, LineId, OrderId},
        opendirect::{line::Line, product::Product},
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        core::Core,
        fault::Fault,
        seller::{
            lines::{
                act::{ActOnLine, BuyerAction},
                create::CreateLine,
                get::GetLine,
            },
            orders::create::CreateOrder,
            parties::accounts::CreateAccount,
            products::put::PutProduct,
        },
    },
};
use serde_json::{Value, json};

use crate::desk::{Desk, caller, send};

/// The day on which the stories begin.
pub const NOON: &str = "2026-06-10T12:00:00Z";

/// A trafficker of the tenant that most stories are about.
pub fn buyer() -> Caller {
    caller("acme", Role::Trafficker)
}

/// The one who may decide there.
pub fn publisher() -> Caller {
    caller("acme", Role::Admin)
}

/// A guaranteed product of a thousand impressions a day.
pub fn product() -> Product {
    from(json!({
        "id": "ctv-prime", "publisher_id": "pub-1", "publisher": "Northlight",
        "name": "Prime time", "channel": "ctv", "format": "video",
        "rate_type": "CPM", "delivery_type": "Guaranteed",
        "base_price": {"minor": 2_200, "currency": "USD"},
        "floor_price": {"minor": 1_800, "currency": "USD"},
        "targeting": {"geo": ["US", "CA"]},
        "daily_impressions": 1_000,
    }))
}

pub fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("what the test wrote")
}

/// Puts a product into the catalogue.
pub async fn put(core: &Core, product: Product) {
    let put = core.ask(&publisher(), PutProduct(product)).await;
    put.expect("a product");
}

/// Opens an account.
pub async fn account(core: &Core, buyer: &Caller) -> AccountId {
    let draft = json!({"advertiser_id": "adv-1", "buyer_id": "agency-1", "name": "Drinks"});
    let account = core.ask(buyer, from::<CreateAccount>(draft)).await;
    account.expect("an account").id
}

/// Places an order for July with this budget.
pub async fn order(core: &Core, buyer: &Caller, budget: u64) -> OrderId {
    let draft = json!({
        "account_id": account(core, buyer).await,
        "order": {
            "name": "Summer", "currency": "USD", "budget": budget,
            "start": "2026-07-01", "end": "2026-07-31",
        },
    });
    let order = core.ask(buyer, from::<CreateOrder>(draft)).await;
    order.expect("an order").id
}

/// A line for so many impressions from and to a day of July.
pub fn draft(quantity: u64, first: &str, last: &str) -> Value {
    json!({
        "product_id": "ctv-prime", "name": "Prime", "start": first, "end": last,
        "quantity": quantity,
    })
}

/// Drafts a line.
pub async fn line(core: &Core, buyer: &Caller, order: OrderId, draft: Value) -> LineId {
    let operation = from::<CreateLine>(json!({"order_id": order, "line": draft}));
    let line = core.ask(buyer, operation).await;
    line.expect("a line").id
}

/// Does something with a line.
pub async fn act(
    core: &Core,
    buyer: &Caller,
    line_id: LineId,
    action: BuyerAction,
) -> Result<Line, Fault> {
    let operation = ActOnLine {
        account_id: None,
        order_id: None,
        line_id,
        action,
    };
    core.ask(buyer, operation).await
}

/// Looks at a line.
pub async fn look(core: &Core, line_id: LineId) -> Line {
    let question = from::<GetLine>(json!({"line_id": line_id}));
    core.ask(&buyer(), question).await.expect("a line")
}

/// How many impressions of the product are free on a day of July.
pub async fn free(desk: &Desk, day: &str) -> u64 {
    let routes = desk.router(&buyer());
    let asked = json!({"productid": "ctv-prime", "startdate": day, "enddate": day});
    let found = post(&routes, "/api/v2.1/products/avails", asked).await;
    found["availableImpressions"].as_u64().expect("a number")
}

/// Sends something that must be taken.
pub async fn post(routes: &Router, path: &str, body: Value) -> Value {
    let reply = send(routes, (Method::POST, path), None, Some(&body)).await;
    assert!(reply.status.is_success(), "{path}: {reply:?}");
    reply.body
}

/// Reads something that must be there.
pub async fn get(routes: &Router, path: &str) -> Value {
    let reply = send(routes, (Method::GET, path), None, None).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
    reply.body
}

/// Moves something that must move.
pub async fn patch(routes: &Router, path: &str, body: Option<Value>) -> Value {
    let reply = send(routes, (Method::PATCH, path), None, body.as_ref()).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
    reply.body
}
