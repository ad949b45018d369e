//! What is refused, in whose words, and that nobody sees another's.

use axum::http::{Method, StatusCode};
use flightdeck::{
    domain::tenant::role::Role,
    engine::media_buys::{decide::Say, list::ListBuys},
};
use serde_json::json;

use crate::{
    desk::{Desk, caller, send},
    market::{NOON, admin, but, buyer, change, line, look, order, say, stock, wanted},
};

#[tokio::test]
async fn what_cannot_be_sold_is_refused_by_its_standard_code() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let package = |change: serde_json::Value| {
        let mut whole = wanted(&["open"]);
        whole["packages"][0] = but(whole["packages"][0].clone(), change);
        whole
    };
    for (wanted, code, field) in [
        (
            wanted(&["nothing"]),
            "PRODUCT_NOT_FOUND",
            "packages[0].product_id",
        ),
        (
            package(json!({"budget": 0.01})),
            "BUDGET_TOO_LOW",
            "packages[0].budget",
        ),
        (
            package(json!({"pricing_option_id": "gold"})),
            "INVALID_REQUEST",
            "packages[0].pricing_option_id",
        ),
        (
            package(json!({"bid_price": 9.99})),
            "BUDGET_TOO_LOW",
            "packages[0].bid_price",
        ),
        (
            package(json!({"impressions": 500_001})),
            "BUDGET_TOO_LOW",
            "packages[0].impressions",
        ),
        (
            package(json!({"measurement_terms": {"billing_measurement": {
                "vendor": {"domain": "x.example"}, "max_variance_percent": 0}}})),
            "TERMS_REJECTED",
            "packages[0].measurement_terms.billing_measurement.max_variance_percent",
        ),
    ] {
        let no = order(&desk, &acme, wanted).await.expect_err(code);
        assert_eq!(no.code, code, "{no:?}");
        let told = no.problems.first().map(|one| one.field.as_str());
        assert_eq!(
            told.or(no.details.get("field").and_then(|it| it.as_str())),
            Some(field)
        );
    }
    let all = desk
        .core
        .ask(&admin(), ListBuys::default())
        .await
        .expect("listed");
    assert_eq!(all.total, 0, "nothing of it was kept");
}

#[tokio::test]
async fn too_little_is_left_for_the_second() {
    let desk = Desk::sqlite_with(NOON, |desk| desk.sign_off_from = 1_000_000_u32.into()).await;
    stock(&desk).await;
    let mut all = wanted(&["standard"]);
    all["packages"][0]["budget"] = json!(60_000);
    order(&desk, &buyer("acme"), all.clone())
        .await
        .expect("all but a little");
    let no = order(&desk, &buyer("bolt"), all)
        .await
        .expect_err("too little");
    assert_eq!(no.code, "PRODUCT_UNAVAILABLE", "{no:?}");
}

#[tokio::test]
async fn nobody_sees_or_touches_another_buyers() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let (acme, bolt) = (buyer("acme"), buyer("bolt"));
    let view = order(&desk, &acme, wanted(&["standard"]))
        .await
        .expect("asked")
        .buy;
    let id = view.buy.id.clone();
    let foreign = look(&desk, &bolt, &id).await.expect_err("not bolt's");
    let unknown = look(&desk, &bolt, &"mb_none".into())
        .await
        .expect_err("nobody's");
    assert_eq!(
        (foreign.code, foreign.message),
        (unknown.code, unknown.message)
    );
    let no = change(&desk, &bolt, &id, json!({"canceled": true})).await;
    assert_eq!(no.expect_err("not bolt's").code, "MEDIA_BUY_NOT_FOUND");
    let list = ListBuys {
        owner: Some("acme".to_owned()),
        ..ListBuys::default()
    };
    let seen = desk.core.ask(&bolt, list.clone()).await.expect("listed");
    assert_eq!((seen.total, seen.media_buys.len()), (0, 0));
    let staff = caller("main", Role::Viewer);
    assert_eq!(desk.core.ask(&staff, list).await.expect("listed").total, 1);
    let other = caller("other", Role::Admin);
    assert!(look(&desk, &other, &id).await.is_err(), "another tenant");
}

