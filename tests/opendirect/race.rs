//! Many buyers at once: not one impression is sold twice, not one budget is passed.

use flightdeck::{
    domain::opendirect::booking_status::LineBookingStatus,
    engine::{fault::Fault, seller::lines::act::BuyerAction},
};

use crate::{
    desk::Desk,
    market::{NOON, act, buyer, draft, free, line, look, order, product, put},
};

const BUYERS: usize = 32;

/// Reserves all lines at the same moment; says why each of the losers lost.
async fn race(desk: &Desk, lines: &[flightdeck::domain::ids::LineId]) -> Vec<Fault> {
    let mut running = Vec::new();
    for id in lines.iter().copied() {
        let core = desk.core.clone();
        let asked = async move { act(&core, &buyer(), id, BuyerAction::Reserve).await };
        running.push(tokio::spawn(asked));
    }
    let mut lost = Vec::new();
    for one in running {
        lost.extend(one.await.expect("no panic").err());
    }
    lost
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_day_is_sold_exactly_once() {
    for desk in Desk::each("one_day_is_sold_exactly_once", NOON).await {
        put(&desk.core, product()).await;
        let mut lines = Vec::new();
        for _ in 0..BUYERS {
            let order = order(&desk.core, &buyer(), 1_000).await;
            let wanted = draft(90, "2026-07-01", "2026-07-01");
            lines.push(line(&desk.core, &buyer(), order, wanted).await);
        }
        let lost = race(&desk, &lines).await;
        let codes: Vec<&str> = lost.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, ["OUT_OF_INVENTORY"; BUYERS - 11]);
        assert_eq!(free(&desk, "2026-07-01").await, 1_000 - 11 * 90);
        let mut held = 0;
        for id in lines {
            let line = look(&desk.core, id).await;
            held += u64::from(line.status == LineBookingStatus::Reserved);
        }
        assert_eq!(held, 11);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_budget_is_spent_exactly_once() {
    for desk in Desk::each("one_budget_is_spent_exactly_once", NOON).await {
        put(&desk.core, product()).await;
        // Each line costs 2.20; ten of them fit into 23.
        let order = order(&desk.core, &buyer(), 23).await;
        let mut lines = Vec::new();
        for day in 1..=20 {
            let day = format!("2026-07-{day:02}");
            lines.push(line(&desk.core, &buyer(), order, draft(100, &day, &day)).await);
        }
        let lost = race(&desk, &lines).await;
        let codes: Vec<&str> = lost.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, ["OVER_BUDGET"; 10]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lines_are_drafted_side_by_side() {
    for desk in Desk::each("lines_are_drafted_side_by_side", NOON).await {
        put(&desk.core, product()).await;
        let order = order(&desk.core, &buyer(), 23).await;
        let mut running = Vec::new();
        for _ in 0..BUYERS {
            let core = desk.core.clone();
            running.push(tokio::spawn(async move {
                line(
                    &core,
                    &buyer(),
                    order,
                    draft(100, "2026-07-01", "2026-07-02"),
                )
                .await
            }));
        }
        let mut ids = std::collections::BTreeSet::new();
        for one in running {
            ids.insert(one.await.expect("drafted"));
        }
        assert_eq!(ids.len(), BUYERS);
    }
}
