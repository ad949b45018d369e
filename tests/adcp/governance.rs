//! Governance: the agents of an account are really asked before anything is bought, and where
//! they say no, or cannot be asked, nothing is.

use flightdeck::{
    domain::{
        opendirect::product::Product,
        tenant::{
            caller::Caller,
            role::Role::{self, Admin, Buyer},
        },
    },
    engine::{media_buys::create::CreateBuy, seller::products::put::PutProduct},
};
use serde_json::{Value, json};

use crate::{agent::House, receiver::Receiver, schemas};

const PEOPLE: &[(&str, &str, Role)] = &[("main", "acme", Buyer)];
const SECRET: &str = "gov-0123456789abcdef0123456789abcdef";

fn account() -> Value {
    json!({"brand": {"domain": "acme.example"}, "operator": "agency.example"})
}

/// A house with something on sale, and an account that this agent governs.
async fn governed(house: &House, agent: &Receiver) {
    let product: Product = serde_json::from_value(json!({
        "id": "open", "publisher_id": "pub-1", "publisher": "Northlight", "name": "Open",
        "channel": "ctv", "format": "video", "rate_type": "CPM", "delivery_type": "PMP",
        "base_price": {"minor": 2_000, "currency": "USD"},
        "floor_price": {"minor": 1_000, "currency": "USD"}, "daily_impressions": 100_000,
    }))
    .expect("a product");
    let boss = Caller::new("boss", "main".parse().expect("a tenant"), Admin);
    house
        .core
        .ask(&boss, PutProduct(product))
        .await
        .expect("on sale");
    let open = json!({"idempotency_key": "open-a-governed-account", "accounts": [
        {"brand": {"domain": "acme.example"}, "operator": "agency.example", "billing": "operator"}]});
    house.agent(0).call("sync_accounts", &open).await;
    let sync = json!({"idempotency_key": "have-it-governed-by-them", "accounts": [
        {"account": account(), "governance_agents": [{
            "url": format!("{}/mcp", agent.url), "categories": ["budget_authority"],
            "authentication": {"schemes": ["Bearer"], "credentials": SECRET}}]}]});
    let (told, failed) = house.agent(0).called("sync_governance", &sync).await;
    assert!(!failed, "{told:#}");
    assert_eq!(told["accounts"][0]["status"], "synced");
    assert!(!told.to_string().contains(SECRET));
}

#[tokio::test]
async fn the_older_shape_is_no_way_around_them() {
    for house in House::sandboxes("governance_older", PEOPLE).await {
        let gov = Receiver::answering(&[(
            200,
            &says(
                "denied",
                json!({"findings": [{"category_id": "budget_authority",
            "severity": "critical", "explanation": "too much"}]}),
            ),
        )])
        .await;
        governed(&house, &gov).await;
        let agent = house.agent(0);
        let mut older = json!({
            "account": account(), "product_ids": ["open"], "total_budget": 10_000,
            "flight_start_date": "2026-07-01", "flight_end_date": "2026-07-31",
        });
        let no = agent
            .refused("create_media_buy", &older, "INVALID_REQUEST")
            .await;
        assert_eq!(no["field"], "plan_id");
        assert!(gov.came().is_empty(), "there is nothing to ask about");
        older["plan_id"] = json!("plan-7");
        agent
            .refused("create_media_buy", &older, "GOVERNANCE_DENIED")
            .await;
        assert_eq!(gov.came().len(), 1);
        let told = agent
            .call(
                "get_media_buys",
                &json!({"status_filter": "pending_creatives"}),
            )
            .await;
        assert_eq!(told["media_buys"], json!([]));
    }
}

fn order(key: &str) -> Value {
    json!({
        "idempotency_key": format!("buy-under-a-plan-{key}"), "plan_id": "plan-7",
        "account": account(), "brand": {"domain": "acme.example"},
        "governance_context": "token-of-the-buyer",
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-31T23:59:59Z",
        "packages": [{"product_id": "open", "budget": 10_000, "pricing_option_id": "default"}],
    })
}

