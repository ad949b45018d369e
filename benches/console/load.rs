//! Keys while the engine in this process books as fast as the machine lets it. Refuses to
//! measure an engine that has nothing to do.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant as Moment},
};

use flightdeck::{
    domain::{
        ids::TenantId,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        bookings::submit::SubmitBrief,
        clock::ManualClock,
        seller::products::stock,
        start::{Started, start},
    },
    store::{self, open::Database},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    Seat, micros, spread,
    table::{Row, Table, Target, float},
};

/// How many briefs arrive at once.
const BURST: usize = 32;
/// How many keys are pressed.
const KEYS: usize = 600;
/// How long a hand rests between two keys: a held key comes thirty times a second.
const REST: Duration = Duration::from_millis(10);

/// Measures it.
pub fn measure(seat: &mut Seat, table: &mut Table) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let runtime = Runtime::new().expect("a runtime");
    let engine = runtime.block_on(engine(&dir));
    let (booked, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
    let working = runtime.spawn(book(engine, Arc::clone(&booked), Arc::clone(&over)));
    let begun = Moment::now();
    let mut all = Vec::with_capacity(KEYS);
    for at in 0..KEYS {
        let pressed = Moment::now();
        black_box(seat.press(if at % 3 == 2 { "pgup" } else { "pgdn" }));
        all.push(micros(pressed.elapsed()));
        thread::sleep(REST);
    }
    let rate = float(booked.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    runtime
        .block_on(working)
        .expect("it books until it is told");
    let (median, slow) = spread(all);
    table.push(Row::figure(
        "key to bytes of a new page while the same process books, median",
        median,
        "µs",
        Target::AtMost(4000.0),
    ));
    table.push(Row::figure(
        "the same, the slowest of a hundred",
        slow,
        "µs",
        Target::AtMost(33_000.0),
    ));
    table.push(Row::figure(
        "bookings beside it",
        rate,
        "1/s",
        Target::AtLeast(1.0),
    ));
}

fn tenant() -> TenantId {
    "main".parse().expect("a tenant")
}

async fn engine(dir: &TempDir) -> Started {
    let database = Database::File(dir.path().join("flightdeck.db"));
    let store = store::open::open(&database).await.expect("a database");
    let noon = "2026-06-15T12:00:00Z".parse().expect("an instant");
    let clock = Arc::new(ManualClock::at(noon));
    let started = start(store, clock, |_| {}).await.expect("an engine");
    let demo = serde_json::from_str(include_str!("../../assets/catalogue.json"));
    let tenant = tenant();
    let stocked = stock::stock(&started.core, &tenant, demo.expect("products"));
    stocked.await.expect("a catalogue");
    started
}

/// Sends briefs in bursts and books them, until it is told to end.
async fn book(engine: Started, booked: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    let buyer = Caller::new("buyer", tenant(), Role::Trafficker);
    let brief = json!({
        "brief": {
            "name": "Q3 Awareness Push",
            "objectives": ["brand_awareness", "reach"],
            "budget": 25_000,
            "start_date": "2026-07-01",
            "end_date": "2026-09-30",
            "target_audience": { "demographics": { "age": "18-34" } },
            "kpis": { "target_cpm": 10 },
        },
    });
    let brief: SubmitBrief = serde_json::from_value(brief).expect("a brief");
    while !over.load(Ordering::Relaxed) {
        for _ in 0..BURST {
            let sent = engine.core.ask(&buyer, brief.clone()).await;
            sent.expect("a job");
        }
        engine.runner.settle().await.expect("they come to rest");
        booked.fetch_add(BURST as u64, Ordering::Relaxed);
    }
}
