//! Accounts: opened, listed, closed, and nobody else's.

use flightdeck::domain::tenant::role::Role::{Admin, Buyer};
use serde_json::{Value, json};

use crate::agent::House;

/// Two agents of one tenant, one of another, and somebody of the house.
const PEOPLE: &[(&str, &str, flightdeck::domain::tenant::role::Role)] = &[
    ("main", "buyer", Buyer),
    ("main", "rival", Buyer),
    ("other", "buyer", Buyer),
    ("main", "boss", Admin),
];

fn wanted(brand: &str) -> Value {
    json!({
        "brand": {"domain": brand}, "operator": "agency.example", "billing": "operator",
        "billing_entity": {
            "legal_name": "Agency Ltd",
            "bank": {"account_holder": "Agency", "iban": "DE00"}
        },
        "payment_terms": "net_30"
    })
}

fn sync(key: &str, accounts: &[Value]) -> Value {
    json!({"idempotency_key": format!("sync-accounts-of-{key}"), "accounts": accounts})
}

#[tokio::test]
async fn accounts_are_opened_once_and_listed_to_their_owner_alone() {
    for house in House::each("accounts", PEOPLE).await {
        let agent = house.agent(0);
        let two = [wanted("acme.example"), wanted("nova.example")];
        let told = agent.call("sync_accounts", &sync("1", &two)).await;
        let accounts = told["accounts"].as_array().expect("accounts");
        for account in accounts {
            assert_eq!(
                (&account["action"], &account["status"]),
                (&json!("created"), &json!("active"))
            );
            assert_eq!(
                account["billing_entity"],
                json!({"legal_name": "Agency Ltd"})
            );
        }
        let id = accounts[0]["account_id"].as_str().expect("an id");
        assert!(!id.contains("acme") && id.len() > 30, "{id}");

        let again = agent.call("sync_accounts", &sync("2", &two)).await;
        assert_eq!(again["accounts"][0]["action"], "unchanged");
        assert_eq!(again["accounts"][0]["account_id"], id);
        let mut dearer = wanted("acme.example");
        dearer["payment_terms"] = json!("prepay");
        let mut dry = sync("3", &[dearer.clone()]);
        dry["dry_run"] = json!(true);
        assert_eq!(
            agent.call("sync_accounts", &dry).await["accounts"][0]["action"],
            "updated"
        );
        let changed = agent
            .call("sync_accounts", &sync("4", &[dearer.clone()]))
            .await;
        assert_eq!(
            changed["accounts"][0]["action"], "updated",
            "the dry run changed nothing"
        );

        let listed = agent.call("list_accounts", &json!({})).await;
        assert_eq!(
            listed["pagination"],
            json!({"has_more": false, "total_count": 2})
        );
        assert!(
            !listed.to_string().contains("DE00"),
            "bank details are not told"
        );
        for number in [1, 2] {
            let others = house.agent(number).call("list_accounts", &json!({})).await;
            assert_eq!(others["accounts"], json!([]), "nobody else's");
        }

        let mut only = sync("5", &[dearer]);
        only["delete_missing"] = json!(true);
        let told = agent.call("sync_accounts", &only).await;
        assert_eq!(told["accounts"][1]["status"], "closed");
        let active = agent
            .call("list_accounts", &json!({"status": "active"}))
            .await;
        assert_eq!(active["accounts"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let house = House::open(PEOPLE).await;
    let agent = house.agent(0);
    let many: Vec<Value> = (0..5).map(|n| wanted(&format!("b{n}.example"))).collect();
    agent.call("sync_accounts", &sync("many", &many)).await;
    let mut seen = Vec::new();
    let mut asked = json!({"pagination": {"max_results": 2}});
    loop {
        let page = agent.call("list_accounts", &asked).await;
        assert_eq!(page["pagination"]["total_count"], 5);
        let accounts = page["accounts"].as_array().expect("accounts");
        seen.extend(accounts.iter().map(|it| it["account_id"].to_string()));
        let cursor = page["pagination"].get("cursor").cloned();
        assert_eq!(page["pagination"]["has_more"], cursor.is_some());
        match cursor {
            Some(cursor) => asked["pagination"]["cursor"] = cursor,
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    for wrong in [
        json!({"max_results": 0}),
        json!({"max_results": 101}),
        json!({"max_results": -1}),
        json!({"cursor": "nonsense"}),
    ] {
        let asked = json!({"pagination": wrong});
        agent
            .refused("list_accounts", &asked, "INVALID_REQUEST")
            .await;
    }
    let stolen = json!({"pagination": {"cursor": asked["pagination"]["cursor"]}, "sandbox": false});
    agent
        .refused("list_accounts", &stolen, "INVALID_REQUEST")
        .await;
}

#[tokio::test]
async fn what_makes_no_account_is_refused_by_field() {
    let house = House::open(PEOPLE).await;
    let agent = house.agent(0);
    let mut wrong = wanted("Not A Domain");
    let error = agent
        .refused(
            "sync_accounts",
            &sync("bad", &[wrong.clone()]),
            "INVALID_REQUEST",
        )
        .await;
    assert_eq!(error["field"], "accounts[0].brand.domain");
    wrong["billing"] = json!("nobody");
    let error = agent
        .refused("sync_accounts", &sync("bad", &[wrong]), "INVALID_REQUEST")
        .await;
    assert_eq!(error["issues"][0]["pointer"], "/accounts/0/billing");
    let twice = [wanted("acme.example"), wanted("acme.example")];
    let told = agent.call("sync_accounts", &sync("twice", &twice)).await;
    assert_eq!(told["accounts"][1]["action"], "failed");
}
