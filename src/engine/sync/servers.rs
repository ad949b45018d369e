//! Which ad server a tenant has, and a client of it. Refuses addresses that nobody set.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::inside::Inside;
use crate::{
    domain::{
        ids::TenantId,
        inventory::trouble::{Category, Trouble},
        tenant::{
            ad_server::{AdServerKind, AdServerSettings},
            caller::Caller,
            publisher::Publisher,
            secret::Secret,
        },
        webhook::address,
        when::Instant,
    },
    engine::core::Core,
    peers::ad_servers::{
        Backend, google,
        http::{Bounds, Time},
        kevel, triton,
    },
};

/// Where ad servers are, and how we are known to them: the same for all tenants.
#[derive(Debug, Clone)]
pub struct AdServers {
    /// Where Google Ad Manager is.
    pub google_api: String,
    /// Where its tokens are got.
    pub google_tokens: String,
    /// The id of our application there.
    pub google_client_id: String,
    /// What proves it.
    pub google_client_secret: Secret,
    /// Where Kevel is.
    pub kevel_api: String,
    /// Where Triton's booking API is.
    pub triton_api: String,
    /// Where Triton's hierarchy API is.
    pub triton_hierarchy: String,
    /// What one call may cost.
    pub bounds: Bounds,
}

impl Default for AdServers {
    fn default() -> Self {
        Self {
            google_api: google::API.to_owned(),
            google_tokens: google::TOKENS.to_owned(),
            google_client_id: String::new(),
            google_client_secret: Secret::new(String::new()),
            kevel_api: kevel::API.to_owned(),
            triton_api: triton::API.to_owned(),
            triton_hierarchy: triton::HIERARCHY.to_owned(),
            bounds: Bounds::default(),
        }
    }
}

/// The engine's time, for whoever waits for others.
struct EngineTime(Core);

#[async_trait]
impl Time for EngineTime {
    fn now(&self) -> Instant {
        self.0.clock().now()
    }

    async fn pause(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// A client of a tenant's ad server, as the directory has it; of the one inside for tenants that
/// it does not know.
///
/// # Errors
/// When it is not set up as it must be.
pub async fn of(core: &Core, tenant: &TenantId) -> Result<Arc<dyn Backend>, Trouble> {
    let engine = Caller::engine(tenant.clone());
    let work = core.work(&engine);
    let listed = work.get_in_house::<Publisher>(tenant.as_str()).await;
    let listed = listed.map_err(|fault| Trouble::transient(fault.message))?;
    let settings = listed.map(|stored| stored.record.ad_server);
    client(core, tenant, settings.unwrap_or_default())
}

fn client(
    core: &Core,
    tenant: &TenantId,
    settings: AdServerSettings,
) -> Result<Arc<dyn Backend>, Trouble> {
    let all = &core.desk().ad_servers;
    if settings.kind == AdServerKind::Mock {
        return Ok(Arc::new(Inside::new(core.clone(), tenant.clone())));
    }
    let time: Arc<dyn Time> = Arc::new(EngineTime(core.clone()));
    let own = own_address(core, tenant, settings.base_url.as_deref())?;
    let bounds = Bounds {
        public: own.is_some(),
        ..all.bounds
    };
    let at = |usual: &str| own.clone().map_or_else(|| address(usual), Ok);
    let account = wanted(settings.kind, "account", settings.network)?;
    let secret = wanted(settings.kind, "key or token", settings.credential)?;
    let secret = SecretString::from(secret.reveal());
    Ok(match settings.kind {
        AdServerKind::Kevel => {
            let settings = kevel::Settings {
                api: at(&all.kevel_api)?,
                api_key: secret,
                network: account,
                priority: None,
            };
            Arc::new(kevel::Kevel::new(settings, time, bounds)?)
        }
        AdServerKind::TritonDigital => {
            let settings = triton::Settings {
                api: at(&all.triton_api)?,
                hierarchy: at(&all.triton_hierarchy)?,
                api_key: secret,
                station: account,
            };
            Arc::new(triton::Triton::new(settings, time, bounds)?)
        }
        AdServerKind::Mock | AdServerKind::GoogleAdManager => {
            let settings = google::Settings {
                api: at(&all.google_api)?,
                tokens: address(&all.google_tokens)?,
                client_id: all.google_client_id.clone(),
                client_secret: SecretString::from(all.google_client_secret.reveal()),
                refresh_token: secret,
                network: account,
                trafficker: settings.trafficker,
            };
            Arc::new(google::Google::new(settings, time, bounds)?)
        }
    })
}

/// What an ad server cannot be reached without.
fn wanted<T>(kind: AdServerKind, what: &str, set: Option<T>) -> Result<T, Trouble> {
    set.ok_or_else(|| {
        let message = format!("the tenant's {kind} has no {what}: set it, then try again");
        Trouble::new(Category::Auth, "AD_SERVER_NOT_CONFIGURED", message)
    })
}

/// An address that was set for one tenant: a public one, because whoever set it must not reach
/// what only we can reach.
fn own_address(core: &Core, tenant: &TenantId, set: Option<&str>) -> Result<Option<Url>, Trouble> {
    let Some(set) = set else {
        return Ok(None);
    };
    let sandbox = core.desk().sandbox.as_ref() == Some(tenant);
    address::read(set, sandbox).map_err(|why| {
        let message = format!("the address that was set for the tenant's ad server {why}");
        Trouble::permanent(message)
    })?;
    self::address(set).map(Some)
}

/// An address with the slash that paths are put behind.
fn address(text: &str) -> Result<Url, Trouble> {
    let slash = if text.ends_with('/') || text.ends_with("/token") {
        ""
    } else {
        "/"
    };
    let url = Url::parse(&format!("{text}{slash}"));
    url.map_err(|_| Trouble::permanent("the address of the ad server in the settings is none"))
}
