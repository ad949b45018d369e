//! What a buyer's agent wants different about a media buy. Only what is named changes.
//! Decides whether the publisher has to be asked again; carries nothing out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    buy::MediaBuy,
    draft::PackageDraft,
    package::{Package, Shown},
    terms::Spread,
};
use crate::domain::{ids::PackageId, money::Amount, when::Instant};

/// A change of a media buy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct BuyChange {
    /// Stop it for a while, or let it go on.
    pub paused: Option<bool>,
    /// Call it off. Wins over everything else.
    pub canceled: Option<bool>,
    /// Why it is called off.
    pub cancellation_reason: Option<String>,
    /// When it shall begin: `asap` or an instant.
    pub start_time: Option<String>,
    /// When it shall end.
    pub end_time: Option<Instant>,
    /// What shall be different about its packages.
    pub packages: Option<Vec<PackageChange>>,
    /// Further packages.
    pub new_packages: Option<Vec<PackageDraft>>,
    /// Who is sent the invoice.
    pub invoice_recipient: Option<Map<String, Value>>,
    /// Where to send reports.
    pub reporting_webhook: Option<Map<String, Value>>,
    /// Where to tell what becomes of it.
    pub push_notification_config: Option<Map<String, Value>>,
}

/// A change of one package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackageChange {
    /// Which.
    pub package_id: PackageId,
    /// For how much.
    #[serde(default)]
    pub budget: Option<Amount>,
    /// How it is spread.
    #[serde(default)]
    pub pacing: Option<Spread>,
    /// Where it stands in the queue of the ad server, 1 to 16; only the publisher says so.
    #[serde(default)]
    pub priority: Option<u8>,
    /// What is bid.
    #[serde(default)]
    pub bid_price: Option<Amount>,
    /// How many impressions.
    #[serde(default)]
    pub impressions: Option<u64>,
    /// When it shall begin.
    #[serde(default)]
    pub start_time: Option<Instant>,
    /// When it shall end.
    #[serde(default)]
    pub end_time: Option<Instant>,
    /// Stop it for a while, or let it go on.
    #[serde(default)]
    pub paused: Option<bool>,
    /// Call it off.
    #[serde(default)]
    pub canceled: Option<bool>,
    /// Why it is called off.
    #[serde(default)]
    pub cancellation_reason: Option<String>,
    /// What it shows, instead of what it showed.
    #[serde(default)]
    pub creative_assignments: Option<Vec<Shown>>,
    /// New creatives to show.
    #[serde(default)]
    pub creatives: Option<Vec<Map<String, Value>>>,
    /// What else shall be different; each replaces what was there.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What of a package's free fields a change may replace.
pub const REPLACEABLE: [&str; 5] = [
    "targeting_overlay",
    "catalogs",
    "optimization_goals",
    "context",
    "ext",
];
/// What of a package can never change.
pub const FIXED: [&str; 3] = ["product_id", "format_ids", "pricing_option_id"];

impl PackageChange {
    /// Nothing yet.
    #[must_use]
    pub fn of(package_id: PackageId) -> Self {
        Self {
            package_id,
            budget: None,
            pacing: None,
            priority: None,
            bid_price: None,
            impressions: None,
            start_time: None,
            end_time: None,
            paused: None,
            canceled: None,
            cancellation_reason: None,
            creative_assignments: None,
            creatives: None,
            rest: Map::new(),
        }
    }
}

impl BuyChange {
    /// Whether nothing is to be different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it changes what is committed: money, time, what is shown to whom. Stopping, going
    /// on, calling off and other creatives do not.
    #[must_use]
    pub fn commits(&self) -> bool {
        if self.canceled == Some(true) {
            return false;
        }
        let package = |one: &PackageChange| {
            let stops = PackageChange {
                paused: one.paused,
                canceled: one.canceled,
                cancellation_reason: one.cancellation_reason.clone(),
                creative_assignments: one.creative_assignments.clone(),
                creatives: one.creatives.clone(),
                ..PackageChange::of(one.package_id.clone())
            };
            *one != stops
        };
        self.start_time.is_some()
            || self.end_time.is_some()
            || self.packages.iter().flatten().any(package)
            || self.new_packages.is_some()
    }

    /// Whether it asks for more time, for more packages, or for more of those packages that count.
    /// What only calls off, stops, or moves creatives asks for nothing.
    #[must_use]
    pub fn asks_for_more(&self, buy: &MediaBuy, counts: impl Fn(&Package) -> bool) -> bool {
        if self.canceled == Some(true) {
            return false;
        }
        let later = self.end_time.is_some_and(|end| end > buy.end);
        let more = self.packages.iter().flatten().any(|change| {
            let Some(package) = buy.package(&change.package_id) else {
                return false;
            };
            let budget = change
                .budget
                .is_some_and(|amount| amount.compare(package.budget.amount()).is_gt());
            let goal = change
                .impressions
                .is_some_and(|goal| goal > package.impressions.unwrap_or(package.quantity));
            counts(package) && (budget || goal)
        });
        later
            || more
            || self
                .new_packages
                .as_ref()
                .is_some_and(|new| !new.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::media_buy::buy::tests::{at, buy};

    fn of(package: &str, budget: &str) -> BuyChange {
        let change = serde_json::json!({"packages": [{"package_id": package, "budget": 0}]});
        let mut change: BuyChange = serde_json::from_value(change).expect("a change");
        for one in change.packages.iter_mut().flatten() {
            one.budget = budget.parse().ok();
        }
        change
    }

    fn promised(package: &Package) -> bool {
        package.item_type.is_guaranteed()
    }

    #[test]
    fn only_more_of_what_is_promised_has_to_be_agreed_to_again() {
        let buy = buy();
        assert!(of("pkg_1", "30000.01").asks_for_more(&buy, promised));
        assert!(!of("pkg_1", "30000").asks_for_more(&buy, promised));
        assert!(!of("pkg_2", "99999").asks_for_more(&buy, promised));
        let later = BuyChange {
            end_time: Some(at("2026-08-31T00:00:00Z")),
            ..BuyChange::default()
        };
        assert!(later.asks_for_more(&buy, promised));
        let off = BuyChange {
            canceled: Some(true),
            ..later
        };
        assert!(!off.asks_for_more(&buy, promised));
    }
}
