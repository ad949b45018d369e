//! A time zone by its name, from the tables of the IANA that the program carries with it. Refuses
//! names that those do not have, and other ways of writing those that they have.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use chrono::{FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tz::TimeZoneRef;
use tzdb_data::{TZ_NAMES, find_tz, time_zone};

/// How far a clock is from UTC at most, in seconds; no zone changes twice in two of them.
const FARTHEST: i64 = 16 * 3600;

/// A time zone.
#[derive(Clone, Copy)]
pub struct Zone {
    name: &'static str,
    rules: &'static TimeZoneRef<'static>,
}

/// Nothing has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone")]
pub struct NotAZone;

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self {
        name: "UTC",
        rules: &time_zone::UTC,
    };

    /// Its name, such as `Europe/Berlin`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What its clocks show at a second.
    fn shows(self, second: i64) -> Shown {
        let found = self.rules.find_local_time_type(second);
        // The tables reach as far as the calendar does.
        let (ahead, called) = found.map_or((0, "UTC"), |found| {
            (found.ut_offset(), found.time_zone_designation())
        });
        Shown {
            zone: self,
            ahead,
            called,
        }
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name)
    }
}

impl FromStr for Zone {
    type Err = NotAZone;

    fn from_str(name: &str) -> Result<Self, NotAZone> {
        let at = TZ_NAMES.binary_search_by(|one| small(one).cmp(small(name)));
        let found = at.ok().and_then(|at| TZ_NAMES.get(at));
        let name = found.filter(|one| **one == name).ok_or(NotAZone)?;
        let rules = find_tz(name.as_bytes()).ok_or(NotAZone)?;
        Ok(Self { name, rules })
    }
}

/// As the tables are sorted.
fn small(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        self.name.serialize(into)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// What the clocks of a zone show, beside UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    zone: Zone,
    /// By how many seconds they are ahead.
    ahead: i32,
    /// What people call that, such as `CEST`.
    called: &'static str,
}

impl Offset for Shown {
    fn fix(&self) -> FixedOffset {
        FixedOffset::east_opt(self.ahead).unwrap_or_else(|| chrono::Utc.fix())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.called)
    }
}

impl TimeZone for Zone {
    type Offset = Shown;

    fn from_offset(shown: &Shown) -> Self {
        shown.zone
    }

    fn offset_from_local_date(&self, day: &NaiveDate) -> MappedLocalTime<Shown> {
        self.offset_from_local_datetime(&day.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, wall: &NaiveDateTime) -> MappedLocalTime<Shown> {
        let wall = wall.and_utc().timestamp();
        // What clocks show before a change and behind it: one of them is meant, or both are.
        let meant = |shown: Shown| {
            let then = self.shows(wall - i64::from(shown.ahead));
            Some(then).filter(|then| then.ahead == shown.ahead)
        };
        let (before, behind) = (self.shows(wall - FARTHEST), self.shows(wall + FARTHEST));
        match (meant(before), meant(behind)) {
            (Some(first), Some(second)) if first.ahead != second.ahead => {
                MappedLocalTime::Ambiguous(first, second)
            }
            (Some(one), _) | (None, Some(one)) => MappedLocalTime::Single(one),
            (None, None) => MappedLocalTime::None,
        }
    }

    fn offset_from_utc_date(&self, day: &NaiveDate) -> Shown {
        self.offset_from_utc_datetime(&day.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, at: &NaiveDateTime) -> Shown {
        self.shows(at.and_utc().timestamp())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::{TZ_VARIANTS, Tz};

    use super::*;

    #[test]
    fn every_zone_has_one_name() {
        for name in TZ_NAMES {
            assert_eq!(name.parse().map(Zone::name), Ok(*name));
            assert_eq!(
                name.to_uppercase().parse::<Zone>().is_ok(),
                name.to_uppercase() == **name
            );
        }
        for name in ["", "Mars/Olympus", "europe/berlin", " UTC", "CEST"] {
            assert_eq!(name.parse::<Zone>(), Err(NotAZone), "{name}");
        }
    }

    /// Whose tables were mended since the others made theirs.
    const MENDED: [&str; 2] = ["Europe/Chisinau", "Europe/Tiraspol"];

    /// As others read older tables: every week, and every half hour of the days on which clocks
    /// change, both ways.
    #[test]
    fn clocks_show_what_others_say_that_they_show() {
        let second = |text: &str| {
            DateTime::parse_from_rfc3339(text)
                .expect("a time")
                .timestamp()
        };
        let (first, last) = (
            second("2000-01-01T00:00:00Z"),
            second("2026-01-01T00:00:00Z"),
        );
        let utc = |at: i64| DateTime::from_timestamp(at, 0).expect("a time").naive_utc();
        let step = |days: i64| usize::try_from(days * 86_400).expect("a step");
        let mut changes = 0;
        for theirs in TZ_VARIANTS
            .into_iter()
            .filter(|it| !MENDED.contains(&it.name()))
        {
            let ours: Result<Zone, _> = theirs.name().parse();
            let ours = ours.expect("a zone");
            let offset = |at| theirs.offset_from_utc_datetime(&utc(at)).fix();
            for week in (first..last).step_by(step(7)) {
                same(ours, theirs, utc(week));
                if offset(week) == offset(week + 7 * 86_400) {
                    continue;
                }
                let days = (week..week + 7 * 86_400).step_by(step(1));
                for day in days.filter(|day| offset(*day) != offset(day + 86_400)) {
                    changes += 1;
                    // A wall may be most of a day away from UTC.
                    (-30..78).for_each(|half| same(ours, theirs, utc(day + half * 1_800)));
                }
            }
        }
        assert!(changes > 5_000, "{changes}");
    }

    fn same(ours: Zone, theirs: Tz, utc: NaiveDateTime) {
        let shown = ours.offset_from_utc_datetime(&utc);
        let wanted = theirs.offset_from_utc_datetime(&utc);
        let both = (
            (shown.fix(), shown.to_string()),
            (wanted.fix(), wanted.to_string()),
        );
        assert_eq!(both.0, both.1, "{ours} at {utc}");
        let read = ours.offset_from_local_datetime(&utc).map(|one| one.fix());
        let wanted = theirs.offset_from_local_datetime(&utc).map(|one| one.fix());
        assert_eq!(read, wanted, "{ours}, {utc} on the wall");
    }
}
