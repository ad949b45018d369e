//! A million readings taken in, on a file that is written for good: hour by hour for all lines,
//! as an ad server is asked on time, and day by day, as its reports are read after the fact.

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, Duration, Utc};
use flightdeck::{
    domain::{
        ids::LineId,
        opendirect::product::Product,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        clock::ManualClock, core::Core, delivery::record::RecordReadings,
        media_buys::create::CreateBuy, seller::products::put::PutProduct, start::start,
    },
    store::open::{Database, open},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::table::{Row, Table, Target};

/// How many readings in all.
const READINGS: i64 = 1_000_000;
/// Of how many lines.
const LINES: i64 = 1_000;
/// How many packages one buy has.
const PACKAGES: i64 = 20;
/// When the lines begin.
const BEGIN: &str = "2026-06-15T12:00:00Z";

fn begin() -> DateTime<Utc> {
    BEGIN.parse().expect("an instant")
}

/// What is counted of a line by the end of an hour.
pub fn reading(line: &Value, hour: i64) -> Value {
    json!({
        "line_id": line,
        "delivered": {
            "impressions": hour * 690, "clicks": hour, "starts": hour * 680,
            "completes": hour * 540, "measurable": hour * 640, "viewable": hour * 430,
            "spent": {"minor": hour * 690, "currency": "USD"},
            "as_of": begin() + Duration::hours(hour),
        },
    })
}

/// Measures it.
pub fn measure(table: &mut Table) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    for (name, hours) in [
        ("one hour of 1,000 lines", 1),
        ("one day of 1,000 lines", 24),
    ] {
        let rate = runtime.block_on(rate(hours));
        table.push(Row::figure(
            &format!("1,000,000 readings taken in, a batch is {name}"),
            rate,
            "1/s",
            Target::AtLeast(50_000.0),
        ));
    }
}

/// Readings a second, in batches of so many hours of every line.
async fn rate(hours: i64) -> f64 {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let store = open(&Database::File(dir.path().join("desk.db"))).await;
    let clock = ManualClock::at(begin());
    let started = start(store.expect("a database"), Arc::new(clock.clone()), |_| ()).await;
    let core = started.expect("an engine").core;
    let admin = Caller::new("bench", "main".parse().expect("a tenant"), Role::Admin);
    let lines = lines(&core, &admin).await;
    clock.advance(Duration::hours(READINGS / LINES + 1));
    let (since, mut sent, mut hour) = (Instant::now(), 0u64, 1);
    while hour <= READINGS / LINES {
        let batch = batch(&lines, hour, hours.min(READINGS / LINES - hour + 1));
        sent += batch.readings.len() as u64;
        core.ask(&admin, batch).await.expect("taken in");
        hour += hours;
    }
    crate::table::float(sent) / since.elapsed().as_secs_f64()
}

fn batch(lines: &[LineId], hour: i64, hours: i64) -> RecordReadings {
    use flightdeck::domain::{
        delivery::reading::Reading,
        money::{Currency, Money},
        opendirect::stats::Delivered,
    };
    let count = |each: i64, hour: i64| u64::try_from(hour * each).unwrap_or(0);
    let one = |line: &LineId, hour: i64| Reading {
        line_id: *line,
        delivered: Delivered {
            impressions: count(690, hour),
            clicks: Some(count(1, hour)),
            starts: Some(count(680, hour)),
            completes: Some(count(540, hour)),
            measurable: Some(count(640, hour)),
            viewable: Some(count(430, hour)),
            spent: Some(Money::new(hour * 690, Currency::USD)),
            as_of: begin() + Duration::hours(hour),
        },
        reported_index: None,
    };
    let of_line = |line: &LineId| {
        let line = *line;
        (hour..hour + hours)
            .map(move |hour| one(&line, hour))
            .collect::<Vec<_>>()
    };
    RecordReadings {
        readings: lines.iter().flat_map(of_line).collect(),
    }
}

async fn lines(core: &Core, admin: &Caller) -> Vec<LineId> {
    let product: Product = serde_json::from_value(json!({
        "id": "open", "publisher_id": "pub-1", "publisher": "Northlight", "name": "Open",
        "channel": "ctv", "format": "video", "rate_type": "CPM", "delivery_type": "PMP",
        "base_price": {"minor": 1_000, "currency": "USD"},
        "floor_price": {"minor": 500, "currency": "USD"},
        "daily_impressions": 1_000_000,
    }))
    .expect("a product");
    core.ask(admin, PutProduct(product)).await.expect("on sale");
    let package = json!({"product_id": "open", "budget": 10_000, "pricing_option_id": "default"});
    let packages = vec![package; usize::try_from(PACKAGES).unwrap_or(1)];
    let mut all = Vec::new();
    for _ in 0..LINES / PACKAGES {
        let draft = json!({
            "name": "Bench", "start_time": "asap", "end_time": "2026-12-31T00:00:00Z",
            "packages": packages,
        });
        let create: CreateBuy = serde_json::from_value(json!({"draft": draft})).expect("an order");
        let ordered = core.ask(admin, create).await.expect("ordered");
        all.extend(ordered.buy.buy.packages.iter().map(|one| one.line_id));
    }
    all
}
