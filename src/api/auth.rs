//! The keys of the settings, and what a request carries: random, kept as a digest, found by their
//! readable part and compared in constant time. Every refusal looks the same. The keys that the
//! house keeps are asked for behind the door beside it.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    domain::{
        ids::TenantId,
        tenant::{caller::Caller, key::LONGEST, role::Role},
    },
    engine::fault::{Fault, FaultKind},
};

pub use crate::domain::tenant::key::Fresh;

/// What keys of the sandbox begin with; they open nothing where there is no sandbox.
const SANDBOX: &str = "demo-acme-outdoor-";
/// Everybody who has a key, and who is let in without one.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    known: HashMap<String, (Vec<u8>, Caller)>,
    open: Option<Caller>,
    sandbox: Option<TenantId>,
}

impl Keys {
    /// Lets everybody in as this caller for as long as no key is added.
    #[must_use]
    pub fn open_as(open: Option<Caller>) -> Self {
        Self {
            open,
            ..Self::default()
        }
    }

    /// Lets everybody who carries a key of the sandbox play in this tenant, each by the name
    /// of the key; nobody is let in without one.
    #[must_use]
    pub fn playing_in(self, sandbox: TenantId) -> Self {
        Self {
            open: None,
            sandbox: Some(sandbox),
            ..self
        }
    }

    /// Adds a key by its readable part and digest.
    pub fn add(&mut self, id: &str, sha256: &str, caller: Caller) {
        self.known.insert(
            id.to_owned(),
            (hex::decode(sha256).unwrap_or_default(), caller),
        );
    }

    /// Who asks without a key, where everybody may for as long as no key is set up.
    pub(super) fn anybody(&self) -> Option<&Caller> {
        self.open.as_ref().filter(|_| self.known.is_empty())
    }

    /// Says who plays with this key, where there is a sandbox.
    pub(super) fn player(&self, key: &str) -> Option<Caller> {
        let sandbox = self.sandbox.as_ref().filter(|_| key.starts_with(SANDBOX))?;
        Some(Caller::new(key, sandbox.clone(), Role::Buyer))
    }

    /// Says whose key of the settings this is.
    pub(super) fn known(&self, key: &str) -> Option<(&str, &Caller)> {
        let id = key.split('_').nth(1).unwrap_or_default();
        // An id that nobody has is compared all the same, so that it takes as long.
        let nobody = [0u8; 32];
        let found = self.known.get_key_value(id);
        let kept = found.map_or(&nobody[..], |(_, (kept, _))| kept);
        let same = is_same(key, kept);
        let (id, (_, caller)) = found.filter(|_| same)?;
        Some((id, caller))
    }

    /// Says who asks, as far as the settings know.
    ///
    /// # Errors
    /// When nobody is known by what the request carries; always the same.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, Fault> {
        let found = match presented(headers) {
            Presented::Nothing => self.anybody().cloned(),
            Presented::Muddle => None,
            Presented::Key(key) => self
                .player(key)
                .or_else(|| self.known(key).map(|(_, caller)| caller.clone())),
        };
        found.ok_or_else(unknown)
    }
}

/// Whether a key is the one whose digest was kept; takes as long for every other.
pub(super) fn is_same(key: &str, kept: &[u8]) -> bool {
    bool::from(Sha256::digest(key).as_slice().ct_eq(kept))
}

/// What a request carries.
pub(super) enum Presented<'a> {
    /// No key.
    Nothing,
    /// One.
    Key(&'a str),
    /// Several, or one that cannot be any.
    Muddle,
}

/// What stands behind a scheme, whose letters may be large or small.
fn behind<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (said, rest) = text.split_at_checked(scheme.len())?;
    said.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Reads the key that a request carries.
pub(super) fn presented(headers: &HeaderMap) -> Presented<'_> {
    let mut found = Vec::new();
    for (name, scheme) in [
        (header::AUTHORIZATION, "Bearer "),
        (header::HeaderName::from_static("x-api-key"), ""),
    ] {
        for value in headers.get_all(&name) {
            found.push(value.to_str().ok().and_then(|text| behind(text, scheme)));
        }
    }
    // Agents say the same in both of their headers; two different keys are a muddle.
    for name in ["x-adcp-auth", "x-tenant-management-api-key"] {
        for value in headers.get_all(name) {
            let key = value.to_str().ok();
            if found != [key] {
                found.push(key);
            }
        }
    }
    match found[..] {
        [] => Presented::Nothing,
        [Some(key)] if !key.is_empty() && key.len() <= LONGEST => Presented::Key(key),
        _ => Presented::Muddle,
    }
}