#[tokio::test]
async fn secrets_are_kept_and_never_told() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let wanted = but(
        wanted(&["open"]),
        json!({
            "invoice_recipient": {"legal_name": "Acme", "bank": {"iban": "DE00secret"}},
            "push_notification_config": {
                "url": "https://acme.example/hook", "token": "secret-secret-secret",
                "authentication": {"schemes": ["Bearer"], "credentials": "secret".repeat(6)},
            },
        }),
    );
    let view = order(&desk, &acme, wanted).await.expect("ordered").buy;
    let told = serde_json::to_string(&view).expect("json");
    assert!(!told.contains("secret"), "{told}");
    assert!(told.contains("acme.example/hook") && told.contains("legal_name"));
    let again = look(&desk, &acme, &view.buy.id).await.expect("there");
    assert_eq!(again.buy.particulars, view.buy.particulars);
}

#[tokio::test]
async fn an_old_revision_changes_nothing() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let asked = order(&desk, &acme, wanted(&["standard"]))
        .await
        .expect("asked");
    let id = asked.buy.buy.id.clone();
    say(&desk, &id, Say::Approve, None).await.expect("agreed");
    let old = json!({"revision": asked.buy.buy.revision, "canceled": true});
    let no = change(&desk, &acme, &id, old).await.expect_err("old");
    assert_eq!(no.code, "CONFLICT");
}

#[tokio::test]
async fn keywords_are_added_and_taken_away_and_the_rest_is_replaced() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let mut with = wanted(&["open"]);
    with["packages"][0]["targeting_overlay"] = json!({"geo_countries": ["US"]});
    let view = order(&desk, &acme, with).await.expect("ordered").buy;
    let (id, package) = (view.buy.id.clone(), view.buy.packages[0].id.clone());
    let key = |word: &str| json!({"keyword": word, "match_type": "broad"});
    let add = json!({"packages": [{
        "package_id": package, "keyword_targets_add": [key("golf"), key("tennis")],
    }]});
    change(&desk, &acme, &id, add).await.expect("added");
    let remove = json!({"packages": [{
        "package_id": package, "keyword_targets_remove": [key("golf")],
    }]});
    let view = change(&desk, &acme, &id, remove)
        .await
        .expect("taken away")
        .buy;
    let overlay = &view.buy.packages[0].asked["targeting_overlay"];
    assert_eq!(
        *overlay,
        json!({"geo_countries": ["US"], "keyword_targets": [key("tennis")]})
    );
    let fixed = json!({"packages": [{"package_id": package, "product_id": "standard"}]});
    let no = change(&desk, &acme, &id, fixed).await.expect_err("fixed");
    assert_eq!(no.problems[0].field, "packages[0].product_id");
    assert_eq!(line(&desk, &view, 0).await.quantity, 500_000);
}

#[tokio::test]
async fn over_the_wire_an_order_is_placed_once_for_each_key() {
    for desk in Desk::each("over_the_wire_an_order", NOON).await {
        stock(&desk).await;
        let routes = desk.router(&buyer("acme"));
        let body = json!({"draft": wanted(&["open"])});
        let ask = (Method::POST, "/rpc/media_buys.create");
        let key = Some("one-order-only-0001");
        let first = send(&routes, ask.clone(), key, Some(&body)).await;
        assert_eq!(first.status, StatusCode::OK, "{first:?}");
        let second = send(&routes, ask.clone(), key, Some(&body)).await;
        assert!(second.replayed && !first.replayed);
        assert_eq!(second.body, first.body);
        let other = json!({"draft": wanted(&["standard"])});
        let other = send(&routes, ask, key, Some(&other)).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{other:?}");
        let listed = desk.core.ask(&admin(), ListBuys::default()).await;
        assert_eq!(listed.expect("listed").total, 1);
    }
}
