//! What a slot service shows, once it is read: instants in UTC, our names for what there is, and
//! its own ids. Everything that it leaves out has become empty before it comes here.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{
    slot::{booking::Status, guest::Guest, resource::Card, schedule::Schedule},
    when::Instant,
};

/// Something that can be booked there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownResource {
    /// Its id there.
    pub id: String,
    /// What it is, and where.
    pub card: Card,
    /// When and how it can be booked, as far as it is shown.
    pub schedule: Schedule,
    /// Whether it can be booked.
    pub is_active: bool,
    /// Whether everybody may see it.
    pub published: bool,
}

/// A booking there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownBooking {
    /// Its id there.
    pub id: String,
    /// What became of it.
    pub status: Status,
    /// The word for that, where it is none of ours.
    pub word: Option<String>,
    /// The id there of what was booked.
    pub resource: String,
    /// What it was called.
    pub resource_name: String,
    /// The guest's id there; empty where it says none.
    pub lead: String,
    /// When it begins.
    pub starts_at: Instant,
    /// When it is over; where that is not shown, when it begins.
    pub ends_at: Instant,
    /// Who comes.
    pub guest: Guest,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// When it was called off.
    pub cancelled_at: Option<Instant>,
}

/// A slot there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSlot {
    /// By which it is booked there.
    pub slot_id: String,
    /// When it begins, in seconds.
    pub start: i64,
    /// When it is over; where that is not shown, when it begins.
    pub end: i64,
    /// How many more can book it.
    pub remaining: u32,
    /// How many it serves at once, where that is shown.
    pub capacity: Option<u32>,
}

fn digest(shown: &impl Serialize) -> String {
    // What cannot be written is taken for changed.
    let written = serde_json::to_vec(shown).unwrap_or_default();
    hex::encode(&Sha256::digest(written)[..12])
}

impl ShownResource {
    /// The same as long as the same is shown.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(self)
    }
}

impl ShownBooking {
    /// The same as long as the same is shown.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(self)
    }

    /// Whether this can be what somebody wanted: that guest, at that time, of that resource.
    #[must_use]
    pub fn is_for(&self, resource: &str, start: i64, email: &str) -> bool {
        self.resource == resource
            && self.starts_at.timestamp() == start
            && self.guest.email.eq_ignore_ascii_case(email)
    }
}
