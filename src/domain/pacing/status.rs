//! What a line's figures mean, in one word. The first that fits is said: what is not known,
//! then where it stands in its life, then how far it is from its plan. Refuses to judge by a
//! clock on the wall.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    clock::{DAY, micros},
    curve::Pacing,
    figures::Figures,
    ratio::Ratio,
    terms::{Lifecycle, Seen, Terms, Unit},
};
use crate::domain::when::Instant;

/// How a line does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing was counted yet.
    NoData,
    /// Not asked for yet.
    Draft,
    /// Waits for somebody to agree.
    PendingApproval,
    /// Waits for something to show.
    PendingCreatives,
    /// Its flight is still to come.
    NotStarted,
    /// Held back.
    Paused,
    /// Stopped for good.
    Cancelled,
    /// Refused.
    Rejected,
    /// Over, and delivered.
    EndedMet,
    /// Over, and more than was promised and may be billed.
    EndedOver,
    /// Over, and short.
    EndedShort,
    /// There is no goal to be held against.
    NoGoal,
    /// Delivered before the end, and stopped.
    GoalMet,
    /// Nothing at all for a whole cycle of counting.
    NotDelivering,
    /// Too early to say.
    WarmingUp,
    /// Far behind.
    CriticalBehind,
    /// Behind.
    Behind,
    /// As planned.
    OnTrack,
    /// As planned so far, and will not get there at this speed.
    AtRisk,
    /// Ahead.
    Ahead,
    /// Far ahead.
    CriticalAhead,
}

impl Status {
    /// Every one.
    pub const ALL: [Self; 21] = [
        Self::NoData,
        Self::Draft,
        Self::PendingApproval,
        Self::PendingCreatives,
        Self::NotStarted,
        Self::Paused,
        Self::Cancelled,
        Self::Rejected,
        Self::EndedMet,
        Self::EndedOver,
        Self::EndedShort,
        Self::NoGoal,
        Self::GoalMet,
        Self::NotDelivering,
        Self::WarmingUp,
        Self::CriticalBehind,
        Self::Behind,
        Self::OnTrack,
        Self::AtRisk,
        Self::Ahead,
        Self::CriticalAhead,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::Draft => "draft",
            Self::PendingApproval => "pending_approval",
            Self::PendingCreatives => "pending_creatives",
            Self::NotStarted => "not_started",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::EndedMet => "ended_met",
            Self::EndedOver => "ended_over",
            Self::EndedShort => "ended_short",
            Self::NoGoal => "no_goal",
            Self::GoalMet => "goal_met",
            Self::NotDelivering => "not_delivering",
            Self::WarmingUp => "warming_up",
            Self::CriticalBehind => "critical_behind",
            Self::Behind => "behind",
            Self::OnTrack => "on_track",
            Self::AtRisk => "at_risk",
            Self::Ahead => "ahead",
            Self::CriticalAhead => "critical_ahead",
        }
    }

    /// A sign that tells it without colour.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::CriticalBehind | Self::NotDelivering | Self::EndedShort => "▼▼",
            Self::Behind => "▼",
            Self::OnTrack | Self::GoalMet | Self::EndedMet => "●",
            Self::Ahead => "▲",
            Self::CriticalAhead | Self::EndedOver => "▲▲",
            Self::AtRisk => "◆",
            Self::Paused => "‖",
            Self::Cancelled | Self::Rejected => "✗",
            Self::NoData | Self::NoGoal => "–",
            Self::Draft
            | Self::PendingApproval
            | Self::PendingCreatives
            | Self::NotStarted
            | Self::WarmingUp => "○",
        }
    }
}

