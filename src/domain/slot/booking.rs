//! A slot that somebody has booked, and what may become of it: called off once and for all, or
//! said to have come or not, which may be taken back for a day.

use chrono::{Duration, TimeDelta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    guest::Guest,
    span::Span,
    upstream::{Asked, Elsewhere},
};
use crate::domain::{
    ids::{BookingId, LeadId, ResourceId},
    when::Instant,
    zone::Zone,
};

/// How long it can be taken back that somebody came, or did not.
pub const UNDO: TimeDelta = Duration::hours(24);

/// What became of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The guest will come.
    Confirmed,
    /// It was called off.
    Cancelled,
    /// The guest did not come.
    NoShow,
    /// The guest came, and it is over.
    Completed,
}

impl Status {
    /// Every one of them.
    pub const ALL: [Self; 4] = [
        Self::Confirmed,
        Self::Cancelled,
        Self::NoShow,
        Self::Completed,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
            Self::Completed => "completed",
        }
    }

    /// What people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "a no-show",
            Self::Completed => "completed",
        }
    }
}

/// A slot that somebody has booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// What was booked.
    pub resource: ResourceId,
    /// What it was called then.
    pub resource_name: String,
    /// Whose clock hangs on its wall.
    pub timezone: Zone,
    /// What became of it.
    pub status: Status,
    /// When it begins.
    pub starts_at: Instant,
    /// When it is over.
    pub ends_at: Instant,
    /// For how many.
    pub seats: u32,
    /// Who comes.
    pub guest: Guest,
    /// The guest's number.
    pub lead: LeadId,
    /// How often it was moved or called off.
    pub sequence: u32,
    /// When it was made.
    pub created_at: Instant,
    /// When it was called off.
    pub cancelled_at: Option<Instant>,
    /// When it was said that the guest came, or did not.
    pub settled_at: Option<Instant>,
    /// Where it stood before it was moved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Place>,
    /// Its counterpart, where it lives in another company's slot service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<Elsewhere>>,
    /// What was asked from here, where it lives there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Box<Asked>>,
}

/// Where a booking stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Of what.
    pub resource: ResourceId,
    /// Whose clock hangs on its wall.
    pub timezone: Zone,
    /// When it begins.
    pub starts_at: Instant,
    /// When it is over.
    pub ends_at: Instant,
}

/// Why a booking cannot become what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was called off.
    #[error("the booking was cancelled")]
    Cancelled,
    /// It is over.
    #[error("the booking is already marked as {}", .0.words())]
    Settled(Status),
    /// It has not begun.
    #[error("the booking has not begun yet")]
    NotBegun,
    /// It was settled too long ago.
    #[error("what became of the booking was said more than a day ago")]
    TooLate,
    /// It is what was asked for.
    #[error("the booking is already {}", .0.words())]
    Already(Status),
}

