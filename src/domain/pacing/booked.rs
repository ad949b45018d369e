//! What pacing needs of a line and of the package that it delivers: short enough to be kept
//! beside them, so that lists read no bodies. Makes a line's promise of the two. Refuses to be
//! more than can be drawn from them again.

use serde::{Deserialize, Serialize};

use super::{
    clock::Clock,
    curve::Pacing,
    floor::Floor,
    ratio::Ratio,
    terms::{Goal, Lifecycle, Pause, Rebase, Standard, Terms, Unit},
};
use crate::domain::{
    ids::{BuyId, JobId, LineId, PackageId, ProductId},
    media_buy::{
        buy::MediaBuy,
        item_type::ItemType,
        package::Package,
        status::BuyStatus,
        terms::{PricingModel, Spread},
    },
    money::Money,
    opendirect::{
        booking_status::LineBookingStatus,
        line::{Line, Replanned, Step},
        product::{DeliveryType, RateType},
    },
    when::{Flight, Instant, NotAFlight},
    zone::Zone,
};

/// A line at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// What is booked.
    pub product_id: ProductId,
    /// How firmly.
    pub delivery: DeliveryType,
    /// What its quantity counts.
    pub rate_type: RateType,
    /// How many.
    pub quantity: u64,
    /// What it costs.
    pub cost: Money,
    /// Where it is in its life.
    pub status: LineBookingStatus,
    /// The days that it runs on.
    pub flight: Flight,
    /// The media buy that it delivers a package of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buy: Option<BuyId>,
    /// The booking job that placed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// When it was held back in its flight, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<(Instant, Option<Instant>)>,
    /// When goal or dates were last changed in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replanned: Option<Replanned>,
}

/// A media buy at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// Who ordered it.
    pub owner: Box<str>,
    /// Where it stands.
    pub status: BuyStatus,
    /// When it begins.
    pub start: Instant,
    /// When it is over.
    pub end: Instant,
    /// Whether it lives in another company's system.
    #[serde(default, skip_serializing_if = "is_not")]
    pub elsewhere: bool,
    /// Its packages.
    pub packages: Vec<Parcel>,
}

/// A package at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Which.
    pub id: PackageId,
    /// The line that delivers it.
    pub line: LineId,
    /// How it competes.
    pub item_type: ItemType,
    /// Where it stands in the queue, where that is not its type's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// For how much.
    pub budget: Money,
    /// What is paid for.
    pub model: PricingModel,
    /// How it is spread.
    pub spread: Spread,
    /// Its own flight, where it differs from the buy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Instant>,
    /// The end of its own flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Instant>,
    /// Whether it is stopped for a while.
    #[serde(default, skip_serializing_if = "is_not")]
    pub paused: bool,
    /// Whether it was called off.
    #[serde(default, skip_serializing_if = "is_not")]
    pub off: bool,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Box<str>>,
    /// How well it is to be shown at least.
    pub floors: Vec<Floor>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_not(truth: &bool) -> bool {
    !truth
}

