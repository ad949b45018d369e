//! Signals: found in everyday words, made live, and nobody else's business.

use flightdeck::domain::tenant::role::Role::Buyer;
use serde_json::json;

use crate::agent::House;

const PEOPLE: &[(&str, &str, flightdeck::domain::tenant::role::Role)] =
    &[("main", "buyer", Buyer), ("main", "rival", Buyer)];

#[tokio::test]
async fn signals_are_found_and_switched() {
    for house in House::each("signals", PEOPLE).await {
        let agent = house.agent(0);
        let found = agent
            .call(
                "get_signals",
                &json!({"signal_spec": "people who buy cars"}),
            )
            .await;
        let signal = &found["signals"][0];
        assert_eq!(signal["signal_agent_segment_id"], "auto_intenders");
        assert_eq!(signal["deployments"][0]["is_live"], false);
        let place = json!([{"type": "platform", "platform": "the-trade-desk"}]);
        let asked = json!({
            "idempotency_key": "activate-auto-intenders-1",
            "signal_agent_segment_id": "auto_intenders", "destinations": place
        });
        let told = agent.call("activate_signal", &asked).await;
        assert_eq!(told["deployments"][0]["is_live"], true);
        assert_eq!(
            told["deployments"][0]["activation_key"]["segment_id"],
            "auto_intenders"
        );
        let live = async |number: usize| {
            let ids = json!([{"source": "agent", "agent_url": "x", "id": "auto_intenders"}]);
            let told = house
                .agent(number)
                .call("get_signals", &json!({"signal_ids": ids}))
                .await;
            told["signals"][0]["deployments"][0]["is_live"].clone()
        };
        assert_eq!((live(0).await, live(1).await), (json!(true), json!(false)));
        let mut off = asked.clone();
        off["action"] = json!("deactivate");
        off["idempotency_key"] = json!("activate-auto-intenders-2");
        agent.call("activate_signal", &off).await;
        assert_eq!(live(0).await, false);
        off["signal_agent_segment_id"] = json!("nobody");
        off["idempotency_key"] = json!("activate-auto-intenders-3");
        agent
            .refused("activate_signal", &off, "SIGNAL_NOT_FOUND")
            .await;
    }
}

#[tokio::test]
async fn the_older_shape_is_answered_in_the_older_shape() {
    let house = House::open(PEOPLE).await;
    let asked = json!({"query": "sports", "type": "audience"});
    let (told, failed) = house.agent(0).called("get_signals", &asked).await;
    assert!(!failed);
    assert_eq!(
        told["signals"][0],
        json!({
            "signal_id": "sports_enthusiasts", "name": "Sports Enthusiasts", "type": "audience",
            "description": "People who read scores, watch matches and buy tickets.",
            "reach": 2_500_000
        })
    );
    let none = json!({"query": "sports", "type": "zzz"});
    let agent = house.agent(0);
    let error = agent.refused("get_signals", &none, "INVALID_REQUEST").await;
    assert_eq!(error["field"], "type");
    let said = error["message"].as_str().expect("a sentence");
    assert!(said.contains("audience, contextual, geo"), "{said}");
}
