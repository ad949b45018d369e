//! What the engine costs, each figure beside something plain that was measured in the same
//! run: `cargo bench`. Times of criterion are processor time of the measured process wherever
//! a name begins with `cpu/`. Ends with one table; says nothing about other machines.

use std::{
    cell::Cell,
    io::{self, Write as _},
    time::Duration,
};

use criterion::{Criterion, measurement::WallTime};

mod booking;
mod client;
mod cpu;
mod house;
mod rate;
mod server;
mod table;
mod tenants;

use client::Connection;
use cpu::Process;
use house::House;
use server::Server;
use table::{Row, Table};

/// How many jobs are stored.
const JOBS: usize = 10_000;
/// How many products are on sale.
const PRODUCTS: usize = 10_000;
/// How many requests are sent before anything is measured.
const WARM: u64 = 2_000;

/// What was measured: nanoseconds and how often.
#[derive(Debug, Default)]
struct Sum(Cell<(u64, u64)>);

impl Sum {
    fn add(&self, spent: Duration, times: u64) {
        let (all, count) = self.0.get();
        let spent = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        self.0.set((all + spent, count + times));
    }

    /// Microseconds each.
    fn micros(&self) -> f64 {
        let (all, count) = self.0.get();
        table::float(all) / table::float(count.max(1)) / 1000.0
    }
}

fn main() {
    if server::is_the_plain_one() {
        return server::be_the_plain_one();
    }
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    let mut table = Table::default();
    booking::measure(&mut criterion, &mut table);
    cpu::on_one_core(|| tenants::measure(&mut criterion, &mut table));
    let house = House::with_jobs(JOBS);
    cpu::on_one_core(|| reads(&mut criterion, &house, &mut table));
    start(&house, &mut table);
    rate::measure(&mut table);
    criterion.final_summary();
    write!(io::stdout(), "\n{table}").expect("somebody reads");
}

/// Reading one job, and a page of them, against a route that says next to nothing.
fn reads(criterion: &mut Criterion<WallTime>, house: &House, table: &mut Table) {
    let (plain, ours) = (Server::plain(), Server::ours(house.path(), &[]));
    let mut next = house.ids().iter().cycle();
    let mut each = || format!("/bookings/{}", next.next().map_or("", String::as_str));
    let watched = each();
    let mut rows = Vec::new();
    let empty = Sum::default();
    for (name, path) in [
        ("GET /bookings/{id}, one again and again", Some(&*watched)),
        ("GET /bookings/{id}, 10,000 in turn", None),
        ("GET /bookings, 20 of 10,000", Some("/bookings")),
    ] {
        let sum = Sum::default();
        // Taken in turns, so that both meet the same neighbours on this machine.
        spend(criterion, "cpu/plain route", &plain, &empty, || "/".into());
        spend(criterion, &format!("cpu/{name}"), &ours, &sum, || {
            path.map_or_else(&mut each, str::to_owned)
        });
        rows.push((name, sum));
    }
    for (name, sum) in rows {
        table.push(Row::ratio(
            &format!("{name}, CPU per request"),
            (sum.micros(), empty.micros()),
            "µs",
            table::Target::AtMost(3.0),
        ));
    }
    table.push(Row::figure(
        "resident memory of `serve` with 10,000 jobs",
        ours.process().resident_mib(),
        "MiB",
        table::Target::AtMost(64.0),
    ));
}

/// Measures the processor time that a server spends on a request.
fn spend(
    criterion: &mut Criterion<WallTime>,
    name: &str,
    server: &Server,
    sum: &Sum,
    path: impl FnMut() -> String,
) {
    let connection = Connection::open(server.address());
    spend_on(criterion, name, (server, connection), sum, path);
}

/// The same, over a connection that may carry a key.
fn spend_on(
    criterion: &mut Criterion<WallTime>,
    name: &str,
    (server, mut connection): (&Server, Connection),
    sum: &Sum,
    mut path: impl FnMut() -> String,
) {
    for _ in 0..WARM {
        connection.get(&path());
    }
    let process = server.process();
    criterion.bench_function(name, |bench| {
        bench.iter_custom(|times| {
            let before = process.spent();
            for _ in 0..times {
                connection.get(&path());
            }
            let spent = process.spent().saturating_sub(before);
            sum.add(spent, times);
            spent
        });
    });
}

/// From the start of the program to its first answer, with a full house.
fn start(house: &House, table: &mut Table) {
    let mut all: Vec<f64> = (0..9)
        .map(|_| {
            let server = Server::ours(house.path(), &[]);
            Connection::open(server.address()).get("/bookings?limit=1");
            server.age().as_secs_f64() * 1000.0
        })
        .collect();
    all.sort_by(f64::total_cmp);
    table.push(Row::figure(
        "start to first answer, 10,000 jobs (median of 9)",
        all[all.len() / 2],
        "ms",
        table::Target::AtMost(100.0),
    ));
}

/// This process.
fn this() -> Process {
    Process::new(std::process::id())
}
