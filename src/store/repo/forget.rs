//! Takes away what is to be kept no longer: one object, or everything of a tenant. Refuses to
//! leave half of either behind: both happen inside the commit that decided it.

use crate::{
    domain::ids::TenantId,
    store::{
        batch::{Batch, CommitError, Remove},
        sql::{Conn, args},
    },
};

/// Every table that holds things of tenants.
pub const OF_TENANTS: [&str; 12] = [
    "object",
    "glance",
    "shown",
    "delivery_day",
    "inventory",
    "tally",
    "counter",
    "answer",
    "event",
    "audit",
    "task",
    "head",
];

/// Takes away an object that is as it was read, with what lists and readers show of it.
pub async fn object<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    gone: &Remove,
) -> Result<(), CommitError> {
    let tenant = batch.tenant.as_str();
    let removed = conn
        .execute(
            "DELETE FROM object WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND revision = ?4",
            args![tenant, gone.kind, &gone.id, gone.replaces.0],
        )
        .await?;
    if removed != 1 {
        return Err(CommitError::Stale {
            kind: gone.kind,
            id: gone.id.clone(),
        });
    }
    for table in ["glance", "shown"] {
        let sql = format!("DELETE FROM {table} WHERE tenant = ?1 AND kind = ?2 AND id = ?3");
        conn.execute(&sql, args![tenant, gone.kind, &gone.id])
            .await?;
    }
    Ok(())
}

/// Takes away everything of a tenant.
pub async fn tenant<C: Conn>(conn: &mut C, tenant: &TenantId) -> Result<(), CommitError> {
    for table in OF_TENANTS {
        let sql = format!("DELETE FROM {table} WHERE tenant = ?1");
        conn.execute(&sql, args![tenant.as_str()]).await?;
    }
    Ok(())
}