impl Booked {
    /// Looks at a line.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        Self {
            product_id: line.product_id.clone(),
            delivery: line.delivery_type,
            rate_type: line.rate_type,
            quantity: line.quantity,
            cost: line.cost,
            status: line.status,
            flight: line.flight,
            buy: line.buy_id.clone(),
            job: line.job_id,
            pauses: pauses(&line.history),
            replanned: line.replanned,
        }
    }

    /// What its quantity counts.
    #[must_use]
    pub fn unit(&self) -> Unit {
        match self.rate_type {
            RateType::Cpc => Unit::Clicks,
            RateType::Cpmv => Unit::Viewable(Standard::Mrc),
            RateType::Cpm | RateType::Cpd | RateType::FlatRate => Unit::Impressions,
        }
    }

    /// What it promised. Without a package it is the line's own days and cost, spread evenly.
    ///
    /// # Errors
    /// When its flight is none.
    pub fn terms(&self, of: Option<(&Bought, &Parcel)>) -> Result<Terms, NotAFlight> {
        let clock = match of {
            Some((buy, parcel)) => {
                let (start, end) = parcel.flight(buy);
                Clock::new(start, end, Zone::UTC)?
            }
            None => Clock::of_days(self.flight, Zone::UTC)?,
        };
        let budget = of.map_or(self.cost, |(_, parcel)| parcel.budget);
        let mut terms = Terms::new(self.goal(of.map(|(_, parcel)| parcel)), clock);
        terms.budget = Some(budget.into());
        terms.currency = Some(budget.currency());
        terms.pacing = of.map_or(Pacing::Even, |(_, parcel)| parcel.spread.into());
        terms.lifecycle = self.lifecycle(of);
        terms.priority = of.map(|(_, parcel)| parcel.priority());
        terms.rebase = self.replanned.map(|at| Rebase {
            at: at.at,
            delivered: Ratio::count(at.delivered),
        });
        let pause = |(from, until): &(Instant, Option<Instant>)| Pause {
            from: *from,
            until: *until,
        };
        terms.pauses = self.pauses.iter().map(pause).collect();
        Ok(terms)
    }

    /// What is sold by the day or as a whole promises a share of its product and no count,
    /// unless a count was named beside it.
    fn goal(&self, parcel: Option<&Parcel>) -> Goal {
        let flat = match parcel {
            Some(parcel) => matches!(parcel.model, PricingModel::Time | PricingModel::FlatRate),
            None => matches!(self.rate_type, RateType::Cpd | RateType::FlatRate),
        };
        if flat && self.quantity <= 1 {
            return Goal::Share(Ratio::ONE);
        }
        Goal::Amount(self.unit(), Ratio::count(self.quantity))
    }

    fn lifecycle(&self, of: Option<(&Bought, &Parcel)>) -> Lifecycle {
        use LineBookingStatus as S;
        if let Some((buy, parcel)) = of {
            match buy.status {
                BuyStatus::Draft => return Lifecycle::Draft,
                BuyStatus::AwaitingApproval => return Lifecycle::PendingApproval,
                BuyStatus::Rejected => return Lifecycle::Rejected,
                BuyStatus::Canceled => return Lifecycle::Cancelled,
                BuyStatus::Paused => return Lifecycle::Paused,
                _ if parcel.off => return Lifecycle::Cancelled,
                _ if parcel.paused => return Lifecycle::Paused,
                BuyStatus::PendingCreatives => return Lifecycle::PendingCreatives,
                BuyStatus::PendingStart | BuyStatus::Active | BuyStatus::Completed => {}
            }
        }
        match self.status {
            S::Draft | S::PendingReservation | S::Reserved => Lifecycle::Draft,
            S::PendingBooking => Lifecycle::PendingApproval,
            S::Booked | S::InFlight | S::Finished => Lifecycle::Live,
            S::Stopped => Lifecycle::Paused,
            S::Cancelled | S::Expired => Lifecycle::Cancelled,
        }
    }
}

impl Bought {
    /// Looks at a media buy.
    #[must_use]
    pub fn of(buy: &MediaBuy) -> Self {
        Self {
            owner: buy.owner.as_str().into(),
            status: buy.status,
            start: buy.start,
            end: buy.end,
            elsewhere: buy.upstream.is_some(),
            packages: buy.packages.iter().map(Parcel::of).collect(),
        }
    }

    /// The package that a line delivers.
    #[must_use]
    pub fn parcel(&self, line: LineId) -> Option<&Parcel> {
        self.packages.iter().find(|one| one.line == line)
    }
}

impl Parcel {
    fn of(package: &Package) -> Self {
        let shown = package.creatives.iter();
        Self {
            id: package.id.clone(),
            line: package.line_id,
            item_type: package.item_type,
            priority: package.priority,
            budget: package.budget,
            model: package.pricing.model,
            spread: package.spread,
            start: package.start,
            end: package.end,
            paused: package.paused,
            off: package.cancellation.is_some(),
            shows: shown.map(|one| one.creative_id.as_str().into()).collect(),
            floors: Floor::all(package.asked.get("performance_standards")),
        }
    }

    /// Its flight within the buy's.
    #[must_use]
    pub fn flight(&self, buy: &Bought) -> (Instant, Instant) {
        (self.start.unwrap_or(buy.start), self.end.unwrap_or(buy.end))
    }