impl Booking {
    /// The time that it takes.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            start: self.starts_at.timestamp(),
            end: self.ends_at.timestamp(),
        }
    }

    /// What a guest's bookings are searched by: nobody's name is that.
    #[must_use]
    pub fn lead_mark(lead: &str) -> String {
        format!("lead:{lead}")
    }

    /// Whether it keeps its seats.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.status == Status::Confirmed
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            resource: self.resource,
            timezone: self.timezone,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
        }
    }

    /// Calls it off.
    ///
    /// # Errors
    /// When it was called off, or is over.
    pub fn cancel(self, now: Instant) -> Result<Self, Refusal> {
        match self.status {
            Status::Cancelled => Err(Refusal::Cancelled),
            Status::NoShow | Status::Completed => Err(Refusal::Settled(self.status)),
            Status::Confirmed => Ok(Self {
                status: Status::Cancelled,
                cancelled_at: Some(now),
                sequence: self.sequence + 1,
                ..self
            }),
        }
    }

    /// Says that the guest came, or did not; or takes that back, for a day.
    ///
    /// # Errors
    /// When it has not begun, was called off, or it was said too long ago.
    pub fn settle(self, status: Status, now: Instant) -> Result<Self, Refusal> {
        if self.status == Status::Cancelled {
            return Err(Refusal::Cancelled);
        }
        if self.status == status {
            return Err(Refusal::Already(status));
        }
        if status == Status::Cancelled {
            return self.cancel(now);
        }
        if now < self.starts_at {
            return Err(Refusal::NotBegun);
        }
        if self.settled_at.is_some_and(|at| now - at > UNDO) {
            return Err(Refusal::TooLate);
        }
        let settled_at = match status {
            Status::Confirmed => None,
            _ => self.settled_at.or(Some(now)),
        };
        Ok(Self {
            status,
            settled_at,
            ..self
        })
    }

    /// Moves it to another time, perhaps of something else.
    ///
    /// # Errors
    /// When it was called off, or is over.
    pub fn moved(self, resource: (ResourceId, &str, Zone), to: Span) -> Result<Self, Refusal> {
        match self.status {
            Status::Cancelled => return Err(Refusal::Cancelled),
            Status::NoShow | Status::Completed => return Err(Refusal::Settled(self.status)),
            Status::Confirmed => {}
        }
        let (resource, name, timezone) = resource;
        let moved_from = Some(self.place());
        Ok(Self {
            moved_from,
            resource,
            resource_name: name.to_owned(),
            timezone,
            starts_at: to.starts_at(),
            ends_at: to.ends_at(),
            sequence: self.sequence + 1,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn booking(status: Status) -> Booking {
        let guest = r#"{"firstName":"Morgan","lastName":"Lee","email":"m@example.com"}"#;
        let nobody = uuid::Uuid::nil();
        Booking {
            id: nobody.into(),
            resource: nobody.into(),
            resource_name: "Main Campus Tour".to_owned(),
            timezone: "America/Denver".parse().expect("a zone"),
            status,
            starts_at: at("2026-06-15T16:00:00Z"),
            ends_at: at("2026-06-15T17:00:00Z"),
            seats: 1,
            guest: serde_json::from_str(guest).expect("a guest"),
            lead: nobody.into(),
            sequence: 0,
            created_at: at("2026-06-01T00:00:00Z"),
            cancelled_at: None,
            settled_at: matches!(status, Status::NoShow | Status::Completed)
                .then(|| at("2026-06-15T16:10:00Z")),
            moved_from: None,
            upstream: None,
            asked: None,
        }
    }

    #[test]
    fn every_way_is_open_or_refused_with_its_reason() {
        use Status::{Cancelled, Completed, Confirmed, NoShow};
        let now = at("2026-06-15T18:00:00Z");
        for (from, to, comes) in [
            (Confirmed, Cancelled, Ok(Cancelled)),
            (Confirmed, NoShow, Ok(NoShow)),
            (Confirmed, Completed, Ok(Completed)),
            (Confirmed, Confirmed, Err(Refusal::Already(Confirmed))),
            (NoShow, Completed, Ok(Completed)),
            (NoShow, Confirmed, Ok(Confirmed)),
            (NoShow, Cancelled, Err(Refusal::Settled(NoShow))),
            (Completed, NoShow, Ok(NoShow)),
            (Completed, Confirmed, Ok(Confirmed)),
            (Completed, Cancelled, Err(Refusal::Settled(Completed))),
            (Cancelled, Cancelled, Err(Refusal::Cancelled)),
            (Cancelled, Confirmed, Err(Refusal::Cancelled)),
            (Cancelled, NoShow, Err(Refusal::Cancelled)),
        ] {
            let became = booking(from).settle(to, now).map(|booking| booking.status);
            assert_eq!(became, comes, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn nobody_is_missing_before_it_begins_and_nothing_is_taken_back_after_a_day() {
        let early = booking(Status::Confirmed).settle(Status::NoShow, at("2026-06-15T15:59:59Z"));
        assert_eq!(early.map(|booking| booking.status), Err(Refusal::NotBegun));
        let last = at("2026-06-16T16:10:00Z");
        assert!(
            booking(Status::NoShow)
                .settle(Status::Confirmed, last)
                .is_ok()
        );
        let late = booking(Status::NoShow).settle(Status::Confirmed, last + Duration::seconds(1));
        assert_eq!(late.map(|booking| booking.status), Err(Refusal::TooLate));
    }
}
