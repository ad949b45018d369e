//! The program itself, as people use it: opened in a terminal, worked with, left.

use serde_json::json;

use crate::home::{Home, SIZES, brief, leave};

#[test]
fn an_empty_desk_says_how_to_begin() {
    for size in SIZES {
        let home = Home::new();
        let console = home.opens(size);
        console.wait_for_text("There are no booking jobs yet.");
        console.wait_for_text("Press n to write the first campaign brief.");
        console.wait_for_text("live");
        leave(console);
    }
}

#[test]
fn commands_are_typed_in_a_terminal_too() {
    let home = Home::with_jobs(&["Game Night"]);
    for (arguments, said) in [
        (&["jobs", "list"], "Game Night"),
        (&["keys", "list"], "KEY"),
    ] {
        let mut typed = home.opens_with(arguments, &[], (120, 40));
        assert!(typed.wait_for_end().success(), "{}", typed.screen_text());
        typed.wait_for_text(said);
        let shown = typed.screen_text();
        assert!(!shown.contains("panicked"), "{shown}");
        assert!(!shown.contains("tracing"), "{shown}");
    }
}

#[test]
fn jobs_are_found_read_and_cancelled_at_80x24() {
    a_day_at_the_desk(SIZES[0]);
}

#[test]
fn jobs_are_found_read_and_cancelled_at_120x40() {
    a_day_at_the_desk(SIZES[1]);
}

#[test]
fn jobs_are_found_read_and_cancelled_at_200x60() {
    a_day_at_the_desk(SIZES[2]);
}

fn a_day_at_the_desk(size: (u16, u16)) {
    let names = ["Q3 Awareness Push", "Back to School", "Spring Launch"];
    let home = Home::with_jobs(&names);
    let mut console = home.opens(size);
    for name in names {
        console.wait_for_text(name);
    }
    console.wait_for_text("1 Jobs (3)");
    console.wait_for_text("live");

    console.type_keys("/bts");
    console.wait_for_text("Jobs · 1 of 3");
    console.type_keys("<enter>");
    console.wait_for_text("Back to School · awaiting approval");
    console.type_keys("<esc>");
    console.wait_for_text("Spring Launch");

    console.wait_for_text("by changed");
    console.type_keys("s");
    console.wait_for(|screen| !screen.contents().contains("by changed"));

    console.type_keys("?");
    console.wait_for_text("Keys that work here");
    console.type_keys("<esc>");
    console.wait_for(|screen| !screen.contents().contains("Keys that work here"));

    console.type_keys(":spring");
    console.wait_for(|screen| screen.contents().contains("Spring Launch"));
    console.type_keys("<enter>");
    console.wait_for_text("Spring Launch · awaiting approval");

    console.type_keys("x");
    console.wait_for_text("Type Spring Launch to agree");
    console.type_keys("y<enter>");
    console.wait_for(|screen| {
        let text = screen.contents();
        ["read it first", "type Spring Launch to agree"]
            .iter()
            .any(|why| text.contains(why))
    });
    console.type_keys("<backspace>Spring Launch<enter>");
    // It can be pressed when the question has stood there for a moment.
    console.wait_for_text("[>cancel for good<]");
    console.type_keys("<enter>");
    console.wait_for_text("Spring Launch is cancelled");
    console.wait_for_text("✗ failed");
    leave(console);

    let mut jobs = home.jobs();
    jobs.sort();
    let status = jobs.iter().map(|(_, status)| status.as_str());
    let waits = "awaiting_approval";
    assert_eq!(status.collect::<Vec<_>>(), [waits, waits, "failed"]);
}

#[test]
fn what_another_process_does_is_seen_at_once() {
    let home = Home::new();
    let console = home.opens((120, 40));
    console.wait_for_text("There are no booking jobs yet.");
    console.wait_for_text("live");
    let question = json!({ "brief": brief("From Elsewhere") });
    home.json(&["call", "bookings.submit", &question.to_string()]);
    console.wait_for_text("From Elsewhere");
    console.wait_for_text("1 Jobs (1)");
    console.wait_for_text("awaiting approval");
    leave(console);
}

#[test]
fn it_begins_where_it_was_left() {
    let home = Home::with_jobs(&["Game Night"]);
    let mut console = home.opens((120, 40));
    console.wait_for_text("Game Night · awaiting approval");
    console.type_keys("S/night<enter>");
    console.wait_for_text("/night");
    let title = |console: &crate::terminal::Terminal| {
        let text = console.screen_text();
        let title = text.lines().nth(1).expect("a title");
        title.split('─').next().unwrap_or_default().to_owned()
    };
    console.type_keys("<f2>");
    let before = title(&console);
    leave(console);
    let console = home.opens((120, 40));
    console.wait_for_text("Game Night · awaiting approval");
    assert_eq!(title(&console), before);
    leave(console);
    let log = std::fs::read_dir(home.path().join("data/log")).expect("a log");
    assert!(log.count() > 0, "it logs beside the screen");
}
