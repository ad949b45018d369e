//! Jobs, as a trafficker sees them.

use flightdeck::{domain::tenant::role::Role, engine::bookings::submit::SubmitBrief};
use serde_json::json;

use crate::{
    desk::{Desk, caller},
    person::Person,
};

const NOW: &str = "2026-06-15T12:00:00Z";

/// A desk on which some briefs were sent and researched.
async fn desk(names: &[&str]) -> Desk {
    let desk = Desk::sqlite(NOW).await;
    let catalogue = flightdeck::engine::seller::products::stock::demo().expect("products");
    let tenant = "acme".parse().expect("a tenant");
    flightdeck::engine::seller::products::stock::stock(&desk.core, &tenant, catalogue)
        .await
        .expect("stocked");
    for name in names {
        let brief = json!({
            "name": name,
            "objectives": ["brand_awareness"],
            "budget": 25000,
            "start_date": "2026-07-01",
            "end_date": "2026-09-30",
            "target_audience": {
                "demographics": {"age": "18-34"},
                "interests": ["gaming", "technology"]
            },
            "kpis": {"target_cpm": 10}
        });
        let brief: SubmitBrief =
            serde_json::from_value(json!({ "brief": brief })).expect("a brief");
        let trafficker = caller("acme", Role::Trafficker);
        desk.core.ask(&trafficker, brief).await.expect("a job");
        desk.pass(chrono::Duration::seconds(60)).await;
    }
    desk
}