/// Whether a request carries a key at all, whatever it is good for.
pub(super) fn carries_key(headers: &HeaderMap) -> bool {
    !matches!(presented(headers), Presented::Nothing)
}

/// The one refusal, whatever was wrong.
pub(super) fn unknown() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "UNAUTHENTICATED",
        "Invalid or missing API key",
    )
    .hint(
        "send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`; at /mcp also as \
         `x-adcp-auth: KEY`, at /api/v1/tenant-management as `X-Tenant-Management-API-Key: KEY`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                *name,
                axum::http::HeaderValue::from_bytes(value.as_bytes()).expect("header"),
            );
        }
        headers
    }

    #[test]
    fn agents_may_say_the_same_twice_and_nothing_else() {
        let fresh = Fresh::make();
        let caller = Caller::new("robot", "main".parse().expect("tenant"), Role::Buyer);
        let mut keys = Keys::default();
        keys.add(&fresh.id, &fresh.sha256, caller.clone());
        let bearer = format!("Bearer {}", fresh.key);
        let both = [
            ("authorization", bearer.as_str()),
            ("x-adcp-auth", &fresh.key),
        ];
        assert_eq!(keys.caller(&headers(&both)), Ok(caller.clone()));
        for scheme in ["bearer", "BEARER"] {
            let small = format!("{scheme} {}", fresh.key);
            let small = [("authorization", small.as_str())];
            assert_eq!(
                keys.caller(&headers(&small)),
                Ok(caller.clone()),
                "{scheme}"
            );
        }
        let basic = format!("Basic: {}", fresh.key);
        let basic = [("authorization", basic.as_str())];
        assert!(keys.caller(&headers(&basic)).is_err());
        let other = Fresh::make().key;
        let two = [("authorization", bearer.as_str()), ("x-adcp-auth", &other)];
        assert_eq!(keys.caller(&headers(&two)), Err(unknown()));
    }

    #[test]
    fn the_sandbox_opens_only_where_there_is_one() {
        let key = headers(&[("x-adcp-auth", "demo-acme-outdoor-v1")]);
        assert_eq!(Keys::default().caller(&key), Err(unknown()));
        let tenant: TenantId = "sandbox".parse().expect("tenant");
        let keys = Keys::open_as(Some(Caller::new("anybody", tenant.clone(), Role::Admin)));
        let keys = keys.playing_in(tenant.clone());
        let caller = keys.caller(&key).expect("plays");
        assert_eq!((caller.tenant, caller.role), (tenant, Role::Buyer));
        for refused in [headers(&[]), headers(&[("x-adcp-auth", "demo-other-v1")])] {
            assert_eq!(keys.caller(&refused), Err(unknown()));
        }
    }

    #[test]
    fn a_key_opens_for_its_caller_and_everything_else_is_refused_alike() {
        let fresh = Fresh::make();
        let caller = Caller::new("robot", "main".parse().expect("tenant"), Role::Trafficker);
        let mut keys = Keys::open_as(Some(Caller::new(
            "anybody",
            "main".parse().expect("tenant"),
            Role::Viewer,
        )));
        assert_eq!(
            keys.caller(&HeaderMap::new()).expect("open").name,
            "anybody"
        );
        keys.add(&fresh.id, &fresh.sha256, caller.clone());

        let bearer = format!("Bearer {}", fresh.key);
        assert_eq!(
            keys.caller(&headers(&[("authorization", &bearer)])),
            Ok(caller.clone())
        );
        assert_eq!(
            keys.caller(&headers(&[("x-api-key", &fresh.key)])),
            Ok(caller)
        );

        let other = Fresh::make().key;
        let long = "x".repeat(8 << 10);
        let lower = format!("bearer: {}", fresh.key);
        let refused = [
            headers(&[]),
            headers(&[("x-api-key", "")]),
            headers(&[("x-api-key", &other)]),
            headers(&[("x-api-key", &fresh.key[..fresh.key.len() - 1])]),
            headers(&[("x-api-key", &long)]),
            headers(&[("x-api-key", "fdk_ü_ü")]),
            headers(&[("authorization", &lower)]),
            headers(&[("authorization", &bearer), ("x-api-key", &fresh.key)]),
            headers(&[("x-api-key", &fresh.key), ("x-api-key", &fresh.key)]),
        ];
        for headers in refused {
            assert_eq!(keys.caller(&headers), Err(unknown()), "{headers:?}");
        }
    }
}
