//! Why a line is short: causes with their evidence, in the order in which they matter. Refuses
//! to guess: a cause without evidence is not named, and a line that is not short has none.

use chrono::Duration;

use super::{
    alerts::rules::Creative,
    clock::{in_days, micros},
    figures::Figures,
    ratio::Ratio,
    status::Bounds,
    terms::{Lifecycle, Pause, Seen, Terms},
};
use crate::domain::{delivery::people::Through, when::Instant};

/// What holds a line back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// Nobody has agreed to it.
    NotApproved,
    /// It is held back now.
    PausedNow,
    /// There is nothing that may be shown.
    Creative,
    /// There is no budget left.
    BudgetSpent,
    /// It was held back.
    Paused,
    /// It began to deliver late.
    StartedLate,
    /// It may run in few hours only.
    Daypart,
    /// People have seen it as often as they may.
    FrequencyCap,
    /// Others go first.
    Priority,
    /// There is not enough to be had.
    Forecast,
    /// Another's count is lower.
    Discrepancy,
}

/// A cause with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What holds it back.
    pub cause: Cause,
    /// What that cost, in points of the index, where it can be told.
    pub points: Option<Ratio>,
    /// The evidence in a sentence.
    pub evidence: String,
}

/// What is known beside the figures. What is not known is missing.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Whether there is something to show.
    pub creative: Creative,
    /// When the first of it was delivered.
    pub first_delivery: Option<Instant>,
    /// What its frequency cap lets through, where it has one and somebody knows.
    pub cap: Option<Through>,
    /// What share of the requests went to lines that go first.
    pub outranked: Option<Ratio>,
    /// What can still be had until the end, by the forecast.
    pub available: Option<Ratio>,
    /// By how many per cent another's count is below ours.
    pub discrepancy: Option<Ratio>,
}

/// Below this share of the requests a cause is none.
const NOTABLE: Ratio = Ratio::percent(5);
/// How late a start is late.
const LATE: Duration = Duration::hours(2);

/// Why a line is short: first what stops it now, then what cost most, then the rest.
#[must_use]
pub fn why(
    terms: &Terms,
    seen: &Seen,
    figures: &Figures,
    bounds: &Bounds,
    evidence: &Evidence,
) -> Vec<Reason> {
    if !is_short(figures, bounds) {
        return Vec::new();
    }
    let mut reasons: Vec<Reason> = [
        unapproved(terms),
        paused_now(terms),
        creative(evidence),
        budget(terms, seen),
        paused(figures),
        late(terms, seen, evidence),
        daypart(terms),
        capped(terms, figures, evidence),
        share(
            Cause::Priority,
            evidence.outranked,
            "of the requests went to lines that go first",
        ),
        forecast(figures, evidence),
        discrepancy(evidence),
    ]
    .into_iter()
    .flatten()
    .collect();
    let stops = |reason: &Reason| reason.cause <= Cause::BudgetSpent;
    reasons.sort_by(|one, other| {
        (stops(other).cmp(&stops(one)))
            .then_with(|| other.points.cmp(&one.points))
            .then_with(|| one.cause.cmp(&other.cause))
    });
    reasons
}

fn is_short(figures: &Figures, bounds: &Bounds) -> bool {
    figures.gap.is_some_and(|gap| gap < Ratio::ZERO)
        || figures.projected.is_some_and(|share| share < bounds.enough)
        || figures.lift().is_some_and(|lift| lift > bounds.lift)
}

fn reason(cause: Cause, points: Option<Ratio>, evidence: String) -> Reason {
    Reason {
        cause,
        points,
        evidence,
    }
}

fn unapproved(terms: &Terms) -> Option<Reason> {
    let said = match terms.lifecycle {
        Lifecycle::Draft => "it is a draft",
        Lifecycle::PendingApproval => "it waits for approval",
        Lifecycle::Rejected => "it was rejected",
        Lifecycle::Cancelled => "it was cancelled",
        _ => return None,
    };
    Some(reason(Cause::NotApproved, None, said.into()))
}

fn paused_now(terms: &Terms) -> Option<Reason> {
    let since = terms
        .pauses
        .iter()
        .rev()
        .find(|pause| pause.until.is_none());
    let said = match since {
        _ if terms.lifecycle != Lifecycle::Paused => return None,
        Some(Pause { from, .. }) => format!("paused since {}", from.format("%Y-%m-%d %H:%M UTC")),
        None => "it is paused".into(),
    };
    Some(reason(Cause::PausedNow, None, said))
}

fn creative(evidence: &Evidence) -> Option<Reason> {
    let state = evidence.creative;
    let bad = state != Creative::Approved;
    bad.then(|| {
        reason(
            Cause::Creative,
            None,
            format!("its creative is {}", state.word()),
        )
    })
}

fn budget(terms: &Terms, seen: &Seen) -> Option<Reason> {
    let (spent, budget) = (seen.spent?, terms.budget?);
    let said = || format!("{spent} of {budget} are spent");
    (spent >= budget).then(|| reason(Cause::BudgetSpent, None, said()))
}

fn paused(figures: &Figures) -> Option<Reason> {
    let (days, points) = (figures.paused_days, figures.pause_points);
    let cost = points.map_or_else(String::new, |points| format!(", cost {points:.0} points"));
    let said = format!("paused {} d{cost}", days.shown(1));
    days.is_positive()
        .then(|| reason(Cause::Paused, points, said))
}

