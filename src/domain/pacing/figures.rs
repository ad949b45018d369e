//! Every figure of a line, from what it promised and what was seen. Exact; a figure without a
//! base is missing. Nothing is clamped but time itself: more than all shows as more than all.

use chrono::Duration;

use super::{
    clock::in_days,
    ratio::Ratio,
    terms::{Goal, Seen, Terms},
};
use crate::domain::when::Instant;

/// The figures of a line at its data's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// How much of the flight is over, 0 to 1.
    pub progress: Option<Ratio>,
    /// What is due by the contract: the goal over the whole flight.
    pub expected: Option<Ratio>,
    /// Delivered of the goal, in per cent.
    pub rate_pct: Option<Ratio>,
    /// Delivered by due.
    pub index: Option<Ratio>,
    /// The index in per cent.
    pub osi_pct: Option<Ratio>,
    /// How far the index is from a hundred per cent.
    pub deviation_pct: Option<Ratio>,
    /// Delivered less due.
    pub gap: Option<Ratio>,
    /// What is still to be delivered.
    pub remaining: Option<Ratio>,
    /// Days of 24 hours until the end.
    pub days_left: Ratio,
    /// Days of 24 hours that are over.
    pub days_gone: Ratio,
    /// To be delivered a day from now on.
    pub required_daily: Option<Ratio>,
    /// Delivered a day so far.
    pub avg_daily: Option<Ratio>,
    /// How much faster it must become than it was on average.
    pub lift_avg: Option<Ratio>,
    /// How much faster it must become than in the last 24 hours.
    pub lift_24h: Option<Ratio>,
    /// Where it ends when it keeps its place along the plan.
    pub projected_plan: Option<Ratio>,
    /// Where it ends at the speed of the last 24 hours.
    pub projected_24h: Option<Ratio>,
    /// Where it ends at the speed of the last seven days.
    pub projected_7d: Option<Ratio>,
    /// The least and the most of the projections.
    pub band: Option<(Ratio, Ratio)>,
    /// The least of the band, of the goal.
    pub projected: Option<Ratio>,
    /// When all is delivered at the speed of the last 24 hours.
    pub finish: Option<Instant>,
    /// How many days more than are left that takes; below zero when it is early.
    pub extend_days: Option<Ratio>,
    /// Spent of the budget, in per cent.
    pub budget_pct: Option<Ratio>,
    /// What of the budget will not be earned if it goes on like this.
    pub at_risk: Option<Ratio>,
    /// What is due by the plan as it was laid anew at the last change in flight.
    pub plan_expected: Option<Ratio>,
    /// Delivered by that.
    pub plan_index: Option<Ratio>,
    /// Days in which the line was held back.
    pub paused_days: Ratio,
    /// What that cost, in points of the index.
    pub pause_points: Option<Ratio>,
}

impl Figures {
    /// Works them out.
    #[must_use]
    pub fn of(terms: &Terms, seen: &Seen) -> Self {
        let (clock, at, done) = (&terms.clock, seen.as_of, seen.delivered);
        let goal = terms.goal.amount();
        let progress = clock.progress(at);
        let share = progress.and_then(|progress| terms.pacing.due(progress));
        let expected = product(goal, share);
        let index = quotient(Some(done), expected);
        let osi_pct = product(index, Some(Ratio::HUNDRED));
        let remaining = goal.and_then(|goal| goal.minus(done)).map(Ratio::or_zero);
        let (days_left, days_gone) = (clock.days_left(at), clock.days_gone(at));
        let required_daily = quotient(remaining, Some(days_left));
        let avg_daily = quotient(Some(done), Some(days_gone));
        let projected_plan = product(goal, index);
        let at_speed = |rate: Option<Ratio>| goal.and_then(|_| done.plus(rate?.times(days_left)?));
        let (projected_24h, projected_7d) = (at_speed(seen.rate_24h), at_speed(seen.rate_7d));
        let band = band([projected_plan, projected_24h, projected_7d]);
        let projected = quotient(band.map(|(least, _)| least), goal);
        let needed = quotient(remaining, seen.rate_24h);
        let plan_expected = plan(terms, seen).or(expected);
        let (paused_days, pause_points) = pauses(terms, at, share);
        Self {
            progress,
            expected,
            rate_pct: product(quotient(Some(done), goal), Some(Ratio::HUNDRED)),
            index,
            osi_pct,
            deviation_pct: osi_pct.and_then(|osi| osi.minus(Ratio::HUNDRED)),
            gap: expected.and_then(|due| done.minus(due)),
            remaining,
            days_left,
            days_gone,
            required_daily,
            avg_daily,
            lift_avg: quotient(required_daily, avg_daily),
            lift_24h: quotient(required_daily, seen.rate_24h),
            projected_plan,
            projected_24h,
            projected_7d,
            band,
            projected,
            finish: needed.and_then(|days| later(at, days)),
            extend_days: needed.and_then(|days| days.minus(days_left)),
            budget_pct: product(quotient(seen.spent, terms.budget), Some(Ratio::HUNDRED)),
            at_risk: product(terms.budget, projected.and_then(missing)),
            plan_expected,
            plan_index: quotient(Some(done), plan_expected),
            paused_days,
            pause_points,
        }
    }

