//! Fills a catalogue that is empty, and leaves any other as it is, so that every node may
//! ask for it whenever it starts.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{list::ListProducts, put::count};
use crate::{
    domain::{
        ids::TenantId,
        opendirect::product::Product,
        policy::Permission,
        problem::{Code, Problem},
        tenant::caller::Caller,
    },
    engine::{
        core::Core,
        fault::Fault,
        operation::{Kind, Operation},
        question,
        work::Work,
    },
    store::{record::Record as _, records::Catalogue},
};

/// How many products one catalogue is filled with at most.
pub const MOST: usize = 50_000;

/// The catalogue that a desk has where nobody brought one.
const DEMO: &str = include_str!("../../../../assets/catalogue.json");

/// Fills an empty catalogue.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StockCatalogue {
    /// The products.
    pub products: Vec<Product>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stocked {
    /// How many products were added; none when there was anything before.
    pub added: u64,
}

impl Operation for StockCatalogue {
    const NAME: &'static str = "opendirect.stock_catalogue";
    const ABOUT: &'static str = "Fill an empty catalogue; any other stays as it is.";
    const KIND: Kind = Kind::Command(Permission::WriteCatalogue);
    type Output = Stocked;

    async fn perform(self, work: &mut Work<'_>) -> Result<Stocked, Fault> {
        work.about(Catalogue::KIND);
        let products = checked(self.products).map_err(Fault::invalid)?;
        let filled = work.get::<Catalogue>(Catalogue::KIND).await?.is_some();
        if filled || products.is_empty() {
            return Ok(Stocked { added: 0 });
        }
        for product in &products {
            work.create(product)?;
        }
        let added = u64::try_from(products.len()).unwrap_or(u64::MAX);
        count(work, added).await?;
        let detail = format!("{added} products");
        work.tell("catalogue.stocked", "catalogue", Catalogue::KIND, detail);
        Ok(Stocked { added })
    }
}

/// Puts what a new tenant sells on its shelf, in the commit that opens it.
pub(in crate::engine) fn shelve(work: &mut Work<'_>, tenant: &TenantId) -> Result<(), Fault> {
    let products = Arc::clone(&work.desk().stock);
    for product in products.iter() {
        work.create_for(tenant, product)?;
    }
    let puts = u64::try_from(products.len()).unwrap_or(u64::MAX);
    if puts > 0 {
        work.create_for(tenant, &Catalogue { puts })?;
    }
    Ok(())
}

/// Every product in itself, and each id once.
fn checked(products: Vec<Product>) -> Result<Vec<Product>, Vec<Problem>> {
    let code = Code::new("INVALID_CATALOGUE");
    if products.len() > MOST {
        let message = format!("has more than {MOST} products");
        return Err(vec![Problem::new("products", Code::TOO_MANY, message)]);
    }
    let mut ids = std::collections::HashSet::new();
    for (at, product) in products.iter().enumerate() {
        if let Err(problems) = product.clone().check() {
            let within = |mut one: Problem| {
                one.field = format!("products[{at}].{}", one.field);
                one
            };
            return Err(problems.into_iter().map(within).collect());
        }
        if !ids.insert(product.id.clone()) {
            let field = format!("products[{at}].id");
            return Err(vec![Problem::new(field, code, "stands there twice")]);
        }
    }
    Ok(products)
}

/// The products of the demonstration catalogue.
///
/// # Errors
/// Never: a test reads it.
pub fn demo() -> Result<Vec<Product>, Fault> {
    question::read_any(DEMO.as_bytes())
}

/// Fills a tenant's catalogue if it is empty, and says how many products were added.
///
/// # Errors
/// When a product could not be sold, or the store cannot be written.
pub async fn stock(core: &Core, tenant: &TenantId, products: Vec<Product>) -> Result<u64, Fault> {
    if products.is_empty() {
        return Ok(0);
    }
    let engine = Caller::engine(tenant.clone());
    let question = ListProducts {
        limit: Some(0),
        off_sale: true,
        ..ListProducts::default()
    };
    if core.ask(&engine, question).await?.total > 0 {
        return Ok(0);
    }
    let stocked = core.ask(&engine, StockCatalogue { products }).await?;
    Ok(stocked.added)
}
