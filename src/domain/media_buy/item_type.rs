//! The types of a line item as ad servers know them, and which of them somebody has to
//! agree to. Refuses types that nobody delivers.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a line item competes for impressions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ItemType {
    /// A share of what there is, promised.
    Sponsorship,
    /// A number of impressions, promised.
    Standard,
    /// A share of what is left.
    Network,
    /// A number of what is left.
    Bulk,
    /// Whatever its price wins.
    PricePriority,
    /// The publisher's own.
    House,
}

impl ItemType {
    /// All of them, the most important first.
    pub const ALL: [Self; 6] = [
        Self::Sponsorship,
        Self::Standard,
        Self::Network,
        Self::Bulk,
        Self::PricePriority,
        Self::House,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sponsorship => "SPONSORSHIP",
            Self::Standard => "STANDARD",
            Self::Network => "NETWORK",
            Self::Bulk => "BULK",
            Self::PricePriority => "PRICE_PRIORITY",
            Self::House => "HOUSE",
        }
    }

    /// Whether delivery is promised, so that a person has to agree to the order.
    #[must_use]
    pub fn is_guaranteed(self) -> bool {
        matches!(self, Self::Sponsorship | Self::Standard)
    }

    /// Where it stands in the queue of an ad server; lower goes first.
    #[must_use]
    pub fn priority(self) -> u8 {
        match self {
            Self::Sponsorship => 4,
            Self::Standard => 8,
            Self::Network | Self::Bulk | Self::PricePriority => 12,
            Self::House => 16,
        }
    }
}

impl fmt::Display for ItemType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No type of a line item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not a line item type; known are SPONSORSHIP, STANDARD, NETWORK, BULK, PRICE_PRIORITY and HOUSE"
)]
pub struct UnknownItemType;

impl FromStr for ItemType {
    type Err = UnknownItemType;

    fn from_str(text: &str) -> Result<Self, UnknownItemType> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownItemType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_promised_needs_somebody_to_agree() {
        let promised: Vec<_> = ItemType::ALL
            .into_iter()
            .filter(|one| one.is_guaranteed())
            .map(ItemType::name)
            .collect();
        assert_eq!(promised, ["SPONSORSHIP", "STANDARD"]);
        for one in ItemType::ALL {
            assert_eq!(one.name().parse(), Ok(one));
            assert_eq!(serde_json::to_value(one).expect("json"), one.name());
        }
    }
}
