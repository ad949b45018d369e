//! Every way in which the seller says no, and that it changes nothing.

use axum::http::{Method, StatusCode};
use flightdeck::{
    domain::{
        opendirect::product::{DeliveryType, Product, RateType},
        tenant::role::Role,
    },
    engine::seller::{
        lines::act::BuyerAction,
        orders::{change::ChangeOrder, create::CreateOrder},
        products::{get::GetProduct, put::PutProduct},
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, Reply, caller, send},
    market::{
        NOON, account, act, buyer, draft, free, from, line, look, order, product, publisher, put,
    },
};

async fn sent(desk: &Desk, method: Method, path: &str, body: Option<Value>) -> Reply {
    send(&desk.router(&buyer()), (method, path), None, body.as_ref()).await
}

fn code(reply: &Reply) -> (u16, &str) {
    let code = reply.body["error"]["code"].as_str().unwrap_or_default();
    (reply.status.as_u16(), code)
}

#[tokio::test]
async fn unknown_things_are_not_found_by_their_noun() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let account = account(&desk.core, &buyer()).await;
    let own = order(&desk.core, &buyer(), 1_000).await;
    let none = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    let (base, at) = ("/api/v2.1", format!("/api/v2.1/accounts/{account}"));
    for (path, wanted) in [
        (format!("{base}/products/none"), "PRODUCT_NOT_FOUND"),
        (
            format!("{base}/organizations/{none}"),
            "ORGANIZATION_NOT_FOUND",
        ),
        (format!("{base}/organizations/x"), "ORGANIZATION_NOT_FOUND"),
        (format!("{base}/accounts/{none}"), "ACCOUNT_NOT_FOUND"),
        (
            format!("{base}/accounts/{none}/orders"),
            "ACCOUNT_NOT_FOUND",
        ),
        (format!("{at}/orders/{none}"), "ORDER_NOT_FOUND"),
        (format!("{at}/orders/{own}"), "ORDER_NOT_FOUND"),
        (format!("{at}/orders/{none}/lines"), "ORDER_NOT_FOUND"),
        (format!("{at}/orders/{none}/lines/{none}"), "LINE_NOT_FOUND"),
        (format!("{at}/creatives/{none}"), "CREATIVE_NOT_FOUND"),
        (format!("{at}/assignments/{none}"), "ASSIGNMENT_NOT_FOUND"),
    ] {
        let reply = sent(&desk, Method::GET, &path, None).await;
        assert_eq!(code(&reply), (404, wanted), "{path}");
    }
    let wanted = json!({"productid": "none", "startdate": "2026-07-01", "enddate": "2026-07-02"});
    let reply = sent(
        &desk,
        Method::POST,
        "/api/v2.1/products/avails",
        Some(wanted),
    )
    .await;
    assert_eq!(code(&reply), (404, "PRODUCT_NOT_FOUND"));
}

