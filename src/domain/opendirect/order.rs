//! An order: the container of lines, with its budget, its flight and the publisher's
//! decision. Refuses changes that its lines could not live with.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{
    Ext,
    booking_status::{LineAction, LineActionKind},
    check::Checks,
    refusal::Refusal,
};
use crate::domain::{
    ids::{AccountId, OrderId},
    money::{Amount, Currency, Money},
    problem::Problem,
    when::Flight,
};

/// The longest name of an order.
const LONGEST_NAME: usize = 100;
/// The longest id of a publisher or brand.
const LONGEST_ID: usize = 255;

/// What the publisher has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum OrderStatus {
    /// Nothing yet.
    Pending,
    /// Its lines may be booked.
    Approved,
    /// It is turned down.
    Rejected,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Rejected];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }

    /// The state that a decision leads to.
    ///
    /// # Errors
    /// When it is decided already.
    pub fn after(self, action: OrderAction) -> Result<Self, Refusal> {
        match (self, action) {
            (Self::Pending, OrderAction::Approve) => Ok(Self::Approved),
            (Self::Pending, OrderAction::Reject) => Ok(Self::Rejected),
            _ => Err(Refusal::new(action.name(), "order", self.name(), &[])),
        }
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an order status; known are PENDING, APPROVED and REJECTED")]
pub struct UnknownOrderStatus;

impl FromStr for OrderStatus {
    type Err = UnknownOrderStatus;

    /// Takes the names in any case.
    fn from_str(text: &str) -> Result<Self, UnknownOrderStatus> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownOrderStatus)
    }
}

impl<'de> Deserialize<'de> for OrderStatus {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(input)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What a publisher can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderAction {
    /// Take it.
    Approve,
    /// Turn it down.
    Reject,
}

impl OrderAction {
    /// The name in sentences and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The account that it belongs to.
    pub account_id: AccountId,
    /// At most 100 characters.
    pub name: String,
    /// The publisher that it is meant for, when it is meant for one.
    pub publisher_id: Option<String>,
    /// The brand that is advertised.
    pub brand_id: Option<String>,
    /// What may be spent; its currency is that of every line.
    pub budget: Money,
    /// When its lines may run.
    pub flight: Flight,
    /// What the publisher has decided.
    pub status: OrderStatus,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

/// An order as it is asked for, before any check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderDraft {
    /// At most 100 characters.
    pub name: String,
    /// The publisher that it is meant for.
    #[serde(default)]
    pub publisher_id: Option<String>,
    /// The brand that is advertised.
    #[serde(default)]
    pub brand_id: Option<String>,
    /// Three capital letters.
    pub currency: Currency,
    /// What may be spent.
    pub budget: Amount,
    /// The first day.
    pub start: NaiveDate,
    /// The last day.
    pub end: NaiveDate,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl OrderDraft {
    /// Makes a pending order of it.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(
        self,
        id: OrderId,
        account_id: AccountId,
        today: NaiveDate,
    ) -> Result<Order, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.line("name", &self.name, LONGEST_NAME);
        checks.maybe_line("publisher_id", self.publisher_id.as_deref(), LONGEST_ID);
        checks.maybe_line("brand_id", self.brand_id.as_deref(), LONGEST_ID);
        checks.object("ext", self.ext.as_ref());
        let budget = checks.budget("budget", self.budget, self.currency);
        let flight = checks.flight(self.start, self.end, today);
        let order = budget.zip(flight).map(|(budget, flight)| Order {
            id,
            account_id,
            name: self.name,
            publisher_id: self.publisher_id,
            brand_id: self.brand_id,
            budget,
            flight,
            status: OrderStatus::Pending,
            ext: self.ext,
        });
        checks.done(order)
    }
}

/// What somebody wants to change of an order; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrderChange {
    /// A new name.
    pub name: Option<String>,
    /// Another publisher.
    pub publisher_id: Option<String>,
    /// Another brand.
    pub brand_id: Option<String>,
    /// The currency that the budget is meant in; it must be the order's.
    pub currency: Option<Currency>,
    /// A new budget.
    pub budget: Option<Amount>,
    /// A new first day.
    pub start: Option<NaiveDate>,
    /// A new last day.
    pub end: Option<NaiveDate>,
    /// Replaces what a vendor added.
    pub ext: Option<Ext>,
}

/// What the lines of an order bind it to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commitments {
    /// The cost of every line that is booked or asked to be.
    pub cost: Option<Money>,
    /// The days that the lines cover, from the earliest to the latest.
    pub flight: Option<Flight>,
}

/// Why an order cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotChanged {
    /// Its state forbids it.
    Refused(Refusal),
    /// The new fields are wrong.
    Wrong(Vec<Problem>),
}

