//! Opens the engine for a command: database, clock, set-up, and the background work that
//! goes on for as long as the command does.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    Ended,
    demo::{self, DemoDesk},
    engines,
    outside::Outside,
};
use crate::{
    config::{self, Settings},
    domain::{
        ids::TenantId,
        money::Amount,
        opendirect::product::Product,
        tenant::{
            caller::{Caller, house, is_reserved},
            role::Role,
        },
    },
    engine::{
        activity::anchor,
        clock::SystemClock,
        core::Core,
        desk::{Desk, Serving},
        fault::{Fault, FaultKind},
        keys::find::LookAtDoor,
        question,
        reconcile::Runner,
        seller::products::stock::{self, stock},
        start::{Started, start},
        sync::servers::AdServers,
        tenants::{list::ListTenants, view::TenantRow},
    },
    session::Session,
    store::{
        self, Shared,
        open::{Database, Keeps},
    },
};

/// An engine that is open, with what keeps it going.
pub struct Opened {
    /// The engine.
    pub core: Core,
    /// The database under it.
    pub store: Shared,
    /// Runs what takes time.
    pub runner: Runner,
    /// Where the audit trail is anchored.
    pub anchor: PathBuf,
}

/// Opens the engine that the settings describe.
pub async fn open(settings: &Settings) -> Result<Opened, Ended> {
    open_with(settings, Keeps::Little, |_| ()).await
}

/// The same, set up in one more way.
pub async fn open_with(
    settings: &Settings,
    keeps: Keeps,
    adjust: impl FnOnce(&mut Desk),
) -> Result<Opened, Ended> {
    if let Some(named) = &settings.engine {
        return Err(elsewhere(&engines::label(settings, named)));
    }
    let Ok(database) = settings.database()?.parse::<Database>();
    let store = store::open::open_for(&database, keeps).await?;
    let clock = Arc::new(SystemClock::new(settings.starts_at()?));
    let stock: Arc<[Product]> = catalogue(&settings.seller.catalogue)?.into();
    let tenants = tenants(settings)?;
    let outside = Outside::of(settings)?;
    let Started { core, runner } = start(Arc::clone(&store), clock, |desk| {
        set_up(desk, settings);
        desk.stock = Arc::clone(&stock);
        desk.tenants = tenants;
        outside.put(desk);
        desk.keeps = keeps;
        adjust(desk);
    })
    .await?;
    let tenant = settings.default_tenant()?;
    let engine = Caller::engine(house());
    let door = LookAtDoor {
        tenant: tenant.clone(),
    };
    if settings.in_passing && !core.ask(&engine, door).await?.listed {
        let search = ListTenants {
            search: Some(tenant.to_string()),
            ..ListTenants::default()
        };
        let operator = Caller::new("command line", house(), Role::Operator);
        let found = core.ask(&operator, search).await;
        store.close().await;
        return Err(no_tenant(&tenant, &found?.tenants));
    }
    self::stock(&core, &tenant, stock.to_vec()).await?;
    Ok(Opened {
        core,
        store,
        runner,
        anchor: settings.anchor()?,
    })
}

/// A tenant that was named for one command and is not there: perhaps its name was mistyped.
fn no_tenant(tenant: &TenantId, like_it: &[TenantRow]) -> Ended {
    let message = format!("there is no tenant {tenant} here");
    let meant = like_it.iter().find(|one| one.subdomain == tenant.as_str());
    let hint = match meant {
        Some(one) => format!("that is the subdomain of --tenant {}", one.tenant_id),
        None => "flightdeck tenants list names those that are; tenants create makes one".into(),
    };
    Ended::Fault(Fault::new(FaultKind::NotFound, "TENANT_NOT_FOUND", message).hint(hint))
}

/// Says that something is done where the database is.
pub fn elsewhere(engine: &str) -> Ended {
    Ended::Usage(format!(
        "that is done where the database is, and the engine {engine} is asked over the wire\nhint: do it there, without --engine"
    ))
}

/// Every tenant that the settings name.
fn tenants(settings: &Settings) -> Result<Vec<TenantId>, Ended> {
    let mut tenants = Vec::new();
    // A word that was mistyped for one command opens no tenant.
    if !settings.in_passing {
        tenants.push(settings.default_tenant()?);
    }
    tenants.extend(settings.desks.keys().filter_map(|name| name.parse().ok()));
    tenants.extend(
        settings
            .keys
            .iter()
            .filter_map(|key| key.tenant.parse().ok()),
    );
    Ok(tenants)
}

/// A database file that is not there yet: opening it would make it.
pub fn missing(settings: &Settings) -> Result<Option<Database>, Ended> {
    let Ok(database) = settings.database()?.parse::<Database>();
    let missing = matches!(&database, Database::File(path) if !path.exists());
    Ok(missing.then_some(database))
}

/// The products that an empty catalogue is filled with.
fn catalogue(named: &str) -> Result<Vec<Product>, Ended> {
    match named {
        "demo" => Ok(stock::demo()?),
        "none" => Ok(Vec::new()),
        path => {
            let told = |why: &dyn std::fmt::Display| {
                Ended::Usage(format!("setting `seller.catalogue`: {path}: {why}"))
            };
            let text = std::fs::read(path).map_err(|error| told(&error))?;
            question::read_any(&text).map_err(|fault| told(&fault))
        }
    }
}