#[tokio::test]
async fn an_empty_console_says_how_to_begin() {
    let desk = desk(&[]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.sees("There are no booking jobs yet.");
    person.sees("Press n to write the first campaign brief.");
    person.sees("live");
}

#[tokio::test]
async fn jobs_are_listed_found_and_read() {
    let desk = desk(&["Q3 Awareness Push", "Back to School", "Spring Launch"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.sees("1 Jobs (3)");
    person.sees("Jobs · 3 · by changed");
    person.presses("/").await;
    person.types("bts").await;
    person.sees("Jobs · 1 of 3");
    person.sees("Back to School");
    person.sees_no("Spring Launch");
    person.presses("enter").await;
    person.rests().await;
    person.sees("Back to School · awaiting approval");
    person.sees("approval ●");
    person.sees("recommendations");
    person.presses("esc").await;
    person.sees("Spring Launch");
    person.presses(":").await;
    person.types("awareness").await;
    person.presses("enter").await;
    person.rests().await;
    person.sees("Q3 Awareness Push · awaiting approval");
}

#[tokio::test]
async fn cancelling_takes_the_typed_name_and_nothing_less() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("x").await;
    person.sees("Cancel 1 job");
    person.sees("Type Game Night to agree");
    // Enter at once, yes, tab and enter: nothing happens without the name.
    person.rests().await;
    person.presses("enter").await;
    person.presses("tab tab enter").await;
    assert_eq!(person.orders, 0);
    person.presses("tab").await;
    person.types("Game Night").await;
    person.presses("enter enter").await;
    assert_eq!(person.orders, 1);
    person.rests().await;
    person.sees("Game Night is cancelled");
    person.sees("✗ failed");
    person.presses("x").await;
    person.sees("cannot be cancelled");
}

#[tokio::test]
async fn a_job_that_changed_is_shown_again_before_anything_is_done() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.waits(60_000).await;
    person.presses("x").await;
    person.rests().await;
    person.types("Game Night").await;
    // Somebody else books it meanwhile.
    let other = caller("acme", Role::Approver);
    let page = desk
        .core
        .ask(
            &other,
            flightdeck::engine::bookings::rows::ListRows::default(),
        )
        .await
        .expect("rows");
    let approve = flightdeck::engine::bookings::approve::ApproveJob {
        job_id: page.rows[0].job_id,
        approved_product_ids: Some(Vec::new()),
        expected_revision: None,
        despite_warnings: false,
    };
    desk.core.ask(&other, approve).await.expect("approved");
    // The question says so while it stands there, and has that read before it is answered.
    person.presses("enter").await;
    person.sees("While you looked at this:");
    person.sees("bookings.completed");
    person.presses("enter").await;
    person.sees("read it first");
    assert_eq!(person.orders, 0);
    person.rests().await;
    person.presses("enter").await;
    person.sees("the job has changed since you looked");
    person.sees("bookings.completed");
    person.sees_no("While you looked at this:");
    // That was seen before the question.
    person.sees_no("bookings.awaiting_approval");
    person.sees("Type Game Night to agree");
    assert_eq!(person.orders, 1);
    person.presses("esc").await;
    person.sees_no("Type Game Night");
}

#[tokio::test]
async fn of_many_jobs_only_those_that_changed_are_asked_about_again() {
    let desk = desk(&["Game Night", "Spring Launch", "Back to School"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("a x").await;
    person.sees("Cancel 3 jobs");
    person.rests().await;
    person.types("3 jobs").await;
    let other = caller("acme", Role::Approver);
    let page = flightdeck::engine::bookings::rows::ListRows::default();
    let page = desk.core.ask(&other, page).await.expect("rows");
    for row in page
        .rows
        .iter()
        .filter(|row| &*row.campaign_name != "Spring Launch")
    {
        let approve = flightdeck::engine::bookings::approve::ApproveJob {
            job_id: row.job_id,
            approved_product_ids: Some(Vec::new()),
            expected_revision: None,
            despite_warnings: false,
        };
        desk.core.ask(&other, approve).await.expect("approved");
    }
    person.presses("enter").await;
    person.rests().await;
    person.presses("enter").await;
    assert_eq!(person.orders, 3);
    person.sees("Cancel 2 jobs");
    person.sees("! Game Night: the job has changed since you looked");
    person.sees("! Back to School: the job has changed since you looked");
    person.sees("bookings.completed");
    person.sees("✓ Spring Launch: Spring Launch is cancelled");
    person.sees("Game Night, 25,000.00 USD, completed");
    person.sees_no("Spring Launch, 25,000.00");
    person.sees("Type 2 jobs to agree");
    person.presses("esc").await;
    person.sees_no("Type 2 jobs");
    assert_eq!(person.orders, 3);
}

#[tokio::test]
async fn marks_end_with_what_they_were_set_for() {
    let desk = desk(&["Game Night", "Spring Launch", "Back to School"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("space space x").await;
    person.sees("Cancel 2 jobs");
    person.rests().await;
    person.types("2 jobs").await;
    person.presses("enter enter").await;
    assert_eq!(person.orders, 2);
    person.rests().await;
    person.sees_no("2 marked");
    person.presses("x").await;
    person.sees("Cancel 1 job");
}

#[tokio::test]
async fn a_question_leaves_in_sight_whose_money_it_is() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    for keys in ["x", "n", "?"] {
        for (width, height) in [(40, 12), (80, 24), (120, 40)] {
            person.resizes(width, height);
            person.presses(keys).await;
            person.rests().await;
            let top = person.rows().remove(0);
            assert!(top.contains("acme") && top.contains("●"), "{keys}: {top}");
            person.presses("esc").await;
        }
    }
}

#[tokio::test]
async fn esc_goes_back_to_where_one_wanted_to_see_what_happened() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("2 o").await;
    person.rests().await;
    person.sees("[7 Activity");
    person.sees("only ");
    person.presses("esc").await;
    person.sees("[2 Review");
    // One's own look at one object widens first.
    person.presses("7").await;
    person.rests().await;
    person.sees_no("only ");
    person.presses("o").await;
    person.rests().await;
    person.sees("only ");
    person.presses("esc").await;
    person.sees("[7 Activity");
    person.sees_no("only ");
}

#[tokio::test]
async fn the_least_screen_says_who_did_what_and_which_view_that_is() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Admin)).await;
    person.resizes(40, 10);
    person.presses("7").await;
    person.rests().await;
    person.sees("TIME");
    person.sees("bookings.re");
    person.sees("[events]");
    person.presses("tab").await;
    person.rests().await;
    person.sees("ACTOR");
    person.sees("bookings.step");
    person.presses("tab tab").await;
    person.sees("[background work]");
    person.presses("tab").await;
    person.sees("[log]");
}