    /// Where it stands in the queue of an ad server; lower goes first.
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.priority.unwrap_or(self.item_type.priority())
    }
}

impl From<Spread> for Pacing {
    fn from(spread: Spread) -> Self {
        match spread {
            Spread::Even => Self::Even,
            Spread::Asap => Self::Asap,
            Spread::FrontLoaded => Self::FrontLoaded,
        }
    }
}

/// When a line was held back in its flight, from the steps of its life.
fn pauses(history: &[Step]) -> Vec<(Instant, Option<Instant>)> {
    let mut pauses: Vec<(Instant, Option<Instant>)> = Vec::new();
    for step in history {
        if step.to == LineBookingStatus::Stopped {
            pauses.push((step.at, None));
        } else if step.from == LineBookingStatus::Stopped
            && let Some((_, until)) = pauses.last_mut()
        {
            *until = Some(step.at);
        }
    }
    pauses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        media_buy::buy::tests::{at, buy},
        opendirect::{booking_status::LineAction, line_draft::tests::line},
    };

    fn running() -> Line {
        Line {
            id: uuid::Uuid::from_u128(1).into(),
            status: LineBookingStatus::InFlight,
            ..line()
        }
    }

    #[test]
    fn a_package_promises_its_own_instants_budget_and_spread() {
        let mut buy = buy();
        buy.status = BuyStatus::Active;
        buy.packages[0].spread = Spread::FrontLoaded;
        buy.packages[0].end = Some(at("2026-07-21T06:00:00Z"));
        let bought = Bought::of(&buy);
        let parcel = bought.parcel(buy.packages[0].line_id).expect("a package");
        let terms = Booked::of(&running())
            .terms(Some((&bought, parcel)))
            .expect("a flight");
        assert_eq!(terms.clock.end(), at("2026-07-21T06:00:00Z"));
        assert_eq!(terms.budget, Some(Ratio::whole(30_000)));
        assert_eq!(terms.pacing, Pacing::FrontLoaded);
        assert_eq!(
            (terms.lifecycle, terms.priority),
            (Lifecycle::Live, Some(8))
        );
        buy.packages[0].paused = true;
        buy.packages[0].priority = Some(6);
        let bought = Bought::of(&buy);
        let terms = Booked::of(&running())
            .terms(Some((&bought, &bought.packages[0])))
            .expect("a flight");
        assert_eq!(
            (terms.lifecycle, terms.priority),
            (Lifecycle::Paused, Some(6))
        );
    }

    #[test]
    fn pauses_are_read_from_the_steps_of_a_life() {
        let stop = |line: Line, action, when| line.after(action, at(when), "ann").expect("a step");
        let line = stop(running(), LineAction::Stop, "2026-07-02T00:00:00Z");
        let line = stop(line, LineAction::Resume, "2026-07-03T00:00:00Z");
        let line = stop(line, LineAction::Stop, "2026-07-04T00:00:00Z");
        let glance = Booked::of(&line);
        let terms = glance.terms(None).expect("a flight");
        let told: Vec<_> = terms.pauses.iter().map(|one| one.until).collect();
        assert_eq!(told, [Some(at("2026-07-03T00:00:00Z")), None]);
        assert_eq!(terms.lifecycle, Lifecycle::Paused);
        let text = serde_json::to_string(&glance).expect("json");
        assert_eq!(serde_json::from_str::<Booked>(&text).expect("back"), glance);
    }

    #[test]
    fn what_is_sold_as_a_whole_has_no_count_to_be_held_against() {
        let flat = Line {
            rate_type: RateType::FlatRate,
            quantity: 1,
            ..running()
        };
        let goal = |line: &Line| Booked::of(line).terms(None).expect("a flight").goal;
        assert_eq!(goal(&flat), Goal::Share(Ratio::ONE));
        let counted = Line {
            quantity: 1_000,
            ..flat
        };
        assert_eq!(
            goal(&counted),
            Goal::Amount(Unit::Impressions, Ratio::whole(1_000))
        );
        let clicks = Line {
            rate_type: RateType::Cpc,
            ..counted
        };
        assert_eq!(goal(&clicks).unit(), Some(Unit::Clicks));
    }
}
