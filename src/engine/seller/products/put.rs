//! Puts a product into the catalogue, new or in place of the one with its id. Refuses a
//! product that could not be sold. What was booked before stays booked as it was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{opendirect::product::Product, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::{record::Record as _, records::Catalogue},
};

/// Puts a product into the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PutProduct(pub Product);

impl Operation for PutProduct {
    const NAME: &'static str = "opendirect.put_product";
    const ABOUT: &'static str = "Put a product into the catalogue, new or changed.";
    const KIND: Kind = Kind::Command(Permission::WriteCatalogue);
    type Output = Product;

    async fn perform(self, work: &mut Work<'_>) -> Result<Product, Fault> {
        let product = self.0.check().map_err(Fault::invalid)?;
        work.about(format!("{}/{}", Product::KIND, product.id));
        match work.get::<Product>(product.id.as_str()).await? {
            Some(was) => work.replace(&was, &product)?,
            None => work.create(&product)?,
        }
        count(work, 1).await?;
        let detail = format!("{} at {}", product.name, product.base_price);
        let id = product.id.to_string();
        work.tell("catalogue.product_put", "product", id, detail);
        Ok(product)
    }
}

/// Counts changes, so that everybody who keeps a copy of the catalogue sees that it is old.
pub(super) async fn count(work: &mut Work<'_>, changes: u64) -> Result<(), Fault> {
    match work.get::<Catalogue>(Catalogue::KIND).await? {
        Some(was) => {
            let puts = was.record.puts.saturating_add(changes);
            work.replace(&was, &Catalogue { puts })
        }
        None => work.create(&Catalogue { puts: changes }),
    }
}
