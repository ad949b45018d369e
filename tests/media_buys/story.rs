//! From an order to the end of its flight, with its order and its lines beside it.

use chrono::Duration;
use flightdeck::{
    domain::{media_buy::status::BuyStatus, opendirect::booking_status::LineBookingStatus as Line},
    engine::media_buys::decide::Say,
};
use serde_json::json;

use crate::{
    desk::Desk,
    market::{NOON, act, admin, but, buyer, change, free, line, look, order, say, stock, wanted},
};

#[tokio::test]
async fn what_nobody_has_to_agree_to_runs_from_its_first_day_to_its_last() {
    for desk in Desk::each("what_nobody_has_to_agree_to", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let ordered = order(&desk, &acme, wanted(&["open"]))
            .await
            .expect("ordered");
        let view = &ordered.buy;
        let id = &view.buy.id;
        assert!(ordered.approval.is_none());
        assert_eq!(view.buy.status, BuyStatus::PendingStart);
        assert_eq!(view.total.to_string(), "10,000.00 USD");
        assert_eq!(view.buy.packages[0].quantity, 500_000);
        assert_eq!(line(&desk, view, 0).await.status, Line::Booked);
        desk.pass(Duration::days(21)).await;
        let view = look(&desk, &acme, id).await.expect("there");
        assert_eq!(view.buy.status, BuyStatus::Active);
        assert_eq!(line(&desk, &view, 0).await.status, Line::InFlight);
        desk.pass(Duration::days(40)).await;
        let view = look(&desk, &acme, id).await.expect("there");
        assert_eq!(view.buy.status, BuyStatus::Completed);
        assert_eq!(line(&desk, &view, 0).await.status, Line::Finished);
        assert!(view.valid_actions.is_empty());
        let done: Vec<_> = view.buy.history.iter().map(|one| one.done.name()).collect();
        assert_eq!(done, ["created", "activated", "activated", "completed"]);
    }
}

#[tokio::test]
async fn what_is_promised_waits_and_moves_whole() {
    for desk in Desk::each("what_is_promised_waits", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let asked = order(&desk, &acme, wanted(&["standard", "open"]))
            .await
            .expect("asked");
        let id = asked.buy.buy.id.clone();
        assert_eq!(asked.buy.buy.status, BuyStatus::AwaitingApproval);
        assert_eq!(
            asked.approval.expect("a question").amount.to_string(),
            "20,000.00 USD"
        );
        let before = look(&desk, &acme, &id).await.expect("there");
        assert_eq!(line(&desk, &before, 0).await.status, Line::Draft);
        assert_eq!(free(&desk, "standard", "2026-07-05").await, 100_000);
        let agreed = say(&desk, &id, Say::Approve, None).await.expect("agreed");
        assert_eq!(agreed.buy.status, BuyStatus::PendingStart);
        assert_eq!(line(&desk, &agreed, 0).await.status, Line::Booked);
        assert_eq!(line(&desk, &agreed, 1).await.status, Line::Booked);
        assert!(free(&desk, "standard", "2026-07-05").await < 100_000);
        let again = say(&desk, &id, Say::Approve, None).await.expect("no news");
        assert_eq!(again.buy.revision, agreed.buy.revision);
        let no = say(&desk, &id, Say::Reject, Some("late"))
            .await
            .expect_err("decided");
        assert!(
            no.message.contains("it is approved and admin decided so"),
            "{no:?}"
        );
    }
}

#[tokio::test]
async fn a_rejected_order_gives_everything_back() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let asked = order(&desk, &buyer("acme"), wanted(&["sponsor"]))
        .await
        .expect("asked");
    let id = asked.buy.buy.id.clone();
    let no = say(&desk, &id, Say::Reject, None).await.expect_err("why?");
    assert_eq!(no.problems[0].field, "reason");
    let view = say(&desk, &id, Say::Reject, Some("not this brand"))
        .await
        .expect("no");
    assert_eq!(view.buy.status, BuyStatus::Rejected);
    assert_eq!(view.buy.rejection.as_deref(), Some("not this brand"));
    assert_eq!(line(&desk, &view, 0).await.status, Line::Cancelled);
    let no = act(&desk, &admin(), &id, json!({"action": "approve_order"})).await;
    assert!(
        no.expect_err("over")
            .message
            .starts_with("Order status is 'DISAPPROVED'")
    );
}

