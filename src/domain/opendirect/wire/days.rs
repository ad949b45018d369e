//! Days as clients write them: a plain day, or an instant on it. The day is the one that
//! stands there, in the clock that it was written for. Refuses everything looser.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use super::Reading;
use crate::domain::when::{Flight, parse_day};

/// The longest instant that is read, with nanoseconds and an offset.
const LONGEST: usize = 40;

/// Reads the day of a text.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    if text.len() > LONGEST {
        return None;
    }
    let day = parse_day(text.get(..10)?)?;
    if text.len() == 10 {
        return Some(day);
    }
    let with_offset = DateTime::parse_from_rfc3339(text).map(|at| at.date_naive());
    let without =
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|at| at.date());
    let read = with_offset.or_else(|_| without()).ok()?;
    (read == day).then_some(day)
}

impl Reading {
    /// A day that must be there.
    pub(super) fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        let found = day(text);
        if found.is_none() {
            let message = "must be a day such as 2026-07-01, or an instant on it";
            self.problem(field, "INVALID_DATE", message);
        }
        found
    }
}

/// The first moment of a flight, as clients read it.
pub(super) fn start(flight: Flight) -> String {
    format!("{}T00:00:00Z", flight.first())
}

/// The last second of a flight, as clients read it.
pub(super) fn end(flight: Flight) -> String {
    format!("{}T23:59:59Z", flight.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_that_stands_there_counts() {
        for text in [
            "2026-07-31",
            "2026-07-31T00:00:00",
            "2026-07-31T23:59:59Z",
            "2026-07-31T23:59:59.999999Z",
            "2026-07-31T00:00:00+09:00",
            "2026-07-31T23:59:59.5-11:00",
        ] {
            assert_eq!(day(text), parse_day("2026-07-31"), "{text}");
        }
        for bad in [
            "",
            "31.07.2026",
            "2026-02-30",
            "2026-02-30T00:00:00Z",
            "2026-07-31T25:00:00Z",
            "2026-07-31 later",
            "2026-07-31Z",
            "2026-07-3\u{661}",
            "2026-07-31T00:00:00Z and more and more and more and more",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_flight_comes_back_as_it_went_out() {
        let first = parse_day("2026-07-01").expect("day");
        let last = parse_day("2026-07-31").expect("day");
        let flight = Flight::new(first, last).expect("flight");
        assert_eq!(
            (day(&start(flight)), day(&end(flight))),
            (Some(first), Some(last))
        );
    }
}
