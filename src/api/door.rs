//! The door: says whose key a request carries, be it of the settings or of the house, and whether
//! the tenant is open. Remembers what the house said for half a second; what this process itself
//! has changed it asks anew at once. Unknown, expired, taken back, of a tenant that is closed:
//! all are refused alike.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;

use super::auth::{Keys, Presented, is_same, presented, unknown};
use crate::{
    domain::{
        ids::TenantId,
        tenant::{
            caller::{Caller, house},
            key::{Key, Standing, digest, readable},
            role::Role,
        },
    },
    engine::{
        core::Core,
        fault::Fault,
        keys::find::{Door as Tenant, FindKey, FoundKey, LookAtDoor},
    },
};

/// How long an answer of the house is good for. A key that is taken back elsewhere opens for
/// this long at most.
const GOOD_FOR: Duration = Duration::from_millis(500);
/// How many answers are remembered.
const MOST: usize = 10_000;

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Who asks.
    pub caller: Caller,
    /// Whose requests are counted together: those of one key, and of those that took its place.
    pub line: String,
    /// When they asked.
    pub at: Instant,
    /// What the key is found by, where the house keeps it.
    kept: Option<FindKey>,
}

/// Lets in or refuses.
pub struct Door {
    settings: Keys,
    keys: Remembered<String, FoundKey>,
    tenants: Remembered<TenantId, Tenant>,
}

impl Door {
    /// A door for the keys of the settings and of the house.
    pub fn new(settings: Keys) -> Self {
        Self {
            settings,
            keys: Remembered::default(),
            tenants: Remembered::default(),
        }
    }

    /// Says who asks. `named` is the tenant that the request names, if it names one.
    ///
    /// # Errors
    /// When nobody is known by what the request carries, always the same; or when the house
    /// cannot say.
    pub async fn guest(
        &self,
        core: &Core,
        headers: &HeaderMap,
        named: Option<&str>,
        now: Instant,
    ) -> Result<Guest, Fault> {
        let key = match presented(headers) {
            Presented::Key(key) => key,
            Presented::Muddle => return Err(unknown()),
            Presented::Nothing => {
                let caller = self.settings.anybody().cloned().ok_or_else(unknown)?;
                let tenant = self.tenant(core, &caller.tenant, now).await?;
                if tenant.has_keys {
                    return Err(unknown());
                }
                return of_settings(caller, None, (named, &tenant), now);
            }
        };
        let known = self.settings.known(key);
        let known = known.map(|(id, caller)| (caller.clone(), Some(id)));
        let player = || self.settings.player(key).map(|caller| (caller, None));
        if let Some((caller, id)) = known.or_else(player) {
            let tenant = self.tenant(core, &caller.tenant, now).await?;
            return of_settings(caller, id, (named, &tenant), now);
        }
        let question = match readable(key) {
            Some(id) => FindKey {
                id: Some(id.to_owned()),
                sha256: String::new(),
            },
            None => FindKey {
                id: None,
                sha256: digest(key),
            },
        };
        let found = self.found(core, &question, now).await?;
        // Compared also where nothing was found, so that it takes as long.
        let kept = found.key.as_ref().map(|key| hex::decode(&key.sha256));
        let kept = kept.and_then(Result::ok).unwrap_or_else(|| vec![0; 32]);
        if !is_same(key, &kept) {
            return Err(unknown());
        }
        let (kept, tenant) = opens(core, found).ok_or_else(unknown)?;
        check_named(named, &kept.tenant, kept.role, &tenant)?;
        Ok(Guest {
            caller: kept.caller(),
            line: kept.line,
            at: now,
            kept: Some(question),
        })
    }

