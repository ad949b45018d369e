//! What pacing costs over 10,000 lines, beside the bare division in floats: `cargo bench --bench
//! pacing`. Says nothing about other machines.

use std::{
    hint::black_box,
    io::{self, Write as _},
};

use chrono::{DateTime, Duration};
use criterion::Criterion;
use flightdeck::domain::{
    pacing::{
        alerts::{rank::worst_first, rules::Signals},
        clock::Clock,
        curve::{Curve, Pacing},
        figures::Figures,
        hours::Hours,
        ratio::Ratio,
        rollup::roll_up,
        status::{Bounds, Status},
        terms::{Goal, Pause, Rebase, Seen, Terms, Unit},
    },
    when::Instant,
};

#[path = "../engine/cpu.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod cpu;
#[path = "../engine/table.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod table;

mod desk;
mod pane;

use cpu::Process;
use table::{Row, Table, Target};

/// How many lines are live.
const LINES: i64 = 10_000;
/// How often they are all worked out for the table.
const ROUNDS: u32 = 200;

fn now() -> Instant {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

/// A line like many, and like no other: a tenth with dayparts, a tenth with a curve of its own,
/// a tenth changed in flight, a tenth held back for a day.
fn line(number: i64) -> (Terms, Seen) {
    let zone = if number % 3 == 0 {
        "America/New_York".parse().expect("a zone")
    } else {
        "Europe/Berlin".parse().expect("a zone")
    };
    let start = now() - Duration::seconds(86_400 * (1 + number % 40) + number % 3_600);
    let end = start + Duration::days(30 + number % 60);
    let clock = Clock::new(start, end, zone).expect("a flight");
    let evenings = || Hours::daily(&[17, 18, 19, 20, 21, 22]).expect("hours");
    let clock = if number % 10 == 1 {
        clock.only_in(evenings())
    } else {
        clock
    };
    let goal = Ratio::whole(100_000 + number * 7_919 % 9_000_000);
    let mut terms = Terms::new(Goal::Amount(Unit::Impressions, goal), clock);
    terms.budget = Some(Ratio::whole(1_000 + number % 50_000));
    terms.pacing = match number % 10 {
        2 => Pacing::Custom(
            Curve::new(vec![
                (Ratio::percent(20), Ratio::percent(30)),
                (Ratio::percent(70), Ratio::percent(80)),
            ])
            .expect("a curve"),
        ),
        3 | 4 => Pacing::FrontLoaded,
        5 => Pacing::Asap,
        _ => Pacing::Even,
    };
    let share = Ratio::new(i128::from(number % 120), 100).expect("a share");
    let delivered = goal.times(share).expect("short").nearest();
    let delivered = Ratio::whole(i64::try_from(delivered).expect("short"));
    if number % 10 == 6 {
        let at = start + Duration::hours(20);
        terms.rebase = Some(Rebase {
            at,
            delivered: Ratio::whole(900),
        });
    }
    if number % 10 == 7 {
        let from = start + Duration::hours(2);
        terms.pauses = vec![Pause {
            from,
            until: Some(from + Duration::days(1)),
        }];
    }
    let seen = Seen {
        spent: Some(Ratio::whole(number % 40_000)),
        rate_24h: (number % 4 > 0).then(|| Ratio::whole(1 + number * 31 % 90_000)),
        rate_7d: Some(Ratio::whole(1 + number * 17 % 90_000)),
        ..Seen::new(delivered, now())
    };
    (terms, seen)
}

/// Works out every line in its row, as a console would, and ranks the rows by what is at risk.
fn recompute(
    lines: &[(Terms, Seen)],
    bounds: &Bounds,
    rows: &mut Vec<(Status, Figures)>,
) -> Vec<usize> {
    rows.clear();
    rows.extend(lines.iter().map(|(terms, seen)| {
        let figures = Figures::of(terms, seen);
        (bounds.judge(terms, Some((seen, &figures))), figures)
    }));
    worst_first(rows.iter().map(|(_, figures)| figures.at_risk))
}

/// Works out every line and looks for all that may be wrong with it.
fn alert(lines: &[(Terms, Seen)], bounds: &Bounds) -> usize {
    let count = |(terms, seen): &(Terms, Seen)| {
        let figures = Figures::of(terms, seen);
        Signals::new(terms, seen, &figures, bounds, now())
            .findings()
            .len()
    };
    lines.iter().map(count).sum()
}

/// The index alone, in floats, of even lines without dayparts.
fn plainly(lines: &[(f64, f64, i64, i64)]) -> Vec<f64> {
    let mut all: Vec<f64> = lines
        .iter()
        .map(|(goal, delivered, gone, whole)| {
            let share = Duration::seconds(*gone).as_seconds_f64()
                / Duration::seconds(*whole).as_seconds_f64();
            delivered / (goal * share)
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all
}

/// Processor time of a round, the mean of many, in milliseconds.
fn spent<T>(mut work: impl FnMut() -> T) -> f64 {
    let own = Process::new(std::process::id());
    let before = own.spent();
    for _ in 0..ROUNDS {
        black_box(work());
    }
    own.spent().saturating_sub(before).as_secs_f64() * 1e3 / f64::from(ROUNDS)
}

fn main() {
    let mut criterion = Criterion::default().sample_size(30).configure_from_args();
    let bounds = Bounds::default();
    let lines: Vec<(Terms, Seen)> = (0..LINES).map(line).collect();
    let floats: Vec<_> = lines
        .iter()
        .map(|(terms, seen)| {
            let goal = terms.goal.amount().unwrap_or_default().approximate();
            let (start, end) = (terms.clock.start(), terms.clock.end());
            let (gone, whole) = ((now() - start).num_seconds(), (end - start).num_seconds());
            (goal, seen.delivered.approximate(), gone, whole)
        })
        .collect();
    let figures: Vec<Figures> = lines
        .iter()
        .map(|(terms, seen)| Figures::of(terms, seen))
        .collect();
    let mut rows = Vec::with_capacity(lines.len());
    let mut group = criterion.benchmark_group("pacing");
    group.bench_function("10,000 lines recomputed and ranked", |bench| {
        bench.iter(|| recompute(black_box(&lines), &bounds, &mut rows));
    });
    group.bench_function("10,000 lines looked at by every rule", |bench| {
        bench.iter(|| alert(black_box(&lines), &bounds));
    });
    group.bench_function("10,000 lines rolled up", |bench| {
        bench.iter(|| {
            roll_up(
                lines
                    .iter()
                    .zip(&figures)
                    .map(|((terms, seen), one)| (terms, seen, one)),
            )
        });
    });
    group.finish();
    let mut table = Table::default();
    let ranked = spent(|| recompute(&lines, &bounds, &mut rows));
    let plain = spent(|| plainly(&floats));
    let rules = spent(|| alert(&lines, &bounds));
    for (what, spent) in [
        ("10,000 lines recomputed and ranked, CPU", ranked),
        ("10,000 lines looked at by every rule, CPU", rules),
        (
            "10,000 indexes in floats, sorted, for comparison, CPU",
            plain,
        ),
    ] {
        table.push(Row::figure(what, spent, "ms", Target::AtMost(16.0)));
    }
    let mut seat = pane::Seat::taken();
    let painted = spent(|| {
        let rows = (0u64..).zip(&lines).map(|one| pane::row(one, &bounds));
        seat.takes(rows.collect())
    });
    let what = "10,000 lines recomputed, ranked and painted, CPU";
    table.push(Row::figure(what, painted, "ms", Target::AtMost(16.0)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let desk = runtime.block_on(desk::Desk::filled());
    let mut times: Vec<f64> = (0..20)
        .map(|_| {
            let since = std::time::Instant::now();
            assert_eq!(runtime.block_on(desk.list()), 10_000);
            since.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let what = "10,000 lines listed from SQLite, median of 20";
    table.push(Row::figure(what, times[10], "ms", Target::AtMost(400.0)));
    criterion.final_summary();
    write!(io::stdout(), "\n{table}").expect("somebody reads");
}
