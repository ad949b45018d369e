//! The seller inside as booking jobs see it: asked twice it does everything once.

use std::sync::Arc;

use chrono::Duration;
use flightdeck::{
    domain::{
        booking::{brief::CampaignBrief, job::JobStatus, lines::Placed, negotiation::SellerAnswer},
        ids::{JobId, TenantId},
        money::{Currency, Money},
        opendirect::{
            booking_status::LineBookingStatus,
            product::{DeliveryType, Product},
        },
        tenant::caller::Caller,
        when::{Flight, parse_day},
    },
    engine::{
        bookings::{budget::GetBudget, get::GetJob, submit::SubmitBrief, view::JobView},
        delivery::record::RecordReadings,
        seller::{
            embedded::Embedded,
            lines::act::BuyerAction,
            orders::change::ChangeOrder,
            place::line_id,
            products::stock::{demo, stock},
        },
    },
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
};
use serde_json::json;

use crate::{
    desk::Desk,
    market::{NOON, act, buyer, free, from, look, product, publisher, put},
};

fn tenant() -> TenantId {
    buyer().tenant
}

fn flight() -> Flight {
    let day = |text| parse_day(text).expect("a day");
    Flight::new(day("2026-07-01"), day("2026-07-04")).expect("a flight")
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn wanted(job: u128, impressions: u64) -> LineRequest {
    LineRequest {
        job: JobId::from(uuid::Uuid::from_u128(job)),
        campaign: "Summer".to_owned(),
        budget: usd(100_000),
        product: product().id,
        flight: flight(),
        impressions,
        cpm: usd(2_000),
        targeting: [("geo".to_owned(), vec!["US".to_owned()])].into(),
    }
}

async fn status(desk: &Desk, placed: &Placed) -> LineBookingStatus {
    let id = placed.line_id.parse().expect("an id of ours");
    look(&desk.core, id).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_asks_the_same_at_the_same_time_gets_the_same() {
    for desk in Desk::each("whoever_asks_the_same", NOON).await {
        put(&desk.core, product()).await;
        let (tenant, nodes) = (tenant(), [(); 4].map(|()| Embedded::new(desk.core.clone())));
        for round in 1..=40 {
            let asked = wanted(round, 10);
            let all = nodes.iter().map(|node| node.reserve(&tenant, &asked));
            let all = futures_util::future::join_all(all).await;
            let first = all[0].clone().expect("reserved");
            assert!(
                all.iter().all(|one| one.as_ref() == Ok(&first)),
                "{round}: {all:?}"
            );
        }
    }
}

#[tokio::test]
async fn reserve_book_and_release_twice_are_once() {
    for desk in Desk::each("reserve_book_and_release_twice_are_once", NOON).await {
        put(&desk.core, product()).await;
        // Another node, or the same one after a crash: nothing in memory is shared.
        let nodes = [(); 2].map(|()| Embedded::new(desk.core.clone()));
        let (one, other) = (&nodes[0], &nodes[1]);
        let asked = wanted(1, 2_000);
        let (tenant, asked) = (&tenant(), &asked);
        let (first, second) =
            tokio::join!(one.reserve(tenant, asked), other.reserve(tenant, asked));
        let placed = first.expect("reserved");
        assert_eq!(second.expect("the same"), placed);
        assert_eq!(free(&desk, "2026-07-01").await, 500, "held once");
        let booked = one.book(tenant, &placed).await.expect("booked");
        desk.pass(Duration::minutes(5)).await;
        assert_eq!(other.book(tenant, &placed).await, Ok(booked));
        assert_eq!(other.reserve(tenant, asked).await, Ok(placed.clone()));
        assert_eq!(status(&desk, &placed).await, LineBookingStatus::Booked);
        for node in [one, other] {
            node.release(tenant, &placed).await.expect("released");
        }
        assert_eq!(status(&desk, &placed).await, LineBookingStatus::Cancelled);
        assert_eq!(free(&desk, "2026-07-01").await, 1_000, "given back once");
        // After the answers are forgotten the state alone says what was done.
        desk.pass(Duration::days(8)).await;
        other
            .release(tenant, &placed)
            .await
            .expect("still released");
        assert_eq!(free(&desk, "2026-07-01").await, 1_000);
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_numbers() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let seller = Embedded::new(desk.core.clone());
    let no = seller.reserve(&tenant(), &wanted(1, 4_001)).await;
    let Err(SellerFault::Refused(why)) = no else {
        unreachable!("{no:?}")
    };
    assert_eq!(
        why,
        "Prime time: only 4,000 of 4,001 impressions are free from 2026-07-01 to 2026-07-04"
    );
    let cheap = LineRequest {
        cpm: usd(1_799),
        ..wanted(2, 100)
    };
    let no = seller.reserve(&tenant(), &cheap).await;
    assert!(matches!(no, Err(SellerFault::Refused(_))), "{no:?}");
    let strange = Placed {
        order_id: "x".to_owned(),
        line_id: "y".to_owned(),
    };
    let no = seller.book(&tenant(), &strange).await;
    assert!(matches!(no, Err(SellerFault::Refused(_))), "{no:?}");
}

#[tokio::test]
async fn an_undecided_order_may_yet_be_approved() {
    let desk = Desk::sqlite_with(NOON, |desk| desk.approve_orders = false).await;
    put(&desk.core, product()).await;
    let seller = Embedded::new(desk.core.clone());
    let placed = seller
        .reserve(&tenant(), &wanted(1, 100))
        .await
        .expect("held");
    let no = seller.book(&tenant(), &placed).await;
    assert!(matches!(no, Err(SellerFault::Undecided(_))), "{no:?}");
}

#[tokio::test]
async fn a_publisher_may_take_as_long_as_the_hold() {
    for decides in [true, false] {
        let desk = Desk::sqlite_with(NOON, |desk| desk.approve_orders = false).await;
        let job_id = booked(&desk).await;
        for _ in 0..29 {
            desk.pass(Duration::minutes(2)).await;
        }
        let job = seen(&desk, job_id).await;
        assert_eq!(job.status, JobStatus::Running, "{:?}", job.errors);
        let line = &job.booked_lines.as_ref().expect("lines")[0];
        if decides {
            let order = json!({"order_id": line.order_id, "decision": "approve"});
            let order = from::<ChangeOrder>(order);
            let changed = desk.core.ask(&publisher(), order).await;
            changed.expect("approved");
        }
        // Once its hold is over every look counts as a try.
        for _ in 0..if decides { 1 } else { 15 } {
            desk.pass(Duration::minutes(1)).await;
        }
        let job = seen(&desk, job_id).await;
        if decides {
            assert_eq!(job.status, JobStatus::Completed, "{:?}", job.errors);
            assert_eq!(committed(&desk).await, job.booked().cost);
        } else {
            assert_eq!(job.status, JobStatus::Failed, "{:?}", job.errors);
            assert_eq!(committed(&desk).await, usd(0));
        }
    }
}

#[tokio::test]
async fn a_line_that_cannot_be_held_is_not_left_behind_as_a_draft() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let seller = Embedded::new(desk.core.clone());
    let asked = wanted(1, 4_001);
    for _ in 0..2 {
        let no = seller.reserve(&tenant(), &asked).await;
        assert!(matches!(no, Err(SellerFault::Refused(_))), "{no:?}");
        let line = look(&desk.core, line_id(asked.job, &asked.product)).await;
        assert_eq!(line.status, LineBookingStatus::Cancelled);
    }
}

#[tokio::test]
async fn the_shelf_is_prepared_once_for_each_change() {
    let desk = Desk::sqlite(NOON).await;
    let seller = Embedded::new(desk.core.clone());
    assert!(seller.shelf(&tenant()).await.expect("empty").is_empty());
    put(&desk.core, product()).await;
    let first = seller.shelf(&tenant()).await.expect("one");
    let again = seller.shelf(&tenant()).await.expect("the same");
    assert_eq!(first.len(), 1);
    assert!(Arc::ptr_eq(&first, &again), "nothing has changed");
    let other: TenantId = "other".parse().expect("a tenant");
    assert!(seller.shelf(&other).await.expect("theirs").is_empty());
    let dearer = Product {
        base_price: usd(3_000),
        ..product()
    };
    put(&desk.core, dearer).await;
    let changed = seller.shelf(&tenant()).await.expect("changed");
    let price = changed.listing(0).map(|one| one.product.base_price);
    assert_eq!(price, Some(usd(3_000)));
}

#[tokio::test]
async fn what_is_taken_is_summed_over_the_flight() {
    for desk in Desk::each("what_is_taken_is_summed_over_the_flight", NOON).await {
        let exclusive = Product {
            id: "ctv-only".into(),
            delivery_type: DeliveryType::Exclusive,
            ..product()
        };
        put(&desk.core, product()).await;
        put(&desk.core, exclusive.clone()).await;
        let seller = Embedded::new(desk.core.clone());
        let none = seller.taken(&tenant(), flight()).await.expect("none");
        assert!(none.is_empty());
        let only = LineRequest {
            product: exclusive.id.clone(),
            ..wanted(1, 10)
        };
        for asked in [&wanted(1, 2_000), &wanted(2, 1_000), &only] {
            seller.reserve(&tenant(), asked).await.expect("held");
        }
        let taken = seller.taken(&tenant(), flight()).await.expect("some");
        assert_eq!(taken.get(&product().id), Some(&3_000));
        assert_eq!(taken.get(&exclusive.id), Some(&u64::MAX), "sold whole");
        let day = |text| parse_day(text).expect("a day");
        let half = Flight::new(day("2026-07-01"), day("2026-07-02")).expect("a flight");
        let taken = seller.taken(&tenant(), half).await.expect("some");
        assert_eq!(taken.get(&product().id), Some(&1_500));
    }
}

#[tokio::test]
async fn a_bid_is_answered_between_base_and_floor() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let seller = Embedded::new(desk.core.clone());
    let bid = |minor, round| Bid {
        product: product().id,
        cpm: usd(minor),
        round,
        rounds: 2,
    };
    let said = seller.answer(&tenant(), &bid(1_500, 1)).await;
    assert_eq!(said, Ok(SellerAnswer::Counter(usd(2_000))));
    let said = seller.answer(&tenant(), &bid(1_800, 2)).await;
    assert_eq!(said, Ok(SellerAnswer::Accept));
}

#[tokio::test]
async fn a_brief_is_booked_from_the_demonstration_catalogue() {
    for desk in Desk::each("a_brief_is_booked_from_the_demonstration_catalogue", NOON).await {
        let products = demo().expect("the catalogue");
        stock(&desk.core, &tenant(), products)
            .await
            .expect("stocked");
        let brief: CampaignBrief = from(json!({
            "name": "Q3 Awareness Push", "objectives": ["brand_awareness"], "budget": 25_000,
            "start_date": "2026-07-01", "end_date": "2026-09-30",
            "target_audience": {
                "demographics": {"age": "18-34"}, "interests": ["gaming", "technology"],
            },
            "kpis": {"target_cpm": 10},
        }));
        let submit = SubmitBrief {
            brief,
            auto_approve: true,
        };
        let job_id = desk.core.ask(&buyer(), submit).await.expect("sent").job_id;
        desk.runner.settle().await.expect("settled");
        let job = desk
            .core
            .ask(&buyer(), GetJob { job_id })
            .await
            .expect("there");
        assert_eq!(job.status, JobStatus::Completed, "{:?}", job.errors);
        let lines = job.booked_lines.expect("lines");
        assert!(lines.len() >= 4, "{lines:?}");
        assert!(lines.iter().all(|line| line.error.is_none()), "{lines:?}");
    }
}

/// A brief that is booked in advance with the demonstration catalogue.
async fn booked(desk: &Desk) -> JobId {
    let products = demo().expect("the catalogue");
    let stocked = stock(&desk.core, &tenant(), products).await;
    stocked.expect("stocked");
    let brief: CampaignBrief = from(json!({
        "name": "Summer", "objectives": ["reach"], "budget": 25_000,
        "start_date": "2026-07-01", "end_date": "2026-07-10", "target_audience": {},
    }));
    let submit = SubmitBrief {
        brief,
        auto_approve: true,
    };
    let job_id = desk.core.ask(&buyer(), submit).await.expect("sent").job_id;
    desk.runner.settle().await.expect("settled");
    job_id
}

async fn seen(desk: &Desk, job_id: JobId) -> JobView {
    let job = desk.core.ask(&buyer(), GetJob { job_id }).await;
    job.expect("a job")
}

/// What is committed of the tenant's budget.
async fn committed(desk: &Desk) -> Money {
    let budget = desk.core.ask(&buyer(), GetBudget::default()).await;
    let committed = budget.expect("a budget").committed;
    Money::from_amount(committed, Currency::USD).expect("dollars")
}

fn states(job: &JobView) -> Vec<LineBookingStatus> {
    let lines = job.booked_lines.iter().flatten();
    lines.map(|line| line.booking_status).collect()
}

#[tokio::test]
async fn a_line_that_is_called_off_gives_the_tenant_its_money_back() {
    for desk in Desk::each("a_line_that_is_called_off_gives_money_back", NOON).await {
        let job_id = booked(&desk).await;
        let before = seen(&desk, job_id).await;
        let whole = before.booked().cost;
        assert_eq!(committed(&desk).await, whole);
        let line = &before.booked_lines.as_ref().expect("lines")[0];
        let id = line.line_id.as_ref().expect("placed").parse();
        let id = id.expect("an id of ours");
        let cost = Money::from_amount(line.cost, Currency::USD).expect("dollars");
        for _ in 0..2 {
            // A second time there is nothing left to call off.
            drop(act(&desk.core, &buyer(), id, BuyerAction::Cancel).await);
            let left = whole.minus(cost).expect("less");
            assert_eq!(committed(&desk).await, left);
            let after = seen(&desk, job_id).await;
            assert_eq!(states(&after)[0], LineBookingStatus::Cancelled);
            assert_eq!(after.booked().cost, left);
            assert_eq!(after.status, JobStatus::Completed);
        }
        let seller = Embedded::new(desk.core.clone());
        let placed = Placed {
            order_id: line.order_id.clone().expect("placed"),
            line_id: id.to_string(),
        };
        seller.release(&tenant(), &placed).await.expect("final");
    }
}

#[tokio::test]
async fn a_job_follows_its_lines_to_their_end() {
    let desk = Desk::sqlite(NOON).await;
    let job_id = booked(&desk).await;
    let whole = committed(&desk).await;
    // Five of ten days are over.
    desk.pass(Duration::days(25)).await;
    let job = seen(&desk, job_id).await;
    let running = |one: &LineBookingStatus| *one == LineBookingStatus::InFlight;
    assert!(states(&job).iter().all(running), "{job:?}");
    assert_eq!(job.booked().cost, whole, "delivering is booked too");
    let line = &job.booked_lines.as_ref().expect("lines")[0];
    let id = line.line_id.as_ref().expect("placed").parse();
    let id = id.expect("an id of ours");
    let undelivered = look(&desk.core, id).await;
    let undelivered = undelivered.undelivered(parse_day("2026-07-05").expect("a day"));
    let off = act(&desk.core, &buyer(), id, BuyerAction::Cancel).await;
    assert_eq!(off.expect("off").status, LineBookingStatus::Cancelled);
    let left = whole.minus(undelivered).expect("less");
    assert_eq!(committed(&desk).await, left, "what ran is paid for");
    assert!(undelivered.minor() < look(&desk.core, id).await.cost.minor());
    desk.pass(Duration::days(10)).await;
    let states = states(&seen(&desk, job_id).await);
    let over = states
        .iter()
        .filter(|one| **one == LineBookingStatus::Finished);
    assert_eq!(over.count(), states.len() - 1, "{states:?}");
    assert_eq!(committed(&desk).await, left);
}

#[tokio::test]
async fn a_line_that_was_counted_gives_back_what_it_did_not_deliver() {
    for desk in Desk::each("a_line_that_was_counted", NOON).await {
        let job_id = booked(&desk).await;
        let whole = committed(&desk).await;
        desk.pass(Duration::days(25)).await;
        let job = seen(&desk, job_id).await;
        let line = &job.booked_lines.as_ref().expect("lines")[0];
        let id = line.line_id.as_ref().expect("placed").parse();
        let id = id.expect("an id of ours");
        let cost = look(&desk.core, id).await.cost;
        let record: RecordReadings = serde_json::from_value(json!({"readings": [{
            "line_id": id,
            "delivered": {
                "impressions": 1_000, "spent": {"minor": 1_234, "currency": cost.currency()},
                "as_of": "2026-07-04T00:00:00Z",
            },
        }]}))
        .expect("a reading");
        let engine = Caller::engine(tenant());
        desk.core.ask(&engine, record).await.expect("taken in");
        let off = act(&desk.core, &buyer(), id, BuyerAction::Cancel).await;
        assert_eq!(off.expect("off").status, LineBookingStatus::Cancelled);
        let back = cost.minus(usd(1_234)).expect("less");
        let left = whole.minus(back).expect("less");
        assert_eq!(
            committed(&desk).await,
            left,
            "half of its days are over, all the same"
        );
    }
}