/// What an agent says, as its answer to a call of a tool.
fn says(status: &str, more: Value) -> String {
    let mut told = json!({"check_id": "chk_1", "status": status, "plan_id": "plan-7",
        "explanation": "by the plan"});
    if status != "denied" {
        told["expires_at"] = json!("2026-12-31T00:00:00Z");
    }
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    let faults = schemas::faults("governance/check-governance-response.json", &told);
    assert!(faults.is_empty(), "{faults:#?}");
    json!({"jsonrpc": "2.0", "id": 1, "result": {"structuredContent": told}}).to_string()
}

#[tokio::test]
async fn an_order_is_placed_once_its_agents_agree_and_what_they_said_is_handed_on() {
    for house in House::sandboxes("governance", PEOPLE).await {
        let yes = says("approved", json!({"governance_context": "token-1"}));
        let advice = json!({"governance_context": "token-2",
            "conditions": [{"field": "packages", "reason": "report weekly"}]});
        let advice = says("conditions", advice);
        let gov = Receiver::answering(&[(200, &yes), (200, &advice)]).await;
        governed(&house, &gov).await;
        let agent = house.agent(0);
        let bought = agent.call("create_media_buy", &order("1")).await;
        assert_eq!(bought["governance_context"], "token-1");
        let again = agent.call("create_media_buy", &order("1")).await;
        assert_eq!(again["replayed"], true);
        assert_eq!(gov.came().len(), 1, "asked once for one order");

        let asked = &gov.came()[0];
        assert_eq!(asked.header("authorization"), format!("Bearer {SECRET}"));
        let params = &asked.json()["params"];
        assert_eq!(params["name"], "check_governance");
        let question = &params["arguments"];
        let faults = schemas::faults("governance/check-governance-request.json", question);
        assert!(faults.is_empty(), "{faults:#?}");
        assert_eq!(
            (&question["plan_id"], &question["phase"]),
            (&json!("plan-7"), &json!("purchase"))
        );
        assert_eq!(question["governance_context"], "token-of-the-buyer");
        assert_eq!(question["planned_delivery"]["total_budget"], 10_000.0);

        let more = json!({"idempotency_key": "more-money-under-the-plan", "account": account(),
            "media_buy_id": bought["media_buy_id"],
            "packages": [{"package_id": bought["packages"][0]["package_id"], "budget": 20_000}]});
        let changed = agent.call("update_media_buy", &more).await;
        assert_eq!(
            changed["governance_conditions"][0]["reason"],
            "report weekly"
        );
        let question = &gov.came()[1].json()["params"]["arguments"];
        assert_eq!(question["phase"], "modification");
        assert_eq!(question["governance_context"], "token-1", "handed on");
        assert_eq!(question["planned_delivery"]["total_budget"], 20_000.0);

        let stop = json!({"idempotency_key": "stop-without-asking-them", "account": account(),
            "media_buy_id": bought["media_buy_id"], "paused": true});
        agent.call("update_media_buy", &stop).await;
        assert_eq!(gov.came().len(), 2, "nobody has to agree to stopping");
    }
}

