//! How the tenant-management server of another house is reached, which shape it was found to have,
//! and what it said last: good for a moment, told with its age when it cannot be asked.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    domain::{
        tenant::{
            secret::Secret,
            server::{Probed, shown::ServerTenant},
        },
        when::Instant,
    },
    peers::upstream::{
        Silent,
        call::Bounds,
        slots::Away,
        tenant_server::{Settings, TenantServer},
    },
};

/// How long a server is taken to have the shape that it was found to have.
const SHAPED: chrono::Duration = chrono::Duration::minutes(10);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Its management key.
    pub key: Option<Secret>,
    /// The key of its sync API, where it has one.
    pub sync_key: Option<Secret>,
    /// For how long what it said is good.
    pub fresh: Duration,
    /// How long things may take.
    pub bounds: Bounds,
}

impl SetUp {
    /// One at this address, with everything else as usual.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            name: "the tenant server".into(),
            url: url.into(),
            key: None,
            sync_key: None,
            fresh: Duration::from_secs(10),
            bounds: Bounds::default(),
        }
    }
}

/// What it said last.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Which shape it has.
    pub probed: Probed,
    /// How it is, in its own words.
    pub health: Map<String, Value>,
    /// Its tenants.
    pub tenants: Vec<ServerTenant>,
    /// When it said so.
    pub at: Instant,
    /// Whether something was done there since.
    pub stale: bool,
}

/// A server that is set up.
pub struct ServerPlace {
    /// What people call it.
    pub name: String,
    /// How it is asked.
    pub client: TenantServer,
    fresh: Duration,
    shaped: Mutex<Option<(Instant, Probed)>>,
    kept: Mutex<Option<Known>>,
    not_before: Mutex<Option<Instant>>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ServerPlace {
    /// What it said last, however long ago.
    #[must_use]
    pub fn last(&self) -> Option<Known> {
        held(&self.kept).clone()
    }

    /// Forgets what it said, because something was done there.
    pub fn changed(&self) {
        if let Some(known) = held(&self.kept).as_mut() {
            // Still told where it cannot be asked; never again as news.
            known.stale = true;
        }
    }

    /// Notes that it asks to be left alone, if it does.
    pub fn heed(&self, away: &Away, now: Instant) {
        if let Some(wait) = away.wait {
            *held(&self.not_before) = Some(now + wait);
        }
    }

    /// Why it is not asked now, if it asks to be left alone.
    #[must_use]
    pub fn resting(&self, now: Instant) -> Option<String> {
        let until = held(&self.not_before).filter(|until| *until > now)?;
        let left = (until - now).num_seconds().max(1);
        Some(format!("it asks us to wait another {left} s"))
    }

    /// Which shape it has: as it was found a while ago, or found out now.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn probed(&self, now: Instant) -> Result<Probed, String> {
        let shaped = held(&self.shaped).clone();
        if let Some((_, probed)) = shaped.filter(|(at, _)| now - *at < SHAPED) {
            return Ok(probed);
        }
        if let Some(why) = self.resting(now) {
            return Err(why);
        }
        match self.client.probe().await {
            Ok(probed) => {
                *held(&self.shaped) = Some((now, probed.clone()));
                Ok(probed)
            }
            Err(away) => {
                self.heed(&away, now);
                Err(away.why)
            }
        }
    }

    /// Looks at all of it, unless that was done a moment ago.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn look(&self, now: Instant, anew: bool) -> Result<Known, String> {
        let age = |known: &Known| (now - known.at).to_std().unwrap_or_default();
        let good = |known: &Known| !(anew || known.stale) && age(known) < self.fresh;
        if let Some(known) = self.last().filter(good) {
            return Ok(known);
        }
        let probed = self.probed(now).await?;
        if let Some(why) = self.resting(now) {
            return Err(why);
        }
        let told = |away: Away| {
            self.heed(&away, now);
            // Perhaps it is another one by now.
            *held(&self.shaped) = None;
            away.why
        };
        let tenants = self.client.tenants(probed.shape).await.map_err(told)?;
        let health = self.client.health().await.map_err(told)?;
        let known = Known {
            probed,
            health,
            tenants,
            at: now,
            stale: false,
        };
        *held(&self.kept) = Some(known.clone());
        Ok(known)
    }
}

/// The tenant-management server of another house, where one is set up.
#[derive(Clone, Default)]
pub struct HouseServer(Option<Arc<ServerPlace>>);

impl HouseServer {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When it cannot be reached as it is set up.
    pub fn new(set: SetUp) -> Result<Self, Silent> {
        let settings = Settings {
            url: Url::parse(&set.url).map_err(|error| Silent(error.to_string()))?,
            key: set.key.map(|key| SecretString::from(key.reveal())),
            sync_key: set.sync_key.map(|key| SecretString::from(key.reveal())),
            bounds: set.bounds,
        };
        Ok(Self(Some(Arc::new(ServerPlace {
            name: set.name,
            client: TenantServer::new(settings)?,
            fresh: set.fresh,
            shaped: Mutex::default(),
            kept: Mutex::default(),
            not_before: Mutex::default(),
        }))))
    }

    /// It, where one is set up.
    #[must_use]
    pub fn place(&self) -> Option<&Arc<ServerPlace>> {
        self.0.as_ref()
    }
}

impl fmt::Debug for HouseServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.as_ref().map(|place| &place.name);
        out.debug_tuple("HouseServer").field(&name).finish()
    }
}