#[tokio::test]
async fn wrong_fields_are_named_as_they_were_sent() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let order_id = order(&desk.core, &buyer(), 10).await;
    let account = {
        let question = from::<flightdeck::engine::seller::orders::get::GetOrder>(
            json!({"order_id": order_id}),
        );
        desk.core
            .ask(&buyer(), question)
            .await
            .expect("there")
            .account_id
    };
    let lines = format!("/api/v2.1/accounts/{account}/orders/{order_id}/lines");
    let fine = json!({
        "productid": "ctv-prime", "name": "Prime", "startdate": "2026-07-01",
        "enddate": "2026-07-02", "qty": 100,
    });
    for (field, value, wanted) in [
        ("productid", json!("none"), "UNKNOWN_PRODUCT"),
        ("qty", json!(0), "INVALID_QUANTITY"),
        ("qty", json!(1_000), "OVER_BUDGET"),
        ("rate", json!(17.99), "BELOW_FLOOR"),
        ("enddate", json!("2026-08-01"), "OUTSIDE_ORDER"),
        ("startdate", json!("tomorrow"), "INVALID_DATE"),
        ("targeting", json!({"mood": "happy"}), "UNKNOWN_DIMENSION"),
        ("bookingstatus", json!("Booked"), "READ_ONLY"),
    ] {
        let mut body = fine.clone();
        body[field] = value;
        let reply = sent(&desk, Method::POST, &lines, Some(body)).await;
        assert_eq!(code(&reply), (400, wanted), "{field}: {reply:?}");
        assert_eq!(reply.body["error"]["details"]["field"], field);
    }
    let reply = sent(&desk, Method::GET, &lines, None).await;
    assert_eq!(reply.body["total_count"], 0, "nothing was drafted");
    let at = format!("{lines}/{order_id}");
    for (query, wanted) in [
        ("?action=pause", "INVALID"),
        ("", "REQUIRED"),
        ("?action=book&action=book", "INVALID_PARAMETER"),
    ] {
        let reply = sent(&desk, Method::PATCH, &format!("{at}{query}"), None).await;
        assert_eq!(
            reply.status,
            StatusCode::BAD_REQUEST,
            "{query} {wanted} {reply:?}"
        );
    }
    let body = Some(json!({"bookingstatus": "Booked"}));
    let reply = sent(&desk, Method::PATCH, &format!("{at}?action=book"), body).await;
    assert_eq!(code(&reply), (400, "UNEXPECTED_BODY"));
    for limit in [json!(0), json!(51)] {
        let body = Some(json!({"limit": limit}));
        let reply = sent(&desk, Method::POST, "/products/search", body).await;
        assert_eq!(code(&reply), (400, "INVALID_PARAMETER"));
    }
    let body = Some(json!({"channel": "billboards"}));
    let reply = sent(&desk, Method::POST, "/products/search", body).await;
    assert_eq!(reply.body["error"]["details"]["field"], "channel");
    let body = Some(json!({"format": "zzz"}));
    let reply = sent(&desk, Method::POST, "/products/search", body).await;
    assert_eq!(code(&reply), (400, "INVALID_PARAMETER"));
    assert_eq!(reply.body["error"]["details"]["field"], "format");
    // What nobody sells now is known all the same.
    let body = Some(json!({"format": "Audio"}));
    let reply = sent(&desk, Method::POST, "/products/search", body).await;
    assert_eq!(reply.body["total"], 0, "{reply:?}");
}

#[tokio::test]
async fn a_line_moves_only_as_its_table_says() {
    use BuyerAction::{Book, Cancel, Reserve};
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let order_id = order(&desk.core, &buyer(), 1_000).await;
    let wanted = draft(100, "2026-07-01", "2026-07-02");
    let id = line(&desk.core, &buyer(), order_id, wanted).await;
    let early = act(&desk.core, &buyer(), id, Book)
        .await
        .expect_err("draft");
    assert_eq!(
        early.message,
        "cannot book this line: it is Draft; possible now: reserve, cancel"
    );
    act(&desk.core, &buyer(), id, Reserve).await.expect("held");
    let twice = act(&desk.core, &buyer(), id, Reserve).await;
    assert_eq!(twice.expect_err("held already").code, "INVALID_STATUS");
    assert_eq!(free(&desk, "2026-07-01").await, 950, "held once");
    // The hold is over, though nobody has looked yet.
    desk.clock.advance(chrono::Duration::hours(1));
    let late = act(&desk.core, &buyer(), id, Book).await.expect_err("late");
    assert!(late.message.contains("its hold ran out at"), "{late}");
    act(&desk.core, &buyer(), id, Cancel).await.expect("off");
    let over = act(&desk.core, &buyer(), id, Cancel).await;
    assert!(over.expect_err("over").message.contains("nothing more"));
    assert_eq!(free(&desk, "2026-07-01").await, 1_000, "given back once");
    let viewer = caller("acme", Role::Viewer);
    let no = act(&desk.core, &viewer, id, Reserve).await;
    assert_eq!(no.expect_err("only looks").code, "FORBIDDEN");
}

