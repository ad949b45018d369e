//! What it costs to say what is free: a year of one resource, two weeks of two hundred, and one
//! slot at the moment that somebody books it: `cargo bench --bench slots`. Beside them stands the
//! sorting of as many plain numbers. Says nothing about other machines.

use std::{
    hint::black_box,
    io::{self, Write as _},
};

use chrono::NaiveDate;
use criterion::Criterion;
use flightdeck::domain::{
    slot::{
        hours::{Opening, Week},
        load::Taken,
        range::days,
        schedule::Schedule,
        span::Span,
        timetable::{Slot, Timetable},
        zone::{midnight, shifted},
    },
    when::Instant,
    zone::Zone,
};

#[path = "../engine/cpu.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod cpu;
#[path = "../engine/table.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod table;

mod pane;

use cpu::Process;
use table::{Row, Table, Target};

/// Something that can be booked, some days, and who has booked it.
type Place = (Schedule, Span, Vec<Taken>);

fn first() -> NaiveDate {
    "2026-01-01".parse().expect("a day")
}

fn now() -> Instant {
    "2025-12-31T00:00:00Z".parse().expect("an instant")
}

fn schedule(zone: Zone, open: &str, close: &str, minutes: u32) -> Schedule {
    let opening = Opening {
        open: open.parse().expect("a time"),
        close: close.parse().expect("a time"),
    };
    Schedule {
        operating_hours: Week::daily(&[opening]),
        default_duration_minutes: minutes,
        max_concurrent: 4,
        buffer_after_minutes: 5,
        ..Schedule::closed(zone)
    }
}

fn range(zone: Zone, long: i64) -> Span {
    let end = midnight(zone, shifted(first(), long));
    Span::new(midnight(zone, first()), end).expect("time")
}

/// So many bookings, spread over a stretch of time as if by chance.
fn taken(span: Span, count: i64) -> Vec<Taken> {
    let long = span.end - span.start;
    let start = |n: i64| span.start + (n * 7919 * 900) % long;
    let one = |n: i64| Taken {
        span: Span::new(start(n), start(n) + 900).expect("time"),
        seats: 1,
    };
    (0..count).map(one).collect()
}

/// A year of quarters of an hour, with 10,000 bookings.
fn year() -> Place {
    let zone: Zone = "America/New_York".parse().expect("a zone");
    let span = range(zone, 365);
    (
        schedule(zone, "00:00", "24:00", 15),
        span,
        taken(span, 10_000),
    )
}

/// Two weeks of 200 places in four zones, with 100 bookings each.
fn board() -> Vec<Place> {
    let zones = [
        "America/New_York".parse().expect("a zone"),
        "Europe/Berlin".parse().expect("a zone"),
        "Asia/Kathmandu".parse().expect("a zone"),
        Zone::UTC,
    ];
    let place = |n: usize| {
        let zone = zones[n % zones.len()];
        let span = range(zone, 14);
        (schedule(zone, "08:00", "20:00", 30), span, taken(span, 100))
    };
    (0..200).map(place).collect()
}

fn list((schedule, span, taken): &Place) -> Vec<Slot> {
    let days = days(schedule.timezone, *span);
    Timetable::new(schedule, days, now(), taken).slots(*span, true)
}

fn seen((schedule, span, taken): &Place) -> usize {
    let days = days(schedule.timezone, *span);
    Timetable::new(schedule, days, now(), taken)
        .all(*span)
        .len()
}

/// As many numbers as bookings begin and end, sorted: what no list can do without.
fn plainly() -> Vec<i64> {
    let mut all: Vec<i64> = (0..20_000).map(|n| (n * 7919) % 20_011).collect();
    all.sort_unstable();
    all
}

/// Processor time of a round, the mean of so many, in milliseconds.
fn spent<T>(rounds: u32, mut work: impl FnMut() -> T) -> f64 {
    let own = Process::new(std::process::id());
    let before = own.spent();
    for _ in 0..rounds {
        black_box(work());
    }
    own.spent().saturating_sub(before).as_secs_f64() * 1e3 / f64::from(rounds)
}

fn main() {
    let mut criterion = Criterion::default().sample_size(30).configure_from_args();
    let (year, board) = (year(), board());
    assert!(list(&year).len() > 35_000, "{} slots", list(&year).len());
    let zone: Zone = "America/New_York".parse().expect("a zone");
    let two = range(zone, 2);
    let (place, there) = (schedule(zone, "08:00", "20:00", 30), taken(two, 60));
    let start = two.start + 36 * 3600;
    let one = || Timetable::around(&place, start, now(), black_box(&there)).judge(start, 1);
    assert!(one().is_ok());
    let all = || board.iter().map(seen).sum::<usize>();
    let mut group = criterion.benchmark_group("slots");
    group.bench_function("a year of quarters", |bench| {
        bench.iter(|| list(black_box(&year)));
    });
    group.bench_function("two weeks of 200", |bench| bench.iter(all));
    group.bench_function("one as it is booked", |bench| bench.iter(one));
    group.bench_function("20,000 numbers sorted", |bench| bench.iter(plainly));
    group.finish();
    let mut table = Table::default();
    let plain = spent(200, plainly);
    let what = "365 days of 15-minute slots, 10,000 bookings, CPU";
    table.push(Row::figure(
        what,
        spent(200, || list(&year)),
        "ms",
        Target::AtMost(5.0),
    ));
    let what = "14 days of 200 resources, 20,000 bookings, CPU";
    table.push(Row::figure(
        what,
        spent(50, all),
        "ms",
        Target::AtMost(20.0),
    ));
    let what = "one slot as it is booked, CPU";
    let once = spent(100_000, one) * 1e3;
    table.push(Row::figure(what, once, "\u{b5}s", Target::AtMost(50.0)));
    let mut seat = pane::Seat::taken();
    let (mut keys, mut bytes) = (["down", "right", "up", "left"].into_iter().cycle(), 0);
    let painted = spent(200, || bytes += seat.presses(keys.next().unwrap_or("down")));
    assert!(bytes > 0, "nothing was painted");
    let what = "a key in a week of quarters of an hour, painted, CPU";
    table.push(Row::figure(what, painted, "ms", Target::AtMost(16.0)));
    let what = "20,000 numbers sorted, for comparison, CPU";
    table.push(Row::figure(what, plain, "ms", Target::AtMost(5.0)));
    criterion.final_summary();
    write!(io::stdout(), "\n{table}").expect("somebody reads");
}
