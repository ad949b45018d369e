//! A line: one product, booked for a flight at a rate. Carries its cost to the minor unit
//! and the whole history of its state. Refuses steps out of turn and out of time.

use chrono::{Days, NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Ext, Targeting,
    avails::ByDay,
    booking_status::{LineAction, LineBookingStatus},
    product::{DeliveryType, RateType},
    refusal::Refusal,
};
use crate::domain::{
    ids::{BuyId, JobId, LineId, OrderId, ProductId},
    money::Money,
    when::{Flight, Instant, rfc3339},
};

/// The most steps that one line remembers; a line that has more can no longer be paused.
pub const MOST_STEPS: usize = 200;

/// One step in the life of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// Who asked for it.
    pub by: String,
    /// The state before.
    pub from: LineBookingStatus,
    /// The state after.
    pub to: LineBookingStatus,
}

/// That goal or dates were changed while the line ran: the plan goes on from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replanned {
    /// Until when it had been counted.
    pub at: Instant,
    /// What was delivered by then, in what the line counts.
    pub delivered: u64,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// The order that it belongs to.
    pub order_id: OrderId,
    /// What is booked.
    pub product_id: ProductId,
    /// How firmly the product was delivered when the line was drafted.
    pub delivery_type: DeliveryType,
    /// At most 200 characters.
    pub name: String,
    /// When it runs.
    pub flight: Flight,
    /// How the rate is meant.
    pub rate_type: RateType,
    /// The price of a unit.
    pub rate: Money,
    /// How many impressions; clicks when the rate is per click.
    pub quantity: u64,
    /// What the whole line costs.
    pub cost: Money,
    /// Where it is in its life.
    pub status: LineBookingStatus,
    /// What it is aimed at.
    #[serde(default)]
    pub targeting: Targeting,
    /// When its hold runs out; only while it is reserved or being booked.
    pub reserved_until: Option<Instant>,
    /// What it takes of each day, so that exactly this can be given back; empty while it
    /// takes nothing from others.
    #[serde(default)]
    pub hold: ByDay,
    /// Every step so far, the oldest first.
    #[serde(default)]
    pub history: Vec<Step>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
    /// The booking job that placed it; none for a buyer's own.
    #[serde(default)]
    pub job_id: Option<JobId>,
    /// The media buy that it delivers a package of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buy_id: Option<BuyId>,
    /// When its goal or dates were last changed while it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replanned: Option<Replanned>,
}

impl Line {
    /// The line after an action, with the step written down.
    ///
    /// # Errors
    /// When its state forbids the action, or the time for it has not come or is over.
    pub fn after(self, action: LineAction, at: Instant, by: &str) -> Result<Self, Refusal> {
        let to = self.status.after(action, self.delivery_type)?;
        self.in_time(action, at)?;
        let reserved_until = match action {
            LineAction::ConfirmReservation { until } => Some(until),
            LineAction::Book | LineAction::Decline => self
                .reserved_until
                .filter(|_| to != LineBookingStatus::Draft),
            _ => None,
        };
        let mut history = self.history;
        history.push(Step {
            at,
            by: by.to_owned(),
            from: self.status,
            to,
        });
        Ok(Self {
            status: to,
            reserved_until,
            history,
            ..self
        })
    }

    /// The part of its cost that is for days from `today` on: all of it before its flight.
    #[must_use]
    pub fn undelivered(&self, today: NaiveDate) -> Money {
        if today <= self.flight.first() {
            return self.cost;
        }
        let sum = |held: &mut dyn Iterator<Item = &u64>| held.map(|n| i128::from(*n)).sum::<i128>();
        let (all, left) = (
            sum(&mut self.hold.values()),
            sum(&mut self.hold.range(today..).map(|(_, held)| held)),
        );
        let minor = (i128::from(self.cost.minor()) * left)
            .checked_div(all)
            .and_then(|minor| i64::try_from(minor).ok());
        Money::new(minor.unwrap_or(0), self.cost.currency())
    }

    /// Whether its hold has run out.
    #[must_use]
    pub fn hold_is_over(&self, at: Instant) -> bool {
        self.reserved_until.is_some_and(|until| until <= at)
    }

