//! Lists products.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shown;
use crate::{
    domain::{opendirect::product::Product, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::page::{Asked, Page, page},
        work::Work,
    },
    store::record::Filter,
};

/// Lists products.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListProducts {
    /// At most so many; 50 where it is not said, 1000 at most.
    pub limit: Option<u32>,
    /// Behind so many.
    pub offset: u32,
    /// Only those whose name, id, publisher, channel or format contains this.
    pub search: Option<String>,
    /// Also those that are not on sale.
    pub off_sale: bool,
}

impl Operation for ListProducts {
    const NAME: &'static str = "opendirect.list_products";
    const ABOUT: &'static str = "List products, with search and pages.";
    const KIND: Kind = Kind::Query(Permission::ReadCatalogue);
    type Output = Page<Product>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Product>, Fault> {
        let filter = Filter {
            state: (!self.off_sale).then(|| "active".to_owned()),
            ..Filter::default()
        };
        let asked = Asked {
            limit: self.limit,
            offset: self.offset,
            search: self.search,
        };
        let mut found = page::<Product>(work, asked, filter).await?;
        let show = |product| shown(work.caller(), product);
        found.items = found.items.into_iter().map(show).collect();
        Ok(found)
    }
}
