//! Keys that are kept in the house: made, listed, rotated, taken back, and found by the door.
//! Whoever hands one out cannot give more than they have; nobody sees one twice.

pub mod find;
pub mod list;
pub mod make;
pub mod open;
pub mod revoke;
pub mod rotate;

use std::collections::BTreeSet;

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{fault::Fault, work::Work};
use crate::{
    domain::{
        ids::TenantId,
        policy::{Permission, allows},
        problem::{Code, Problem},
        tenant::{
            caller::{Caller, house, is_reserved},
            key::{Fresh, Key, Standing, check_chosen, digest},
            role::Role,
            secret::Secret,
        },
        text,
        when::Instant,
    },
    store::record::Stored,
};

/// The longest that two keys of one line open side by side.
pub const LONGEST_OVERLAP: u32 = 24 * 60 * 60;

/// A key that somebody wants.
pub(in crate::engine) struct Wanted {
    /// Whose things it opens.
    pub tenant: TenantId,
    /// Who it is.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What it is narrowed to.
    pub scopes: Option<BTreeSet<Permission>>,
    /// The principal that it is the token of.
    pub principal: Option<String>,
    /// When its time is over.
    pub expires_at: Option<Instant>,
    /// The line that it goes on.
    pub line: Option<String>,
}

impl Wanted {
    /// A key for a tenant, for as long as nobody takes it back.
    pub fn new(tenant: &TenantId, name: impl Into<String>, role: Role) -> Self {
        Self {
            tenant: tenant.clone(),
            name: name.into(),
            role,
            scopes: None,
            principal: None,
            expires_at: None,
            line: None,
        }
    }

    fn kept(self, id: String, sha256: String, now: Instant) -> Key {
        Key {
            line: self.line.unwrap_or_else(|| id.clone()),
            id,
            sha256,
            tenant: self.tenant,
            name: self.name,
            role: self.role,
            scopes: self.scopes,
            principal: self.principal,
            created_at: now,
            expires_at: self.expires_at,
            revoked_at: None,
            replaced_by: None,
        }
    }
}

/// Makes a key and keeps its digest; the secret is shown by whoever asked, once.
pub(in crate::engine) fn mint(work: &mut Work<'_>, wanted: Wanted) -> Result<(Key, Secret), Fault> {
    let fresh = Fresh::of(wanted.role);
    let key = wanted.kept(fresh.id, fresh.sha256, work.now());
    work.create_in_house(&key)?;
    tell(work, "keys.made", &key);
    Ok((key, Secret::new(fresh.key)))
}

/// Keeps a token that somebody chose. Nobody but an operator may: whether a token is somebody's
/// already is nothing that a tenant shall learn.
pub(in crate::engine) async fn keep(
    work: &mut Work<'_>,
    wanted: Wanted,
    token: &Secret,
) -> Result<(Key, Secret), Fault> {
    let wrong = |said: String| {
        Fault::field(Problem::new(
            "access_token",
            Code::new("INVALID_TOKEN"),
            said,
        ))
    };
    if work.caller().role != Role::Operator {
        return Err(wrong(
            "cannot be chosen here; leave it out and one is made".into(),
        ));
    }
    check_chosen(token.reveal()).map_err(|why| wrong(why.to_string()))?;
    let sha256 = digest(token.reveal());
    let id = chosen_id(work, &sha256)?;
    if work.get_in_house::<Key>(&id).await?.is_some() {
        let message = "access_token: is in use; choose another, or leave it out";
        return Err(Fault::conflict("DUPLICATE_TOKEN", message).with("field", "access_token"));
    }
    let key = wanted.kept(id, sha256, work.now());
    work.create_in_house(&key)?;
    tell(work, "keys.made", &key);
    Ok((key, token.clone()))
}

/// The id of a token that somebody chose: nobody can work it out who does not have the token
/// and our secret.
fn chosen_id(work: &Work<'_>, sha256: &str) -> Result<String, Fault> {
    let name = work
        .desk()
        .secret
        .name(&house(), &format!("token {sha256}"));
    name.ok_or_else(|| Fault::broken("a token could not be named"))
}

fn tell(work: &mut Work<'_>, what: &'static str, key: &Key) {
    let detail = format!("{} {} of {}", key.role, text::echo(&key.name), key.tenant);
    work.tell_house(what, key.id.clone(), detail);
}

/// Finds a key of the tenant that is asked for.
pub(in crate::engine) async fn find_own(work: &Work<'_>, id: &str) -> Result<Stored<Key>, Fault> {
    let found = work.get_in_house::<Key>(id).await?;
    found
        .filter(|found| found.record.tenant == *work.tenant())
        .ok_or_else(|| Fault::absent("key", id))
}

