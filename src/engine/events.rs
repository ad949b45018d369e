//! What happened, for whoever watches. A wake-up is only a hint: the feed in the database
//! is the truth, and whoever falls behind reads it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{ids::TenantId, when::Instant},
    store::Happened,
};

/// How many events a slow watcher may fall behind before it must read again.
pub const BACKLOG: usize = 1024;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its number in the tenant's feed, without gaps.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// What, such as `bookings.approved`.
    pub event: String,
    /// The kind of object that it happened to.
    pub kind: String,
    /// The object's id.
    pub object: String,
    /// A sentence for people.
    pub detail: String,
}

impl From<Happened> for Event {
    fn from(from: Happened) -> Self {
        let Happened {
            seq,
            at,
            name,
            kind,
            object,
            detail,
        } = from;
        Self {
            seq,
            at,
            event: name,
            kind,
            object,
            detail,
        }
    }
}

/// An event with its owner, as it is handed around inside.
#[derive(Debug, Clone)]
pub struct Noticed {
    /// Whose it is.
    pub tenant: TenantId,
    /// What happened.
    pub event: Event,
}
