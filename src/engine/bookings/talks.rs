//! Price talks as clients see them: every price an exact JSON number in the job's currency.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::negotiation::{NegotiationLog, Offer, Outcome, Side, Strategy},
    money::{Amount, Money},
};

/// What was said about a price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Negotiation")]
pub struct NegotiationView {
    /// How the buyer talked.
    pub strategy: StrategyView,
    /// What was named, in order.
    pub offers: Vec<OfferView>,
    /// How it ended.
    pub outcome: OutcomeView,
}

/// How a buyer talks about prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NegotiationStrategy")]
pub struct StrategyView {
    /// The first offer, in percent of the listed price.
    pub opening_percent: f64,
    /// What each further offer adds, in percent of the listed price.
    pub step_percent: f64,
    /// The most that is ever offered, in percent of the listed price.
    pub ceiling_percent: f64,
    /// The most that is ever offered, as a price per thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling_cpm: Option<Amount>,
    /// How many offers are made at most.
    pub rounds: u8,
}

/// One price that was named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NegotiationOffer")]
pub struct OfferView {
    /// The round, from 1.
    pub round: u8,
    /// Who named it.
    pub by: Side,
    /// The price per thousand.
    pub cpm: Amount,
    /// For how many impressions.
    pub impressions: u64,
    /// A sentence on where the price comes from.
    pub note: String,
}

/// How talks ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
#[schemars(rename = "NegotiationOutcome")]
pub enum OutcomeView {
    /// Both sides agreed.
    Accepted {
        /// On this price per thousand.
        cpm: Amount,
    },
    /// One side left.
    Rejected {
        /// For this reason.
        reason: String,
    },
    /// All rounds were used and the last counter was still above the ceiling.
    Exhausted,
}

impl NegotiationView {
    /// Shows talks.
    #[must_use]
    pub fn of(log: NegotiationLog) -> Self {
        Self {
            strategy: strategy(&log.strategy),
            offers: log.offers.into_iter().map(offer).collect(),
            outcome: match log.outcome {
                Outcome::Accepted { cpm } => OutcomeView::Accepted { cpm: cpm.amount() },
                Outcome::Rejected { reason } => OutcomeView::Rejected { reason },
                Outcome::Exhausted => OutcomeView::Exhausted,
            },
        }
    }
}

fn strategy(from: &Strategy) -> StrategyView {
    let percent = |bp: u32| f64::from(bp) / 100.0;
    StrategyView {
        opening_percent: percent(from.opening_bp),
        step_percent: percent(from.step_bp),
        ceiling_percent: percent(from.ceiling_bp),
        ceiling_cpm: from.ceiling.map(Money::amount),
        rounds: from.rounds,
    }
}

fn offer(from: Offer) -> OfferView {
    OfferView {
        round: from.round,
        by: from.by,
        cpm: from.cpm.amount(),
        impressions: from.impressions,
        note: from.note,
    }
}
