//! The alerts of one line: looked at again and again, each lives its own life. Tells what
//! became of them, and forgets what has long been over.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{
    Finding, Rule, Severity,
    watch::{Alert, State},
};
use crate::domain::{
    currency::Currency,
    ids::{LineId, OrderId},
    pacing::{ratio::Ratio, reallocate::in_money},
    when::Instant,
};

/// How long what is over is remembered.
const REMEMBER: Duration = Duration::days(7);

/// A line and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Which line.
    pub line: LineId,
    /// Its order.
    pub order: OrderId,
    /// What the line is called.
    pub name: Box<str>,
    /// What the order is called.
    pub order_name: Box<str>,
    /// Who ordered it.
    pub owner: Box<str>,
    /// What its money is counted in.
    pub currency: Option<Currency>,
    /// Until when its figures had been counted.
    pub as_of: Option<Instant>,
    /// What is wrong, or was.
    pub alerts: Vec<Alert>,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Somebody should look.
    Opened,
    /// Nothing is wrong any more.
    Resolved,
}

impl Watched {
    /// Looks again: what was found now, and until when it had been counted. With what became of
    /// the alerts by that.
    #[must_use]
    pub fn look(
        mut self,
        found: Vec<Finding>,
        as_of: Option<Instant>,
        at: Instant,
    ) -> (Self, Vec<(News, Finding)>) {
        let mut found = found;
        let mut news = Vec::new();
        let mut alerts = Vec::with_capacity(self.alerts.len());
        for alert in std::mem::take(&mut self.alerts) {
            let same = found.iter().position(|one| one.rule == alert.key.rule);
            let finding = same.map(|at| found.swap_remove(at));
            let was = alert.clone();
            let Some(now) = alert.seen_again(finding, at) else {
                continue;
            };
            match (&was.state, &now.state) {
                (was, State::Open { .. }) if !matches!(was, State::Open { .. }) => {
                    news.push((News::Opened, now.finding.clone()));
                }
                (was, State::Resolved { .. }) if !matches!(was, State::Resolved { .. }) => {
                    news.push((News::Resolved, now.finding.clone()));
                }
                _ => {}
            }
            let over = matches!(now.state, State::Resolved { at: over } if over + REMEMBER < at);
            if !over {
                alerts.push(now);
            }
        }
        let name = self.line.to_string();
        for finding in found {
            let alert = Alert::new(name.as_str().into(), finding, at);
            if alert.is_open() {
                news.push((News::Opened, alert.finding.clone()));
            }
            alerts.push(alert);
        }
        alerts.sort_by_key(|alert| alert.key.rule);
        (
            Self {
                as_of,
                alerts,
                ..self
            },
            news,
        )
    }

    /// Those that somebody should look at.
    pub fn open(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter().filter(|alert| alert.is_open())
    }

    /// The alert of a rule.
    #[must_use]
    pub fn of(&self, rule: Rule) -> Option<&Alert> {
        self.alerts.iter().find(|alert| alert.key.rule == rule)
    }

    /// How bad the worst open one is.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.open().map(Alert::severity).max()
    }

    /// What is at risk, as it was found last.
    #[must_use]
    pub fn at_risk(&self) -> Option<Ratio> {
        let known = self
            .alerts
            .iter()
            .filter(|one| !matches!(one.state, State::Resolved { .. }));
        known.filter_map(|one| one.finding.at_risk).max()
    }

    /// The same in minor units.
    #[must_use]
    pub fn minor_at_risk(&self) -> i64 {
        let money = self
            .at_risk()
            .zip(self.currency)
            .and_then(|(risk, currency)| in_money(risk, currency));
        money.map_or(0, crate::domain::money::Money::minor)
    }

    /// Where it stands as a whole: how bad the worst open one is; else that somebody sees to
    /// one, that one waits, or that nothing is wrong.
    #[must_use]
    pub fn state(&self) -> &'static str {
        let any = |is: fn(&State) -> bool| self.alerts.iter().any(|one| is(&one.state));
        match self.worst() {
            Some(Severity::Critical) => "critical",
            Some(Severity::Warning) => "warning",
            Some(Severity::Info) => "info",
            None if any(|state| {
                matches!(state, State::Acknowledged { .. } | State::Snoozed { .. })
            }) =>
            {
                "seen"
            }
            None if any(|state| *state == State::Waiting) => "waiting",
            None => "quiet",
        }
    }

    /// Whether looking has told anything that is worth writing down.
    #[must_use]
    pub fn is_news_to(&self, before: Option<&Self>) -> bool {
        let Some(before) = before else {
            return !self.alerts.is_empty();
        };
        let state = |one: &Alert| (one.key.rule, one.state.clone(), one.severity());
        let same = before
            .alerts
            .iter()
            .map(state)
            .eq(self.alerts.iter().map(state));
        !same || (before.as_of != self.as_of && before.alerts != self.alerts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Instant {
        let begin: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
        begin + Duration::hours(hour)
    }

    fn finding(rule: Rule, hours: i64) -> Finding {
        Finding {
            rule,
            severity: Severity::Warning,
            hold: Duration::hours(hours),
            said: "so".into(),
            at_risk: Some(Ratio::whole(100)),
        }
    }

    fn quiet() -> Watched {
        Watched {
            line: uuid::Uuid::from_u128(1).into(),
            order: uuid::Uuid::from_u128(2).into(),
            name: "line".into(),
            order_name: "order".into(),
            owner: "acme".into(),
            currency: Some(Currency::USD),
            as_of: None,
            alerts: Vec::new(),
        }
    }

    #[test]
    fn what_holds_opens_and_what_is_over_resolves_itself() {
        let first = vec![finding(Rule::Behind, 48), finding(Rule::Stale, 0)];
        let (one, news) = quiet().look(first.clone(), None, at(0));
        assert_eq!(news, [(News::Opened, finding(Rule::Stale, 0))]);
        assert_eq!((one.state(), one.minor_at_risk()), ("warning", 10_000));
        let (two, news) = one.clone().look(first.clone(), None, at(1));
        assert!(news.is_empty() && !two.is_news_to(Some(&one)));
        let (two, news) = two.look(vec![finding(Rule::Behind, 48)], None, at(48));
        let told: Vec<News> = news.into_iter().map(|(news, _)| news).collect();
        assert_eq!(told, [News::Opened, News::Resolved]);
        assert_eq!(two.open().count(), 1);
        let (three, _) = two.look(Vec::new(), None, at(50));
        assert_eq!((three.state(), three.alerts.len()), ("quiet", 2));
        let (four, _) = three.look(Vec::new(), None, at(50 + 8 * 24));
        assert!(four.alerts.is_empty());
    }

    #[test]
    fn what_was_never_told_leaves_no_trace() {
        let (one, news) = quiet().look(vec![finding(Rule::Behind, 48)], None, at(0));
        assert_eq!((one.state(), news.len()), ("waiting", 0));
        let (two, news) = one.look(Vec::new(), None, at(1));
        assert_eq!((two.alerts.len(), news.len()), (0, 0));
        let text = serde_json::to_string(&two).expect("json");
        assert_eq!(serde_json::from_str::<Watched>(&text).expect("back"), two);
    }
}
