//! Pacing from the command line: lists, checks, reports, changes and their undo.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desk::Desk;

/// How long a look at the lines may be waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A desk whose clock stands ten days into a line's flight of twenty, and the line: at half of
/// its plan.
fn midway() -> (Desk, String) {
    after(10)
}

/// The same after so many days.
fn after(days: u64) -> (Desk, String) {
    let desk = Desk::new().with("AD_SERVER_ENABLED", "false");
    let package = json!({
        "product_id": "perf-marlow-display", "budget": 4_200, "pricing_option_id": "default",
        "creatives": [{"creative_id": "spot", "name": "Spot", "format_id": {"id": "video"}}],
    });
    let wanted = json!({"draft": {
        "name": "Summer Tour", "packages": [package],
        "start_time": "2026-07-01T00:00:00Z", "end_time": "2026-07-21T00:00:00Z",
    }});
    let ordered = desk.json(&["call", "media_buys.create", &wanted.to_string()]);
    let line = ordered["buy"]["buy"]["packages"][0]["line_id"].as_str();
    let line = line.expect("a line").to_owned();
    let now = format!("2026-07-{:02}T00:00:00Z", days + 1);
    let desk = desk.with("CLOCK_STARTS_AT", &now);
    let reading = |day: u64| {
        let impressions = day * 25_000;
        json!({"line_id": line, "delivered": {
            "impressions": impressions, "as_of": format!("2026-07-{:02}T00:00:00Z", day + 1),
            "spent": {"minor": impressions * 42 / 100, "currency": "USD"},
        }})
    };
    let readings: Vec<Value> = (1..=days).map(reading).collect();
    desk.json(&[
        "call",
        "delivery.record",
        &json!({"readings": readings}).to_string(),
    ]);
    (desk, line)
}

#[test]
fn what_is_at_risk_is_listed_shown_checked_and_reported() {
    let (desk, line) = midway();
    let list = desk.run(&["pacing", "list"]);
    assert_eq!(list.code, 0, "{}", list.err);
    assert!(list.out.contains("▼▼ critical_behind"), "{}", list.out);
    assert!(
        list.out
            .contains("1 lines: index 0.50, 2,100.00 USD at risk"),
        "{}",
        list.out
    );
    let rows = desk.json(&["pacing", "list"]);
    assert_eq!(rows["lines"][0]["figures"]["index"], json!(0.5));
    let orders = desk.run(&["pacing", "list", "--by-order"]);
    assert!(orders.out.contains("Summer Tour"), "{}", orders.out);
    let shown = desk.run(&["pacing", "show", &line]);
    assert!(shown.out.contains("250,000 / 500,000"), "{}", shown.out);
    let then = desk.json(&["pacing", "show", &line, "--as-of", "2026-07-06T00:00:00Z"]);
    assert_eq!(then["row"]["delivered"], json!(125_000));
    let calm = desk.run(&["pacing", "check", "--max-risk", "2100"]);
    assert_eq!(calm.code, 0, "{}", calm.out);
    let much = desk.run(&["pacing", "check", "--max-risk", "2099.99"]);
    assert_eq!(much.code, 2);
    assert!(much.out.contains("✗ 2,100.00 USD at risk"), "{}", much.out);
    let brief = desk.run(&["pacing", "brief", "--since", "yesterday"]);
    assert!(
        brief.out.starts_with("# Pacing, Saturday 2026-07-11"),
        "{}",
        brief.out
    );
    assert!(
        brief.out.contains("| critical_behind | Summer Tour"),
        "{}",
        brief.out
    );
    let csv = desk.run(&["pacing", "brief", "--format", "csv"]);
    let second = csv.out.lines().nth(1).expect("a line");
    assert!(
        second.starts_with("critical_behind,Summer Tour"),
        "{second}"
    );
}

#[test]
fn a_change_is_tried_made_listed_and_taken_back() {
    let (desk, line) = midway();
    let end = || desk.json(&["pacing", "show", &line])["row"]["end"].clone();
    let tried = desk.run(&["pacing", "whatif", &line, "--do", "+5d, prio 6"]);
    assert_eq!(tried.code, 0, "{}", tried.err);
    let told = "end 2026-07-21 00:00 UTC → 2026-07-26 00:00 UTC";
    assert!(tried.out.contains(told), "{}", tried.out);
    assert!(
        tried.out.contains("ends at 50.0 % → 62.5 % of its goal"),
        "{}",
        tried.out
    );
    assert_eq!(end(), json!("2026-07-21T00:00:00Z"), "nothing was changed");
    let made = desk.json(&[
        "pacing",
        "apply",
        &line,
        "--do",
        "+5d",
        "--note",
        "as agreed",
    ]);
    assert_eq!(end(), json!("2026-07-26T00:00:00Z"));
    let journal = desk.run(&["pacing", "journal"]);
    assert!(journal.out.contains(told), "{}", journal.out);
    let id = made["change_id"].as_str().expect("an id");
    assert_eq!(desk.run(&["pacing", "undo", id]).code, 0);
    assert_eq!(end(), json!("2026-07-21T00:00:00Z"));
    assert_eq!(desk.run(&["pacing", "undo", id]).code, 5, "only once");
    let bad = desk.run(&["pacing", "apply", &line, "--do", "faster"]);
    assert_eq!(bad.code, 2);
    assert!(
        bad.err.contains("`faster` is not understood"),
        "{}",
        bad.err
    );
    let no = desk.run(&["pacing", "apply", &line, "--do", "budget 100"]);
    assert_eq!(no.code, 5);
    assert!(no.err.contains("1,050 is spent"), "{}", no.err);
    let late = desk.run(&["pacing", "apply", &line, "--do", "pause", "--revision", "1"]);
    assert_eq!(late.code, 5);
}

#[test]
fn alerts_are_listed_and_seen_to() {
    let (desk, line) = after(18);
    // The lines are looked at while commands run; which one of them, nobody knows.
    let begun = Instant::now();
    let mut list = desk.json(&["alerts", "list"]);
    while list["open"] == json!(0) && begun.elapsed() < PATIENCE {
        list = desk.json(&["alerts", "list"]);
    }
    assert_eq!(list["open"], json!(1), "{list}");
    let shown = desk.run(&["alerts", "list"]);
    assert!(shown.out.contains("ENDING_SHORT"), "{}", shown.out);
    let no = desk.run(&["alerts", "snooze", &line, "--rule", "NONE"]);
    assert_eq!(no.code, 2);
    let seen = desk.run(&["alerts", "acknowledge", &line, "--note", "new spot"]);
    assert_eq!((seen.code, seen.out.trim()), (0, "1 alerts"));
    let none = desk.run(&["alerts", "list"]);
    assert!(none.err.contains("nothing is wrong"), "{}", none.err);
    let all = desk.run(&["alerts", "list", "--all"]);
    assert!(all.out.contains("tester sees to it"), "{}", all.out);
}
