//! What is different about a job that was read again, in sentences with both numbers.

use std::collections::BTreeSet;

use super::figures;
use crate::{
    domain::{
        ids::ProductId,
        money::{Amount, Currency},
    },
    engine::bookings::view::{JobView, RecommendationView},
    tui::clean::Clean,
};

/// What is different.
#[derive(Debug, Default)]
pub struct Changes {
    /// In sentences.
    pub lines: Vec<Clean>,
    /// Which products it is about.
    pub products: BTreeSet<ProductId>,
}

fn all(job: &JobView) -> impl Iterator<Item = &RecommendationView> {
    job.recommendations.iter().flatten()
}

fn same(one: &RecommendationView) -> impl Fn(&&RecommendationView) -> bool {
    move |other| {
        let product = other.product_id == one.product_id;
        product && other.seller == one.seller && other.channel == one.channel
    }
}

/// What is different about the second.
#[must_use]
pub fn changes(before: &JobView, after: &JobView) -> Changes {
    let mut found = Changes::default();
    let currency: Currency = after.currency.parse().unwrap_or(Currency::USD);
    let money = |amount: Amount| figures::money(amount, currency);
    if before.budget != after.budget {
        let (was, is) = (money(before.budget), money(after.budget));
        found.lines.push(clean!("the budget was {was} and is {is}"));
    }
    if (&before.start_date, &before.end_date) != (&after.start_date, &after.end_date) {
        let (first, last) = (&after.start_date, &after.end_date);
        found
            .lines
            .push(clean!("the flight is now {first} to {last}"));
    }
    for one in all(before) {
        match all(after).find(same(one)) {
            None => {
                found.products.insert(one.product_id.clone());
                found
                    .lines
                    .push(clean!("{} is no longer offered", one.product_name));
            }
            Some(now) => differs(one, now, currency, &mut found),
        }
    }
    for one in all(after).filter(|one| all(before).all(|other| !same(one)(&other))) {
        found.products.insert(one.product_id.clone());
        found.lines.push(clean!(
            "{} is new, for {}",
            one.product_name,
            money(one.cost)
        ));
    }
    if found.lines.is_empty() {
        let (was, is) = (before.revision, after.revision);
        found.lines.push(clean!(
            "revision {was} became {is}, with nothing different here"
        ));
    }
    found
}

fn differs(
    was: &RecommendationView,
    is: &RecommendationView,
    currency: Currency,
    found: &mut Changes,
) {
    let bare = |amount: Amount| figures::bare(figures::money(amount, currency));
    let mut parts = Vec::new();
    if was.cpm != is.cpm {
        parts.push(format!("CPM {} to {}", bare(was.cpm), bare(is.cpm)));
    }
    if was.cost != is.cost {
        parts.push(format!("cost {} to {}", bare(was.cost), bare(is.cost)));
    }
    if was.impressions != is.impressions {
        let [was, is] = [was.impressions, is.impressions].map(figures::grouped);
        parts.push(format!("impressions {was} to {is}"));
    }
    if was.available != is.available {
        let [was, is] = [was.available, is.available].map(figures::grouped);
        parts.push(format!("available {was} to {is}"));
    }
    if parts.is_empty() {
        return;
    }
    found.products.insert(is.product_id.clone());
    found
        .lines
        .push(clean!("{}: {}", is.product_name, parts.join(", ")));
}
