//! Orders in the older shape, and what is wrong with any order: told in the names that were sent,
//! and nothing let pass in one shape that is refused in the other.

use axum::http::Method;
use flightdeck::domain::tenant::role::Role::{self, Buyer};
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer)];

fn older(product: &str, more: Value) -> Value {
    let mut order = json!({
        "product_ids": [product], "total_budget": 10_000,
        "flight_start_date": "2026-07-01", "flight_end_date": "2026-07-31",
    });
    if let (Some(order), Value::Object(more)) = (order.as_object_mut(), more) {
        order.extend(more);
    }
    order
}

fn newer(key: &str, more: Value) -> Value {
    let mut order = json!({
        "idempotency_key": format!("an-order-by-the-book-{key}"),
        "account": {"brand": {"domain": "acme.example"}, "operator": "agency.example"},
        "brand": {"domain": "acme.example"},
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "packages": [{"product_id": "open", "budget": 10_000, "pricing_option_id": "default"}],
    });
    if let (Some(order), Value::Object(more)) = (order.as_object_mut(), more) {
        order.extend(more);
    }
    order
}

async fn field(agent: &Agent, order: &Value) -> String {
    let (told, failed) = agent.called("create_media_buy", order).await;
    assert!(failed, "{order:#}: {told:#}");
    let error = &told["adcp_error"];
    let pointer = error["issues"][0]["pointer"].as_str().unwrap_or_default();
    let field = error["field"].as_str().unwrap_or_default().to_owned();
    let same = pointer.trim_start_matches('/').replace('/', ".");
    let plain = field.replace('[', ".").replace(']', "");
    assert!(pointer.is_empty() || same == plain, "{pointer} and {field}");
    field
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_names_that_were_sent() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let agent = house.agent(0);
    for (order, wanted) in [
        (json!({"flight_start_date": "2026-07-01"}), "product_ids"),
        (older("open", json!({"product_ids": [7]})), "product_ids[0]"),
        (older("none", json!({})), "product_ids[0]"),
        (older("open", json!({"total_budget": null})), "total_budget"),
        (older("open", json!({"total_budget": 0})), "total_budget"),
        (
            older("open", json!({"flight_end_date": "soon"})),
            "flight_end_date",
        ),
        (
            older("open", json!({"flight_start_date": "2026-01-01"})),
            "flight_start_date",
        ),
        (
            older("open", json!({"targeting_overlay": "x"})),
            "targeting_overlay",
        ),
        (
            older(
                "open",
                json!({"creative_requirements": {"formats": ["video_9x9"]}}),
            ),
            "creative_requirements.formats[0]",
        ),
        (
            older("open", json!({"creative_requirements": "x"})),
            "creative_requirements",
        ),
        (
            older("open", json!({"artifact_webhook": {"url": "zzz"}})),
            "artifact_webhook.url",
        ),
        (newer("1", json!({"end_time": null})), "end_time"),
        (
            newer(
                "2",
                json!({"packages": [{"product_id": "open", "pricing_option_id": "default"}]}),
            ),
            "packages[0].budget",
        ),
        (
            newer(
                "3",
                json!({"packages": [{"product_id": "open", "budget": 10_000,
            "pricing_option_id": "default", "targeting_overlay": {"zodiac": ["leo"]}}]}),
            ),
            "packages[0].targeting_overlay.zodiac",
        ),
        (
            newer(
                "4",
                json!({"packages": [{"product_id": "open", "budget": 10_000,
            "pricing_option_id": "default", "targeting_overlay": {"geo_countries": ["usa"]}}]}),
            ),
            "packages[0].targeting_overlay.geo_countries",
        ),
        (
            newer(
                "6",
                json!({"packages": [{"product_id": "open", "budget": 10_000,
            "pricing_option_id": "default", "format_ids": [{"agent_url": "https://elsewhere.example",
            "id": "audio_standard"}]}]}),
            ),
            "packages[0].format_ids[0]",
        ),
        (
            newer(
                "7",
                json!({"reporting_webhook": {"url": "https://acme.example/hook",
            "authentication": {"schemes": ["Bearer"], "credentials": "0123456789abcdef0123456789abcdef"},
            "reporting_frequency": "daily", "requested_metrics": ["spend", "zzz"]}}),
            ),
            "reporting_webhook.requested_metrics[1]",
        ),
    ] {
        assert_eq!(field(&agent, &order).await, wanted, "{order:#}");
    }
    let past = older("open", json!({"flight_start_date": "2026-01-01"}));
    let (told, _) = agent.called("create_media_buy", &past).await;
    let hint = told["adcp_error"]["suggestion"]
        .as_str()
        .unwrap_or_default();
    assert!(!hint.contains("asap"), "no day: {hint}");
}

#[tokio::test]
async fn formats_that_are_required_are_kept_with_each_package() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let agent = house.agent(0);
    let needs = json!({"creative_requirements": {"formats": ["video_1920x1080"]}});
    let bought = agent.call("create_media_buy", &older("open", needs)).await;
    assert_eq!(
        bought["packages"][0]["format_ids"][0]["id"], "video_1920x1080",
        "{bought:#}"
    );
    let upload = json!({"media_buy_id": bought["media_buy_id"],
        "creative_url": "https://acme.example/a.mp3", "format": "audio_standard"});
    let (told, failed) = agent.called("upload_creative", &upload).await;
    assert!(failed, "{told:#}");
    assert_eq!(told["adcp_error"]["field"], "format");
    let seen = agent
        .call(
            "check_media_buy_status",
            &json!({"media_buy_id": bought["media_buy_id"]}),
        )
        .await;
    assert_eq!(seen["status"], "pending_creatives", "{seen:#}");
}

