//! Orders and media buys from the command line: tables, JSON, exit codes.

use serde_json::{Value, json};

use crate::desk::Desk;

/// Orders a week of news banners, kept as a draft.
fn draft(desk: &Desk, name: &str, budget: u32) -> String {
    let package = json!({
        "product_id": "brand-daybreak-ros", "budget": budget, "pricing_option_id": "default"
    });
    let wanted = json!({
        "draft": {
            "name": name, "packages": [package],
            "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-08T00:00:00Z"
        },
        "keep_draft": true
    });
    let ordered = desk.json(&["call", "media_buys.create", &wanted.to_string()]);
    let id = ordered["buy"]["buy"]["id"].as_str();
    id.expect("an id").to_owned()
}

fn status(view: &Value) -> &str {
    view["buy"]["status"].as_str().expect("a status")
}

#[test]
fn an_order_is_submitted_shown_approved_stopped_and_called_off() {
    let desk = Desk::new();
    let id = draft(&desk, "Summer Tour", 6_500);
    let no = desk.run(&["orders", "activate", &id]);
    assert_eq!(no.code, 5);
    assert!(no.err.contains("Cannot auto-activate order"), "{}", no.err);
    assert!(
        no.err.contains("hint: ask for submit_for_approval"),
        "{}",
        no.err
    );
    let asked = desk.json(&["orders", "submit", &id]);
    assert_eq!(status(&asked), "awaiting_approval");
    let queue = desk.run(&["orders", "list"]);
    assert_eq!((queue.code, queue.err.as_str()), (0, ""));
    assert!(queue.out.contains("Summer Tour") && queue.out.contains("6,500.00 USD"));
    assert_eq!(desk.json(&["orders", "list"])["waiting"], 1);
    let shown = desk.run(&["orders", "show", &id]);
    assert!(
        shown.out.contains("asks for the whole order"),
        "{}",
        shown.out
    );
    assert!(
        shown.out.contains("✓ needs 1000000, 14000000 free"),
        "{}",
        shown.out
    );
    let late = desk.run(&["orders", "approve", &id, "--revision", "1"]);
    assert_eq!(late.code, 5);
    assert!(
        late.err.contains("has changed since you looked"),
        "{}",
        late.err
    );
    let yes = desk.json(&["orders", "approve", &id]);
    assert_eq!(status(&yes), "pending_creatives");
    let buys = desk.run(&["buys", "list", "--status", "pending_creatives"]);
    assert!(
        buys.out.contains("pending creatives  Summer Tour"),
        "{}",
        buys.out
    );
    assert_eq!(status(&desk.json(&["buys", "pause", &id])), "paused");
    assert_eq!(status(&desk.json(&["buys", "resume", &id])), "active");
    let off = desk.run(&["buys", "cancel", &id, "--reason", "rain"]);
    assert!(off.out.contains("Summer Tour: canceled"), "{}", off.out);
    assert_eq!(desk.run(&["orders", "archive", &id]).code, 0);
    let away = desk.json(&["buys", "list", "--archived"]);
    assert_eq!(away["total"], 1);
}

#[test]
fn many_are_decided_and_each_tells_what_came_of_it() {
    let desk = Desk::new();
    let (one, two) = (draft(&desk, "One", 6_500), draft(&desk, "Two", 1_300));
    let asked = desk.json(&["orders", "submit", &one, &two]);
    assert_eq!(asked.as_array().map(Vec::len), Some(2));
    assert_eq!(desk.run(&["orders", "reject", &one]).code, 2, "no reason");
    let no = desk.run(&[
        "orders", "reject", &one, "mb_none", &two, "--reason", "full",
    ]);
    assert_eq!(no.code, 3);
    assert!(no.out.contains("One: rejected") && no.out.contains("Two: rejected"));
    assert!(
        no.err.contains("mb_none: there is no such media buy"),
        "{}",
        no.err
    );
    let decided = desk.run(&["orders", "list", "--decided"]);
    assert!(
        decided.out.contains("rejected by tester"),
        "{}",
        decided.out
    );
    let none = desk.run(&["orders", "list"]);
    assert!(none.err.contains("nothing waits"), "{}", none.err);
    let pinned = desk.run(&["orders", "approve", &one, &two, "--revision", "3"]);
    assert_eq!(pinned.code, 2);
    assert_eq!(desk.run(&["buys", "list", "--status", "asleep"]).code, 2);
}
