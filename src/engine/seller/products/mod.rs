//! The catalogue: products that are listed, shown, searched and changed. Refuses to tell
//! the floor price to anybody who may not change it.

pub mod free;
pub mod get;
pub mod list;
pub mod put;
pub mod read;
pub mod search;
pub mod stock;

use crate::{
    domain::{
        ids::ProductId, opendirect::product::Product, policy::Permission, tenant::caller::Caller,
    },
    engine::{fault::Fault, work::Work},
    store::record::Stored,
};

/// Finds a product, or says that there is none.
pub(super) async fn find_product(
    work: &Work<'_>,
    id: &ProductId,
) -> Result<Stored<Product>, Fault> {
    work.get(id.as_str())
        .await?
        .ok_or_else(|| Fault::absent("product", id.as_str()))
}

/// A product as this caller may see it: the floor reads as the rate card's price to those
/// who buy.
fn shown(caller: &Caller, product: Product) -> Product {
    if caller.may(Permission::WriteCatalogue) {
        return product;
    }
    Product {
        floor_price: product.base_price,
        ..product
    }
}
