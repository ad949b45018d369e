//! Holds what stands in the database against what clients wrote down, and against itself:
//! every acknowledged operation once, every line once, every counter the sum of its lines.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rusqlite::Connection;
use serde_json::Value;
use sqlx::{Connection as _, FromRow, PgConnection, postgres::PgRow};

use crate::ledger::Entry;

/// What stands in the database of a program that has ended.
pub struct Books {
    /// How often each operation was done under each key: `(operation, key)`.
    done: BTreeMap<(String, String), i64>,
    jobs: Vec<Value>,
    lines: Vec<Value>,
    counters: Vec<(String, String, i64)>,
}

impl Books {
    /// Reads them.
    pub fn open(file: &Path) -> Self {
        let books = Connection::open(file).expect("a database");
        let sound: String = books
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a verdict");
        assert_eq!(sound, "ok");
        let done: Vec<(String, String, i64)> = rows(&books, DONE);
        let counters = rows(&books, COUNTERS);
        let done = done.into_iter().map(|(action, key, n)| ((action, key), n));
        Self {
            done: done.collect(),
            jobs: objects(&books, "job"),
            lines: objects(&books, "line"),
            counters,
        }
    }

    /// Reads them in a PostgreSQL database.
    pub async fn in_postgres(url: &str) -> Self {
        let mut door = PgConnection::connect(url).await.expect("a database");
        let done: Vec<(String, String, i64)> = all(&mut door, DONE).await;
        let done = done.into_iter().map(|(action, key, n)| ((action, key), n));
        let mut of_kind = BTreeMap::new();
        for (kind, body) in all::<(String, String)>(&mut door, OBJECTS).await {
            let body = serde_json::from_str(&body).expect("an object");
            of_kind.entry(kind).or_insert_with(Vec::new).push(body);
        }
        let mut take = |kind| of_kind.remove(kind).unwrap_or_default();
        Self {
            done: done.collect(),
            jobs: take("job"),
            lines: take("line"),
            counters: all(&mut door, COUNTERS).await,
        }
    }

    /// Holds all of it.
    pub fn hold(&self, ledger: &BTreeMap<String, Entry>) {
        self.every_acknowledged_operation_is_there_once(ledger);
        self.every_line_is_booked_once();
        self.the_budget_is_the_sum_of_what_was_booked();
        self.counters_are_the_sums_over_lines();
    }

    fn every_acknowledged_operation_is_there_once(&self, ledger: &BTreeMap<String, Entry>) {
        for (key, entry) in ledger {
            let done = self.done.get(&(entry.action.to_owned(), key.clone()));
            let wanted = i64::from(entry.done());
            assert_eq!(done.copied().unwrap_or(0), wanted, "{key}: {entry:?}");
        }
        for ((action, key), times) in &self.done {
            // The engine's own keys name the line that it acts on.
            if key.starts_with("embedded-") {
                assert_eq!(*times, 1, "{action} under {key}");
                continue;
            }
            let known = ledger.get(key).is_some_and(|entry| entry.action == action);
            assert!(known, "nobody asked for {action} under {key}");
        }
        let acknowledged = ledger.values().filter(|entry| entry.done());
        let submitted = acknowledged.filter(|entry| entry.action == "bookings.submit");
        assert_eq!(self.jobs.len(), submitted.count(), "jobs");
    }

    fn every_line_is_booked_once(&self) {
        let mut names = BTreeSet::new();
        for job in &self.jobs {
            let mut products = BTreeSet::new();
            for line in array(&job["lines"]) {
                assert!(products.insert(text(&line["product_id"])), "{job}");
                if booked(line) {
                    assert!(names.insert(text(&line["placed"]["line_id"])), "{job}");
                }
            }
            let executed = !array(&job["lines"]).is_empty();
            assert!(!executed || job["approval"].is_object(), "{job}");
        }
        // What the seller has sold is what the jobs have bought.
        let sold = self.lines.iter().filter(|line| line["status"] == "Booked");
        let sold: BTreeSet<_> = sold.map(|line| text(&line["id"])).collect();
        assert_eq!(sold, names);
    }

