//! What a set of recommendations comes to. Refuses to add two currencies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    booking::recommendation::Recommendation,
    money::{Currency, Money, NotMoney},
};

/// Counts and sums of recommendations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{
        booking::{
            allocation::ChannelAllocation,
            recommendation::{Candidate, recommend},
            samples::{brief, catalogue, usd},
        },
        channel::Channel,
    };

    #[test]
    fn totals_add_up_and_refuse_to_mix() {
        let allocation = ChannelAllocation {
            channel: Channel::Ctv,
            budget: usd(750_000),
            share_bp: 10_000,
            rationale: String::new(),
        };
        let candidate = |listing| Candidate {
            listing,
            available: 5_000_000,
            confidence_bp: 9_000,
        };
        let candidates = catalogue().into_iter().map(candidate).collect();
        let made = recommend(&brief(&json!({})), &allocation, candidates).expect("some");
        let totals = Totals::of(Currency::USD, &made).expect("totals");
        assert_eq!(totals.count, 2);
        assert_eq!(
            totals.impressions,
            made[0].impressions + made[1].impressions
        );
        assert_eq!(made[0].cost.plus(made[1].cost), Ok(totals.cost));
        let cpm = totals.cpm.expect("some impressions");
        assert!(cpm > usd(800) && cpm < usd(900), "{cpm}");
        assert_eq!(
            blended(usd(1), 2_000),
            Some(usd(1)),
            "half a cent rounds up"
        );
        assert_eq!(blended(usd(0), 0), None);
        assert!(Totals::of("EUR".parse().expect("currency"), &made).is_err());
        assert_eq!(Totals::of(Currency::USD, []).expect("nothing").count, 0);
    }
}
