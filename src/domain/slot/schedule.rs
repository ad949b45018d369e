//! When and how something can be booked: hours, exceptions, closures, how long, how often, how
//! many, how early and how late. Refuses what could never be offered or never be counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    closure::Closure,
    hours::{Opening, Week},
    span::seconds,
};
use crate::domain::{
    problem::{Code, Problem},
    zone::Zone,
};

/// The most openings of one day.
const MOST_OPENINGS: usize = 24;
/// The most days with hours of their own.
const MOST_OVERRIDES: usize = 1000;
/// The most closures.
const MOST_CLOSURES: usize = 1000;
/// The longest slot, step and buffer: a day of minutes.
const LONGEST: u32 = 1440;
/// The most that anything can serve at once.
const MOST_SEATS: u32 = 100_000;
/// The longest notice: a year of minutes.
const LONGEST_NOTICE: u32 = 527_040;
/// The farthest that anything can be booked ahead, in days.
const FARTHEST: u32 = 3660;

/// When and how something can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Whose clock hangs on the wall: an IANA time zone such as `America/Denver`.
    #[schemars(with = "String")]
    pub timezone: Zone,
    /// When it is open, by the day of the week.
    #[serde(default)]
    pub operating_hours: Week,
    /// Days with hours of their own; with none of them it is closed.
    #[serde(default)]
    pub date_overrides: BTreeMap<NaiveDate, Vec<Opening>>,
    /// When it is closed whatever the hours say.
    #[serde(default)]
    pub closures: Vec<Closure>,
    /// How long a slot is.
    #[serde(default = "hour")]
    pub default_duration_minutes: u32,
    /// How far apart slots begin; as long as they are where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_step_minutes: Option<u32>,
    /// How long it is kept free before a booking.
    #[serde(default)]
    pub buffer_before_minutes: u32,
    /// How long it is kept free after a booking.
    #[serde(default)]
    pub buffer_after_minutes: u32,
    /// How many it serves at once.
    #[serde(default = "one")]
    pub max_concurrent: u32,
    /// How long before its beginning a slot is no longer offered.
    #[serde(default)]
    pub min_notice_minutes: u32,
    /// How many days ahead slots are offered; for ever where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_horizon_days: Option<u32>,
}

fn hour() -> u32 {
    60
}

fn one() -> u32 {
    1
}

impl Schedule {
    /// Closed at all times, an hour a slot and one at once: what a new one begins with.
    #[must_use]
    pub fn closed(timezone: Zone) -> Self {
        Self {
            timezone,
            operating_hours: Week::default(),
            date_overrides: BTreeMap::new(),
            closures: Vec::new(),
            default_duration_minutes: hour(),
            slot_step_minutes: None,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            max_concurrent: one(),
            min_notice_minutes: 0,
            max_horizon_days: None,
        }
    }

    /// How far apart slots begin, in minutes.
    #[must_use]
    pub fn step(&self) -> u32 {
        self.slot_step_minutes
            .unwrap_or(self.default_duration_minutes)
    }

    /// The seconds that are kept free before and after a booking.
    #[must_use]
    pub fn buffers(&self) -> (i64, i64) {
        (
            seconds(self.buffer_before_minutes),
            seconds(self.buffer_after_minutes),
        )
    }

    /// Names the closures that nobody named.
    pub fn name_closures(&mut self) {
        for (number, closure) in (1..).zip(&mut self.closures) {
            if closure.id.is_empty() {
                closure.id = format!("closure-{number}");
            }
        }
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut all = self.sizes();
        for (day, openings) in self.operating_hours.days() {
            all.extend(wrong(&format!("operatingHours.{day}"), openings));
        }
        for (day, openings) in &self.date_overrides {
            all.extend(wrong(&format!("dateOverrides.{day}"), openings));
        }
        for (field, len, most) in [
            ("dateOverrides", self.date_overrides.len(), MOST_OVERRIDES),
            ("closures", self.closures.len(), MOST_CLOSURES),
        ] {
            if len > most {
                let said = format!("has {len} entries; at most {most} are kept");
                all.push(Problem::new(field, Code::TOO_MANY, said));
            }
        }
        all
    }

    /// The numbers that lie outside of what is counted.
    fn sizes(&self) -> Vec<Problem> {
        let asked = [
            (
                "defaultDurationMinutes",
                Some(self.default_duration_minutes),
                1,
                LONGEST,
            ),
            ("slotStepMinutes", self.slot_step_minutes, 1, LONGEST),
            (
                "bufferBeforeMinutes",
                Some(self.buffer_before_minutes),
                0,
                LONGEST,
            ),
            (
                "bufferAfterMinutes",
                Some(self.buffer_after_minutes),
                0,
                LONGEST,
            ),
            ("maxConcurrent", Some(self.max_concurrent), 1, MOST_SEATS),
            (
                "minNoticeMinutes",
                Some(self.min_notice_minutes),
                0,
                LONGEST_NOTICE,
            ),
            ("maxHorizonDays", self.max_horizon_days, 0, FARTHEST),
        ];
        let outside = asked.into_iter().filter_map(|(field, value, least, most)| {
            let value = value?;
            let fits = (least..=most).contains(&value);
            (!fits).then(|| {
                let said = format!("is {value}; it must be from {least} to {most}");
                Problem::new(field, Code::new("INVALID_SIZE"), said)
            })
        });
        outside.collect()
    }
}

/// What is wrong with the openings of a day.
fn wrong(field: &str, openings: &[Opening]) -> Vec<Problem> {
    let mut all = Vec::new();
    if openings.len() > MOST_OPENINGS {
        let said = format!(
            "has {} openings; at most {MOST_OPENINGS} are kept",
            openings.len()
        );
        all.push(Problem::new(field, Code::TOO_MANY, said));
    }
    for (at, opening) in openings.iter().enumerate() {
        if !opening.makes_sense() {
            let said = format!("opens at {} and closes at {}", opening.open, opening.close);
            let hint =
                "an opening lasts at least a minute; a whole day is 00:00 to 24:00, and none is []";
            let problem = Problem::new(format!("{field}[{at}]"), Code::new("INVALID_HOURS"), said);
            all.push(problem.hint(hint));
        }
    }
    all
}