/// The bounds that judge. Bounds are outside of the band: exactly ten behind is on track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How far from the plan is off it, and how far is critical, in points.
    pub usual: (Ratio, Ratio),
    /// The same towards the end.
    pub late: (Ratio, Ratio),
    /// What share of the flight is over when its end begins.
    pub late_share: Ratio,
    /// How long before the end it begins at the latest.
    pub late_span: Duration,
    /// How much more than the goal is still met, and may be billed.
    pub cap: Ratio,
    /// How much less than the goal is still met when it is over.
    pub tolerance: Ratio,
    /// How long figures may take to come in.
    pub cycle: Duration,
    /// Below this share of the goal a projection is a risk.
    pub enough: Ratio,
    /// A lift beyond this is a risk.
    pub lift: Ratio,
    /// Until so much of the flight is over it is too early to say.
    pub warm_share: Ratio,
    /// Until so many impressions are due it is too early to say, with the goals at which that
    /// counts.
    pub warm_count: (Ratio, Ratio),
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            usual: (Ratio::whole(10), Ratio::whole(25)),
            late: (Ratio::whole(5), Ratio::whole(10)),
            late_share: Ratio::percent(90),
            late_span: Duration::hours(72),
            cap: Ratio::percent(5),
            tolerance: Ratio::percent(5),
            cycle: Duration::hours(4),
            enough: Ratio::percent(95),
            lift: Ratio::percent(130),
            warm_share: Ratio::percent(2),
            warm_count: (Ratio::whole(1_000), Ratio::whole(10_000)),
        }
    }
}

impl Bounds {
    /// Whether the flight is in its end.
    #[must_use]
    pub fn is_late(&self, terms: &Terms, figures: &Figures, at: Instant) -> bool {
        figures.progress.is_some_and(|over| over >= self.late_share)
            || terms.clock.end() - at <= self.late_span
    }

    /// How far from the plan is off it now, and how far is critical.
    #[must_use]
    pub fn band(&self, terms: &Terms, figures: &Figures, at: Instant) -> (Ratio, Ratio) {
        if self.is_late(terms, figures, at) {
            self.late
        } else {
            self.usual
        }
    }

    /// Says how a line does.
    #[must_use]
    pub fn judge(&self, terms: &Terms, counted: Option<(&Seen, &Figures)>) -> Status {
        let Some((seen, figures)) = counted else {
            return Status::NoData;
        };
        if let Some(status) = before(terms, seen) {
            return status;
        }
        let Some(goal) = terms.goal.amount() else {
            return Status::NoGoal;
        };
        if seen.as_of >= terms.clock.end() {
            return self.ended(goal, seen.delivered);
        }
        let stopped = seen.rate_24h.is_some_and(Ratio::is_zero) || self.is_quiet(terms, seen);
        if seen.delivered >= goal && (stopped || terms.pacing == Pacing::Asap) {
            return Status::GoalMet;
        }
        if stopped {
            return Status::NotDelivering;
        }
        if self.warms_up(terms, figures, goal) {
            return Status::WarmingUp;
        }
        match self.deviation(terms, figures, seen.as_of) {
            Status::OnTrack if self.at_risk(figures, goal) => Status::AtRisk,
            status => status,
        }
    }

    fn ended(&self, goal: Ratio, done: Ratio) -> Status {
        let of_goal = |share: Option<Ratio>| share.and_then(|share| goal.times(share));
        let most = of_goal(Ratio::ONE.plus(self.cap)).unwrap_or(goal);
        let least = of_goal(Ratio::ONE.minus(self.tolerance)).unwrap_or(goal);
        if done > most {
            Status::EndedOver
        } else if done < least {
            Status::EndedShort
        } else {
            Status::EndedMet
        }
    }

    /// Whether nothing at all came in for a whole cycle in which something could.
    fn is_quiet(&self, terms: &Terms, seen: &Seen) -> bool {
        let never = seen.delivered.is_zero().then(|| terms.clock.start());
        let since = seen.quiet_since.or(never);
        since.is_some_and(|since| terms.clock.active(since, seen.as_of) >= micros(self.cycle))
    }

    fn warms_up(&self, terms: &Terms, figures: &Figures, goal: Ratio) -> bool {
        let early = figures.progress.is_none_or(|over| over < self.warm_share);
        let (few, large) = self.warm_count;
        let counts = terms.goal.unit() == Some(Unit::Impressions) && goal >= large;
        early || counts && figures.expected.is_some_and(|due| due < few)
    }

    fn deviation(&self, terms: &Terms, figures: &Figures, at: Instant) -> Status {
        let Some(off) = figures.deviation_pct else {
            // No plan, or nothing due by it yet: there is nothing to be off.
            return Status::OnTrack;
        };
        let (some, much) = self.band(terms, figures, at);
        let far = off.size();
        match (far > some, far > much, off.is_positive()) {
            (_, true, true) => Status::CriticalAhead,
            (_, true, false) => Status::CriticalBehind,
            (true, _, true) => Status::Ahead,
            (true, _, false) => Status::Behind,
            _ => Status::OnTrack,
        }
    }

