//! A line as it is asked for: checked against its order and its product, and priced.
//! Refuses rates below the floor, aims that the product does not know, and days outside
//! the order.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Ext, Targeting,
    avails::ByDay,
    booking_status::LineBookingStatus,
    check::Checks,
    line::Line,
    order::Order,
    product::{Product, RateType},
};
use crate::domain::{
    ids::{LineId, ProductId},
    money::{Amount, MOST_MINOR, Money, NotMoney},
    problem::Problem,
    when::Flight,
};

/// The most that one line may ask for.
pub const MOST_QUANTITY: u64 = 1_000_000_000_000;
/// The longest name of a line.
const LONGEST_NAME: usize = 200;

/// A line as it is asked for, before any check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineDraft {
    /// What to book.
    pub product_id: ProductId,
    /// At most 200 characters.
    pub name: String,
    /// The first day.
    pub start: NaiveDate,
    /// The last day.
    pub end: NaiveDate,
    /// How the rate is meant; the product's own when it is missing.
    #[serde(default)]
    pub rate_type: Option<RateType>,
    /// The price of a unit; the rate card's when it is missing.
    #[serde(default)]
    pub rate: Option<Amount>,
    /// How many impressions, or clicks.
    pub quantity: u64,
    /// What to aim at.
    #[serde(default)]
    pub targeting: Targeting,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl LineDraft {
    /// Makes a draft line of it, with its cost.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(
        self,
        id: LineId,
        order: &Order,
        product: &Product,
        today: NaiveDate,
    ) -> Result<Line, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.line("name", &self.name, LONGEST_NAME);
        checks.count("quantity", self.quantity);
        checks.targeting(&self.targeting);
        checks.object("ext", self.ext.as_ref());
        self.check_product(&mut checks, order, product);
        self.check_targeting(&mut checks, product);
        let flight = self.check_flight(&mut checks, order, today);
        let rate = self.check_rate(&mut checks, product);
        let cost = flight.zip(rate).and_then(|(flight, rate)| {
            Self::check_cost(
                &mut checks,
                order,
                cost(product.rate_type, rate, self.quantity, flight),
            )
        });
        let line = flight
            .zip(rate)
            .zip(cost)
            .map(|((flight, rate), cost)| Line {
                id,
                order_id: order.id,
                product_id: self.product_id,
                delivery_type: product.delivery_type,
                name: self.name,
                flight,
                rate_type: product.rate_type,
                rate,
                quantity: self.quantity,
                cost,
                status: LineBookingStatus::Draft,
                targeting: self.targeting,
                reserved_until: None,
                hold: ByDay::new(),
                history: Vec::new(),
                ext: self.ext,
                job_id: None,
                buy_id: None,
                replanned: None,
            });
        checks.done(line)
    }

    fn check_product(&self, checks: &mut Checks, order: &Order, product: &Product) {
        if self.product_id != product.id || !product.active {
            checks.problem("product_id", "NOT_ON_SALE", "is not on sale");
        }
        if order
            .publisher_id
            .as_ref()
            .is_some_and(|own| *own != product.publisher_id)
        {
            let message = "is sold by another publisher than the order's";
            checks.problem("product_id", "OTHER_PUBLISHER", message);
        }
        if order.budget.currency() != product.base_price.currency() {
            let message = format!(
                "is priced in {}, the order is in {}",
                product.base_price.currency(),
                order.budget.currency()
            );
            checks.problem("product_id", "OTHER_CURRENCY", message);
        }
        if self
            .rate_type
            .is_some_and(|rate_type| rate_type != product.rate_type)
        {
            let hint = format!("the product is sold by {}", product.rate_type.name());
            checks.hinted(
                "rate_type",
                "INVALID_RATE_TYPE",
                "the product is not sold so",
                hint,
            );
        }
    }

    /// Aiming at what the product cannot tell apart would look like success without effect.
    fn check_targeting(&self, checks: &mut Checks, product: &Product) {
        for (dimension, values) in &self.targeting {
            let Some(known) = product.targeting.get(dimension) else {
                let all: Vec<&str> = product.targeting.keys().map(String::as_str).collect();
                let hint = format!("it can be aimed by: {}", all.join(", "));
                let message = "has a dimension that the product cannot be aimed by";
                checks.hinted("targeting", "UNKNOWN_DIMENSION", message, hint);
                continue;
            };
            let fits = |value: &String| known.iter().any(|one| one.eq_ignore_ascii_case(value));
            if !values.iter().all(fits) {
                let hint = format!("{dimension} can be: {}", known.join(", "));
                let message = "has a value that the product cannot be aimed at";
                checks.hinted("targeting", "UNKNOWN_VALUE", message, hint);
            }
        }
    }

    fn check_flight(&self, checks: &mut Checks, order: &Order, today: NaiveDate) -> Option<Flight> {
        let flight = checks.flight(self.start, self.end, today)?;
        let hint = format!(
            "the order runs from {} to {}",
            order.flight.first(),
            order.flight.last()
        );
        if flight.first() < order.flight.first() {
            checks.hinted("start", "OUTSIDE_ORDER", "is before the order begins", hint);
        } else if flight.last() > order.flight.last() {
            checks.hinted("end", "OUTSIDE_ORDER", "is after the order ends", hint);
        }
        Some(flight)
    }

    fn check_rate(&self, checks: &mut Checks, product: &Product) -> Option<Money> {
        let currency = product.base_price.currency();
        let Some(rate) = self.rate else {
            return Some(product.base_price);
        };
        let rate = checks.price("rate", rate, currency)?;
        if rate < product.floor_price {
            let message = "is lower than the publisher takes for this product";
            let hint = format!("the rate card says {}", product.base_price);
            checks.hinted("rate", "BELOW_FLOOR", message, hint);
        }
        Some(rate)
    }

    fn check_cost(
        checks: &mut Checks,
        order: &Order,
        cost: Result<Money, NotMoney>,
    ) -> Option<Money> {
        match cost {
            Ok(cost) if cost > order.budget => {
                let message = format!("costs {cost}, the order's budget is {}", order.budget);
                checks.problem("quantity", "OVER_BUDGET", message);
                None
            }
            Ok(cost) => Some(cost),
            Err(wrong) => {
                checks.problem("quantity", "COST_TOO_LARGE", format!("the cost {wrong}"));
                None
            }
        }
    }
}

