//! Readings: totals that may be told twice, in any portion, and never count twice.

use chrono::Duration;
use flightdeck::{
    domain::{currency::Currency, ids::LineId, when::Instant},
    engine::{
        delivery::{
            record::{RecordReadings, Recorded},
            series::{Grain, ReadSeries, Series},
        },
        fault::Fault,
    },
};
use serde_json::{Value, json};

use crate::{
    desk::Desk,
    market::{NOON, admin, buyer, order, stock, wanted},
};

const BEGIN: &str = "2026-07-01T00:00:00Z";

/// A desk two weeks into the flight of a line.
async fn begun(desk: &Desk) -> LineId {
    stock(desk).await;
    let ordered = order(desk, &buyer("acme"), wanted(&["open"])).await;
    desk.pass(Duration::days(35)).await;
    ordered.expect("ordered").buy.buy.packages[0].line_id
}

/// So many impressions until so many hours into the flight.
fn reading(line: LineId, hour: i64, impressions: u64) -> Value {
    let begin: Instant = BEGIN.parse().expect("a time");
    let spent = json!({"minor": impressions * 2, "currency": "USD"});
    json!({
        "line_id": line,
        "delivered": {
            "impressions": impressions, "clicks": impressions / 100, "spent": spent,
            "as_of": begin + Duration::hours(hour),
        },
    })
}

async fn record(desk: &Desk, readings: Vec<Value>) -> Result<Recorded, Fault> {
    let readings: RecordReadings =
        serde_json::from_value(json!({ "readings": readings })).expect("readings");
    desk.core.ask(&admin(), readings).await
}

async fn series(desk: &Desk, line_id: LineId, grain: Grain) -> Series {
    let ask = ReadSeries {
        line_id,
        grain,
        from: None,
        to: None,
    };
    desk.core.ask(&admin(), ask).await.expect("a series")
}

fn counts(series: &Series) -> Vec<u64> {
    series.marks.iter().map(|mark| mark.impressions).collect()
}

#[tokio::test]
async fn what_is_told_hour_by_hour_is_kept_by_hour_and_by_day() {
    for desk in Desk::each("what_is_told_hour_by_hour", NOON).await {
        let line = begun(&desk).await;
        assert!(series(&desk, line, Grain::Hour).await.marks.is_empty());
        let hours =
            (1..=60).map(|hour| reading(line, hour, 100 * u64::try_from(hour).unwrap_or(0)));
        let hours: Vec<Value> = hours.collect();
        let told = record(&desk, hours[..30].to_vec()).await.expect("taken");
        assert_eq!((told.taken, told.old, told.adjusted), (30, 0, 0));
        // The whole of it once more: what is known is passed over, the rest is taken.
        let told = record(&desk, hours.clone()).await.expect("taken");
        assert_eq!((told.taken, told.old), (30, 30));
        let by_hour = counts(&series(&desk, line, Grain::Hour).await);
        assert_eq!(by_hour, (1..=60).map(|hour| hour * 100).collect::<Vec<_>>());
        let by_day = series(&desk, line, Grain::Day).await;
        assert_eq!(counts(&by_day), [2_400, 4_800, 6_000]);
        assert_eq!(by_day.currency, Some(Currency::USD));
        assert_eq!(by_day.marks[0].spent, Some(4_800));
    }
}

#[tokio::test]
async fn several_readings_of_one_hour_are_one_mark_and_less_is_an_adjustment() {
    let desk = Desk::sqlite(NOON).await;
    let line = begun(&desk).await;
    let mut late = reading(line, 2, 250);
    late["delivered"]["as_of"] = json!("2026-07-01T01:59:00Z");
    let told = record(
        &desk,
        vec![reading(line, 1, 100), late, reading(line, 2, 200)],
    )
    .await
    .expect("taken");
    assert_eq!((told.taken, told.adjusted), (3, 1));
    assert_eq!(counts(&series(&desk, line, Grain::Hour).await), [100, 200]);
}

#[tokio::test]
async fn the_future_strangers_and_other_money_are_refused_and_nothing_is_kept() {
    for desk in Desk::each("the_future_strangers", NOON).await {
        let line = begun(&desk).await;
        let refused = async |reading: Value| {
            let both = vec![self::reading(line, 1, 100), reading];
            record(&desk, both).await.expect_err("refused").code
        };
        assert_eq!(
            refused(reading(line, 24 * 60, 1)).await,
            "READING_FROM_THE_FUTURE"
        );
        let mut other = reading(line, 2, 200);
        other["delivered"]["spent"]["currency"] = json!("EUR");
        assert_eq!(refused(other).await, "WRONG_CURRENCY");
        let nobody = "00000000-0000-7000-8000-000000000000"
            .parse()
            .expect("an id");
        assert_eq!(refused(reading(nobody, 2, 200)).await, "LINE_NOT_FOUND");
        assert!(series(&desk, line, Grain::Hour).await.marks.is_empty());
    }
}