#[tokio::test]
async fn products_that_cannot_be_sold_so_are_not() {
    let desk = Desk::sqlite(NOON).await;
    let no = desk.core.ask(&buyer(), PutProduct(product())).await;
    assert_eq!(
        no.expect_err("buyers change no catalogue").code,
        "FORBIDDEN"
    );
    let wrong = Product {
        floor_price: product().base_price,
        base_price: product().floor_price,
        ..product()
    };
    let no = desk.core.ask(&publisher(), PutProduct(wrong)).await;
    assert_eq!(
        no.expect_err("floor above base").problems[0].field,
        "floor_price"
    );

    put(&desk.core, product()).await;
    let question = || GetProduct {
        product_id: product().id,
    };
    let told = desk.core.ask(&publisher(), question()).await;
    assert_eq!(told.expect("there").floor_price, product().floor_price);
    let told = desk.core.ask(&buyer(), question()).await;
    assert_eq!(told.expect("there").floor_price, product().base_price);

    let order_id = order(&desk.core, &buyer(), 1_000).await;
    let wanted = draft(100, "2026-07-01", "2026-07-01");
    let id = line(&desk.core, &buyer(), order_id, wanted).await;
    let off_sale = Product {
        active: false,
        ..product()
    };
    put(&desk.core, off_sale).await;
    let no = act(&desk.core, &buyer(), id, BuyerAction::Reserve).await;
    assert_eq!(no.expect_err("off sale").code, "NOT_ON_SALE");
    assert_eq!(free(&desk, "2026-07-01").await, 0, "nothing is on sale");
    let clicks = Product {
        rate_type: RateType::Cpc,
        ..product()
    };
    put(&desk.core, clicks).await;
    let wanted = draft(1, "2026-07-01", "2026-07-01");
    let id = line(&desk.core, &buyer(), order_id, wanted).await;
    let no = act(&desk.core, &buyer(), id, BuyerAction::Reserve).await;
    assert_eq!(no.expect_err("nobody can count it").code, "UNCOUNTED");
}

#[tokio::test]
async fn a_private_marketplace_holds_nothing_and_is_booked_at_once() {
    let desk = Desk::sqlite(NOON).await;
    let private = Product {
        delivery_type: DeliveryType::Pmp,
        ..product()
    };
    put(&desk.core, private).await;
    let order_id = order(&desk.core, &buyer(), 23).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let wanted = draft(1_000, "2026-07-01", "2026-07-01");
        ids.push(line(&desk.core, &buyer(), order_id, wanted).await);
    }
    let no = act(&desk.core, &buyer(), ids[0], BuyerAction::Reserve).await;
    assert!(
        no.expect_err("no hold")
            .message
            .contains("holds no inventory")
    );
    let booked = act(&desk.core, &buyer(), ids[0], BuyerAction::Book).await;
    assert!(booked.expect("booked").hold.is_empty());
    assert_eq!(free(&desk, "2026-07-01").await, 1_000);
    let no = act(&desk.core, &buyer(), ids[1], BuyerAction::Book).await;
    assert_eq!(no.expect_err("its order has 1.00 left").code, "OVER_BUDGET");
    act(&desk.core, &buyer(), ids[0], BuyerAction::Cancel)
        .await
        .expect("off");
    act(&desk.core, &buyer(), ids[1], BuyerAction::Book)
        .await
        .expect("booked");
}

#[tokio::test]
async fn an_exclusive_day_has_one_buyer() {
    let desk = Desk::sqlite(NOON).await;
    let exclusive = Product {
        delivery_type: DeliveryType::Exclusive,
        ..product()
    };
    put(&desk.core, exclusive).await;
    let order_id = order(&desk.core, &buyer(), 1_000).await;
    let first = draft(10, "2026-07-02", "2026-07-02");
    let first = line(&desk.core, &buyer(), order_id, first).await;
    let held = act(&desk.core, &buyer(), first, BuyerAction::Reserve).await;
    assert_eq!(held.expect("held").hold.values().sum::<u64>(), 1_000);
    let second = draft(10, "2026-07-01", "2026-07-03");
    let second = line(&desk.core, &buyer(), order_id, second).await;
    let no = act(&desk.core, &buyer(), second, BuyerAction::Reserve).await;
    let no = no.expect_err("the second day is taken");
    assert_eq!(
        (
            no.details["wanted"].as_u64(),
            no.details["available"].as_u64()
        ),
        (Some(10), Some(0))
    );
}

