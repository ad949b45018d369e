//! Whether the sales agent that a desk's media buys live in can be reached, and since when. Kept
//! only when it changes; how long ago it was last looked at is the follower's own business.

use serde::{Deserialize, Serialize};

use crate::domain::when::Instant;

/// How the contact with the other side is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentContact {
    /// Why it cannot be reached, when it cannot.
    pub trouble: Option<String>,
    /// Since when it is so.
    pub since: Instant,
}

impl AgentContact {
    /// The id of the one object of this kind that a tenant's desk has.
    pub const ID: &'static str = "media_buys";
}