#[tokio::test]
async fn where_they_say_no_or_cannot_be_asked_nothing_is_bought() {
    for house in House::sandboxes("governance_refusals", PEOPLE).await {
        let no = says(
            "denied",
            json!({"findings": [
            {"category_id": "budget", "severity": "critical", "explanation": "too much"}]}),
        );
        let must = says(
            "conditions",
            json!({"conditions": [
            {"field": "planned_delivery.total_budget", "required_value": 5_000, "reason": "half"}]}),
        );
        let lapsed = says("approved", json!({"expires_at": "2026-06-01T00:00:00Z"}));
        let lost = json!({"result": {"isError": true, "structuredContent":
            {"adcp_error": {"code": "PLAN_NOT_FOUND"}}}})
        .to_string();
        let gov = Receiver::answering(&[
            (200, &no),
            (200, &must),
            (200, &lapsed),
            (200, &lost),
            (503, ""),
            (302, ""),
            (200, "what?"),
        ])
        .await;
        governed(&house, &gov).await;
        let agent = house.agent(0);
        for (n, code) in [
            "GOVERNANCE_DENIED",
            "GOVERNANCE_DENIED",
            "GOVERNANCE_UNAVAILABLE",
            "PLAN_NOT_FOUND",
            "GOVERNANCE_UNAVAILABLE",
            "GOVERNANCE_UNAVAILABLE",
            "GOVERNANCE_UNAVAILABLE",
        ]
        .into_iter()
        .enumerate()
        {
            let error = agent
                .refused("create_media_buy", &order("same"), code)
                .await;
            if n == 0 {
                assert_eq!(error["details"]["findings"][0]["explanation"], "too much");
            }
        }
        assert_eq!(gov.came().len(), 7);
        let all = json!({"status_filter": ["pending_creatives", "pending_start", "active"]});
        let shown = agent.call("get_media_buys", &all).await;
        assert_eq!(shown["media_buys"], json!([]), "nothing is bought");

        let mut planless = order("planless");
        planless.as_object_mut().expect("fields").remove("plan_id");
        let error = agent
            .refused("create_media_buy", &planless, "INVALID_REQUEST")
            .await;
        assert_eq!(error["field"], "plan_id");
        // Whoever comes by another door cannot say that they agreed.
        let mut order = order("forged");
        let fields = order.as_object_mut().expect("fields");
        let account = fields.remove("account");
        fields.remove("idempotency_key");
        let forged = json!({"draft": fields, "account": account, "governed": {"seal": "00",
            "verdicts": [{"agent_url": "x", "check_id": "y", "status": "approved",
                          "explanation": "z"}]}});
        let forged: CreateBuy = serde_json::from_value(forged).expect("an order");
        let buyer = Caller::new("acme", "main".parse().expect("a tenant"), Buyer);
        let fault = house.core.ask(&buyer, forged).await.expect_err("forged");
        assert_eq!(fault.code, "GOVERNANCE_UNAVAILABLE");
        assert_eq!(gov.came().len(), 7, "and nobody else was asked");
    }
}

#[tokio::test]
async fn who_governs_is_said_by_address_and_credentials_that_make_sense() {
    for house in House::each("governance_sync", PEOPLE).await {
        let agent = house.agent(0);
        let sync = |key: &str, agents: Value| {
            json!({"idempotency_key": format!("govern-by-{key}-agents"), "accounts": [
                {"account": account(), "governance_agents": agents}]})
        };
        let auth = json!({"schemes": ["Bearer"], "credentials": SECRET});
        for (key, agents, field) in [
            ("no", json!([]), "accounts[0].governance_agents"),
            (
                "plain",
                json!([{"url": "http://gov.example/", "authentication": auth}]),
                "accounts[0].governance_agents[0].url",
            ),
            (
                "private",
                json!([{"url": "https://10.0.0.1/", "authentication": auth}]),
                "accounts[0].governance_agents[0].url",
            ),
            (
                "open",
                json!([{"url": "https://gov.example/"}]),
                "accounts[0].governance_agents[0].authentication",
            ),
        ] {
            let error = agent
                .refused("sync_governance", &sync(key, agents), "INVALID_REQUEST")
                .await;
            assert_eq!(error["field"], field);
        }
        let good = json!([{"url": "https://gov.example/mcp", "authentication": auth}]);
        let nobody = agent
            .call("sync_governance", &sync("stranger", good.clone()))
            .await;
        assert_eq!(nobody["accounts"][0]["status"], "failed");
        assert_eq!(
            nobody["accounts"][0]["errors"][0]["code"],
            "ACCOUNT_NOT_FOUND"
        );
        let open = json!({"idempotency_key": "open-an-account-for-it", "accounts": [
            {"brand": {"domain": "acme.example"}, "operator": "agency.example", "billing": "operator"}]});
        agent.call("sync_accounts", &open).await;
        let synced = agent.call("sync_governance", &sync("good", good)).await;
        assert_eq!(synced["accounts"][0]["status"], "synced");
        let listed = agent.call("list_accounts", &json!({})).await;
        let shown = &listed["accounts"][0]["governance_agents"][0];
        assert_eq!(
            shown,
            &json!({"url": "https://gov.example/mcp"}),
            "without credentials"
        );
    }
}
