//! A proposal: how a budget would best be spread over products. A draft is told by its name
//! alone, so that looking costs nothing; a committed one is kept, with its hold and its terms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::when::Instant;

/// How far a proposal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    /// Prices may still move.
    Draft,
    /// Prices and inventory are held.
    Committed,
}

/// A product's part of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Allocation {
    /// The product.
    pub product_id: String,
    /// Its part of the budget, in whole percent; all parts make a hundred.
    pub allocation_percentage: u32,
    /// At which of its prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing_option_id: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// Its place in the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InsertionOrder {
    /// Its name.
    pub io_id: String,
    /// Whether somebody has to sign it before anything is bought.
    pub requires_signature: bool,
    /// What it says.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub terms: Map<String, Value>,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// Its name.
    pub proposal_id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How the budget is spread.
    pub allocations: Vec<Allocation>,
    /// How far it has come.
    pub proposal_status: ProposalStatus,
    /// Until when it can be bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// What is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insertion_order: Option<InsertionOrder>,
    /// How it answers the brief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brief_alignment: Option<String>,
    /// How much it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_budget_guidance: Option<Value>,
}

/// A proposal as it is kept: whose it is beside what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptProposal {
    /// Whose it is; nobody's is everybody's.
    #[serde(default)]
    pub principal: Option<String>,
    /// What it says.
    pub proposal: Proposal,
}

/// Spreads a hundred percent over weights, whole percent each and none left over.
#[must_use]
pub fn spread(weights: &[f32]) -> Vec<u32> {
    let sum: f32 = weights.iter().sum();
    if weights.is_empty() || sum <= 0.0 {
        return Vec::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "parts of a hundred"
    )]
    let mut parts: Vec<u32> = weights
        .iter()
        .map(|weight| ((weight / sum * 100.0).floor() as u32).max(1))
        .collect();
    let rest = 100i64 - parts.iter().map(|&part| i64::from(part)).sum::<i64>();
    let first = i64::from(parts[0]) + rest;
    parts[0] = u32::try_from(first).unwrap_or(1);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_a_hundred() {
        for weights in [
            &[1.0][..],
            &[1.0, 1.0, 1.0],
            &[7.5, 3.1, 0.001],
            &[0.4, 0.3, 0.2, 0.1],
        ] {
            let parts = spread(weights);
            assert_eq!(parts.iter().sum::<u32>(), 100, "{parts:?}");
            assert_eq!(parts.len(), weights.len());
        }
        assert_eq!(spread(&[]), Vec::<u32>::new());
    }
}