fn late(terms: &Terms, seen: &Seen, evidence: &Evidence) -> Option<Reason> {
    let (clock, first) = (&terms.clock, evidence.first_delivery?);
    let late = first - clock.start();
    if late < LATE {
        return None;
    }
    let due = |at: Instant| terms.pacing.due(clock.progress(at)?);
    let lost = due(first)
        .zip(due(seen.as_of))
        .and_then(|(lost, due)| lost.over(due));
    let points = lost.and_then(|lost| lost.times(Ratio::HUNDRED));
    let cost = points.map_or_else(String::new, |points| format!(", cost {points:.0} points"));
    let said = format!(
        "first delivered {} d after its start{cost}",
        in_days(micros(late)).shown(1)
    );
    Some(reason(Cause::StartedLate, points, said))
}

fn daypart(terms: &Terms) -> Option<Reason> {
    let active = terms.clock.hours()?.in_a_week();
    let said = format!("runs in {active} of the week's 168 hours");
    (active <= 84).then(|| reason(Cause::Daypart, None, said))
}

/// That fewer a day are let through than are needed from now on, or were in all.
fn capped(terms: &Terms, figures: &Figures, evidence: &Evidence) -> Option<Reason> {
    let Through { daily, sum, .. } = evidence.cap.as_ref()?;
    let all = || terms.goal.amount()?.over(figures.days_gone);
    let needed = figures.required_daily.or_else(all)?;
    let said = || format!("{sum}; {needed:.0} a day are needed");
    (Ratio::count(*daily) < needed).then(|| reason(Cause::FrequencyCap, None, said()))
}

fn share(cause: Cause, share: Option<Ratio>, of: &str) -> Option<Reason> {
    let share = share.filter(|share| *share >= NOTABLE)?;
    let percent = share.times(Ratio::HUNDRED)?;
    Some(reason(cause, None, format!("{percent:.0} % {of}")))
}

fn forecast(figures: &Figures, evidence: &Evidence) -> Option<Reason> {
    let (available, rest) = (evidence.available?, figures.remaining?);
    let said = || format!("{available} can still be had, {rest} are needed");
    (available < rest).then(|| reason(Cause::Forecast, None, said()))
}

fn discrepancy(evidence: &Evidence) -> Option<Reason> {
    let percent = evidence
        .discrepancy
        .filter(|percent| *percent > Ratio::whole(5))?;
    let said = format!("another's count is {} % lower", percent.shown(1));
    Some(reason(Cause::Discrepancy, None, said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pacing::tests::{day, n, terms};

    fn told(terms: &Terms, delivered: i64, evidence: &Evidence) -> Vec<String> {
        let seen = Seen {
            spent: Some(n(50)),
            ..Seen::new(n(delivered), day(10))
        };
        let figures = Figures::of(terms, &seen);
        let reasons = why(terms, &seen, &figures, &Bounds::default(), evidence);
        reasons.into_iter().map(|reason| reason.evidence).collect()
    }

    #[test]
    fn what_stops_it_comes_first_then_what_cost_most() {
        let mut line = terms(1_000_000, 30);
        line.budget = Some(n(100));
        line.pauses = vec![Pause {
            from: day(4),
            until: Some(day(7)),
        }];
        let evidence = Evidence {
            creative: Creative::Expired,
            first_delivery: Some(day(1)),
            cap: Some(Through {
                share: 0,
                daily: 20_000,
                sum: "the cap lets 20,000 a day through".to_owned(),
            }),
            outranked: Some(Ratio::percent(4)),
            available: Some(n(300_000)),
            discrepancy: Some(n(8)),
        };
        assert_eq!(
            told(&line, 150_000, &evidence),
            [
                "its creative is expired",
                "paused 3 d, cost 30 points",
                "first delivered 1 d after its start, cost 10 points",
                "the cap lets 20,000 a day through; 42,500 a day are needed",
                "300,000 can still be had, 850,000 are needed",
                "another's count is 8 % lower",
            ]
        );
    }

    #[test]
    fn a_cap_that_lets_enough_through_is_no_reason() {
        let line = terms(1_000_000, 30);
        let cap = |daily| Evidence {
            cap: Some(Through {
                share: 0,
                daily,
                sum: "so many".to_owned(),
            }),
            ..Evidence::default()
        };
        assert_eq!(told(&line, 150_000, &cap(42_500)), Vec::<String>::new());
        assert_eq!(told(&line, 150_000, &cap(42_499)).len(), 1);
        assert_eq!(told(&line, 400_000, &cap(0)), Vec::<String>::new());
    }

    #[test]
    fn a_line_that_is_not_short_has_no_reasons_and_none_are_guessed() {
        let line = terms(1_000_000, 30);
        let evidence = Evidence {
            creative: Creative::Missing,
            ..Evidence::default()
        };
        assert_eq!(told(&line, 400_000, &evidence), Vec::<String>::new());
        assert_eq!(
            told(&line, 100_000, &Evidence::default()),
            Vec::<String>::new()
        );
        let waiting = Terms {
            lifecycle: Lifecycle::PendingApproval,
            ..line
        };
        assert_eq!(
            told(&waiting, 0, &Evidence::default()),
            ["it waits for approval"]
        );
        let paused = Terms {
            lifecycle: Lifecycle::Paused,
            pauses: vec![Pause {
                from: day(8),
                until: None,
            }],
            ..waiting
        };
        assert_eq!(
            told(&paused, 100_000, &Evidence::default()),
            [
                "paused since 2026-07-09 00:00 UTC",
                "paused 2 d, cost 20 points"
            ]
        );
    }
}
