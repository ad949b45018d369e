//! The audit trail behind the program's back: an edit, a deletion, a swap and a cut tail show.

use crate::desk::Desk;

/// Does something to the trail, and expects that it shows.
fn shows(meddling: &str, saying: &str) {
    let desk = Desk::new();
    desk.send();
    let whole = desk.run(&["audit", "verify"]);
    whole.ended(0, &[]);
    assert!(whole.out.contains("main: whole, "), "{whole:?}");
    desk.meddle(meddling);
    let broken = desk.run(&["audit", "verify"]);
    broken.ended(8, &[]);
    assert!(
        broken.out.contains("BROKEN") && broken.out.contains(saying),
        "{broken:?}"
    );
    let json = desk.run(&["--json", "audit", "verify"]).json(8);
    let json = json
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["tenant"] == "main");
    let json = json.expect("a verdict");
    assert_eq!(json["whole"], false);
    assert!(
        json["error"]
            .as_str()
            .is_some_and(|why| why.contains(saying)),
        "{json}"
    );
    let doctor = desk.run(&["doctor"]);
    doctor.ended(6, &[]);
    assert!(doctor.out.contains("FAIL audit"), "{doctor:?}");
}

#[test]
fn an_edited_line_shows() {
    shows(
        "UPDATE audit SET detail = 'nothing happened' WHERE seq = 2",
        "line 2",
    );
    shows(
        "UPDATE audit SET actor = 'somebody else' WHERE seq = 1 AND tenant = 'main'",
        "line 1",
    );
    shows("UPDATE audit SET at = at + 1 WHERE seq = 3", "line 3");
}

#[test]
fn a_line_that_was_taken_out_shows() {
    shows(
        "DELETE FROM audit WHERE seq = 2",
        "line 3 stands where line 2",
    );
}

#[test]
fn lines_that_were_swapped_show() {
    shows(
        "UPDATE audit SET seq = -1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; \
         UPDATE audit SET seq = 3 WHERE seq = -1;",
        "line 2",
    );
}

#[test]
fn a_tail_that_was_cut_off_shows() {
    shows("DELETE FROM audit WHERE seq > 3", "ends at line 3");
    shows(
        "DELETE FROM audit WHERE seq > 3; UPDATE head SET audit = 3, \
         audit_hash = (SELECT hash FROM audit WHERE seq = 3 AND tenant = 'main') WHERE tenant = 'main';",
        "ends at line 3",
    );
    shows("DELETE FROM audit", "ends at line 0");
}

#[test]
fn what_is_written_on_top_of_a_cut_tail_shows_too() {
    let desk = Desk::new();
    desk.send();
    desk.meddle(
        "DELETE FROM audit WHERE seq > 3; UPDATE head SET audit = 3, \
         audit_hash = (SELECT hash FROM audit WHERE seq = 3 AND tenant = 'main') WHERE tenant = 'main';",
    );
    desk.send();
    desk.send();
    let broken = desk.run(&["audit", "verify"]);
    broken.ended(8, &[]);
    assert!(broken.out.contains("rewritten"), "{broken:?}");
}

#[test]
fn what_nobody_can_know_is_not_called_whole() {
    let desk = Desk::new();
    let nothing = desk.run(&["audit", "verify"]);
    nothing.refused(2, &["no database"]);
    assert!(!desk.path("data").exists(), "nothing was made");
    desk.send();
    let whole = desk.run(&["audit", "verify"]);
    whole.ended(0, &[]);
    assert!(!whole.out.contains("engine"), "the house has no trail");
    let anchor = desk.path("data/flightdeck.anchor");
    std::fs::remove_file(&anchor).expect("an anchor");
    let unsure = desk.run(&["audit", "verify"]);
    unsure.ended(9, &[]);
    assert!(unsure.err.contains("no anchor"), "{unsure:?}");
    let doctor = desk.run(&["doctor"]);
    doctor.ended(0, &[]);
    assert!(doctor.out.contains("warn audit"), "{doctor:?}");
    // Without an anchor the database's own count still tells.
    desk.meddle("DELETE FROM audit WHERE seq > 3");
    let broken = desk.run(&["audit", "verify"]);
    broken.ended(8, &[]);
    assert!(broken.out.contains("ends at line 3"), "{broken:?}");
}

#[test]
fn an_anchor_that_cannot_be_read_is_not_passed_over() {
    let desk = Desk::new();
    desk.send();
    desk.file("data/flightdeck.anchor", "not an anchor");
    desk.run(&["audit", "verify"]).refused(2, &["anchor"]);
    desk.run(&["doctor"]).ended(6, &[]);
}

#[test]
fn every_command_and_every_refusal_is_listed() {
    let desk = Desk::new();
    let id = desk.send();
    desk.run(&["jobs", "approve", &id, "nobody"])
        .refused(2, &["not recommended"]);
    let list = desk.run(&["audit", "list"]);
    list.ended(0, &[]);
    assert!(list.err.is_empty());
    for words in [
        "tester",
        "bookings.submit",
        "bookings.step",
        "bookings.approve",
        "refused",
        "UNKNOWN_PRODUCT",
    ] {
        assert!(list.out.contains(words), "{words} in {}", list.out);
    }
    let page = desk.json(&["audit", "list", "--after", "2", "--limit", "2"]);
    let seqs: Vec<_> = page["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| line["seq"].clone())
        .collect();
    assert_eq!(seqs, [3, 4]);
    let empty = Desk::new();
    let nothing = empty.run(&["audit", "list"]);
    nothing.ended(0, &[]);
}
