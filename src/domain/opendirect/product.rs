//! What a publisher sells: a product with its price, its audience and its daily supply.
//! Knows nothing of who has booked it.

use std::{collections::BTreeMap, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Checks;
use crate::domain::{
    adcp::offer::Offer,
    channel::Channel,
    ids::ProductId,
    money::{MOST_MINOR, Money},
    problem::Problem,
};

/// The longest name of a product.
const LONGEST_NAME: usize = 100;
/// The longest id of a product or publisher, and the longest name of a publisher.
const LONGEST_ID: usize = 255;
/// The longest description.
const LONGEST_DESCRIPTION: usize = 1_000;
/// The longest name of a format.
const LONGEST_FORMAT: usize = 50;
/// The most impressions that a product shows on one day.
pub const MOST_DAILY: u64 = 1_000_000_000;

/// How a price is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RateType {
    /// Per thousand impressions.
    #[serde(rename = "CPM")]
    Cpm,
    /// Per thousand viewable impressions.
    #[serde(rename = "CPMV")]
    Cpmv,
    /// Per click.
    #[serde(rename = "CPC")]
    Cpc,
    /// Per day.
    #[serde(rename = "CPD")]
    Cpd,
    /// One price for the whole flight.
    FlatRate,
}

impl RateType {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cpm, Self::Cpmv, Self::Cpc, Self::Cpd, Self::FlatRate];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpm => "CPM",
            Self::Cpmv => "CPMV",
            Self::Cpc => "CPC",
            Self::Cpd => "CPD",
            Self::FlatRate => "FlatRate",
        }
    }
}

/// No way to mean a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a rate type; known are CPM, CPMV, CPC, CPD and FlatRate")]
pub struct UnknownRateType;

impl FromStr for RateType {
    type Err = UnknownRateType;

    /// Takes the names in any case.
    fn from_str(text: &str) -> Result<Self, UnknownRateType> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownRateType)
    }
}

/// How firmly a product is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum DeliveryType {
    /// Nobody else is shown.
    Exclusive,
    /// The count is promised.
    Guaranteed,
    /// A private auction at an agreed floor.
    #[serde(rename = "PMP")]
    Pmp,
}

impl DeliveryType {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "Exclusive",
            Self::Guaranteed => "Guaranteed",
            Self::Pmp => "PMP",
        }
    }
}

/// Rates that a product usually reaches, in basis points (10,000 is all).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UsualRates {
    /// Clicks per impression.
    pub ctr_bp: Option<u32>,
    /// Completed views per started view.
    pub vcr_bp: Option<u32>,
    /// Viewable impressions per measured impression.
    pub viewability_bp: Option<u32>,
}

/// Something that can be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Its id in the seller's catalogue.
    pub id: ProductId,
    /// The publisher's id.
    pub publisher_id: String,
    /// The publisher's name.
    pub publisher: String,
    /// At most 100 characters.
    pub name: String,
    /// A sentence or two.
    #[serde(default)]
    pub description: String,
    /// Where it runs.
    pub channel: Channel,
    /// `display`, `video`, `native`, `audio`, ...
    pub format: String,
    /// How its price is meant.
    pub rate_type: RateType,
    /// How firmly it is delivered.
    pub delivery_type: DeliveryType,
    /// The price on the rate card.
    pub base_price: Money,
    /// The lowest price that the seller would take in a negotiation.
    pub floor_price: Money,
    /// The site or application.
    #[serde(default)]
    pub domain: Option<String>,
    /// The placement.
    #[serde(default)]
    pub ad_unit: Option<String>,
    /// What it can be aimed at: `age` -> `18-24`, `25-34`; `interests` -> `gaming`; `geo` -> `US`.
    #[serde(default)]
    pub targeting: BTreeMap<String, Vec<String>>,
    /// How many impressions it can show on one day.
    pub daily_impressions: u64,
    /// What it usually reaches.
    #[serde(default)]
    pub usual: UsualRates,
    /// Whether it is on sale.
    #[serde(default = "on_sale")]
    pub active: bool,
    /// What it has for agents beside the rate card.
    #[serde(default, skip_serializing_if = "Offer::is_plain")]
    pub offer: Offer,
}

fn on_sale() -> bool {
    true
}

impl Product {
    /// Gives itself back if it can be sold.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self) -> Result<Self, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.line("id", self.id.as_str(), LONGEST_ID);
        checks.line("publisher_id", &self.publisher_id, LONGEST_ID);
        checks.line("publisher", &self.publisher, LONGEST_ID);
        checks.line("name", &self.name, LONGEST_NAME);
        checks.line("format", &self.format, LONGEST_FORMAT);
        let told = Some(self.description.as_str()).filter(|text| !text.is_empty());
        checks.maybe_line("description", told, LONGEST_DESCRIPTION);
        checks.maybe_line("domain", self.domain.as_deref(), LONGEST_ID);
        checks.maybe_line("ad_unit", self.ad_unit.as_deref(), LONGEST_ID);
        checks.targeting(&self.targeting);
        self.check_prices(&mut checks);
        if self.daily_impressions > MOST_DAILY {
            let message = "must be at most 1,000,000,000";
            checks.problem("daily_impressions", "INVALID_QUANTITY", message);
        }
        checks.done(Some(self))
    }

    fn check_prices(&self, checks: &mut Checks) {
        let (base, floor) = (self.base_price, self.floor_price);
        if base.currency() != floor.currency() {
            let message = format!("is in another currency than the base price, {base}");
            checks.problem("floor_price", "OTHER_CURRENCY", message);
            return;
        }
        if !(0..=MOST_MINOR).contains(&base.minor()) {
            let message = "must be zero or more, and an amount that is accepted";
            checks.problem("base_price", "INVALID_RATE", message);
        }
        if !(0..=base.minor()).contains(&floor.minor()) {
            let message = format!("must be between zero and the base price, {base}");
            checks.problem("floor_price", "INVALID_RATE", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{money::Currency, opendirect::line_draft::tests::product};

    #[test]
    fn a_product_is_sold_only_as_a_whole_that_makes_sense() {
        assert_eq!(product().check(), Ok(product()));
        let wrong = Product {
            id: "".into(),
            name: "x".repeat(101),
            floor_price: Money::new(2_201, Currency::USD),
            daily_impressions: MOST_DAILY + 1,
            description: "two\nlines".to_owned(),
            ..product()
        };
        let problems = wrong.check().expect_err("wrong");
        let fields: Vec<&str> = problems.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "id",
                "name",
                "description",
                "floor_price",
                "daily_impressions"
            ]
        );
    }
}
