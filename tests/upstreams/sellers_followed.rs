//! What becomes of a line at a seller somewhere else after it was booked: changed, called off, gone,
//! or nobody can look. Each is seen, told once, and put right when it is as it was again.

use flightdeck::{
    domain::{booking::job::JobStatus, opendirect::booking_status::LineBookingStatus},
    engine::bookings::{
        looked::{GetLinesAge, LineThere},
        rows::ListRows,
        view::JobView,
    },
};
use serde_json::{Value, json};

use crate::{
    ground::admin,
    person::Person,
    sellers_fake::{Fake, Mood},
    sellers_ground::{Ground, line},
};

/// So long until a line is looked at again.
const LOOK: i64 = 301;

fn there(job: &JobView, seller: &str) -> LineThere {
    line(job, seller).there.clone().expect("looked at")
}

/// Changes the only line there.
fn set(fake: &Fake, name: &str, value: Value) {
    let mut world = fake.world();
    let line = world.lines.values_mut().next().expect("a line");
    line[name] = value;
}

async fn booked(ground: &Ground) -> flightdeck::domain::ids::JobId {
    let job_id = ground.brief(json!({})).await;
    let job = ground.approve(job_id, &["north", "south"]).await;
    assert_eq!(job.booked().lines, 2, "{:?}", job.errors);
    job_id
}

async fn told(ground: &Ground, job_id: flightdeck::domain::ids::JobId, name: &str) -> Vec<String> {
    let events = ground.events(job_id).await.into_iter();
    let own = events.filter(|(event, _)| event == name);
    own.map(|(_, detail)| detail).collect()
}

#[tokio::test]
async fn a_line_that_is_called_off_there_is_told_and_its_money_comes_back() {
    for ground in Ground::each("a_line_that_is_called_off_there").await {
        let job_id = booked(&ground).await;
        let whole = ground.committed().await;
        ground.pass(LOOK).await;
        let job = ground.job(job_id).await;
        let known = there(&job, "north");
        assert_eq!((&*known.status, known.remarks.len()), ("Booked", 0));
        // The reference agent never calls a deal anything but proposed: that is no difference.
        assert_eq!(there(&job, "south").status, "proposed");
        assert!(there(&job, "south").remarks.is_empty());

        set(&ground.north, "bookingstatus", json!("Canceled"));
        ground.pass(LOOK).await;
        let job = ground.job(job_id).await;
        assert_eq!(job.status, JobStatus::Completed);
        let north = line(&job, "north");
        assert_eq!(north.booking_status, LineBookingStatus::Cancelled);
        let said = &there(&job, "north").remarks[0];
        assert!(
            said.starts_with("north shows it as Canceled since 2026-06-01 12:10 UTC: its money"),
            "{said}"
        );
        let left = job.booked();
        assert_eq!(
            (left.lines, left.cost.amount().to_string()),
            (1, ground.committed().await)
        );
        let rows = ground.ask(ListRows::default()).await.rows;
        assert_eq!(
            rows[0].upstream.as_deref(),
            Some("1 line changed at its seller")
        );
        assert_eq!(
            told(&ground, job_id, "bookings.line_cancelled").await.len(),
            1
        );

        ground.pass(LOOK).await;
        assert_eq!(
            told(&ground, job_id, "bookings.line_cancelled").await.len(),
            1
        );
        set(&ground.north, "bookingstatus", json!("Booked"));
        ground.pass(LOOK).await;
        let job = ground.job(job_id).await;
        assert_eq!((job.booked().lines, ground.committed().await), (2, whole));
        assert!(there(&job, "north").remarks.is_empty());
        assert_eq!(told(&ground, job_id, "bookings.line_agrees").await.len(), 1);
        assert_eq!(ground.north.booked(), 1, "nothing was sent there");
    }
}

#[tokio::test]
async fn what_is_changed_there_is_shown_beside_what_was_booked() {
    let ground = Ground::open().await;
    let job_id = booked(&ground).await;
    let whole = ground.committed().await;
    set(&ground.north, "qty", json!(1_000));
    set(&ground.north, "bookingstatus", json!("InFlight"));
    {
        let mut world = ground.south.world();
        let deal = world.deals.values_mut().next().expect("a deal");
        deal["pricing"]["final_cpm"]["amount_micros"] = json!(25_000_000);
    }
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    let north = there(&job, "north");
    assert!(
        north.differs[0].starts_with("it is for 1000 impressions, not "),
        "{north:?}"
    );
    assert_eq!(
        line(&job, "north").booking_status,
        LineBookingStatus::InFlight
    );
    let south = there(&job, "south");
    assert!(
        south
            .differs
            .iter()
            .any(|one| one.starts_with("the price is 25.00 USD per thousand")),
        "{south:?}"
    );
    assert_eq!(
        ground.committed().await,
        whole,
        "what was booked stays booked"
    );
    set(&ground.north, "bookingstatus", json!("Reserved"));
    ground.pass(LOOK).await;
    let north = there(&ground.job(job_id).await, "north");
    assert_eq!(north.differs[0], "it is Reserved there, and not booked");
    ground
        .south
        .world()
        .deals
        .values_mut()
        .for_each(|deal| deal["status"] = json!("rejected"));
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    assert!(there(&job, "south").off_since.is_some());
    let rows = ground.ask(ListRows::default()).await.rows;
    assert_eq!(
        rows[0].upstream.as_deref(),
        Some("2 lines changed at their sellers")
    );
}

