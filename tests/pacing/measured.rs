//! What others count of a line is held against what we count, and how well it is shown against
//! what was agreed.

use chrono::Duration;
use flightdeck::{
    domain::{
        ids::LineId,
        pacing::alerts::{Rule, Severity, watch::State},
        tenant::role::Role,
    },
    engine::{
        delivery::measured::{NoteMeasured, Noted},
        fault::{Fault, FaultKind},
        media_buys::view::BuyView,
        pacing::{
            alerts::list::{AlertView, ListAlerts},
            get::{GetPacing, Pace},
        },
    },
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    ground::{count, hour, line, ready, row, until},
    market::{NOON, admin, but, buyer, order, wanted},
};

async fn note(desk: &Desk, counts: Value) -> Result<Noted, Fault> {
    let counts: NoteMeasured = serde_json::from_value(json!({ "counts": counts })).expect("counts");
    let who = caller("main", Role::Trafficker);
    let told = desk.core.ask(&who, counts).await;
    desk.pass(Duration::zero()).await;
    told
}

async fn pace(desk: &Desk, line_id: LineId) -> Pace {
    let as_of = None;
    let asked = desk.core.ask(&admin(), GetPacing { line_id, as_of }).await;
    asked.expect("a pace")
}

async fn alert(desk: &Desk, line_id: LineId, rule: Rule) -> Option<AlertView> {
    let list = ListAlerts {
        all: true,
        line_id: Some(line_id),
        ..ListAlerts::default()
    };
    let list = desk.core.ask(&admin(), list).await.expect("a list");
    let mut all = list.orders.into_iter().flat_map(|order| order.alerts);
    all.find(|alert| alert.rule == rule)
}

/// A line whose contract says that seven of ten are to be in view, by a vendor's count.
async fn agreed(desk: &Desk) -> BuyView {
    ready(desk).await;
    let whole = but(
        wanted(&[]),
        json!({"name": "Measured", "packages": [{
            "product_id": "open", "budget": 7_440, "pricing_option_id": "cpm_usd",
            "creative_assignments": [{"creative_id": "spot"}],
            "performance_standards": [{"metric": "viewability", "threshold": 0.7,
                "standard": "mrc", "vendor": {"domain": "measure.example"}}],
        }]}),
    );
    order(desk, &buyer("acme"), whole)
        .await
        .expect("ordered")
        .buy
}

/// What our ad server counts: so many an hour, of which so many hundredths are in view.
fn reading(line: LineId, at: i64, viewable: u64) -> Value {
    let all = u64::try_from(at).expect("after the beginning") * 1_000;
    json!({
        "line_id": line,
        "delivered": {
            "impressions": all, "measurable": all, "viewable": all * viewable / 100,
            "spent": {"minor": all * 2, "currency": "USD"}, "as_of": hour(at),
        },
    })
}

async fn counted(desk: &Desk, own: LineId, hours: std::ops::RangeInclusive<i64>) {
    until(desk, *hours.end()).await;
    count(desk, hours.map(|at| reading(own, at, 80)).collect()).await;
}

#[tokio::test]
async fn a_count_that_comes_late_is_held_against_what_we_had_counted_by_then() {
    for desk in Desk::each("measured_late", NOON).await {
        let own = line(&agreed(&desk).await, 0);
        counted(&desk, own, 1..=48).await;
        let theirs = |source: &str, impressions: u64| json!({"line_id": own, "source": source, "until": hour(24), "impressions": impressions});
        let told = note(
            &desk,
            json!([
                theirs("near.example", 23_500),
                theirs("far.example", 19_000)
            ]),
        );
        let told = told.await.expect("taken");
        assert_eq!((told.taken, told.apart, told.beyond), (2, 1, 0));
        let again = note(&desk, json!([theirs("far.example", 24_000)]))
            .await
            .expect("taken");
        assert_eq!((again.taken, again.old), (0, 1), "no newer than before");

        let shown = pace(&desk, own).await;
        let ours: Vec<_> = shown
            .measured
            .iter()
            .map(|one| (&*one.source, one.ours))
            .collect();
        assert_eq!(
            ours,
            [
                ("far.example", Some(24_000)),
                ("near.example", Some(24_000))
            ]
        );
        let chips = row(&desk, own).await.chips;
        assert!(
            chips.iter().any(|chip| chip == "discrepancy 20.8 %"),
            "{chips:?}"
        );
        let held = alert(&desk, own, Rule::Discrepancy).await;
        assert!(
            held.is_none_or(|one| one.state == State::Waiting),
            "not for a day yet"
        );

        counted(&desk, own, 49..=74).await;
        let open = alert(&desk, own, Rule::Discrepancy)
            .await
            .expect("an alert");
        assert_eq!(open.severity, Severity::Warning);
        assert_eq!(
            open.said,
            "we count 24000, far.example counts 19000: 20.8 %"
        );

        // The same source counts on, and agrees: what was wrong resolves itself.
        let newer = json!({"line_id": own, "source": "far.example", "until": hour(72),
                           "impressions": 71_000});
        note(&desk, json!([newer])).await.expect("taken");
        counted(&desk, own, 75..=76).await;
        let chips = row(&desk, own).await.chips;
        assert!(
            !chips.iter().any(|chip| chip.starts_with("discrepancy")),
            "{chips:?}"
        );
    }
}

