//! The creative libraries of buyers: filled, listed, looked over. What changes in a library is
//! told to the media buys that wait for it in the same commit.

pub mod decide;
pub(in crate::engine) mod fits;
pub(super) mod hooks;
pub mod list;
mod show;
pub mod sync;
pub mod told;
pub mod upload;

use std::collections::BTreeSet;

use super::{fault::Fault, work::Work};
use crate::{
    domain::media_buy::{
        buy::MediaBuy,
        creative::{CreativeStatus, LibraryCreative},
    },
    store::record::Stored,
};

/// Reads a creative of an owner.
pub(super) async fn read(
    work: &Work<'_>,
    owner: &str,
    creative_id: &str,
) -> Result<Option<Stored<LibraryCreative>>, Fault> {
    let key = LibraryCreative::key(owner, creative_id);
    work.get::<LibraryCreative>(&key).await
}

/// Which of a buy's creatives may be shown.
pub(super) async fn approved(work: &Work<'_>, buy: &MediaBuy) -> Result<BTreeSet<String>, Fault> {
    let mut approved = BTreeSet::new();
    for shown in buy.packages.iter().flat_map(|package| &package.creatives) {
        let known = approved.contains(&shown.creative_id);
        if known {
            continue;
        }
        let found = read(work, &buy.owner, &shown.creative_id).await?;
        if found.is_some_and(|one| one.record.status == CreativeStatus::Approved) {
            approved.insert(shown.creative_id.clone());
        }
    }
    Ok(approved)
}
