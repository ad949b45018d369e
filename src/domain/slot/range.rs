//! From when to when somebody wants to look: days or instants as they are written, read by the
//! clock of the place. Refuses more than a year at once.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use super::{
    span::{Span, second_from},
    zone::{day_of, local, midnight, second_of, shifted},
};
use crate::domain::{
    problem::{Code, Problem},
    text::echo,
    when::{Instant, parse_day},
    zone::Zone,
};

/// The most days that are looked through at once.
pub const LONGEST: i64 = 366;
/// How many days are looked through where nobody says.
pub const WEEK: i64 = 7;

/// One end of a range as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Day(NaiveDate),
    Second(i64),
}

fn read(zone: Zone, field: &str, text: &str) -> Result<End, Problem> {
    if let Some(day) = parse_day(text) {
        return Ok(End::Day(day));
    }
    let at = DateTime::parse_from_rfc3339(text);
    if let Ok(at) = at.or_else(|_| DateTime::parse_from_rfc3339(&with_plus(text))) {
        return Ok(End::Second(second_from(at.to_utc())));
    }
    let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    let wall = wall.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"));
    wall.map(|wall| End::Second(second_of(zone, wall)))
        .map_err(|_| {
            let said = format!("'{}' is neither a day nor an instant", echo(text));
            Problem::new(field, Code::INVALID_DATE, said)
                .hint("write 2026-06-15 or 2026-06-15T10:00:00Z")
        })
}

/// A space before the hours of an offset is the plus that was not escaped in a query.
fn with_plus(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((wall, offset)) if wall.contains('T') => format!("{wall}+{offset}"),
        _ => text.to_owned(),
    }
}

/// Reads one moment: an instant, a time by the clock of the place, or the midnight of a day.
///
/// # Errors
/// When it is neither.
pub fn moment(zone: Zone, field: &str, text: &str) -> Result<i64, Problem> {
    Ok(match read(zone, field, text)? {
        End::Day(day) => midnight(zone, day),
        End::Second(at) => at,
    })
}

/// Reads a range. A day begins at its midnight and, as an end, is part of it; what is not said is
/// now, and a week after the beginning.
///
/// # Errors
/// When an end cannot be read, when there is nothing between them, or too much.
pub fn range(
    zone: Zone,
    now: Instant,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Span, Problem> {
    let start = match from.map(|text| read(zone, "from", text)).transpose()? {
        None => second_from(now),
        Some(End::Day(day)) => midnight(zone, day),
        Some(End::Second(at)) => at,
    };
    let end = match to.map(|text| read(zone, "to", text)).transpose()? {
        None => a_week_after(zone, start),
        Some(End::Day(day)) => midnight(zone, shifted(day, 1)),
        Some(End::Second(at)) => at,
    };
    let span = Span::new(start, end).ok_or_else(|| {
        let said = "the range ends before it begins";
        Problem::new("to", Code::INVALID_DATE, said).hint("give a 'to' behind 'from'")
    })?;
    if span.end - span.start > (LONGEST + 1) * 86_400 {
        let said = format!("the range is longer than {LONGEST} days");
        let problem = Problem::new("to", Code::new("RANGE_TOO_LONG"), said);
        return Err(problem.hint("ask for less at once"));
    }
    Ok(span)
}

/// The same time of the clock a week later.
fn a_week_after(zone: Zone, start: i64) -> i64 {
    let wall = local(zone, start).naive_local();
    let later = shifted(wall.date(), WEEK).and_time(wall.time());
    second_of(zone, later).max(start + 1)
}

/// Whether a text is a whole day, not a moment.
#[must_use]
pub fn is_day(text: &str) -> bool {
    parse_day(text).is_some()
}

/// The days of a place that a range touches.
#[must_use]
pub fn days(zone: Zone, within: Span) -> std::ops::RangeInclusive<NaiveDate> {
    day_of(zone, within.start)..=day_of(zone, within.end - 1)
}
