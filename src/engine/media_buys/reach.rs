//! How many people a package with a frequency cap is shown to, and what that cap lets through, by
//! the model of the ad server inside. Tells nothing of what another ad server shows: who is shown
//! that, nobody here knows.

use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::delivery::{GetDelivery, PackageDelivery};
use crate::{
    domain::{
        delivery::people::{Cap, People, Per, Through, length},
        media_buy::{buy::MediaBuy, package::Package},
        opendirect::product::Product,
    },
    engine::{ad_orders, fault::Fault, work::Work},
};

/// How many people saw a package, by the model of the ad server inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// How many.
    pub reached: u64,
    /// Of what.
    pub per: Per,
}

/// The cap of a package that the ad server inside delivers, and the people of its product.
async fn capped(
    work: &Work<'_>,
    buy: &MediaBuy,
    package: &Package,
) -> Result<Option<(Cap, People)>, Fault> {
    let (Some(cap), Some(serving)) = (Cap::of(package), work.desk().inside()) else {
        return Ok(None);
    };
    if buy.upstream.is_some() || ad_orders::is_there(work, &buy.id).await? {
        return Ok(None);
    }
    let product = work.get::<Product>(package.product_id.as_str()).await?;
    let people = |daily| People::of(serving.seed, &package.product_id, daily);
    Ok(product.map(|product| (cap, people(product.record.daily_impressions))))
}

/// What the frequency cap of a package lets through; nothing where it has none.
///
/// # Errors
/// When the store cannot.
pub(in crate::engine) async fn through(
    work: &Work<'_>,
    buy: &MediaBuy,
    package: &Package,
) -> Result<Option<Through>, Fault> {
    let Some((cap, people)) = capped(work, buy, package).await? else {
        return Ok(None);
    };
    let (starts, ends) = package.flight(buy.start, buy.end);
    Ok(people.explain(&cap, length(starts, ends)))
}

/// How many were shown what is told of a package; nothing where it has no frequency cap.
///
/// # Errors
/// When the store cannot.
pub(super) async fn reach(
    work: &Work<'_>,
    (buy, package): (&MediaBuy, &Package),
    told: &PackageDelivery,
    asked: &GetDelivery,
) -> Result<Option<Reach>, Fault> {
    let Some(as_of) = told.as_of else {
        return Ok(None);
    };
    let Some((cap, people)) = capped(work, buy, package).await? else {
        return Ok(None);
    };
    let (starts, ends) = package.flight(buy.start, buy.end);
    let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let from = asked
        .start_date
        .map_or(starts, |day| midnight(day).max(starts));
    let to = asked.end_date.and_then(|day| day.succ_opt());
    let until = to.map_or(as_of, |day| midnight(day).min(as_of));
    let times = (length(from, until), length(starts, ends));
    Ok(Some(Reach {
        reached: people.reached(&cap, told.totals.impressions, times),
        per: cap.per,
    }))
}
