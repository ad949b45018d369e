//! Days and instants. A flight is a run of whole days; an instant is kept to the
//! microsecond so that it reads the same from every database. Asks no clock.

use chrono::{DateTime, Datelike, Duration, NaiveDate, SecondsFormat, SubsecRound, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An instant in UTC, whole microseconds.
pub type Instant = DateTime<Utc>;

/// Cuts an instant to what both databases keep.
#[must_use]
pub fn stored(at: Instant) -> Instant {
    at.trunc_subsecs(6)
}

/// Writes an instant as people and programs read it: RFC 3339 with `Z`.
#[must_use]
pub fn rfc3339(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// How long somebody wants to be left alone, as `Retry-After` says it: so many seconds, or until a
/// time. Nothing where that makes no sense or is over.
#[must_use]
pub fn retry_after(said: &str, now: Instant) -> Option<std::time::Duration> {
    let said = said.trim();
    if let Ok(seconds) = said.parse::<u32>() {
        return Some(std::time::Duration::from_secs(seconds.into()));
    }
    let until = DateTime::parse_from_rfc2822(said).ok()?;
    (until.to_utc() - now).to_std().ok()
}

/// The longest flight that is accepted, in days: five years with their leap days.
pub const LONGEST_FLIGHT: i64 = 5 * 366;

/// Whole days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Flight {
    first: NaiveDate,
    last: NaiveDate,
}

/// Why two days are not a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAFlight {
    /// The last day comes before the first.
    #[error("the flight ends before it starts")]
    Backwards,
    /// Over five years.
    #[error("the flight is longer than five years")]
    TooLong,
}

impl Flight {
    /// Joins two days, or says why they do not make a flight.
    ///
    /// # Errors
    /// When they are in the wrong order or more than five years apart.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, NotAFlight> {
        if last < first {
            return Err(NotAFlight::Backwards);
        }
        if (last - first).num_days() >= LONGEST_FLIGHT {
            return Err(NotAFlight::TooLong);
        }
        Ok(Self { first, last })
    }

    /// A single day.
    #[must_use]
    pub fn day(day: NaiveDate) -> Self {
        Self {
            first: day,
            last: day,
        }
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        self.last
    }

    /// How many days, at least one.
    #[must_use]
    pub fn length(self) -> u32 {
        u32::try_from((self.last - self.first).num_days() + 1).unwrap_or(1)
    }

    /// Every day in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        (0..i64::from(self.length())).map(move |n| self.first + Duration::days(n))
    }

    /// What is left of it from `today` on; nothing when it has ended.
    #[must_use]
    pub fn from_today(self, today: NaiveDate) -> Option<Self> {
        (self.last >= today).then(|| Self {
            first: self.first.max(today),
            last: self.last,
        })
    }
}

/// Reads a day written exactly as `YYYY-MM-DD`, between the years 2000 and 9998.
#[must_use]
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, c)| match at {
            4 | 7 => *c == b'-',
            _ => c.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (2000..=9998).contains(&day.year()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        parse_day(text).expect(text)
    }

    #[test]
    fn only_real_days_in_the_one_form_are_read() {
        assert_eq!(day("2028-02-29").to_string(), "2028-02-29");
        for bad in [
            "2026-02-30",
            "2026-13-01",
            "0000-01-01",
            "9999-12-31",
            "2026-7-1",
            " 2026-07-01",
            "٢٠٢٦-٠٧-٠١",
            "20260701",
        ] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
    }

    #[test]
    fn whoever_wants_to_be_left_alone_says_so_in_seconds_or_until_a_time() {
        let now: Instant = "2026-07-01T00:00:00Z".parse().expect("an instant");
        let seconds = |said: &str| retry_after(said, now).map(|wait| wait.as_secs());
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("Wed, 01 Jul 2026 01:00:00 GMT"), Some(3600));
        for nothing in [
            "",
            "-5",
            "1.5",
            "99999999999",
            "soon",
            "Tue, 30 Jun 2026 23:59:59 GMT",
        ] {
            assert_eq!(seconds(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_flight_counts_both_ends_and_starts_no_earlier_than_today() {
        let flight = Flight::new(day("2026-07-01"), day("2026-09-30")).expect("in order");
        assert_eq!(flight.length(), 92);
        assert_eq!(flight.days().last(), Some(day("2026-09-30")));
        assert_eq!(
            flight.from_today(day("2026-09-30")).map(Flight::length),
            Some(1)
        );
        assert_eq!(flight.from_today(day("2026-10-01")), None);
        assert_eq!(flight.from_today(day("2026-01-01")), Some(flight));
        assert_eq!(
            Flight::new(day("2026-07-02"), day("2026-07-01")),
            Err(NotAFlight::Backwards)
        );
        assert_eq!(
            Flight::new(day("2026-07-02"), day("2031-08-01")),
            Err(NotAFlight::TooLong)
        );
    }
}