impl Order {
    /// The order after a decision.
    ///
    /// # Errors
    /// When it is decided already.
    pub fn after(self, action: OrderAction) -> Result<Self, Refusal> {
        let status = self.status.after(action)?;
        Ok(Self { status, ..self })
    }

    /// Whether one of its lines may take a step now. Until the publisher has approved the
    /// order, inventory can be held but nothing is booked.
    ///
    /// # Errors
    /// When the order must be decided first, or is turned down.
    pub fn lets(&self, action: LineAction) -> Result<(), Refusal> {
        use LineActionKind as Kind;
        let kind = action.kind();
        let fine = match self.status {
            OrderStatus::Approved => true,
            OrderStatus::Pending => !matches!(kind, Kind::Book | Kind::ConfirmBooking),
            OrderStatus::Rejected => matches!(kind, Kind::Cancel | Kind::Expire | Kind::Decline),
        };
        if fine {
            return Ok(());
        }
        let possible: &[&str] = match self.status {
            OrderStatus::Pending => &["approve", "reject"],
            _ => &["cancel"],
        };
        let wanted = format!("{} a line of", kind.name());
        Err(Refusal::new(&wanted, "order", self.status.name(), possible))
    }

    /// The order with some fields changed. A rejected order never changes; an approved one
    /// keeps its budget, flight and publisher, for those are what was approved.
    ///
    /// # Errors
    /// When its state forbids the change, or the fields are wrong.
    pub fn change(
        &self,
        change: OrderChange,
        bound: Commitments,
        today: NaiveDate,
    ) -> Result<Self, NotChanged> {
        let start = change.start.unwrap_or(self.flight.first());
        let end = change.end.unwrap_or(self.flight.last());
        let currency = change.currency.unwrap_or(self.budget.currency());
        let mut checks = Checks::default();
        if currency != self.budget.currency() {
            let message = format!("the order is in {} and stays so", self.budget.currency());
            checks.problem("currency", "FIXED", message);
        }
        let budget = match change.budget {
            Some(amount) => checks.budget("budget", amount, self.budget.currency()),
            None => Some(self.budget),
        };
        let moved = (start, end) != (self.flight.first(), self.flight.last());
        let flight = if moved {
            checks.flight(start, end, today)
        } else {
            Some(self.flight)
        };
        let next = budget.zip(flight).map(|(budget, flight)| Self {
            name: change.name.unwrap_or_else(|| self.name.clone()),
            publisher_id: change.publisher_id.or_else(|| self.publisher_id.clone()),
            brand_id: change.brand_id.or_else(|| self.brand_id.clone()),
            ext: change.ext.or_else(|| self.ext.clone()),
            budget,
            flight,
            ..self.clone()
        });
        if let Some(next) = &next {
            self.may_become(next).map_err(NotChanged::Refused)?;
            next.check_changed(&mut checks, bound);
        }
        checks.done(next).map_err(NotChanged::Wrong)
    }

    fn may_become(&self, next: &Self) -> Result<(), Refusal> {
        let terms = |order: &Self| (order.budget, order.flight, order.publisher_id.clone());
        let refusal = Refusal::new("change", "order", self.status.name(), &[]);
        match self.status {
            OrderStatus::Rejected if self != next => Err(refusal),
            OrderStatus::Approved if terms(self) != terms(next) => {
                Err(refusal.because("its budget, flight and publisher were approved as they are"))
            }
            _ => Ok(()),
        }
    }

