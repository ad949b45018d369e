//! What time does to lines: holds run out, flights begin and end, and old counts go.

use chrono::Duration;
use flightdeck::{
    domain::opendirect::booking_status::LineBookingStatus, engine::seller::lines::act::BuyerAction,
};

use crate::{
    desk::Desk,
    market::{NOON, act, buyer, draft, free, line, look, order, product, put},
};

#[tokio::test]
async fn a_hold_that_runs_out_gives_its_days_back() {
    for desk in Desk::each("a_hold_that_runs_out_gives_its_days_back", NOON).await {
        put(&desk.core, product()).await;
        let order = order(&desk.core, &buyer(), 66).await;
        let wanted = draft(3_000, "2026-07-01", "2026-07-03");
        let first = line(&desk.core, &buyer(), order, wanted.clone()).await;
        let second = line(&desk.core, &buyer(), order, wanted).await;
        let held = act(&desk.core, &buyer(), first, BuyerAction::Reserve).await;
        assert_eq!(held.expect("held").hold.values().sum::<u64>(), 3_000);
        let none = act(&desk.core, &buyer(), second, BuyerAction::Reserve).await;
        assert_eq!(none.expect_err("nothing is left").code, "OUT_OF_INVENTORY");
        desk.pass(Duration::minutes(59)).await;
        assert_eq!(
            look(&desk.core, first).await.status,
            LineBookingStatus::Reserved
        );
        assert_eq!(free(&desk, "2026-07-02").await, 0);
        desk.pass(Duration::minutes(1)).await;
        let expired = look(&desk.core, first).await;
        assert_eq!(expired.status, LineBookingStatus::Expired);
        assert!(expired.hold.is_empty(), "it holds nothing any more");
        assert_eq!(free(&desk, "2026-07-02").await, 1_000);
        // The days are free again, and so is the order's budget.
        let held = act(&desk.core, &buyer(), second, BuyerAction::Reserve).await;
        held.expect("the days are free again");
    }
}

#[tokio::test]
async fn a_booked_line_begins_and_ends_with_its_flight() {
    for desk in Desk::each("a_booked_line_begins_and_ends_with_its_flight", NOON).await {
        put(&desk.core, product()).await;
        let order = order(&desk.core, &buyer(), 1_000).await;
        let wanted = draft(2_000, "2026-07-01", "2026-07-02");
        let id = line(&desk.core, &buyer(), order, wanted).await;
        for action in [BuyerAction::Reserve, BuyerAction::Book] {
            act(&desk.core, &buyer(), id, action).await.expect("fine");
        }
        // The hold's own time comes and finds it booked.
        desk.pass(Duration::hours(1)).await;
        assert_eq!(look(&desk.core, id).await.status, LineBookingStatus::Booked);
        desk.pass(Duration::days(20) + Duration::hours(11)).await;
        let running = look(&desk.core, id).await;
        assert_eq!(running.status, LineBookingStatus::InFlight);
        assert_eq!(
            free(&desk, "2026-07-02").await,
            0,
            "it still holds its days"
        );
        desk.pass(Duration::days(2)).await;
        let over = look(&desk.core, id).await;
        assert_eq!(over.status, LineBookingStatus::Finished);
        let at: Vec<String> = over
            .history
            .iter()
            .rev()
            .take(2)
            .map(|step| step.at.to_string())
            .collect();
        assert_eq!(at, ["2026-07-03 00:00:00 UTC", "2026-07-01 00:00:00 UTC"]);
    }
}

#[tokio::test]
async fn a_line_that_is_called_off_in_flight_gives_back_the_days_to_come() {
    for desk in Desk::each("a_line_that_is_called_off_in_flight", NOON).await {
        put(&desk.core, product()).await;
        let order = order(&desk.core, &buyer(), 1_000).await;
        let wanted = draft(10_000, "2026-07-01", "2026-07-10");
        let id = line(&desk.core, &buyer(), order, wanted).await;
        for action in [BuyerAction::Reserve, BuyerAction::Book] {
            act(&desk.core, &buyer(), id, action).await.expect("fine");
        }
        // Eight days in, what was taken of the first days has been swept up.
        desk.pass(Duration::days(28)).await;
        let off = act(&desk.core, &buyer(), id, BuyerAction::Cancel).await;
        assert_eq!(off.expect("off").status, LineBookingStatus::Cancelled);
        assert_eq!(free(&desk, "2026-07-09").await, 1_000);
    }
}
