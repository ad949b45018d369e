//! How a line does, for `OpenDirect` clients: rates in per cent. Refuses rates above a
//! hundred, which such clients cannot read; the counts beside them tell the excess.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    money::{Amount, Currency, Money},
    opendirect::stats,
    when::rfc3339,
};

/// How a line does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineStats {
    /// Which line.
    pub line_id: String,
    /// Impressions shown.
    pub impressions_delivered: u64,
    /// What the line asked for.
    pub target_impressions: u64,
    /// Delivered per asked for, 0 to 100.
    pub delivery_rate: f64,
    /// `on_track`, `behind`, `ahead` or `no_data`.
    pub pacing_status: String,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What was spent.
    pub amount_spent: Amount,
    /// What the line costs when it is delivered in full.
    pub budget: Amount,
    /// Spent per budget, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_utilization: Option<f64>,
    /// What a thousand impressions came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_cpm: Option<Amount>,
    /// Completed per started video, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcr: Option<f64>,
    /// In view per measured, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewability: Option<f64>,
    /// Clicks per impression, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctr: Option<f64>,
    /// Until when it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<String>,
}

impl From<&stats::LineStats> for LineStats {
    fn from(one: &stats::LineStats) -> Self {
        Self {
            line_id: one.line_id.to_string(),
            impressions_delivered: one.impressions,
            target_impressions: one.target,
            delivery_rate: percent(one.delivery_bp),
            pacing_status: one.pacing.name().to_owned(),
            currency: one.budget.currency(),
            amount_spent: one.spent.amount(),
            budget: one.budget.amount(),
            budget_utilization: one.utilization_bp.map(percent),
            effective_cpm: one.effective_cpm.map(Money::amount),
            vcr: one.vcr_bp.map(percent),
            viewability: one.viewability_bp.map(percent),
            ctr: one.ctr_bp.map(percent),
            last_updated: one.as_of.map(rfc3339),
        }
    }
}

/// Basis points as per cent, at most a hundred; always a number.
fn percent(basis_points: u64) -> f64 {
    f64::from(u16::try_from(basis_points.min(10_000)).unwrap_or(10_000)) / 100.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{
        opendirect::{
            line_draft::tests::line,
            stats::{Delivered, tests::delivered},
        },
        pacing::status::Status,
    };

    #[test]
    fn the_numbers_of_a_line_in_flight() {
        let half = Delivered {
            clicks: Some(500),
            ..delivered(250_000, "2026-07-06T00:00:00Z")
        };
        let stats = stats::LineStats::of(&line(), Some(&half), Status::OnTrack);
        assert_eq!(
            serde_json::to_value(LineStats::from(&stats)).expect("json"),
            json!({
                "lineId": "00000000-0000-0000-0000-000000000009",
                "impressionsDelivered": 250_000,
                "targetImpressions": 500_000,
                "deliveryRate": 50.0,
                "pacingStatus": "on_track",
                "currency": "USD",
                "amountSpent": 5000.0,
                "budget": 10000.0,
                "budgetUtilization": 50.0,
                "effectiveCpm": 20.0,
                "ctr": 0.2,
                "lastUpdated": "2026-07-06T00:00:00.000000Z",
            })
        );
    }

    #[test]
    fn no_rate_is_beyond_a_hundred_and_none_is_made_up() {
        let over = stats::LineStats::of(
            &line(),
            Some(&delivered(u64::MAX, "2026-07-11T00:00:00Z")),
            Status::EndedOver,
        );
        let wire = LineStats::from(&over);
        assert!((wire.delivery_rate - 100.0).abs() < f64::EPSILON);
        let none = serde_json::to_value(LineStats::from(&stats::LineStats::of(
            &line(),
            None,
            Status::NoData,
        )));
        let none = none.expect("json");
        assert_eq!(
            (&none["pacingStatus"], &none["deliveryRate"]),
            (&json!("no_data"), &json!(0.0))
        );
        for missing in ["vcr", "viewability", "ctr", "effectiveCpm", "lastUpdated"] {
            assert_eq!(none.get(missing), None, "{missing}");
        }
    }
}
