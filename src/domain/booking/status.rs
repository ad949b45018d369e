//! Where a job is: nine states as the engine sees it, five as its clients do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a job is, as the engine sees it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionStatus {
    /// Kept; nothing has happened yet.
    Initialized,
    /// Taken up, audience planned.
    BriefReceived,
    /// The brief no longer holds, such as a flight that ended before its turn came.
    ValidationFailed,
    /// The budget is spread over channels.
    BudgetAllocated,
    /// Sellers' catalogues are being searched.
    Researching,
    /// Recommendations wait for a decision.
    AwaitingApproval,
    /// Approved lines are being reserved and booked.
    ExecutingBookings,
    /// Done.
    Completed,
    /// Ended without what was asked for.
    Failed,
}

/// Where a job is, as its clients see it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Kept; nothing has happened yet.
    Pending,
    /// On its way, before or after the approval.
    Running,
    /// Recommendations wait for a decision.
    AwaitingApproval,
    /// Deals booked, or nothing approved.
    Completed,
    /// Ended with the reason in `errors`.
    Failed,
}

impl ExecutionStatus {
    /// What clients see of it.
    #[must_use]
    pub fn outside(self) -> JobStatus {
        match self {
            Self::Initialized => JobStatus::Pending,
            Self::BriefReceived
            | Self::BudgetAllocated
            | Self::Researching
            | Self::ExecutingBookings => JobStatus::Running,
            Self::AwaitingApproval => JobStatus::AwaitingApproval,
            Self::Completed => JobStatus::Completed,
            Self::ValidationFailed | Self::Failed => JobStatus::Failed,
        }
    }

    /// Whether nothing will happen any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::ValidationFailed | Self::Completed | Self::Failed
        )
    }
}

impl JobStatus {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::AwaitingApproval,
        Self::Completed,
        Self::Failed,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl JobStatus {
    /// As it stands in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting approval",
            other => other.name(),
        }
    }
}
