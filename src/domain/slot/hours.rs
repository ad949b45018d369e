//! When something is open, by the clock on its wall: openings of a day, a week of them. `24:00`
//! is the day's end, and what closes before it opens closes on the next day.

use std::{fmt, str::FromStr};

use chrono::Weekday;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::domain::text::echo;

/// The minutes of a day.
pub const DAY: u16 = 1440;

/// What a clock on the wall shows: `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wall(u16);

impl Wall {
    /// The minutes since midnight, at most a day's.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// So many minutes after midnight, if the day has them.
    #[must_use]
    pub fn after_midnight(minutes: u16) -> Option<Self> {
        (minutes <= DAY).then_some(Self(minutes))
    }
}

/// Not what a clock on the wall shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time of day such as 09:00, up to 24:00")]
pub struct NotATime(String);

impl FromStr for Wall {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let read = || {
            let (hours, minutes) = text.split_once(':')?;
            let plain = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
            let shaped = (1..=2).contains(&hours.len()) && minutes.len() == 2;
            if !(shaped && plain(hours) && plain(minutes)) {
                return None;
            }
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            let fits = hours < 24 && minutes < 60 || (hours, minutes) == (24, 0);
            fits.then_some(Self(hours * 60 + minutes))
        };
        read().ok_or_else(|| NotATime(echo(text)))
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for Wall {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Wall {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Wall {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Wall".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^24:00$"})
    }
}

/// Open from one time to another one; the next day's, where it is not behind the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// When it opens.
    pub open: Wall,
    /// When it closes.
    pub close: Wall,
}

impl Opening {
    /// How many days after it opened it closes: none, or one.
    #[must_use]
    pub fn days_over(self) -> i64 {
        i64::from(self.close <= self.open)
    }

    /// Whether it is open at all, and opens on its own day.
    #[must_use]
    pub fn makes_sense(self) -> bool {
        self.open != self.close && self.open.0 < DAY
    }
}

/// The openings of each day of the week.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Week {
    /// Mondays.
    #[serde(alias = "monday")]
    pub mon: Vec<Opening>,
    /// Tuesdays.
    #[serde(alias = "tuesday")]
    pub tue: Vec<Opening>,
    /// Wednesdays.
    #[serde(alias = "wednesday")]
    pub wed: Vec<Opening>,
    /// Thursdays.
    #[serde(alias = "thursday")]
    pub thu: Vec<Opening>,
    /// Fridays.
    #[serde(alias = "friday")]
    pub fri: Vec<Opening>,
    /// Saturdays.
    #[serde(alias = "saturday")]
    pub sat: Vec<Opening>,
    /// Sundays.
    #[serde(alias = "sunday")]
    pub sun: Vec<Opening>,
}

impl Week {
    /// The openings of one day of the week.
    #[must_use]
    pub fn of(&self, day: Weekday) -> &[Opening] {
        match day {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }

    /// Every day's openings under its short name, Monday first.
    pub fn days(&self) -> impl Iterator<Item = (&'static str, &[Opening])> {
        [
            ("mon", &*self.mon),
            ("tue", &*self.tue),
            ("wed", &*self.wed),
            ("thu", &*self.thu),
            ("fri", &*self.fri),
            ("sat", &*self.sat),
            ("sun", &*self.sun),
        ]
        .into_iter()
    }

    /// The same openings on every day.
    #[must_use]
    pub fn daily(openings: &[Opening]) -> Self {
        let day = || openings.to_vec();
        Self {
            mon: day(),
            tue: day(),
            wed: day(),
            thu: day(),
            fri: day(),
            sat: day(),
            sun: day(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_of_a_day_are_read() {
        for (text, minutes) in [
            ("00:00", 0),
            ("9:05", 545),
            ("23:59", 1439),
            ("24:00", 1440),
        ] {
            assert_eq!(
                text.parse::<Wall>().map(Wall::minutes),
                Ok(minutes),
                "{text}"
            );
        }
        for bad in [
            "", "9", "24:01", "25:00", "12:60", "-1:00", "12:0", "012:00", "１2:00", "12:00:00",
        ] {
            assert!(bad.parse::<Wall>().is_err(), "{bad}");
        }
        let wall: Wall = "9:05".parse().expect("a time");
        assert_eq!(wall.to_string(), "09:05");
    }

    #[test]
    fn what_closes_before_it_opens_closes_on_the_next_day() {
        let read = |text: &str| serde_json::from_str::<Opening>(text).expect("an opening");
        assert_eq!(read(r#"{"open":"22:00","close":"02:00"}"#).days_over(), 1);
        assert_eq!(read(r#"{"open":"22:00","close":"00:00"}"#).days_over(), 1);
        assert_eq!(read(r#"{"open":"22:00","close":"24:00"}"#).days_over(), 0);
        assert!(!read(r#"{"open":"09:00","close":"09:00"}"#).makes_sense());
        assert!(!read(r#"{"open":"24:00","close":"02:00"}"#).makes_sense());
        assert!(read(r#"{"open":"00:00","close":"24:00"}"#).makes_sense());
    }
}
