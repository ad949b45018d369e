//! Who is asking, and whom: what a console somewhere else has to know before it asks anything
//! else. Says nothing that the asker's own key does not say, and refuses nobody who was let in.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    fault::Fault,
    operation::{Kind, Operation},
    work::Work,
};
use crate::domain::{
    ids::TenantId,
    policy::Permission,
    tenant::{caller::Caller, role::Role},
    when::Instant,
};

/// The number of the shapes in which operations cross the wire: another one, where those of
/// before can no longer be read.
pub const SPEAKS: u32 = 1;

/// Says who asks, and whom.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Who {}

/// Who asks, and whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Met {
    /// The name in the audit trail.
    pub name: String,
    /// Whose things they see.
    pub tenant: TenantId,
    /// Their role.
    pub role: Role,
    /// What their key is narrowed to; everything that the role may where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<BTreeSet<Permission>>,
    /// Whether they look after all tenants.
    pub keeps_house: bool,
    /// The version of the engine.
    pub version: String,
    /// The number of the shapes that it speaks.
    pub speaks: u32,
    /// What time it is for the engine.
    pub now: Instant,
}

impl Met {
    /// Who asks, as a caller.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            name: self.name.clone(),
            tenant: self.tenant.clone(),
            role: self.role,
            scopes: self.scopes.clone(),
        }
    }
}

impl Operation for Who {
    const NAME: &'static str = "engine.who";
    const ABOUT: &'static str = "Say who asks, and whom.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    const FOR_ALL: bool = true;
    type Output = Met;

    async fn perform(self, work: &mut Work<'_>) -> Result<Met, Fault> {
        let caller = work.caller().clone();
        Ok(Met {
            keeps_house: caller.role == Role::Operator,
            name: caller.name,
            tenant: caller.tenant,
            role: caller.role,
            scopes: caller.scopes,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            speaks: SPEAKS,
            now: work.now(),
        })
    }
}