#[tokio::test]
async fn what_happened_to_an_object_is_read_to_its_beginning() {
    let desk = desk(&["Game Night"]).await;
    let admin = caller("acme", Role::Admin);
    let page = flightdeck::engine::bookings::rows::ListRows::default();
    let page = desk.core.ask(&admin, page).await.expect("rows");
    let job_id = page.rows[0].job_id;
    let approve = flightdeck::engine::bookings::approve::ApproveJob {
        job_id,
        approved_product_ids: Some(Vec::new()),
        expected_revision: None,
        despite_warnings: false,
    };
    desk.core.ask(&admin, approve).await.expect("approved");
    // Long ago: more was refused and written down since than is read at first.
    for _ in 0..1200 {
        let again = flightdeck::engine::bookings::cancel::CancelJob {
            job_id: flightdeck::domain::ids::JobId::from(uuid::Uuid::nil()),
            expected_revision: None,
        };
        desk.core
            .ask(&caller("acme", Role::Viewer), again)
            .await
            .expect_err("refused");
    }
    let mut person = Person::sits_down(&desk, admin).await;
    person.presses("7 tab").await;
    person.rests().await;
    person.sees_no("bookings.submit");
    // A filter looks further back than what is shown, and says how far.
    person.presses("/").await;
    person.types("bookings.submit").await;
    person.sees("searched all");
    person.sees("done");
    person.types("zebra").await;
    person.sees("nothing matches");
    person.sees("searched all");
    person.presses("esc").await;
    person.sees_no("searched");
    person.presses("1 o").await;
    person.rests().await;
    person.sees("only ");
    person.sees("bookings.submit");
    person.sees("bookings.approve");
    person.sees_no("bookings.cancel");
}

#[tokio::test]
async fn who_may_not_is_told_why_and_nothing_is_hidden() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Viewer)).await;
    person.sees("READ ONLY");
    person.presses("x").await;
    person.sees("your role viewer may not: it takes bookings:recover");
    let admin = caller("acme", Role::Admin);
    let mut person = Person::with(&desk, admin, crate::person::USUAL, true).await;
    person.sees("READ ONLY");
    person.presses("x").await;
    person.sees("this session is read only");
}

