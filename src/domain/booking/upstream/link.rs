//! Which job here stands for which one there, and where that one was last: what a follower
//! needs of all jobs at each look, small enough to be read for all of them.

use serde::{Deserialize, Serialize};

use crate::domain::ids::JobId;

/// The longest id of another side that is followed.
pub const LONGEST_ID: usize = 200;

/// A job there and the one here that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id there.
    pub remote: String,
    /// The job here.
    pub job_id: JobId,
    /// Its status there, in that side's word.
    pub status: String,
    /// Whether it has not ended.
    pub open: bool,
    /// Whether the other side does not show it any more.
    pub gone: bool,
}

impl Link {
    /// In one word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (self.gone, self.open) {
            (true, _) => "gone",
            (false, true) => "open",
            (false, false) => "closed",
        }
    }
}
