//! How well a media buy does for its buyer, as the buyer says: a figure against what was
//! expected, over a time. Refuses times that end before they begin or lie ahead, and figures
//! that are none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    ids::{BuyId, FeedbackId, PackageId},
    problem::{Code, Problem},
    when::Instant,
};

/// The largest figure that anybody could mean.
const MOST: f64 = 1_000_000.0;

/// What was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// All of it.
    #[default]
    OverallPerformance,
    /// How many bought.
    ConversionRate,
    /// How many know the brand now.
    BrandLift,
    /// How many clicked.
    ClickThroughRate,
    /// How many watched to the end.
    CompletionRate,
    /// How much was in view.
    Viewability,
    /// Beside what it was shown.
    BrandSafety,
    /// What it brought for its money.
    CostEfficiency,
}

/// Who measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The buyer.
    #[default]
    BuyerAttribution,
    /// A third party that measures.
    ThirdPartyMeasurement,
    /// The platform on which it was bought.
    PlatformAnalytics,
    /// A third party that verifies.
    VerificationPartner,
}

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// From.
    pub start: Instant,
    /// Until.
    pub end: Instant,
}

/// What a buyer says of a media buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// Over which time.
    pub measurement_period: Period,
    /// 0 is worthless, 1 as expected, above 1 better.
    pub performance_index: f64,
    /// Of one package alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_id: Option<PackageId>,
    /// Of one creative alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creative_id: Option<String>,
    /// What was measured.
    #[serde(default)]
    pub metric_type: Metric,
    /// Who measured.
    #[serde(default)]
    pub feedback_source: Source,
    /// What only the buyer and its agents understand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Map<String, Value>>,
}

/// What a buyer said of a media buy, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// Of which media buy.
    pub media_buy_id: BuyId,
    /// Who said it.
    pub by: String,
    /// When.
    pub at: Instant,
    /// What.
    #[serde(flatten)]
    pub said: Said,
}

impl Said {
    /// Everything that makes no sense.
    #[must_use]
    pub fn problems(&self, now: Instant) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            found.push(Problem::new(field, Code::new("INVALID_REQUEST"), message));
        };
        let Period { start, end } = self.measurement_period;
        if end <= start {
            wrong("measurement_period.end", "must be after its start");
        } else if start > now {
            wrong("measurement_period.start", "lies ahead");
        }
        if !(0.0..=MOST).contains(&self.performance_index) {
            wrong("performance_index", "must be a number from 0 on");
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_makes_no_sense_is_refused_by_its_field() {
        let at = |text: &str| text.parse::<Instant>().expect(text);
        let now = at("2026-07-10T00:00:00Z");
        let said = |start: &str, end: &str, index| Said {
            measurement_period: Period {
                start: at(start),
                end: at(end),
            },
            performance_index: index,
            package_id: None,
            creative_id: None,
            metric_type: Metric::default(),
            feedback_source: Source::default(),
            ext: None,
        };
        let (first, last) = ("2026-07-01T00:00:00Z", "2026-07-08T00:00:00Z");
        assert_eq!(said(first, last, 1.35).problems(now), []);
        for (wrong, field) in [
            (said(last, first, 1.0), "measurement_period.end"),
            (
                said("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z", 1.0),
                "measurement_period.start",
            ),
            (said(first, last, -0.1), "performance_index"),
            (said(first, last, f64::NAN), "performance_index"),
        ] {
            assert_eq!(wrong.problems(now)[0].field, field);
        }
    }
}
