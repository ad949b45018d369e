//! How well a package is to be shown at least, as its contract says: a share in view, or seen to
//! the end, by the count of whoever measures. Refuses standards that nobody here counts, and to
//! hold our count against a standard that we do not count by.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    alerts::rules::Agreed,
    quality::{CompletedOf, Counts},
    ratio::Ratio,
};
use crate::domain::delivery::measured::Measured;

/// What must be reached at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// Of what.
    pub metric: Metric,
    /// How much, in per cent.
    pub least: Ratio,
    /// Whose count says so.
    pub vendor: Box<str>,
    /// Whether our own count tells it too, where theirs is not known.
    pub counted_here: bool,
}

/// What can be agreed and is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// In view of those measured.
    Viewability,
    /// Seen to the end of those shown.
    CompletionRate,
}

impl Floor {
    /// Those of a package, from its `performance_standards`.
    #[must_use]
    pub fn all(said: Option<&Value>) -> Vec<Self> {
        let said = said.and_then(Value::as_array).into_iter().flatten();
        said.filter_map(Self::read).collect()
    }

    fn read(said: &Value) -> Option<Self> {
        let metric = Metric::deserialize(said.get("metric")?).ok()?;
        let share = said.get("threshold")?.as_f64();
        let share = share.filter(|share| (0.0..=1.0).contains(share))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a share of one in millionths is small"
        )]
        let millionths = (share * 1e6).round() as i128;
        let vendor = said.get("vendor").and_then(|vendor| vendor.get("domain"));
        let standard = said.get("standard").and_then(Value::as_str);
        Some(Self {
            metric,
            least: Ratio::new(millionths, 10_000)?,
            vendor: vendor.and_then(Value::as_str).unwrap_or("").into(),
            counted_here: metric == Metric::CompletionRate || standard != Some("groupm"),
        })
    }

    /// What it is beside what was agreed: by the vendor's count, else by ours.
    #[must_use]
    pub fn beside(&self, measured: Option<&Measured>, ours: Option<&Counts>) -> Option<Agreed> {
        let vendor = measured.and_then(|measured| {
            let mut counts = measured.counts.iter();
            counts.find(|count| *count.source == *self.vendor)
        });
        let theirs = vendor.and_then(|count| self.told(&count.counts()));
        theirs.or_else(|| self.told(ours.filter(|_| self.counted_here)?))
    }

    fn told(&self, counts: &Counts) -> Option<Agreed> {
        let (rate, measured) = match self.metric {
            Metric::Viewability => (counts.viewable_rate()?, counts.measured_rate()?),
            Metric::CompletionRate => (counts.vcr(CompletedOf::Impressions)?, Ratio::HUNDRED),
        };
        Some(Agreed {
            rate,
            least: self.least,
            measured,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::delivery::measured::Count;

    #[test]
    fn a_contract_is_read_and_what_nobody_counts_is_left_out() {
        let said = json!([
            {"metric": "viewability", "threshold": 0.7, "standard": "mrc",
             "vendor": {"domain": "measure.example"}},
            {"metric": "attention_score", "threshold": 0.5, "vendor": {"domain": "a.example"}},
            {"metric": "viewability", "threshold": 7, "vendor": {"domain": "a.example"}},
            {"metric": "completion_rate", "threshold": 0.655, "vendor": {"domain": "b.example"}},
        ]);
        let floors = Floor::all(Some(&said));
        let least: Vec<_> = floors.iter().map(|one| (one.metric, one.least)).collect();
        assert_eq!(
            least,
            [
                (Metric::Viewability, Ratio::whole(70)),
                (
                    Metric::CompletionRate,
                    Ratio::new(131, 2).expect("a number")
                ),
            ]
        );
        assert_eq!(Floor::all(None), []);
    }

    #[test]
    fn the_vendors_count_goes_before_ours_and_another_standard_is_not_ours_to_count() {
        let floor = |standard: &str| {
            let said = json!([{"metric": "viewability", "threshold": 0.7, "standard": standard,
                               "vendor": {"domain": "measure.example"}}]);
            Floor::all(Some(&said)).remove(0)
        };
        let ours = Counts {
            eligible: Some(Ratio::whole(1_000)),
            measurable: Some(Ratio::whole(800)),
            viewable: Some(Ratio::whole(600)),
            ..Counts::default()
        };
        let line_id = uuid::Uuid::from_u128(1).into();
        let count = |source: &str| Count {
            source: source.into(),
            until: "2026-07-02T00:00:00Z".parse().expect("a time"),
            impressions: 1_000,
            measurable: Some(900),
            viewable: Some(450),
            completes: None,
            ours: Some(1_000),
        };
        let measured = |source: &str| Measured {
            line_id,
            counts: vec![count(source)],
        };
        let rate = |standard: &str, source: &str| {
            let told = floor(standard).beside(Some(&measured(source)), Some(&ours));
            told.map(|agreed| agreed.rate)
        };
        assert_eq!(rate("mrc", "measure.example"), Some(Ratio::whole(50)));
        assert_eq!(rate("mrc", "other.example"), Some(Ratio::whole(75)));
        assert_eq!(rate("groupm", "other.example"), None);
        assert_eq!(rate("groupm", "measure.example"), Some(Ratio::whole(50)));
    }
}