/// Takes a key back, if it still opens.
pub(in crate::engine) fn take_back(
    work: &mut Work<'_>,
    stored: &Stored<Key>,
) -> Result<Key, Fault> {
    let mut key = stored.record.clone();
    if key.revoked_at.is_none() {
        key.revoked_at = Some(work.now());
        work.replace_in_house(stored, &key)?;
        tell(work, "keys.revoked", &key);
    }
    Ok(key)
}

/// Makes the key that takes another's place; the other goes on for a while.
pub(in crate::engine) async fn replace(
    work: &mut Work<'_>,
    stored: Stored<Key>,
    overlap: Option<u32>,
    chosen: Option<&Secret>,
) -> Result<(Key, Key, Secret), Fault> {
    let overlap = overlap.unwrap_or(LONGEST_OVERLAP);
    if overlap > LONGEST_OVERLAP {
        let said = format!("is more than {LONGEST_OVERLAP}, which is a day");
        let problem = Problem::new("overlap_seconds", Code::new("INVALID_PARAMETER"), said);
        return Err(Fault::field(problem));
    }
    let mut old = stored.record.clone();
    match old.standing(work.now()) {
        Standing::Active => {}
        Standing::Expired | Standing::Revoked => {
            let message = "this key opens nothing any more; make a new one";
            return Err(Fault::wrong_state("KEY_ENDED", message).with("key_id", old.id));
        }
    }
    let wanted = Wanted {
        tenant: old.tenant.clone(),
        name: old.name.clone(),
        role: old.role,
        scopes: old.scopes.clone(),
        principal: old.principal.clone(),
        expires_at: None,
        line: Some(old.line.clone()),
    };
    let (new, secret) = match chosen {
        Some(token) => keep(work, wanted, token).await?,
        None => mint(work, wanted)?,
    };
    let end = work.now() + Duration::seconds(overlap.into());
    old.expires_at = Some(old.expires_at.map_or(end, |before| before.min(end)));
    old.replaced_by = Some(new.id.clone());
    work.replace_in_house(&stored, &old)?;
    tell(work, "keys.rotated", &old);
    Ok((old, new, secret))
}

/// Refuses to hand out more than whoever hands it out has themselves. An operator has charge
/// of everything that a tenant is.
pub(in crate::engine) fn check_gift(
    giver: &Caller,
    role: Role,
    scopes: Option<&BTreeSet<Permission>>,
) -> Result<(), Fault> {
    if giver.role == Role::Operator && role != Role::Engine {
        return Ok(());
    }
    let given =
        |it: &Permission| allows(role, *it) && scopes.is_none_or(|scopes| scopes.contains(it));
    match Permission::all().filter(given).find(|it| !giver.may(*it)) {
        None => Ok(()),
        Some(more) => Err(Fault::forbidden(giver, more)),
    }
}

/// Checks who a key shall be.
pub(in crate::engine) fn check_name(name: &str) -> Result<(), Fault> {
    let wrong = |said: String| Fault::field(Problem::new("name", Code::INVALID_NAME, said));
    text::check_line(name, 100).map_err(|why| wrong(why.to_string()))?;
    if is_reserved(name) || name.starts_with('~') {
        return Err(wrong("is the engine's own; choose another".into()));
    }
    Ok(())
}

/// A key as it is shown: without anything that would help to make it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyView {
    /// Its readable part.
    pub key_id: String,
    /// Whose things it opens.
    pub tenant_id: TenantId,
    /// Who it is, as the audit trail names them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What it is narrowed to; nothing means everything that the role may.
    pub scopes: Option<BTreeSet<Permission>>,
    /// The principal that it is the token of.
    pub principal_id: Option<String>,
    /// Where it stands.
    pub state: Standing,
    /// When it was made.
    pub created_at: Instant,
    /// When its time is over.
    pub expires_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
    /// The key that took its place.
    pub replaced_by: Option<String>,
}

impl KeyView {
    /// Shows a key as it stands now.
    #[must_use]
    pub fn of(key: Key, now: Instant) -> Self {
        Self {
            state: key.standing(now),
            key_id: key.id,
            tenant_id: key.tenant,
            name: key.name,
            role: key.role,
            scopes: key.scopes,
            principal_id: key.principal,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            replaced_by: key.replaced_by,
        }
    }
}

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MadeKey {
    /// The key itself: shown now and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// What is kept of it.
    #[serde(flatten)]
    pub view: KeyView,
}

impl MadeKey {
    /// The same without the key itself, as it is kept for whoever asks again.
    fn kept(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.view)
    }
}
