//! Tenants as the house sees them: opened, listed, changed, closed, forgotten; and the principals
//! that buy from each. The directory stands in the house; a question about one tenant is asked
//! for that tenant, so that its own trail tells of it.

pub mod create;
pub mod delete;
pub mod enroll;
pub mod fields;
pub mod get;
pub mod health;
pub mod list;
pub mod logs;
pub mod own;
pub mod principals;
pub mod status;
pub mod update;
pub mod upstream;
pub mod view;
pub mod workflows;

use super::{fault::Fault, work::Work};
use crate::{
    domain::{
        ids::TenantId,
        problem::{Code, Problem},
        tenant::publisher::{Publisher, Subdomain, check_subdomain},
    },
    store::record::Stored,
};

/// Finds a tenant in the directory.
pub(in crate::engine) async fn find(
    work: &Work<'_>,
    tenant: &TenantId,
) -> Result<Stored<Publisher>, Fault> {
    let found = work.get_in_house::<Publisher>(tenant.as_str()).await?;
    found.ok_or_else(|| absent(tenant))
}

/// The tenant as the directory has it; nothing where it has no entry.
pub(in crate::engine) async fn entry(work: &Work<'_>) -> Result<Option<Publisher>, Fault> {
    let found = work
        .get_in_house::<Publisher>(work.tenant().as_str())
        .await?;
    Ok(found.map(|stored| stored.record))
}

/// There is no such tenant.
fn absent(tenant: &TenantId) -> Fault {
    Fault::absent("tenant", tenant.as_str())
}

/// How many are wanted on a page: so many where nobody says, and never more than `most`.
fn page_size(asked: Option<u32>, usual: u32, most: u32) -> Result<u32, Fault> {
    let limit = asked.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    let said = format!("is not from 1 to {most}");
    let problem = Problem::new("limit", Code::new("INVALID_PARAMETER"), said);
    Err(Fault::field(problem.hint("page on with next_cursor")))
}

/// Takes a name for a tenant that nobody else has.
async fn take_subdomain(work: &mut Work<'_>, name: &str, tenant: &TenantId) -> Result<(), Fault> {
    check_subdomain(name).map_err(|why| {
        let code = Code::new("INVALID_SUBDOMAIN");
        Fault::field(Problem::new("subdomain", code, why.to_string()))
    })?;
    // A tenant's id is a name of it as well.
    let taken = work.get_in_house::<Subdomain>(name).await?.is_some()
        || (name != tenant.as_str() && work.get_in_house::<Publisher>(name).await?.is_some());
    if taken {
        let message = "another tenant has this subdomain";
        let fault = Fault::conflict("DUPLICATE_SUBDOMAIN", message);
        return Err(fault.with("field", "subdomain").hint("choose another"));
    }
    work.create_in_house(&Subdomain {
        name: name.to_owned(),
        tenant: tenant.clone(),
    })
}

/// Gives a name back.
async fn free_subdomain(work: &mut Work<'_>, name: &str) -> Result<(), Fault> {
    if let Some(taken) = work.get_in_house::<Subdomain>(name).await? {
        work.remove_in_house(&taken);
    }
    Ok(())
}
