//! How much of a product is free, at what price; and how a line's impressions are laid
//! over the days of its flight. Counts only what it is told is free. Refuses to guess: what
//! cannot be known is left out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Targeting,
    check::Checks,
    line_draft::cost,
    product::{DeliveryType, Product, RateType},
    stats::per_thousand,
};
use crate::domain::{
    ids::ProductId,
    money::{Amount, Currency, Money, NotMoney},
    problem::Problem,
    text::grouped,
    when::Flight,
};

/// The most products that one question may be about.
pub const MOST_PRODUCTS: usize = 100;
/// The longest id of a product.
const LONGEST_ID: usize = 255;

/// Impressions by day.
pub type ByDay = BTreeMap<NaiveDate, u64>;

/// A question as it is asked, before any check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailsDraft {
    /// About which products.
    pub product_ids: Vec<ProductId>,
    /// The first day.
    pub start: NaiveDate,
    /// The last day.
    pub end: NaiveDate,
    /// How many impressions are wanted; as many as there are when it is missing.
    #[serde(default)]
    pub impressions: Option<u64>,
    /// How much may be spent.
    #[serde(default)]
    pub budget: Option<Amount>,
    /// The currency of the budget; the product's own when it is missing.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What the line would be aimed at. Supply is not known by aim, so it changes nothing.
    #[serde(default)]
    pub targeting: Targeting,
}

/// A question that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailsRequest {
    /// About which products, each once.
    pub product_ids: Vec<ProductId>,
    /// When, from today on.
    pub flight: Flight,
    impressions: Option<u64>,
    budget: Option<Amount>,
    currency: Option<Currency>,
}

impl AvailsDraft {
    /// Makes a question of it that looks forward only.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self, today: NaiveDate) -> Result<AvailsRequest, Vec<Problem>> {
        let mut checks = Checks::default();
        if self.product_ids.is_empty() || self.product_ids.len() > MOST_PRODUCTS {
            checks.problem("product_ids", "TOO_MANY", "must be 1 to 100 products");
        }
        let mut product_ids: Vec<ProductId> = Vec::new();
        for id in self.product_ids.into_iter().take(MOST_PRODUCTS) {
            checks.line("product_ids", id.as_str(), LONGEST_ID);
            if !product_ids.contains(&id) {
                product_ids.push(id);
            }
        }
        if let Some(count) = self.impressions {
            checks.count("impressions", count);
        }
        if self.budget.is_some_and(|budget| !budget.is_positive()) {
            checks.problem("budget", "INVALID_BUDGET", "must be above zero");
        }
        checks.targeting(&self.targeting);
        let flight = checks.flight(self.start, self.end, today);
        let flight = flight.and_then(|flight| flight.from_today(today));
        checks.done(flight.map(|flight| AvailsRequest {
            product_ids,
            flight,
            impressions: self.impressions,
            budget: self.budget,
            currency: self.currency,
        }))
    }
}

/// How the answer relates to what was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AvailsStatus {
    /// All of it can be had.
    Available,
    /// Some of it can be had.
    #[serde(rename = "Partially Available")]
    PartiallyAvailable,
    /// Nothing can be had.
    Unavailable,
}

/// What can be had of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Availability {
    /// Of which product.
    pub product_id: ProductId,
    /// When.
    pub flight: Flight,
    /// How many impressions were wanted, by count or by budget.
    pub wanted: Option<u64>,
    /// How many are free in the flight.
    pub free: u64,
    /// How many of the wanted can be had.
    pub available: u64,
    /// How many of them would be promised; nothing when the product promises none.
    pub guaranteed: Option<u64>,
    /// What a thousand of them cost.
    pub cpm: Money,
    /// What they cost together.
    pub cost: Money,
    /// The share of the wanted that can be promised, in per cent; nothing when nothing is
    /// promised or no number was wanted.
    pub confidence: Option<u8>,
    /// What the product can be aimed by.
    pub dimensions: Vec<String>,
}

impl Availability {
    /// How it relates to what was wanted.
    #[must_use]
    pub fn status(&self) -> AvailsStatus {
        if self.available == 0 {
            AvailsStatus::Unavailable
        } else if self.wanted.is_some_and(|wanted| self.available < wanted) {
            AvailsStatus::PartiallyAvailable
        } else {
            AvailsStatus::Available
        }
    }
}

