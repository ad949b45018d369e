//! The rows of a calendar: what the clock on a wall shows, from midnight to midnight, and which
//! instant that is on a day. An hour that a day has twice has two rows; one that it leaves out is
//! said to be left out. Knows nothing of what is booked.

use chrono::{DateTime, Datelike as _, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone as _};

use crate::domain::{
    slot::zone::{day_of, local, midnight, shifted},
    zone::Zone,
};

/// The minutes of a day.
const DAY: u16 = 1440;
/// No clock is changed by less than this, in minutes.
const QUARTER: u16 = 15;
/// The heights that a row may have, in minutes.
pub const HEIGHTS: [u16; 3] = [15, 30, 60];

/// A row of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRow {
    /// What the clock shows, in minutes since midnight.
    pub minute: u16,
    /// Whether it shows that for the second time on the same day.
    pub again: bool,
}

impl TimeRow {
    /// What stands beside it.
    #[must_use]
    pub fn label(self) -> String {
        let mark = if self.again { "b" } else { "" };
        format!("{:02}:{:02}{mark}", self.minute / 60, self.minute % 60)
    }
}

/// What a row is on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A stretch of time, in seconds since 1970, its end not included.
    At(i64, i64),
    /// The clock leaves it out.
    Skipped,
    /// There is no such row on that day: it has the hour only once.
    Never,
}

/// What a clock shows then: nothing, once or twice.
fn shown(zone: Zone, day: NaiveDate, minute: u16) -> (Option<i64>, Option<i64>) {
    let wall = day.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute));
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => (Some(at.timestamp()), None),
        LocalResult::Ambiguous(first, second) => {
            (Some(first.timestamp()), Some(second.timestamp()))
        }
        LocalResult::None => (None, None),
    }
}

/// The first instant of a row on a day, where it has any.
fn begins(zone: Zone, day: NaiveDate, row: TimeRow, height: u16) -> Option<i64> {
    let mut quarters = (row.minute..row.minute + height).step_by(usize::from(QUARTER));
    quarters.find_map(|minute| {
        let (first, second) = shown(zone, day, minute);
        if row.again { second } else { first }
    })
}

/// The rows that some days need together.
#[must_use]
pub fn rows(zone: Zone, days: &[NaiveDate], height: u16) -> Vec<TimeRow> {
    let height = height.clamp(QUARTER, DAY);
    let mut rows = Vec::new();
    let mut twice: Vec<TimeRow> = Vec::new();
    for minute in (0..DAY).step_by(usize::from(height)) {
        let again = TimeRow {
            minute,
            again: true,
        };
        let is_twice = days
            .iter()
            .any(|day| begins(zone, *day, again, height).is_some());
        if !is_twice {
            rows.append(&mut twice);
        }
        rows.push(TimeRow {
            minute,
            again: false,
        });
        if is_twice {
            twice.push(again);
        }
    }
    rows.append(&mut twice);
    rows
}

/// What all rows are on a day, in their order.
#[must_use]
pub fn moments(zone: Zone, day: NaiveDate, rows: &[TimeRow], height: u16) -> Vec<Moment> {
    let starts: Vec<Option<i64>> = rows
        .iter()
        .map(|row| begins(zone, day, *row, height))
        .collect();
    let mut end = midnight(zone, shifted(day, 1));
    let mut moments = Vec::with_capacity(rows.len());
    for (row, start) in rows.iter().zip(&starts).rev() {
        moments.push(match start {
            Some(start) => {
                let moment = Moment::At(*start, end.max(start + 1));
                end = *start;
                moment
            }
            None if row.again => Moment::Never,
            None => Moment::Skipped,
        });
    }
    moments.reverse();
    moments
}

/// The Monday of a day's week.
#[must_use]
pub fn monday(day: NaiveDate) -> NaiveDate {
    shifted(day, -i64::from(day.weekday().num_days_from_monday()))
}

/// The days of the week that begins on a Monday.
#[must_use]
pub fn week(monday: NaiveDate) -> Vec<NaiveDate> {
    (0..7).map(|by| shifted(monday, by)).collect()
}

/// In which row an instant stands, and on which day.
#[must_use]
pub fn place(zone: Zone, at: i64, rows: &[TimeRow], height: u16) -> (NaiveDate, usize) {
    let day = day_of(zone, at);
    let all = moments(zone, day, rows, height);
    let holds =
        |moment: &Moment| matches!(moment, Moment::At(start, end) if (*start..*end).contains(&at));
    (day, all.iter().position(holds).unwrap_or(0))
}

