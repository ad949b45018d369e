//! A slot that is kept for somebody for some minutes. It counts like a booking until it is over,
//! and it is over by the clock, whether anybody has looked or not.

use chrono::{Duration, TimeDelta};
use serde::{Deserialize, Serialize};

use super::span::Span;
use crate::domain::{
    ids::{HoldId, ResourceId, WaitingId},
    when::Instant,
    zone::Zone,
};

/// How long a slot is kept where nobody says, in seconds.
pub const USUAL: u32 = 300;
/// How long it is kept at most, in seconds.
pub const LONGEST: u32 = 900;

/// What became of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is kept, until its time is over.
    Held,
    /// It was booked.
    Booked,
    /// It was given back.
    Released,
    /// Its time is over, and whoever waits was told.
    Expired,
}

impl State {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

/// A slot that is kept for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Of what.
    pub resource: ResourceId,
    /// What it was called then.
    pub resource_name: String,
    /// Whose clock hangs on its wall.
    pub timezone: Zone,
    /// What became of it.
    pub state: State,
    /// When the slot begins.
    pub starts_at: Instant,
    /// When the slot is over.
    pub ends_at: Instant,
    /// For how many.
    pub seats: u32,
    /// Who asked.
    pub by: String,
    /// For whom of those who wait, if for one of them.
    pub waiting: Option<WaitingId>,
    /// Until when it is kept.
    pub until: Instant,
    /// Whether it was kept longer once.
    pub extended: bool,
}

impl Hold {
    /// The time of the slot.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            start: self.starts_at.timestamp(),
            end: self.ends_at.timestamp(),
        }
    }

    /// Whether it is still kept.
    #[must_use]
    pub fn is_kept(&self, now: Instant) -> bool {
        self.state == State::Held && now < self.until
    }

    /// How long it is kept, where somebody asks for so many seconds.
    #[must_use]
    pub fn lasting(seconds: Option<u32>) -> Option<TimeDelta> {
        let seconds = seconds.unwrap_or(USUAL);
        let fits = (1..=LONGEST).contains(&seconds);
        fits.then(|| Duration::seconds(i64::from(seconds)))
    }
}
