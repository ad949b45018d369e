//! Whether a buy can run: what it shows must be there and approved, and its flight begun.

use std::collections::BTreeSet;

use super::{hand, refused};
use crate::{
    domain::media_buy::{
        buy::MediaBuy,
        status::{BuyStatus, Ready},
    },
    engine::{creatives, fault::Fault, work::Work},
};

/// What a buy is ready for now. `fresh` are creatives that are approved in this very commit.
pub(in crate::engine) async fn ready(
    work: &Work<'_>,
    buy: &MediaBuy,
    fresh: &[String],
) -> Result<Ready, Fault> {
    let mut approved = creatives::approved(work, buy).await?;
    approved.extend(fresh.iter().cloned());
    Ok(buy.ready(work.now(), &approved))
}

/// Looks again whether a buy that waits or runs can run.
///
/// # Errors
/// When it cannot be read what it shows.
pub(in crate::engine) async fn settle(
    work: &Work<'_>,
    buy: &mut MediaBuy,
    fresh: &[String],
) -> Result<(), Fault> {
    settle_without(work, buy, fresh, "").await
}

/// The same, where one creative is decided on in this very commit.
///
/// # Errors
/// When it cannot be read what it shows.
pub(in crate::engine) async fn settle_without(
    work: &Work<'_>,
    buy: &mut MediaBuy,
    fresh: &[String],
    gone: &str,
) -> Result<(), Fault> {
    if !buy.status.is_pending() && buy.status != BuyStatus::Active {
        return Ok(());
    }
    let mut approved: BTreeSet<String> = creatives::approved(work, buy).await?;
    approved.remove(gone);
    approved.extend(fresh.iter().cloned());
    let ready = buy.ready(work.now(), &approved);
    buy.settle(hand(work), ready).map_err(refused)?;
    Ok(())
}