#[tokio::test]
async fn what_was_agreed_is_judged_by_whoever_the_contract_names() {
    for desk in Desk::each("measured_quality", NOON).await {
        let own = line(&agreed(&desk).await, 0);
        counted(&desk, own, 1..=30).await;
        assert!(
            alert(&desk, own, Rule::Quality).await.is_none(),
            "80 % by our count"
        );
        let vendor = |viewable: u64| {
            json!([{"line_id": own, "source": "measure.example", "until": hour(24),
                    "impressions": 24_000, "measurable": 20_000, "viewable": viewable}])
        };
        note(&desk, vendor(12_000)).await.expect("taken");
        counted(&desk, own, 31..=60).await;
        let open = alert(&desk, own, Rule::Quality).await.expect("an alert");
        assert_eq!(open.said, "in view 60.0 %, agreed are 70.0 %");
    }
}

#[tokio::test]
async fn the_last_count_of_another_is_held_against_all_that_we_counted() {
    for desk in Desk::each("measured_last", NOON).await {
        let own = line(&agreed(&desk).await, 0);
        counted(&desk, own, 1..=744).await;
        let theirs = |at: i64| json!([{"line_id": own, "source": "dv.example", "until": hour(at), "impressions": 600_000}]);
        until(&desk, 790).await;
        let told = note(&desk, theirs(780)).await.expect("taken");
        assert_eq!((told.taken, told.beyond, told.apart), (1, 0, 1));
        let shown = pace(&desk, own).await;
        assert_eq!(shown.measured[0].ours, Some(744_000));
    }
}

#[tokio::test]
async fn counts_that_cannot_be_are_refused_and_none_of_them_is_kept() {
    for desk in Desk::each("measured_refused", NOON).await {
        let own = line(&agreed(&desk).await, 0);
        counted(&desk, own, 1..=30).await;
        let good = json!({"line_id": own, "source": "a.example", "until": hour(24),
                          "impressions": 24_000});
        let missing = "019e0000-0000-7000-8000-000000000000";
        for (wrong, code) in [
            (json!({"viewable": 30_000}), "IMPOSSIBLE_COUNT"),
            (
                json!({"measurable": 10, "viewable": 11}),
                "IMPOSSIBLE_COUNT",
            ),
            (json!({"until": hour(31)}), "COUNT_FROM_THE_FUTURE"),
            (json!({"source": "  "}), "BAD_SOURCE"),
            (json!({"source": "a\u{1b}[31m"}), "BAD_SOURCE"),
            (json!({"line_id": missing}), "LINE_NOT_FOUND"),
        ] {
            let fault = note(&desk, json!([good, but(good.clone(), wrong.clone())])).await;
            let fault = fault.expect_err(code);
            assert_eq!(fault.code, code, "{wrong}: {fault}");
        }
        let many: Vec<Value> = (0..9)
            .map(|n| but(good.clone(), json!({"source": format!("{n}.example")})))
            .collect();
        let fault = note(&desk, json!(many)).await.expect_err("too many");
        assert_eq!(
            (fault.kind, &*fault.code),
            (FaultKind::Invalid, "TOO_MANY_SOURCES")
        );
        assert!(pace(&desk, own).await.measured.is_empty());
        let viewer = caller("main", Role::Viewer);
        let counts: NoteMeasured =
            serde_json::from_value(json!({ "counts": [good] })).expect("counts");
        let refused = desk.core.ask(&viewer, counts).await.expect_err("refused");
        assert_eq!(refused.kind, FaultKind::Forbidden);
    }
}
