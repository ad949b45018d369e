//! A job that lives in another company's system: what is known of it there, kept beside the job
//! here. What it means is worked out from these facts each time; nothing that can be worked out
//! is kept. Refuses to guess: what the other side did not show stays empty.

pub mod contact;
pub mod decided;
pub mod differ;
pub mod link;
pub mod mirror;
pub mod safe;
pub mod shown;
pub mod spend;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{money::Money, when::Instant};

use decided::Decision;

/// The make of another company's system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum UpstreamKind {
    /// The IAB Tech Lab's buyer agent, by its Bookings API.
    #[serde(rename = "iab-buyer-agent")]
    IabBuyerAgent,
}

impl UpstreamKind {
    /// The name in settings and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::IabBuyerAgent => "iab-buyer-agent",
        }
    }

    /// As it stands in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::IabBuyerAgent => "the IAB buyer agent",
        }
    }
}

/// What is known of a job in the system that it lives in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upstream {
    /// Which make.
    pub kind: UpstreamKind,
    /// Its id there, once it is known.
    pub id: Option<String>,
    /// Whether its brief was sent from here; else only what the other side tells is known.
    pub own: bool,
    /// When its brief was sent, if it may have arrived.
    pub sent_at: Option<Instant>,
    /// How often its brief was sent.
    #[serde(default)]
    pub sends: u32,
    /// The status there, in its own word.
    pub status: String,
    /// What the other side shows as the campaign's name and budget.
    pub listed: Option<Listing>,
    /// When what is known was read.
    pub seen_at: Option<Instant>,
    /// Since when the other side has not shown it any more.
    pub missing_since: Option<Instant>,
    /// The decision that is told there, once there is one.
    pub decision: Option<Decision>,
    /// What happened on the way there, for people.
    #[serde(default)]
    pub said: Vec<String>,
    /// What keeps something from being sent now.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// What a list there says of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The campaign's name.
    pub name: String,
    /// What may be spent, where that is an amount.
    pub budget: Option<Money>,
}

impl Upstream {
    /// A brief from here that has yet to be sent.
    #[must_use]
    pub fn to_send(kind: UpstreamKind) -> Self {
        Self {
            kind,
            id: None,
            own: true,
            sent_at: None,
            sends: 0,
            status: String::new(),
            listed: None,
            seen_at: None,
            missing_since: None,
            decision: None,
            said: Vec::new(),
            trouble: None,
        }
    }

    /// A job that was found there.
    #[must_use]
    pub fn found(kind: UpstreamKind, id: String) -> Self {
        Self {
            id: Some(id),
            own: false,
            ..Self::to_send(kind)
        }
    }

    /// Whether its brief may have arrived although nobody knows its id.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        self.id.is_none() && self.sent_at.is_some()
    }
}