fn set_up(desk: &mut Desk, settings: &Settings) {
    if !settings.server.public_url.is_empty() {
        let url = settings.server.public_url.trim_end_matches('/');
        desk.agent_url = format!("{url}/mcp");
    }
    desk.negotiation = settings.booking.negotiation.talks();
    desk.currency = settings.currency.parse().unwrap_or(desk.currency);
    desk.approve_orders = settings.seller.approve_orders;
    desk.review_creatives = settings.seller.review_creatives;
    desk.sign_off_from = Amount::from(settings.seller.sign_off_from);
    desk.hold = Duration::from_mins(u64::from(settings.booking.hold_minutes));
    let ad_server = &settings.ad_server;
    desk.ad_server = ad_server.enabled.then(|| Serving {
        every: Duration::from_mins(ad_server.sample_every_minutes.into()),
        seed: ad_server.seed.into(),
    });
    desk.ad_servers = ad_servers(&settings.ad_servers);
    desk.turnable = settings.clock.turnable;
}

/// Where the ad servers of others are: their usual addresses where the settings say nothing.
fn ad_servers(said: &config::AdServers) -> AdServers {
    let mut all = AdServers::default();
    let own = [
        (&said.google_api, &mut all.google_api),
        (&said.google_tokens, &mut all.google_tokens),
        (&said.kevel_api, &mut all.kevel_api),
        (&said.triton_api, &mut all.triton_api),
        (&said.triton_hierarchy, &mut all.triton_hierarchy),
    ];
    for (said, usual) in own {
        if !said.is_empty() {
            usual.clone_from(said);
        }
    }
    all.google_client_id.clone_from(&said.google_client_id);
    all.google_client_secret = said.google_client_secret.clone();
    all
}

/// Who the command line is.
pub fn local_caller(settings: &Settings) -> Result<Caller, Ended> {
    let user = || std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let name = match settings.local.name.as_str() {
        "" => user()
            .ok()
            .filter(|name| !is_reserved(name))
            .unwrap_or_else(|| "local".to_owned()),
        name => name.to_owned(),
    };
    let role = settings.local.role.parse().unwrap_or(Role::Viewer);
    Ok(Caller::new(name, settings.default_tenant()?, role))
}

/// Whether somebody at the command line looks after all tenants: who can open the database can
/// do to it what they like, so its admin may as well do it by the rules.
pub fn keeps_house(caller: &Caller) -> bool {
    matches!(caller.role, Role::Admin | Role::Operator)
}

/// A session on the engine in this process for whoever sits at the command line.
pub fn session(core: Core, caller: Caller) -> Session {
    let keeps = keeps_house(&caller);
    let session = Session::embedded(core, caller);
    if keeps {
        session.keeping_house()
    } else {
        session
    }
}

/// A session on an engine in this process, with its background work running beside it.
pub struct Desktop {
    /// Asks.
    pub session: Session,
    behind: Behind,
}

/// What a session stands on.
enum Behind {
    /// The engine that the settings describe.
    Own(Box<Own>),
    /// A desk to look at.
    Demo(Box<DemoDesk>),
    /// Somebody else's process.
    Elsewhere,
}

/// The engine that the settings describe, at work.
struct Own {
    stop: CancellationToken,
    running: JoinHandle<()>,
    opened: Opened,
}

impl Desktop {
    /// Opens the engine and starts its background work; or, for a demonstration, a desk to
    /// look at with all of its history; or finds the engine that is somewhere else.
    pub async fn open(settings: &Settings, for_show: bool) -> Result<Self, Ended> {
        if let Some(named) = &settings.engine {
            return Ok(Self {
                session: engines::open(settings, named).await?,
                behind: Behind::Elsewhere,
            });
        }
        if for_show {
            let desk = demo::open(settings).await?;
            return Ok(Self {
                session: desk.session.clone(),
                behind: Behind::Demo(Box::new(desk)),
            });
        }
        let opened = open(settings).await?;
        let session = session(opened.core.clone(), local_caller(settings)?);
        let stop = CancellationToken::new();
        let running = tokio::spawn(opened.runner.clone().run(stop.clone()));
        let own = Own {
            stop,
            running,
            opened,
        };
        Ok(Self {
            session,
            behind: Behind::Own(Box::new(own)),
        })
    }

    /// Lets what is running finish its step, anchors the audit trail, and closes.
    pub async fn close(self) -> Result<(), Fault> {
        match self.behind {
            Behind::Demo(desk) => {
                desk.close().await;
                Ok(())
            }
            Behind::Own(own) => own.close().await,
            Behind::Elsewhere => Ok(()),
        }
    }
}

impl Own {
    async fn close(self) -> Result<(), Fault> {
        self.stop.cancel();
        // A panic in there was logged where it happened.
        drop(self.running.await);
        anchor::follow(&self.opened.core, &self.opened.anchor).await?;
        self.opened.store.close().await;
        Ok(())
    }
}
