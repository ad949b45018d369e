//! Creatives and where they run: sent in, looked at by publishers, put on lines.

pub mod assignments;
pub mod decide;
pub mod library;

use crate::{
    domain::{
        ids::{AccountId, CreativeId},
        opendirect::creative::Creative,
    },
    engine::{fault::Fault, work::Work},
    store::record::Stored,
};

/// Finds a creative of an account.
async fn find_creative(
    work: &Work<'_>,
    account: AccountId,
    id: CreativeId,
) -> Result<Stored<Creative>, Fault> {
    let stored = work.find::<Creative, _>(id).await?;
    if stored.record.account_id != account {
        return Err(Fault::missing(id));
    }
    Ok(stored)
}
