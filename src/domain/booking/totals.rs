//! What a set of recommendations comes to. Refuses to add two currencies.

use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::recommendation::Recommendation,
    money::{Currency, Money, NotMoney},
};

/// Counts and sums of recommendations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many recommendations.
    pub count: usize,
    /// All impressions.
    pub impressions: u64,
    /// What all of them cost.
    pub cost: Money,
    /// What a thousand of them cost on average; nothing when there is none.
    pub cpm: Option<Money>,
}

impl Totals {
    /// Adds recommendations up.
    ///
    /// # Errors
    /// When one is in another currency, or a sum is beyond what can be counted.
    pub fn of<'a>(
        currency: Currency,
        all: impl IntoIterator<Item = &'a Recommendation>,
    ) -> Result<Self, NotMoney> {
        let mut totals = Self {
            count: 0,
            impressions: 0,
            cost: Money::zero(currency),
            cpm: None,
        };
        for one in all {
            totals.count += 1;
            totals.cost = totals.cost.plus(one.cost)?;
            totals.impressions = totals
                .impressions
                .checked_add(one.impressions)
                .ok_or(NotMoney::TooLarge)?;
        }
        totals.cpm = blended(totals.cost, totals.impressions);
        Ok(totals)
    }
}

/// What a thousand impressions cost, rounded half up.
fn blended(cost: Money, impressions: u64) -> Option<Money> {
    let count = i128::from(impressions);
    let minor = (i128::from(cost.minor()) * 2_000 + count).checked_div_euclid(2 * count)?;
    Some(Money::new(i64::try_from(minor).ok()?, cost.currency()))
}
