//! Lines at sellers somewhere else: booked once whatever becomes of an answer, told as booked only
//! once that was read back, and kept as unclear where nobody can find out.

use flightdeck::domain::{
    booking::{job::JobStatus, status::ExecutionStatus},
    opendirect::booking_status::LineBookingStatus,
};
use serde_json::json;

use crate::{
    sellers_fake::{KEY, Mood},
    sellers_ground::{Ground, cents, line},
};

#[tokio::test]
async fn an_approval_books_at_each_seller_and_the_totals_are_exact() {
    for ground in Ground::each("an_approval_books_at_each_seller").await {
        let job_id = ground.brief(json!({})).await;
        let job = ground
            .approve(job_id, &["embedded", "north", "south"])
            .await;
        assert_eq!(job.status, JobStatus::Completed, "{:?}", job.errors);
        let booked = job.booked();
        assert_eq!(booked.lines, 3);
        assert_eq!((ground.north.booked(), ground.south.booked()), (1, 1));
        // Theirs are counted in what they hold, ours in what it costs.
        let own = line(&job, "embedded").cost.to_string().replace('.', "");
        let theirs = ground.north.cents() + ground.south.cents();
        let own: i64 = own.parse().expect("cents");
        assert_eq!(cents(booked.cost) - own, theirs);
        assert_eq!(ground.committed().await, booked.cost.amount().to_string());
        let world = ground.north.world();
        let order = world.orders.values().next().expect("an order");
        assert_eq!((world.orders.len(), world.lines.len()), (1, 1));
        assert_eq!(
            line(&job, "north").order_id.as_deref(),
            order["id"].as_str()
        );
        assert_eq!(order["currency"], "USD");
        let sent = world.lines.values().next().expect("a line");
        assert_eq!(sent["productid"], "prime", "their own id");
        assert_eq!(sent["startdate"], "2026-07-01T00:00:00Z");
        let south = line(&job, "south");
        assert_eq!(south.line_id.as_deref(), Some("DEMO-1"));
        let note = job.notes.iter().find(|note| note.contains("DEMO-1"));
        let note = note.expect("a note");
        assert!(
            note.contains("called proposed") && note.contains("it costs "),
            "{note}"
        );
        assert_eq!((world.keyless, ground.south.world().keyless), (0, 0));
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_nothing_is_booked_twice() {
    for part in [
        "POST /api/v2.1/accounts/acc-1/orders?",
        "POST /api/v2.1/accounts/acc-1/orders/ord-1/lines?",
        "action=reserve",
        "action=book",
    ] {
        for mood in [
            Mood::DoneThenCut,
            Mood::DoneThenSilent,
            Mood::Cut,
            Mood::Html(502),
        ] {
            let ground = Ground::open().await;
            let job_id = ground.brief(json!({})).await;
            ground.north.mood(part, mood.clone());
            ground.approve(job_id, &["north", "south"]).await;
            for _ in 0..3 {
                ground.pass(5).await;
            }
            let job = ground.job(job_id).await;
            assert_eq!(ground.north.world().fired.len(), 1, "{part} {mood:?}");
            assert_eq!(
                job.status,
                JobStatus::Completed,
                "{part} {mood:?}: {:?}",
                job.errors
            );
            assert_eq!(job.booked().lines, 2, "{part} {mood:?}");
            assert_eq!(ground.north.booked(), 1, "{part} {mood:?}");
            let world = ground.north.world();
            let made = (world.orders.len(), world.lines.len(), world.made);
            assert_eq!(made, (1, 1, 2), "{part} {mood:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_deal_is_found_by_its_quote_and_booked_once() {
    for part in ["POST /api/v1/quotes", "POST /api/v1/deals"] {
        for mood in [
            Mood::DoneThenCut,
            Mood::DoneThenSilent,
            Mood::Cut,
            Mood::Html(502),
        ] {
            let ground = Ground::open().await;
            let job_id = ground.brief(json!({})).await;
            ground.south.mood(part, mood.clone());
            ground.approve(job_id, &["north", "south"]).await;
            for _ in 0..3 {
                ground.pass(5).await;
            }
            let job = ground.job(job_id).await;
            assert_eq!(ground.south.world().fired.len(), 1, "{part} {mood:?}");
            assert_eq!(job.booked().lines, 2, "{part} {mood:?}: {:?}", job.errors);
            assert_eq!(ground.south.booked(), 1, "{part} {mood:?}");
            assert_eq!(ground.south.world().deals.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_clash_with_what_was_asked_before_is_waited_out() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    let clash = json!({"detail": {"error": "in_progress", "message": "it is being booked"}});
    for mood in [Mood::Cut, Mood::Json(409, clash)] {
        ground.north.mood("action=book", mood.clone());
        ground.south.mood("POST /api/v1/deals", mood);
    }
    ground.approve(job_id, &["north", "south"]).await;
    for _ in 0..4 {
        ground.pass(5).await;
    }
    let job = ground.job(job_id).await;
    let fired = (
        ground.north.fired("Json(409"),
        ground.south.fired("Json(409"),
    );
    assert_eq!(fired, (1, 1));
    assert_eq!(job.booked().lines, 2, "{:?}", job.errors);
    assert_eq!((ground.north.booked(), ground.south.booked()), (1, 1));
}

#[tokio::test]
async fn a_process_that_died_before_it_heard_looks_before_it_asks() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    // Booked, the answer lost, and nobody to ask for what became of it.
    ground.south.mood("POST /api/v1/deals", Mood::DoneThenCut);
    ground.south.mood("GET /api/v1/quotes", Mood::Html(500));
    let job = ground.approve(job_id, &["north", "south"]).await;
    assert_eq!(job.execution_status, ExecutionStatus::ExecutingBookings);
    assert_eq!(
        line(&job, "north").booking_status,
        LineBookingStatus::Booked
    );
    assert!(
        line(&job, "south").booked_at.is_none(),
        "nobody has seen it"
    );
    let ground = ground.started_again("2026-06-01T12:01:00Z").await;
    ground.pass(5).await;
    let job = ground.job(job_id).await;
    assert_eq!(ground.south.world().fired.len(), 2);
    assert_eq!((job.status, job.booked().lines), (JobStatus::Completed, 2));
    assert_eq!(ground.south.booked(), 1, "it was asked once");
}

#[tokio::test]
async fn success_without_effect_is_not_told_as_success() {
    for (part, said) in [
        (
            "action=reserve",
            "answered that the line is reserved, and it is Draft",
        ),
        (
            "action=book",
            "answered that the line is booked, and it is Reserved",
        ),
    ] {
        let ground = Ground::open().await;
        let job_id = ground.brief(json!({})).await;
        for _ in 0..40 {
            ground.north.mood(part, Mood::WithoutEffect);
        }
        let job = ground.approve(job_id, &["north", "south"]).await;
        assert_eq!(job.booked().lines, 1, "the other's is booked at once");
        ground.tried_to_the_end().await;
        let job = ground.job(job_id).await;
        assert!(ground.north.fired("WithoutEffect") > 3);
        assert_eq!(ground.north.booked(), 0);
        let why = line(&job, "north").error.clone().expect("a reason");
        assert!(why.contains(said), "{why}");
        assert_eq!(job.status, JobStatus::Completed);
        assert_eq!(
            ground.committed().await,
            job.booked().cost.amount().to_string()
        );
        let world = ground.north.world();
        let line = world.lines.values().next().expect("a line");
        assert!(
            line["bookingstatus"] != "Reserved",
            "what it held was given back"
        );
    }
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.south.mood("POST /api/v1/deals", Mood::WithoutEffect);
    let job = ground.approve(job_id, &["north", "south"]).await;
    assert_eq!(
        (ground.south.fired("WithoutEffect"), job.booked().lines),
        (1, 1)
    );
    ground.pass(5).await;
    let job = ground.job(job_id).await;
    assert_eq!(
        (job.booked().lines, ground.south.booked()),
        (2, 1),
        "seen open, asked again"
    );
}

#[tokio::test]
async fn what_cannot_be_found_out_is_kept_as_unclear_with_its_money() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.north.mood("action=book", Mood::DoneThenForgotten);
    ground.approve(job_id, &["north", "south"]).await;
    ground.tried_to_the_end().await;
    assert_eq!(
        (
            ground.north.fired("DoneThenForgotten"),
            ground.north.booked()
        ),
        (1, 1)
    );
    let job = ground.job(job_id).await;
    assert_eq!(job.status, JobStatus::Completed);
    let north = line(&job, "north");
    assert_eq!(north.booking_status, LineBookingStatus::PendingBooking);
    let unclear = north.unclear.clone().expect("unclear");
    assert!(unclear.contains("with our reference fd-"), "{unclear}");
    assert!(
        unclear.contains("does not know the line any more"),
        "{unclear}"
    );
    let errors = job.errors.clone().expect("errors");
    let doubt = errors
        .iter()
        .find(|one| one.contains("may have been booked at north"));
    assert!(doubt.is_some(), "{errors:?}");
    assert_eq!(job.booked().lines, 1, "it does not count as booked");
    let south = job.booked().cost.amount();
    let committed = ground.committed().await;
    assert_ne!(committed, south.to_string(), "its money stays committed");
    let events = ground.events(job_id).await;
    assert!(
        events
            .iter()
            .any(|(name, _)| name == "bookings.line_unclear")
    );
    assert!(!format!("{job:?}{events:?}").contains(KEY));
}

#[tokio::test]
async fn a_seller_that_forgot_before_it_was_asked_has_booked_nothing() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.north.mood(
        "GET /api/v2.1/accounts/acc-1/orders/ord-1/lines/lin-2?",
        Mood::Json(200, json!({"id": "lin-2", "bookingstatus": "Reserved"})),
    );
    ground.north.mood(
        "GET /api/v2.1/accounts/acc-1/orders/ord-1/lines/lin-2?",
        Mood::Restarted,
    );
    ground.south.mood("POST /api/v1/deals", Mood::Restarted);
    let job = ground.approve(job_id, &["north", "south"]).await;
    assert_eq!(
        (
            ground.north.fired("Restarted"),
            ground.south.fired("Restarted")
        ),
        (1, 1)
    );
    assert_eq!(job.status, JobStatus::Failed);
    for seller in ["north", "south"] {
        let why = line(&job, seller).error.clone().expect("a reason");
        assert!(why.contains("nothing was booked"), "{why}");
    }
    assert_eq!(ground.committed().await, "0.00");
    assert_eq!((ground.north.booked(), ground.south.booked()), (0, 0));
}

#[tokio::test]
async fn a_price_that_has_risen_is_not_paid() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.south.world().asked_percent = 110;
    let job = ground.approve(job_id, &["north", "south"]).await;
    let why = line(&job, "south").error.clone().expect("a reason");
    assert!(
        why.contains("22.00 USD per thousand, not 20.00 USD"),
        "{why}"
    );
    assert_eq!((ground.south.booked(), job.booked().lines), (0, 1));
    assert_eq!(
        ground.committed().await,
        job.booked().cost.amount().to_string()
    );
}

#[tokio::test]
async fn an_order_that_its_publisher_has_to_approve_is_waited_for() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    ground.north.world().order_state = "PENDING";
    let job = ground.approve(job_id, &["north", "south"]).await;
    assert_eq!(job.booked().lines, 1, "the other's is booked meanwhile");
    assert_eq!(
        line(&job, "north").booking_status,
        LineBookingStatus::Reserved
    );
    ground.pass(31).await;
    assert_eq!(ground.north.booked(), 0);
    for order in ground.north.world().orders.values_mut() {
        order["orderstatus"] = json!("APPROVED");
    }
    ground.pass(31).await;
    let job = ground.job(job_id).await;
    assert_eq!((job.booked().lines, ground.north.booked()), (2, 1));
}

#[tokio::test]
async fn what_a_seller_may_hold_unheard_is_given_back_when_it_is_given_up() {
    let ground = Ground::open().await;
    let job_id = ground.brief(json!({})).await;
    // It holds the line, and nobody hears so, however often it is asked.
    ground.north.mood("action=reserve", Mood::DoneThenCut);
    ground.north.mood("/lines/lin-2?", Mood::Html(500));
    ground.approve(job_id, &["north", "south"]).await;
    for _ in 0..16 {
        let orders = "GET /api/v2.1/accounts/acc-1/orders?";
        if ground.north.world().moods.is_empty() {
            ground.north.mood(orders, Mood::Html(500));
        }
        ground.pass(70).await;
    }
    assert_eq!(ground.north.fired("DoneThenCut"), 1);
    assert!(ground.north.fired("Html") > 6);
    let job = ground.job(job_id).await;
    let why = line(&job, "north").error.clone().expect("a reason");
    assert!(why.contains("500 with a web page"), "{why}");
    let held = {
        let world = ground.north.world();
        let line = world.lines.values().next().expect("a line");
        (line["bookingstatus"].clone(), world.booked)
    };
    assert_eq!(held, (json!("Canceled"), 0), "found by its reference");
    assert_eq!(
        ground.committed().await,
        job.booked().cost.amount().to_string()
    );
}
