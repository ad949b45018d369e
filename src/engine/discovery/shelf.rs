//! A tenant's catalogue as agents see it, kept in memory and read again when it has changed.
//! Refuses to be older than the catalogue: its revision is looked at every time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    domain::{
        adcp::{product, search::Index},
        ids::TenantId,
        opendirect::product::Product,
    },
    engine::{fault::Fault, seller::products::read, work::Work},
};

/// Products on sale, as they are written and by their words.
pub struct Shelf {
    revision: i64,
    agent_url: String,
    /// The products.
    pub products: Vec<Product>,
    /// The same as agents read them.
    pub wires: Vec<Arc<str>>,
    /// The same by their words.
    pub index: Index,
    places: HashMap<String, usize>,
}

impl Shelf {
    /// The place of a product.
    #[must_use]
    pub fn place(&self, product_id: &str) -> Option<usize> {
        self.places.get(product_id).copied()
    }
}

/// The shelves of all tenants.
#[derive(Default)]
pub(in crate::engine) struct Shelves(Mutex<HashMap<TenantId, Arc<Shelf>>>);

/// The caller's tenant's shelf as it is now.
///
/// # Errors
/// When the store cannot be read.
pub async fn shelf(work: &Work<'_>) -> Result<Arc<Shelf>, Fault> {
    let revision = read::revision(work).await?;
    let agent_url = &work.desk().agent_url;
    let shelves = &work.shelves().0;
    let kept = {
        let shelves = shelves.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.get(work.tenant()).cloned()
    };
    if let Some(kept) = kept.filter(|it| it.revision == revision && it.agent_url == *agent_url) {
        return Ok(kept);
    }
    let mut products = read::all(work).await?;
    products.retain(|product| product.active);
    products.sort_by(|a, b| a.id.cmp(&b.id));
    let wire = |product| {
        let wire = serde_json::to_string(&product::wire(product, agent_url));
        wire.map(Arc::from).map_err(Fault::broken)
    };
    let places = products.iter().enumerate();
    let fresh = Arc::new(Shelf {
        revision,
        agent_url: agent_url.clone(),
        wires: products.iter().map(wire).collect::<Result<_, Fault>>()?,
        index: Index::of(products.iter()),
        places: places.map(|(at, it)| (it.id.to_string(), at)).collect(),
        products,
    });
    let mut shelves = shelves.lock().unwrap_or_else(PoisonError::into_inner);
    shelves.insert(work.tenant().clone(), Arc::clone(&fresh));
    Ok(fresh)
}
