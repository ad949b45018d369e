//! Reads the whole catalogue, but only if it has changed since it was last read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{opendirect::product::Product, policy::Permission},
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
    store::{
        record::{Filter, Record as _, Sort},
        records::Catalogue,
    },
};

/// How many products are read at once.
const PAGE: u32 = 1_000;
/// How often it is read again because it has changed meanwhile.
const TRIES: u32 = 5;

/// Reads the catalogue; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadCatalogue {
    /// The revision that the asker has.
    pub known: Option<i64>,
}

/// The catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WholeCatalogue {
    /// How often it was changed; 0 before the first product.
    pub revision: i64,
    /// Every product, floor prices and all; nothing when the asker has this revision.
    pub products: Option<Vec<Product>>,
}

impl Operation for ReadCatalogue {
    const NAME: &'static str = "opendirect.read_catalogue";
    const ABOUT: &'static str = "Read the whole catalogue if it has changed; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = WholeCatalogue;

    async fn perform(self, work: &mut Work<'_>) -> Result<WholeCatalogue, Fault> {
        let mut revision = revision(work).await?;
        if self.known == Some(revision) {
            return Ok(WholeCatalogue {
                revision,
                products: None,
            });
        }
        for _ in 0..TRIES {
            let products = all(work).await?;
            let now = self::revision(work).await?;
            if now == revision {
                return Ok(WholeCatalogue {
                    revision,
                    products: Some(products),
                });
            }
            revision = now;
        }
        let message = "the catalogue is being changed; ask again in a moment";
        Err(Fault::new(FaultKind::Busy, "BUSY", message))
    }
}

/// How often the catalogue was changed.
pub(in crate::engine) async fn revision(work: &Work<'_>) -> Result<i64, Fault> {
    let kept = work.get::<Catalogue>(Catalogue::KIND).await?;
    Ok(kept.map_or(0, |kept| kept.revision))
}

/// Every product, page by page.
pub(in crate::engine) async fn all(work: &Work<'_>) -> Result<Vec<Product>, Fault> {
    let mut products = Vec::new();
    let mut filter = Filter {
        limit: PAGE,
        ..Filter::default()
    };
    loop {
        let rows = work.rows::<Product>(&filter).await?;
        for row in &rows {
            products.push(serde_json::from_str(&row.body).map_err(Fault::broken)?);
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE as usize => {
                filter.after = Some(last.mark(Sort::Created));
            }
            _ => return Ok(products),
        }
    }
}
