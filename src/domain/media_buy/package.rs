//! A package: one product, bought for an amount, delivered by one line. Keeps what the buyer
//! asked for beside what was agreed.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    item_type::ItemType,
    terms::{Cancellation, Pricing, Spread},
};
use crate::domain::{
    ids::{LineId, PackageId, ProductId},
    money::Money,
    when::Instant,
};

/// A creative that a package shall show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Which creative of the library.
    pub creative_id: String,
    /// How often against the others, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Only in these placements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement_ids: Option<Vec<String>>,
}

/// One product within a media buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// The line that delivers it.
    pub line_id: LineId,
    /// What is bought.
    pub product_id: ProductId,
    /// How it competes for impressions.
    pub item_type: ItemType,
    /// For how much.
    pub budget: Money,
    /// At which price.
    pub pricing: Pricing,
    /// How many units of what is paid for.
    pub quantity: u64,
    /// How many impressions the buyer asked for, if they did.
    pub impressions: Option<u64>,
    /// Its own flight, where it differs from the buy's.
    pub start: Option<Instant>,
    /// The end of its own flight.
    pub end: Option<Instant>,
    /// How it is spread.
    pub spread: Spread,
    /// Where it stands in the queue of the ad server, where that is not its type's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Whether it is stopped for a while.
    pub paused: bool,
    /// That it was called off.
    pub cancellation: Option<Cancellation>,
    /// What it shows.
    pub creatives: Vec<Shown>,
    /// Everything else that the buyer said of it, kept and told back as it came:
    /// `targeting_overlay`, `format_ids`, `catalogs`, `optimization_goals`,
    /// `measurement_terms`, `performance_standards`, `agency_estimate_number`, `context`, `ext`.
    pub asked: Map<String, Value>,
}

impl Package {
    /// Whether it may deliver: neither stopped nor called off.
    #[must_use]
    pub fn may_run(&self) -> bool {
        !self.paused && self.cancellation.is_none()
    }

    /// Where it stands in the queue of an ad server; lower goes first.
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.priority.unwrap_or(self.item_type.priority())
    }

    /// Its flight within the buy's.
    #[must_use]
    pub fn flight(&self, start: Instant, end: Instant) -> (Instant, Instant) {
        (self.start.unwrap_or(start), self.end.unwrap_or(end))
    }

    /// The days that its line runs on within the buy's flight.
    #[must_use]
    pub fn days(&self, start: Instant, end: Instant) -> (NaiveDate, NaiveDate) {
        let (start, end) = self.flight(start, end);
        days(start, end)
    }
}

/// The days between two instants; an end at midnight is the end of the day before.
#[must_use]
pub fn days(start: Instant, end: Instant) -> (NaiveDate, NaiveDate) {
    let last = end - chrono::Duration::microseconds(1);
    (
        start.date_naive(),
        last.date_naive().max(start.date_naive()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_at_midnight_is_the_end_of_the_day_before() {
        let at = |text: &str| text.parse::<Instant>().expect(text);
        let day = |text: &str| text.parse::<NaiveDate>().expect(text);
        assert_eq!(
            days(at("2026-07-01T09:00:00Z"), at("2026-07-11T00:00:00Z")),
            (day("2026-07-01"), day("2026-07-10"))
        );
        assert_eq!(
            days(at("2026-07-01T09:00:00Z"), at("2026-07-10T23:59:59Z")),
            (day("2026-07-01"), day("2026-07-10"))
        );
        let short = (at("2026-07-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
        assert_eq!(
            days(short.0, short.1),
            (day("2026-07-01"), day("2026-07-01"))
        );
    }
}
