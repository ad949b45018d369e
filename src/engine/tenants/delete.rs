//! Forgets a tenant: everything that is kept of it goes in one commit, and its keys open nothing.
//! What stays is one line in the trail of the house, which says who did it. Refuses a tenant that
//! the settings name, which this server would go on to serve.

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
        if work.desk().tenants.contains(&self.tenant_id) {
            return Err(served(&self.tenant_id));
        }
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

/// The settings of this very server name it: it would be served on, without an entry of its own.
fn served(tenant: &TenantId) -> Fault {
    let message =
        format!("the settings of this server name the tenant {tenant}: it is served here");
    Fault::conflict("TENANT_SERVED", message)
        .hint("take it out of the settings and start again, or close it instead of deleting it")
        .with("tenant_id", tenant.as_str())
}

/// What the line about it is about, by which it is known that a trail did not vanish.
#[must_use]
pub fn about(tenant: &TenantId) -> String {
    format!("{}/{tenant}", Publisher::KIND)
}