    fn the_budget_is_the_sum_of_what_was_booked(&self) {
        let mut wanted = BTreeMap::new();
        for line in self.booked() {
            let cost = &line["cost"];
            let minor = cost["minor"].as_i64().expect("minor units");
            *wanted.entry(text(&cost["currency"])).or_default() += minor;
        }
        assert_eq!(self.used("budget"), wanted);
    }

    /// Days of products, and the money and the lines of orders.
    fn counters_are_the_sums_over_lines(&self) {
        let mut wanted: BTreeMap<(String, String), i64> = BTreeMap::new();
        for line in &self.lines {
            let (product, order) = (text(&line["product_id"]), text(&line["order_id"]));
            let mut add = |space: String, cell: &str, amount: i64| {
                *wanted.entry((space, cell.to_owned())).or_default() += amount;
            };
            add(format!("order/{order}"), "lines", 1);
            if line["status"] == "Booked" {
                let cost = line["cost"]["minor"].as_i64().expect("minor units");
                add(format!("order/{order}"), "committed", cost);
            }
            for (day, held) in line["hold"].as_object().into_iter().flatten() {
                let held = held.as_i64().expect("impressions");
                add(format!("avail/{product}"), day, held);
            }
        }
        let found = self.counters.iter().filter(|(space, ..)| space != "budget");
        let found: BTreeMap<_, _> = found
            .map(|(space, cell, used)| ((space.clone(), cell.clone()), *used))
            .collect();
        let differs = |(cell, used): &(&(String, String), &i64)| wanted.get(*cell) != Some(used);
        let wrong: Vec<_> = found.iter().filter(differs).collect();
        assert!(wrong.is_empty(), "no line accounts for these: {wrong:?}");
        assert_eq!(found.len(), wanted.len(), "lines hold what was not taken");
        for line in &self.lines {
            let held = line["hold"].as_object().into_iter().flatten();
            let held: u64 = held.filter_map(|(_, held)| held.as_u64()).sum();
            let firm = line["status"] == "Booked" && line["delivery_type"] == "Guaranteed";
            assert!(!firm || Some(held) == line["quantity"].as_u64(), "{line}");
        }
    }

    fn booked(&self) -> impl Iterator<Item = &Value> {
        let lines = self.jobs.iter().flat_map(|job| array(&job["lines"]));
        lines.filter(|line| booked(line))
    }

    fn used(&self, space: &str) -> BTreeMap<String, i64> {
        let of_space = self.counters.iter().filter(|(named, ..)| named == space);
        of_space
            .map(|(_, cell, used)| (cell.clone(), *used))
            .collect()
    }
}

/// How often each operation was done under each key.
const DONE: &str = "SELECT action, detail, COUNT(*) FROM audit \
    WHERE outcome = 'done' AND detail <> '' GROUP BY action, detail";
/// What is taken of what there is.
const COUNTERS: &str = "SELECT space, cell, used FROM counter WHERE used <> 0";
/// Jobs and lines.
const OBJECTS: &str = "SELECT kind, body FROM object WHERE kind IN ('job', 'line')";

async fn all<R>(door: &mut PgConnection, sql: &'static str) -> Vec<R>
where
    R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let rows = sqlx::query_as(sql).fetch_all(door).await;
    rows.expect("an answer")
}

/// Reads three columns.
fn rows(books: &Connection, sql: &str) -> Vec<(String, String, i64)> {
    let mut asked = books.prepare(sql).expect("a question");
    let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.expect("an answer")
        .collect::<Result<_, _>>()
        .expect("rows")
}

fn objects(books: &Connection, kind: &str) -> Vec<Value> {
    let mut asked = books
        .prepare("SELECT body FROM object WHERE kind = ?1")
        .expect("a question");
    let bodies = asked.query_map([kind], |row| row.get::<_, String>(0));
    bodies
        .expect("an answer")
        .map(|body| serde_json::from_str(&body.expect("a body")).expect("an object"))
        .collect()
}

fn booked(line: &Value) -> bool {
    line["booked_at"].is_string()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
