//! Somebody who waits for a slot that is taken. First come, first served, as far as the party
//! fits into what becomes free.

use serde::{Deserialize, Serialize};

use super::{guest::Guest, span::Span};
use crate::domain::{
    ids::{HoldId, ResourceId, WaitingId},
    when::Instant,
};

/// What became of somebody who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Still waits.
    Waiting,
    /// The slot is kept for the guest.
    Offered,
    /// Has booked it.
    Booked,
    /// Waits no more: has left, has let the offer pass, or the time has.
    Gone,
}

impl State {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Booked => "booked",
            Self::Gone => "gone",
        }
    }
}

/// Somebody who waits for a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its id.
    pub id: WaitingId,
    /// For what.
    pub resource: ResourceId,
    /// What became of it.
    pub state: State,
    /// When the slot begins.
    pub starts_at: Instant,
    /// When the slot is over.
    pub ends_at: Instant,
    /// How many come together.
    pub seats: u32,
    /// Who waits.
    pub guest: Guest,
    /// Since when.
    pub since: Instant,
    /// The hold that was made for it.
    pub hold: Option<HoldId>,
}

impl Waiting {
    /// The time of the slot.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            start: self.starts_at.timestamp(),
            end: self.ends_at.timestamp(),
        }
    }
}
