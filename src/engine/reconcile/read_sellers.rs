//! Reads the catalogues of sellers somewhere else before they have grown old, so that research does
//! not begin by waiting for them: one seller at a time for each lease, within its own time limit,
//! and less and less often while it cannot be read.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{
    GivenUp, Next, Reconciler,
    following::{begin, pause},
};
use crate::{
    engine::{core::Core, fault::Fault},
    store::Lease,
};

/// The kind of this reconciler.
pub const READ_SELLERS: &str = "read_sellers";
/// How soon one is read again that could not be read, the first time.
const AGAIN: Duration = Duration::from_secs(30);
/// The longest until one is read again that cannot be read.
const LONGEST_PAUSE: Duration = Duration::from_mins(4);

/// Makes sure that every seller that is to be read ahead is.
///
/// # Errors
/// When the store cannot be written.
pub async fn schedule(core: &Core) -> Result<(), Fault> {
    let sellers = &core.desk().sellers;
    for tenant in sellers.tenants() {
        for one in sellers.of(tenant).iter().filter(|one| one.is_read_ahead()) {
            let desk = (READ_SELLERS, one.id().as_str());
            begin(core, std::iter::once(tenant), desk).await?;
        }
    }
    Ok(())
}

/// Reads catalogues ahead.
#[derive(Default)]
pub struct ReadSellers {
    /// How often each could not be read, one time after the other.
    failures: Mutex<HashMap<String, u32>>,
}

#[async_trait]
impl Reconciler for ReadSellers {
    fn kind(&self) -> &'static str {
        READ_SELLERS
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let sellers = core.desk().sellers.of(&lease.tenant);
        let named = sellers.iter().find(|one| one.id().as_str() == lease.object);
        let Some(seller) = named.filter(|one| one.is_read_ahead()) else {
            // It is not set up any more.
            return Ok(Next::Done);
        };
        let looked = seller.read_ahead(core.clock().now()).await;
        let now = core.clock().now();
        let failed = looked.asked.trouble.is_some();
        let failures = self.count(lease, failed);
        if failed {
            return Ok(Next::At(now + pause(AGAIN, failures, LONGEST_PAUSE)));
        }
        Ok(Next::At(now + seller.ahead()))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(seller = lease.object, %fault, "its catalogue is read when it is wanted");
        Ok(GivenUp::Rests)
    }
}

impl ReadSellers {
    fn count(&self, lease: &Lease, failed: bool) -> u32 {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{}/{}", lease.tenant, lease.object);
        let count = all.entry(key).or_default();
        *count = if failed { *count + 1 } else { 0 };
        *count
    }
}
