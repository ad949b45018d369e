//! Which products an agent wants to see: filters, and how they are to be shown. Refuses no
//! filter: one that nothing here can meet leaves nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    offer::{formats, prices},
    product::channels,
};
use crate::domain::{
    money::Amount,
    opendirect::product::{DeliveryType, Product},
    when::{Flight, parse_day},
};

/// A format by its name with the agent that defines it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FormatId {
    /// The agent.
    pub agent_url: String,
    /// Its name with that agent.
    pub id: String,
    /// In pixels, where the format takes any size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// In pixels, where the format takes any size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Where the format takes any length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
}

/// A budget between two amounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetRange {
    /// At least.
    #[serde(default)]
    pub min: Option<Amount>,
    /// At most.
    #[serde(default)]
    pub max: Option<Amount>,
    /// In which currency.
    pub currency: String,
}

/// Which products are wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ProductFilters {
    /// `guaranteed` or `non_guaranteed`.
    pub delivery_type: Option<String>,
    /// `none`, `category` or `exclusive`.
    pub exclusivity: Option<String>,
    /// With a fixed price, or in an auction.
    pub is_fixed_price: Option<bool>,
    /// Taking any of these formats.
    pub format_ids: Option<Vec<FormatId>>,
    /// Showing at least so many impressions over the dates.
    pub min_exposures: Option<u64>,
    /// From this day.
    pub start_date: Option<String>,
    /// To this day.
    pub end_date: Option<String>,
    /// For a budget in this range.
    pub budget_range: Option<BudgetRange>,
    /// Shown in any of these countries.
    pub countries: Option<Vec<String>>,
    /// On any of these channels.
    pub channels: Option<Vec<String>>,
    /// With all of these features.
    pub required_features: Option<Map<String, Value>>,
    /// Aimed at places of these levels.
    pub required_geo_targeting: Option<Vec<Value>>,
    /// Matched on a trusted surface.
    pub trusted_match: Option<Value>,
    /// Only the standard formats: all of ours are.
    pub standard_formats_only: Option<bool>,
}

/// Features that a buyer may require, and whether they are there.
const FEATURES: &[&str] = &["inline_creative_management"];

impl ProductFilters {
    /// Whether a product passes.
    #[must_use]
    pub fn pass(&self, product: &Product) -> bool {
        self.pass_delivery(product)
            && self.pass_money(product)
            && self.pass_place(product)
            && self.has_features()
            && self.format_ids.as_ref().is_none_or(|wanted| {
                let ours = formats(product);
                wanted.iter().any(|one| ours.contains(&one.id.as_str()))
            })
            && self.channels.as_ref().is_none_or(|wanted| {
                let ours = channels(product);
                wanted.iter().any(|one| ours.contains(&one.as_str()))
            })
    }

    fn pass_delivery(&self, product: &Product) -> bool {
        let guaranteed = product.delivery_type != DeliveryType::Pmp;
        let exclusive = product.delivery_type == DeliveryType::Exclusive;
        let enough = |least| {
            let days = self.flight().map_or(30, Flight::length);
            product.daily_impressions.saturating_mul(u64::from(days)) >= least
        };
        self.delivery_type
            .as_deref()
            .is_none_or(|only| (only == "guaranteed") == guaranteed)
            && self
                .exclusivity
                .as_deref()
                .is_none_or(|only| (only == "exclusive") == exclusive)
            && self.min_exposures.is_none_or(enough)
    }

    fn pass_money(&self, product: &Product) -> bool {
        let currency = product.base_price.currency();
        let priced = |fixed: bool| prices(product).iter().any(|price| price.auction != fixed);
        let afford = |range: &BudgetRange| {
            let least = product.offer.min_spend;
            range.currency == currency.code()
                && range.max.is_none_or(|most| {
                    least.is_none_or(|least| !most.compare(least.amount()).is_lt())
                })
        };
        self.is_fixed_price.is_none_or(priced) && self.budget_range.as_ref().is_none_or(afford)
    }

    fn pass_place(&self, product: &Product) -> bool {
        let places = product.targeting.get("geo");
        let shown = |country: &String| {
            places.is_none_or(|all| all.iter().any(|one| one.eq_ignore_ascii_case(country)))
        };
        let by_country = |one: &Value| one["level"] == "country" || one.as_str() == Some("country");
        self.countries
            .as_ref()
            .is_none_or(|any| any.iter().any(shown))
            && self.required_geo_targeting.iter().flatten().all(by_country)
    }

    fn has_features(&self) -> bool {
        let mut wanted = self.required_features.iter().flatten();
        self.trusted_match.is_none()
            && wanted.all(|(name, value)| value == false || FEATURES.contains(&name.as_str()))
    }

    /// The days that are asked about, if both are said.
    #[must_use]
    pub fn flight(&self) -> Option<Flight> {
        let first = parse_day(self.start_date.as_deref()?)?;
        Flight::new(first, parse_day(self.end_date.as_deref()?)?).ok()
    }
}
