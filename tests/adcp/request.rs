//! The document of `create_media_buy`, sentence by sentence: what it says of a field is what
//! happens to that field, and what it says must be there is asked for by name.

use flightdeck::domain::tenant::role::Role::{self, Buyer};
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer)];
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Manual mode, with every field that the document prints.
fn manual() -> Value {
    json!({
        "idempotency_key": "2f1c7d0e-manual-mode",
        "plan_id": "plan-7",
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "packages": [{"product_id": "open", "budget": 10_000, "pricing_option_id": "default"}],
        "advertiser_industry": "retail.ecommerce",
        "invoice_recipient": {"legal_name": "Acme Ltd"},
        "po_number": "PO-2025-001",
        "start_time": "asap",
        "end_time": "2026-07-31T23:59:59Z",
        "push_notification_config": {"url": "https://buyer.example/push"},
        "reporting_webhook": {
            "url": "https://buyer.example/reports", "reporting_frequency": "daily",
            "authentication": {"schemes": ["Bearer"], "credentials": SECRET},
        },
        "artifact_webhook": {
            "url": "https://buyer.example/artifacts",
            "token": "say-this-back-to-me",
            "authentication": {"schemes": ["HMAC-SHA256"], "credentials": SECRET},
            "delivery_mode": "batched",
            "batch_frequency": "hourly",
            "sampling_rate": 0.25,
        },
        "context": {"correlation_id": "c-1"},
        "ext": {"desk": "north"},
    })
}

/// Sets a field, or takes it away where there is no value.
fn with(mut order: Value, path: &str, value: Option<Value>) -> Value {
    let (parent, name) = path.rsplit_once('/').expect("a path");
    let parent = order.pointer_mut(parent).and_then(Value::as_object_mut);
    let parent = parent.expect("an object");
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    order
}

async fn proposed(agent: &Agent) -> Value {
    let ask = json!({"buying_mode": "brief", "brief": "sports video on connected TV and social"});
    let told = agent.call("get_products", &ask).await;
    let finalize = json!({"buying_mode": "refine", "refine": [{
        "scope": "proposal", "action": "finalize",
        "proposal_id": told["proposals"][0]["proposal_id"],
    }]});
    agent.call("get_products", &finalize).await["proposals"][0].clone()
}

