//! Forgets a tenant: everything that is kept of it goes in one commit, and its keys open nothing.
//! What stays is one line in the trail of the house, which says who did it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find;
use crate::{
    domain::{
        ids::TenantId,
        policy::Permission,
        tenant::{
            key::Key,
            publisher::{Publisher, Subdomain},
        },
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Record},
};

/// The most keys of one tenant.
const MOST: u32 = 1_000_000;

/// Forgets a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteTenant {
    /// Which.
    pub tenant_id: TenantId,
}

/// A tenant that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeletedTenant {
    /// Which.
    pub tenant_id: TenantId,
    /// What it was called.
    pub name: String,
    /// How many keys went with it.
    pub keys: usize,
}

impl Operation for DeleteTenant {
    const NAME: &'static str = "tenants.delete";
    const ABOUT: &'static str = "Forget a tenant and everything that is kept of it.";
    const KIND: Kind = Kind::Command(Permission::ManageTenants);
    type Output = DeletedTenant;

    async fn perform(self, work: &mut Work<'_>) -> Result<DeletedTenant, Fault> {
        let stored = find(work, &self.tenant_id).await?;
        work.about(about(&self.tenant_id));
        let of_it = Filter {
            parent: Some(self.tenant_id.to_string()),
            limit: MOST,
            ..Filter::default()
        };
        let keys = work.list_in_house::<Key>(&of_it).await?;
        for key in &keys {
            work.remove_in_house(key);
        }
        for name in work.list_in_house::<Subdomain>(&of_it).await? {
            work.remove_in_house(&name);
        }
        work.remove_in_house(&stored);
        work.forget(&self.tenant_id);
        let name = stored.record.name;
        work.tell_house("tenants.deleted", self.tenant_id.to_string(), name.clone());
        Ok(DeletedTenant {
            tenant_id: self.tenant_id,
            name,
            keys: keys.len(),
        })
    }
}

/// What the line about it is about, by which it is known that a trail did not vanish.
#[must_use]
pub fn about(tenant: &TenantId) -> String {
    format!("{}/{tenant}", Publisher::KIND)
}
