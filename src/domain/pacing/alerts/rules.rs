//! The rules, each a function of figures and history. Refuses to fire on what is not known, on
//! too little of it, and, where a rule is about pacing, on lines that are not meant to run.

use chrono::Duration;

use super::{Finding, Rule, Severity};
use crate::domain::{
    delivery::measured::Count,
    pacing::{
        curve::Pacing,
        figures::Figures,
        ratio::Ratio,
        samples::Sample,
        status::{Bounds, SAME_COUNT, disagrees},
        terms::{Lifecycle, Seen, Terms},
    },
    when::Instant,
};

/// From so many of our impressions on another's count is held against them.
const ENOUGH_TO_COMPARE: u64 = 10_000;
/// From so many per cent on a rate is told from enough.
const MEASURED_ENOUGH: Ratio = Ratio::whole(50);

/// Whether there is something to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Creative {
    /// There is.
    #[default]
    Approved,
    /// None at all.
    Missing,
    /// None that may be shown.
    Rejected,
    /// None any more.
    Expired,
}

impl Creative {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Missing => "missing",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

/// A rate beside what was agreed, both in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// What it is.
    pub rate: Ratio,
    /// What it must be.
    pub least: Ratio,
    /// How much of what was delivered it is told from.
    pub measured: Ratio,
}

/// The last hour beside the same hour a week ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Delivered in the last hour.
    pub now: Ratio,
    /// In the same hour last week.
    pub then: Ratio,
    /// Due in this hour by the plan.
    pub expected: Ratio,
}

/// All that the rules look at.
#[derive(Debug, Clone)]
pub struct Signals<'a> {
    /// What was promised.
    pub terms: &'a Terms,
    /// What was seen.
    pub seen: &'a Seen,
    /// What that came to.
    pub figures: &'a Figures,
    /// What is judged by.
    pub bounds: &'a Bounds,
    /// The time at the desk, which only the age of figures is told by.
    pub now: Instant,
    /// How often figures should come.
    pub cadence: Duration,
    /// The count before.
    pub previous: Option<Sample>,
    /// The last hour.
    pub hour: Option<Hour>,
    /// The best day of the flight.
    pub best_day: Option<Ratio>,
    /// Delivered before the flight.
    pub before_flight: Ratio,
    /// Delivered after it.
    pub after_flight: Ratio,
    /// What of the budget may be spent beyond it.
    pub budget_cap: Ratio,
    /// Another's count, beside what we had counted by then.
    pub theirs: Option<Count>,
    /// How much was in view.
    pub viewability: Option<Agreed>,
    /// How much was watched to the end.
    pub completion: Option<Agreed>,
    /// Whether there is something to show.
    pub creative: Creative,
    /// Upstream's own index.
    pub upstream: Option<Ratio>,
}

impl<'a> Signals<'a> {
    /// What can be told from figures alone.
    #[must_use]
    pub fn new(
        terms: &'a Terms,
        seen: &'a Seen,
        figures: &'a Figures,
        bounds: &'a Bounds,
        now: Instant,
    ) -> Self {
        Self {
            terms,
            seen,
            figures,
            bounds,
            now,
            cadence: bounds.cycle,
            previous: None,
            hour: None,
            best_day: None,
            before_flight: Ratio::ZERO,
            after_flight: Ratio::ZERO,
            budget_cap: Ratio::ZERO,
            theirs: None,
            viewability: None,
            completion: None,
            creative: Creative::Approved,
            upstream: None,
        }
    }