/// What the clock shows at an instant; with a mark where it shows it for the second time.
#[must_use]
pub fn time(zone: Zone, at: i64) -> String {
    let clock = local(zone, at);
    let twice = zone.from_local_datetime(&clock.naive_local());
    let again = matches!(twice, LocalResult::Ambiguous(_, second) if second.timestamp() == at);
    let mark = if again { "b" } else { "" };
    format!("{}{mark}", clock.format("%H:%M"))
}

/// What clock and calendar show at an instant.
#[must_use]
pub fn day_and_time(zone: Zone, at: i64) -> String {
    format!("{} {}", local(zone, at).format("%a %d %b"), time(zone, at))
}

/// From when until when, by a clock and its calendar.
#[must_use]
pub fn span(zone: Zone, (start, end): (i64, i64)) -> String {
    format!("{}-{}", day_and_time(zone, start), time(zone, end))
}

/// A moment as it was answered: with the clock of its place.
#[must_use]
pub fn answered(at: &str) -> String {
    let read = DateTime::parse_from_rfc3339(at);
    read.map_or_else(
        |_| at.to_owned(),
        |at| at.format("%a %d %b %H:%M %:z").to_string(),
    )
}

/// From when until when, as it was answered: times carry the clock of their place.
#[must_use]
pub fn zoned(starts_at: &str, ends_at: &str) -> String {
    let read = |text: &str| DateTime::parse_from_rfc3339(text).ok();
    match (read(starts_at), read(ends_at)) {
        (Some(start), Some(end)) => {
            let offset = start.format("%:z");
            format!(
                "{}-{} {offset}",
                start.format("%a %d %b %H:%M"),
                end.format("%H:%M")
            )
        }
        _ => starts_at.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::slot::zone::written;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// The labels of a day's rows, those that it leaves out in brackets.
    fn labels(zone: Zone, text: &str, height: u16) -> Vec<String> {
        let days = week(monday(day(text)));
        let rows = rows(zone, &days, height);
        let moments = moments(zone, day(text), &rows, height);
        let each = rows.iter().zip(&moments);
        each.filter_map(|(row, moment)| match moment {
            Moment::At(..) => Some(row.label()),
            Moment::Skipped => Some(format!("({})", row.label())),
            Moment::Never => None,
        })
        .collect()
    }

    #[test]
    fn a_day_of_25_hours_has_an_hour_twice_and_one_of_23_says_which_it_lacks() {
        let zone: Zone = "America/New_York".parse().expect("a zone");
        let long = labels(zone, "2026-11-01", 60);
        assert_eq!(long[..4], ["00:00", "01:00", "01:00b", "02:00"]);
        assert_eq!(long.len(), 25);
        let halves = labels(zone, "2026-11-01", 30);
        assert_eq!(halves[2..6], ["01:00", "01:30", "01:00b", "01:30b"]);
        let short = labels(zone, "2026-03-08", 60);
        assert_eq!(short[1..4], ["01:00", "(02:00)", "03:00"]);
        // The day before in the same week has neither.
        assert_eq!(labels(zone, "2026-10-31", 60).len(), 24);
    }

    #[test]
    fn half_an_hour_may_be_all_that_a_clock_is_changed_by() {
        let zone: Zone = "Australia/Lord_Howe".parse().expect("a zone");
        let long = labels(zone, "2026-04-05", 60);
        assert_eq!(long[1..4], ["01:00", "01:00b", "02:00"]);
        let short = labels(zone, "2026-10-04", 60);
        assert_eq!(short.len(), 24, "half of the hour is there");
    }

    #[test]
    fn the_rows_of_a_day_leave_no_second_out() {
        for (zone, text, hours) in [
            ("America/New_York", "2026-11-01", 25),
            ("America/New_York", "2026-03-08", 23),
            ("Asia/Kolkata", "2026-06-15", 24),
            ("Africa/Cairo", "2026-04-24", 23),
        ] {
            let zone: Zone = zone.parse().expect("a zone");
            for height in HEIGHTS {
                let rows = rows(zone, &[day(text)], height);
                let mut at = midnight(zone, day(text));
                let begins = at;
                for moment in moments(zone, day(text), &rows, height) {
                    if let Moment::At(start, end) = moment {
                        assert_eq!(start, at, "{zone} {text}: {}", written(zone, at));
                        at = end;
                    }
                }
                assert_eq!(at - begins, hours * 3600, "{zone} {text} {height}");
            }
        }
    }
}
