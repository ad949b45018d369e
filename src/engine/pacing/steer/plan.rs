//! From what somebody would do to what every line shall be: relative changes become ends,
//! goals, budgets; each line is checked against what it has delivered and spent. Refuses all of
//! it where one of it cannot be.

use std::collections::BTreeMap;

use chrono::Duration;

use super::{LineChange, Outcome, Steer, carry::Target};
use crate::{
    domain::{
        ids::LineId,
        media_buy::terms::Spread,
        pacing::{
            curve::Pacing,
            journal::MOST_LINES,
            ratio::Ratio,
            reallocate::in_money,
            terms::{Lifecycle, Name, Seen, Terms},
            whatif::{Change, Diff, Line, Lines, Refused},
        },
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        bookings::seen::latest,
        fault::{Fault, FaultKind},
        pacing::book::{Weighed, Which, weighed},
        work::Work,
    },
};

/// Lines by their ids.
pub(super) type Found = BTreeMap<LineId, Weighed>;

/// Reads the lines that changes are about, as they were pinned.
///
/// # Errors
/// When one is not there, or has changed since somebody looked.
pub(super) async fn find(work: &Work<'_>, changes: &[LineChange]) -> Result<Found, Fault> {
    if changes.is_empty() || changes.len() > MOST_LINES {
        let code = Code::new("INVALID_PARAMETER");
        let message = format!("must be 1 to {MOST_LINES}");
        return Err(Fault::field(Problem::new("changes", code, message)));
    }
    let mut ids: Vec<LineId> = changes.iter().map(|one| one.line_id).collect();
    ids.extend(changes.iter().filter_map(|one| match one.steer {
        Steer::Shift { to, .. } => Some(to),
        _ => None,
    }));
    ids.sort_unstable();
    ids.dedup();
    let found = weighed(work, Which::These(ids.clone()), None).await?;
    let found: Found = found.into_iter().map(|one| (one.entry.line, one)).collect();
    if let Some(id) = ids.into_iter().find(|id| !found.contains_key(id)) {
        return Err(Fault::missing(id));
    }
    for change in changes {
        let Some(one) = found.get(&change.line_id) else {
            continue;
        };
        if change.revision.is_some_and(|seen| seen != one.entry.pin()) {
            return Err(stale(work, one, change.revision).await?);
        }
    }
    Ok(found)
}

/// Puts lines in the order in which the changes name them; those that only take come last.
pub(super) fn in_order(lines: &mut [Outcome], changes: &[LineChange]) {
    let place = |line: LineId| changes.iter().position(|one| one.line_id == line);
    lines.sort_by_key(|one| place(one.line_id).unwrap_or(usize::MAX));
}

/// Says that a line is no longer as somebody saw it, and what happened since.
async fn stale(work: &Work<'_>, one: &Weighed, expected: Option<i64>) -> Result<Fault, Fault> {
    let (kind, id) = object(one);
    let now = one.entry.pin();
    let message = format!("{} has changed since you looked", one.entry.name);
    Ok(Fault::new(FaultKind::Stale, "STALE_REVISION", message)
        .hint("look at it again, then decide")
        .with("line_id", one.entry.line.to_string())
        .with("expected_revision", expected)
        .with("current_revision", now)
        .with("what_happened", latest(work, kind, id).await?))
}

/// What a change of a line is pinned to: its media buy, or itself.
pub(super) fn object(one: &Weighed) -> (&'static str, String) {
    match &one.entry.buy {
        Some(buy) => ("media_buy", buy.id.to_string()),
        None => ("line", one.entry.line.to_string()),
    }
}

/// What every line shall be.
///
/// # Errors
/// When one of the changes cannot be.
pub(super) fn targets(
    found: &Found,
    changes: &[LineChange],
    now: Instant,
) -> Result<BTreeMap<LineId, (Target, Terms)>, Fault> {
    let lines: Lines = found
        .values()
        .map(|one| {
            let seen = one.seen.unwrap_or_else(|| Seen::new(Ratio::ZERO, now));
            let line = Line {
                terms: one.terms.clone(),
                seen,
            };
            (name(one.entry.line), line)
        })
        .collect();
    let mut wanted = Vec::with_capacity(changes.len());
    for change in changes {
        let one = &found[&change.line_id];
        wanted.push((name(change.line_id), read(&change.steer, one)?));
    }
    let refused = |why: Refused| refusal(&why, found);
    let diff = Diff::of(&lines, &wanted).map_err(refused)?;
    let mut after = lines.clone();
    diff.apply(&mut after).map_err(refused)?;
    let mut targets = BTreeMap::new();
    for (id, one) in found {
        let Some(line) = after.get(&name(*id)) else {
            continue;
        };
        let target = between(one, &line.terms)?;
        if target != Target::default() {
            targets.insert(*id, (target, line.terms.clone()));
        }
    }
    Ok(targets)
}

