//! Many lines as one: per media buy or order, and per currency. Sums over sums, never a mean
//! of ratios, and nothing added that does not belong together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{book::Weighed, row::Counts};
use crate::domain::{
    currency::Currency,
    ids::{BuyId, OrderId},
    pacing::{
        alerts::Severity,
        ratio::Ratio,
        rollup::{Kind, Sums, roll_up},
    },
};

/// The sums of lines that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaceSums {
    /// What goal and delivered count.
    pub counts: Counts,
    /// What the money is counted in.
    pub currency: Option<Currency>,
    /// How many lines.
    pub lines: usize,
    /// Promised by all.
    pub goal: Ratio,
    /// Delivered by all.
    pub delivered: Ratio,
    /// Due from those that have a plan.
    pub expected: Ratio,
    /// Delivered by due.
    pub index: Option<Ratio>,
    /// Delivered of what was promised, in per cent.
    pub rate_pct: Option<Ratio>,
    /// Budgets of all.
    pub budget: Ratio,
    /// Spent of them.
    pub spent: Ratio,
    /// Spent of the budgets, in per cent.
    pub budget_pct: Option<Ratio>,
    /// At risk of those that can tell.
    pub at_risk: Ratio,
}

impl PaceSums {
    fn of((kind, sums): (Kind, Sums)) -> Self {
        Self {
            counts: kind.unit.into(),
            currency: kind.currency,
            lines: sums.lines,
            goal: sums.goal,
            delivered: sums.delivered,
            expected: sums.expected,
            index: sums.index(),
            rate_pct: sums.rate_pct(),
            budget: sums.budget,
            spent: sums.spent,
            budget_pct: sums.budget_pct(),
            at_risk: sums.at_risk,
        }
    }
}

/// An order or media buy as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderPace {
    /// Which order.
    pub order_id: OrderId,
    /// Which media buy, where it is one.
    pub media_buy_id: Option<BuyId>,
    /// What it is called.
    pub order: Box<str>,
    /// Who ordered it.
    pub owner: Box<str>,
    /// How many lines it has here.
    pub lines: usize,
    /// Its lines by what they count and cost.
    pub sums: Vec<PaceSums>,
    /// What is at risk over its lines.
    pub at_risk: Ratio,
    /// What that is counted in.
    pub currency: Option<Currency>,
    /// How bad its worst open alert is.
    pub severity: Option<Severity>,
    /// How many alerts are open.
    pub alerts: u32,
}

/// In which place money of a currency is told: the desk's own first, then the others by their
/// codes, and last what is in none.
#[must_use]
pub(in crate::engine) fn purse(currency: Option<Currency>, own: Currency) -> (u8, &'static str) {
    match currency {
        Some(currency) if currency == own => (0, ""),
        Some(currency) => (1, currency.code()),
        None => (2, ""),
    }
}

/// Sums by kind of some lines.
pub(in crate::engine) fn sums<'a>(
    all: impl Iterator<Item = &'a Weighed>,
    own: Currency,
) -> Vec<PaceSums> {
    let counted =
        all.filter_map(|one| Some((&one.terms, one.seen.as_ref()?, one.figures.as_ref()?)));
    let kinds = roll_up(counted).kinds;
    let mut sums: Vec<PaceSums> = kinds.into_iter().map(PaceSums::of).collect();
    sums.sort_by_key(|one| purse(one.currency, own));
    sums
}

/// Lines by their orders; each group in the order in which its first line stands.
pub(in crate::engine) fn by_order<'a>(
    all: &'a [Weighed],
    own: Currency,
    alerts: impl Fn(&Weighed) -> (u32, Option<Severity>),
) -> Vec<OrderPace> {
    let mut groups: BTreeMap<OrderId, Vec<&'a Weighed>> = BTreeMap::new();
    for one in all {
        groups.entry(one.entry.order_id).or_default().push(one);
    }
    let mut orders: Vec<OrderPace> = groups
        .into_iter()
        .filter_map(|(order_id, lines)| {
            let first = &lines.first()?.entry;
            let risk = |sum: Ratio, one: &&Weighed| {
                let own = one.at_risk().unwrap_or(Ratio::ZERO);
                sum.and(own)
            };
            let told: Vec<(u32, Option<Severity>)> = lines.iter().map(|one| alerts(one)).collect();
            Some(OrderPace {
                order_id,
                media_buy_id: first.buy.as_ref().map(|buy| buy.id.clone()),
                order: first.order().into(),
                owner: first.owner().into(),
                lines: lines.len(),
                at_risk: lines.iter().fold(Ratio::ZERO, risk),
                currency: lines.first()?.terms.currency,
                severity: told.iter().filter_map(|(_, worst)| *worst).max(),
                alerts: told.iter().map(|(count, _)| count).sum(),
                sums: sums(lines.into_iter(), own),
            })
        })
        .collect();
    orders.sort_by(|one, other| {
        (purse(one.currency, own).cmp(&purse(other.currency, own)))
            .then_with(|| other.at_risk.cmp(&one.at_risk))
            .then_with(|| other.severity.cmp(&one.severity))
            .then_with(|| one.order.cmp(&other.order))
    });
    orders
}
