//! Dayparts: the local hours of the week in which a line may run, and how much of a time span
//! they cover, daylight saving included. Refuses a week without an hour and hours that no day
//! has.

use chrono::{DateTime, Datelike as _, Duration, Offset as _, TimeZone as _, Timelike as _};

use crate::domain::{when::Instant, zone::Zone};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Hours of a week.
const WEEK: usize = 7 * 24;
/// How far apart the zone's offset is looked at; no zone changes twice within so few days.
const STRIDE: i64 = 7;

/// Why something is not a choice of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotHours {
    /// None at all.
    #[error("leaves no hour in which the line may run")]
    None,
    /// No day has it.
    #[error("has an hour that is not one of 0 to 23")]
    NoSuchHour,
}

/// The local hours of the week in which a line may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// For each hour of the week, from Monday's first, how many active ones come before it; one
    /// more for the whole week.
    before: Box<[u8; WEEK + 1]>,
}

impl Hours {
    /// The same hours every day.
    ///
    /// # Errors
    /// When there is none, or one that no day has.
    pub fn daily(hours: &[u8]) -> Result<Self, NotHours> {
        Self::weekly(&[(); 7].map(|()| hours))
    }

    /// The hours of each day, from Monday.
    ///
    /// # Errors
    /// When there is none, or one that no day has.
    pub fn weekly(days: &[&[u8]; 7]) -> Result<Self, NotHours> {
        if days.iter().any(|hours| hours.iter().any(|hour| *hour > 23)) {
            return Err(NotHours::NoSuchHour);
        }
        let mut before = Box::new([0; WEEK + 1]);
        let mut count = 0;
        for at in 0..WEEK {
            let hour = u8::try_from(at % 24).unwrap_or(0);
            count += u8::from(days[at / 24].contains(&hour));
            before[at + 1] = count;
        }
        if count == 0 {
            return Err(NotHours::None);
        }
        Ok(Self { before })
    }

    /// How many hours of the week are active.
    #[must_use]
    pub fn in_a_week(&self) -> u8 {
        self.before[WEEK]
    }

    /// Active microseconds between two instants, as the clocks of a zone go.
    #[must_use]
    pub fn between(&self, from: Instant, to: Instant, zone: Zone) -> i64 {
        let (mut at, mut sum) = (from, 0);
        while at < to {
            let next = (at + Duration::days(STRIDE)).min(to);
            let (early, late) = (offset(at, zone), offset(next, zone));
            let turn = if early == late {
                next
            } else {
                turn(at, next, zone)
            };
            sum += self.until(turn, early) - self.until(at, early);
            at = turn;
        }
        sum
    }

    /// Active microseconds from a Monday long ago, under one offset.
    fn until(&self, at: Instant, offset: i64) -> i64 {
        // The epoch was a Thursday.
        let local = at.timestamp_micros() + offset * 1_000_000 + 3 * 24 * HOUR;
        let week = HOUR * i64::try_from(WEEK).unwrap_or(1);
        let (weeks, rest) = (local.div_euclid(week), local.rem_euclid(week));
        let hour = usize::try_from(rest / HOUR).unwrap_or(0);
        let (done, next) = (
            i64::from(self.before[hour]),
            i64::from(self.before[hour + 1]),
        );
        weeks * i64::from(self.in_a_week()) * HOUR + done * HOUR + (next - done) * (rest % HOUR)
    }
}

fn offset(at: Instant, zone: Zone) -> i64 {
    i64::from(
        zone.offset_from_utc_datetime(&at.naive_utc())
            .fix()
            .local_minus_utc(),
    )
}

/// The first whole second between two instants at which the offset of the first holds no more.
fn turn(from: Instant, to: Instant, zone: Zone) -> Instant {
    let before = offset(from, zone);
    let (mut low, mut high) = (from.timestamp(), to.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let same = DateTime::from_timestamp(middle, 0).is_none_or(|at| offset(at, zone) == before);
        if same {
            low = middle;
        } else {
            high = middle;
        }
    }
    DateTime::from_timestamp(high, 0).map_or(to, |at| at.clamp(from, to))
}

/// The hour of the week of an instant in a zone, from Monday's first.
#[must_use]
pub fn hour_of_week(at: Instant, zone: Zone) -> u32 {
    let local = at.with_timezone(&zone);
    local.weekday().num_days_from_monday() * 24 + local.hour()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect(text)
    }

    fn zone(name: &str) -> Zone {
        name.parse().expect(name)
    }

    fn hours(list: &[u8]) -> Hours {
        Hours::daily(list).expect("hours")
    }

    /// The same by looking at every second hour's worth of minutes: slow and plain.
    fn plainly(list: &[u8], from: Instant, to: Instant, zone: Zone) -> i64 {
        let minutes = (to - from).num_minutes();
        let active = (0..minutes).filter(|minute| {
            let local = (from + Duration::minutes(*minute)).with_timezone(&zone);
            list.iter().any(|hour| u32::from(*hour) == local.hour())
        });
        i64::try_from(active.count()).expect("few") * 60_000_000
    }

    #[test]
    fn a_choice_of_hours_has_some_and_real_ones() {
        assert_eq!(Hours::daily(&[]), Err(NotHours::None));
        assert_eq!(Hours::daily(&[24]), Err(NotHours::NoSuchHour));
        assert_eq!(hours(&[9, 9, 17]).in_a_week(), 14);
    }

    #[test]
    fn a_day_of_daylight_saving_has_its_own_length() {
        let berlin = zone("Europe/Berlin");
        let night: Vec<u8> = (0..6).collect();
        let night = hours(&night);
        let span = |from: &str, to: &str| night.between(at(from), at(to), berlin) / HOUR;
        assert_eq!(span("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"), 6);
        assert_eq!(
            span("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            5,
            "23 hours"
        );
        assert_eq!(
            span("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            7,
            "25 hours"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_counts_what_a_clock_on_the_wall_shows(
            list in proptest::collection::vec(0u8..24, 1..12),
            start in 1_767_225_600i64..1_798_761_600, days in 0i64..45,
            zone in prop::sample::select(vec![
                "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
                "Africa/Casablanca",
            ]),
        ) {
            let zone: Zone = zone.parse().expect("a zone");
            let from = DateTime::from_timestamp(start - start % 60, 0).expect("a time");
            let to = from + Duration::days(days) + Duration::minutes(days * 17);
            prop_assert_eq!(hours(&list).between(from, to, zone), plainly(&list, from, to, zone));
        }
    }
}
