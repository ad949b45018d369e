//! Why a line has the status that it has: the figure that decided, beside its bound.

use super::{Explainer, too_long};
use crate::domain::pacing::{ratio::Ratio, status::Status};

impl Explainer<'_> {
    /// Why a line has this status.
    pub(super) fn status(&self, status: Status) -> String {
        let (f, bounds) = (self.figures, self.bounds);
        let off = f.deviation_pct.unwrap_or(Ratio::ZERO);
        let (some, much) = bounds.band(self.terms, f, self.seen.as_of);
        let late = bounds.is_late(self.terms, f, self.seen.as_of);
        let when = if late {
            " in the end of the flight"
        } else {
            ""
        };
        let name = status.name();
        match status {
            Status::CriticalBehind => format!("{name}: {off} % is below -{much} %{when}"),
            Status::Behind => format!("{name}: {off} % is below -{some} %{when}"),
            Status::Ahead => format!("{name}: {off} % is above {some} %{when}"),
            Status::CriticalAhead => format!("{name}: {off} % is above {much} %{when}"),
            Status::OnTrack => match f.deviation_pct {
                Some(_) => format!("{name}: {off} % is within ±{some} %{when}"),
                None => format!("{name}: {}", self.no_plan().unwrap_or_else(too_long)),
            },
            Status::AtRisk => format!("{name}: {}", self.risk()),
            Status::WarmingUp => self.warming(),
            Status::NotStarted => {
                let start = self.time(self.terms.clock.start());
                format!("{name}: the flight starts at {start}")
            }
            Status::EndedMet | Status::EndedOver | Status::EndedShort => {
                let rate = f.rate_pct.unwrap_or(Ratio::ZERO);
                let (under, over) = (bounds.tolerance, bounds.cap);
                let points = |share: Ratio| share.times(Ratio::HUNDRED).unwrap_or(share);
                let (under, over) = (points(under), points(over));
                format!("{name}: {rate} % of the goal; met is from -{under} % to +{over} %")
            }
            Status::GoalMet => format!("{name}: {} of {}", self.seen.delivered, self.goal()),
            Status::NotDelivering => {
                format!(
                    "{name}: nothing came in for {} h or more",
                    bounds.cycle.num_hours()
                )
            }
            _ => name.replace('_', " "),
        }
    }

    fn risk(&self) -> String {
        let (f, bounds) = (self.figures, self.bounds);
        let enough = self.goal().times(bounds.enough).unwrap_or(Ratio::ZERO);
        match (f.recent().filter(|end| *end < enough), f.lift()) {
            (Some(end), _) => {
                let percent = bounds.enough.times(Ratio::HUNDRED).unwrap_or(bounds.enough);
                format!(
                    "at its recent speed it ends at {end}, below {enough}, {percent} % of the goal"
                )
            }
            (None, Some(lift)) => {
                format!(
                    "it must become {lift} times as fast, more than {}",
                    bounds.lift
                )
            }
            (None, None) => too_long(),
        }
    }

    fn warming(&self) -> String {
        let over = self.figures.progress.unwrap_or(Ratio::ZERO);
        let warm = self.bounds.warm_share;
        if over < warm {
            return format!("warming_up: {over} of the flight is less than {warm}");
        }
        let due = self.figures.expected.unwrap_or(Ratio::ZERO);
        format!(
            "warming_up: {due} expected is less than {}",
            self.bounds.warm_count.0
        )
    }
}