fn name(line: LineId) -> Name {
    line.to_string().as_str().into()
}

/// Says why a change cannot be, with the name of the line instead of its id.
fn refusal(why: &Refused, found: &Found) -> Fault {
    let mut said = why.to_string();
    for (id, one) in found {
        said = said.replace(&id.to_string(), &one.entry.name);
    }
    Fault::wrong_state("REFUSED", said)
}

/// A change as pacing knows it.
fn read(steer: &Steer, one: &Weighed) -> Result<Change, Fault> {
    let wrong = |message: &str| {
        let code = Code::new("INVALID_VALUE");
        Fault::field(Problem::new("steer", code, message.to_owned()))
    };
    let days = |days: Ratio| {
        let seconds = days.times(Ratio::whole(86_400)).map(Ratio::nearest);
        let seconds = seconds.and_then(|seconds| i64::try_from(seconds).ok());
        let span = seconds.and_then(Duration::try_seconds);
        span.filter(|span| *span > Duration::zero())
            .ok_or_else(|| wrong("takes days above zero"))
    };
    let part = |percent: Ratio| {
        let part = percent.over(Ratio::HUNDRED);
        part.ok_or_else(|| wrong("has more digits than are kept"))
    };
    Ok(match steer {
        Steer::ExtendDays(by) => Change::Extend(days(*by)?),
        Steer::ShortenDays(by) => Change::Shorten(days(*by)?),
        Steer::EndAt(at) => {
            let end = one.terms.clock.end();
            if *at >= end {
                Change::Extend(*at - end)
            } else {
                Change::Shorten(end - *at)
            }
        }
        Steer::Goal(goal) => Change::Goal(goal.whole_part()),
        Steer::GoalPercent(percent) => {
            let goal = one.terms.goal.amount();
            let goal = goal.and_then(|goal| scaled(goal, *percent));
            // Whole units: nobody promises half an impression.
            goal.map_or(Change::GoalBy(part(*percent)?), |goal| {
                Change::Goal(goal.whole_part())
            })
        }
        Steer::Budget(budget) => Change::Budget(*budget),
        Steer::BudgetPercent(percent) => {
            let budget = one.terms.budget.zip(one.terms.currency);
            let money =
                budget.and_then(|(budget, currency)| in_money(scaled(budget, *percent)?, currency));
            let money = money.ok_or_else(|| wrong("has no budget to be a part of"))?;
            Change::Budget(money.into())
        }
        Steer::Shift { amount, to } => Change::Shift(*amount, name(*to)),
        Steer::Pacing(spread) => Change::Pace((*spread).into()),
        Steer::Priority(place) => Change::Priority(*place),
        Steer::Pause => Change::Pause,
        Steer::Resume => Change::Resume,
    })
}

fn scaled(whole: Ratio, percent: Ratio) -> Option<Ratio> {
    let factor = Ratio::HUNDRED.plus(percent)?.over(Ratio::HUNDRED)?;
    whole.times(factor)
}

/// What must become different of a line.
fn between(one: &Weighed, after: &Terms) -> Result<Target, Fault> {
    let before = &one.terms;
    let mut target = Target::default();
    if after.clock.end() != before.clock.end() {
        target.end = Some(after.clock.end());
    }
    if after.goal != before.goal {
        let goal = after.goal.amount().map(Ratio::floor);
        target.goal = goal.and_then(|goal| u64::try_from(goal).ok());
    }
    if after.budget != before.budget {
        let money = after
            .budget
            .zip(after.currency)
            .and_then(|(budget, currency)| in_money(budget, currency));
        target.budget = Some(money.ok_or_else(|| Fault::broken("a budget without a currency"))?);
    }
    if after.pacing != before.pacing {
        target.pacing = spread(&after.pacing);
    }
    if after.priority != before.priority {
        target.priority = after.priority;
    }
    if after.lifecycle != before.lifecycle {
        target.paused = Some(after.lifecycle == Lifecycle::Paused);
    }
    Ok(target)
}

fn spread(pacing: &Pacing) -> Option<Spread> {
    match pacing {
        Pacing::Even => Some(Spread::Even),
        Pacing::Asap => Some(Spread::Asap),
        Pacing::FrontLoaded => Some(Spread::FrontLoaded),
        Pacing::Custom(_) => None,
    }
}
