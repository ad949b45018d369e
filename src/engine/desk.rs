//! What the engine was set up with: plain data that operations may read.

use std::{sync::Arc, time::Duration};

use super::{
    bookings::upstream::desks::Upstreams, cursor::Secret, media_buys::upstream::desks::Agents,
    sellers::set_up::OutsideSellers, slots::upstream::places::SlotServices,
    sync::servers::AdServers, tenants::upstream::place::HouseServer,
};
use crate::{
    domain::{
        booking::negotiation::Talks,
        ids::TenantId,
        money::{Amount, Currency},
        opendirect::product::Product,
        webhook::signature::SigningKey,
    },
    store::open::Keeps,
};

/// The set-up.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set-up is a list of switches"
)]
pub struct Desk {
    /// The currency of briefs that name none.
    pub currency: Currency,
    /// How prices are talked about where the brief does not say.
    pub negotiation: Talks,
    /// Signs what is handed out to be handed back.
    pub secret: Secret,
    /// How long a reservation holds before it lapses.
    pub hold: Duration,
    /// How long an answer is kept under its idempotency key.
    pub keep_answers: Duration,
    /// Under which address agents know us: our formats and signals are named by it.
    pub agent_url: String,
    /// The tenant that anybody may play in, where there is one.
    pub sandbox: Option<TenantId>,
    /// How long an `AdCP` request that is sent again gets its first answer.
    pub adcp_replay: Duration,
    /// Whether an order is approved as it is placed; else somebody who may change the
    /// catalogue decides on it.
    pub approve_orders: bool,
    /// Guaranteed media buys of at least so much, in the units of their currency, need a
    /// person's approval; zero means all of them.
    pub sign_off_from: Amount,
    /// Whether accounts can be governed in the sandbox too: the protocol's storyboards name
    /// governance agents that nobody runs, so whoever plays those says no.
    pub sandbox_governance: bool,
    /// What signs what is sent to others' addresses; nothing is signed without it.
    pub webhook_key: Option<SigningKey>,
    /// Whether somebody looks creatives of buyers over before they are shown.
    pub review_creatives: bool,
    /// The ad server inside, where booked lines are to be delivered by it.
    pub ad_server: Option<Serving>,
    /// Whether another ad server was plugged in for the one inside.
    pub another_delivers: bool,
    /// Tenants that are named in the settings: each has an entry in the directory.
    pub tenants: Vec<TenantId>,
    /// What a tenant sells that is opened here, until somebody changes it.
    pub stock: Arc<[Product]>,
    /// Where the ad servers of others are, and which tenant has which.
    pub ad_servers: AdServers,
    /// Which tenants' bookings live in another company's system.
    pub upstreams: Upstreams,
    /// Which tenants' media buys live in another company's sales agent.
    pub agents: Agents,
    /// Which sellers somewhere else tenants have.
    pub sellers: OutsideSellers,
    /// Which tenants' slots live in another company's slot service.
    pub slot_services: SlotServices,
    /// The tenant-management server of another house, where one is set up.
    pub tenant_server: HouseServer,
    /// Whether an admin may turn the clock forward, because nobody else goes by it.
    pub turnable: bool,
    /// How much of what was just written stays at hand.
    pub keeps: Keeps,
}

/// How the ad server inside delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serving {
    /// How often it is asked how far lines have got.
    pub every: Duration,
    /// What its traffic follows from.
    pub seed: u64,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(15),
            seed: 1,
        }
    }
}

impl Desk {
    /// How the ad server inside delivers; nothing where it does not.
    #[must_use]
    pub fn inside(&self) -> Option<Serving> {
        self.ad_server.filter(|_| !self.another_delivers)
    }

    /// The usual set-up, with a secret that all nodes on one database share.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self {
            currency: Currency::USD,
            negotiation: Talks::default(),
            secret,
            hold: Duration::from_hours(1),
            keep_answers: Duration::from_hours(7 * 24),
            agent_url: "http://127.0.0.1:8001/mcp".to_owned(),
            sandbox: None,
            adcp_replay: Duration::from_hours(24),
            approve_orders: true,
            sign_off_from: Amount::default(),
            sandbox_governance: true,
            webhook_key: None,
            review_creatives: false,
            ad_server: None,
            another_delivers: false,
            tenants: Vec::new(),
            stock: Arc::new([]),
            ad_servers: AdServers::default(),
            upstreams: Upstreams::default(),
            agents: Agents::default(),
            sellers: OutsideSellers::default(),
            slot_services: SlotServices::default(),
            tenant_server: HouseServer::default(),
            turnable: false,
            keeps: Keeps::default(),
        }
    }
}
