//! A tenant's ad server from the command line: synced, told of, tested; tables, JSON, exit codes.

use crate::desk::Desk;

#[test]
fn an_ad_server_is_synced_and_told_of() {
    let desk = Desk::new();
    let none = desk.run(&["tenants", "syncs"]);
    assert_eq!((none.code, none.err.as_str()), (0, ""));
    assert!(
        none.out.contains("inventory: never run, ok"),
        "{}",
        none.out
    );

    let first = desk.run(&["tenants", "sync", "main"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.out.contains("ad units"), "{}", first.out);
    assert!(first.err.contains("everything was read"), "{}", first.err);
    let again = desk.json(&["tenants", "sync", "main", "--full"]);
    assert_eq!(
        (&again["status"], &again["mode"]),
        (&"completed".into(), &"full".into())
    );
    assert_eq!(
        (&again["stages"][0]["added"], &again["stages"][0]["gone"]),
        (&0.into(), &0.into())
    );
    let orders = desk.json(&["tenants", "sync", "--orders"]);
    assert_eq!(orders["what"], "orders");

    let told = desk.run(&["tenants", "syncs", "main", "--limit", "2"]);
    assert!(told.out.contains("inventory: success, ok"), "{}", told.out);
    assert_eq!(told.out.matches(" completed ").count(), 2, "{}", told.out);
    let told = desk.json(&["tenants", "syncs"]);
    assert_eq!(told["history"]["total"], 3);
    let tested = desk.run(&["tenants", "test"]);
    assert_eq!(tested.code, 0, "{}", tested.err);
    assert!(
        tested.out.starts_with("connected: the ad server inside"),
        "{}",
        tested.out
    );
}

#[test]
fn what_cannot_be_synced_says_why() {
    let desk = Desk::new();
    let nobody = desk.run(&["tenants", "sync", "nobody"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (3, ""));
    assert!(nobody.err.contains("Tenant not found"), "{}", nobody.err);
    let none = desk.run(&["tenants", "sync", "No Body"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("is no tenant's name"), "{}", none.err);
    let change = r#"{"set": {"ad_server": "kevel", "kevel_network_id": "9"}}"#;
    let viewer = Desk::new().with("LOCAL_ROLE", "viewer");
    assert_eq!(viewer.run(&["tenants", "sync"]).code, 4);
    let operator = desk.with("LOCAL_ROLE", "operator");
    let changed = operator.run(&["call", "tenants.update", change]);
    assert_eq!(changed.code, 0, "{}", changed.err);
    for wanted in [["tenants", "sync"], ["tenants", "test"]] {
        let refused = operator.run(&wanted);
        assert_eq!(refused.code, 7);
        assert!(
            refused.err.contains("has no key or token"),
            "{}",
            refused.err
        );
    }
}