    /// Everything that is wrong, in the order of the rules.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        Rule::ALL
            .iter()
            .filter_map(|rule| self.check(*rule))
            .collect()
    }

    /// Whether one thing is wrong.
    #[must_use]
    pub fn check(&self, rule: Rule) -> Option<Finding> {
        let (hours, cycles) = (Duration::hours, |count: i32| self.bounds.cycle * count);
        let (severity, hold, said) = match rule {
            Rule::NotStarted => (Severity::Critical, cycles(1), self.not_started()?),
            Rule::Stopped => (Severity::Critical, hours(1), self.stopped()?),
            Rule::CritBehind => (Severity::Critical, hours(4), self.far_behind()?),
            Rule::Behind => (Severity::Warning, hours(48), self.behind()?),
            Rule::ProjectedShort => (self.by_days_left(), hours(24), self.projected_short()?),
            Rule::CannotFinish => (Severity::Critical, hours(6), self.cannot_finish()?),
            Rule::Overspend => (Severity::Critical, hours(0), self.overspend()?),
            Rule::Burn => (Severity::Warning, hours(4), self.burn()?),
            Rule::PreFlight => (Severity::Critical, hours(0), self.pre_flight()?),
            Rule::PostFlight => (Severity::Critical, hours(0), self.post_flight()?),
            Rule::SpendWithoutDelivery => (Severity::Critical, hours(1), self.spends()?),
            Rule::Stale => (Severity::Warning, hours(0), self.stale()?),
            Rule::CounterWentBack => (Severity::Info, hours(0), self.went_back()?),
            Rule::Discrepancy => (Severity::Warning, hours(24), self.discrepancy()?),
            Rule::Quality => (Severity::Warning, hours(24), self.quality()?),
            Rule::CreativeBlocking => (Severity::Critical, hours(0), self.creative()?),
            Rule::EndingShort => (Severity::Warning, hours(0), self.ending_short()?),
            Rule::UpstreamDisagrees => (Severity::Info, cycles(2), self.upstream()?),
        };
        let at_risk = self.figures.at_risk;
        Some(Finding {
            rule,
            severity,
            hold,
            said,
            at_risk,
        })
    }

    /// Whether it should run, by the time of its data.
    fn runs(&self) -> bool {
        let (clock, at) = (&self.terms.clock, self.seen.as_of);
        self.terms.lifecycle == Lifecycle::Live && at >= clock.start() && at < clock.end()
    }

    fn when_it_runs<T>(&self, value: Option<T>) -> Option<T> {
        value.filter(|_| self.runs())
    }

    fn not_started(&self) -> Option<String> {
        let late = self.seen.as_of - self.terms.clock.start();
        let fires = self.runs() && late >= Duration::hours(2) && self.seen.delivered.is_zero();
        fires.then(|| format!("started {} h ago and delivered nothing", late.num_hours()))
    }

    fn stopped(&self) -> Option<String> {
        let Hour {
            now,
            then,
            expected,
        } = self.when_it_runs(self.hour)?;
        let tenth = then.times(Ratio::percent(10))?;
        let fires = now < tenth && expected >= Ratio::whole(500);
        fires.then(|| format!("{now} in the last hour, {then} in the same hour last week"))
    }

    fn off(&self) -> Option<Ratio> {
        self.when_it_runs(self.figures.deviation_pct)
    }

    fn far_behind(&self) -> Option<String> {
        let (off, due) = (self.off()?, self.figures.expected?);
        let fires = off < Ratio::whole(-25) && due >= Ratio::whole(1_000);
        fires.then(|| self.beside(off, due))
    }

    fn behind(&self) -> Option<String> {
        let (off, due) = (self.off()?, self.figures.expected?);
        (off < Ratio::whole(-10)).then(|| self.beside(off, due))
    }

    fn beside(&self, off: Ratio, due: Ratio) -> String {
        format!("{off:.0} %: {} of {due:.0} expected", self.seen.delivered)
    }

    /// A warning, and critical in the last 72 hours.
    fn by_days_left(&self) -> Severity {
        if self.figures.days_left <= Ratio::whole(3) {
            Severity::Critical
        } else {
            Severity::Warning
        }
    }

    fn projected_short(&self) -> Option<String> {
        let share = self.when_it_runs(self.figures.projected)?;
        let left = self.figures.days_left;
        let fires = share < self.bounds.enough && left <= Ratio::whole(7);
        let percent = share.times(Ratio::HUNDRED)?;
        fires.then(|| {
            format!(
                "will end at {percent:.0} % of its goal, {} d left",
                left.shown(1)
            )
        })
    }

    fn cannot_finish(&self) -> Option<String> {
        let (required, best) = (
            self.when_it_runs(self.figures.required_daily)?,
            self.best_day?,
        );
        (required > best).then(|| format!("needs {required:.0} a day, its best day had {best:.0}"))
    }

    fn overspend(&self) -> Option<String> {
        let most = |whole: Ratio, cap: Ratio| whole.times(Ratio::ONE.plus(cap)?);
        if let (Some(spent), Some(budget)) = (self.seen.spent, self.terms.budget)
            && spent > most(budget, self.budget_cap)?
        {
            return Some(format!("{spent} spent of {budget}"));
        }
        let goal = self.terms.goal.amount()?;
        let fires = self.seen.delivered > most(goal, self.bounds.cap)?;
        fires.then(|| format!("{} delivered of {goal}", self.seen.delivered))
    }

    fn burn(&self) -> Option<String> {
        if let Some(off) = self.off().filter(|off| *off > Ratio::whole(25)) {
            return Some(format!("{off:.0} % ahead of its plan"));
        }
        // As fast as possible is meant to be early.
        let more = self.when_it_runs(self.figures.extend_days)?;
        let fires = more < Ratio::whole(-1) && self.terms.pacing != Pacing::Asap;
        fires.then(|| format!("will be used up {} d early", more.size().shown(1)))
    }

    fn pre_flight(&self) -> Option<String> {
        let early = self.seen.as_of < self.terms.clock.start();
        let outside = if early {
            self.seen.delivered
        } else {
            self.before_flight
        };
        outside
            .is_positive()
            .then(|| format!("{outside} delivered before its flight"))
    }

    fn post_flight(&self) -> Option<String> {
        let outside = self.after_flight;
        outside
            .is_positive()
            .then(|| format!("{outside} delivered after its flight"))
    }

    fn spends(&self) -> Option<String> {
        let before = self.previous?;
        let more = self.seen.spent?.minus(before.spent?)?;
        let fires = more.is_positive() && self.seen.delivered == before.delivered;
        fires.then(|| format!("{more} spent, nothing delivered"))
    }

    fn stale(&self) -> Option<String> {
        let age = self.now - self.seen.as_of;
        let fires = self.runs() && age > self.cadence * 2;
        let (age, every) = (age.num_minutes(), self.cadence.num_minutes());
        fires.then(|| format!("figures are {age} min old and should come every {every}"))
    }

    fn went_back(&self) -> Option<String> {
        let before = self.previous?.delivered;
        let now = self.seen.delivered;
        (now < before).then(|| format!("the count fell from {before} to {now}"))
    }

    fn discrepancy(&self) -> Option<String> {
        let count = self.theirs.as_ref()?;
        let (ours, theirs, differs) = (count.ours?, count.impressions, count.discrepancy()?);
        let fires = differs > SAME_COUNT && ours >= ENOUGH_TO_COMPARE;
        let source = &count.source;
        fires.then(|| format!("we count {ours}, {source} counts {theirs}: {differs:.1} %"))
    }

    fn quality(&self) -> Option<String> {
        let below = |what: &str, one: Option<Agreed>| {
            let fires = |one: &Agreed| one.measured >= MEASURED_ENOUGH && one.rate < one.least;
            let Agreed { rate, least, .. } = one.filter(fires)?;
            Some(format!("{what} {rate:.1} %, agreed are {least:.1} %"))
        };
        below("in view", self.viewability).or_else(|| below("completed", self.completion))
    }

    fn creative(&self) -> Option<String> {
        let fires = self.runs() && self.creative != Creative::Approved;
        fires.then(|| format!("its creative is {}", self.creative.word()))
    }

    fn ending_short(&self) -> Option<String> {
        let (index, left) = (
            self.when_it_runs(self.figures.index)?,
            self.figures.days_left,
        );
        let percent = index.times(Ratio::HUNDRED)?;
        let fires = left < Ratio::whole(3) && index < self.bounds.enough;
        fires.then(|| format!("ends in {} d at {percent:.0} % of its path", left.shown(1)))
    }

    fn upstream(&self) -> Option<String> {
        let (ours, theirs) = (self.figures.index, self.upstream);
        let fires = disagrees(ours, theirs);
        let (ours, theirs) = (ours?, theirs?);
        fires.then(|| format!("upstream says {theirs:.2}, we count {ours:.2}"))
    }
}
