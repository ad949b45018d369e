//! Between the clock on the wall and the instant that it means, by one rule: what the clock skips
//! is read as if it had not been put forward yet, and of what it shows twice the first is meant.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeZone as _};

use super::{hours::Wall, span::instant};
use crate::domain::zone::Zone;

/// The second that a clock on the wall means.
#[must_use]
pub fn second_of(zone: Zone, wall: NaiveDateTime) -> i64 {
    let read = zone.offset_from_local_datetime(&wall);
    let offset = read.earliest().unwrap_or_else(|| {
        // No two changes of a clock lie within a day of each other.
        let before = wall - chrono::Duration::hours(24);
        zone.offset_from_utc_datetime(&before)
    });
    wall.and_utc().timestamp() - i64::from(offset.fix().local_minus_utc())
}

/// The second at which a day's clock shows a time; 24:00 is the next day's midnight.
#[must_use]
pub fn second_at(zone: Zone, day: NaiveDate, wall: Wall) -> i64 {
    let minutes = i64::from(wall.minutes());
    let wall = day.and_time(NaiveTime::MIN) + chrono::Duration::minutes(minutes);
    second_of(zone, wall)
}

/// The first second of a day.
#[must_use]
pub fn midnight(zone: Zone, day: NaiveDate) -> i64 {
    second_of(zone, day.and_time(NaiveTime::MIN))
}

/// The day that a clock on the wall shows.
#[must_use]
pub fn day_of(zone: Zone, second: i64) -> NaiveDate {
    local(zone, second).date_naive()
}

/// An instant by the clock of a zone.
#[must_use]
pub fn local(zone: Zone, second: i64) -> DateTime<Zone> {
    instant(second).with_timezone(&zone)
}

/// An instant as people and programs read it where it happens: `2026-06-15T10:00:00-06:00`.
#[must_use]
pub fn written(zone: Zone, second: i64) -> String {
    local(zone, second).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// Whether a zone ever had that day: whoever crosses the date line leaves one out.
#[must_use]
pub fn exists(zone: Zone, day: NaiveDate) -> bool {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    day_of(zone, second_of(zone, day.and_time(noon))) == day
}

/// So many days later, or earlier; where the calendar ends, its end.
#[must_use]
pub fn shifted(day: NaiveDate, by: i64) -> NaiveDate {
    let days = Days::new(by.unsigned_abs());
    if by < 0 {
        day.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
    } else {
        day.checked_add_days(days).unwrap_or(NaiveDate::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(zone: &str, wall: &str) -> String {
        let zone: Zone = zone.parse().expect("a zone");
        let wall = wall.parse().expect("a wall time");
        written(zone, second_of(zone, wall))
    }

    #[test]
    fn what_the_clock_skips_or_shows_twice_means_one_instant() {
        for (zone, wall, instant) in [
            // Put forward at 02:00: half past two is half past three.
            (
                "America/New_York",
                "2026-03-08T02:30:00",
                "2026-03-08T03:30:00-04:00",
            ),
            // Put back at 02:00: the first half past one.
            (
                "America/New_York",
                "2026-11-01T01:30:00",
                "2026-11-01T01:30:00-04:00",
            ),
            // By half an hour.
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:15:00",
                "2026-10-04T02:45:00+11:00",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05T01:45:00",
                "2026-04-05T01:45:00+11:00",
            ),
            // Midnight itself is skipped.
            (
                "Africa/Cairo",
                "2026-04-24T00:00:00",
                "2026-04-24T01:00:00+03:00",
            ),
            // A day that never was.
            (
                "Pacific/Apia",
                "2011-12-30T02:00:00",
                "2011-12-31T02:00:00+14:00",
            ),
            ("UTC", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00"),
        ] {
            assert_eq!(second(zone, wall), instant, "{zone} {wall}");
        }
    }

    #[test]
    fn samoa_left_a_day_out() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let had = |zone: &str, text| exists(zone.parse().expect("a zone"), day(text));
        assert!(!had("Pacific/Apia", "2011-12-30"));
        assert!(had("Pacific/Apia", "2011-12-29"));
        assert!(had("Pacific/Apia", "2011-12-31"));
        assert!(had("Africa/Cairo", "2026-04-24"));
    }
}
