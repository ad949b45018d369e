//! Media buys over the tools: ordered, waited for, changed, called off; in the protocol's shape
//! and in the older one.

use flightdeck::domain::tenant::role::Role::{self, Admin, Buyer};
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, Role)] = &[
    ("main", "acme", Buyer),
    ("main", "rival", Buyer),
    ("main", "boss", Admin),
];

fn account() -> Value {
    json!({"brand": {"domain": "acme.example"}, "operator": "agency.example"})
}

fn order(key: &str, product: &str) -> Value {
    json!({
        "idempotency_key": format!("create-a-buy-{key}"),
        "account": account(),
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z",
        "end_time": "2026-07-31T23:59:59Z",
        "po_number": "PO-7",
        "invoice_recipient": {"legal_name": "Acme", "bank": {"account_holder": "Acme", "iban": "DE00"}},
        "packages": [{
            "product_id": product, "budget": 10_000.5, "pricing_option_id": "default",
            "pacing": "front_loaded",
            "targeting_overlay": {"geo_countries": ["US"]},
        }],
        "context": {"correlation_id": "c-1"},
    })
}

async fn change(agent: &Agent, key: &str, id: &Value, change: Value) -> Value {
    let mut whole = json!({
        "idempotency_key": format!("change-a-buy-{key}"),
        "account": account(),
        "media_buy_id": id,
    });
    if let (Some(whole), Value::Object(change)) = (whole.as_object_mut(), change) {
        whole.extend(change);
    }
    agent.call("update_media_buy", &whole).await
}

async fn library(agent: &Agent, key: &str, package: Option<&Value>) -> Value {
    let assignments: Vec<Value> = package
        .into_iter()
        .map(|id| json!({"creative_id": "spot", "package_id": id}))
        .collect();
    let sync = json!({
        "idempotency_key": format!("sync-creatives-{key}"),
        "account": account(),
        "creatives": [{
            "creative_id": "spot", "name": "Spot",
            "format_id": {"agent_url": "https://seller.example", "id": "video_30s"},
            "assets": {"video": {"asset_type": "video", "url": "https://acme.example/a.mp4",
                "width": 1920, "height": 1080}},
        }],
        "assignments": assignments,
    });
    agent.call("sync_creatives", &sync).await
}

async fn one(agent: &Agent, id: &Value) -> Value {
    let ask = json!({"media_buy_ids": [id], "include_history": 50, "include_snapshot": true});
    let told = agent.call("get_media_buys", &ask).await;
    told["media_buys"][0].clone()
}

#[tokio::test]
async fn what_nobody_has_to_agree_to_is_a_buy_at_once() {
    for house in House::each("a_buy_at_once", PEOPLE).await {
        house.sells_both().await;
        let acme = house.agent(0);
        let buy = acme
            .call("create_media_buy", &order("free-1", "open"))
            .await;
        assert_eq!(buy["status"], "pending_creatives");
        assert_eq!(buy["context"]["correlation_id"], "c-1");
        assert_eq!(buy["packages"][0]["budget"], json!(10_000.5));
        assert!(buy.to_string().contains("geo_countries") && !buy.to_string().contains("iban"));
        let again = acme
            .call("create_media_buy", &order("free-1", "open"))
            .await;
        assert_eq!(
            (&again["replayed"], &again["media_buy_id"]),
            (&json!(true), &buy["media_buy_id"])
        );
        let other = order("free-1", "promised");
        acme.refused("create_media_buy", &other, "IDEMPOTENCY_CONFLICT")
            .await;
        let (id, package) = (&buy["media_buy_id"], &buy["packages"][0]["package_id"]);
        let synced = library(&acme, "free-1-00000", Some(package)).await;
        assert_eq!(synced["creatives"][0]["action"], "created");
        assert_eq!(synced["creatives"][0]["assigned_to"], json!([package]));
        let seen = one(&acme, id).await;
        assert_eq!(seen["status"], "pending_start");
        assert_eq!(
            seen["packages"][0]["creative_approvals"],
            json!([{"creative_id": "spot", "approval_status": "approved"}])
        );
        let actions: Vec<_> = seen["history"]
            .as_array()
            .expect("history")
            .iter()
            .collect();
        assert_eq!(actions.last().expect("the first")["action"], "created");
        house.pass(chrono::Duration::days(20)).await;
        assert_eq!(one(&acme, id).await["status"], "active");
        let paused = change(&acme, "pause-0000", id, json!({"paused": true})).await;
        assert_eq!(paused["status"], "paused");
        let resumed = change(&acme, "resume-000", id, json!({"paused": false})).await;
        assert_eq!(resumed["status"], "active");
        let off = json!({"canceled": true, "cancellation_reason": "over"});
        let off = change(&acme, "cancel-000", id, off).await;
        assert_eq!(off["cancellation"]["canceled_by"], "buyer");
        let gone = json!({
            "idempotency_key": "cancel-it-once-more", "account": account(),
            "media_buy_id": id, "canceled": true,
        });
        acme.refused("update_media_buy", &gone, "NOT_CANCELLABLE")
            .await;
    }
}

