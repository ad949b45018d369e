//! What the seller says that it can do is what it does.

use flightdeck::domain::tenant::role::Role::Viewer;
use serde_json::json;

use crate::agent::House;

#[tokio::test]
async fn it_says_what_it_speaks_and_claims_nothing_that_it_has_no_tools_for() {
    let house = House::open(&[("main", "buyer", Viewer)]).await;
    let agent = house.agent(0);
    let told = agent.call("get_adcp_capabilities", &json!({})).await;
    assert_eq!(told["adcp"]["major_versions"], json!([3]));
    assert_eq!(told["adcp"]["idempotency"]["supported"], true);
    assert_eq!(told["adcp"]["idempotency"]["replay_ttl_seconds"], 86_400);
    assert_eq!(told["account"]["sandbox"], true);
    assert_eq!(
        told["media_buy"]["reporting_delivery_methods"],
        json!(["webhook"])
    );
    assert!(
        told.get("compliance_testing").is_none(),
        "not outside a sandbox"
    );

    let listed = agent.message("tools/list", json!({})).await;
    let names: Vec<&str> = listed["result"]["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert!(names.contains(&"get_media_buy_delivery"));
    let claims = json!([
        "sales-guaranteed",
        "sales-non-guaranteed",
        "sales-proposal-mode"
    ]);
    assert_eq!(told["specialisms"], claims);

    let only = agent
        .call("get_adcp_capabilities", &json!({"protocols": ["creative"]}))
        .await;
    assert!(only.get("media_buy").is_none());
    let wrong = json!({"protocols": ["telepathy"]});
    let error = agent
        .refused("get_adcp_capabilities", &wrong, "INVALID_REQUEST")
        .await;
    assert_eq!(error["field"], "protocols[0]");
    assert_eq!(error["issues"][0]["pointer"], "/protocols/0");
}
