//! Creatives in a buyer's library: what is shown, in which format, and whether it may be. A
//! creative is changed by sending it again; what was decided about it is decided anew then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::opendirect::refusal::Refusal;

/// Where a creative stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreativeStatus {
    /// It is being made ready.
    Processing,
    /// Somebody at the publisher looks at it.
    PendingReview,
    /// It may be shown.
    Approved,
    /// It may not be shown.
    Rejected,
    /// Nobody uses it any more.
    Archived,
}

impl CreativeStatus {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 5] = [
        Self::Processing,
        Self::PendingReview,
        Self::Approved,
        Self::Rejected,
        Self::Archived,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::PendingReview => "pending_review",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Archived => "archived",
        }
    }

    /// Goes on to another state.
    ///
    /// # Errors
    /// When it does not lead there.
    pub fn to(self, next: Self) -> Result<Self, Refusal> {
        use CreativeStatus as S;
        let possible: &[S] = match self {
            S::Processing => &[S::PendingReview, S::Approved, S::Rejected],
            S::PendingReview => &[S::Approved, S::Rejected, S::Archived],
            S::Approved => &[S::Rejected, S::Archived, S::PendingReview],
            S::Rejected => &[S::PendingReview, S::Archived],
            S::Archived => &[S::PendingReview],
        };
        if possible.contains(&next) {
            return Ok(next);
        }
        let names: Vec<&str> = possible.iter().map(|one| one.name()).collect();
        let verb = format!("make {} of", next.name());
        Err(Refusal::new(&verb, "creative", self.name(), &names))
    }
}

/// A creative in a buyer's library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LibraryCreative {
    /// Its id, which its owner made.
    pub creative_id: String,
    /// The principal that it belongs to.
    pub owner: String,
    /// What it is called.
    pub name: String,
    /// In which format it is.
    pub format_id: Map<String, Value>,
    /// What it is made of.
    #[serde(default)]
    pub assets: Map<String, Value>,
    /// What it is found by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where it stands.
    pub status: CreativeStatus,
    /// Why it may not be shown.
    #[serde(default)]
    pub rejection_reason: Option<String>,
    /// What else was said of it.
    #[serde(default)]
    pub rest: Map<String, Value>,
}

impl LibraryCreative {
    /// Under which name it is kept.
    #[must_use]
    pub fn key(owner: &str, creative_id: &str) -> String {
        // The owner's length stands first, so that no two pairs make one name.
        format!("{}:{owner}/{creative_id}", owner.len())
    }
}

/// Who wants to hear what is decided on a creative after it came in. Kept apart from the creative,
/// so that nobody who reads that one reads a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreativeHook {
    /// Of which creative.
    pub creative_id: String,
    /// The principal that it belongs to.
    pub owner: String,
    /// The task that brought it in.
    pub task_id: String,
    /// Where to tell it, as it was said.
    pub said: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archived_creative_is_not_approved_without_a_look() {
        use CreativeStatus as S;
        let no = S::Archived.to(S::Approved).expect_err("no look");
        assert_eq!(
            no.to_string(),
            "cannot make approved of this creative: it is archived; possible now: pending review"
        );
        assert_eq!(S::PendingReview.to(S::Approved), Ok(S::Approved));
        for one in S::ALL {
            assert!(one.to(one).is_err(), "{one:?}");
        }
    }

    #[test]
    fn no_two_pairs_make_one_name() {
        assert_ne!(
            LibraryCreative::key("a/b", "c"),
            LibraryCreative::key("a", "b/c")
        );
    }
}
