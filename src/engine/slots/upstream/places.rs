//! Which tenants' slots live in another company's slot service, how it is reached, when this
//! process last looked there, and what it said last of what is free: kept for a moment, and told
//! with its age when the other side cannot be asked.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use crate::{
    domain::{
        ids::TenantId,
        slot::{span::Span, upstream::shown::ShownSlot},
        tenant::secret::Secret,
        when::Instant,
    },
    peers::upstream::{
        Silent,
        call::Bounds,
        slot_service::{Service, Settings},
        slots::{Away, SlotService},
    },
};

/// The most answers about what is free that are kept.
const MOST: usize = 1_000;
/// A day in seconds.
const DAY: i64 = 86_400;

/// How one tenant's slot service is set up.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Its key; none where it has no lock.
    pub key: Option<Secret>,
    /// How often it is looked at.
    pub poll: Duration,
    /// How long it must not have shown something before that counts as gone there.
    pub gone_after: Duration,
    /// For how long what it said of what is free is good.
    pub fresh: Duration,
    /// How long things may take.
    pub bounds: Bounds,
}

impl SetUp {
    /// One at this address, with everything else as usual.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            name: "the slot service".into(),
            url: url.into(),
            key: None,
            poll: Duration::from_secs(15),
            gone_after: Duration::from_mins(5),
            fresh: Duration::from_secs(10),
            bounds: Bounds::default(),
        }
    }
}

/// What was free, and when that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// The slots, by when they begin.
    pub slots: Vec<ShownSlot>,
    /// When it was said.
    pub at: Instant,
    /// Why nothing newer is known, where it was asked in vain.
    pub trouble: Option<String>,
}

/// A slot service that is set up.
pub struct Place {
    /// What people call it.
    pub name: String,
    /// How it is asked.
    pub client: Arc<dyn SlotService>,
    /// How often it is looked at.
    pub poll: Duration,
    /// How long it must not have shown something before that counts as gone there.
    pub gone_after: Duration,
    /// How long whoever sends something there may take.
    pub patience: Duration,
    fresh: Duration,
    looked: Mutex<Option<Instant>>,
    not_before: Mutex<Option<Instant>>,
    kept: Mutex<HashMap<(String, i64, i64), Offers>>,
}

fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    /// Notes that all of it was looked at.
    pub fn look(&self, at: Instant) {
        *held(&self.looked) = Some(at);
    }

    /// When this process last looked at all of it.
    #[must_use]
    pub fn looked(&self) -> Option<Instant> {
        *held(&self.looked)
    }

    /// Notes that it asks to be left alone, if it does.
    pub fn heed(&self, away: &Away, now: Instant) {
        if let Some(wait) = away.wait {
            *held(&self.not_before) = Some(now + wait);
        }
    }

    /// Until when it asks to be left alone, if that is not over.
    #[must_use]
    pub fn alone_until(&self, now: Instant) -> Option<Instant> {
        held(&self.not_before).filter(|until| *until > now)
    }

    /// Why it is not asked now, if it asks to be left alone.
    #[must_use]
    pub fn resting(&self, now: Instant) -> Option<String> {
        let until = self.alone_until(now)?;
        let left = (until - now).num_seconds().max(1);
        Some(format!("it asks us to wait another {left} s"))
    }

    /// Forgets what was free of a resource: it has changed.
    pub fn forget(&self, remote: &str) {
        held(&self.kept).retain(|(of, ..), _| of != remote);
    }

    /// What is free of a resource: asked there, or as it was said a moment ago; where it cannot be
    /// asked, as it was said last.
    ///
    /// # Errors
    /// When it cannot be asked, and nothing is known from before.
    pub async fn offers(&self, remote: &str, within: Span, now: Instant) -> Result<Offers, String> {
        let today = now.timestamp().div_euclid(DAY) * DAY;
        let from = (within.start.div_euclid(DAY) * DAY).max(today);
        let to = (within.end + DAY - 1).div_euclid(DAY) * DAY;
        if to <= from {
            // Nothing that is over is free.
            return Ok(Offers {
                slots: Vec::new(),
                at: now,
                trouble: None,
            });
        }
        let key = (remote.to_owned(), from, to);
        let known = held(&self.kept).get(&key).cloned();
        let age = |offers: &Offers| (now - offers.at).to_std().unwrap_or_default();
        if let Some(known) = known.filter(|known| age(known) < self.fresh) {
            return Ok(known);
        }
        let why = if let Some(why) = self.resting(now) {
            why
        } else {
            let span = Span {
                start: from,
                end: to,
            };
            match self.ask(remote, span, now).await {
                Ok(slots) => return Ok(self.keep(key, slots, now)),
                Err(away) => away.why,
            }
        };
        self.last(remote, (from, to), why)
    }

    /// What is free, asked there now.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn ask(
        &self,
        remote: &str,
        span: Span,
        now: Instant,
    ) -> Result<Vec<ShownSlot>, Away> {
        let (from, to) = (span.starts_at(), span.ends_at());
        let asked = self.client.availability(remote, from, to).await;
        if let Err(away) = &asked {
            self.heed(away, now);
        }
        asked
    }

    fn keep(&self, key: (String, i64, i64), slots: Vec<ShownSlot>, at: Instant) -> Offers {
        let offers = Offers {
            slots,
            at,
            trouble: None,
        };
        let mut kept = held(&self.kept);
        if kept.len() >= MOST {
            let mut ages: Vec<Instant> = kept.values().map(|one| one.at).collect();
            ages.sort_unstable();
            let middle = ages[ages.len() / 2];
            kept.retain(|_, one| one.at > middle);
        }
        kept.insert(key, offers.clone());
        offers
    }

    /// What was said last of a resource, by whichever answer reaches farthest into the range.
    fn last(&self, remote: &str, (from, to): (i64, i64), why: String) -> Result<Offers, String> {
        let kept = held(&self.kept);
        let meets = |key: &&(String, i64, i64)| key.0 == remote && key.1 < to && from < key.2;
        let reach = |key: &(String, i64, i64)| key.2.min(to) - key.1.max(from);
        let best = kept.keys().filter(meets).max_by_key(|key| reach(key));
        match best.and_then(|key| kept.get(key)) {
            Some(offers) => Ok(Offers {
                trouble: Some(why),
                ..offers.clone()
            }),
            None => Err(why),
        }
    }
}

/// Every slot service, by its tenant.
#[derive(Clone, Default)]
pub struct SlotServices(Arc<BTreeMap<TenantId, Arc<Place>>>);

impl SlotServices {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When one cannot be reached as it is set up, with its tenant.
    pub fn new(all: impl IntoIterator<Item = (TenantId, SetUp)>) -> Result<Self, Silent> {
        let mut places = BTreeMap::new();
        for (tenant, set) in all {
            let of = |why: &dyn fmt::Display| Silent(format!("the slots of {tenant}: {why}"));
            let settings = Settings {
                url: Url::parse(&set.url).map_err(|error| of(&error))?,
                key: set.key.map(|key| SecretString::from(key.reveal())),
                bounds: set.bounds,
            };
            let client = Service::new(settings).map_err(|silent| of(&silent))?;
            let place = Place {
                name: set.name,
                client: Arc::new(client),
                poll: set.poll,
                gone_after: set.gone_after,
                patience: set.bounds.send + set.bounds.read * 2 + Duration::from_secs(5),
                fresh: set.fresh,
                looked: Mutex::default(),
                not_before: Mutex::default(),
                kept: Mutex::default(),
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

impl fmt::Debug for SlotServices {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}