impl AvailsRequest {
    /// Answers for one product from what is free by day; a day that is not named has
    /// nothing. When a count and a budget were given, both bind.
    ///
    /// # Errors
    /// When the budget is in another currency, or the price cannot be told in impressions.
    pub fn answer(&self, product: &Product, free: &ByDay) -> Result<Availability, Vec<Problem>> {
        let mut checks = Checks::default();
        let found = self.weigh(&mut checks, product, free);
        checks.done(found)
    }

    fn weigh(&self, checks: &mut Checks, product: &Product, free: &ByDay) -> Option<Availability> {
        let currency = product.base_price.currency();
        if self.currency.is_some_and(|own| own != currency) {
            let message = format!("the product is priced in {currency}");
            checks.problem("currency", "OTHER_CURRENCY", message);
            return None;
        }
        let budget = match self.budget {
            Some(budget) => Some(checks.budget("budget", budget, currency)?),
            None => None,
        };
        let free = free_in(self.flight, product, free);
        let Ok(most) = affordable(product, self.flight, free, budget) else {
            let message = "has a price that cannot be told in impressions";
            checks.problem("product_ids", "NO_ESTIMATE", message);
            return None;
        };
        let wanted = match (self.impressions, budget) {
            (Some(count), Some(_)) => Some(count.min(most.unwrap_or(count))),
            (Some(count), None) => Some(count),
            (None, _) => most,
        };
        let available = wanted.map_or(free, |wanted| wanted.min(free));
        let Ok(cost) = estimate(product, self.flight, available) else {
            checks.problem(
                "impressions",
                "COST_TOO_LARGE",
                "cost more than one amount may be",
            );
            return None;
        };
        let promised = product.delivery_type != DeliveryType::Pmp;
        Some(Availability {
            product_id: product.id.clone(),
            flight: self.flight,
            wanted,
            free,
            available,
            guaranteed: promised.then_some(available),
            cpm: price_of_a_thousand(product, cost, available),
            cost,
            confidence: wanted
                .filter(|_| promised)
                .map(|all| percent(available, all)),
            dimensions: product.targeting.keys().cloned().collect(),
        })
    }
}

/// What is free over a flight. An exclusive product is sold whole: one taken day spoils it.
fn free_in(flight: Flight, product: &Product, free: &ByDay) -> u64 {
    let on = |day| free.get(&day).copied().unwrap_or(0);
    let whole = flight
        .days()
        .all(|day| on(day) >= product.daily_impressions);
    if product.delivery_type == DeliveryType::Exclusive && !whole {
        return 0;
    }
    flight.days().map(on).fold(0, u64::saturating_add)
}

/// How many impressions a budget pays for; nothing when there is no budget or no limit.
fn affordable(
    product: &Product,
    flight: Flight,
    free: u64,
    budget: Option<Money>,
) -> Result<Option<u64>, NotMoney> {
    let Some(budget) = budget else {
        return Ok(None);
    };
    if product.base_price.minor() == 0 {
        return Ok(None);
    }
    let by_thousand = |cpm: Money| Ok(Some(budget.buys_at(cpm)));
    match product.rate_type {
        RateType::Cpm | RateType::Cpmv => by_thousand(product.base_price),
        RateType::Cpc => {
            let clicks = budget.buys_at(product.base_price) / 1000;
            let ctr = u64::from(product.usual.ctr_bp.unwrap_or(0));
            let shown = clicks.saturating_mul(10_000).checked_div(ctr);
            shown.map(Some).ok_or(NotMoney::NotANumber)
        }
        RateType::Cpd | RateType::FlatRate => {
            let price = estimate(product, flight, free)?;
            Ok(Some(if price <= budget { free } else { 0 }))
        }
    }
}

/// What a number of impressions costs; per click, as many as the product usually gets.
fn estimate(product: &Product, flight: Flight, impressions: u64) -> Result<Money, NotMoney> {
    let units = match (product.rate_type, product.usual.ctr_bp) {
        (RateType::Cpc, None) => return Err(NotMoney::NotANumber),
        (RateType::Cpc, Some(ctr)) => impressions.saturating_mul(u64::from(ctr)) / 10_000,
        _ => impressions,
    };
    if impressions == 0 {
        return Ok(Money::zero(product.base_price.currency()));
    }
    cost(product.rate_type, product.base_price, units, flight)
}

