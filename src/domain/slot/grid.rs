//! Where slots can begin: what a schedule's hours make of the days, as runs of open time, each
//! with the instant that its grid counts from. Closures and bookings never move a grid.
//!
//! Openings that touch or overlap are one run, over midnight too, with one beginning. A day that
//! is open from end to end counts from its own midnight: what is always open would otherwise
//! count from the beginning of time, and a question's answer would hang on where it begins.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};

use super::{
    schedule::Schedule,
    span::{Span, seconds},
    zone::{exists, midnight, second_at, shifted},
};

/// Open time whose slots count from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The open time.
    pub open: Span,
    /// How far it stays open behind that, where the next run begins at once.
    pub covered: i64,
}

impl Run {
    /// Whether a slot of this length may begin there. Into the next run only where the grid of
    /// this one goes on in step with it.
    #[must_use]
    fn holds(&self, start: i64, (length, step): (i64, i64)) -> bool {
        let on_grid = start >= self.open.start && (start - self.open.start) % step == 0;
        let in_step = (self.open.end - self.open.start) % step == 0;
        let end = if in_step { self.covered } else { self.open.end };
        on_grid && start < self.open.end && start + length <= end
    }
}

/// The runs of some days, in order.
#[derive(Debug, Clone)]
pub struct Grid {
    runs: Vec<Run>,
    length: i64,
    step: i64,
}

/// The openings of a day: its own, where it has some, or those of the day of the week.
fn openings(schedule: &Schedule, day: NaiveDate) -> &[super::hours::Opening] {
    match schedule.date_overrides.get(&day) {
        Some(own) => own,
        None => schedule.operating_hours.of(day.weekday()),
    }
}

/// The open time of a day as its openings say it.
fn spans(schedule: &Schedule, day: NaiveDate) -> impl Iterator<Item = Span> {
    let zone = schedule.timezone;
    let openings = openings(schedule, day);
    let there = openings.is_empty() || exists(zone, day);
    let openings = if there { openings } else { &[] };
    openings.iter().filter_map(move |opening| {
        let closing = shifted(day, opening.days_over());
        Span::new(
            second_at(zone, day, opening.open),
            second_at(zone, closing, opening.close),
        )
    })
}

/// Joins what touches or overlaps.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut whole: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match whole.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => whole.push(span),
        }
    }
    whole
}

impl Grid {
    /// The slots that may begin on some days.
    #[must_use]
    pub fn of(schedule: &Schedule, days: RangeInclusive<NaiveDate>) -> Self {
        // What was open on the day before may last into these days, and whether that day counts
        // from its own midnight is told by the day before it; the last slot may end a day later.
        let first = shifted(*days.start(), -2);
        let last = shifted(*days.end(), 2);
        let all = first.iter_days().take_while(|day| *day <= last);
        let open = joined(all.flat_map(|day| spans(schedule, day)).collect());
        let all = first.iter_days().take_while(|day| *day <= shifted(last, 1));
        let midnights: Vec<i64> = all.map(|day| midnight(schedule.timezone, day)).collect();
        let mut runs: Vec<Run> = Vec::with_capacity(open.len());
        let mut days = midnights.windows(2).peekable();
        for span in open {
            let mut from = span.start;
            while let Some(&[begins, ends]) = days.next_if(|day| day[0] < span.end) {
                let is_open_throughout = span.start < begins && ends <= span.end;
                if is_open_throughout && begins < ends {
                    runs.push(run(from, begins));
                    from = begins;
                }
            }
            runs.push(run(from, span.end));
        }
        for at in 1..runs.len() {
            if runs[at - 1].open.end == runs[at].open.start {
                runs[at - 1].covered = runs[at].open.end;
            }
        }
        Self {
            runs,
            length: seconds(schedule.default_duration_minutes.max(1)),
            step: seconds(schedule.step().max(1)),
        }
    }

