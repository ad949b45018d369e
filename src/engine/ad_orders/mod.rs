//! What media buys have in the ad servers of their tenants. A buy that is agreed to while its
//! tenant has an ad server of its own is carried there by a reconciler, woken by the commit that
//! changed the buy; what came of it stands beside the buy. Refuses to send anything that nobody
//! agreed to, and to take an answer for what was not read back.

pub mod counting;
mod inventory;
pub mod place;
pub mod step;
pub mod wanted;

use std::collections::BTreeMap;

use super::{
    fault::Fault,
    media_buys::{artifacts, only_of, view::BuyView},
    tenants,
    work::Work,
};
use crate::{
    domain::{
        ids::BuyId,
        media_buy::{ad_order::AdOrder, buy::MediaBuy},
        tenant::ad_server::{AdServerKind, AdServerSettings},
    },
    store::record::{Filter, Record as _},
};

/// The kind of the reconciler that carries buys to ad servers.
pub const PLACE: &str = "place_orders";
/// The kind of the reconciler that asks ad servers what they have delivered.
pub const COUNT: &str = "count_orders";
/// How many orders are read at once.
const AT_ONCE: usize = 200;

/// The ad server of the tenant, where it is not the one inside.
pub(in crate::engine) async fn server(work: &Work<'_>) -> Result<Option<AdServerSettings>, Fault> {
    let tenant = tenants::entry(work).await?;
    let settings = tenant.map(|tenant| tenant.ad_server).unwrap_or_default();
    Ok((settings.kind != AdServerKind::Mock).then_some(settings))
}

/// Has what a buy has in the ad server follow it, in the commit that changes the buy. One that is
/// agreed to in this very commit is to be there from now on; one that was agreed to before the
/// tenant had such a server is left where it is.
pub(in crate::engine) async fn follow(work: &mut Work<'_>, buy: &MediaBuy) -> Result<(), Fault> {
    if buy.upstream.is_some() || buy.sandbox || buy.confirmed_at.is_none() {
        return Ok(());
    }
    if let Some(stored) = work.get::<AdOrder>(buy.id.as_str()).await? {
        let (mut order, known) = stored.part();
        order.ask(buy.revision);
        work.replace(&known, &order)?;
        work.wake(PLACE, buy.id.to_string(), work.now());
        return Ok(());
    }
    if buy.confirmed_at == Some(work.now()) {
        begin(work, buy).await?;
    }
    Ok(())
}

/// Writes down that a buy is to be in the ad server; nothing for a tenant without one.
async fn begin(work: &mut Work<'_>, buy: &MediaBuy) -> Result<Option<AdOrder>, Fault> {
    let Some(settings) = server(work).await? else {
        return Ok(None);
    };
    let account = settings.network.as_deref().unwrap_or("not set up");
    let order = AdOrder::new(buy, format!("{}/{account}", settings.kind));
    work.create(&order)?;
    work.wake(PLACE, buy.id.to_string(), work.now());
    Ok(Some(order))
}

/// What a buy has in the ad server, as this operation leaves it.
async fn of(work: &Work<'_>, id: &BuyId) -> Result<Option<AdOrder>, Fault> {
    let mut puts = work.batch.puts.iter().rev();
    let own = |kind: &str, of: &str| kind == AdOrder::KIND && of == id.as_str();
    if let Some(put) = puts.find(|put| own(put.kind, &put.id)) {
        return serde_json::from_str(&put.body).map_err(Fault::broken);
    }
    let stored = work.get::<AdOrder>(id.as_str()).await?;
    Ok(stored.map(|stored| stored.record))
}

/// Whether a buy is to be in the ad server of its tenant, as this operation leaves it.
pub(in crate::engine) async fn is_there(work: &Work<'_>, id: &BuyId) -> Result<bool, Fault> {
    Ok(of(work, id).await?.is_some())
}

/// What a buy has in the ad server, as whoever asks may see it: to a buyer, how it stands.
pub(in crate::engine) async fn shown(
    work: &Work<'_>,
    id: &BuyId,
) -> Result<Option<Box<AdOrder>>, Fault> {
    let known = of(work, id).await?;
    Ok(known.map(|order| hushed(work, order)))
}

fn hushed(work: &Work<'_>, order: AdOrder) -> Box<AdOrder> {
    Box::new(match only_of(work.caller()) {
        Some(_) => order.outward(),
        None => order,
    })
}

/// Tells beside a buy what it has in the ad server.
pub(in crate::engine) async fn beside(work: &Work<'_>, view: &mut BuyView) -> Result<(), Fault> {
    view.ad_order = shown(work, &view.buy.id).await?;
    view.tells_artifacts = view.ad_order.is_none() && artifacts::is_ours(work, &view.buy);
    Ok(())
}

/// The same for many.
pub(in crate::engine) async fn beside_all(
    work: &Work<'_>,
    views: &mut [BuyView],
) -> Result<(), Fault> {
    let ids: Vec<String> = views.iter().map(|one| one.buy.id.to_string()).collect();
    let mut known = named(work, &ids).await?;
    for view in views {
        let order = known.remove(&view.buy.id);
        view.ad_order = order.map(|order| hushed(work, order));
        view.tells_artifacts = view.ad_order.is_none() && artifacts::is_ours(work, &view.buy);
    }
    Ok(())
}

/// What these buys have in the ad server.
pub(in crate::engine) async fn named(
    work: &Work<'_>,
    ids: &[String],
) -> Result<BTreeMap<BuyId, AdOrder>, Fault> {
    let mut known = BTreeMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let filter = Filter {
            ids: Some(ids.to_vec()),
            limit: u32::try_from(AT_ONCE).unwrap_or(u32::MAX),
            ..Filter::default()
        };
        for stored in work.list::<AdOrder>(&filter).await? {
            known.insert(stored.record.media_buy_id.clone(), stored.record);
        }
    }
    Ok(known)
}