#[tokio::test]
async fn a_line_that_is_not_shown_is_missed_for_a_while_before_that_is_told() {
    let ground = Ground::open().await;
    let job_id = booked(&ground).await;
    let kept = std::mem::take(&mut ground.north.world().lines);
    ground.pass(LOOK).await;
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    assert!(
        line(&job, "north").there.is_none(),
        "two answers prove nothing"
    );
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    let said = &there(&job, "north").remarks[0];
    assert!(
        said.starts_with("north does not show it since 2026-06-01 12:05"),
        "{said}"
    );
    assert!(line(&job, "north").booked_at.is_some(), "it is kept");
    ground.north.world().lines = kept;
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    assert!(there(&job, "north").remarks.is_empty());
    assert_eq!(
        told(&ground, job_id, "bookings.line_missing").await.len(),
        1
    );
}

#[tokio::test]
async fn a_seller_that_cannot_be_asked_is_told_with_since_when_and_what_was_seen_stays() {
    let ground = Ground::open().await;
    let job_id = booked(&ground).await;
    ground.pass(LOOK).await;
    let age = ground.ask(GetLinesAge { job_id }).await;
    assert_eq!(age.age_seconds, Some(0));
    let moods = [Mood::Silent, Mood::Cut, Mood::Html(502), Mood::Half];
    for mood in moods {
        ground
            .north
            .mood("GET /api/v2.1/accounts/acc-1/orders/", mood);
    }
    // It is asked less and less often.
    for _ in 0..4 {
        ground.pass(4 * LOOK).await;
    }
    assert_eq!(ground.north.world().fired.len(), 4);
    let job = ground.job(job_id).await;
    let said = there(&job, "north");
    assert!(
        said.remarks[0].starts_with("it could not be looked at since 2026-06-01 12:2"),
        "{said:?}"
    );
    assert_eq!(said.status, "Booked", "what was seen last stays");
    assert!(there(&job, "south").remarks.is_empty());
    let age = ground.ask(GetLinesAge { job_id }).await;
    assert!(
        age.age_seconds.is_some_and(|age| age >= 4 * 4 * LOOK),
        "{age:?}"
    );
    ground.pass(3_700).await;
    let job = ground.job(job_id).await;
    assert!(there(&job, "north").remarks.is_empty());
}

#[tokio::test]
async fn another_process_goes_on_looking_until_the_flight_is_over() {
    let ground = Ground::open().await;
    let job_id = booked(&ground).await;
    let ground = ground.started_again("2026-06-01T12:30:00Z").await;
    ground.pass(1).await;
    assert_eq!(there(&ground.job(job_id).await, "north").status, "Booked");
    let ground = ground.started_again("2026-07-20T12:00:00Z").await;
    set(&ground.north, "bookingstatus", json!("Canceled"));
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    let said = &there(&job, "north").remarks[0];
    assert!(said.contains("its money stays committed"), "{said}");
    let ground = ground.started_again("2026-08-05T12:00:00Z").await;
    ground.pass(LOOK).await;
    set(&ground.north, "bookingstatus", json!("Booked"));
    ground.pass(LOOK).await;
    let job = ground.job(job_id).await;
    assert_eq!(
        line(&job, "north").booking_status,
        LineBookingStatus::Cancelled,
        "it is over"
    );
}

#[tokio::test]
async fn a_line_of_which_nobody_knew_is_settled_once_it_is_shown() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.north.mood("action=book", Mood::DoneThenForgotten);
    ground.approve(job_id, &["north", "south"]).await;
    let kept = json!({"id": "lin-2", "bookingstatus": "Booked", "currency": "USD"});
    ground.tried_to_the_end().await;
    assert_eq!(ground.north.fired("DoneThenForgotten"), 1);
    assert!(line(&ground.job(job_id).await, "north").unclear.is_some());
    ground.north.world().lines.insert("lin-2".into(), kept);
    ground.pass(3_700).await;
    let job = ground.job(job_id).await;
    let north = line(&job, "north");
    assert_eq!(north.unclear, None);
    assert!(
        job.errors.is_none(),
        "nobody has to look any more: {:?}",
        job.errors
    );
    assert_eq!(north.booking_status, LineBookingStatus::Booked);
    assert_eq!((job.booked().lines, ground.north.booked()), (2, 1));
    assert_eq!(
        ground.committed().await,
        job.booked().cost.amount().to_string()
    );
}

#[tokio::test]
async fn the_console_shows_what_was_changed_there_and_how_old_that_is() {
    let ground = Ground::open().await;
    let job_id = booked(&ground).await;
    set(&ground.north, "bookingstatus", json!("Canceled"));
    ground.pass(LOOK).await;
    ground.pass(100).await;
    assert!(
        there(&ground.job(job_id).await, "north")
            .off_since
            .is_some()
    );
    let mut person = Person::sits_down(&ground.desk, admin()).await;
    person.resizes(220, 80);
    person.rests().await;
    person.sees("1 line changed");
    person.presses("enter").await;
    person.rests().await;
    person.sees("north shows it as Canceled since 2026-06-01 12:05 UTC");
    person.sees("proposed at south since");
    person.sees("Lines at sellers elsewhere were looked at 100 s ago.");
}
