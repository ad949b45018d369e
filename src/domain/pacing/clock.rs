//! The instants of a flight and how much of it is over: a day that ends it is over at the next
//! local midnight, and with dayparts only active time counts. Refuses a flight that ends before
//! it starts. Knows no time but the one it is given.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone as _};

use super::{hours::Hours, ratio::Ratio};
use crate::domain::{
    when::{Flight, Instant, LONGEST_FLIGHT, NotAFlight, parse_day},
    zone::Zone,
};

/// Microseconds of a day that has 24 hours.
pub const DAY: i64 = 86_400_000_000;

/// A flight in instants, and when within it a line may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    start: Instant,
    /// The first instant that no longer belongs to it.
    end: Instant,
    zone: Zone,
    hours: Option<Hours>,
    /// Active microseconds from start to end.
    whole: i64,
}

impl Clock {
    /// Joins two instants.
    ///
    /// # Errors
    /// When the end does not come after the start, or more than five years later.
    pub fn new(start: Instant, end: Instant, zone: Zone) -> Result<Self, NotAFlight> {
        if end <= start {
            return Err(NotAFlight::Backwards);
        }
        if end - start > Duration::days(LONGEST_FLIGHT) {
            return Err(NotAFlight::TooLong);
        }
        let whole = micros(end - start);
        Ok(Self {
            start,
            end,
            zone,
            hours: None,
            whole,
        })
    }

    /// The same flight, run only in some hours.
    #[must_use]
    pub fn only_in(self, hours: Hours) -> Self {
        let whole = hours.between(self.start, self.end, self.zone);
        Self {
            hours: Some(hours),
            whole,
            ..self
        }
    }

    /// A flight of whole local days.
    ///
    /// # Errors
    /// Never for flights that are some; the two share their limits.
    pub fn of_days(flight: Flight, zone: Zone) -> Result<Self, NotAFlight> {
        let next = flight.last() + Duration::days(1);
        Self::new(midnight(flight.first(), zone), midnight(next, zone), zone)
    }

    /// The same rules for other instants.
    ///
    /// # Errors
    /// As [`Clock::new`].
    pub fn moved(&self, start: Instant, end: Instant) -> Result<Self, NotAFlight> {
        let moved = Self::new(start, end, self.zone)?;
        Ok(match &self.hours {
            Some(hours) => moved.only_in(hours.clone()),
            None => moved,
        })
    }

    /// The first instant.
    #[must_use]
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.end
    }

    /// Whose midnights count.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// When a line may run, if not always.
    #[must_use]
    pub fn hours(&self) -> Option<&Hours> {
        self.hours.as_ref()
    }

    /// Active microseconds of the whole flight.
    #[must_use]
    pub fn whole(&self) -> i64 {
        self.whole
    }

    /// Active microseconds until an instant, none before the start and no more after the end.
    #[must_use]
    pub fn gone(&self, at: Instant) -> i64 {
        self.active(self.start, at)
    }

    /// Active microseconds of the flight between two instants.
    #[must_use]
    pub fn active(&self, from: Instant, to: Instant) -> i64 {
        let (from, to) = (from.max(self.start), to.min(self.end));
        match &self.hours {
            _ if to <= from => 0,
            Some(_) if from == self.start && to == self.end => self.whole,
            Some(hours) => hours.between(from, to, self.zone),
            None => micros(to - from),
        }
    }

    /// How much of the flight is over, from 0 to 1; nothing when no active hour falls into it.
    #[must_use]
    pub fn progress(&self, at: Instant) -> Option<Ratio> {
        share(self.gone(at), self.whole)
    }

    /// Days of 24 hours until the end, none after it.
    #[must_use]
    pub fn days_left(&self, at: Instant) -> Ratio {
        in_days(micros((self.end - at).max(Duration::zero())))
    }

    /// Days of 24 hours that are over.
    #[must_use]
    pub fn days_gone(&self, at: Instant) -> Ratio {
        let at = at.clamp(self.start, self.end);
        in_days(micros(at - self.start))
    }
}

/// One span by another, in short numbers where both are whole seconds.
#[must_use]
pub fn share(part: i64, whole: i64) -> Option<Ratio> {
    let second = 1_000_000;
    if part % second == 0 && whole % second == 0 {
        return Ratio::new((part / second).into(), (whole / second).into());
    }
    Ratio::new(part.into(), whole.into())
}

/// Microseconds as days of 24 hours.
#[must_use]
pub fn in_days(micros: i64) -> Ratio {
    let days = Ratio::seconds(micros).over(Ratio::whole(86_400));
    days.unwrap_or(Ratio::ZERO)
}

/// A span in microseconds.
#[must_use]
pub fn micros(span: Duration) -> i64 {
    span.num_microseconds().unwrap_or(i64::MAX)
}

/// When a day begins in a zone: at midnight, or at the first instant after it that the clocks
/// there show; of two midnights, the first.
#[must_use]
pub fn midnight(day: NaiveDate, zone: Zone) -> Instant {
    let local = day.and_time(NaiveTime::MIN);
    // Clocks are turned by whole quarters of an hour, at most by a day.
    (0..=96)
        .find_map(|quarter| {
            let shown = local + Duration::minutes(15 * quarter);
            zone.from_local_datetime(&shown).earliest()
        })
        .map_or_else(|| local.and_utc(), |found| found.to_utc())
}

