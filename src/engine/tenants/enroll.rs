//! Gives tenants that are named in the settings alone an entry in the directory, so that they
//! are listed, changed and closed like all others. Leaves alone what has one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::TenantId,
        policy::Permission,
        tenant::{
            caller::{Caller, house},
            publisher::{Publisher, Subdomain},
        },
    },
    engine::{
        core::Core,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Gives tenants their entries.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrollTenants {
    /// Which.
    pub tenants: Vec<TenantId>,
}

/// How many were new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Enrolled {
    /// How many.
    pub added: usize,
}

impl Operation for EnrollTenants {
    const NAME: &'static str = "tenants.enroll";
    const ABOUT: &'static str = "Give tenants that the settings name their entries.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Enrolled;

    async fn perform(self, work: &mut Work<'_>) -> Result<Enrolled, Fault> {
        let mut added = 0;
        for tenant in self.tenants {
            let listed = work.get_in_house::<Publisher>(tenant.as_str()).await?;
            if listed.is_some() || tenant == house() {
                continue;
            }
            let mut publisher = Publisher::named(tenant.clone(), work.now());
            let taken = work.get_in_house::<Subdomain>(tenant.as_str()).await?;
            if taken.is_some() {
                // Somebody else has its name: it is asked by its id, which is the same word.
                publisher.subdomain = String::new();
            } else {
                work.create_in_house(&Subdomain {
                    name: tenant.to_string(),
                    tenant: tenant.clone(),
                })?;
            }
            work.create_in_house(&publisher)?;
            work.tell_house("tenants.created", tenant.to_string(), publisher.name);
            added += 1;
        }
        Ok(Enrolled { added })
    }
}

/// Gives them their entries, and leaves no trace where all have one.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn enroll(core: &Core, tenants: &[TenantId]) -> Result<(), Fault> {
    let mut fresh = Vec::new();
    for tenant in tenants {
        let engine = Caller::engine(house());
        let work = core.work(&engine);
        let listed = work.get_in_house::<Publisher>(tenant.as_str()).await?;
        if listed.is_none() && !fresh.contains(tenant) {
            fresh.push(tenant.clone());
        }
    }
    if !fresh.is_empty() {
        let tenants = fresh;
        core.ask(&Caller::engine(house()), EnrollTenants { tenants })
            .await?;
    }
    Ok(())
}
