//! Which sellers somewhere else each tenant has, and how they are reached. Asks nobody before
//! somebody does.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use secrecy::SecretString;
use url::Url;

use super::outside::{Keeping, Outside};
use crate::{
    domain::{
        booking::asked::SellerKind,
        channel::Channel,
        ids::{JobId, TenantId},
        money::Currency,
        tenant::secret::Secret,
        when::Instant,
    },
    peers::sellers::{
        Market, Silent, Usual,
        adcp::{Buyer, SalesAgent},
        http::{Bounds, KeyHeader, Settings},
        opendirect::OpenDirect,
        seller_agent::SellerAgent,
    },
};

/// How one seller is set up.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// What it is called here.
    pub name: String,
    /// What sort of seller.
    pub kind: SellerKind,
    /// Where it is.
    pub url: String,
    /// Its key; none where it has no lock.
    pub key: Option<Secret>,
    /// Which header that stands in.
    pub header: KeyHeader,
    /// The account in which `OpenDirect` orders are placed, the only one where it is not said; or
    /// the one that an `AdCP` agent is told.
    pub account: Option<String>,
    /// The domain of the brand that is advertised, for `AdCP`.
    pub brand: Option<String>,
    /// The currency of prices that name none.
    pub currency: Currency,
    /// The channel of products that name none.
    pub channel: Option<Channel>,
    /// How long what was read counts.
    pub keeping: Keeping,
    /// How long calls may take.
    pub bounds: Bounds,
}

impl SetUp {
    /// One of these at this address, with everything else as usual.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SellerKind, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            url: url.into(),
            key: None,
            header: KeyHeader::default(),
            account: None,
            brand: None,
            currency: Currency::USD,
            channel: None,
            keeping: Keeping::default(),
            bounds: Bounds::default(),
        }
    }

    fn open(self) -> Result<Outside, Silent> {
        let of = |why: &dyn fmt::Display| Silent(format!("the seller {}: {why}", self.name));
        let settings = Settings {
            url: Url::parse(&self.url).map_err(|error| of(&error))?,
            key: self
                .key
                .as_ref()
                .map(|key| SecretString::from(key.reveal())),
            header: self.header,
            bounds: self.bounds,
        };
        let usual = Usual {
            currency: self.currency,
            channel: self.channel,
            publisher: self.name.clone(),
        };
        let market: Result<Arc<dyn Market>, Silent> = match self.kind {
            SellerKind::OpenDirect => {
                let buyer = (self.account.clone(), self.brand.clone());
                OpenDirect::new(settings, usual, buyer).map(|one| Arc::new(one) as Arc<dyn Market>)
            }
            SellerKind::SellerAgent => {
                SellerAgent::new(settings, usual).map(|one| Arc::new(one) as Arc<dyn Market>)
            }
            SellerKind::Adcp => {
                let buyer = Buyer {
                    brand: self.brand.clone(),
                    account: self.account.clone(),
                };
                SalesAgent::new(settings, usual, buyer).map(|one| Arc::new(one) as Arc<dyn Market>)
            }
            SellerKind::Embedded => Err(Silent("the seller inside is not set up".into())),
        };
        let market = market.map_err(|silent| of(&silent))?;
        let id = self.name.as_str().into();
        Ok(Outside::new(id, self.kind, market, self.keeping))
    }
}

/// Every seller somewhere else, by its tenant.
#[derive(Clone, Default)]
pub struct OutsideSellers {
    all: Arc<BTreeMap<TenantId, Vec<Arc<Outside>>>>,
    /// When this process looked last at what a job has booked.
    looked: Arc<Mutex<HashMap<(TenantId, JobId), Instant>>>,
}

impl OutsideSellers {
    /// Gets ready.
    ///
    /// # Errors
    /// When one cannot be reached as it is set up, with its name.
    pub fn new(all: impl IntoIterator<Item = (TenantId, SetUp)>) -> Result<Self, Silent> {
        let mut sellers: BTreeMap<TenantId, Vec<Arc<Outside>>> = BTreeMap::new();
        for (tenant, set) in all {
            let open = set.open()?;
            sellers.entry(tenant).or_default().push(Arc::new(open));
        }
        Ok(Self {
            all: Arc::new(sellers),
            looked: Arc::default(),
        })
    }

    /// Those of a tenant.
    #[must_use]
    pub fn of(&self, tenant: &TenantId) -> &[Arc<Outside>] {
        self.all.get(tenant).map_or(&[], Vec::as_slice)
    }

    /// The tenants that have any.
    pub fn tenants(&self) -> impl Iterator<Item = &TenantId> {
        self.all.keys()
    }

    /// When this process looked last at what a job has booked.
    #[must_use]
    pub fn looked(&self, tenant: &TenantId, job: JobId) -> Option<Instant> {
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.get(&(tenant.clone(), job)).copied()
    }

    /// Notes that somebody looked.
    pub fn look_at(&self, tenant: &TenantId, job: JobId, now: Instant) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.insert((tenant.clone(), job), now);
    }

    /// Notes that nobody looks any more.
    pub fn look_away(&self, tenant: &TenantId, job: JobId) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.remove(&(tenant.clone(), job));
    }
}

impl fmt::Debug for OutsideSellers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.all.keys()).finish()
    }
}
