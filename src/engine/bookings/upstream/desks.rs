//! Which tenants' bookings live in another company's system, how it is reached, and when this
//! process last looked there.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use crate::{
    domain::{
        booking::upstream::{UpstreamKind, shown::ShownJob},
        ids::TenantId,
        money::Currency,
        tenant::secret::Secret,
        when::Instant,
    },
    peers::upstream::{
        Bookings, Silent,
        buyer_agent::{self, Bounds, BuyerAgent},
    },
};

/// How often a job is asked for that is known to be there: one worker at least knows it.
pub(in crate::engine) const LISTED: u32 = 4;

/// How one tenant's upstream is set up.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// Which make.
    pub kind: UpstreamKind,
    /// Where it is.
    pub url: String,
    /// Its key; none where it has no lock.
    pub key: Option<Secret>,
    /// How often it is looked at.
    pub poll: Duration,
    /// How long it must not have shown a job before the job counts as gone there.
    pub gone_after: Duration,
    /// How long things may take.
    pub bounds: Bounds,
}

impl SetUp {
    /// One of these at this address, with everything else as usual.
    #[must_use]
    pub fn new(kind: UpstreamKind, url: impl Into<String>) -> Self {
        Self {
            kind,
            url: url.into(),
            key: None,
            poll: Duration::from_secs(3),
            gone_after: Duration::from_mins(5),
            bounds: Bounds::default(),
        }
    }
}

/// An upstream that is set up.
pub struct Place {
    /// Which make.
    pub kind: UpstreamKind,
    /// How it is asked.
    pub client: Arc<dyn Bookings>,
    /// How often it is looked at.
    pub poll: Duration,
    /// How long it must not have shown a job before the job counts as gone there.
    pub gone_after: Duration,
    looked: Mutex<Option<(Instant, u64)>>,
}

impl Place {
    /// Notes that all of it was looked at, and how many jobs there were.
    pub fn look(&self, at: Instant, total: u64) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, total));
    }

    /// A job in full, asked for so often while it is not known: workers may take turns, and each
    /// knows its own jobs alone.
    pub(in crate::engine) async fn whole(
        &self,
        id: &str,
        times: u32,
    ) -> Result<Option<ShownJob>, Silent> {
        for _ in 0..times {
            let shown = self.client.one(id).await?;
            if shown.is_some() {
                return Ok(shown);
            }
        }
        Ok(None)
    }

    /// When this process last looked at all of it, and how many jobs there were.
    #[must_use]
    pub fn looked(&self) -> Option<(Instant, u64)> {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every upstream, by its tenant.
#[derive(Clone, Default)]
pub struct Upstreams(Arc<BTreeMap<TenantId, Arc<Place>>>);

impl Upstreams {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When one cannot be reached as it is set up, with its tenant.
    pub fn new(all: impl IntoIterator<Item = (TenantId, SetUp)>) -> Result<Self, Silent> {
        let mut places = BTreeMap::new();
        for (tenant, set) in all {
            let of = |why: &dyn fmt::Display| Silent(format!("the bookings of {tenant}: {why}"));
            let url = Url::parse(&set.url).map_err(|error| of(&error))?;
            let UpstreamKind::IabBuyerAgent = set.kind;
            let client = BuyerAgent::new(buyer_agent::Settings {
                url,
                key: set.key.map(|key| SecretString::from(key.reveal())),
                currency: Currency::USD,
                bounds: set.bounds,
            });
            let place = Place {
                kind: set.kind,
                client: Arc::new(client.map_err(|silent| of(&silent))?),
                poll: set.poll,
                gone_after: set.gone_after,
                looked: Mutex::default(),
            };
            places.insert(tenant, Arc::new(place));
        }
        Ok(Self(Arc::new(places)))
    }

    /// That of a tenant.
    #[must_use]
    pub fn of(&self, tenant: &TenantId) -> Option<&Arc<Place>> {
        self.0.get(tenant)
    }

    /// The tenants that have one.
    pub fn tenants(&self) -> impl Iterator<Item = &TenantId> {
        self.0.keys()
    }
}

impl fmt::Debug for Upstreams {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}