    /// How long a slot is, in seconds.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.length
    }

    /// Whether something is open at an instant.
    #[must_use]
    pub fn is_open(&self, at: i64) -> bool {
        self.run_at(at).is_some()
    }

    fn run_at(&self, at: i64) -> Option<&Run> {
        let behind = self.runs.partition_point(|run| run.open.start <= at);
        let run = self.runs.get(behind.checked_sub(1)?)?;
        (at < run.open.end).then_some(run)
    }

    /// Whether a slot begins at an instant.
    #[must_use]
    pub fn begins(&self, at: i64) -> bool {
        let run = self.run_at(at);
        run.is_some_and(|run| run.holds(at, (self.length, self.step)))
    }

    /// Every beginning of a slot in a stretch of time, in order.
    pub fn starts(&self, within: Span) -> impl Iterator<Item = i64> {
        let (length, step) = (self.length, self.step);
        let first = self
            .runs
            .partition_point(|run| run.open.end <= within.start);
        let runs = self.runs[first..].iter();
        let runs = runs.take_while(move |run| run.open.start < within.end);
        runs.flat_map(move |run| {
            let skipped = (within.start - run.open.start).max(0);
            let from = run.open.start + (skipped + step - 1) / step * step;
            let until = run.open.end.min(within.end);
            let steps = (0..).map(move |n| from + n * step);
            steps
                .take_while(move |start| *start < until)
                .take_while(move |start| run.holds(*start, (length, step)))
        })
    }
}

fn run(start: i64, end: i64) -> Run {
    Run {
        open: Span { start, end },
        covered: end,
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::domain::{
        slot::{hours::Week, zone},
        zone::Zone,
    };

    fn schedule(zone: Zone, hours: &str, minutes: u32) -> Schedule {
        Schedule {
            operating_hours: serde_json::from_str::<Week>(hours).expect("hours"),
            default_duration_minutes: minutes,
            ..Schedule::closed(zone)
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn starts(schedule: &Schedule, first: &str, last: &str) -> Vec<String> {
        let (first, last) = (day(first), day(last));
        let zone = schedule.timezone;
        let within = Span::new(midnight(zone, first), midnight(zone, shifted(last, 1)));
        let grid = Grid::of(schedule, first..=last);
        let starts = grid.starts(within.expect("time"));
        starts.map(|start| zone::written(zone, start)).collect()
    }

    #[test]
    fn a_night_is_one_run_over_midnight() {
        let hours = r#"{"fri":[{"open":"23:00","close":"24:00"}],"sat":[{"open":"00:00","close":"00:30"}]}"#;
        let found = starts(&schedule(Zone::UTC, hours, 90), "2026-06-19", "2026-06-20");
        assert_eq!(found, ["2026-06-19T23:00:00+00:00"]);
        let over = r#"{"fri":[{"open":"22:00","close":"01:00"}]}"#;
        let found = starts(&schedule(Zone::UTC, over, 60), "2026-06-20", "2026-06-20");
        assert_eq!(
            found,
            ["2026-06-20T00:00:00+00:00"],
            "asked for Saturday alone"
        );
    }

    #[test]
    fn the_repeated_hour_is_there_twice_and_the_skipped_one_not_at_all() {
        let zone: Zone = "America/New_York".parse().expect("a zone");
        let hours = r#"{"sun":[{"open":"00:00","close":"04:00"}]}"#;
        let back = starts(&schedule(zone, hours, 60), "2026-11-01", "2026-11-01");
        assert_eq!(
            back[1..3],
            ["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"]
        );
        assert_eq!(back.len(), 5);
        let forward = starts(&schedule(zone, hours, 60), "2026-03-08", "2026-03-08");
        assert_eq!(forward.len(), 3);
        assert_eq!(forward[2], "2026-03-08T03:00:00-04:00");
    }

    #[test]
    fn what_is_always_open_counts_every_day_from_its_midnight() {
        let week = Week::daily(&[
            serde_json::from_str(r#"{"open":"00:00","close":"24:00"}"#).expect("one")
        ]);
        let mut always = schedule(Zone::UTC, "{}", 50);
        always.operating_hours = week;
        // 28 slots of 50 minutes, and forty minutes that nobody can book.
        let both = starts(&always, "2026-06-15", "2026-06-16");
        assert_eq!(both.len(), 56);
        assert_eq!(both[28], "2026-06-16T00:00:00+00:00");
        // In step with the day a slot may run over midnight.
        always.default_duration_minutes = 60;
        always.slot_step_minutes = Some(30);
        assert_eq!(starts(&always, "2026-06-15", "2026-06-15").len(), 48);
    }

    #[test]
    fn a_day_that_never_was_has_no_slots() {
        let zone: Zone = "Pacific/Apia".parse().expect("a zone");
        let hours = r#"{"thu":[{"open":"22:00","close":"24:00"}],"fri":[{"open":"09:00","close":"11:00"}],"sat":[{"open":"09:00","close":"11:00"}]}"#;
        let found = starts(&schedule(zone, hours, 60), "2011-12-29", "2011-12-31");
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[2], "2011-12-31T09:00:00+14:00");
    }
}