/// Why a text is neither a day nor an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotATime {
    /// Neither form.
    #[error("is neither a day nor a time")]
    Neither,
    /// A time without a zone.
    #[error("is a time without its offset")]
    NoOffset,
}

/// A text as a day or an instant.
enum Read {
    Day(NaiveDate),
    At(Instant),
}

fn read(text: &str) -> Result<Read, NotATime> {
    if let Some(day) = parse_day(text) {
        return Ok(Read::Day(day));
    }
    let known = text.get(..10).and_then(parse_day).is_some();
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) if known => Ok(Read::At(crate::domain::when::stored(at.to_utc()))),
        _ if known && text.parse::<chrono::NaiveDateTime>().is_ok() => Err(NotATime::NoOffset),
        _ => Err(NotATime::Neither),
    }
}

/// Reads when something starts: an instant, or a day that starts at local midnight.
///
/// # Errors
/// When the text is neither.
pub fn read_start(text: &str, zone: Zone) -> Result<Instant, NotATime> {
    Ok(match read(text)? {
        Read::Day(day) => midnight(day, zone),
        Read::At(at) => at,
    })
}

/// Reads when something ends: an instant, or a day that is over at the next local midnight.
///
/// # Errors
/// When the text is neither.
pub fn read_end(text: &str, zone: Zone) -> Result<Instant, NotATime> {
    Ok(match read(text)? {
        Read::Day(day) => midnight(day + Duration::days(1), zone),
        Read::At(at) => at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(start: &str, end: &str, zone: &str) -> Clock {
        let zone = zone.parse().expect(zone);
        let read = |text, end: bool| {
            if end {
                read_end(text, zone)
            } else {
                read_start(text, zone)
            }
            .expect(text)
        };
        Clock::new(read(start, false), read(end, true), zone).expect("a flight")
    }

    #[test]
    fn a_last_day_is_over_at_the_next_midnight_there() {
        let tokyo = clock("2026-07-01", "2026-07-31", "Asia/Tokyo");
        assert_eq!(tokyo.start().to_rfc3339(), "2026-06-30T15:00:00+00:00");
        assert_eq!(tokyo.days_left(tokyo.start()), Ratio::whole(31));
        let exact = clock("2026-07-01T00:00:00Z", "2026-07-31T00:00:00+02:00", "UTC");
        assert_eq!(exact.whole(), 30 * DAY - 2 * DAY / 24);
    }

    #[test]
    fn days_are_as_long_as_they_are() {
        let spring = clock("2026-03-29", "2026-03-29", "Europe/Berlin");
        let autumn = clock("2026-10-25", "2026-10-25", "Europe/Berlin");
        assert_eq!(
            (spring.whole(), autumn.whole()),
            (23 * DAY / 24, 25 * DAY / 24)
        );
        let noon = "2026-03-29T10:00:00Z".parse().expect("noon there");
        assert_eq!(spring.progress(noon), Ratio::new(11, 23));
        // Cairo's clocks go from midnight to one: the day begins at one.
        let cairo = clock("2026-04-24", "2026-04-24", "Africa/Cairo");
        assert_eq!(cairo.whole(), 23 * DAY / 24);
    }

    #[test]
    fn progress_starts_at_nothing_and_stops_at_all() {
        let flight = clock("2026-07-01", "2026-07-10", "UTC");
        let at = |text: &str| text.parse().expect(text);
        assert_eq!(
            flight.progress(at("2026-06-01T00:00:00Z")),
            Some(Ratio::ZERO)
        );
        assert_eq!(
            flight.progress(at("2026-07-06T00:00:00Z")),
            Ratio::new(1, 2)
        );
        assert_eq!(
            flight.progress(at("2027-01-01T00:00:00Z")),
            Some(Ratio::ONE)
        );
        assert_eq!(flight.days_left(at("2027-01-01T00:00:00Z")), Ratio::ZERO);
    }

    #[test]
    fn with_dayparts_only_active_time_goes_by() {
        let hours = Hours::daily(&[18, 19, 20, 21]).expect("hours");
        let flight = clock("2026-07-01", "2026-07-10", "UTC").only_in(hours);
        let at = |text: &str| text.parse().expect(text);
        assert_eq!(
            flight.progress(at("2026-07-01T18:00:00Z")),
            Some(Ratio::ZERO)
        );
        assert_eq!(
            flight.progress(at("2026-07-01T20:00:00Z")),
            Ratio::new(1, 20)
        );
        assert_eq!(
            flight.progress(at("2026-07-02T12:00:00Z")),
            Ratio::new(1, 10)
        );
        let never = Hours::daily(&[3]).expect("hours");
        let noon = clock("2026-07-01T12:00:00Z", "2026-07-01T14:00:00Z", "UTC").only_in(never);
        assert_eq!(noon.progress(noon.end()), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let read = |text| read_start(text, Zone::UTC);
        assert_eq!(read("soon"), Err(NotATime::Neither));
        assert_eq!(read("2026-02-30"), Err(NotATime::Neither));
        assert_eq!(read("2026-07-01T10:00:00"), Err(NotATime::NoOffset));
        let day = "2026-07-01T00:00:00Z".parse().expect("a time");
        assert_eq!(Clock::new(day, day, Zone::UTC), Err(NotAFlight::Backwards));
    }
}
