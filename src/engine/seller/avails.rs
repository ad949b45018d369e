//! What is free of products by day, and what it would cost. Counts what is taken, not what
//! somebody once wrote down.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AVAILS, products::find_product};
use crate::{
    domain::{
        ids::ProductId,
        opendirect::{
            avails::{Availability, AvailsDraft, ByDay},
            product::{DeliveryType, Product},
        },
        policy::Permission,
        when::Flight,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Asks what can be had of products.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckAvails(pub AvailsDraft);

/// What can be had of each product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Avails {
    /// One for each product, in the order of the question.
    pub avails: Vec<Availability>,
}

impl Operation for CheckAvails {
    const NAME: &'static str = "opendirect.check_avails";
    const ABOUT: &'static str = "Say what is free of products in a flight, and at what cost.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = Avails;

    async fn perform(self, work: &mut Work<'_>) -> Result<Avails, Fault> {
        let today = work.now().date_naive();
        let request = self.0.check(today).map_err(Fault::invalid)?;
        let mut avails = Vec::with_capacity(request.product_ids.len());
        for id in &request.product_ids {
            let product = find_product(work, id).await?.record;
            let free = if product.active {
                free(work, &product, request.flight).await?
            } else {
                ByDay::new()
            };
            avails.push(request.answer(&product, &free).map_err(Fault::invalid)?);
        }
        Ok(Avails { avails })
    }
}

/// The counters of a product's taken impressions; their cells are days.
pub(super) fn space(product: &ProductId) -> String {
    format!("{AVAILS}{product}")
}

/// What is free of a product by day; a private marketplace takes nothing from anybody.
pub(in crate::engine) async fn free(
    work: &Work<'_>,
    product: &Product,
    flight: Flight,
) -> Result<ByDay, Fault> {
    let used: HashMap<String, i64> = if product.delivery_type == DeliveryType::Pmp {
        HashMap::new()
    } else {
        let (first, last) = (flight.first().to_string(), flight.last().to_string());
        let used = work.used(&space(&product.id), &first, &last).await?;
        used.into_iter().collect()
    };
    let left = |day: String| {
        let used = used.get(&day).copied().unwrap_or(0);
        let used = u64::try_from(used).unwrap_or(0);
        product.daily_impressions.saturating_sub(used)
    };
    Ok(flight
        .days()
        .map(|day| (day, left(day.to_string())))
        .collect())
}

/// Sums what is taken of every product over a flight; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadTaken {
    /// Over which days.
    pub flight: Flight,
}

/// What is taken; a product that is not named has lost nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Taken {
    /// Impressions by product.
    pub taken: Vec<(ProductId, u64)>,
}

impl Operation for ReadTaken {
    const NAME: &'static str = "opendirect.read_taken";
    const ABOUT: &'static str = "Sum what is taken of every product; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Taken;

    async fn perform(self, work: &mut Work<'_>) -> Result<Taken, Fault> {
        taken(work, self.flight).await.map(|taken| Taken { taken })
    }
}

/// Sums what is taken of every product over a flight, in one question to the store.
pub(super) async fn taken(work: &Work<'_>, flight: Flight) -> Result<Vec<(ProductId, u64)>, Fault> {
    let (first, last) = (flight.first().to_string(), flight.last().to_string());
    let sums = work.used_sums(AVAILS, &first, &last).await?;
    let of_product = |(space, used): (String, i64)| {
        let id = space.strip_prefix(AVAILS)?;
        Some((ProductId::from(id), u64::try_from(used).ok()?))
    };
    Ok(sums.into_iter().filter_map(of_product).collect())
}