    /// The projection at a recent speed: of the last day, else of the last week.
    #[must_use]
    pub fn recent(&self) -> Option<Ratio> {
        self.projected_24h.or(self.projected_7d)
    }

    /// How much faster it must become: than in the last day, else than on average.
    #[must_use]
    pub fn lift(&self) -> Option<Ratio> {
        self.lift_24h.or(self.lift_avg)
    }
}

fn product(one: Option<Ratio>, other: Option<Ratio>) -> Option<Ratio> {
    one?.times(other?)
}

fn quotient(part: Option<Ratio>, whole: Option<Ratio>) -> Option<Ratio> {
    part?.over(whole?)
}

/// What is missing to one, if anything.
fn missing(share: Ratio) -> Option<Ratio> {
    Ratio::ONE.minus(share).map(Ratio::or_zero)
}

fn band(projections: [Option<Ratio>; 3]) -> Option<(Ratio, Ratio)> {
    let mut known = projections.into_iter().flatten();
    let first = known.next()?;
    Some(known.fold((first, first), |(least, most), one| {
        (least.min(one), most.max(one))
    }))
}

/// Some days later, where a calendar has such a day.
fn later(at: Instant, days: Ratio) -> Option<Instant> {
    let seconds = days.times(Ratio::whole(86_400))?.ceiling();
    let span = Duration::try_seconds(i64::try_from(seconds).ok()?)?;
    // A line that needs longer than a lifetime has no day on which it is done.
    (span <= Duration::days(36_525)).then(|| at.checked_add_signed(span))?
}

/// What is due since the plan was laid anew.
fn plan(terms: &Terms, seen: &Seen) -> Option<Ratio> {
    let rebase = terms
        .rebase
        .filter(|rebase| rebase.at > terms.clock.start())?;
    let (clock, goal) = (&terms.clock, terms.goal.amount()?);
    let gone = clock.active(rebase.at, seen.as_of);
    let whole = clock.active(rebase.at, clock.end());
    let share = terms.pacing.due(super::clock::share(gone, whole)?)?;
    let rest = goal.minus(rebase.delivered)?;
    rebase.delivered.plus(rest.times(share)?)
}

/// Days held back, and the points of the index that they cost.
fn pauses(terms: &Terms, at: Instant, due: Option<Ratio>) -> (Ratio, Option<Ratio>) {
    let clock = &terms.clock;
    if terms.pauses.is_empty() || !matches!(terms.goal, Goal::Amount(..)) {
        return (Ratio::ZERO, None);
    }
    let share = |at: Instant| terms.pacing.due(clock.progress(at)?);
    let (mut held, mut lost) = (0i64, Some(Ratio::ZERO));
    for pause in &terms.pauses {
        let until = pause.until.unwrap_or(at).min(at);
        if until <= pause.from {
            continue;
        }
        held = held.saturating_add(clock.active(pause.from, until));
        lost = lost.and_then(|lost| lost.plus(share(until)?.minus(share(pause.from)?)?));
    }
    let points = product(quotient(lost, due), Some(Ratio::HUNDRED));
    (in_days(held), points)
}

/// What is due by the contract at any time: a point of the plan in a chart.
#[must_use]
pub fn due_at(terms: &Terms, at: Instant) -> Option<Ratio> {
    product(
        terms.goal.amount(),
        terms.pacing.due(terms.clock.progress(at)?),
    )
}
