//! Which tenants' media buys live in another company's sales agent, how it is reached, and when
//! this process last looked there. Looks no oftener than such servers bear.

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
        ids::TenantId, media_buy::upstream::AgentKind, tenant::secret::Secret, when::Instant,
    },
    peers::{
        mcp,
        upstream::{
            MediaBuys, Silent,
            sales_agent::{
                self, Bounds, SalesAgent,
                admin::{self, Session},
            },
        },
    },
};

/// How often a sales agent is looked at at most.
pub const LEAST_POLL: Duration = Duration::from_secs(15);
/// How often it is asked what was delivered at most: it writes down that it was asked.
pub const LEAST_COUNT: Duration = Duration::from_mins(1);

/// How one tenant's sales agent is set up.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// Which make.
    pub kind: AgentKind,
    /// Where its MCP server is.
    pub url: String,
    /// The token of the buyer that it is asked for; none where it has no lock.
    pub key: Option<Secret>,
    /// In which headers the token is shown.
    pub shown: mcp::Shown,
    /// Which of its tenants is meant.
    pub tenant: Option<String>,
    /// Whose buys these are, by the name that they are shown under here.
    pub principal: String,
    /// The account that is named in what is asked, where it wants one.
    pub account: Option<String>,
    /// How often it is looked at.
    pub poll: Duration,
    /// How often it is asked what was delivered.
    pub count: Duration,
    /// How long it must not have shown a buy before the buy counts as gone there.
    pub gone_after: Duration,
    /// Where its people decide, where that can be used from here.
    pub pages: Option<Pages>,
    /// How long things may take.
    pub bounds: Bounds,
}

/// Where the people of a sales agent decide.
#[derive(Debug, Clone)]
pub struct Pages {
    /// Where its pages are.
    pub url: String,
    /// The tenant's id there.
    pub tenant: String,
    /// Reads the cookie of a person who is signed in, where it is kept.
    pub session: Session,
}

impl SetUp {
    /// One at this address, with everything else as usual.
    #[must_use]
    pub fn new(kind: AgentKind, url: impl Into<String>) -> Self {
        Self {
            kind,
            url: url.into(),
            key: None,
            shown: mcp::Shown::Both,
            tenant: None,
            principal: "sales-agent".into(),
            account: None,
            poll: LEAST_POLL,
            count: LEAST_COUNT,
            gone_after: Duration::from_mins(5),
            pages: None,
            bounds: Bounds::default(),
        }
    }

    fn client(&self) -> Result<SalesAgent, Silent> {
        let address = |text: &str| Url::parse(text).map_err(|error| Silent(error.to_string()));
        let secret = |key: &Secret| SecretString::from(key.reveal());
        let pages = self.pages.as_ref().map(|pages| {
            Ok::<_, Silent>(admin::Settings {
                url: address(&pages.url)?,
                tenant: pages.tenant.clone(),
                session: pages.session.clone(),
                patience: self.bounds.send,
            })
        });
        SalesAgent::new(sales_agent::Settings {
            mcp: mcp::Settings {
                key: self.key.as_ref().map(secret),
                shown: self.shown,
                tenant: self.tenant.clone(),
                hello: self.bounds.read,
                ..mcp::Settings::new(address(&self.url)?)
            },
            account: self.account.clone(),
            admin: pages.transpose()?,
            bounds: self.bounds,
        })
    }
}

/// A sales agent that is set up.
pub struct Place {
    /// Which make.
    pub kind: AgentKind,
    /// How it is asked.
    pub client: Arc<dyn MediaBuys>,
    /// Whose buys these are.
    pub principal: String,
    /// How often it is looked at.
    pub poll: Duration,
    /// How often it is asked what was delivered.
    pub count: Duration,
    /// How long it must not have shown a buy before the buy counts as gone there.
    pub gone_after: Duration,
    looked: Mutex<Option<Instant>>,
    counted: Mutex<Option<Instant>>,
    rests: Mutex<Option<Instant>>,
}

impl Place {
    /// Notes that all of it was looked at.
    pub fn look(&self, at: Instant) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// When this process last looked at all of it.
    #[must_use]
    pub fn looked(&self) -> Option<Instant> {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves it alone for as long as it has asked to be; until when, where that is still ahead.
    pub fn rests(&self, now: Instant) -> Option<Instant> {
        let mut rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wait) = self.client.wants_rest() {
            let until = now + wait;
            *rests = Some(rests.map_or(until, |known| known.max(until)));
        }
        rests.filter(|until| *until > now)
    }

    /// Notes that it was asked what was delivered.
    pub fn counts(&self, at: Instant) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// When this process last heard what was delivered.
    #[must_use]
    pub fn counted(&self) -> Option<Instant> {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every sales agent, by its tenant.
#[derive(Clone, Default)]
pub struct Agents(Arc<BTreeMap<TenantId, Arc<Place>>>);

impl Agents {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When one cannot be reached as it is set up, with its tenant.
    pub fn new(all: impl IntoIterator<Item = (TenantId, SetUp)>) -> Result<Self, Silent> {
        let mut places = BTreeMap::new();
        for (tenant, set) in all {
            let of = |silent: Silent| Silent(format!("the media buys of {tenant}: {silent}"));
            let place = Place {
                kind: set.kind,
                client: Arc::new(set.client().map_err(of)?),
                principal: set.principal,
                poll: set.poll.max(LEAST_POLL),
                count: set.count.max(LEAST_COUNT),
                gone_after: set.gone_after,
                looked: Mutex::default(),
                counted: Mutex::default(),
                rests: Mutex::default(),
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

impl fmt::Debug for Agents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}
