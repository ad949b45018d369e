//! When something is closed whatever its hours say: between two instants, or on whole days of its
//! own calendar, the last one included.

use chrono::{DateTime, FixedOffset, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{span::Span, zone};
use crate::domain::zone::Zone;

/// A time at which something is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "Wire", try_from = "Wire")]
#[schemars(with = "Wire")]
pub struct Closure {
    /// By what it is called when a time is not offered for it; made up where nobody says.
    pub id: String,
    /// When.
    pub when: When,
    /// Why, for people.
    pub reason: Option<String>,
}

/// When something is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From one instant to another.
    Instants(DateTime<FixedOffset>, DateTime<FixedOffset>),
    /// From a day through another one.
    Days(NaiveDate, NaiveDate),
}

impl Closure {
    /// The time itself, as the calendar of a zone has it.
    #[must_use]
    pub fn span(&self, zone: Zone) -> Option<Span> {
        match self.when {
            When::Instants(starts_at, ends_at) => {
                Span::new(starts_at.timestamp(), ends_at.timestamp())
            }
            When::Days(first, last) => {
                let end = zone::shifted(last, 1);
                Span::new(zone::midnight(zone, first), zone::midnight(zone, end))
            }
        }
    }
}

/// A closure as it is written: with both instants, or with both days.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    /// By what it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_at: Option<DateTime<FixedOffset>>,
    /// When it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<DateTime<FixedOffset>>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_date: Option<NaiveDate>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_date: Option<NaiveDate>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Why a closure cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NotAClosure {
    /// Neither two instants nor two days.
    #[error("a closure has startsAt and endsAt, or startDate and endDate")]
    Neither,
    /// The end is not behind the beginning.
    #[error("a closure ends after it begins")]
    Backwards,
}

impl TryFrom<Wire> for Closure {
    type Error = NotAClosure;
    fn try_from(wire: Wire) -> Result<Self, NotAClosure> {
        let (when, ordered) = match (wire.starts_at, wire.ends_at, wire.start_date, wire.end_date) {
            (Some(start), Some(end), None, None) => (When::Instants(start, end), start < end),
            (None, None, Some(first), last) => {
                let last = last.unwrap_or(first);
                (When::Days(first, last), first <= last)
            }
            _ => return Err(NotAClosure::Neither),
        };
        if !ordered {
            return Err(NotAClosure::Backwards);
        }
        Ok(Self {
            id: wire.id.unwrap_or_default(),
            when,
            reason: wire.reason,
        })
    }
}

impl From<Closure> for Wire {
    fn from(closure: Closure) -> Self {
        let (starts_at, ends_at, start_date, end_date) = match closure.when {
            When::Instants(start, end) => (Some(start), Some(end), None, None),
            When::Days(first, last) => (None, None, Some(first), Some(last)),
        };
        Self {
            id: Some(closure.id),
            starts_at,
            ends_at,
            start_date,
            end_date,
            reason: closure.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Closure, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn whole_days_are_those_of_the_place() {
        let closure = read(r#"{"id":"c","startDate":"2026-11-01","endDate":"2026-11-01"}"#);
        let span = closure
            .expect("a closure")
            .span("America/Denver".parse().expect("a zone"))
            .expect("time");
        // The day on which the clock is put back has an hour more.
        assert_eq!(span.minutes(), 25 * 60);
        assert_eq!(
            zone::written("America/Denver".parse().expect("a zone"), span.start),
            "2026-11-01T00:00:00-06:00"
        );
    }

    #[test]
    fn half_a_closure_is_none() {
        for bad in [
            r"{}",
            r#"{"startsAt":"2026-06-12T23:30:00-06:00"}"#,
            r#"{"startsAt":"2026-06-12T23:30:00-06:00","endDate":"2026-06-13"}"#,
            r#"{"startDate":"2026-06-13","endDate":"2026-06-12"}"#,
            r#"{"startsAt":"2026-06-12T10:00:00Z","endsAt":"2026-06-12T10:00:00Z"}"#,
            r#"{"startDate":"2026-06-13","why":"?"}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
