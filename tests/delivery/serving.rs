//! The ad server inside: a booked line is delivered by itself, on time and after a downtime,
//! and nothing of it is counted twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration as Time,
};

use async_trait::async_trait;
use chrono::Duration;
use flightdeck::{
    domain::{
        delivery::{mark::Mark, reading::Reading, running::Running},
        ids::LineId,
        money::Amount,
        tenant::role::Role,
        when::Instant,
    },
    engine::{
        delivery::{
            embedded::Embedded,
            series::{Grain, ReadSeries},
            turn::TurnClock,
        },
        desk::Serving,
        reconcile::{
            Runner, follow_buys::FollowBuys, follow_lines::FollowLines,
            sample_delivery::SampleDelivery,
        },
    },
    peers::ad_server::{AdServer, Silent},
};
use serde_json::json;

use crate::{
    desk::{Desk, caller},
    market::{NOON, admin, but, buyer, change, look, order, stock, wanted},
};

/// From the day of the order to the first day of the flight.
fn to_july() -> Duration {
    Duration::hours(20 * 24 + 12)
}

fn serving(desk: &mut flightdeck::engine::desk::Desk) {
    desk.ad_server = Some(Serving::default());
    desk.turnable = true;
    // Nobody has to agree to what these stories buy.
    desk.sign_off_from = Amount::from(1_000_000_u32);
}

async fn ordered(desk: &Desk, products: &[&str]) -> Vec<LineId> {
    stock(desk).await;
    let ordered = order(desk, &buyer("acme"), wanted(products)).await;
    let buy = ordered.expect("ordered").buy.buy;
    buy.packages.iter().map(|one| one.line_id).collect()
}

async fn marks(desk: &Desk, line_id: LineId, grain: Grain) -> Vec<Mark> {
    let ask = ReadSeries {
        line_id,
        grain,
        from: None,
        to: None,
    };
    let series = desk.core.ask(&admin(), ask).await.expect("a series");
    series.marks
}

async fn shown(desk: &Desk, line_id: LineId) -> u64 {
    let marks = marks(desk, line_id, Grain::Day).await;
    marks.last().map_or(0, |mark| mark.impressions)
}

#[tokio::test]
async fn a_booked_line_is_delivered_by_itself_and_to_its_end() {
    for desk in Desk::each_with("a_booked_line_is_delivered", NOON, serving).await {
        let line = ordered(&desk, &["standard"]).await[0];
        desk.pass(to_july()).await;
        assert!(
            marks(&desk, line, Grain::Hour).await.is_empty(),
            "not before its flight"
        );
        desk.pass(Duration::minutes(90)).await;
        let early = marks(&desk, line, Grain::Hour).await;
        assert_eq!(early.len(), 2, "an hour, and half of one");
        assert!(early[0].impressions > 0 && early[1].impressions > early[0].impressions);
        desk.pass(Duration::hours(15 * 24)).await;
        let half = shown(&desk, line).await;
        assert!((240_000..275_000).contains(&half), "{half}");
        desk.pass(Duration::days(30)).await;
        let days = marks(&desk, line, Grain::Day).await;
        assert_eq!(days.len(), 31);
        let last = days.last().expect("a last day");
        assert_eq!((last.impressions, last.spent), (500_000, Some(1_000_000)));
        assert_eq!(last.at.to_string(), "2026-08-01 00:00:00 UTC");
        let hours = marks(&desk, line, Grain::Hour).await;
        assert_eq!(hours.len(), 31 * 24);
        assert!(
            hours
                .windows(2)
                .all(|pair| pair[1].at - pair[0].at == Duration::hours(1))
        );
        assert!(desk.runner.settle().await.is_ok());
        desk.pass(Duration::days(32)).await;
        let few = marks(&desk, line, Grain::Hour).await.len();
        assert!(
            few < 31 * 24 && few > 31,
            "old hours are forgotten, days are not: {few}"
        );
        assert_eq!(marks(&desk, line, Grain::Day).await.len(), 31);
    }
}

#[tokio::test]
async fn after_a_downtime_the_counts_are_those_of_a_node_that_was_up() {
    let up = Desk::sqlite_with(NOON, serving).await;
    let down = Desk::sqlite_with(NOON, serving).await;
    // Ids are minted anew on each desk, and chance goes by them: only sums can be compared.
    let (one, other) = (
        ordered(&up, &["standard"]).await[0],
        ordered(&down, &["standard"]).await[0],
    );
    for desk in [&up, &down] {
        desk.pass(to_july()).await;
    }
    for _ in 0..5 * 24 {
        up.pass(Duration::hours(1)).await;
    }
    down.pass(Duration::days(5)).await;
    let (one, other) = (
        marks(&up, one, Grain::Hour).await,
        marks(&down, other, Grain::Hour).await,
    );
    assert_eq!(one.len(), other.len());
    let last = |marks: &[Mark]| marks.last().map_or(0, |mark| mark.impressions);
    let (one, other) = (last(&one), last(&other));
    assert!(one.abs_diff(other) < one / 200, "{one} {other}");
}

/// The ad server inside, which falls silent once.
struct Shaky {
    inside: Embedded,
    asked: AtomicU32,
    /// At which question.
    silent_at: u32,
}

#[async_trait]
impl AdServer for Shaky {
    fn name(&self) -> &'static str {
        "shaky"
    }

    async fn readings(&self, lines: &[Running], until: Instant) -> Result<Vec<Reading>, Silent> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == self.silent_at {
            return Err(Silent("the line is dead".into()));
        }
        self.inside.readings(lines, until).await
    }
}

