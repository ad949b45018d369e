//! What was delivered over some time: sums of lines, differences of marks, and the rates that
//! follow from them. Refuses to add what nobody counted as if it were nothing: a rate is told of
//! those alone that count both of its parts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mark::Mark;
use crate::domain::pacing::ratio::Ratio;

/// What was delivered over some time. What is not counted is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Totals {
    /// Impressions shown.
    pub impressions: u64,
    /// Clicks on them.
    pub clicks: Option<u64>,
    /// Videos begun.
    pub starts: Option<u64>,
    /// Videos seen to the end.
    pub completes: Option<u64>,
    /// Impressions whose viewability could be measured.
    pub measurable: Option<u64>,
    /// Impressions that were in view.
    pub viewable: Option<u64>,
    /// What was spent, in minor units of whatever is paid in.
    pub spent: i64,
}

impl From<&Mark> for Totals {
    fn from(mark: &Mark) -> Self {
        Self {
            impressions: mark.impressions,
            clicks: mark.clicks,
            starts: mark.starts,
            completes: mark.completes,
            measurable: mark.measurable,
            viewable: mark.viewable,
            spent: mark.spent.unwrap_or(0),
        }
    }
}

impl Totals {
    /// What came on top of earlier totals; where a count fell, nothing did.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        let more = |now: Option<u64>, then: Option<u64>| {
            now.map(|now| now.saturating_sub(then.unwrap_or(0)))
        };
        Self {
            impressions: self.impressions.saturating_sub(earlier.impressions),
            clicks: more(self.clicks, earlier.clicks),
            starts: more(self.starts, earlier.starts),
            completes: more(self.completes, earlier.completes),
            measurable: more(self.measurable, earlier.measurable),
            viewable: more(self.viewable, earlier.viewable),
            spent: self.spent.saturating_sub(earlier.spent).max(0),
        }
    }

    /// The sum with those of another line.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let both = |one: Option<u64>, two: Option<u64>| match (one, two) {
            (None, None) => None,
            (one, two) => Some(one.unwrap_or(0).saturating_add(two.unwrap_or(0))),
        };
        Self {
            impressions: self.impressions.saturating_add(other.impressions),
            clicks: both(self.clicks, other.clicks),
            starts: both(self.starts, other.starts),
            completes: both(self.completes, other.completes),
            measurable: both(self.measurable, other.measurable),
            viewable: both(self.viewable, other.viewable),
            spent: self.spent.saturating_add(other.spent),
        }
    }

    /// Clicks per impression, from 0 to 1.
    #[must_use]
    pub fn ctr(&self) -> Option<Ratio> {
        share(self.clicks, Some(self.impressions))
    }

    /// Videos seen to the end per impression, as `AdCP` has it.
    #[must_use]
    pub fn completion(&self) -> Option<Ratio> {
        share(self.completes, Some(self.impressions))
    }

    /// In view per measured impression.
    #[must_use]
    pub fn viewability(&self) -> Option<Ratio> {
        share(self.viewable, self.measurable)
    }
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<Ratio> {
    Ratio::count(part?).over(Ratio::count(whole?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(impressions: u64, clicks: Option<u64>, spent: i64) -> Totals {
        Totals {
            impressions,
            clicks,
            spent,
            ..Totals::default()
        }
    }

    #[test]
    fn days_add_up_and_what_fell_is_nothing() {
        let (one, two) = (totals(100, Some(1), 50), totals(250, Some(3), 90));
        assert_eq!(two.since(one), totals(150, Some(2), 40));
        assert_eq!(one.since(two), totals(0, Some(0), 0));
        assert_eq!(two.since(one).plus(one), two);
        assert_eq!(one.plus(totals(5, None, 1)), totals(105, Some(1), 51));
        assert_eq!(totals(5, None, 1).plus(totals(5, None, 1)).clicks, None);
    }

    #[test]
    fn a_rate_has_both_of_its_parts_or_is_none() {
        assert_eq!(totals(200, Some(1), 0).ctr(), Ratio::new(1, 200));
        assert_eq!(totals(0, Some(0), 0).ctr(), None);
        assert_eq!(totals(200, None, 0).ctr(), None);
        assert_eq!(totals(200, None, 0).viewability(), None);
    }
}