#[tokio::test]
async fn manual_mode_takes_every_field_and_one_key_is_one_buy() {
    for house in House::each("request_manual", PEOPLE).await {
        house.sells_both().await;
        let agent = house.agent(0);
        let buy = agent.call("create_media_buy", &manual()).await;
        assert_eq!(buy["po_number"], "PO-2025-001");
        assert_eq!(buy["context"], manual()["context"]);
        assert_eq!(buy["invoice_recipient"]["legal_name"], "Acme Ltd");
        assert!(!buy.to_string().contains(SECRET), "told to nobody: {buy:#}");
        let again = agent.call("create_media_buy", &manual()).await;
        assert_eq!(
            again["media_buy_id"], buy["media_buy_id"],
            "the existing media buy, rather than a duplicate"
        );
        let all = json!({"status_filter": ["pending_creatives", "pending_start", "active"]});
        let all = agent.call("get_media_buys", &all).await;
        assert_eq!(all["media_buys"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn proposal_mode_derives_the_packages_from_the_allocations() {
    for house in House::each("request_proposal", PEOPLE).await {
        let house = house.stocked().await;
        let agent = house.agent(0);
        let proposal = proposed(&agent).await;
        let io = &proposal["insertion_order"]["io_id"];
        let mut order = manual();
        let fields = order.as_object_mut().expect("fields");
        fields.remove("packages");
        fields.insert("proposal_id".into(), proposal["proposal_id"].clone());
        fields.insert(
            "total_budget".into(),
            json!({"amount": 40_000, "currency": "USD"}),
        );
        fields.insert(
            "io_acceptance".into(),
            json!({"io_id": io, "accepted_at": "2026-06-15T11:00:00Z",
                "signatory": "Jo Park", "signature_id": "sig-1"}),
        );
        for (path, value, field) in [
            ("/io_acceptance/io_id", None, "io_acceptance.io_id"),
            (
                "/io_acceptance/io_id",
                Some(json!("io_other")),
                "io_acceptance.io_id",
            ),
            (
                "/io_acceptance/accepted_at",
                Some(json!("today")),
                "io_acceptance.accepted_at",
            ),
            (
                "/io_acceptance/signatory",
                Some(json!("")),
                "io_acceptance.signatory",
            ),
            ("/total_budget", None, "total_budget"),
        ] {
            let wrong = with(order.clone(), path, value);
            let (told, failed) = agent.called("create_media_buy", &wrong).await;
            assert!(failed, "{path}: {told:#}");
            assert_eq!(told["adcp_error"]["field"], field);
        }
        let task = agent.call("create_media_buy", &order).await;
        assert_eq!(task["status"], "submitted", "promised, so somebody agrees");
        house
            .decide(&json!({"approval_id": task["task_id"], "say": "approve"}))
            .await;
        let ask = json!({"task_id": task["task_id"], "include_result": true});
        let buy = agent.call("tasks/get", &ask).await["result"].clone();
        let packages = buy["packages"].as_array().expect("packages");
        let parts = proposal["allocations"].as_array().expect("parts");
        assert_eq!(packages.len(), parts.len());
        for (package, part) in packages.iter().zip(parts) {
            assert_eq!(package["product_id"], part["product_id"]);
            let percent = part["allocation_percentage"].as_f64().expect("a number");
            assert_eq!(package["budget"].as_f64(), Some(percent * 400.0));
        }
    }
}

#[tokio::test]
async fn what_must_be_there_is_asked_for_by_name() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let agent = house.agent(0);
    let hook = "artifact_webhook";
    for (path, value, field) in [
        ("/packages", None, "packages".to_owned()),
        ("/artifact_webhook/url", None, format!("{hook}.url")),
        (
            "/artifact_webhook/token",
            Some(json!("short")),
            format!("{hook}.token"),
        ),
        (
            "/artifact_webhook/authentication",
            None,
            format!("{hook}.authentication"),
        ),
        (
            "/artifact_webhook/authentication/schemes",
            Some(json!(["Basic"])),
            format!("{hook}.authentication.schemes"),
        ),
        (
            "/artifact_webhook/authentication/credentials",
            Some(json!("thirty-one-characters-are-short")),
            format!("{hook}.authentication.credentials"),
        ),
        (
            "/artifact_webhook/delivery_mode",
            None,
            format!("{hook}.delivery_mode"),
        ),
        (
            "/artifact_webhook/delivery_mode",
            Some(json!("now and then")),
            format!("{hook}.delivery_mode"),
        ),
        (
            "/artifact_webhook/batch_frequency",
            None,
            format!("{hook}.batch_frequency"),
        ),
        (
            "/artifact_webhook/batch_frequency",
            Some(json!("weekly")),
            format!("{hook}.batch_frequency"),
        ),
        (
            "/artifact_webhook/sampling_rate",
            Some(json!(1.5)),
            format!("{hook}.sampling_rate"),
        ),
    ] {
        let wrong = with(manual(), path, value);
        let (told, failed) = agent.called("create_media_buy", &wrong).await;
        assert!(failed, "{path}: {told:#}");
        assert_eq!(told["adcp_error"]["field"], field, "{told:#}");
    }
    let mut plain = with(
        manual(),
        "/artifact_webhook/delivery_mode",
        Some(json!("realtime")),
    );
    for optional in ["token", "batch_frequency", "sampling_rate"] {
        plain = with(plain, &format!("/artifact_webhook/{optional}"), None);
    }
    agent.call("create_media_buy", &plain).await;
}