    fn at_risk(&self, figures: &Figures, goal: Ratio) -> bool {
        let enough = goal.times(self.enough).unwrap_or(goal);
        figures.recent().is_some_and(|end| end < enough)
            || figures.lift().is_some_and(|lift| lift > self.lift)
    }
}

/// What a line is before pacing can say anything.
fn before(terms: &Terms, seen: &Seen) -> Option<Status> {
    match terms.lifecycle {
        Lifecycle::Draft => Some(Status::Draft),
        Lifecycle::PendingApproval => Some(Status::PendingApproval),
        Lifecycle::PendingCreatives => Some(Status::PendingCreatives),
        Lifecycle::Paused => Some(Status::Paused),
        Lifecycle::Cancelled => Some(Status::Cancelled),
        Lifecycle::Rejected => Some(Status::Rejected),
        Lifecycle::Live if seen.as_of < terms.clock.start() => Some(Status::NotStarted),
        Lifecycle::Live => None,
    }
}

/// Something to be seen beside the status, which it never hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chip {
    /// The figures are old.
    Stale(Duration),
    /// Upstream's own index is not ours.
    Upstream(Ratio),
    /// Upstream leaves figures out.
    MissingMetrics,
    /// Two counts differ by so many per cent.
    Discrepancy(Ratio),
    /// There is nothing that may be shown.
    NoCreative,
    /// Held back for so many days, at the cost of so many points.
    Paused(Ratio, Option<Ratio>),
}

impl Chip {
    /// As it stands on the screen.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Stale(age) if micros(*age) >= 4 * DAY => format!("stale {}d", age.num_days()),
            Self::Stale(age) => format!("stale {}h", age.num_hours()),
            Self::Upstream(index) => format!("upstream says {index:.2}"),
            Self::MissingMetrics => "missing metrics".into(),
            Self::Discrepancy(percent) => format!("discrepancy {} %", percent.shown(1)),
            Self::NoCreative => "no approved creative".into(),
            Self::Paused(days, Some(points)) => {
                format!("paused {} d, cost {points:.0} points", days.shown(1))
            }
            Self::Paused(days, None) => format!("paused {} d", days.shown(1)),
        }
    }
}

/// What is known beside the figures.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// How old the figures are.
    pub age: Option<Duration>,
    /// How often they should come.
    pub cadence: Option<Duration>,
    /// Upstream's own index.
    pub upstream: Option<Ratio>,
    /// Whether upstream leaves figures out.
    pub missing_metrics: bool,
    /// By how many per cent two counts differ.
    pub discrepancy: Option<Ratio>,
    /// Whether there is nothing that may be shown.
    pub no_creative: bool,
}

/// By how much upstream's index may differ from ours.
pub const AGREES: Ratio = Ratio::percent(5);
/// By how many per cent two counts may differ.
pub const SAME_COUNT: Ratio = Ratio::whole(10);

/// The chips of a line.
#[must_use]
pub fn chips(figures: &Figures, beside: &Beside) -> Vec<Chip> {
    let mut chips = Vec::new();
    if let (Some(age), Some(cadence)) = (beside.age, beside.cadence) {
        chips.extend((age > cadence * 2).then_some(Chip::Stale(age)));
    }
    if disagrees(figures.index, beside.upstream) {
        chips.extend(beside.upstream.map(Chip::Upstream));
    }
    if beside.missing_metrics {
        chips.push(Chip::MissingMetrics);
    }
    let differs = beside.discrepancy.filter(|percent| *percent > SAME_COUNT);
    chips.extend(differs.map(Chip::Discrepancy));
    if beside.no_creative {
        chips.push(Chip::NoCreative);
    }
    if figures.paused_days.is_positive() {
        chips.push(Chip::Paused(figures.paused_days, figures.pause_points));
    }
    chips
}

/// Whether two indexes differ by more than they may.
#[must_use]
pub fn disagrees(ours: Option<Ratio>, theirs: Option<Ratio>) -> bool {
    let apart = ours.zip(theirs).and_then(|(one, two)| one.minus(two));
    apart.is_some_and(|apart| apart.size() > AGREES)
}