    /// Whether a guest would still be let in: for answers that have no end.
    pub async fn still(&self, core: &Core, guest: &Guest, now: Instant) -> bool {
        let open = if let Some(question) = &guest.kept {
            let found = self.found(core, question, now).await;
            found.map(|found| opens(core, found).is_some())
        } else {
            let tenant = self.tenant(core, &guest.caller.tenant, now).await;
            tenant.map(|tenant| tenant.open)
        };
        // A database that does not answer now is no reason to hang up.
        open.unwrap_or(true)
    }

    /// Whether there is such a tenant.
    ///
    /// # Errors
    /// When the house cannot say.
    pub async fn lists(&self, core: &Core, tenant: &TenantId, now: Instant) -> Result<bool, Fault> {
        Ok(self.tenant(core, tenant, now).await?.listed)
    }

    async fn found(
        &self,
        core: &Core,
        question: &FindKey,
        now: Instant,
    ) -> Result<FoundKey, Fault> {
        let name = question
            .id
            .clone()
            .unwrap_or_else(|| question.sha256.clone());
        let engine = Caller::engine(house());
        let ask = || core.ask(&engine, question.clone());
        // What nobody has is not worth the room: whoever guesses would take it all.
        let worth = |found: &FoundKey| found.key.is_some();
        self.keys.ask((core.doors(), now), name, ask, worth).await
    }

    async fn tenant(&self, core: &Core, of: &TenantId, now: Instant) -> Result<Tenant, Fault> {
        let engine = Caller::engine(house());
        let question = LookAtDoor { tenant: of.clone() };
        let ask = || core.ask(&engine, question);
        let stamp = (core.doors(), now);
        self.tenants
            .ask(stamp, of.clone(), ask, |tenant| tenant.listed)
            .await
    }
}

/// A guest whom the settings know.
fn of_settings(
    caller: Caller,
    id: Option<&str>,
    (named, tenant): (Option<&str>, &Tenant),
    at: Instant,
) -> Result<Guest, Fault> {
    if !tenant.open {
        return Err(unknown());
    }
    check_named(named, &caller.tenant, caller.role, tenant)?;
    let line = match id {
        Some(id) => id.to_owned(),
        None => format!("{}/{}", caller.tenant, caller.name),
    };
    Ok(Guest {
        caller,
        line,
        at,
        kept: None,
    })
}

/// The key, if it opens now, and its tenant.
fn opens(core: &Core, found: FoundKey) -> Option<(Key, Tenant)> {
    let (key, tenant) = found.key.zip(found.tenant)?;
    let stands = key.standing(core.clock().now()) == Standing::Active;
    (stands && tenant.open).then_some((key, tenant))
}

/// Refuses a key where another tenant is named. An operator has charge of all.
fn check_named(
    named: Option<&str>,
    own: &TenantId,
    role: Role,
    tenant: &Tenant,
) -> Result<(), Fault> {
    let is_own =
        |named: &str| named == own.as_str() || (!named.is_empty() && named == tenant.subdomain);
    if role == Role::Operator || named.is_none_or(is_own) {
        return Ok(());
    }
    Err(unknown())
}

/// Answers of the house, each with the time at which it was given and how often this process
/// had changed anything by then.
struct Remembered<K, T>(Mutex<HashMap<K, (u64, Instant, T)>>);

impl<K, T> Default for Remembered<K, T> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Eq + Hash, T: Clone> Remembered<K, T> {
    /// The answer that is remembered, if it is good; else a new one.
    async fn ask<F>(
        &self,
        (doors, now): (u64, Instant),
        name: K,
        ask: impl FnOnce() -> F,
        worth: impl Fn(&T) -> bool,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let is_good = |at: &Instant| now.saturating_duration_since(*at) < GOOD_FOR;
        {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((under, at, answer)) = kept.get(&name)
                && *under == doors
                && is_good(at)
            {
                return Ok(answer.clone());
            }
        }
        let answer = ask().await?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, (under, at, _)| *under == doors && is_good(at));
        }
        if kept.len() < MOST && worth(&answer) {
            kept.insert(name, (doors, now, answer.clone()));
        }
        Ok(answer)
    }
}