/// What is counted of both lines when the ad server falls silent at one question, hour by hour.
async fn counted(desk: &Desk, lines: &[LineId], silent_at: u32) -> Vec<Vec<Mark>> {
    let server = Shaky {
        inside: Embedded::new(7),
        asked: AtomicU32::new(0),
        silent_at,
    };
    let sample = SampleDelivery::new(Arc::new(server), Time::from_mins(15));
    let runner = Runner::new(
        desk.core.clone(),
        vec![
            Arc::new(sample),
            Arc::new(FollowLines),
            Arc::new(FollowBuys),
        ],
    );
    desk.clock.advance(Duration::days(26));
    runner.settle().await.expect("settled");
    // What failed is tried again a moment later; the clock stands still until then.
    desk.clock.advance(Duration::seconds(30));
    runner.settle().await.expect("settled");
    let mut all = Vec::new();
    for line in lines {
        all.push(marks(desk, *line, Grain::Hour).await);
    }
    all
}

#[tokio::test]
async fn a_run_that_broke_off_is_run_again_and_counts_nothing_twice() {
    for desk in Desk::each_with("a_run_that_broke_off", NOON, serving).await {
        let lines = ordered(&desk, &["standard", "open"]).await;
        let told = counted(&desk, &lines, 5).await;
        for marks in &told {
            assert_eq!(marks.len(), 5 * 24 + 12, "every hour once");
            assert!(
                marks
                    .windows(2)
                    .all(|pair| pair[0].impressions <= pair[1].impressions)
            );
        }
        // The same lines, asked without a break: the counts follow from them alone.
        let engine = flightdeck::domain::tenant::caller::Caller::engine(admin().tenant);
        let ask = flightdeck::engine::delivery::running::RunningLines {};
        desk.clock.advance(Duration::minutes(1));
        let runs = desk.core.ask(&engine, ask).await.expect("lines").lines;
        let fresh: Vec<Running> = runs
            .into_iter()
            .map(|line| Running {
                so_far: None,
                ..line
            })
            .collect();
        let until = desk.core.clock().now() - Duration::minutes(1);
        let whole = Embedded::new(7)
            .readings(&fresh, until)
            .await
            .expect("told");
        for (line, marks) in lines.iter().zip(&told) {
            let last = whole
                .iter()
                .rfind(|one| one.line_id == *line)
                .expect("told");
            let kept = marks.last().expect("kept");
            assert_eq!(Mark::from(&last.delivered), *kept);
        }
    }
}

#[tokio::test]
async fn what_is_paused_or_has_nothing_to_show_is_counted_and_stands_still() {
    let desk = Desk::sqlite_with(NOON, serving).await;
    let line = ordered(&desk, &["open"]).await[0];
    let bare = but(
        wanted(&["open"]),
        json!({"packages": [{"product_id": "open", "budget": 10_000, "pricing_option_id": "cpm_usd"}]}),
    );
    let bare = order(&desk, &buyer("acme"), bare)
        .await
        .expect("ordered")
        .buy
        .buy;
    desk.pass(to_july() + Duration::days(2)).await;
    assert!(shown(&desk, line).await > 0);
    let nothing = marks(&desk, bare.packages[0].line_id, Grain::Day).await;
    assert_eq!(nothing.last().map(|mark| mark.impressions), Some(0));
    let buys = flightdeck::engine::media_buys::list::ListBuys::default();
    let buys = desk
        .core
        .ask(&admin(), buys)
        .await
        .expect("listed")
        .media_buys;
    let own = buys
        .iter()
        .find(|view| view.buy.packages[0].line_id == line);
    let id = own.expect("its buy").buy.id.clone();
    change(&desk, &admin(), &id, json!({"paused": true}))
        .await
        .expect("paused");
    let before = shown(&desk, line).await;
    desk.pass(Duration::days(3)).await;
    assert_eq!(shown(&desk, line).await, before);
    change(&desk, &admin(), &id, json!({"paused": false}))
        .await
        .expect("goes on");
    desk.pass(Duration::days(1)).await;
    assert!(
        shown(&desk, line).await > before + 10_000,
        "it makes up for it"
    );
}

#[tokio::test]
async fn a_month_is_watched_in_a_minute_where_the_clock_may_be_turned() {
    for desk in Desk::each_with("a_month_is_watched", NOON, serving).await {
        let line = ordered(&desk, &["standard"]).await[0];
        let turn = |days| TurnClock {
            days,
            ..TurnClock::default()
        };
        let by = |role| caller("main", role);
        let refused = desk.core.ask(&by(Role::Trafficker), turn(1)).await;
        assert_eq!(refused.expect_err("no admin").code, "FORBIDDEN");
        let refused = desk.core.ask(&admin(), turn(0)).await;
        assert_eq!(refused.expect_err("stands still").code, "INVALID_VALUE");
        for _ in 0..2 {
            desk.core.ask(&admin(), turn(30)).await.expect("turned");
            desk.runner.settle().await.expect("settled");
        }
        assert_eq!(shown(&desk, line).await, 500_000);
        assert_eq!(
            desk.core.clock().now().date_naive().to_string(),
            "2026-08-09"
        );
    }
    let fixed = Desk::sqlite(NOON).await;
    let turn = TurnClock {
        days: 1,
        ..TurnClock::default()
    };
    let refused = fixed
        .core
        .ask(&admin(), turn)
        .await
        .expect_err("others go by it");
    assert_eq!(refused.code, "CLOCK_NOT_TURNABLE");
    let buys = ordered(&fixed, &["standard"]).await;
    fixed.pass(to_july() + Duration::days(3)).await;
    assert_eq!(
        shown(&fixed, buys[0]).await,
        0,
        "nobody delivers where there is no ad server"
    );
    assert!(look(&fixed, &admin(), &"mb_none".into()).await.is_err());
}
