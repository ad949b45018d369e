//! Which media buy here stands for which one there, and what was shown of it last: what a follower
//! needs of all buys at each look, small enough to be read for all of them.

use serde::{Deserialize, Serialize};

use crate::domain::ids::BuyId;

/// The longest id of another side that is followed.
pub const LONGEST_ID: usize = 200;

/// A media buy there and the one here that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyLink {
    /// Its id there.
    pub remote: String,
    /// The media buy here.
    pub buy_id: BuyId,
    /// A digest of what was shown of it.
    pub digest: String,
    /// Whether more is expected of something that was asked.
    pub open: bool,
    /// Whether something is not shown as it was asked for.
    pub differs: bool,
    /// Whether the other side does not show it any more.
    pub gone: bool,
    /// Whether nobody knows yet when it runs or what it costs.
    pub bare: bool,
}

impl BuyLink {
    /// In one word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (self.gone, self.open, self.differs, self.bare) {
            (true, ..) => "gone",
            (false, true, true, _) => "open_differs",
            (false, true, false, _) => "open",
            (false, false, true, _) => "differs",
            (false, false, false, true) => "bare",
            (false, false, false, false) => "calm",
        }
    }
}
