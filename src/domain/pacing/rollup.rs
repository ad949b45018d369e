//! Many lines as one: sums over sums, never a mean of ratios. Refuses to add what does not
//! belong together: each unit and each currency is a group of its own.

use std::collections::BTreeMap;

use super::{
    figures::Figures,
    ratio::Ratio,
    terms::{Seen, Terms, Unit},
};
use crate::domain::currency::Currency;

/// What adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// What the goals count.
    pub unit: Unit,
    /// What the budgets are counted in.
    pub currency: Option<Currency>,
}

/// The sums of lines of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many lines.
    pub lines: usize,
    /// How many of them have a plan.
    pub planned: usize,
    /// Promised by all.
    pub goal: Ratio,
    /// Delivered by all.
    pub delivered: Ratio,
    /// Delivered by those with a plan.
    pub against: Ratio,
    /// Due from those.
    pub expected: Ratio,
    /// Budgets of all.
    pub budget: Ratio,
    /// Spent by those with a budget.
    pub spent: Ratio,
    /// At risk of those that can tell.
    pub at_risk: Ratio,
}

impl Sums {
    /// Delivered by due.
    #[must_use]
    pub fn index(&self) -> Option<Ratio> {
        self.against.over(self.expected)
    }

    /// Delivered of what was promised, in per cent.
    #[must_use]
    pub fn rate_pct(&self) -> Option<Ratio> {
        self.delivered.over(self.goal)?.times(Ratio::HUNDRED)
    }

    /// Spent of the budgets, in per cent.
    #[must_use]
    pub fn budget_pct(&self) -> Option<Ratio> {
        self.spent.over(self.budget)?.times(Ratio::HUNDRED)
    }

    fn with(self, goal: Ratio, (terms, seen, figures): (&Terms, &Seen, &Figures)) -> Self {
        let plan = figures.expected.is_some();
        let against = if plan { seen.delivered } else { Ratio::ZERO };
        let spent = terms.budget.and(seen.spent);
        let or_none = |figure: Option<Ratio>| figure.unwrap_or(Ratio::ZERO);
        Self {
            lines: self.lines + 1,
            planned: self.planned + usize::from(plan),
            goal: self.goal.and(goal),
            delivered: self.delivered.and(seen.delivered),
            against: self.against.and(against),
            expected: self.expected.and(or_none(figures.expected)),
            budget: self.budget.and(or_none(terms.budget)),
            spent: self.spent.and(or_none(spent)),
            at_risk: self.at_risk.and(or_none(figures.at_risk)),
        }
    }
}

/// Lines by kind, and those that belong to none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rollup {
    /// The sums of each kind.
    pub kinds: BTreeMap<Kind, Sums>,
    /// Lines without a goal that could be added.
    pub without_goal: usize,
}

/// Adds lines up.
#[must_use]
pub fn roll_up<'a>(lines: impl IntoIterator<Item = (&'a Terms, &'a Seen, &'a Figures)>) -> Rollup {
    let mut rollup = Rollup::default();
    for (terms, seen, figures) in lines {
        let (Some(unit), Some(goal)) = (terms.goal.unit(), terms.goal.amount()) else {
            rollup.without_goal += 1;
            continue;
        };
        let kind = Kind {
            unit,
            currency: terms.currency,
        };
        let sums = rollup.kinds.entry(kind).or_default();
        *sums = sums.with(goal, (terms, seen, figures));
    }
    rollup
}