#[tokio::test]
async fn an_undecided_order_is_held_and_not_booked_until_its_publisher_decides() {
    let desk = Desk::sqlite_with(NOON, |desk| desk.approve_orders = false).await;
    put(&desk.core, product()).await;
    let order_id = order(&desk.core, &buyer(), 1_000).await;
    let wanted = draft(100, "2026-07-01", "2026-07-02");
    let id = line(&desk.core, &buyer(), order_id, wanted.clone()).await;
    act(&desk.core, &buyer(), id, BuyerAction::Reserve)
        .await
        .expect("held");
    let no = act(&desk.core, &buyer(), id, BuyerAction::Book)
        .await
        .expect_err("pending");
    assert_eq!(no.code, "ORDER_NOT_APPROVED");
    assert_eq!(
        no.message,
        "cannot book a line of this order: it is PENDING; possible now: approve, reject"
    );
    let change = |body: Value| {
        let mut body = body;
        body["order_id"] = json!(order_id);
        from::<ChangeOrder>(body)
    };
    let yes = || change(json!({"decision": "approve"}));
    let no = desk.core.ask(&buyer(), yes()).await.expect_err("a buyer");
    assert_eq!(no.code, "FORBIDDEN");
    for (body, wanted) in [
        (json!({"change": {"budget": 2.19}}), "BELOW_COMMITTED"),
        (json!({"change": {"start": "2026-07-02"}}), "LINES_OUTSIDE"),
        (json!({"change": {"currency": "EUR"}}), "FIXED"),
    ] {
        let no = desk.core.ask(&buyer(), change(body)).await;
        assert_eq!(no.expect_err("refused").code, wanted);
    }
    let body = json!({"change": {"budget": 2.20, "end": "2026-07-02", "name": "Short"}});
    desk.core
        .ask(&buyer(), change(body))
        .await
        .expect("changed");
    desk.core.ask(&publisher(), yes()).await.expect("approved");
    act(&desk.core, &buyer(), id, BuyerAction::Book)
        .await
        .expect("booked");
    let twice = desk.core.ask(&publisher(), yes()).await;
    assert_eq!(twice.expect_err("decided").code, "INVALID_STATUS");
    let late = change(json!({"change": {"budget": 5}}));
    let late = desk.core.ask(&buyer(), late).await;
    assert!(
        late.expect_err("approved as it is")
            .message
            .contains("were approved as they are")
    );
}

#[tokio::test]
async fn a_rejected_order_takes_no_lines() {
    let desk = Desk::sqlite_with(NOON, |desk| desk.approve_orders = false).await;
    put(&desk.core, product()).await;
    let account_id = account(&desk.core, &buyer()).await;
    let draft_order = json!({
        "account_id": account_id,
        "order": {"name": "Summer", "currency": "USD", "budget": 100,
                  "start": "2026-07-01", "end": "2026-07-31"},
    });
    let placed = desk
        .core
        .ask(&buyer(), from::<CreateOrder>(draft_order))
        .await;
    let order_id = placed.expect("placed").id;
    let wanted = draft(100, "2026-07-01", "2026-07-02");
    let id = line(&desk.core, &buyer(), order_id, wanted).await;
    let routes = desk.router(&publisher());
    let at = format!("/api/v2.1/accounts/{account_id}/orders/{order_id}");
    let body = Some(json!({"orderstatus": "REJECTED"}));
    let reply = send(&routes, (Method::PATCH, &at), None, body.as_ref()).await;
    assert_eq!(reply.body["orderstatus"], "REJECTED");
    let back = Some(json!({"orderstatus": "PENDING"}));
    let reply = send(&routes, (Method::PATCH, &at), None, back.as_ref()).await;
    assert_eq!(code(&reply), (400, "READ_ONLY"));
    let no = act(&desk.core, &buyer(), id, BuyerAction::Reserve).await;
    assert_eq!(no.expect_err("rejected").code, "ORDER_NOT_APPROVED");
    let body = json!({
        "productid": "ctv-prime", "name": "More", "startdate": "2026-07-01",
        "enddate": "2026-07-02", "qty": 100,
    });
    let reply = sent(&desk, Method::POST, &format!("{at}/lines"), Some(body)).await;
    assert_eq!(code(&reply), (409, "ORDER_NOT_APPROVED"));
    act(&desk.core, &buyer(), id, BuyerAction::Cancel)
        .await
        .expect("off");
    assert!(look(&desk.core, id).await.status.is_final());
}
