//! Changes of how lines pace: tried, made as one, and taken back. What is tried goes through
//! the very rules that carry it out, and is thrown away; so a projection never promises what
//! would then be refused.

pub mod apply;
mod carry;
pub mod journal;
mod plan;
pub mod reallocate;
pub mod undo;
pub mod whatif;
pub mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    currency::Currency,
    ids::{BuyId, LineId},
    media_buy::terms::Spread,
    pacing::{journal::Changed, ratio::Ratio, status::Status},
    when::Instant,
};

/// What to do to a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Steer {
    /// End so many days later.
    ExtendDays(Ratio),
    /// End so many days earlier.
    ShortenDays(Ratio),
    /// End then.
    EndAt(Instant),
    /// Promise so much instead.
    Goal(Ratio),
    /// Promise so many per cent more, or less.
    GoalPercent(Ratio),
    /// Let it cost so much instead.
    Budget(Ratio),
    /// Let it cost so many per cent more, or less.
    BudgetPercent(Ratio),
    /// Move so much of its budget to another line; the sum stays.
    Shift {
        /// So much.
        amount: Ratio,
        /// To which line.
        to: LineId,
    },
    /// Spread it otherwise.
    Pacing(Spread),
    /// Let it stand there in the queue of the ad server, 1 to 16; lower goes first.
    Priority(u8),
    /// Hold it back.
    Pause,
    /// Let it go on.
    Resume,
}

/// What to do to which line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineChange {
    /// Which.
    pub line_id: LineId,
    /// What.
    pub steer: Steer,
    /// The revision that was looked at; if it is another by now, nothing at all is changed.
    #[serde(default)]
    pub revision: Option<i64>,
}

/// How a line would pace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outlook {
    /// How it would be judged.
    pub status: Status,
    /// What it promises.
    pub goal: Option<Ratio>,
    /// What it may cost.
    pub budget: Option<Ratio>,
    /// When it is over.
    pub end: Instant,
    /// Delivered by due, by the contract.
    pub index: Option<Ratio>,
    /// To be delivered a day from now on.
    pub required_daily: Option<Ratio>,
    /// The least and the most that it will end at.
    pub projected: Option<(Ratio, Ratio)>,
    /// The least of that, of the goal.
    pub projected_share: Option<Ratio>,
    /// What of the budget will not be earned.
    pub at_risk: Option<Ratio>,
}

/// A line with what a change makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Which.
    pub line_id: LineId,
    /// What it is called.
    pub line: Box<str>,
    /// What its money is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What is different.
    pub changes: Vec<Changed>,
    /// How it paces now.
    pub before: Outlook,
    /// How it would.
    pub after: Outlook,
    /// Whether the publisher has to agree first.
    pub asks: bool,
}

/// What changes come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Projection {
    /// The lines that are different.
    pub lines: Vec<Outcome>,
    /// The media buys whose publisher has to agree first.
    pub asked: Vec<BuyId>,
}
