//! Moves a buy's order and lines along with it, in the same commit.

use super::{hand, readiness, refused, tell};
use crate::{
    domain::{
        media_buy::{buy::MediaBuy, package::Package},
        opendirect::{
            line::Line,
            order::{Order, OrderAction, OrderStatus},
        },
    },
    engine::{
        fault::Fault,
        seller::{
            lines::carry::{book, cancel, stop},
            orders,
        },
        work::Work,
    },
    store::record::Stored,
};

/// The order of a buy.
pub(super) async fn order(work: &Work<'_>, buy: &MediaBuy) -> Result<Stored<Order>, Fault> {
    work.find::<Order, _>(buy.order_id).await
}

/// The line of a package.
pub(super) async fn line(work: &Work<'_>, package: &Package) -> Result<Stored<Line>, Fault> {
    work.find::<Line, _>(package.line_id).await
}

/// The publisher agrees: the order is approved, every line is booked, the buy goes on.
///
/// # Errors
/// When it is past that, or there is too little left of what it needs.
pub(super) async fn agree(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    summary: &str,
) -> Result<(), Fault> {
    let hand = hand(work);
    let ready = readiness::ready(work, buy, &[]).await?;
    buy.agree(hand, ready, summary).map_err(refused)?;
    let stored = order(work, buy).await?;
    let mut approved = stored.clone();
    if approved.record.status == OrderStatus::Pending {
        approved.record = approved
            .record
            .after(OrderAction::Approve)
            .map_err(refused)?;
    }
    for (n, package) in buy.packages.iter().enumerate() {
        if package.cancellation.is_some() {
            continue;
        }
        let line = line(work, package).await?;
        book(work, &approved, &line)
            .await
            .map_err(|fault| super::place::within(fault, &format!("packages[{n}]")))?;
    }
    orders::settle(work, &stored, &approved.record, "orders.approved")?;
    tell(work, buy, "media_buys.approved");
    Ok(())
}

/// The publisher says no, or the buyer calls it off: every line is let go.
///
/// # Errors
/// When what a line holds cannot be given back.
pub(in crate::engine) async fn let_go(work: &mut Work<'_>, buy: &MediaBuy) -> Result<(), Fault> {
    let by = work.caller().name.clone();
    for package in &buy.packages {
        let line = line(work, package).await?;
        Box::pin(cancel(work, &line, &by)).await?;
    }
    let stored = order(work, buy).await?;
    if stored.record.status == OrderStatus::Pending {
        let rejected = stored
            .record
            .clone()
            .after(OrderAction::Reject)
            .map_err(refused)?;
        orders::settle(work, &stored, &rejected, "orders.rejected")?;
    }
    Ok(())
}

/// Stops every line that may not run, and lets those go on that may.
///
/// # Errors
/// When one went back and forth too often.
pub(in crate::engine) async fn hold(
    work: &mut Work<'_>,
    buy: &MediaBuy,
    stopped: bool,
) -> Result<(), Fault> {
    let by = work.caller().name.clone();
    for package in &buy.packages {
        if package.cancellation.is_some() {
            continue;
        }
        let line = line(work, package).await?;
        stop(work, &line, stopped || package.paused, &by)?;
    }
    Ok(())
}