#[tokio::test]
async fn what_waits_for_its_publisher_is_not_said_to_be_nowhere() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let agent = house.agent(0);
    let (bought, _) = agent
        .called("create_media_buy", &older("promised", json!({})))
        .await;
    assert_eq!(bought["status"], "draft");
    let id = &bought["media_buy_id"];
    for (act, words) in [
        (None, "draft"),
        (Some("submit_for_approval"), "waits for the approval"),
    ] {
        if let Some(action) = act {
            let act = json!({"media_buy_id": id, "action": action});
            agent.called("update_media_buy", &act).await;
        }
        for (tool, ask) in [
            ("get_media_buys", json!({"media_buy_ids": [id]})),
            ("get_media_buy_delivery", json!({"media_buy_ids": [id]})),
        ] {
            let told = agent.call(tool, &ask).await;
            let error = &told["errors"][0];
            assert_eq!(error["code"], "INVALID_STATE", "{tool}: {told:#}");
            assert!(
                error["message"]
                    .as_str()
                    .is_some_and(|it| it.contains(words)),
                "{error}"
            );
        }
        let no = agent
            .refused(
                "get_media_buy_report",
                &json!({"media_buy_id": id}),
                "INVALID_STATE",
            )
            .await;
        assert!(
            no["message"].as_str().is_some_and(|it| it.contains(words)),
            "{no}"
        );
    }
}

#[tokio::test]
async fn nothing_is_free_where_a_product_is_not_shown() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let agent = house.agent(0);
    let ask = |overlay: Value| {
        json!({"product_ids": ["open"], "flight_start_date": "2026-07-01",
            "flight_end_date": "2026-07-31", "targeting_overlay": overlay})
    };
    let told = agent
        .call("get_avails", &ask(json!({"geo_country_any_of": ["US"]})))
        .await;
    assert!(told["total_impressions"].as_u64() > Some(0), "{told:#}");
    let (told, failed) = agent
        .called("get_avails", &ask(json!({"geo_countries": ["ZZ"]})))
        .await;
    assert!(failed, "{told:#}");
    assert_eq!(
        told["adcp_error"]["field"],
        "targeting_overlay.geo_countries"
    );
}

#[tokio::test]
async fn a_tool_called_by_its_own_name_answers_and_what_is_no_message_is_told_so() {
    let house = House::open(PEOPLE).await;
    house.sells_both().await;
    let agent = house.agent(0);
    let bought = agent
        .call("create_media_buy", &older("open", json!({})))
        .await;
    let printed = json!({"method": "update_media_buy",
        "params": {"media_buy_id": bought["media_buy_id"], "action": "activate_order"}});
    let (status, _, body) = agent.raw(Method::POST, printed.to_string()).await;
    let told: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(status, 200, "{told:#}");
    assert_eq!(
        told["result"]["structuredContent"]["status"], "accepted",
        "{told:#}"
    );
    let detail = told["result"]["structuredContent"]["detail"].as_str();
    assert!(
        detail.is_some_and(|it| it.contains("so already")),
        "{detail:?}"
    );
    for wrong in [
        json!({"method": "no_tool", "params": {}}),
        json!({"jsonrpc": "2.0", "id": 1}),
        json!([1]),
    ] {
        let (status, headers, body) = agent.raw(Method::POST, wrong.to_string()).await;
        let told: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            (status, &told["error"]["code"]),
            (400, &json!(-32600)),
            "{told:#}"
        );
        assert_eq!(headers["content-type"], "application/json");
        assert!(
            told["error"]["message"]
                .as_str()
                .is_some_and(|it| it.contains("tools/call"))
        );
    }
    // A method that is there, in a message that is not as it should be.
    let call = |params: Value| json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let open = json!({"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {}});
    for (wrong, saying) in [
        (call(json!({})), "`params.name`"),
        (
            call(json!({"name": "get_products", "arguments": "{}"})),
            "`params.arguments`",
        ),
        (
            call(json!({"name": "get_products", "arguments": []})),
            "`params.arguments`",
        ),
        (open, "`params.protocolVersion`"),
    ] {
        let (status, _, body) = agent.raw(Method::POST, wrong.to_string()).await;
        let told: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((status, &told["id"]), (400, &json!(7)), "{told:#}");
        let error = &told["error"];
        assert_eq!(error["code"], -32602, "{told:#}");
        let said = error["message"].as_str().unwrap_or_default();
        assert!(said.contains(saying), "{told:#}");
    }
    for id in [json!(null), json!(1.5), json!({}), json!([1])] {
        let ping = json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
        let (status, _, body) = agent.raw(Method::POST, ping.to_string()).await;
        let told: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            (status, &told["error"]["code"]),
            (400, &json!(-32600)),
            "{told:#}"
        );
    }
}
