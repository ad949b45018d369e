//! Changes a principal, or removes it. What it may do changes with its mappings, and its tokens
//! with that; removed, none of them opens anything, and what it has bought stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{PrincipalView, check_name, check_role, find, mapped};
use crate::{
    domain::{
        policy::Permission,
        tenant::{key::Key, principal::Principal},
    },
    engine::{
        fault::Fault,
        keys::{check_gift, take_back},
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Stored},
};

/// Changes a principal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePrincipal {
    /// Which.
    pub principal_id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What Google Ad Manager calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gam_advertiser_id: Option<Value>,
    /// What other systems call it, in place of what stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_mappings: Option<Map<String, Value>>,
    /// `admin` or `buyer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// The keys of a principal that still open something.
async fn keys_of(work: &Work<'_>, principal: &str) -> Result<Vec<Stored<Key>>, Fault> {
    let filter = Filter {
        parent: Some(work.tenant().to_string()),
        state: Some("active".to_owned()),
        search: Some(principal.to_owned()),
        limit: 1000,
        ..Filter::default()
    };
    let mut keys = work.list_in_house::<Key>(&filter).await?;
    keys.retain(|key| key.record.principal.as_deref() == Some(principal));
    Ok(keys)
}

impl Operation for UpdatePrincipal {
    const NAME: &'static str = "principals.update";
    const ABOUT: &'static str = "Change a principal of the tenant: what is sent, and nothing else.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = PrincipalView;

    async fn perform(self, work: &mut Work<'_>) -> Result<PrincipalView, Fault> {
        let stored = find(work, &self.principal_id).await?;
        work.about(format!("principal/{}", stored.record.id));
        let mut principal = stored.record.clone();
        if let Some(name) = &self.name {
            principal.name = check_name(name)?;
        }
        let mappings = self
            .platform_mappings
            .unwrap_or(principal.platform_mappings);
        principal.platform_mappings = mapped(mappings, self.gam_advertiser_id)?;
        if self.role.is_some() {
            principal.role = check_role(self.role)?;
        }
        if principal == stored.record {
            return Ok(PrincipalView::of(work.tenant(), principal));
        }
        let role = principal.role();
        if role != stored.record.role() {
            check_gift(work.caller(), role, None)?;
            for key in keys_of(work, &principal.id).await? {
                let changed = Key {
                    role,
                    ..key.record.clone()
                };
                work.replace_in_house(&key, &changed)?;
            }
        }
        work.replace(&stored, &principal)?;
        work.tell_house("keys.changed", principal.key_id.clone(), role.name());
        let (object, detail) = (principal.id.clone(), principal.name.clone());
        work.tell("principals.changed", "principal", object, detail);
        Ok(PrincipalView::of(work.tenant(), principal))
    }
}

/// Removes a principal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletePrincipal {
    /// Which.
    pub principal_id: String,
}

/// A principal that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeletedPrincipal {
    /// Which.
    pub principal_id: String,
    /// How many of its keys were taken back.
    pub keys_revoked: usize,
}

impl Operation for DeletePrincipal {
    const NAME: &'static str = "principals.delete";
    const ABOUT: &'static str = "Remove a principal of the tenant and take its tokens back.";
    const KIND: Kind = Kind::Command(Permission::ManageKeys);
    type Output = DeletedPrincipal;

    async fn perform(self, work: &mut Work<'_>) -> Result<DeletedPrincipal, Fault> {
        let stored = find(work, &self.principal_id).await?;
        let principal: &Principal = &stored.record;
        let (id, name) = (principal.id.clone(), principal.name.clone());
        let keys = keys_of(work, &id).await?;
        let keys_revoked = keys.len();
        for key in keys {
            take_back(work, &key)?;
        }
        work.remove(&stored);
        work.tell_house(
            "keys.revoked",
            id.clone(),
            "of a principal that was removed",
        );
        work.tell("principals.deleted", "principal", id.clone(), name);
        Ok(DeletedPrincipal {
            principal_id: id,
            keys_revoked,
        })
    }
}
