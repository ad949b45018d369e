//! The arithmetic of every figure in words: what the console shows on `i` and the calculator
//! prints. Works out no figure itself, and says why where there is none.

mod verdict;

use super::{
    clock::{DAY, in_days},
    curve::Pacing,
    figures::Figures,
    ratio::Ratio,
    status::{Bounds, Status},
    terms::{Seen, Terms},
};
use crate::domain::when::Instant;

/// What a figure came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(Ratio),
    /// An instant.
    At(Instant),
    /// A status.
    Status(Status),
}

/// A figure with its sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What it came to, where it can be told.
    pub value: Option<Value>,
    /// How, or why it cannot be told.
    pub sum: String,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $field:literal;)*) => {
        /// The figures that can be explained, in the order in which people read them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Figure { $($(#[$doc])* $name,)* }

        impl Figure {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $field,)* }
            }
        }
    };
}

figures! {
    /// How much of the flight is over.
    Progress = "progress";
    /// What is due.
    Expected = "expected";
    /// Delivered by due.
    Index = "index";
    /// The same in per cent.
    Osi = "osi_pct";
    /// How far that is from a hundred.
    Deviation = "deviation_pct";
    /// Delivered of the goal.
    Rate = "rate_pct";
    /// Delivered less due.
    Gap = "gap";
    /// Days until the end.
    DaysLeft = "days_left";
    /// To be delivered a day.
    RequiredDaily = "required_daily";
    /// Delivered a day so far.
    AvgDaily = "avg_daily";
    /// How much faster than on average.
    LiftAvg = "lift_avg";
    /// How much faster than in the last 24 hours.
    Lift24h = "lift_24h";
    /// Where it ends along the plan.
    ProjectedPlan = "projected_plan";
    /// Where it ends at the last 24 hours' speed.
    Projected24h = "projected_24h";
    /// When all is delivered.
    Finish = "finish_date";
    /// How many more days that takes.
    ExtendDays = "extend_days";
    /// Spent of the budget.
    Budget = "budget_pct";
    /// What of the budget is at risk.
    AtRisk = "spend_at_risk";
    /// All of it in one word.
    Status = "status";
}

/// A line whose figures are explained.
#[derive(Debug, Clone, Copy)]
pub struct Explainer<'a> {
    /// What it promised.
    pub terms: &'a Terms,
    /// What was seen.
    pub seen: &'a Seen,
    /// What that came to.
    pub figures: &'a Figures,
    /// What it is judged by.
    pub bounds: &'a Bounds,
}