#[tokio::test]
async fn an_engine_that_is_silent_stops_no_key_and_takes_no_command() {
    let desk = desk(&["Game Night", "Spring Launch"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.answers = false;
    desk.clock.advance(chrono::Duration::seconds(4));
    person.happens(flightdeck::tui::console::Event::Time).await;
    person.sees("4 s old");
    person.presses("j").await;
    desk.clock.advance(chrono::Duration::seconds(8));
    person.happens(flightdeck::tui::console::Event::Time).await;
    person.sees("offline for 12 s, retrying");
    person.presses("x").await;
    person.sees("the engine has not answered for 12 s");
    assert_eq!(person.orders, 0);
    person.answers = true;
    person.waits(100).await;
    person.sees("live");
    person.sees("the engine answers again");
}

#[tokio::test]
async fn the_least_screen_says_that_the_engine_is_silent_and_which_pane_is_in_front() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.resizes(40, 10);
    person.sees("acme  ●  TRAFFICKER  [1] 2 3 4 5 6 7");
    person.answers = false;
    desk.clock.advance(chrono::Duration::seconds(123));
    person.happens(flightdeck::tui::console::Event::Time).await;
    person.sees("acme  ○ offline  TRAFF  [1] 2 3 4 5 6 7");
    // Where there is a little more, the words give way before whose money it is.
    for width in [45, 60, 75] {
        person.resizes(width, 24);
        person.sees("acme  ○ offline");
    }
    person.resizes(120, 24);
    person.sees("offline for 123 s, retrying");
}

#[tokio::test]
async fn what_can_be_pressed_can_be_clicked() {
    let desk = desk(&["Game Night", "Spring Launch"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.sees("▸  ◆ awaiting approval Spring Launch");
    person.clicks("Game Night").await;
    person.sees("▸  ◆ awaiting approval Game Night");
    person.clicks("x cancel").await;
    person.sees("Type Game Night to agree");
    person.clicks("[ keep it ]").await;
    person.sees_no("Type Game Night to agree");
    person.clicks("? help").await;
    person.sees("Keys that work here");
}

#[tokio::test]
async fn a_range_that_a_filter_took_away_marks_nothing() {
    let desk = desk(&["Game Night", "Spring Launch"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("v /").await;
    person.types("zebra").await;
    person.presses("enter v").await;
    person.sees("nothing matches \"zebra\"");
    person.sees_no("marked");
}

#[tokio::test]
async fn lists_are_exported_and_copied() {
    let desk = desk(&["=Game, \"Night\"", "Spring Launch"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("e").await;
    person.sees("CSV, for spreadsheets");
    person.presses("enter").await;
    let (name, text) = person.written.pop().expect("a file");
    assert_eq!(name, "flightdeck-jobs.csv");
    assert!(text.starts_with("status,campaign,budget,"), "{text}");
    assert!(text.contains("\"'=Game, \"\"Night\"\"\""), "{text}");
    // Money is never without its currency.
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with(",currency"), "{text}");
    assert!(
        lines[1..].iter().all(|line| line.ends_with(",USD")),
        "{text}"
    );
    person.presses("a y").await;
    assert_eq!(person.copied[0].lines().count(), 2);
}

#[tokio::test]
async fn a_paste_presses_no_key_and_a_click_does() {
    let desk = desk(&["Game Night", "Spring Launch"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.pastes("x\rGame Night\r\r").await;
    person.sees("a paste presses no keys here");
    person.sees_no("Cancel 1 job");
    person.clicks("Game Night").await;
    person.rests().await;
    person.sees("Game Night · awaiting approval");
    person.clicks("7 Act").await;
    person.rests().await;
    person.sees("[7 Activity");
}

#[tokio::test]
async fn a_brief_is_written_while_the_engine_is_silent_and_sent_when_it_answers() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.answers = false;
    desk.clock.advance(chrono::Duration::seconds(12));
    person.happens(flightdeck::tui::console::Event::Time).await;
    person.sees("offline for 12 s");
    person.presses("n").await;
    person.types("Harbour Lights").await;
    person.sees("New brief");
    person.sees("Harbour Lights");
    person.presses("ctrl-s").await;
    person.sees("the engine has not answered for 12 s");
    person.sees("Harbour Lights");
    assert_eq!(person.orders, 0);
    person.answers = true;
    person.waits(100).await;
    person.presses("ctrl-s").await;
    person.sees("nothing was sent: ");
    person.sees("Harbour Lights");
}

#[tokio::test]
async fn whoever_only_reads_opens_no_form_that_is_there_to_be_sent() {
    let desk = desk(&["Game Night"]).await;
    let admin = caller("acme", Role::Admin);
    let mut person = Person::with(&desk, admin, crate::person::USUAL, true).await;
    person.presses("n").await;
    person.sees("this session is read only");
    person.sees_no("New brief");
}

#[tokio::test]
async fn a_job_that_was_tried_again_says_so_before_it_is_once_more() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("x").await;
    person.rests().await;
    person.types("Game Night").await;
    person.presses("enter enter").await;
    person.rests().await;
    person.presses("R").await;
    person.sees("A new job begins with the same brief");
    person.sees_no("already");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.presses("/").await;
    person.types("status:failed").await;
    person.presses("enter R").await;
    person.sees("Game Night was tried again already, as");
    assert_eq!(person.orders, 2);
}

#[tokio::test]
async fn what_is_narrow_is_wrapped_and_not_cut() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.rests().await;
    for width in [110, 116, 80, 44] {
        person.resizes(width, 40);
        person.rests().await;
        person.sees("booking ○");
        person.sees("done ○");
        person.sees("eCPM");
        person.sees_no("…");
    }
}

#[tokio::test]
async fn a_field_that_is_not_there_is_told_and_those_that_are_are_named() {
    let desk = desk(&["Game Night"]).await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("/").await;
    person.sees("fields, as in status:word: status campaign budget");
    person.types("foo:bar").await;
    person.sees("foo is no field here; fields are status, campaign, budget");
    person.presses("enter").await;
    person.sees("foo is no field here");
    person.presses("esc ? G").await;
    person.sees("Fields of this list: status, campaign, budget, flight, waits, by, changed, id,");
    person.presses("esc 7 ?").await;
    for _ in 0..6 {
        let screen = person.screen();
        if screen.contains("go to Jobs") {
            return;
        }
        person.presses("pgdn").await;
    }
    person.sees("with nothing of that left, go to Jobs.");
}
