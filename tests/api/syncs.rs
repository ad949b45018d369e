//! A tenant's ad server over the Tenant Management API: synced, looked at, tested. Played on both
//! databases, with the ad server inside and with the one that others run.

use serde_json::{Value, json};

use crate::{
    fake_seller::catalogue,
    house::{Ask, House, ask, get, post, post_nothing},
    kept::{managed, rpc, stories, tenant},
    postgres::or_skip,
};

stories!(
    an_ad_server_is_synced_as_the_document_prints_it,
    syncs_are_listed_shown_and_belong_to_their_tenant,
    a_connection_that_cannot_work_is_said_to_need_what_is_missing,
);

const AT: &str = "/api/v1/tenant-management/tenants";

fn with(ask: Ask, key: &str) -> Ask {
    ask.header("x-tenant-management-api-key", key)
}

/// Opens a tenant that has something to sell.
async fn selling(house: &House, key: &str, subdomain: &str) -> Value {
    let made = tenant(house, key, subdomain).await;
    for product in catalogue() {
        let put = rpc(
            "opendirect.put_product",
            &product,
            text(&made["admin_token"]),
        );
        house.ask(put).await.ok();
    }
    made
}

fn text(of: &Value) -> &str {
    of.as_str().unwrap_or_else(|| panic!("{of} is no text"))
}

async fn an_ad_server_is_synced_as_the_document_prints_it(url: Option<String>) {
    let (house, key) = managed(url).await;
    let made = selling(&house, &key, "sports").await;
    let at = format!("{AT}/{}", text(&made["tenant_id"]));
    for (path, what) in [("sync-inventory", "inventory"), ("sync-orders", "orders")] {
        let start = || with(post_nothing(&format!("{at}/{path}")), &key);
        let started = house.ask(start()).await.is(202);
        assert_eq!(
            (&started["what"], &started["status"]),
            (&json!(what), &json!("pending"))
        );
        let second = house.ask(start()).await;
        assert_eq!((second.status, second.code()), (409, "SYNC_RUNNING".into()));
        let error = &second.json()["error"];
        assert_eq!(error["details"]["sync_id"], started["sync_id"]);
        house.settle().await;
        let one = get(&format!("{at}/syncs/{}", text(&started["sync_id"])));
        let done = house.ask(with(one, &key)).await.ok();
        assert_eq!(done["status"], "completed", "{done}");
        let full = post(&format!("{at}/{path}"), &json!({"mode": "full"}));
        house.ask(with(full, &key)).await.is(202);
        house.settle().await;
    }
    let health = house
        .ask(with(get(&format!("{at}/sync-status")), &key))
        .await
        .ok();
    assert_eq!(health["syncs"][0]["status"], "success");
    assert_eq!(health["counts"][0]["kind"], "ad_unit");
    let status = house
        .ask(with(get(&format!("{at}/status")), &key))
        .await
        .ok();
    let inventory = &status["syncs"]["inventory"];
    assert_eq!(
        (&inventory["status"], &inventory["severity"]),
        (&json!("success"), &json!("ok"))
    );
    assert_eq!(inventory["item_count"], health["counts"][0]["items"]);
    for (body, code) in [
        (json!({"mode": "some"}), "INVALID_VALUE"),
        (json!({"force": true}), "UNKNOWN_FIELD"),
    ] {
        let wrong = post(&format!("{at}/sync-inventory"), &body);
        assert_eq!(house.ask(with(wrong, &key)).await.code(), code);
    }
    let nobodys = post_nothing(&format!("{AT}/nobody/sync-inventory"));
    let absent = house.ask(with(nobodys, &key)).await;
    assert_eq!(
        (absent.status, absent.code()),
        (404, "TENANT_NOT_FOUND".into())
    );
}

async fn syncs_are_listed_shown_and_belong_to_their_tenant(url: Option<String>) {
    let (house, key) = managed(url).await;
    let (ours, theirs) = (
        selling(&house, &key, "sports").await,
        tenant(&house, &key, "news").await,
    );
    let [at, other] = [&ours, &theirs].map(|of| format!("{AT}/{}", text(&of["tenant_id"])));
    let started = with(post_nothing(&format!("{at}/sync-inventory")), &key);
    let started = house.ask(started).await.is(202);
    house.settle().await;
    let history = house
        .ask(with(get(&format!("{at}/sync-history?limit=1")), &key))
        .await
        .ok();
    assert_eq!(
        (&history["total"], &history["syncs"][0]["sync_id"]),
        (&json!(1), &started["sync_id"])
    );
    let units = house
        .ask(with(
            get(&format!("{at}/inventory?kind=ad_unit&limit=2")),
            &key,
        ))
        .await
        .ok();
    assert!(units["total"].as_i64() > Some(0), "{units}");

    // Another tenant has none of it, and no admin of one sees into another.
    let id = text(&started["sync_id"]);
    for path in [format!("{other}/syncs/{id}"), format!("{at}/syncs/nothing")] {
        let absent = house.ask(with(get(&path), &key)).await;
        assert_eq!(
            (absent.status, absent.code()),
            (404, "SYNC_NOT_FOUND".into()),
            "{path}"
        );
    }
    let nothing = house
        .ask(with(get(&format!("{other}/inventory")), &key))
        .await
        .ok();
    assert_eq!(nothing["total"], 0);
    let admin = text(&theirs["admin_token"]);
    for path in ["sync-status", "sync-history", "inventory"] {
        house
            .ask(get(&format!("{other}/{path}")).key(admin))
            .await
            .ok();
        assert_eq!(
            house
                .ask(get(&format!("{at}/{path}")).key(admin))
                .await
                .status,
            404,
            "{path}"
        );
    }
    for path in ["sync-inventory", "sync-orders", "test-connection"] {
        let ask = post_nothing(&format!("{at}/{path}")).key(admin);
        assert_eq!(house.ask(ask).await.status, 404, "{path}");
    }
}

async fn a_connection_that_cannot_work_is_said_to_need_what_is_missing(url: Option<String>) {
    let (house, key) = managed(url).await;
    let made = tenant(&house, &key, "sports").await;
    let at = format!("{AT}/{}", text(&made["tenant_id"]));
    let test = || with(post_nothing(&format!("{at}/test-connection")), &key);
    let status = async || {
        house
            .ask(with(get(&format!("{at}/status")), &key))
            .await
            .ok()
    };
    let asked = house.ask(test()).await.is(202);
    assert_eq!(asked["testing"], true);
    house.settle().await;
    assert_eq!(status().await["ad_server"]["connected"], true);

    let change = json!({"ad_server": "kevel", "kevel_network_id": "9709"});
    let change = ask("PATCH", &at)
        .header("content-type", "application/json")
        .body(change.to_string());
    house.ask(with(change, &key)).await.ok();
    house.ask(test()).await.is(202);
    house.settle().await;
    let told = status().await["ad_server"].clone();
    assert_eq!(told["connected"], false);
    assert_eq!(
        told["last_test_error"],
        "the tenant's kevel has no key or token: set it, then try again"
    );
    let started = with(post_nothing(&format!("{at}/sync-inventory")), &key);
    house.ask(started).await.is(202);
    house.settle().await;
    let inventory = status().await["syncs"]["inventory"].clone();
    assert_eq!(
        (&inventory["status"], &inventory["severity"]),
        (&json!("failed"), &json!("critical"))
    );
    assert_eq!(inventory["issue"]["category"], "auth");
    assert_eq!(inventory["issue"]["action"], "reconnect");
}
