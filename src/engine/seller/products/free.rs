//! Says how many impressions of products are free in the days ahead, for lists that show it beside
//! each. Refuses more products than a page has: what is counted is bounded by what is shown.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::search::ahead;
use crate::{
    domain::{
        ids::ProductId,
        opendirect::product::Product,
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::{
            avails::{free, taken},
            page::MOST,
        },
        work::Work,
    },
    store::record::Filter,
};

/// Up to how many products are counted one by one; more of them in one go with all others.
const FEW: usize = 100;

/// Says how many impressions are free.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreeAhead {
    /// Of which products, 1000 at most; what is not there is left out.
    pub product_ids: Vec<ProductId>,
}

/// What is free of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Free {
    /// Which.
    pub product_id: ProductId,
    /// How many impressions, in the next 30 days; none of what is not on sale.
    pub impressions: u64,
}

/// What is free of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FreeImpressions {
    /// One for each product that is there.
    pub free: Vec<Free>,
}

impl Operation for FreeAhead {
    const NAME: &'static str = "opendirect.free_ahead";
    const ABOUT: &'static str =
        "Say how many impressions of products are free in the next 30 days.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = FreeImpressions;

    async fn perform(self, work: &mut Work<'_>) -> Result<FreeImpressions, Fault> {
        let asked = self.product_ids.len();
        if asked > MOST as usize {
            let message = format!("has more than {MOST} entries");
            let problem = Problem::new("product_ids", Code::TOO_MANY, message);
            return Err(Fault::field(problem));
        }
        let ids = self.product_ids.iter().map(ToString::to_string).collect();
        let filter = Filter {
            ids: Some(ids),
            limit: MOST,
            ..Filter::default()
        };
        let found = work.list::<Product>(&filter).await?;
        let flight = ahead(work)?;
        let all: Option<HashMap<ProductId, u64>> = match found.len() {
            0..=FEW => None,
            _ => Some(taken(work, flight).await?.into_iter().collect()),
        };
        let mut told = Vec::with_capacity(found.len());
        for product in found.into_iter().map(|stored| stored.record) {
            let impressions = match &all {
                _ if !product.active => 0,
                None => free(work, &product, flight).await?.values().sum::<u64>(),
                Some(all) => {
                    let days = u64::from(flight.length());
                    let lost = all.get(&product.id).copied().unwrap_or(0);
                    let whole = product.daily_impressions.saturating_mul(days);
                    whole.saturating_sub(lost)
                }
            };
            told.push(Free {
                product_id: product.id,
                impressions,
            });
        }
        Ok(FreeImpressions { free: told })
    }
}
