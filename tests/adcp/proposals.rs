//! Proposals: drafted for a brief, changed, held, and gone when their time is over.

use chrono::Duration;
use flightdeck::domain::tenant::role::Role::Buyer;
use serde_json::{Value, json};

use crate::agent::{Agent, House};

const PEOPLE: &[(&str, &str, flightdeck::domain::tenant::role::Role)] =
    &[("main", "buyer", Buyer), ("main", "rival", Buyer)];

async fn drafted(agent: &Agent) -> Value {
    let asked = json!({"buying_mode": "brief", "brief": "sports video on connected TV and social"});
    let told = agent.call("get_products", &asked).await;
    told["proposals"][0].clone()
}

fn wish(action: &str, id: &Value) -> Value {
    json!({
        "buying_mode": "refine",
        "refine": [{"scope": "proposal", "proposal_id": id, "action": action}]
    })
}

#[tokio::test]
async fn a_draft_becomes_a_held_proposal() {
    for house in House::each("proposals", PEOPLE).await {
        let house = house.stocked().await;
        let agent = house.agent(0);
        let draft = drafted(&agent).await;
        assert_eq!(draft["proposal_status"], "draft");
        let parts = draft["allocations"].as_array().expect("parts");
        let whole: i64 = parts
            .iter()
            .filter_map(|it| it["allocation_percentage"].as_i64())
            .sum();
        assert_eq!(whole, 100);
        let id = &draft["proposal_id"];

        let shown = agent.call("get_products", &wish("include", id)).await;
        assert_eq!(shown["refinement_applied"][0]["status"], "applied");
        assert_eq!(shown["refinement_applied"][0]["proposal_id"], *id);
        assert_eq!(shown["proposals"][0]["allocations"], draft["allocations"]);

        let held = agent.call("get_products", &wish("finalize", id)).await;
        let proposal = &held["proposals"][0];
        assert_eq!(proposal["proposal_status"], "committed");
        assert_eq!(proposal["allocations"], draft["allocations"]);
        assert!(proposal["insertion_order"]["io_id"].is_string());
        assert_eq!(proposal["expires_at"], "2026-06-22T12:00:00Z");
        let again = agent.call("get_products", &wish("finalize", id)).await;
        assert_eq!(again["proposals"][0], *proposal, "held once");
        assert_eq!(held["products"].as_array().map(Vec::len), Some(parts.len()));

        let rival = house.agent(1);
        let theirs = rival.call("get_products", &wish("include", id)).await;
        assert_eq!(theirs["refinement_applied"][0]["status"], "unable");
        rival
            .refused("get_products", &wish("finalize", id), "REFERENCE_NOT_FOUND")
            .await;
    }
}

#[tokio::test]
async fn drafts_that_were_tampered_with_or_waited_too_long_cannot_be_held() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    let draft = drafted(&agent).await;
    let id = draft["proposal_id"].as_str().expect("an id");
    let other = id.replace(
        &id[10..14],
        if &id[10..14] == "AAAA" {
            "BBBB"
        } else {
            "AAAA"
        },
    );
    for bad in [other.as_str(), "prop_", "prop_!!", "nothing"] {
        let wish = wish("finalize", &json!(bad));
        agent
            .refused("get_products", &wish, "REFERENCE_NOT_FOUND")
            .await;
    }
    house.pass(Duration::days(15)).await;
    let late = wish("finalize", &draft["proposal_id"]);
    agent
        .refused("get_products", &late, "PROPOSAL_EXPIRED")
        .await;
}

#[tokio::test]
async fn products_are_added_left_out_and_matched() {
    let house = House::open(PEOPLE).await.stocked().await;
    let agent = house.agent(0);
    let asked = json!({"buying_mode": "refine", "refine": [
        {"scope": "request", "ask": "more connected TV"},
        {"scope": "product", "product_id": "ctv-northlight-prime", "action": "omit"},
        {"scope": "product", "product_id": "app-hearth-audio"},
        {"scope": "product", "product_id": "moon"}
    ]});
    let told = agent.call("get_products", &asked).await;
    let applied = told["refinement_applied"].as_array().expect("a list");
    let states: Vec<&Value> = applied.iter().map(|it| &it["status"]).collect();
    assert_eq!(states, ["applied", "applied", "applied", "unable"]);
    let ids: Vec<&str> = told["products"]
        .as_array()
        .expect("products")
        .iter()
        .filter_map(|it| it["product_id"].as_str())
        .collect();
    assert_eq!(ids[0], "app-hearth-audio");
    assert!(ids.contains(&"ctv-northlight-ros") && !ids.contains(&"ctv-northlight-prime"));
    let like = json!({"buying_mode": "refine", "refine": [
        {"scope": "product", "product_id": "ctv-arcadia-esports", "action": "more_like_this"}
    ]});
    let told = agent.call("get_products", &like).await;
    assert_eq!(told["products"][0]["product_id"], "ctv-arcadia-esports");
    assert!(told["products"].as_array().is_some_and(|all| all.len() > 2));
}
