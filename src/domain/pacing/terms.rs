//! What a line promised and what was seen of it: everything that pacing is told from. Refuses
//! goals and budgets below zero and larger than any that are sold.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{clock::Clock, curve::Pacing, ratio::Ratio};
use crate::domain::{currency::Currency, when::Instant};

/// The largest goal or budget, in whole units.
pub const MOST: i64 = 1_000_000_000_000_000;

/// The name of a line or package wherever it lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

impl Name {
    /// The text as its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Whose rule says that an impression was in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// The Media Rating Council: half of it for one second, video for two.
    Mrc,
    /// `GroupM`: all of it, video for half of its length.
    GroupM,
}

/// What a goal counts. Two units never add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// Impressions shown.
    Impressions,
    /// Clicks on them.
    Clicks,
    /// Videos seen.
    Views,
    /// Impressions in view, by somebody's rule.
    Viewable(Standard),
    /// Money spent.
    Money(Currency),
}

/// What a line promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// So much of something.
    Amount(Unit, Ratio),
    /// A share of what there is, from 0 to 1: there is nothing to be behind of.
    Share(Ratio),
}

impl Goal {
    /// How much, where it is an amount and more than nothing.
    #[must_use]
    pub fn amount(self) -> Option<Ratio> {
        match self {
            Self::Amount(_, amount) => Some(amount).filter(|amount| amount.is_positive()),
            Self::Share(_) => None,
        }
    }

    /// What it counts.
    #[must_use]
    pub fn unit(self) -> Option<Unit> {
        match self {
            Self::Amount(unit, _) => Some(unit),
            Self::Share(_) => None,
        }
    }
}

/// Where a line stands, as far as pacing cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lifecycle {
    /// Nobody has asked for it yet.
    Draft,
    /// Somebody must agree.
    PendingApproval,
    /// Nothing to show yet.
    PendingCreatives,
    /// May deliver.
    #[default]
    Live,
    /// Stopped for now.
    Paused,
    /// Stopped for good.
    Cancelled,
    /// Refused.
    Rejected,
}

/// The last time that goal or dates were changed in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebase {
    /// When.
    pub at: Instant,
    /// What was delivered by then.
    pub delivered: Ratio,
}

/// A time in which a line was held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub from: Instant,
    /// Until when, unless it still is.
    pub until: Option<Instant>,
}

/// What a line promised, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How much of what.
    pub goal: Goal,
    /// From when to when.
    pub clock: Clock,
    /// Spread how.
    pub pacing: Pacing,
    /// What it may cost.
    pub budget: Option<Ratio>,
    /// What the budget is counted in, where that is known.
    pub currency: Option<Currency>,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// Which lines go first: 1 before 16.
    pub priority: Option<u8>,
    /// The last change of goal or dates in flight.
    pub rebase: Option<Rebase>,
    /// When it was held back, in order and apart.
    pub pauses: Vec<Pause>,
}

impl Terms {
    /// A live line with a goal, a flight and an even plan.
    #[must_use]
    pub fn new(goal: Goal, clock: Clock) -> Self {
        Self {
            goal,
            clock,
            pacing: Pacing::Even,
            budget: None,
            currency: None,
            lifecycle: Lifecycle::Live,
            priority: None,
            rebase: None,
            pauses: Vec::new(),
        }
    }
}

/// What was seen of a line, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Delivered, in the goal's unit.
    pub delivered: Ratio,
    /// Spent, in the budget's currency.
    pub spent: Option<Ratio>,
    /// Until when it was counted; the only present there is.
    pub as_of: Instant,
    /// Delivered a day, over the last 24 hours.
    pub rate_24h: Option<Ratio>,
    /// Delivered a day, over the last seven days.
    pub rate_7d: Option<Ratio>,
    /// Since when nothing more was delivered, where snapshots tell.
    pub quiet_since: Option<Instant>,
}

impl Seen {
    /// So much until then, and no more is known.
    #[must_use]
    pub fn new(delivered: Ratio, as_of: Instant) -> Self {
        Self {
            delivered,
            spent: None,
            as_of,
            rate_24h: None,
            rate_7d: None,
            quiet_since: None,
        }
    }
}