/// What a line costs: per thousand, per click, per day, or one price for all of it.
///
/// # Errors
/// When the cost is beyond what one amount may be.
pub fn cost(
    rate_type: RateType,
    rate: Money,
    quantity: u64,
    flight: Flight,
) -> Result<Money, NotMoney> {
    let each = |count: u64| rate.cost_of(count.checked_mul(1000).ok_or(NotMoney::TooLarge)?);
    let cost = match rate_type {
        RateType::Cpm | RateType::Cpmv => rate.cost_of(quantity),
        RateType::Cpc => each(quantity),
        RateType::Cpd => each(u64::from(flight.length())),
        RateType::FlatRate => Ok(rate),
    }?;
    if cost.minor() > MOST_MINOR {
        return Err(NotMoney::TooLarge);
    }
    Ok(cost)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::{
        adcp::offer::Offer,
        channel::Channel,
        money::Currency,
        opendirect::{
            order::tests::{day, order},
            product::{DeliveryType, UsualRates},
        },
    };

    pub(crate) fn product() -> Product {
        Product {
            id: ProductId::from("ctv-prime"),
            publisher_id: "pub-1".to_owned(),
            publisher: "Northlight".to_owned(),
            name: "Prime time".to_owned(),
            description: String::new(),
            channel: Channel::Ctv,
            format: "video".to_owned(),
            rate_type: RateType::Cpm,
            delivery_type: DeliveryType::Guaranteed,
            base_price: Money::new(2_200, Currency::USD),
            floor_price: Money::new(1_800, Currency::USD),
            domain: None,
            ad_unit: None,
            targeting: [("geo".to_owned(), vec!["US".to_owned(), "CA".to_owned()])].into(),
            daily_impressions: 100_000,
            usual: UsualRates::default(),
            active: true,
            offer: Offer::default(),
        }
    }

    pub(crate) fn draft() -> LineDraft {
        LineDraft {
            product_id: product().id,
            name: "Prime time, July".to_owned(),
            start: day("2026-07-01"),
            end: day("2026-07-10"),
            rate_type: Some(RateType::Cpm),
            rate: Some("20.00".parse().expect("amount")),
            quantity: 500_000,
            targeting: [("geo".to_owned(), vec!["us".to_owned()])].into(),
            ext: None,
        }
    }

    pub(crate) fn checked(
        draft: LineDraft,
        product: &Product,
    ) -> Result<Line, Vec<(String, String)>> {
        draft
            .check(
                uuid::Uuid::from_u128(9).into(),
                &order(),
                product,
                day("2026-06-01"),
            )
            .map_err(|all| {
                all.into_iter()
                    .map(|one| (one.field, one.code.to_string()))
                    .collect()
            })
    }

    pub(crate) fn line() -> Line {
        checked(draft(), &product()).expect("fine")
    }

    fn wrong(change: impl FnOnce(&mut LineDraft)) -> Vec<(String, String)> {
        let mut one = draft();
        change(&mut one);
        checked(one, &product()).expect_err("refused")
    }

    fn pair(field: &str, code: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), code.to_owned())]
    }

    #[test]
    fn each_rate_type_has_its_own_cost() {
        let flight = line().flight;
        let rate = Money::new(2_000, Currency::USD);
        let of = |rate_type, quantity| cost(rate_type, rate, quantity, flight).map(Money::minor);
        assert_eq!(of(RateType::Cpm, 500_000), Ok(1_000_000));
        assert_eq!(of(RateType::Cpmv, 1), Ok(2));
        assert_eq!(of(RateType::Cpc, 3), Ok(6_000));
        assert_eq!(of(RateType::Cpd, 1), Ok(20_000));
        assert_eq!(of(RateType::FlatRate, 1), Ok(2_000));
        assert_eq!(of(RateType::Cpm, MOST_QUANTITY), Err(NotMoney::TooLarge));
        assert_eq!(of(RateType::Cpc, u64::MAX), Err(NotMoney::TooLarge));
    }

    #[test]
    fn a_draft_takes_what_the_product_says_and_costs_exactly() {
        let line = line();
        assert_eq!(line.cost, Money::new(1_000_000, Currency::USD));
        assert_eq!(
            (line.status, line.history.len()),
            (LineBookingStatus::Draft, 0)
        );
        let plain = LineDraft {
            rate: None,
            rate_type: None,
            ..draft()
        };
        assert_eq!(
            checked(plain, &product()).expect("fine").rate,
            product().base_price
        );
        let json = serde_json::to_string(&line).expect("json");
        assert_eq!(serde_json::from_str::<Line>(&json).expect("back"), line);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_field() {
        assert_eq!(
            wrong(|d| d.name = "x".repeat(201)),
            pair("name", "INVALID_NAME")
        );
        assert_eq!(
            wrong(|d| d.quantity = 0),
            pair("quantity", "INVALID_QUANTITY")
        );
        assert_eq!(
            wrong(|d| d.quantity = MOST_QUANTITY + 1),
            [
                pair("quantity", "INVALID_QUANTITY"),
                pair("quantity", "COST_TOO_LARGE")
            ]
            .concat()
        );
        assert_eq!(
            wrong(|d| d.quantity = 5_000_000),
            pair("quantity", "OVER_BUDGET")
        );
        assert_eq!(
            wrong(|d| d.rate = "-1".parse().ok()),
            pair("rate", "INVALID_RATE")
        );
        assert_eq!(
            wrong(|d| d.rate = "19.999".parse().ok()),
            pair("rate", "INVALID_RATE")
        );
        assert_eq!(
            wrong(|d| d.rate = "17.99".parse().ok()),
            pair("rate", "BELOW_FLOOR")
        );
        assert_eq!(
            wrong(|d| d.rate_type = Some(RateType::Cpc)),
            pair("rate_type", "INVALID_RATE_TYPE")
        );
        assert_eq!(
            wrong(|d| d.start = day("2026-06-30")),
            pair("start", "OUTSIDE_ORDER")
        );
        assert_eq!(
            wrong(|d| d.end = day("2026-08-01")),
            pair("end", "OUTSIDE_ORDER")
        );
        assert_eq!(
            wrong(|d| d.end = day("2026-06-30")),
            pair("end", "INVALID_FLIGHT")
        );
        assert_eq!(
            wrong(|d| d.product_id = "x".into()),
            pair("product_id", "NOT_ON_SALE")
        );
        let aim = |key: &str, value: &str| [(key.to_owned(), vec![value.to_owned()])].into();
        assert_eq!(
            wrong(|d| d.targeting = aim("mood", "happy")),
            pair("targeting", "UNKNOWN_DIMENSION")
        );
        assert_eq!(
            wrong(|d| d.targeting = aim("geo", "FR")),
            pair("targeting", "UNKNOWN_VALUE")
        );
    }

    #[test]
    fn the_product_must_fit_the_order() {
        let euros = Product {
            base_price: Money::new(2_200, "EUR".parse().expect("known")),
            floor_price: Money::new(1_800, "EUR".parse().expect("known")),
            ..product()
        };
        assert_eq!(
            checked(draft(), &euros),
            Err(pair("product_id", "OTHER_CURRENCY"))
        );
        let asleep = Product {
            active: false,
            ..product()
        };
        assert_eq!(
            checked(draft(), &asleep),
            Err(pair("product_id", "NOT_ON_SALE"))
        );
    }
}
