//! Shows one product.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find_product, shown};
use crate::{
    domain::{ids::ProductId, opendirect::product::Product, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Shows a product.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetProduct {
    /// Which.
    pub product_id: ProductId,
}

impl Operation for GetProduct {
    const NAME: &'static str = "opendirect.get_product";
    const ABOUT: &'static str = "Show one product.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = Product;

    async fn perform(self, work: &mut Work<'_>) -> Result<Product, Fault> {
        let found = find_product(work, &self.product_id).await?;
        Ok(shown(work.caller(), found.record))
    }
}
