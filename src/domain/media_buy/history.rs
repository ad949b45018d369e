//! What happened to a media buy, revision by revision. Keeps the newest and says how many
//! there were.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{ids::PackageId, when::Instant};

/// How many entries are kept.
pub const MOST_ENTRIES: usize = 1_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// It was put together.
    Created,
    /// A person was asked to agree.
    Submitted,
    /// The publisher agreed.
    Approved,
    /// The publisher wants it changed first.
    SentBack,
    /// It began to run, or waits to.
    Activated,
    /// It was stopped for a while.
    Paused,
    /// It goes on.
    Resumed,
    /// It was called off.
    Canceled,
    /// The publisher said no.
    Rejected,
    /// Its flight is over.
    Completed,
    /// It costs something else.
    UpdatedBudget,
    /// It runs on other days.
    UpdatedDates,
    /// Its packages are different.
    UpdatedPackages,
    /// Its creatives are different.
    UpdatedCreatives,
    /// It was put away.
    Archived,
}

impl Done {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::SentBack => "sent_back",
            Self::Activated => "activated",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Canceled => "canceled",
            Self::Rejected => "rejected",
            Self::Completed => "completed",
            Self::UpdatedBudget => "updated_budget",
            Self::UpdatedDates => "updated_dates",
            Self::UpdatedPackages => "updated_packages",
            Self::UpdatedCreatives => "updated_creatives",
            Self::Archived => "archived",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The revision that it made.
    pub revision: u64,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// What.
    pub done: Done,
    /// In a sentence.
    pub summary: String,
    /// Of which package, if of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_id: Option<PackageId>,
}
