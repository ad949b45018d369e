//! The order in which people should look: what is at stake first, one line for each order.
//! Refuses to rank by per cent, and to weigh two currencies against each other: each has its
//! own ranking.

use std::collections::BTreeMap;

use super::{Severity, watch::Alert};
use crate::domain::{
    currency::Currency,
    pacing::{ratio::Ratio, terms::Name},
};

/// An open alert with the order that it belongs to.
#[derive(Debug, Clone)]
pub struct Filed<'a> {
    /// The order.
    pub order: Name,
    /// What its budgets are counted in.
    pub currency: Option<Currency>,
    /// The alert.
    pub alert: &'a Alert,
}

/// An order with what is wrong with its lines.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The order.
    pub order: Name,
    /// What its budgets are counted in.
    pub currency: Option<Currency>,
    /// What is at risk over its lines, each counted once.
    pub at_risk: Ratio,
    /// The worst of it.
    pub severity: Severity,
    /// Its open alerts, the worst first.
    pub alerts: Vec<&'a Alert>,
}

/// The places of lines of one currency, most at risk first, to a thousandth; those that cannot
/// tell come last, and equal ones stay as they came.
#[must_use]
pub fn worst_first(at_risk: impl IntoIterator<Item = Option<Ratio>>) -> Vec<usize> {
    let weight = |risk: Ratio| risk.times(Ratio::whole(1_000)).map(Ratio::floor);
    let mut order: Vec<(i128, usize)> = at_risk
        .into_iter()
        .enumerate()
        .map(|(at, risk)| (-risk.and_then(weight).unwrap_or(-1), at))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

/// Orders with open alerts: those of a currency together, most at risk first, then the worst.
#[must_use]
pub fn rank<'a>(filed: impl IntoIterator<Item = Filed<'a>>) -> Vec<Row<'a>> {
    let mut orders: BTreeMap<(Option<Currency>, Name), Vec<&'a Alert>> = BTreeMap::new();
    for one in filed.into_iter().filter(|one| one.alert.is_open()) {
        orders
            .entry((one.currency, one.order))
            .or_default()
            .push(one.alert);
    }
    let mut rows: Vec<Row<'a>> = orders.into_iter().map(row).collect();
    rows.sort_by(|one, other| {
        (one.currency.cmp(&other.currency))
            .then_with(|| other.at_risk.cmp(&one.at_risk))
            .then_with(|| other.severity.cmp(&one.severity))
            .then_with(|| one.order.cmp(&other.order))
    });
    rows
}

fn row(entry: ((Option<Currency>, Name), Vec<&Alert>)) -> Row<'_> {
    let ((currency, order), mut alerts) = entry;
    let mut lines: BTreeMap<&Name, Ratio> = BTreeMap::new();
    for alert in &alerts {
        let risk = alert.finding.at_risk.unwrap_or(Ratio::ZERO);
        let most = lines.entry(&alert.key.line).or_default();
        *most = risk.max(*most);
    }
    let at_risk = lines.into_values().fold(Ratio::ZERO, Ratio::and);
    alerts.sort_by(|one, other| {
        (other.severity().cmp(&one.severity())).then_with(|| one.key.cmp(&other.key))
    });
    let worst = alerts.first().map(|alert| alert.severity());
    let severity = worst.unwrap_or(Severity::Info);
    Row {
        order,
        currency,
        at_risk,
        severity,
        alerts,
    }
}
