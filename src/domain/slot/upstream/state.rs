//! What is kept of a slot service as a whole: whether it can be reached and how much there is in
//! it, and the slots that it offered last, for when it cannot.

use serde::{Deserialize, Serialize};

use super::shown::ShownSlot;
use crate::domain::{ids::ResourceId, when::Instant};

/// How a slot service is, kept only when that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Why it cannot be reached, when it cannot.
    pub trouble: Option<String>,
    /// Since when it is so.
    pub since: Instant,
    /// What was counted there at the last look that changed it.
    #[serde(default)]
    pub counts: Counts,
}

impl Contact {
    /// The id of the one object of this kind that a tenant's desk has.
    pub const ID: &'static str = "slots";
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// What can be booked.
    pub resources: u64,
    /// Bookings that are followed.
    pub bookings: u64,
    /// What it no longer shows, and is kept here.
    pub gone: u64,
    /// Bookings of which asked and shown are not the same.
    pub differ: u64,
    /// Whether there is more than is followed.
    #[serde(default)]
    pub more: bool,
}

/// The slots of a resource that were offered last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSlots {
    /// Of which resource.
    pub resource: ResourceId,
    /// From which second on it was asked.
    pub from: i64,
    /// Until which one.
    pub to: i64,
    /// When it was asked.
    pub at: Instant,
    /// What was offered.
    pub slots: Vec<ShownSlot>,
}
