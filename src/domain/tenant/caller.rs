//! A caller: the name under which things are asked and written down. Carries no secret.

use std::{borrow::Cow, collections::BTreeSet};

use super::role::Role;
use crate::domain::{
    ids::TenantId,
    policy::{self, Permission},
};

/// The name of the engine at its own work, and of the tenant that it keeps house in. No
/// person, no key and no tenant of theirs can have it.
pub const ENGINE: &str = "engine";

/// The name of those who ask without a key, where that is let.
pub const ANONYMOUS: &str = "anonymous";

/// The tenant that the house keeps what belongs to no single tenant under: the directory of
/// tenants, and all keys.
///
/// # Panics
/// Never: the name is one.
#[must_use]
pub fn house() -> TenantId {
    ENGINE.parse().expect("the name of the house is a name")
}

/// Whether a name is the engine's own, however it is written.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(ENGINE)
}

/// Who asks, for which tenant, and what they may at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who it is, as the audit trail names them.
    pub name: String,
    /// Whose things they see.
    pub tenant: TenantId,
    /// What their role lets them do.
    pub role: Role,
    /// What their key is narrowed to; nothing means everything that the role may.
    pub scopes: Option<BTreeSet<Permission>>,
}

impl Caller {
    /// Somebody with everything that their role may.
    #[must_use]
    pub fn new(name: impl Into<String>, tenant: TenantId, role: Role) -> Self {
        Self {
            name: name.into(),
            tenant,
            role,
            scopes: None,
        }
    }

    /// The engine at its own work for a tenant.
    #[must_use]
    pub fn engine(tenant: TenantId) -> Self {
        Self::new(ENGINE, tenant, Role::Engine)
    }

    /// Somebody without a key.
    #[must_use]
    pub fn anonymous(tenant: TenantId, role: Role) -> Self {
        Self::new(ANONYMOUS, tenant, role)
    }

    /// Whether nobody gave a key: everything that the role may, under that name.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.name == ANONYMOUS && self.scopes.is_none()
    }

    /// The name under which answers are kept for it: the engine's own is out of reach for
    /// everybody else, whatever they are called.
    #[must_use]
    pub fn keeps_as(&self) -> Cow<'_, str> {
        let own = self.role == Role::Engine;
        if !own && (self.name == ENGINE || self.name.starts_with('~')) {
            return Cow::Owned(format!("~{}", self.name));
        }
        Cow::Borrowed(if own { ENGINE } else { &self.name })
    }

    /// Whether role and scopes both allow it.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        policy::allows(self.role, permission)
            && self
                .scopes
                .as_ref()
                .is_none_or(|scopes| scopes.contains(&permission))
    }
}