impl Explainer<'_> {
    /// A figure with its sum.
    #[must_use]
    pub fn explain(&self, figure: Figure) -> Explained {
        let f = self.figures;
        let number = |value: Option<Ratio>| value.map(Value::Number);
        let (value, sum) = match figure {
            Figure::Progress => (number(f.progress), self.progress()),
            Figure::Expected => (number(f.expected), self.expected()),
            Figure::Index => (number(f.index), self.index()),
            Figure::Osi => (number(f.osi_pct), self.osi()),
            Figure::Deviation => (number(f.deviation_pct), self.deviation()),
            Figure::Rate => (number(f.rate_pct), self.rate()),
            Figure::Gap => (number(f.gap), self.gap()),
            Figure::DaysLeft => (number(Some(f.days_left)), self.days_left()),
            Figure::RequiredDaily => (number(f.required_daily), self.required()),
            Figure::AvgDaily => (number(f.avg_daily), self.average()),
            Figure::LiftAvg => (number(f.lift_avg), self.lift(f.lift_avg, f.avg_daily)),
            Figure::Lift24h => (
                number(f.lift_24h),
                self.lift(f.lift_24h, self.seen.rate_24h),
            ),
            Figure::ProjectedPlan => (number(f.projected_plan), self.along()),
            Figure::Projected24h => (number(f.projected_24h), self.at_speed()),
            Figure::Finish => (f.finish.map(Value::At), self.finish()),
            Figure::ExtendDays => (number(f.extend_days), self.extend()),
            Figure::Budget => (number(f.budget_pct), self.budget()),
            Figure::AtRisk => (number(f.at_risk), self.at_risk()),
            Figure::Status => {
                let status = self.bounds.judge(self.terms, Some((self.seen, f)));
                (Some(Value::Status(status)), self.status(status))
            }
        };
        Explained { value, sum }
    }

    fn goal(&self) -> Ratio {
        self.terms.goal.amount().unwrap_or(Ratio::ZERO)
    }

    /// Why there is nothing to be held against, if so.
    fn no_plan(&self) -> Option<String> {
        if self.terms.goal.amount().is_none() {
            return Some(no_goal());
        }
        if self.terms.pacing == Pacing::Asap {
            return Some("asap has no plan to be held against".into());
        }
        if self.terms.clock.whole() == 0 {
            return Some("no active hour falls into the flight".into());
        }
        let due = self.figures.expected.is_some_and(Ratio::is_zero);
        due.then(|| format!("nothing is due at {}", self.time(self.seen.as_of)))
    }

    /// An instant as the line's own clocks show it.
    fn time(&self, at: Instant) -> String {
        let local = at.with_timezone(&self.terms.clock.zone());
        let form = if at.timestamp() % 60 == 0 {
            "%Y-%m-%d %H:%M %Z"
        } else {
            "%Y-%m-%d %H:%M:%S %Z"
        };
        local.format(form).to_string()
    }

    /// What is over and the whole, as `12 d / 30 d`.
    fn way(&self) -> String {
        let clock = &self.terms.clock;
        let gone = clock.gone(self.seen.as_of);
        if clock.hours().is_some() {
            let hours = |micros| {
                in_days(micros)
                    .times(Ratio::whole(24))
                    .unwrap_or(Ratio::ZERO)
            };
            return format!("{} h / {} h active", hours(gone), hours(clock.whole()));
        }
        format!("{} / {}", span(gone), span(clock.whole()))
    }

    fn progress(&self) -> String {
        let (clock, at) = (&self.terms.clock, self.seen.as_of);
        let Some(progress) = self.figures.progress else {
            return "no active hour falls into the flight".into();
        };
        if at < clock.start() {
            return format!(
                "{progress}: the flight starts at {}",
                self.time(clock.start())
            );
        }
        if at >= clock.end() {
            return format!("{progress}: the flight ended at {}", self.time(clock.end()));
        }
        let since = self.time(clock.start());
        format!(
            "{progress} = {}; from {since} to {}",
            self.way(),
            self.time(at)
        )
    }

    fn expected(&self) -> String {
        let (goal, pacing) = (self.goal(), &self.terms.pacing);
        let (Some(expected), Some(over)) = (self.figures.expected, self.figures.progress) else {
            return self.no_plan().unwrap_or_else(too_long);
        };
        let share = match pacing {
            Pacing::Even | Pacing::Asap => self.way(),
            Pacing::FrontLoaded if over <= Ratio::percent(50) => format!("1.25 × {over}"),
            Pacing::FrontLoaded => format!("(0.625 + 0.75 × ({over} − 0.5))"),
            Pacing::Custom(_) => {
                let due = pacing.due(over).unwrap_or(Ratio::ZERO);
                format!("{due}, the curve at {over} of the time")
            }
        };
        format!("{expected} = {goal} × {share}")
    }

    fn index(&self) -> String {
        let f = self.figures;
        let (Some(index), Some(due)) = (f.index, f.expected) else {
            return self.no_plan().unwrap_or_else(too_long);
        };
        let mut sum = format!("{index} = {} / {due}", self.seen.delivered);
        if self.terms.rebase.is_some()
            && let (Some(plan), Some(due)) = (f.plan_index, f.plan_expected)
        {
            let done = self.seen.delivered;
            sum = format!("{sum}; {plan} = {done} / {due} by the plan since the change");
        }
        sum
    }

    fn osi(&self) -> String {
        match (self.figures.osi_pct, self.figures.index) {
            (Some(osi), Some(index)) if osi == osi.whole_part() => format!("{osi} = 100 × {index}"),
            (Some(osi), Some(index)) => {
                let shown = osi.whole_part();
                format!("{osi} = 100 × {index}; shown rounded down as {shown}")
            }
            _ => self.no_plan().unwrap_or_else(too_long),
        }
    }

    fn deviation(&self) -> String {
        match (self.figures.deviation_pct, self.figures.osi_pct) {
            (Some(off), Some(osi)) => format!("{off} = {osi} − 100"),
            _ => self.no_plan().unwrap_or_else(too_long),
        }
    }

    fn rate(&self) -> String {
        let Some(rate) = self.figures.rate_pct else {
            return no_goal();
        };
        format!("{rate} = 100 × {} / {}", self.seen.delivered, self.goal())
    }

    fn gap(&self) -> String {
        match (self.figures.gap, self.figures.expected) {
            (Some(gap), Some(due)) => format!("{gap} = {} − {due}", self.seen.delivered),
            _ => self.no_plan().unwrap_or_else(too_long),
        }
    }

    fn days_left(&self) -> String {
        let (clock, left) = (&self.terms.clock, self.figures.days_left);
        let end = self.time(clock.end());
        if left.is_zero() {
            return format!("0: the flight ended at {end}");
        }
        let hours = left.times(Ratio::whole(24)).unwrap_or(left);
        format!("{left} = {hours} h / 24; until {end}")
    }

    fn required(&self) -> String {
        let f = self.figures;
        let (Some(required), Some(rest)) = (f.required_daily, f.remaining) else {
            return if self.terms.goal.amount().is_none() {
                no_goal()
            } else {
                "no day is left".into()
            };
        };
        let (goal, done) = (self.goal(), self.seen.delivered);
        if rest.is_zero() {
            return format!("0: {done} of {goal} are delivered");
        }
        let mut sum = format!(
            "{required} = {rest} / {} d; {rest} = {goal} − {done}",
            days(f.days_left)
        );
        let clock = &self.terms.clock;
        if self.seen.as_of < clock.start() {
            let whole = clock.days_left(clock.start());
            let own = rest.over(whole).unwrap_or(required);
            sum = format!("{sum}; over the {whole} d of the flight it is {own} a day");
        }
        sum
    }

    fn average(&self) -> String {
        let Some(average) = self.figures.avg_daily else {
            return "no day of the flight is over".into();
        };
        format!(
            "{average} = {} / {} d",
            self.seen.delivered,
            days(self.figures.days_gone)
        )
    }

    fn lift(&self, lift: Option<Ratio>, rate: Option<Ratio>) -> String {
        match (lift, self.figures.required_daily, rate) {
            (Some(lift), Some(required), Some(rate)) => {
                let verdict = if lift > Ratio::ONE {
                    "; above 1 it must speed up"
                } else {
                    ""
                };
                format!("{lift} = {required} / {rate}{verdict}")
            }
            (_, None, _) => self.required(),
            (_, _, None) => "the speed is not known".into(),
            _ => "nothing was delivered to be faster than".into(),
        }
    }

    fn along(&self) -> String {
        match (self.figures.projected_plan, self.figures.index) {
            (Some(end), Some(index)) => format!("{end} = {} × {index}", self.goal()),
            _ => self.no_plan().unwrap_or_else(too_long),
        }
    }

    fn at_speed(&self) -> String {
        let (f, done) = (self.figures, self.seen.delivered);
        match (f.projected_24h, self.seen.rate_24h) {
            (Some(end), Some(rate)) => format!("{end} = {done} + {rate} × {} d", days(f.days_left)),
            (_, None) => "the speed of the last 24 hours is not known".into(),
            _ => no_goal(),
        }
    }

    fn finish(&self) -> String {
        let f = self.figures;
        match (f.finish, f.remaining, self.seen.rate_24h) {
            (Some(at), Some(rest), Some(rate)) => {
                let from = self.time(self.seen.as_of);
                format!("{} = {from} + {rest} / {rate} d", self.time(at))
            }
            (_, _, None) => "the speed of the last 24 hours is not known".into(),
            (_, None, _) => no_goal(),
            (None, Some(rest), _) if rest.is_zero() => "all of it is delivered".into(),
            (_, _, Some(rate)) => format!("at {rate} a day it is not done in a hundred years"),
        }
    }

    fn extend(&self) -> String {
        let f = self.figures;
        match (f.extend_days, f.remaining, self.seen.rate_24h) {
            (Some(more), Some(rest), Some(rate)) => {
                format!("{more} = {rest} / {rate} − {} d", days(f.days_left))
            }
            _ => self.finish(),
        }
    }

    fn budget(&self) -> String {
        match (self.figures.budget_pct, self.seen.spent, self.terms.budget) {
            (Some(used), Some(spent), Some(budget)) => format!("{used} = 100 × {spent} / {budget}"),
            (_, None, _) => "what was spent is not known".into(),
            _ => "there is no budget".into(),
        }
    }

    fn at_risk(&self) -> String {
        let f = self.figures;
        match (f.at_risk, self.terms.budget, f.projected, f.band) {
            (Some(risk), Some(budget), Some(share), Some((least, most))) => {
                let band = if least == most {
                    format!("projected {least}")
                } else {
                    format!("projected {least} to {most}")
                };
                if risk.is_zero() {
                    return format!("0: {band} of {}", self.goal());
                }
                format!(
                    "{risk} = {budget} × (1 − {share}); {band} of {}",
                    self.goal()
                )
            }
            (_, None, ..) => "there is no budget".into(),
            _ => "there is no projection".into(),
        }
    }
}

/// The last word where an exact number has more digits than are kept.
fn too_long() -> String {
    "the numbers are too long for an exact answer".into()
}

/// A span in the unit in which people think of it.
fn span(micros: i64) -> String {
    let days = in_days(micros);
    let times = |count| days.times(Ratio::whole(count)).unwrap_or(days);
    if micros % DAY == 0 || micros >= 3 * DAY {
        format!("{days} d")
    } else if micros * 24 >= DAY {
        format!("{} h", times(24))
    } else {
        format!("{} min", times(24 * 60))
    }
}

/// Days with as many decimals as few of them need.
fn days(days: Ratio) -> String {
    if days < Ratio::whole(3) {
        days.shown(6)
    } else {
        days.to_string()
    }
}

fn no_goal() -> String {
    "there is no goal to be held against".into()
}
