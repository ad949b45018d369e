//! What a package is bought at and how it is spread: pricing, pacing, cancellations. Prices
//! are whole minor units; nothing is rounded here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{money::Money, opendirect::product::RateType, when::Instant};

/// How a budget is spread over a flight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// The same every day.
    #[default]
    Even,
    /// As fast as it goes.
    Asap,
    /// More at the beginning.
    FrontLoaded,
}

impl Spread {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::Asap => "asap",
            Self::FrontLoaded => "front_loaded",
        }
    }
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricingModel {
    /// A thousand impressions.
    Cpm,
    /// A thousand impressions that were seen.
    Vcpm,
    /// A click.
    Cpc,
    /// A day.
    Time,
    /// The whole.
    FlatRate,
}

impl PricingModel {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpm => "cpm",
            Self::Vcpm => "vcpm",
            Self::Cpc => "cpc",
            Self::Time => "time",
            Self::FlatRate => "flat_rate",
        }
    }
}

impl From<RateType> for PricingModel {
    fn from(rate: RateType) -> Self {
        match rate {
            RateType::Cpm => Self::Cpm,
            RateType::Cpmv => Self::Vcpm,
            RateType::Cpc => Self::Cpc,
            RateType::Cpd => Self::Time,
            RateType::FlatRate => Self::FlatRate,
        }
    }
}

/// What a package is bought at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pricing {
    /// Which of the product's options.
    pub option_id: String,
    /// What is paid for.
    pub model: PricingModel,
    /// What it costs, or what is bid.
    pub rate: Money,
    /// Whether the price is the publisher's and not a bid.
    pub fixed: bool,
}

impl Pricing {
    /// How many units a budget buys: impressions, clicks, or one whole.
    #[must_use]
    pub fn units(&self, budget: Money) -> u64 {
        if !self.rate.is_positive() {
            return 0;
        }
        let each =
            |price: Money| u64::try_from(budget.minor() / price.minor().max(1)).unwrap_or_default();
        match self.model {
            PricingModel::Cpm | PricingModel::Vcpm => budget.buys_at(self.rate),
            PricingModel::Cpc => each(self.rate),
            PricingModel::Time | PricingModel::FlatRate => 1,
        }
    }
}

/// That something was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cancellation {
    /// When.
    pub at: Instant,
    /// Whether the buyer did, and not the seller.
    pub by_buyer: bool,
    /// Why, if they said.
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    #[test]
    fn a_budget_buys_whole_units() {
        let usd = |minor| Money::new(minor, Currency::USD);
        let at = |model, rate| Pricing {
            option_id: "p".to_owned(),
            model,
            rate: usd(rate),
            fixed: true,
        };
        assert_eq!(
            at(PricingModel::Cpm, 2_000).units(usd(5_000_000)),
            2_500_000
        );
        assert_eq!(at(PricingModel::Cpc, 50).units(usd(120)), 2);
        assert_eq!(at(PricingModel::FlatRate, 50).units(usd(120)), 1);
        assert_eq!(at(PricingModel::Cpm, 0).units(usd(120)), 0);
    }
}