#[tokio::test]
async fn a_change_moves_money_units_dates_and_what_is_held() {
    for desk in Desk::each("a_change_moves_money", NOON).await {
        stock(&desk).await;
        let acme = buyer("acme");
        let asked = order(&desk, &acme, wanted(&["standard"]))
            .await
            .expect("asked");
        let id = asked.buy.buy.id.clone();
        let package = asked.buy.buy.packages[0].id.clone();
        say(&desk, &id, Say::Approve, None).await.expect("agreed");
        let held = 100_000 - free(&desk, "standard", "2026-07-05").await;
        let less = json!({"packages": [{"package_id": package, "budget": 5_000}]});
        let view = change(&desk, &acme, &id, less).await.expect("less").buy;
        assert_eq!(view.total.to_string(), "5,000.00 USD");
        assert_eq!(view.buy.packages[0].quantity, 250_000);
        assert_eq!(line(&desk, &view, 0).await.quantity, 250_000);
        let now = 100_000 - free(&desk, "standard", "2026-07-05").await;
        assert!(now < held && now > 0, "{now} of {held}");
        let short = json!({"end_time": "2026-07-11T00:00:00Z"});
        let view = change(&desk, &acme, &id, short).await.expect("shorter").buy;
        assert_eq!(line(&desk, &view, 0).await.flight.length(), 10);
        assert_eq!(free(&desk, "standard", "2026-07-20").await, 100_000);
        assert_eq!(free(&desk, "standard", "2026-07-05").await, 75_000);
        let off = json!({"canceled": true, "cancellation_reason": "no budget"});
        let view = change(&desk, &acme, &id, off).await.expect("off").buy;
        assert_eq!(view.buy.status, BuyStatus::Canceled);
        assert_eq!(free(&desk, "standard", "2026-07-05").await, 100_000);
        let no = change(&desk, &acme, &id, json!({"canceled": true})).await;
        assert_eq!(no.expect_err("over").code, "NOT_CANCELLABLE");
        let no = change(&desk, &acme, &id, json!({"paused": true})).await;
        assert_eq!(no.expect_err("over").code, "INVALID_STATE");
    }
}

#[tokio::test]
async fn a_pause_stops_the_lines_and_a_package_can_stay_stopped() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let view = order(&desk, &acme, wanted(&["open", "open"]))
        .await
        .expect("ordered")
        .buy;
    let (id, second) = (view.buy.id.clone(), view.buy.packages[1].id.clone());
    desk.pass(Duration::days(25)).await;
    let stop = json!({"action": "pause_package", "package_id": second});
    act(&desk, &acme, &id, stop).await.expect("stopped");
    let status = async |n| {
        let view = look(&desk, &acme, &id).await.expect("there");
        line(&desk, &view, n).await.status
    };
    assert_eq!(
        (status(0).await, status(1).await),
        (Line::InFlight, Line::Stopped)
    );
    let pause = json!({"action": "pause_media_buy", "reason": "wrong spot"});
    let paused = act(&desk, &acme, &id, pause).await.expect("paused").buy;
    assert_eq!(paused.buy.status, BuyStatus::Paused);
    assert_eq!(
        (status(0).await, status(1).await),
        (Line::Stopped, Line::Stopped)
    );
    let resume = json!({"action": "resume_media_buy"});
    let going = act(&desk, &acme, &id, resume.clone())
        .await
        .expect("resumed")
        .buy;
    assert_eq!(going.buy.status, BuyStatus::Active);
    assert_eq!(
        (status(0).await, status(1).await),
        (Line::InFlight, Line::Stopped)
    );
    let no = act(&desk, &acme, &id, resume).await.expect_err("runs");
    assert_eq!(no.code, "INVALID_STATE");
}

#[tokio::test]
async fn without_creatives_it_does_not_begin_and_with_them_it_does() {
    let desk = Desk::sqlite(NOON).await;
    stock(&desk).await;
    let acme = buyer("acme");
    let mut bare = wanted(&["open"]);
    bare["packages"][0]["creative_assignments"] = json!([]);
    let bare = but(bare, json!({"start_time": "asap"}));
    let view = order(&desk, &acme, bare).await.expect("ordered").buy;
    assert_eq!(view.buy.status, BuyStatus::PendingCreatives);
    let (id, package) = (view.buy.id.clone(), view.buy.packages[0].id.clone());
    let shows = json!({"packages": [{
        "package_id": package, "creative_assignments": [{"creative_id": "spot"}],
    }]});
    let view = change(&desk, &acme, &id, shows).await.expect("shows").buy;
    assert_eq!(view.buy.status, BuyStatus::Active);
}