#[tokio::test]
async fn later_releases_read_the_tasks_status_and_the_buys_apart() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let acme = house.agent(0);
    for (n, version, status) in [
        (1, "3.0", "pending_creatives"),
        (2, "3.1", "completed"),
        (3, "3.2-beta.1", "completed"),
    ] {
        let mut whole = order(&format!("version-{n}"), "open");
        whole["adcp_version"] = json!(version);
        let (buy, failed) = acme.called("create_media_buy", &whole).await;
        assert!(!failed, "{buy:#}");
        assert_eq!(buy["status"], status, "{version}");
        assert_eq!(buy["media_buy_status"], "pending_creatives", "{version}");
    }
}

#[tokio::test]
async fn what_is_promised_is_a_task_until_somebody_agrees() {
    for house in House::each("a_task_until", PEOPLE).await {
        house.sells_both().await;
        let acme = house.agent(0);
        let task = acme
            .call("create_media_buy", &order("promise-1", "promised"))
            .await;
        assert_eq!(task["status"], "submitted");
        assert!(task.get("media_buy_id").is_none());
        let wait = json!({"task_id": task["task_id"], "include_result": true});
        let told = acme.call("tasks/get", &wait).await;
        assert_eq!(told["status"], "submitted");
        let list = acme.call("tasks/list", &json!({})).await;
        assert_eq!(list["tasks"].as_array().expect("tasks").len(), 1);
        house
            .agent(1)
            .refused("tasks/get", &wait, "REFERENCE_NOT_FOUND")
            .await;
        let all = json!({"status_filter": ["pending_start", "pending_creatives"]});
        let none = acme.call("get_media_buys", &all).await;
        assert_eq!(none["media_buys"], json!([]), "nobody has agreed to it");
        let boss = house.agent(2);
        let waiting = boss.call("tasks/list", &json!({})).await;
        let found = boss
            .call(
                "tasks/get",
                &json!({"task_id": waiting["tasks"][0]["task_id"]}),
            )
            .await;
        assert_eq!(found["task_id"], task["task_id"]);
        let say = json!({
            "approval_id": task["task_id"], "say": "approve",
        });
        house.decide(&say).await;
        let told = acme.call("tasks/get", &wait).await;
        assert_eq!(told["status"], "completed");
        assert_eq!(told["result"]["status"], "pending_creatives");
        let replay = acme
            .call("create_media_buy", &order("promise-1", "promised"))
            .await;
        assert_eq!(
            replay["status"], "submitted",
            "what was answered stays answered"
        );
    }
}

