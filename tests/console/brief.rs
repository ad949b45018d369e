//! A brief is written, checked as it is typed, sent, and taken back.

use flightdeck::domain::{booking::job::JobStatus, tenant::role::Role};

use crate::{desk::caller, person::Person, world};

#[tokio::test]
async fn an_empty_screen_becomes_a_job() {
    let desk = world::empty().await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n").await;
    // A file of one's own is the quickest.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let brief = world::brief("Harbour Lights", 12_000);
    std::fs::write(file.path(), brief.to_string()).expect("written");
    person.presses("ctrl-o").await;
    person.types(&file.path().display().to_string()).await;
    person.presses("enter").await;
    person.sees("Harbour Lights");
    person.presses("ctrl-s").await;
    person.rests().await;
    person.sees("12,000.00 USD");
    person.presses("y").await;
    person.rests().await;
    assert_eq!(person.orders, 1);
    person.sees("Harbour Lights");
    person.sees("awaiting approval");
    // What was sent can be taken back as long as it has not booked.
    person.presses("u").await;
    person.sees("Take back Harbour Lights");
    person.rests().await;
    person.presses("y").await;
    person.rests().await;
    person.sees("✗ failed");
    person.presses("d").await;
    person.sees("Harbour Lights");
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field() {
    let desk = world::empty().await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n").await;
    person.types("Only a name").await;
    person.presses("ctrl-s").await;
    assert_eq!(person.orders, 0);
    person.sees("objectives");
    let job = desk
        .core
        .ask(
            &caller("acme", Role::Viewer),
            flightdeck::engine::bookings::list::ListJobs::default(),
        )
        .await
        .expect("a list");
    assert!(job.jobs.iter().all(|job| job.status != JobStatus::Pending));
    assert!(job.jobs.is_empty());
}

#[tokio::test]
async fn help_in_the_form_is_about_the_form_and_a_question_mark_can_be_typed() {
    let desk = world::empty().await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n").await;
    person.sees("f1 help");
    person.types("Why not?").await;
    person.sees("Why not?");
    person.presses("f1").await;
    person.sees("In this form");
    person.sees("Send the form.");
    person.sees_no("Filter: words match");
    person.presses("esc").await;
    person.sees("Why not?");
    // No text is typed into boxes.
    person.clicks("Channels").await;
    person.sees("? help");
    person.presses("?").await;
    person.sees("In this form");
    person.presses("esc").await;
    person.clicks("? help").await;
    person.sees("In this form");
}

#[tokio::test]
async fn leaving_with_an_unsent_brief_asks_first() {
    let desk = world::empty().await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n").await;
    person.types("Half a brief").await;
    person.presses("ctrl-c ctrl-c").await;
    person.sees("The brief is not sent, and leaving loses it");
    person.presses("enter").await;
    assert!(!person.left, "staying has the focus");
    person.sees("Half a brief");
    person.presses("f1 ctrl-c").await;
    person.sees("stay");
    assert!(!person.left);
    person.presses("j enter").await;
    assert!(person.left);
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n ctrl-c").await;
    assert!(person.left, "nothing was written");
}

#[tokio::test]
async fn a_long_audience_is_kept_whole_and_can_be_read() {
    let desk = world::empty().await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n").await;
    person.clicks("18-34, 65+").await;
    person.presses("ctrl-r").await;
    person.clicks("Audience").await;
    let many: Vec<String> = (0..900).map(|n| format!("interest {n}")).collect();
    let audience = serde_json::json!({ "interests": many }).to_string();
    assert!(audience.len() > 12_000);
    person.pastes(&audience).await;
    person.sees("ctrl-t read whole");
    person.presses("ctrl-t").await;
    person.sees("\"interest 3\",");
    person.presses("G").await;
    person.sees("\"interest 899\"");
    person.presses("esc").await;
    person.pastes(&"x".repeat(70_000)).await;
    person.sees("characters of it had no room: load it from a file");
}

#[tokio::test]
async fn a_budget_is_read_as_it_is_shown() {
    let desk = world::empty().await;
    let mut person = Person::sits_down(&desk, caller("acme", Role::Trafficker)).await;
    person.presses("n tab tab").await;
    person.types("12,000").await;
    person.presses("tab").await;
    person.sees("12,000");
    person.sees_no("is not a number");
    person.presses("shift-tab backspace tab").await;
    person.sees("is not a number");
}
