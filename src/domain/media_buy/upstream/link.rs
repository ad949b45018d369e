//! Which media buy here stands for which one there, and what was shown of it last: what a follower
//! needs of all buys at each look, small enough to be read for all of them.

use serde::{Deserialize, Serialize};

use super::{Upstream, deed::Stage, mirror};
use crate::domain::{ids::BuyId, media_buy::buy::MediaBuy};

/// The longest id of another side that is followed.
pub const LONGEST_ID: usize = 200;

/// A media buy there and the one here that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyLink {
    /// Its id there.
    pub remote: String,
    /// The media buy here.
    pub buy_id: BuyId,
    /// A digest of what was shown of it, and of the question that waits about it.
    pub digest: String,
    /// How it stands.
    pub standing: Standing,
}

/// How a media buy that lives elsewhere stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The other side does not show it any more.
    Gone,
    /// Something that was asked has to be looked for at each look.
    Open,
    /// The same, and something else is not shown as it was asked for.
    OpenDiffers,
    /// Something that was asked waits for a person there.
    Held,
    /// The same, and something else is not shown as it was asked for.
    HeldDiffers,
    /// Something is not shown as it was asked for.
    Differs,
    /// Nobody knows when it runs.
    Undated,
    /// Nobody knows what it costs.
    Unpriced,
    /// All is well.
    Calm,
}

impl Standing {
    /// All of them.
    const ALL: [Self; 9] = [
        Self::Gone,
        Self::Open,
        Self::OpenDiffers,
        Self::Held,
        Self::HeldDiffers,
        Self::Differs,
        Self::Undated,
        Self::Unpriced,
        Self::Calm,
    ];

    /// How a buy stands.
    #[must_use]
    pub fn of(buy: &MediaBuy, known: &Upstream) -> Self {
        let differs = !known.disagreements().is_empty();
        let mut open = known.deeds.iter().filter(|one| one.is_open());
        // What waits for a person is looked at when it changes, and else left alone.
        let restless = |stage: Stage, looks: u32| stage != Stage::Held || looks > 0;
        let held = known.open() > 0;
        let restless = open.any(|one| restless(one.stage, one.looks));
        match (restless, held, differs) {
            _ if known.missing_since.is_some() => Self::Gone,
            (true, _, true) => Self::OpenDiffers,
            (true, _, false) => Self::Open,
            (false, true, true) => Self::HeldDiffers,
            (false, true, false) => Self::Held,
            (false, false, true) => Self::Differs,
            _ if buy.is_undated() => Self::Undated,
            _ if mirror::is_unpriced(buy) => Self::Unpriced,
            _ => Self::Calm,
        }
    }

    /// The name in lists and counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Open => "open",
            Self::OpenDiffers => "open_differs",
            Self::Held => "held",
            Self::HeldDiffers => "held_differs",
            Self::Differs => "differs",
            Self::Undated => "undated",
            Self::Unpriced => "unpriced",
            Self::Calm => "calm",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether more is expected of something that was asked.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Open | Self::OpenDiffers | Self::Held | Self::HeldDiffers
        )
    }

    /// Whether it has to be looked at at each look.
    #[must_use]
    pub fn is_restless(self) -> bool {
        matches!(self, Self::Open | Self::OpenDiffers | Self::Gone)
    }

    /// Whether something is not shown as it was asked for.
    #[must_use]
    pub fn differs(self) -> bool {
        matches!(self, Self::OpenDiffers | Self::HeldDiffers | Self::Differs)
    }
}
