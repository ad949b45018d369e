//! Lists alerts: orders by what is at risk over their lines, and each order's alerts, the worst
//! first. Two currencies are never weighed against each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OPEN, watched};
use crate::{
    domain::{
        currency::Currency,
        ids::{LineId, OrderId},
        pacing::{
            alerts::{
                Rule, Severity,
                watch::{Alert, State},
                watched::Watched,
            },
            ratio::Ratio,
        },
        policy::Permission,
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        pacing::sums::purse,
        work::Work,
    },
    store::record::fold,
};

/// Lists alerts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListAlerts {
    /// Also those that somebody sees to, that sleep, and that have resolved themselves.
    pub all: bool,
    /// Only as bad as this, or worse.
    pub severity: Option<Severity>,
    /// Only of this line.
    pub line_id: Option<LineId>,
    /// Only those whose line, order or owner contains this.
    pub search: Option<String>,
}

/// Alerts by their orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertList {
    /// Orders; the desk's own currency first, and of each those with most at risk first.
    pub orders: Vec<AlertedOrder>,
    /// How many alerts are open in all.
    pub open: usize,
    /// How many of those are critical.
    pub critical: usize,
}

/// An order with what is wrong with its lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertedOrder {
    /// Which.
    pub order_id: OrderId,
    /// What it is called.
    pub order: Box<str>,
    /// Who ordered it.
    pub owner: Box<str>,
    /// What its money is counted in.
    pub currency: Option<Currency>,
    /// What is at risk over its lines, each counted once.
    pub at_risk: Ratio,
    /// How bad the worst of it is.
    pub severity: Severity,
    /// Its alerts, the worst first.
    pub alerts: Vec<AlertView>,
}

/// An alert as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertView {
    /// The line.
    pub line_id: LineId,
    /// What the line is called.
    pub line: Box<str>,
    /// What is wrong.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub state: State,
    /// Since when it is wrong.
    pub since: Instant,
    /// What is wrong, with the numbers.
    pub said: String,
    /// What it may cost.
    pub at_risk: Option<Ratio>,
}

impl AlertView {
    fn of(watched: &Watched, alert: &Alert) -> Self {
        Self {
            line_id: watched.line,
            line: watched.name.clone(),
            rule: alert.key.rule,
            severity: alert.severity(),
            state: alert.state.clone(),
            since: alert.since,
            said: alert.finding.said.clone(),
            at_risk: alert.finding.at_risk,
        }
    }
}

impl Operation for ListAlerts {
    const NAME: &'static str = "alerts.list";
    const ABOUT: &'static str = "List what is wrong with lines, by the money that is at risk.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = AlertList;

    async fn perform(self, work: &mut Work<'_>) -> Result<AlertList, Fault> {
        let states: &[&str] = if self.all {
            &["critical", "warning", "info", "seen", "quiet"]
        } else {
            &OPEN
        };
        let found = match self.line_id {
            Some(id) => Vec::from_iter(work.get::<Watched>(&id.to_string()).await?),
            None => watched(work, states).await?,
        };
        let mut all: Vec<Watched> = found.into_iter().map(|stored| stored.record).collect();
        if let Some(search) = self.search.as_deref().map(fold) {
            all.retain(|one| {
                let parts = [&one.name, &one.order_name, &one.owner];
                parts.iter().any(|part| fold(part).contains(&search))
            });
        }
        let open = || all.iter().flat_map(Watched::open);
        let critical = |alert: &&Alert| alert.severity() == Severity::Critical;
        Ok(AlertList {
            open: open().count(),
            critical: open().filter(critical).count(),
            orders: self.orders(&all, work.desk().currency),
        })
    }
}

impl ListAlerts {
    fn wants(&self, alert: &Alert) -> bool {
        let told = match alert.state {
            State::Waiting => false,
            State::Open { .. } => true,
            _ => self.all,
        };
        told && self.severity.is_none_or(|least| alert.severity() >= least)
    }

    fn orders(&self, all: &[Watched], own: Currency) -> Vec<AlertedOrder> {
        let mut orders: Vec<AlertedOrder> = Vec::new();
        for one in all {
            let alerts = one.alerts.iter().filter(|alert| self.wants(alert));
            let alerts: Vec<AlertView> = alerts.map(|alert| AlertView::of(one, alert)).collect();
            let Some(worst) = alerts.iter().map(|alert| alert.severity).max() else {
                continue;
            };
            let risk = alerts.iter().filter_map(|alert| alert.at_risk).max();
            let risk = risk.unwrap_or(Ratio::ZERO);
            let known = orders.iter_mut().find(|known| known.order_id == one.order);
            if let Some(known) = known {
                known.at_risk = known.at_risk.and(risk);
                known.severity = known.severity.max(worst);
                known.alerts.extend(alerts);
                continue;
            }
            orders.push(AlertedOrder {
                order_id: one.order,
                order: one.order_name.clone(),
                owner: one.owner.clone(),
                currency: one.currency,
                at_risk: risk,
                severity: worst,
                alerts,
            });
        }
        for order in &mut orders {
            order.alerts.sort_by(|one, other| {
                (other.severity.cmp(&one.severity))
                    .then_with(|| other.at_risk.cmp(&one.at_risk))
                    .then_with(|| one.rule.cmp(&other.rule))
            });
        }
        orders.sort_by(|one, other| {
            (purse(one.currency, own).cmp(&purse(other.currency, own)))
                .then_with(|| other.at_risk.cmp(&one.at_risk))
                .then_with(|| other.severity.cmp(&one.severity))
                .then_with(|| one.order.cmp(&other.order))
        });
        orders
    }
}