    /// Whether it takes inventory from others now.
    #[must_use]
    pub fn holds_inventory(&self) -> bool {
        self.delivery_type != DeliveryType::Pmp && self.status.holds_inventory()
    }

    /// What time alone does to it next, and when.
    #[must_use]
    pub fn next(&self) -> Option<(Instant, LineAction)> {
        use LineBookingStatus as S;
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        match self.status {
            S::Reserved => Some((self.reserved_until?, LineAction::Expire)),
            S::Booked => Some((midnight(self.flight.first()), LineAction::Start)),
            S::InFlight | S::Stopped => {
                let over = self.flight.last().checked_add_days(Days::new(1))?;
                Some((midnight(over), LineAction::Finish))
            }
            _ => None,
        }
    }

    /// The guards that look at the time.
    fn in_time(&self, action: LineAction, at: Instant) -> Result<(), Refusal> {
        let reason = match action {
            LineAction::ConfirmReservation { until } if until <= at => {
                format!("the hold would end at {}, before it began", rfc3339(until))
            }
            LineAction::Book if self.hold_is_over(at) => match self.reserved_until {
                Some(until) => format!("its hold ran out at {}", rfc3339(until)),
                None => return Ok(()),
            },
            LineAction::Reserve | LineAction::Book if at.date_naive() > self.flight.last() => {
                format!("its flight ended on {}", self.flight.last())
            }
            LineAction::Expire
                if self.status == LineBookingStatus::Reserved && !self.hold_is_over(at) =>
            {
                "its hold has not run out".to_owned()
            }
            LineAction::Start if at.date_naive() < self.flight.first() => {
                format!("its flight begins on {}", self.flight.first())
            }
            LineAction::Stop if self.history.len() >= MOST_STEPS => {
                format!("has been through {MOST_STEPS} steps already")
            }
            _ => return Ok(()),
        };
        let refusal = self.status.refuses(action.kind(), self.delivery_type);
        let possible = refusal
            .possible
            .iter()
            .filter(|one| **one != refusal.action);
        let possible = possible.cloned().collect();
        Err(Refusal {
            possible,
            ..refusal
        }
        .because(reason))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::opendirect::{
        line_draft::tests::{checked, draft, line, product},
        product::Product,
    };

    pub(crate) fn at(text: &str) -> Instant {
        text.parse().expect(text)
    }

    #[test]
    fn a_guaranteed_line_is_held_booked_run_and_finished() {
        use LineAction as A;
        let noon = "2026-06-10T12:00:00Z";
        let until = at("2026-06-12T12:00:00Z");
        let reserved = line()
            .after(A::Reserve, at(noon), "ann")
            .and_then(|line| line.after(A::ConfirmReservation { until }, at(noon), "seller"))
            .expect("held");
        assert_eq!(reserved.reserved_until, Some(until));
        assert!(reserved.holds_inventory());
        let booked = reserved
            .after(A::Book, at(noon), "ann")
            .and_then(|line| line.after(A::ConfirmBooking, at(noon), "seller"))
            .expect("booked");
        assert_eq!(booked.reserved_until, None);
        let early = booked
            .clone()
            .after(A::Start, at("2026-06-30T23:59:59Z"), "engine");
        assert_eq!(
            early.expect_err("too early").to_string(),
            "cannot start this line: it is Booked and its flight begins on 2026-07-01; possible now: cancel"
        );
        let done = booked
            .after(A::Start, at("2026-07-01T00:00:00Z"), "engine")
            .and_then(|line| line.after(A::Stop, at("2026-07-02T00:00:00Z"), "ann"))
            .and_then(|line| line.after(A::Resume, at("2026-07-03T00:00:00Z"), "ann"))
            .and_then(|line| line.after(A::Finish, at("2026-07-11T00:00:00Z"), "engine"))
            .expect("finished");
        let states: Vec<&str> = done.history.iter().map(|step| step.to.name()).collect();
        let wanted =
            "PendingReservation Reserved PendingBooking Booked InFlight Stopped InFlight Finished";
        assert_eq!(states.join(" "), wanted);
        assert!(
            done.history
                .windows(2)
                .all(|pair| pair[0].to == pair[1].from)
        );
        assert_eq!(done.history[0].by, "ann");
    }

    #[test]
    fn a_hold_runs_out_neither_early_nor_unseen() {
        use LineAction as A;
        let until = at("2026-06-12T12:00:00Z");
        let noon = at("2026-06-10T12:00:00Z");
        let asked = line().after(A::Reserve, noon, "ann").expect("asked");
        let backwards = asked
            .clone()
            .after(A::ConfirmReservation { until: noon }, noon, "seller");
        assert!(backwards.is_err());
        let held = asked
            .after(A::ConfirmReservation { until }, noon, "seller")
            .expect("held");
        assert!(held.clone().after(A::Expire, noon, "engine").is_err());
        let late = held
            .clone()
            .after(A::Book, until, "ann")
            .expect_err("too late");
        assert_eq!(
            late.to_string(),
            "cannot book this line: it is Reserved and its hold ran out at \
             2026-06-12T12:00:00.000000Z; possible now: cancel, expire"
        );
        let declined = held
            .clone()
            .after(A::Book, noon, "ann")
            .and_then(|line| line.after(A::Decline, noon, "seller"))
            .expect("back to its hold");
        assert_eq!(declined.reserved_until, Some(until));
        let expired = held.after(A::Expire, until, "engine").expect("expired");
        assert_eq!(
            (expired.status, expired.reserved_until),
            (LineBookingStatus::Expired, None)
        );
    }

    #[test]
    fn a_private_marketplace_line_is_booked_from_its_draft() {
        use LineAction as A;
        let noon = at("2026-06-10T12:00:00Z");
        let product = Product {
            delivery_type: DeliveryType::Pmp,
            ..product()
        };
        let line = checked(draft(), &product).expect("fine");
        assert!(line.clone().after(A::Reserve, noon, "ann").is_err());
        let asked = line.clone().after(A::Book, noon, "ann").expect("asked");
        assert_eq!(asked.status, LineBookingStatus::PendingBooking);
        assert!(!asked.holds_inventory());
        let late = line
            .after(A::Book, at("2026-07-11T00:00:00Z"), "ann")
            .expect_err("over");
        assert_eq!(
            late.because.as_deref(),
            Some("its flight ended on 2026-07-10")
        );
    }

    #[test]
    fn a_line_that_went_back_and_forth_too_often_is_not_paused_again() {
        use LineAction as A;
        let noon = at("2026-07-02T12:00:00Z");
        let mut line = Line {
            status: LineBookingStatus::InFlight,
            ..line()
        };
        while line.history.len() < MOST_STEPS {
            let next = if line.status == LineBookingStatus::Stopped {
                A::Resume
            } else {
                A::Stop
            };
            line = line.after(next, noon, "ann").expect("fine");
        }
        assert!(line.clone().after(A::Stop, noon, "ann").is_err());
        assert!(line.after(A::Finish, noon, "engine").is_ok());
    }

    #[test]
    fn time_alone_ends_a_hold_and_opens_and_closes_a_flight() {
        use LineAction as A;
        let noon = at("2026-06-10T12:00:00Z");
        let until = at("2026-06-12T12:00:00Z");
        assert_eq!(line().next(), None);
        let held = line()
            .after(A::Reserve, noon, "ann")
            .and_then(|line| line.after(A::ConfirmReservation { until }, noon, "seller"))
            .expect("held");
        assert_eq!(held.next(), Some((until, A::Expire)));
        let booked = held
            .after(A::Book, noon, "ann")
            .and_then(|line| line.after(A::ConfirmBooking, noon, "seller"))
            .expect("booked");
        let (begins, action) = booked.next().expect("a flight");
        assert_eq!((begins, action), (at("2026-07-01T00:00:00Z"), A::Start));
        let running = booked.after(action, begins, "engine").expect("begun");
        let (ends, action) = running.next().expect("an end");
        assert_eq!((ends, action), (at("2026-07-11T00:00:00Z"), A::Finish));
        let over = running.after(action, ends, "engine").expect("over");
        assert_eq!(over.next(), None);
    }
}
