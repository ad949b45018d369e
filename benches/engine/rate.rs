//! How many briefs a second are taken in and kept for good, while the jobs behind them run,
//! against how many single rows a second one connection keeps for good.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection as Books;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    booking::brief,
    client::Connection,
    server::Server,
    table::{Row, Table, Target, float},
};

/// How many connections send briefs.
const CONNECTIONS: usize = 16;
/// How long each is measured, in turns.
const TURN: Duration = Duration::from_secs(4);
/// How often they take turns.
const TURNS: u32 = 3;

/// Measures it.
pub fn measure(table: &mut Table) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
    let (mut rows, mut briefs) = (0.0, 0.0);
    for turn in 0..TURNS {
        rows += insert(&dir, turn);
        briefs += post(&dir, turn);
    }
    let turns = f64::from(TURNS);
    table.push(Row::ratio(
        "POST /bookings, kept for good, against single rows",
        (briefs / turns, rows / turns),
        "1/s",
        Target::AtLeast(0.5),
    ));
}

/// Rows a second, each committed by itself.
fn insert(dir: &TempDir, turn: u32) -> f64 {
    let body = brief().to_string();
    let file = dir.path().join(format!("plain-{turn}.db"));
    let books = Books::open(file).expect("a file");
    books
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
        )
        .expect("a table");
    let sql = "INSERT INTO row (body) VALUES (?1)";
    let mut keep = books.prepare(sql).expect("a statement");
    let (begun, mut count) = (Instant::now(), 0u64);
    while begun.elapsed() < TURN {
        keep.execute([&body]).expect("a row");
        count += 1;
    }
    float(count) / begun.elapsed().as_secs_f64()
}

/// Briefs a second.
fn post(dir: &TempDir, turn: u32) -> f64 {
    let data = dir.path().join(format!("ours-{turn}"));
    let server = Server::ours(&data, &[]);
    let (count, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let body = brief().to_string();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection::open(server.address());
                while !over.load(Ordering::Relaxed) {
                    connection.post("/bookings", &body);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let begun = Instant::now();
        thread::sleep(TURN);
        let rate = float(count.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        let page = Connection::open(server.address())
            .get("/bookings?limit=0")
            .to_vec();
        let page: Value = serde_json::from_slice(&page).expect("JSON");
        assert!(page["total"].as_u64() >= Some(count.load(Ordering::Relaxed) / 2));
        rate
    })
}
