//! Takes away what is to be kept no longer: one object, those that have been over for long, or
//! everything of a tenant. Refuses to leave half of any behind.

use super::{LIMIT, changes::ForgetObjects};
use crate::{
    domain::ids::TenantId,
    store::{
        batch::{Batch, CommitError, Remove, StoreError},
        sql::{Conn, Sql, args},
    },
};

/// Every table that holds things of tenants, but for the row that every commit of one passes.
const OF_TENANTS: [&str; 11] = [
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

/// Takes away objects that have been in a state for long, the oldest first, with what lists and
/// readers show of them. What comes into another state meanwhile stays.
pub async fn objects<C: Conn>(conn: &mut C, old: &ForgetObjects) -> Result<u64, StoreError> {
    let (tenant, kind, state) = (old.tenant.as_str(), &*old.kind, &*old.state);
    let before = old.before.timestamp_micros();
    // Nothing changes before it is made: the index by state leads to what is old.
    let sql = format!(
        "DELETE FROM object WHERE tenant = ?1 AND kind = ?2 AND state = ?3 AND updated_at < ?4 \
         AND id IN (SELECT id FROM object WHERE tenant = ?1 AND kind = ?2 AND state = ?3 \
         AND created_at < ?4 AND updated_at < ?4 ORDER BY created_at, id {LIMIT}?5) RETURNING id"
    );
    let args = args![tenant, kind, state, before, i64::from(old.most)];
    let mut gone: Vec<String> = Vec::new();
    for mut row in conn.rows(&sql, args).await? {
        gone.push(row.take(0)?);
    }
    if gone.is_empty() {
        return Ok(0);
    }
    for table in ["glance", "shown"] {
        let mut sql = Sql::new("DELETE FROM ");
        sql.push(table).push(" WHERE tenant = ").bind(tenant);
        sql.push(" AND kind = ").bind(kind);
        sql.push(" AND id IN (");
        sql.bind_all(gone.iter().map(Into::into)).push(")");
        conn.execute(&sql.text, &sql.args).await?;
    }
    let many = i64::try_from(gone.len()).unwrap_or(i64::MAX);
    conn.execute(
        "UPDATE tally SET n = n - ?4 WHERE tenant = ?1 AND kind = ?2 AND state = ?3",
        args![tenant, kind, state, many],
    )
    .await?;
    Ok(gone.len() as u64)
}

/// Takes away everything of a tenant. First of all it marks the row that every commit of that
/// tenant passes last: whoever was there before is waited for and goes with the rest, and whoever
/// comes later finds the mark and is refused.
pub async fn tenant<C: Conn>(conn: &mut C, tenant: &TenantId) -> Result<(), CommitError> {
    conn.execute(
        "INSERT INTO head (tenant, feed, audit, audit_hash) VALUES (?1, -1, 0, '') \
         ON CONFLICT (tenant) DO UPDATE SET feed = -1, audit = 0, audit_hash = ''",
        args![tenant.as_str()],
    )
    .await?;
    for table in OF_TENANTS {
        let sql = format!("DELETE FROM {table} WHERE tenant = ?1");
        conn.execute(&sql, args![tenant.as_str()]).await?;
    }
    Ok(())
}

/// Takes the mark of somebody who was forgotten away; others have none.
pub async fn welcome<C: Conn>(conn: &mut C, tenant: &TenantId) -> Result<(), CommitError> {
    let sql = "DELETE FROM head WHERE tenant = ?1 AND feed < 0";
    conn.execute(sql, args![tenant.as_str()]).await?;
    Ok(())
}
