//! Gives tenants that are named in the settings alone an entry in the directory, so that they
//! are listed, changed and closed like all others. Leaves alone what has one, and leaves no line
//! in any trail: nobody has asked for anything.

use crate::{
    domain::{
        ids::TenantId,
        tenant::{
            caller::{Caller, house},
            publisher::{Publisher, Subdomain},
        },
    },
    engine::{core::Core, fault::Fault, work::Work},
    store::batch::{CommitError, StoreError},
};

/// How often it is tried while other nodes start as well.
const TRIES: u32 = 8;

/// Gives them their entries.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn enroll(core: &Core, tenants: &[TenantId]) -> Result<(), Fault> {
    let engine = Caller::engine(house());
    for _ in 0..TRIES {
        let mut work = core.work(&engine);
        for tenant in tenants {
            enter(&mut work, tenant).await?;
        }
        if work.batch.beside.is_empty() {
            return Ok(());
        }
        match core.store().commit(work.batch).await {
            Ok(_) => return Ok(()),
            Err(CommitError::Store(error)) => return Err(error.into()),
            // Another node was first: look again.
            Err(_) => {}
        }
    }
    let said = "other nodes keep changing the directory";
    Err(StoreError::Busy(said.into()).into())
}

async fn enter(work: &mut Work<'_>, tenant: &TenantId) -> Result<(), Fault> {
    let name = tenant.as_str();
    let now = work.batch.beside.iter().flat_map(|other| &other.puts);
    let twice = now.into_iter().any(|put| put.id == name);
    if twice || *tenant == house() || work.get_in_house::<Publisher>(name).await?.is_some() {
        return Ok(());
    }
    let mut publisher = Publisher::named(tenant.clone(), work.now());
    if work.get_in_house::<Subdomain>(name).await?.is_some() {
        // Somebody else has its name. It is asked by its id, which is the same word.
        publisher.subdomain = String::new();
    } else {
        work.create_in_house(&Subdomain {
            name: name.to_owned(),
            tenant: tenant.clone(),
        })?;
    }
    work.create_in_house(&publisher)?;
    // Whoever sets it up again after it was deleted wants it to begin anew.
    work.batch.welcomes.push(tenant.clone());
    work.tell_house("tenants.created", name, publisher.name);
    Ok(())
}