#[tokio::test]
async fn a_buy_is_nobody_elses() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let buy = house
        .agent(0)
        .call("create_media_buy", &order("mine-1", "open"))
        .await;
    let rival = house.agent(1);
    let ask = json!({"media_buy_ids": [buy["media_buy_id"]]});
    let told = rival.call("get_media_buys", &ask).await;
    assert_eq!(told["media_buys"], json!([]));
    assert_eq!(told["errors"][0]["code"], "MEDIA_BUY_NOT_FOUND");
    let off = json!({
        "idempotency_key": "cancel-anothers-buy", "account": account(),
        "media_buy_id": buy["media_buy_id"], "canceled": true,
    });
    rival
        .refused("update_media_buy", &off, "MEDIA_BUY_NOT_FOUND")
        .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_by_its_code() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let acme = house.agent(0);
    let with = |n: usize, path: &str, value: Value| {
        let mut whole = order(&format!("wrong-{n}"), "open");
        *whole.pointer_mut(path).expect("a field") = value;
        whole
    };
    for (n, (path, value, code)) in [
        ("/packages/0/product_id", json!("none"), "PRODUCT_NOT_FOUND"),
        ("/packages/0/budget", json!(-5), "VALIDATION_ERROR"),
        ("/packages/0/budget", json!(0), "BUDGET_TOO_LOW"),
        (
            "/packages/0/pricing_option_id",
            json!("none"),
            "INVALID_REQUEST",
        ),
        (
            "/end_time",
            json!("2026-06-01T00:00:00Z"),
            "VALIDATION_ERROR",
        ),
        ("/packages", json!([]), "VALIDATION_ERROR"),
        (
            "/account",
            json!({"account_id": "acc_none"}),
            "ACCOUNT_NOT_FOUND",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        acme.refused("create_media_buy", &with(n, path, value), code)
            .await;
    }
    let mut keyless = order("x", "open");
    keyless
        .as_object_mut()
        .expect("fields")
        .remove("idempotency_key");
    acme.refused("create_media_buy", &keyless, "INVALID_REQUEST")
        .await;
}

#[tokio::test]
async fn the_older_shape_answers_in_the_older_words() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let (acme, boss) = (house.agent(0), house.agent(2));
    let order = json!({
        "product_ids": ["promised"], "total_budget": 5_000,
        "flight_start_date": "2026-07-01", "flight_end_date": "2026-07-28",
    });
    let (buy, failed) = acme.called("create_media_buy", &order).await;
    assert!(!failed, "{buy:#}");
    assert_eq!(buy["status"], "draft");
    let act = async |who: &Agent, action: &str| {
        let act = json!({"media_buy_id": buy["media_buy_id"], "action": action});
        who.called("update_media_buy", &act).await
    };
    let (told, failed) = act(&acme, "activate_order").await;
    assert!(failed);
    assert_eq!(told["status"], "failed");
    assert_eq!(
        told["reason"],
        "Cannot auto-activate order with guaranteed line items (['STANDARD']). \
         Use submit_for_approval instead."
    );
    let (told, _) = act(&acme, "submit_for_approval").await;
    assert_eq!(told["status"], "accepted");
    let (told, _) = act(&acme, "approve_order").await;
    assert_eq!(told["reason"], "Only admin users can approve orders");
    let (told, _) = act(&boss, "approve_order").await;
    assert_eq!(told["status"], "accepted", "{told:#}");
    let (told, _) = act(&acme, "explode").await;
    assert!(
        told["reason"]
            .as_str()
            .expect("why")
            .starts_with("Action 'explode' not supported.")
    );
    let (told, _) = acme
        .called(
            "pause_media_buy",
            &json!({"media_buy_id": buy["media_buy_id"], "reason": "x"}),
        )
        .await;
    assert_eq!(told["status"], "accepted");
    house.pass(chrono::Duration::days(29)).await;
    let check = json!({"media_buy_id": buy["media_buy_id"]});
    let (told, _) = acme.called("check_media_buy_status", &check).await;
    assert_eq!(
        (&told["status"], &told["flight_progress"]),
        (&json!("paused"), &json!(0.482))
    );
    let nothing = json!({});
    let error = acme
        .refused("check_media_buy_status", &nothing, "INVALID_REQUEST")
        .await;
    assert_eq!(
        (&error["field"], &error["message"]),
        (&json!("media_buy_id"), &json!("media_buy_id: is missing"))
    );
    let (told, _) = acme.called("resume_media_buy", &check).await;
    assert_eq!(told["status"], "accepted");
    let (told, _) = act(&acme, "archive_order").await;
    assert_eq!(
        told["reason"],
        "Order status is 'DELIVERING'. Can only archive DELIVERED, COMPLETED, CANCELLED, or PAUSED orders"
    );
}
