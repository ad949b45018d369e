//! What the other side shows, once it is read: its own words, exact money, instants in UTC.
//! Everything that it leaves out or muddles has become empty before it comes here.

use serde::{Deserialize, Serialize};

use crate::domain::{money::Money, when::Instant};

/// Statuses by which jobs there are told apart.
pub mod status {
    /// Kept; nothing has happened yet.
    pub const PENDING: &str = "pending";
    /// Being planned or, with an approval in advance, booked.
    pub const RUNNING: &str = "running";
    /// Planned, or failed to be.
    pub const AWAITING: &str = "awaiting_approval";
    /// Decided; perhaps something was booked.
    pub const COMPLETED: &str = "completed";
    /// Ended with nothing booked.
    pub const FAILED: &str = "failed";
}

/// A list of jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedJobs {
    /// The jobs, newest first.
    pub jobs: Vec<ListedJob>,
    /// How many there are in all.
    pub total: u64,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedJob {
    /// Its id.
    pub id: String,
    /// Its status, in the other side's word.
    pub status: String,
    /// The campaign's name.
    pub name: String,
    /// What may be spent, where that is an amount.
    pub budget: Option<Money>,
    /// When it was sent.
    pub created_at: Option<Instant>,
}

/// A job in full.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShownJob {
    /// Its status, in the other side's word.
    pub status: String,
    /// How far it is, in thousandths.
    pub progress: u16,
    /// The budget by channel.
    pub allocations: Vec<ShownAllocation>,
    /// What is recommended.
    pub recommendations: Vec<ShownRecommendation>,
    /// What was booked.
    pub lines: Vec<ShownLine>,
    /// What went wrong, and what is merely worth knowing.
    pub errors: Vec<String>,
}

/// What one channel gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAllocation {
    /// The channel, in the other side's word.
    pub channel: String,
    /// How much.
    pub budget: Money,
    /// The same as a share, in basis points.
    pub share_bp: u32,
    /// Why.
    pub rationale: String,
}

/// Something that could be booked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShownRecommendation {
    /// The channel, in the other side's word.
    pub channel: String,
    /// The product; two channels may recommend the same one.
    pub product_id: String,
    /// Its name.
    pub product_name: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its format.
    pub format: String,
    /// How many impressions.
    pub impressions: u64,
    /// The price per thousand, in minor units of the desk's currency.
    pub cpm: i64,
    /// What it costs, which need not follow from the two: the other side cuts each by itself.
    pub cost: i64,
    /// What has become of it.
    pub status: String,
    /// Why.
    pub rationale: String,
}

/// A line that was booked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShownLine {
    /// The product.
    pub product_id: String,
    /// Its name.
    pub product_name: String,
    /// The channel, in the other side's word.
    pub channel: String,
    /// How many impressions.
    pub impressions: u64,
    /// The price per thousand, in minor units.
    pub cpm: i64,
    /// What it costs, in minor units.
    pub cost: i64,
    /// Where it is, in the seller's word, such as `proposed`.
    pub status: String,
    /// When it was booked.
    pub booked_at: Option<Instant>,
    /// Who sells it.
    pub seller: String,
    /// Its order, by whichever name there is.
    pub order: String,
    /// Its line or deal, by whichever name there is.
    pub line: String,
}
