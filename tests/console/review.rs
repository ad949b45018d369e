//! A trafficker decides: ticks, sums, a question with exact numbers, booked lines.

use flightdeck::{
    domain::{booking::job::JobStatus, tenant::role::Role},
    engine::bookings::approve::ApproveJob,
};

use crate::{
    desk::caller,
    person::Person,
    world::{self, brief, read, send},
};

#[tokio::test]
async fn a_trafficker_approves_four_and_books() {
    let desk = world::empty().await;
    let anna = world::anna();
    let job = send(&desk, &anna, brief("Q3 Awareness Push", 25_000)).await;
    desk.pass(chrono::Duration::minutes(5)).await;
    let mut person = Person::sits_down(&desk, anna).await;
    person.resizes(160, 50);
    person.presses("r").await;
    person.rests().await;
    let all = read(&desk, job)
        .await
        .recommendations
        .expect("researched")
        .len();
    assert!(all > 4, "{all} recommendations");
    // None, and then the first four.
    person.presses("a").await;
    if !person.screen().contains(&format!("0 of {all} ticked")) {
        person.presses("a").await;
    }
    person.sees(&format!("0 of {all} ticked"));
    let mut ticked = 0;
    while ticked < 4 {
        let before = person.screen();
        person.presses("j").await;
        person.presses("space").await;
        let after = (0..=all)
            .rev()
            .find(|n| person.screen().contains(&format!("{n} of {all} ticked")));
        match after {
            Some(now) if now == ticked + 1 => ticked = now,
            // A heading ticks its whole channel: take that back.
            Some(now) if now > ticked + 1 => {
                person.presses("space").await;
                person.sees(&format!("{ticked} of {all} ticked"));
            }
            _ => assert_ne!(before, person.screen(), "nothing moved"),
        }
    }
    person.presses("A").await;
    person.sees("This books 4 lines with their sellers for");
    person.sees("It cannot be undone.");
    person.sees("Type Q3 Awareness Push to agree");
    person.rests().await;
    person.types("Q3 Awareness Push").await;
    assert_eq!(person.orders, 0);
    person.presses("enter enter").await;
    assert_eq!(person.orders, 1);
    person.rests().await;
    let booked = read(&desk, job).await;
    assert_eq!(booked.status, JobStatus::Completed);
    assert_eq!(booked.booked().lines, 4);
    person.sees("4 of 4 booked");
    // Where it was begun it shows too.
    person.presses("1").await;
    person.rests().await;
    person.sees("✓ completed");
    person.sees("4 of 4 lines booked");
}

#[tokio::test]
async fn what_somebody_else_decided_is_told_and_nothing_is_sent() {
    let desk = world::empty().await;
    let anna = world::anna();
    let job = send(&desk, &anna, brief("Game Night", 9_000)).await;
    desk.pass(chrono::Duration::minutes(5)).await;
    let mut person = Person::sits_down(&desk, anna).await;
    person.presses("r").await;
    person.rests().await;
    person.presses("A").await;
    person.rests().await;
    person.types("Game Night").await;
    // Meanwhile somebody decides for none of it.
    let none = ApproveJob {
        job_id: job,
        approved_product_ids: Some(Vec::new()),
        expected_revision: None,
        despite_warnings: false,
    };
    let other = caller("acme", Role::Approver);
    desk.core.ask(&other, none).await.expect("decided");
    person.presses("enter").await;
    person.sees("While you looked at this:");
    person.sees("bookings.completed  nothing was approved");
    person.rests().await;
    person.presses("enter").await;
    person.sees("the job has changed since you looked");
    person.presses("esc").await;
    person.rests().await;
    assert_eq!(read(&desk, job).await.booked().lines, 0);
    person.presses("A").await;
    person.sees_no("approve and book");
}

#[tokio::test]
async fn several_jobs_are_reviewed_in_one_go() {
    let desk = world::empty().await;
    let anna = world::anna();
    let mut jobs = Vec::new();
    for name in ["One", "Two", "Three"] {
        jobs.push(send(&desk, &anna, brief(name, 4_000)).await);
    }
    desk.pass(chrono::Duration::minutes(5)).await;
    let mut person = Person::sits_down(&desk, anna).await;
    person.resizes(160, 50);
    person.presses("a r").await;
    person.rests().await;
    person.sees("of 3");
    person.presses("n n").await;
    person.rests().await;
    person.presses("A").await;
    person.rests().await;
    person.sees("Type 3 jobs to agree");
    person.types("3 jobs").await;
    person.presses("enter enter").await;
    person.rests().await;
    assert_eq!(person.orders, 3);
    for job in jobs {
        assert!(read(&desk, job).await.booked().lines > 0);
    }
}
