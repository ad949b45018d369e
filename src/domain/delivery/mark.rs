//! A mark: the totals of a line at one time, small enough to keep thousands of. Refuses to
//! know the currency of what was spent; that is the same for all marks of a line.

use chrono::{DateTime, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    currency::Currency,
    money::Money,
    opendirect::stats::Delivered,
    pacing::{
        ratio::Ratio,
        terms::{Standard, Unit},
    },
    when::Instant,
};

/// A mark as it is written: seconds, impressions, clicks, starts, completes, measurable,
/// viewable, spent in minor units.
type Written = (
    i64,
    u64,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    Option<i64>,
);

/// The totals of a line at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Written", into = "Written")]
#[schemars(with = "Written")]
pub struct Mark {
    /// When, to the second.
    pub at: Instant,
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
    /// What was spent, in minor units.
    pub spent: Option<i64>,
}

impl From<Written> for Mark {
    fn from(written: Written) -> Self {
        let (seconds, impressions, clicks, starts, completes, measurable, viewable, spent) =
            written;
        Self {
            at: DateTime::from_timestamp(seconds, 0).unwrap_or_default(),
            impressions,
            clicks,
            starts,
            completes,
            measurable,
            viewable,
            spent,
        }
    }
}

impl From<Mark> for Written {
    fn from(mark: Mark) -> Self {
        (
            mark.at.timestamp(),
            mark.impressions,
            mark.clicks,
            mark.starts,
            mark.completes,
            mark.measurable,
            mark.viewable,
            mark.spent,
        )
    }
}

impl From<&Delivered> for Mark {
    fn from(delivered: &Delivered) -> Self {
        Self {
            at: delivered.as_of,
            impressions: delivered.impressions,
            clicks: delivered.clicks,
            starts: delivered.starts,
            completes: delivered.completes,
            measurable: delivered.measurable,
            viewable: delivered.viewable,
            spent: delivered.spent.map(Money::minor),
        }
    }
}

impl Mark {
    /// The same as an ad server tells it, what was spent counted in a currency.
    #[must_use]
    pub fn delivered_in(&self, currency: Option<Currency>) -> Delivered {
        let spent = self.spent.zip(currency);
        Delivered {
            impressions: self.impressions,
            clicks: self.clicks,
            starts: self.starts,
            completes: self.completes,
            measurable: self.measurable,
            viewable: self.viewable,
            spent: spent.map(|(minor, currency)| Money::new(minor, currency)),
            as_of: self.at,
        }
    }

    /// The hour that it closes, in hours since 1970: noon belongs to the hour before noon.
    #[must_use]
    pub fn hour(&self) -> i64 {
        (self.at.timestamp() - 1).div_euclid(3_600)
    }

    /// The day that it closes, in UTC: midnight belongs to the day before.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        (self.at - chrono::Duration::seconds(1)).date_naive()
    }

    /// How much of a unit had been delivered; nothing where that is not measured.
    #[must_use]
    pub fn delivered(&self, unit: Unit) -> Option<Ratio> {
        let counted = |count: u64| i64::try_from(count).ok().map(Ratio::whole);
        match unit {
            Unit::Impressions => counted(self.impressions),
            Unit::Clicks => counted(self.clicks?),
            Unit::Views => counted(self.completes?),
            Unit::Viewable(Standard::Mrc) => counted(self.viewable?),
            Unit::Viewable(Standard::GroupM) => None,
            Unit::Money(currency) => self.spent(currency),
        }
    }

    /// What had been spent, in whole units of its currency.
    #[must_use]
    pub fn spent(&self, currency: Currency) -> Option<Ratio> {
        let scale = 10_i128.checked_pow(currency.decimals())?;
        Ratio::new(self.spent?.into(), scale)
    }

    /// Whether it counts less of anything than an earlier one: an adjustment.
    #[must_use]
    pub fn is_below(&self, earlier: &Self) -> bool {
        let fell = |now: Option<u64>, then: Option<u64>| now.zip(then).is_some_and(|(n, t)| n < t);
        self.impressions < earlier.impressions
            || fell(self.clicks, earlier.clicks)
            || fell(self.completes, earlier.completes)
            || fell(self.viewable, earlier.viewable)
            || self
                .spent
                .zip(earlier.spent)
                .is_some_and(|(now, then)| now < then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: &str) -> Mark {
        Mark {
            at: at.parse().expect(at),
            impressions: 7,
            clicks: None,
            starts: Some(3),
            completes: Some(2),
            measurable: None,
            viewable: None,
            spent: Some(1_250),
        }
    }

    #[test]
    fn the_end_of_an_hour_and_of_a_day_belong_to_what_they_end() {
        let noon = mark("2026-07-01T12:00:00Z");
        assert_eq!(noon.hour(), mark("2026-07-01T11:00:01Z").hour());
        assert_eq!(noon.hour() + 1, mark("2026-07-01T12:00:01Z").hour());
        assert_eq!(mark("2026-07-02T00:00:00Z").day().to_string(), "2026-07-01");
    }

    #[test]
    fn a_mark_is_written_short_and_read_back() {
        let noon = mark("2026-07-01T12:00:00Z");
        let written = serde_json::to_string(&noon).expect("written");
        assert_eq!(written, "[1782907200,7,null,3,2,null,null,1250]");
        let read: Mark = serde_json::from_str(&written).expect("read");
        assert_eq!(read, noon);
        let dollars = Currency::USD;
        assert_eq!(read.spent(dollars), Ratio::new(25, 2));
        assert_eq!(read.delivered(Unit::Clicks), None, "not measured is not 0");
    }
}