fn price_of_a_thousand(product: &Product, cost: Money, available: u64) -> Money {
    match product.rate_type {
        RateType::Cpm | RateType::Cpmv => product.base_price,
        _ => per_thousand(cost, available).unwrap_or(Money::zero(cost.currency())),
    }
}

fn percent(part: u64, whole: u64) -> u8 {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    u8::try_from(share.min(100)).unwrap_or(100)
}

/// Not enough is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only {} of {} impressions are free", grouped(.free), grouped(.wanted))]
pub struct Short {
    /// How many were to be held.
    pub wanted: u64,
    /// How many are free.
    pub free: u64,
}

/// Lays impressions over a flight as evenly as the free days let it: days with little give
/// all they have, the others share the rest. The parts sum to the whole.
///
/// # Errors
/// When the days together have too little.
pub fn hold(impressions: u64, flight: Flight, free: &ByDay) -> Result<ByDay, Short> {
    let mut days: Vec<(u64, NaiveDate)> = flight
        .days()
        .map(|day| (free.get(&day).copied().unwrap_or(0), day))
        .collect();
    days.sort_unstable();
    let mut left = impressions;
    let mut held = ByDay::new();
    for (at, (free, day)) in days.iter().enumerate() {
        let others = u64::try_from(days.len() - at).unwrap_or(u64::MAX);
        let part = left.div_ceil(others).min(*free);
        held.insert(*day, part);
        left -= part;
    }
    if left > 0 {
        return Err(Short {
            wanted: impressions,
            free: impressions - left,
        });
    }
    Ok(held)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        opendirect::{line_draft::tests::product, order::tests::day},
        problem::Code,
    };

    pub(crate) fn draft() -> AvailsDraft {
        AvailsDraft {
            product_ids: vec![product().id],
            start: day("2026-07-01"),
            end: day("2026-07-10"),
            impressions: None,
            budget: None,
            currency: None,
            targeting: Targeting::new(),
        }
    }

    fn free(each: u64) -> ByDay {
        let flight = Flight::new(day("2026-07-01"), day("2026-07-10")).expect("flight");
        flight.days().map(|day| (day, each)).collect()
    }

    pub(crate) fn ask(draft: AvailsDraft, product: &Product, each: u64) -> Availability {
        let request = draft.check(day("2026-06-01")).expect("a question");
        request.answer(product, &free(each)).expect("an answer")
    }

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn without_a_number_everything_free_is_told() {
        let found = ask(draft(), &product(), 50_000);
        assert_eq!(
            (found.free, found.available, found.wanted),
            (500_000, 500_000, None)
        );
        assert_eq!((found.cpm, found.cost), (usd(2_200), usd(1_100_000)));
        assert_eq!((found.guaranteed, found.confidence), (Some(500_000), None));
        assert_eq!(found.status(), AvailsStatus::Available);
        assert_eq!(found.dimensions, ["geo"]);
    }

    #[test]
    fn a_count_and_a_budget_both_bind() {
        let by_count = AvailsDraft {
            impressions: Some(800_000),
            ..draft()
        };
        let found = ask(by_count.clone(), &product(), 50_000);
        assert_eq!((found.available, found.confidence), (500_000, Some(62)));
        assert_eq!(found.status(), AvailsStatus::PartiallyAvailable);
        let budget = "2200".parse().ok();
        let found = ask(AvailsDraft { budget, ..by_count }, &product(), 50_000);
        assert_eq!((found.wanted, found.available), (Some(100_000), 100_000));
        assert_eq!((found.cost, found.confidence), (usd(220_000), Some(100)));
        let found = ask(AvailsDraft { budget, ..draft() }, &product(), 0);
        assert_eq!(
            (found.cost, found.status()),
            (usd(0), AvailsStatus::Unavailable)
        );
    }

    #[test]
    fn an_auction_promises_nothing_and_exclusive_is_all_or_nothing() {
        let pmp = Product {
            delivery_type: DeliveryType::Pmp,
            ..product()
        };
        let found = ask(
            AvailsDraft {
                impressions: Some(1000),
                ..draft()
            },
            &pmp,
            50_000,
        );
        assert_eq!(
            (found.available, found.guaranteed, found.confidence),
            (1000, None, None)
        );
        let exclusive = Product {
            delivery_type: DeliveryType::Exclusive,
            ..product()
        };
        assert_eq!(ask(draft(), &exclusive, 100_000).free, 1_000_000);
        assert_eq!(ask(draft(), &exclusive, 99_999).free, 0);
    }

    #[test]
    fn other_rate_types_are_told_per_thousand() {
        let mut clicks = Product {
            rate_type: RateType::Cpc,
            ..product()
        };
        clicks.usual.ctr_bp = Some(20);
        let found = ask(
            AvailsDraft {
                impressions: Some(100_000),
                ..draft()
            },
            &clicks,
            50_000,
        );
        assert_eq!((found.cost, found.cpm), (usd(440_000), usd(4_400)));
        let found = ask(
            AvailsDraft {
                budget: "2200".parse().ok(),
                ..draft()
            },
            &clicks,
            50_000,
        );
        assert_eq!((found.available, found.cost), (50_000, usd(220_000)));
        let days = Product {
            rate_type: RateType::Cpd,
            ..product()
        };
        let found = ask(draft(), &days, 10_000);
        assert_eq!((found.cost, found.cpm), (usd(22_000), usd(220)));
        let found = ask(
            AvailsDraft {
                budget: "219".parse().ok(),
                ..draft()
            },
            &days,
            10_000,
        );
        assert_eq!(
            (found.available, found.cost, found.cpm),
            (0, usd(0), usd(0))
        );
        clicks.usual.ctr_bp = None;
        let request = draft().check(day("2026-06-01")).expect("a question");
        assert!(request.answer(&clicks, &free(1)).is_err());
    }

    #[test]
    fn a_question_looks_forward_and_makes_sense() {
        let late = draft().check(day("2026-07-09")).expect("two days are left");
        assert_eq!(
            late.answer(&product(), &free(10)).expect("an answer").free,
            20
        );
        let wrong = AvailsDraft {
            product_ids: vec![],
            impressions: Some(0),
            budget: "-5".parse().ok(),
            ..draft()
        };
        let problems = wrong.check(day("2026-07-11")).expect_err("wrong");
        let codes: Vec<&str> = problems.iter().map(|one| one.code.as_str()).collect();
        let wanted = [
            "TOO_MANY",
            "INVALID_QUANTITY",
            "INVALID_BUDGET",
            "FLIGHT_ENDED",
        ];
        assert_eq!(codes, wanted);
        let euros = AvailsDraft {
            currency: "EUR".parse().ok(),
            ..draft()
        };
        let euros = euros.check(day("2026-06-01")).expect("a question");
        let problems = euros.answer(&product(), &free(1)).expect_err("dollars");
        assert_eq!(problems[0].code, Code::new("OTHER_CURRENCY"));
    }

    #[test]
    fn a_hold_is_as_even_as_the_days_let_it() {
        let mut free = free(100);
        free.insert(day("2026-07-03"), 1);
        let flight = Flight::new(day("2026-07-01"), day("2026-07-04")).expect("flight");
        let held = hold(100, flight, &free).expect("enough");
        let parts: Vec<u64> = held.values().copied().collect();
        assert_eq!(parts, [33, 33, 1, 33]);
        assert_eq!(
            hold(302, flight, &free),
            Err(Short {
                wanted: 302,
                free: 301
            })
        );
    }

    proptest! {
        #[test]
        fn a_hold_takes_what_is_free_and_not_one_more(
            supply in prop::collection::vec(0u64..1000, 1..40),
            wanted in 0u64..20_000,
        ) {
            let first = day("2026-07-01");
            let last = first + chrono::Duration::days(i64::try_from(supply.len()).expect("few") - 1);
            let flight = Flight::new(first, last).expect("flight");
            let free: ByDay = flight.days().zip(supply.iter().copied()).collect();
            let total: u64 = supply.iter().sum();
            match hold(wanted, flight, &free) {
                Ok(held) => {
                    prop_assert_eq!(held.values().sum::<u64>(), wanted);
                    prop_assert!(held.iter().all(|(day, part)| *part <= free[day]));
                }
                Err(short) => {
                    prop_assert!(wanted > total);
                    prop_assert_eq!(short.free, total);
                }
            }
        }
    }
}
