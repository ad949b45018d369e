//! Reads what happened and what was answered: events, audit lines, kept answers.

use std::str::FromStr;

use sqlx::{QueryBuilder, Row as _};

use super::{Conn, Db, DbRow, LIMIT, broken, instant};
use crate::{
    domain::{
        audit::{Anchor, Entry, Outcome, Sealed},
        ids::TenantId,
        tenant::role::Role,
        when::Instant,
    },
    store::{
        Happened, Since,
        batch::{Remembered, StoreError},
    },
};

/// Reads the answer that is kept under a key.
pub async fn recall(
    conn: &mut Conn,
    tenant: &TenantId,
    caller: &str,
    key: &str,
) -> Result<Option<Remembered>, StoreError> {
    let kept: Option<(String, String, String)> = sqlx::query_as(
        "SELECT operation, digest, body FROM answer WHERE tenant = $1 AND caller = $2 AND key = $3",
    )
    .bind(tenant.as_str())
    .bind(caller)
    .bind(key)
    .fetch_optional(conn)
    .await
    .map_err(broken)?;
    Ok(kept.map(|(operation, digest, answer)| Remembered {
        operation,
        digest,
        answer,
    }))
}

/// Forgets answers that are older; says how many.
pub async fn forget_answers(conn: &mut Conn, before: Instant) -> Result<u64, StoreError> {
    let gone = sqlx::query("DELETE FROM answer WHERE at < $1")
        .bind(before.timestamp_micros())
        .execute(conn)
        .await
        .map_err(broken)?;
    Ok(gone.rows_affected())
}

/// Keeps a value that all nodes share, unless there is one; answers the one that is kept.
pub async fn share(conn: &mut Conn, name: &str, value: &str) -> Result<String, StoreError> {
    sqlx::query("INSERT INTO shared (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(&mut *conn)
        .await
        .map_err(broken)?;
    sqlx::query_scalar("SELECT value FROM shared WHERE name = $1")
        .bind(name)
        .fetch_one(conn)
        .await
        .map_err(broken)
}

/// Reads events in order.
pub async fn events(
    conn: &mut Conn,
    tenant: &TenantId,
    since: &Since,
) -> Result<Vec<Happened>, StoreError> {
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT seq, at, name, kind, object, detail FROM event WHERE tenant = ",
    );
    sql.push_bind(tenant.as_str().to_owned());
    sql.push(" AND seq > ").push_bind(since.after);
    if let Some((kind, id)) = &since.object {
        sql.push(" AND kind = ").push_bind(kind.clone());
        sql.push(" AND object = ").push_bind(id.clone());
    }
    sql.push(" ORDER BY seq ")
        .push(LIMIT)
        .push_bind(i64::from(since.limit));
    let rows = sql.build().fetch_all(conn).await.map_err(broken)?;
    rows.iter()
        .map(|row| {
            Ok(Happened {
                seq: row.try_get(0).map_err(broken)?,
                at: instant(row.try_get(1).map_err(broken)?)?,
                name: row.try_get(2).map_err(broken)?,
                kind: row.try_get(3).map_err(broken)?,
                object: row.try_get(4).map_err(broken)?,
                detail: row.try_get(5).map_err(broken)?,
            })
        })
        .collect()
}

/// Reads audit lines in order, behind a number.
pub async fn audit(
    conn: &mut Conn,
    tenant: &TenantId,
    after: i64,
    limit: u32,
) -> Result<Vec<Sealed>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, at, actor, role, action, object, revision_before, revision_after, outcome, detail, \
         previous, hash FROM audit WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT 0 + $3",
    )
    .bind(tenant.as_str())
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await
    .map_err(broken)?;
    rows.iter().map(line).collect()
}

fn line(row: &DbRow) -> Result<Sealed, StoreError> {
    let role: String = row.try_get(3).map_err(broken)?;
    let role = if role == Role::Engine.name() {
        Some(Role::Engine)
    } else {
        Role::from_str(&role).ok()
    };
    let outcome: String = row.try_get(8).map_err(broken)?;
    let entry = Entry {
        at: instant(row.try_get(1).map_err(broken)?)?,
        actor: row.try_get(2).map_err(broken)?,
        role: role.ok_or_else(|| StoreError::Unreadable("a role in the audit trail".into()))?,
        action: row.try_get(4).map_err(broken)?,
        object: row.try_get(5).map_err(broken)?,
        revision_before: row.try_get(6).map_err(broken)?,
        revision_after: row.try_get(7).map_err(broken)?,
        outcome: Outcome::named(&outcome)
            .ok_or_else(|| StoreError::Unreadable("an outcome in the audit trail".into()))?,
        detail: row.try_get(9).map_err(broken)?,
    };
    Ok(Sealed {
        seq: row.try_get(0).map_err(broken)?,
        entry,
        previous: row.try_get(10).map_err(broken)?,
        hash: row.try_get(11).map_err(broken)?,
    })
}

/// Where the feeds and chains of all tenants end.
pub async fn heads(conn: &mut Conn) -> Result<Vec<(TenantId, i64, Anchor)>, StoreError> {
    let rows: Vec<(String, i64, i64, String)> =
        sqlx::query_as("SELECT tenant, feed, audit, audit_hash FROM head ORDER BY tenant")
            .fetch_all(conn)
            .await
            .map_err(broken)?;
    rows.into_iter()
        .map(|(tenant, feed, seq, hash)| {
            let tenant = tenant
                .parse()
                .map_err(|_| StoreError::Unreadable(format!("the tenant {tenant}")))?;
            Ok((tenant, feed, Anchor { seq, hash }))
        })
        .collect()
}
