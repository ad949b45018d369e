//! Money and delivery: a budget does not fall below what is spent, and the line says how it does.

use chrono::Duration;
use flightdeck::{
    domain::ids::LineId,
    engine::{delivery::record::RecordReadings, seller::lines::stats::GetLineStats},
};
use serde_json::json;

use crate::{
    desk::Desk,
    market::{NOON, admin, buyer, change, order, stock, wanted},
};

async fn count(desk: &Desk, line: LineId, impressions: u64) {
    let record: RecordReadings = serde_json::from_value(json!({"readings": [{
        "line_id": line,
        "delivered": {
            "impressions": impressions, "clicks": 7,
            "spent": {"minor": impressions * 2, "currency": "USD"},
            "as_of": "2026-07-06T00:00:00Z",
        },
    }]}))
    .expect("readings");
    desk.core.ask(&admin(), record).await.expect("taken in");
}

#[tokio::test]
async fn a_budget_stays_above_what_is_spent_and_the_rest_comes_back() {
    for desk in Desk::each("a_budget_stays_above", NOON).await {
        stock(&desk).await;
        let ordered = order(&desk, &buyer("acme"), wanted(&["open"])).await;
        let buy = ordered.expect("ordered").buy.buy;
        let (id, package) = (&buy.id, &buy.packages[0]);
        desk.pass(Duration::days(26)).await;
        count(&desk, package.line_id, 100_000).await;

        let budget =
            |budget: f64| json!({"packages": [{"package_id": package.id, "budget": budget}]});
        let low = change(&desk, &buyer("acme"), id, budget(1_999.99)).await;
        let low = low.expect_err("spent already");
        assert_eq!(low.problems[0].code.as_str(), "BUDGET_TOO_LOW");
        assert_eq!(low.problems[0].field, "packages[0].budget");
        assert!(
            low.problems[0].message.contains("2,000.00")
                || low.problems[0].message.contains("2000.00")
        );
        change(&desk, &buyer("acme"), id, budget(2_000.0))
            .await
            .expect("all that is spent");
        change(&desk, &buyer("acme"), id, budget(10_000.0))
            .await
            .expect("more again");

        let stats = GetLineStats {
            account_id: None,
            order_id: None,
            line_id: package.line_id,
        };
        let stats = desk.core.ask(&admin(), stats).await.expect("stats");
        assert_eq!((stats.impressions, stats.ctr_bp), (100_000, Some(1)));
        assert_eq!(stats.spent.minor(), 200_000);
        assert!(stats.as_of.is_some());
    }
}
