//! Rates of what was delivered, and what of it may be billed. A rate says what it is a rate of;
//! without a base there is none.

use super::ratio::Ratio;

/// Counts beside impressions. What is not measured is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Impressions shown.
    pub impressions: Count,
    /// Clicks on them.
    pub clicks: Count,
    /// Videos begun.
    pub starts: Count,
    /// Videos seen to the end.
    pub completes: Count,
    /// Impressions that could have been measured.
    pub eligible: Count,
    /// Impressions whose viewability was measured.
    pub measurable: Count,
    /// Impressions in view.
    pub viewable: Count,
}

/// A count, where it is counted.
type Count = Option<Ratio>;

/// What a completion rate is a rate of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletedOf {
    /// Of the videos begun.
    Starts,
    /// Of the impressions, as `AdCP` has it.
    Impressions,
}

impl Counts {
    /// Clicks of impressions, in per cent.
    #[must_use]
    pub fn ctr(&self) -> Option<Ratio> {
        percent(self.clicks, self.impressions)
    }

    /// Completed videos, in per cent.
    #[must_use]
    pub fn vcr(&self, of: CompletedOf) -> Option<Ratio> {
        let base = match of {
            CompletedOf::Starts => self.starts,
            CompletedOf::Impressions => self.impressions,
        };
        percent(self.completes, base)
    }

    /// In view of those measured, in per cent.
    #[must_use]
    pub fn viewable_rate(&self) -> Option<Ratio> {
        percent(self.viewable, self.measurable)
    }

    /// Measured of those that could be, in per cent.
    #[must_use]
    pub fn measured_rate(&self) -> Option<Ratio> {
        percent(self.measurable, self.eligible)
    }
}

fn percent(part: Option<Ratio>, whole: Option<Ratio>) -> Option<Ratio> {
    part?.over(whole?)?.times(Ratio::HUNDRED)
}

/// What a thousand impressions came to.
#[must_use]
pub fn ecpm(spent: Ratio, impressions: Ratio) -> Option<Ratio> {
    spent.times(Ratio::whole(1_000))?.over(impressions)
}

/// By how many per cent of ours two counts differ.
#[must_use]
pub fn discrepancy(ours: Ratio, theirs: Ratio) -> Option<Ratio> {
    percent(Some(ours.minus(theirs)?.size()), Some(ours))
}

/// What to aim at so that the goal is reached by the other count: a share of ours is lost.
#[must_use]
pub fn padded_goal(goal: Ratio, lost: Ratio) -> Option<i128> {
    let left = Ratio::ONE.minus(lost).filter(|left| left.is_positive())?;
    goal.over(left).map(Ratio::ceiling)
}

/// What may be billed by the count that the contract names: no more than a share above the goal.
#[must_use]
pub fn billable(counted: Ratio, goal: Ratio, cap: Ratio) -> Option<Ratio> {
    Some(counted.min(goal.times(Ratio::ONE.plus(cap)?)?))
}

/// What is still owed when a line is over.
#[must_use]
pub fn make_good(goal: Ratio, billable: Ratio) -> Option<Ratio> {
    goal.minus(billable).map(Ratio::or_zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(number: i64) -> Ratio {
        Ratio::whole(number)
    }

    #[test]
    fn a_rate_says_what_it_is_a_rate_of() {
        let counts = Counts {
            impressions: Some(n(1_000)),
            clicks: Some(n(5)),
            starts: Some(n(800)),
            completes: Some(n(600)),
            eligible: Some(n(1_000)),
            measurable: Some(n(500)),
            viewable: Some(n(350)),
        };
        assert_eq!(counts.ctr(), Some(Ratio::percent(50)));
        assert_eq!(counts.vcr(CompletedOf::Starts), Some(n(75)));
        assert_eq!(counts.vcr(CompletedOf::Impressions), Some(n(60)));
        assert_eq!(counts.viewable_rate(), Some(n(70)));
        assert_eq!(counts.measured_rate(), Some(n(50)));
        let none = Counts {
            impressions: Some(n(0)),
            clicks: Some(n(0)),
            ..Counts::default()
        };
        assert_eq!((none.ctr(), none.viewable_rate()), (None, None));
    }

    #[test]
    fn money_is_counted_by_what_the_contract_counts() {
        assert_eq!(ecpm(n(20), n(4_000)), Some(n(5)));
        assert_eq!(ecpm(n(20), n(0)), None);
        assert_eq!(discrepancy(n(1_000), n(880)), Some(n(12)));
        assert_eq!(padded_goal(n(1_000), Ratio::percent(7)), Some(1_076));
        assert_eq!(padded_goal(n(1_000), Ratio::ONE), None);
        let cap = Ratio::percent(5);
        assert_eq!(billable(n(1_200), n(1_000), cap), Some(n(1_050)));
        assert_eq!(billable(n(900), n(1_000), cap), Some(n(900)));
        assert_eq!(make_good(n(1_000), n(900)), Some(n(100)));
        assert_eq!(make_good(n(1_000), n(1_050)), Some(n(0)));
    }
}
