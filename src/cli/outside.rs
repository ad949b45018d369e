//! What the settings say of other companies' systems, as the engine takes it: desks that live in
//! one, sellers that are one, and the house's own. Refuses what cannot be asked.

use std::time::Duration;

use secrecy::SecretString;

use super::Ended;
use crate::{
    config::{MediaBuysUpstream, Settings},
    domain::{
        booking::{asked::SellerKind, upstream::UpstreamKind},
        ids::TenantId,
        media_buy::upstream::AgentKind,
    },
    engine::{
        bookings::upstream::desks::{SetUp as UpstreamSetUp, Upstreams},
        desk::Desk,
        media_buys::upstream::desks::{Agents, Pages, SetUp as AgentSetUp},
        sellers::{
            outside::Keeping,
            set_up::{OutsideSellers, SetUp as SellerSetUp},
        },
        slots::upstream::places::{SetUp as SlotSetUp, SlotServices},
        tenants::upstream::place::{HouseServer, SetUp as ServerSetUp},
    },
    peers::{mcp::Shown, sellers::http::KeyHeader, upstream::sales_agent::admin::Session},
};

/// Everything that lives at others'.
pub(super) struct Outside {
    upstreams: Upstreams,
    agents: Agents,
    sellers: OutsideSellers,
    slot_services: SlotServices,
    tenant_server: HouseServer,
}

impl Outside {
    /// Reads it, keys and all.
    pub(super) fn of(settings: &Settings) -> Result<Self, Ended> {
        Ok(Self {
            upstreams: upstreams(settings)?,
            agents: agents(settings)?,
            sellers: sellers(settings)?,
            slot_services: slot_services(settings)?,
            tenant_server: tenant_server(settings)?,
        })
    }

    /// Gives it to the engine.
    pub(super) fn put(self, desk: &mut Desk) {
        desk.upstreams = self.upstreams;
        desk.agents = self.agents;
        desk.sellers = self.sellers;
        desk.slot_services = self.slot_services;
        desk.tenant_server = self.tenant_server;
    }
}

/// Every other company's system in which bookings live.
fn upstreams(settings: &Settings) -> Result<Upstreams, Ended> {
    let mut all = Vec::new();
    for (tenant, desks) in &settings.desks {
        let (Ok(tenant), Some(set)) = (tenant.parse(), &desks.bookings) else {
            continue;
        };
        let usual = UpstreamSetUp::new(UpstreamKind::IabBuyerAgent, &set.url);
        let own = UpstreamSetUp {
            key: set.key()?,
            poll: set.poll(),
            gone_after: set.gone_after(),
            ..usual
        };
        all.push((tenant, own));
    }
    Upstreams::new(all).map_err(|silent| Ended::Usage(format!("settings `desks`: {silent}")))
}

/// Every other company's sales agent in which media buys live.
fn agents(settings: &Settings) -> Result<Agents, Ended> {
    let mut all = Vec::new();
    for (tenant, desks) in &settings.desks {
        let (Ok(tenant), Some(set)) = (tenant.parse(), &desks.media_buys) else {
            continue;
        };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        // Read now as well: what cannot be read is told at once.
        let pages = set.session()?.map(|_| Pages {
            url: set.admin_url.clone(),
            tenant: set.admin_tenant.clone(),
            session: session(set),
        });
        let own = AgentSetUp {
            key: set.key()?,
            shown: match &*set.key_header {
                "x-adcp-auth" => Shown::Adcp,
                "bearer" => Shown::Bearer,
                _ => Shown::Both,
            },
            tenant: some(&set.tenant),
            principal: set.principal.clone(),
            account: some(&set.account_id),
            poll: set.poll(),
            count: set.count(),
            gone_after: set.gone_after(),
            pages,
            ..AgentSetUp::new(AgentKind::Adcp, &set.url)
        };
        all.push((tenant, own));
    }
    Agents::new(all).map_err(|silent| Ended::Usage(format!("settings `desks`: {silent}")))
}

/// The cookie of a person who is signed in, read where it is kept each time that it is needed.
fn session(set: &MediaBuysUpstream) -> Session {
    let set = set.clone();
    Session::new(move || match set.session() {
        Ok(Some(cookie)) => Ok(SecretString::from(cookie.reveal())),
        Ok(None) => Err("the settings name no session".into()),
        Err(why) => Err(why.to_string()),
    })
}

/// Every seller somewhere else.
fn sellers(settings: &Settings) -> Result<OutsideSellers, Ended> {
    let mut all = Vec::new();
    for (tenant, desks) in &settings.desks {
        let Ok(tenant) = tenant.parse::<TenantId>() else {
            continue;
        };
        for set in &desks.sellers {
            let Ok(kind) = set.kind.parse::<SellerKind>() else {
                continue;
            };
            let headers = KeyHeader::ALL.into_iter();
            let mut header = headers.filter(|header| header.name() == set.key_header);
            let told = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
            let own = SellerSetUp {
                key: set.key()?,
                header: header.next().unwrap_or_default(),
                account: told(&set.account),
                brand: told(&set.brand),
                currency: set.currency(),
                channel: set.channel(),
                keeping: Keeping {
                    fresh: Duration::from_mins(set.refresh_minutes.into()),
                    kept: Duration::from_mins(set.keep_minutes.into()),
                    patience: Duration::from_secs(set.wait_seconds.into()),
                    ahead: set.read_ahead,
                    follow: Duration::from_mins(set.follow_minutes.into()),
                },
                ..SellerSetUp::new(&set.name, kind, &set.url)
            };
            all.push((tenant.clone(), own));
        }
    }
    OutsideSellers::new(all).map_err(|silent| Ended::Usage(format!("settings `desks`: {silent}")))
}

/// Every other company's slot service in which slots live.
fn slot_services(settings: &Settings) -> Result<SlotServices, Ended> {
    let mut all = Vec::new();
    for (tenant, desks) in &settings.desks {
        let (Ok(tenant), Some(set)) = (tenant.parse(), &desks.slots) else {
            continue;
        };
        let own = SlotSetUp {
            name: set.name.clone(),
            key: set.key()?,
            poll: set.poll(),
            gone_after: set.gone_after(),
            fresh: set.fresh(),
            ..SlotSetUp::new(&set.url)
        };
        all.push((tenant, own));
    }
    SlotServices::new(all).map_err(|silent| Ended::Usage(format!("settings `desks`: {silent}")))
}

/// The tenant-management server of another house.
fn tenant_server(settings: &Settings) -> Result<HouseServer, Ended> {
    let Some(set) = &settings.upstream.tenants else {
        return Ok(HouseServer::default());
    };
    let own = ServerSetUp {
        name: set.name.clone(),
        key: set.key()?,
        sync_key: set.sync_key()?,
        fresh: set.fresh(),
        ..ServerSetUp::new(&set.url)
    };
    let told = |silent| Ended::Usage(format!("settings `upstream.tenants`: {silent}"));
    HouseServer::new(own).map_err(told)
}
