//! Idempotency keys: the same request gets the same answer, another is refused, and nothing is
//! done twice, however it comes.

use chrono::Duration;
use flightdeck::domain::tenant::role::Role::Buyer;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::agent::House;

const PEOPLE: &[(&str, &str, flightdeck::domain::tenant::role::Role)] =
    &[("main", "buyer", Buyer), ("main", "rival", Buyer)];
const KEY: &str = "0b3f9c1e-6a52-4a5e-9f53-6c6e7b1f2a10";

fn request(brand: &str) -> Value {
    json!({
        "idempotency_key": KEY,
        "accounts": [{"brand": {"domain": brand}, "operator": "ag.example", "billing": "agent"}]
    })
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_with_its_own_context() {
    for house in House::each("keys", PEOPLE).await {
        let agent = house.agent(0);
        let first = agent.call("sync_accounts", &request("acme.example")).await;
        assert!(first.get("replayed").is_none());
        let mut retry = request("acme.example");
        retry["context"] = json!({"attempt": 2});
        let second = agent.call("sync_accounts", &retry).await;
        assert_eq!(second["replayed"], true);
        assert_eq!(second["context"], json!({"attempt": 2}));
        assert_eq!(
            second["accounts"], first["accounts"],
            "created, as the first time"
        );
        let rival = house
            .agent(1)
            .call("sync_accounts", &request("nova.example"))
            .await;
        assert!(rival.get("replayed").is_none(), "a key is its owner's");

        let error = agent
            .refused(
                "sync_accounts",
                &request("nova.example"),
                "IDEMPOTENCY_CONFLICT",
            )
            .await;
        let fields: Vec<&String> = error.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["code", "message"], "nothing is told");
        let mut more = request("acme.example");
        more["ext"] = json!({"acme": 1});
        agent
            .refused("sync_accounts", &more, "IDEMPOTENCY_CONFLICT")
            .await;
    }
}

#[tokio::test]
async fn a_key_has_its_time() {
    let house = House::open(PEOPLE).await;
    let agent = house.agent(0);
    agent.call("sync_accounts", &request("acme.example")).await;
    house
        .pass(Duration::hours(24) + Duration::seconds(30))
        .await;
    let late = agent.call("sync_accounts", &request("acme.example")).await;
    assert_eq!(late["replayed"], true, "clocks may differ a little");
    house.pass(Duration::minutes(1)).await;
    agent
        .refused(
            "sync_accounts",
            &request("acme.example"),
            "IDEMPOTENCY_EXPIRED",
        )
        .await;
}

#[tokio::test]
async fn many_at_once_are_one() {
    for house in House::each("keys-at-once", PEOPLE).await {
        let agent = house.agent(0);
        let asked = request("acme.example");
        let asked = (0..16).map(|_| agent.call("sync_accounts", &asked));
        let told = join_all(asked).await;
        let fresh = told
            .iter()
            .filter(|it| it.get("replayed").is_none())
            .count();
        assert_eq!(fresh, 1, "one was done, the others waited for it");
        for one in &told {
            assert_eq!(one["accounts"], told[0]["accounts"]);
        }
    }
}

#[tokio::test]
async fn failures_are_not_kept_and_keys_are_looked_at() {
    let house = House::open(PEOPLE).await;
    let agent = house.agent(0);
    let bad = request("Not A Domain");
    agent
        .refused("sync_accounts", &bad, "INVALID_REQUEST")
        .await;
    let good = agent.call("sync_accounts", &request("acme.example")).await;
    assert!(good.get("replayed").is_none(), "the key was still free");
    for key in [
        json!(null),
        json!(7),
        json!("short"),
        json!("with spaces, and long enough"),
    ] {
        let mut wrong = request("acme.example");
        wrong["idempotency_key"] = key;
        let error = agent
            .refused("sync_accounts", &wrong, "INVALID_REQUEST")
            .await;
        assert_eq!(error["field"], "idempotency_key");
    }
    let mut none = request("acme.example");
    none.as_object_mut()
        .expect("an object")
        .remove("idempotency_key");
    agent
        .refused("sync_accounts", &none, "INVALID_REQUEST")
        .await;
}
