//! Starts an engine: one secret, one desk, the sellers, and everything that it does in the
//! background. Refuses to choose a database or a clock: whoever starts it brings both.

use std::sync::Arc;

use super::{
    clock::Clock,
    core::Core,
    cursor::Secret,
    delivery::embedded::Embedded as EmbeddedServer,
    desk::Desk,
    fault::Fault,
    reconcile::{
        Reconciler, Runner,
        count_orders::CountOrders,
        deliver::Deliver,
        end_holds::EndHolds,
        follow_bookings::{self, FollowBookings},
        follow_buys::FollowBuys,
        follow_lines::FollowLines,
        follow_slots::{self, FollowSlots},
        follow_sold::FollowSold,
        mirror_buys::{self, MirrorAgents},
        notify::Notify,
        pace::{AtOnce, Pace},
        place_orders::PlaceOrders,
        read_sellers::{self, ReadSellers},
        report_buys::ReportBuys,
        run_job::RunJob,
        sample_delivery::{self, SampleDelivery},
        send_brief::SendBrief,
        send_decision::SendDecision,
        send_deed::SendDeed,
        send_slots::SendSlots,
        settle_server::SettleServer,
        sign_in_sandbox::SignInSandbox,
        speak_to_slack::SpeakToSlack,
        sweep::{self, Sweep},
        sync_inventory::SyncInventory,
        tell_artifacts::TellArtifacts,
        watch_pacing::WatchPacing,
    },
    seller::embedded::Embedded,
    sellers::Sellers,
    tenants::enroll::enroll,
};
use crate::{
    domain::webhook::signature::SigningKey,
    peers::{
        ad_server::AdServer,
        outside::{Outside, Post},
        seller::Seller,
    },
    store::Shared,
};

/// An engine, and what runs its background work once somebody lets it.
pub struct Started {
    /// The engine.
    pub core: Core,
    /// Its background work.
    pub runner: Runner,
}

/// What a desk has beside the seller inside.
pub struct Beside {
    /// Further sellers; the seller inside comes before them.
    pub sellers: Vec<Arc<dyn Seller>>,
    /// How fast jobs go.
    pub pace: Arc<dyn Pace>,
    /// Another ad server than the one inside.
    pub ad_server: Option<Arc<dyn AdServer>>,
    /// What carries deliveries to those who want to be told what happens.
    pub post: Arc<dyn Post>,
}

impl Default for Beside {
    /// Nothing: no other seller or ad server, and no rest.
    fn default() -> Self {
        Self {
            sellers: Vec::new(),
            pace: Arc::new(AtOnce),
            ad_server: None,
            post: Arc::new(Outside::new()),
        }
    }
}

/// Starts an engine on a store, with the seller inside and no other. `adjust` changes the usual set-up before anything reads it.
///
/// # Errors
/// When the store cannot be read or written, or holds a secret that is none.
pub async fn start(
    store: Shared,
    clock: Arc<dyn Clock>,
    adjust: impl FnOnce(&mut Desk),
) -> Result<Started, Fault> {
    start_with(store, clock, Beside::default(), adjust).await
}

/// Starts an engine on a store, with what a desk has beside the usual.
///
/// # Errors
/// When the store cannot be read or written, or holds a secret that is none.
pub async fn start_with(
    store: Shared,
    clock: Arc<dyn Clock>,
    beside: Beside,
    adjust: impl FnOnce(&mut Desk),
) -> Result<Started, Fault> {
    let kept = store.share("cursor_secret", &Secret::fresh()).await?;
    let secret = Secret::read(&kept)
        .ok_or_else(|| Fault::broken("the cursor secret in the database is no secret"))?;
    let kept = store.share("webhook_key", &Secret::fresh()).await?;
    let key = SigningKey::read(&kept)
        .ok_or_else(|| Fault::broken("the webhook key in the database is no key"))?;
    let mut desk = Desk::new(secret);
    desk.webhook_key = Some(key.clone());
    adjust(&mut desk);
    desk.another_delivers = beside.ad_server.is_some();
    let core = Core::new(store, clock, desk);
    // Also where it is not turnable any more: time never goes back.
    core.follow_hands().await?;
    core.begin_to_hear().await?;
    enroll(&core, &core.desk().tenants).await?;
    sweep::schedule(&core).await?;
    let mut sellers: Vec<Arc<dyn Seller>> = vec![Arc::new(Embedded::new(core.clone()))];
    sellers.extend(beside.sellers);
    let outside = core.desk().sellers.clone();
    let sellers = Arc::new(Sellers::new(sellers).with(outside));
    let mut reconcilers: Vec<Arc<dyn Reconciler>> = vec![
        Arc::new(RunJob::new(sellers).paced(beside.pace)),
        Arc::new(FollowLines),
        Arc::new(EndHolds),
        Arc::new(FollowBuys),
        Arc::new(ReportBuys),
        Arc::new(TellArtifacts),
        Arc::new(Deliver::signing(key, beside.post)),
        Arc::new(Notify),
        Arc::new(SpeakToSlack::new()),
        Arc::new(WatchPacing),
        Arc::new(SignInSandbox),
        Arc::new(SyncInventory),
        Arc::new(PlaceOrders),
        Arc::new(CountOrders),
        Arc::new(Sweep),
    ];
    if let Some(serving) = core.desk().ad_server {
        sample_delivery::schedule(&core).await?;
        let inside = || Arc::new(EmbeddedServer::new(serving.seed)) as Arc<dyn AdServer>;
        let server = beside.ad_server.unwrap_or_else(inside);
        reconcilers.push(Arc::new(SampleDelivery::new(server, serving.every)));
    }
    reconcilers.extend(elsewhere(&core).await?);
    let runner = Runner::new(core.clone(), reconcilers);
    Ok(Started { core, runner })
}

/// What looks at other companies' systems, as far as any are set up.
async fn elsewhere(core: &Core) -> Result<Vec<Arc<dyn Reconciler>>, Fault> {
    let mut all: Vec<Arc<dyn Reconciler>> = Vec::new();
    if core.desk().upstreams.tenants().next().is_some() {
        follow_bookings::schedule(core).await?;
        all.push(Arc::new(FollowBookings::default()));
        all.push(Arc::new(SendBrief));
        all.push(Arc::new(SendDecision));
    }
    if core.desk().agents.tenants().next().is_some() {
        mirror_buys::schedule(core).await?;
        all.push(Arc::new(MirrorAgents::default()));
        all.push(Arc::new(SendDeed));
    }
    if core.desk().sellers.tenants().next().is_some() {
        read_sellers::schedule(core).await?;
        all.push(Arc::new(ReadSellers::default()));
        all.push(Arc::new(FollowSold::default()));
    }
    if core.desk().tenant_server.place().is_some() {
        all.push(Arc::new(SettleServer));
    }
    if core.desk().slot_services.tenants().next().is_some() {
        follow_slots::schedule(core).await?;
        all.push(Arc::new(FollowSlots::default()));
        all.push(Arc::new(SendSlots));
    }
    Ok(all)
}
