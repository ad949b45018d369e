//! Tenants do not meet: neither each other's objects, nor each other's supply.

use axum::http::{Method, StatusCode};
use flightdeck::{
    domain::tenant::role::Role,
    engine::seller::{lines::act::BuyerAction, orders::get::GetOrder, products::put::PutProduct},
};
use serde_json::json;

use crate::{
    desk::{Desk, caller, send},
    market::{NOON, act, buyer, draft, from, get, line, order, product, put},
};

#[tokio::test]
async fn what_one_tenant_has_is_not_there_for_another() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let order_id = order(&desk.core, &buyer(), 1_000).await;
    let wanted = draft(1_000, "2026-07-01", "2026-07-01");
    let line_id = line(&desk.core, &buyer(), order_id, wanted.clone()).await;
    let held = act(&desk.core, &buyer(), line_id, BuyerAction::Reserve).await;
    let held = held.expect("held");

    let stranger = caller("other", Role::Admin);
    let routes = desk.router(&stranger);
    let question = from::<GetOrder>(json!({"order_id": order_id}));
    let account = desk.core.ask(&buyer(), question).await;
    let account = account.expect("an order").account_id;
    let at = format!("/api/v2.1/accounts/{account}");
    for path in [
        at.clone(),
        format!("{at}/orders"),
        format!("{at}/orders/{order_id}"),
        format!("{at}/orders/{order_id}/lines"),
        format!("{at}/orders/{order_id}/lines/{line_id}"),
        format!("{at}/orders/{order_id}/lines/{line_id}/stats"),
        format!("{at}/creatives"),
        format!("{at}/assignments"),
        "/api/v2.1/products/ctv-prime".to_owned(),
    ] {
        let reply = send(&routes, (Method::GET, &path), None, None).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    let cancel = format!("{at}/orders/{order_id}/lines/{line_id}?action=cancel");
    let reply = send(&routes, (Method::PATCH, &cancel), None, None).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&routes, "/api/v2.1/products").await["total_count"], 0);
    assert_eq!(get(&routes, "/api/v2.1/accounts").await["total_count"], 0);

    // A product of the same id has a supply of its own.
    let put = desk.core.ask(&stranger, PutProduct(product())).await;
    put.expect("a product");
    let theirs = order(&desk.core, &stranger, 1_000).await;
    let theirs = line(&desk.core, &stranger, theirs, wanted).await;
    let theirs = act(&desk.core, &stranger, theirs, BuyerAction::Reserve).await;
    assert_eq!(theirs.expect("their own day").hold, held.hold);
}
