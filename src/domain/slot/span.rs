//! A stretch of time in whole seconds, its end not included: what slots, closures and bookings
//! are made of. Refuses to be empty.

use chrono::DateTime;

use crate::domain::when::Instant;

/// From one second to another one behind it, which is not part of it. Seconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first second.
    pub start: i64,
    /// The first second that is no longer part of it.
    pub end: i64,
}

impl Span {
    /// Joins two ends, unless nothing would lie between them.
    #[must_use]
    pub fn new(start: i64, end: i64) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// From an instant on for so many minutes, at least one.
    #[must_use]
    pub fn lasting(start: i64, minutes: u32) -> Self {
        Self {
            start,
            end: start + seconds(minutes.max(1)),
        }
    }

    /// Between two instants; parts of a second count as not yet begun.
    #[must_use]
    pub fn between(starts_at: Instant, ends_at: Instant) -> Option<Self> {
        Self::new(starts_at.timestamp(), ends_at.timestamp())
    }

    /// Whether the two share a second.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// With so much more on both sides.
    #[must_use]
    pub fn padded(self, before: i64, after: i64) -> Self {
        Self {
            start: self.start - before,
            end: self.end + after,
        }
    }

    /// How many minutes, the last one begun or not.
    #[must_use]
    pub fn minutes(self) -> u32 {
        u32::try_from((self.end - self.start) / 60).unwrap_or(u32::MAX)
    }

    /// When it begins.
    #[must_use]
    pub fn starts_at(self) -> Instant {
        instant(self.start)
    }

    /// When it is over.
    #[must_use]
    pub fn ends_at(self) -> Instant {
        instant(self.end)
    }
}

/// So many minutes in seconds.
#[must_use]
pub fn seconds(minutes: u32) -> i64 {
    i64::from(minutes) * 60
}

/// A second as an instant; one that no calendar reaches as the beginning of 1970.
#[must_use]
pub fn instant(second: i64) -> Instant {
    DateTime::from_timestamp(second, 0).unwrap_or_default()
}

/// The first whole second that is not before an instant.
#[must_use]
pub fn second_from(at: Instant) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}