    fn check_changed(&self, checks: &mut Checks, bound: Commitments) {
        checks.line("name", &self.name, LONGEST_NAME);
        checks.maybe_line("publisher_id", self.publisher_id.as_deref(), LONGEST_ID);
        checks.maybe_line("brand_id", self.brand_id.as_deref(), LONGEST_ID);
        checks.object("ext", self.ext.as_ref());
        if let Some(cost) = bound.cost.filter(|cost| *cost > self.budget) {
            let message = format!("is below what its lines are booked for, {cost}");
            checks.problem("budget", "BELOW_COMMITTED", message);
        }
        let outside = |lines: &Flight| {
            lines.first() < self.flight.first() || lines.last() > self.flight.last()
        };
        if let Some(lines) = bound.flight.filter(outside) {
            let message = format!("its lines run from {} to {}", lines.first(), lines.last());
            let field = if lines.first() < self.flight.first() {
                "start"
            } else {
                "end"
            };
            checks.problem(field, "LINES_OUTSIDE", message);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::when::parse_day;

    pub(crate) fn day(text: &str) -> NaiveDate {
        parse_day(text).expect(text)
    }

    fn draft() -> OrderDraft {
        OrderDraft {
            name: "Summer".to_owned(),
            publisher_id: None,
            brand_id: None,
            currency: Currency::USD,
            budget: "25000".parse().expect("amount"),
            start: day("2026-07-01"),
            end: day("2026-07-31"),
            ext: None,
        }
    }

    pub(crate) fn order() -> Order {
        draft()
            .check(
                uuid::Uuid::from_u128(7).into(),
                uuid::Uuid::from_u128(3).into(),
                day("2026-06-01"),
            )
            .expect("fine")
    }

    fn codes(problems: &[Problem]) -> Vec<(&str, &str)> {
        problems
            .iter()
            .map(|one| (one.field.as_str(), one.code.as_str()))
            .collect()
    }

    #[test]
    fn every_cell_of_the_table_is_as_written() {
        use OrderAction::{Approve, Reject};
        use OrderStatus::{Approved, Pending, Rejected};
        assert_eq!(Pending.after(Approve), Ok(Approved));
        assert_eq!(Pending.after(Reject), Ok(Rejected));
        for (state, action) in [
            (Approved, Approve),
            (Approved, Reject),
            (Rejected, Approve),
            (Rejected, Reject),
        ] {
            assert!(state.after(action).is_err(), "{state} {action:?}");
        }
        assert_eq!(
            Rejected.after(Approve).expect_err("refused").to_string(),
            "cannot approve this order: it is REJECTED, and nothing more can be done with it"
        );
        assert_eq!("approved".parse(), Ok(Approved));
    }

    #[test]
    fn lines_are_held_before_the_decision_and_booked_after_it() {
        let order = order();
        assert_eq!(order.lets(LineAction::Reserve), Ok(()));
        assert_eq!(
            order
                .lets(LineAction::Book)
                .expect_err("refused")
                .to_string(),
            "cannot book a line of this order: it is PENDING; possible now: approve, reject"
        );
        let approved = order.clone().after(OrderAction::Approve).expect("fine");
        assert_eq!(approved.lets(LineAction::Book), Ok(()));
        let rejected = order.after(OrderAction::Reject).expect("fine");
        assert!(rejected.lets(LineAction::Reserve).is_err());
        assert_eq!(rejected.lets(LineAction::Cancel), Ok(()));
    }

    #[test]
    fn all_problems_of_a_draft_come_at_once() {
        let wrong = OrderDraft {
            name: " ".to_owned(),
            budget: "0".parse().expect("amount"),
            start: day("2026-08-01"),
            brand_id: Some("x".repeat(256)),
            ..draft()
        };
        let problems = wrong
            .check(order().id, order().account_id, day("2026-06-01"))
            .expect_err("wrong");
        assert_eq!(
            codes(&problems),
            [
                ("name", "INVALID_NAME"),
                ("brand_id", "INVALID_TEXT"),
                ("budget", "INVALID_BUDGET"),
                ("end", "INVALID_FLIGHT"),
            ]
        );
        let late = draft().check(order().id, order().account_id, day("2026-08-01"));
        assert_eq!(codes(&late.expect_err("over")), [("end", "FLIGHT_ENDED")]);
    }

    #[test]
    fn a_change_fits_the_lines_and_the_decision() {
        let today = day("2026-06-01");
        let none = Commitments::default();
        let name = OrderChange {
            name: Some("Autumn".to_owned()),
            ..OrderChange::default()
        };
        let more = OrderChange {
            budget: Some("30000".parse().expect("amount")),
            ..OrderChange::default()
        };
        let renamed = order().change(name.clone(), none, today).expect("fine");
        assert_eq!(
            renamed,
            Order {
                name: "Autumn".to_owned(),
                ..order()
            }
        );
        let approved = order().after(OrderAction::Approve).expect("fine");
        assert!(approved.change(name.clone(), none, today).is_ok());
        assert!(matches!(
            approved.change(more.clone(), none, today),
            Err(NotChanged::Refused(_))
        ));
        let rejected = order().after(OrderAction::Reject).expect("fine");
        assert!(matches!(
            rejected.change(name, none, today),
            Err(NotChanged::Refused(_))
        ));

        let bound = Commitments {
            cost: Some(Money::new(3_000_001, Currency::USD)),
            flight: Some(order().flight),
        };
        let change = OrderChange {
            end: Some(day("2026-07-30")),
            ..more
        };
        let Err(NotChanged::Wrong(problems)) = order().change(change, bound, today) else {
            panic!("taken");
        };
        assert_eq!(
            codes(&problems),
            [("budget", "BELOW_COMMITTED"), ("end", "LINES_OUTSIDE")]
        );
    }
}
