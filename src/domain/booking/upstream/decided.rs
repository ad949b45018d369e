//! A decision on its way to the other side. It is sent once, under a mark that is kept before
//! it leaves; when its answer is lost, only looking tells what became of it.

use serde::{Deserialize, Serialize};

use crate::domain::{ids::ProductId, money::Money, when::Instant};

/// How often a decision that certainly did not arrive is sent again.
pub const MOST_TRIES: u32 = 40;
/// How long a decision that was sent may show no effect before a person is asked again: the
/// other side may talk about prices for minutes with each seller in turn.
pub const LONGEST_WAIT: chrono::Duration = chrono::Duration::minutes(60);

/// A decision, as it is told to the other side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The products that were approved, each once; all that there are where it says so.
    pub products: Vec<ProductId>,
    /// Whether these are all that were recommended.
    pub all: bool,
    /// When it left, if it may have arrived.
    pub sent_at: Option<Instant>,
    /// How often it was tried in vain.
    pub tries: u32,
    /// What the other side answered, if the answer arrived.
    pub answer: Option<Answer>,
    /// Whether it was told there that the answer was lost.
    #[serde(default)]
    pub lost: Option<String>,
}

/// What the other side answered to a decision. Not what was booked: that is read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// `success`, `failed`, `rejected`, or another word.
    pub status: String,
    /// How many products it says were approved: it counts what was sent, not what it knows.
    pub approved: Option<u64>,
    /// How many lines it says it booked.
    pub booked: Option<u64>,
    /// What it says they cost.
    pub cost: Option<Money>,
    /// What it says went wrong.
    pub said: Vec<String>,
}
