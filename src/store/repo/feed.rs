//! Reads what happened and what was answered: events, audit lines, kept answers.

use std::str::FromStr;

use super::{LIMIT, instant};
use crate::{
    domain::{
        audit::{Anchor, Entry, Outcome, Sealed},
        ids::TenantId,
        tenant::role::Role,
        when::Instant,
    },
    store::{
        Happened, Keeping, Since, Wall,
        batch::{Remembered, StoreError},
        record::Mark,
        sql::{Conn, Sql, Values, args},
    },
};

/// Reads the answer that is kept under a key.
pub async fn recall<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    caller: &str,
    key: &str,
) -> Result<Option<Remembered>, StoreError> {
    let kept = conn
        .row(
            "SELECT operation, digest, body, at FROM answer WHERE tenant = ?1 AND caller = ?2 AND key = ?3",
            args![tenant.as_str(), caller, key],
        )
        .await?;
    let read = |mut row: Values| {
        Ok(Remembered {
            operation: row.take(0)?,
            digest: row.take(1)?,
            answer: row.take(2)?,
            at: instant(row.take(3)?)?,
        })
    };
    kept.map(read).transpose()
}

/// Forgets answers that are older; says how many.
pub async fn forget_answers<C: Conn>(conn: &mut C, before: Instant) -> Result<u64, StoreError> {
    let gone = conn
        .execute(
            "DELETE FROM answer WHERE at < ?1",
            args![before.timestamp_micros()],
        )
        .await?;
    Ok(gone)
}

/// Keeps a value that all nodes share, unless there is one; answers the one that is kept.
pub async fn share<C: Conn>(conn: &mut C, name: &str, value: &str) -> Result<String, StoreError> {
    conn.execute(
        "INSERT INTO shared (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        args![name, value],
    )
    .await?;
    let sql = "SELECT value FROM shared WHERE name = ?1";
    conn.one(sql, args![name]).await?.take(0)
}

/// Reads events in order.
pub async fn events<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    since: &Since,
) -> Result<Vec<Happened>, StoreError> {
    let mut sql = Sql::new("SELECT seq, at, name, kind, object, detail FROM event WHERE tenant = ");
    sql.bind(tenant.as_str());
    sql.push(" AND seq > ").bind(since.after);
    if let Some((kind, id)) = &since.object {
        sql.push(" AND kind = ").bind(kind);
        sql.push(" AND object = ").bind(id);
    }
    sql.push(" ORDER BY seq ")
        .push(LIMIT)
        .bind(i64::from(since.limit));
    let rows = conn.rows(&sql.text, &sql.args).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Happened {
                seq: row.take(0)?,
                at: instant(row.take(1)?)?,
                name: row.take(2)?,
                kind: row.take(3)?,
                object: row.take(4)?,
                detail: row.take(5)?,
            })
        })
        .collect()
}

/// Reads audit lines in order, behind a number.
pub async fn audit<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    after: i64,
    limit: u32,
) -> Result<Vec<Sealed>, StoreError> {
    let rows = conn
        .rows(
            "SELECT seq, at, actor, role, action, object, revision_before, revision_after, outcome, detail, \
             previous, hash, changes FROM audit WHERE tenant = ?1 AND seq > ?2 ORDER BY seq LIMIT 0 + ?3",
            args![tenant.as_str(), after, i64::from(limit)],
        )
        .await?;
    rows.into_iter().map(line).collect()
}

/// Reads audit lines, the newest first, of a tenant or of all.
pub async fn audit_before<C: Conn>(
    conn: &mut C,
    tenant: Option<&TenantId>,
    before: Option<&Mark>,
    limit: u32,
) -> Result<Vec<(TenantId, Sealed)>, StoreError> {
    let mut sql = Sql::new(
        "SELECT seq, at, actor, role, action, object, revision_before, revision_after, outcome, \
         detail, previous, hash, changes, tenant FROM audit WHERE ",
    );
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    match (tenant, before) {
        (Some(tenant), None) => {
            sql.push("tenant = ").bind(tenant.as_str());
        }
        (Some(tenant), Some(mark)) => {
            sql.push("tenant = ").bind(tenant.as_str());
            sql.push(" AND seq < ").bind(number(&mark.id));
        }
        (None, None) => {
            sql.push("1 = 1");
        }
        (None, Some(mark)) => {
            sql.push("(at, tenant, seq) < (")
                .bind(mark.number)
                .push(", ");
            sql.bind(&mark.text)
                .push(", ")
                .bind(number(&mark.id))
                .push(")");
        }
    }
    sql.push(match tenant {
        Some(_) => " ORDER BY seq DESC ",
        None => " ORDER BY at DESC, tenant DESC, seq DESC ",
    });
    sql.push(LIMIT).bind(i64::from(limit));
    let rows = conn.rows(&sql.text, &sql.args).await?;
    rows.into_iter()
        .map(|mut row| Ok((the_tenant(&mut row, 13)?, line(row)?)))
        .collect()
}

fn line(mut row: Values) -> Result<Sealed, StoreError> {
    let role: String = row.take(3)?;
    let role = if role == Role::Engine.name() {
        Some(Role::Engine)
    } else {
        Role::from_str(&role).ok()
    };
    let outcome: String = row.take(8)?;
    let changes: String = row.take(12)?;
    let changes = match &*changes {
        "" => Vec::new(),
        changes => serde_json::from_str(changes).map_err(|error| {
            StoreError::Unreadable(format!("changes in the audit trail: {error}"))
        })?,
    };
    let entry = Entry {
        at: instant(row.take(1)?)?,
        actor: row.take(2)?,
        role: role.ok_or_else(|| StoreError::Unreadable("a role in the audit trail".into()))?,
        action: row.take(4)?,
        object: row.take(5)?,
        revision_before: row.take(6)?,
        revision_after: row.take(7)?,
        outcome: Outcome::named(&outcome)
            .ok_or_else(|| StoreError::Unreadable("an outcome in the audit trail".into()))?,
        detail: row.take(9)?,
        changes,
    };
    Ok(Sealed {
        seq: row.take(0)?,
        entry,
        previous: row.take(10)?,
        hash: row.take(11)?,
    })
}

/// The number of a tenant's last audit line.
pub async fn audited<C: Conn>(conn: &mut C, tenant: &TenantId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT audit FROM head WHERE tenant = ?1 AND feed >= 0";
    let found = conn.row(sql, args![tenant.as_str()]).await?;
    found.map(|mut row| row.take(0)).transpose()
}

/// The number of the last thing that happened to a tenant.
pub async fn fed<C: Conn>(conn: &mut C, tenant: &TenantId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT feed FROM head WHERE tenant = ?1 AND feed >= 0";
    let found = conn.row(sql, args![tenant.as_str()]).await?;
    found.map(|mut row| row.take(0)).transpose()
}

/// Where the feeds and chains of all tenants end.
pub async fn heads<C: Conn>(conn: &mut C) -> Result<Vec<(TenantId, i64, Anchor)>, StoreError> {
    let sql = "SELECT tenant, feed, audit, audit_hash FROM head WHERE feed >= 0 ORDER BY tenant";
    let rows = conn.rows(sql, &[]).await?;
    rows.into_iter()
        .map(|mut row| {
            let (seq, hash) = (row.take(2)?, row.take(3)?);
            Ok((the_tenant(&mut row, 0)?, row.take(1)?, Anchor { seq, hash }))
        })
        .collect()
}

/// Reads a column as a tenant's name.
pub fn the_tenant(row: &mut Values, at: usize) -> Result<TenantId, StoreError> {
    let name: String = row.take(at)?;
    let tenant = name.parse();
    tenant.map_err(|_| StoreError::Unreadable(format!("the tenant {name}")))
}

/// How the database's own wall between tenants stands; nothing where it can have none.
pub async fn wall<C: Conn>(conn: &mut C) -> Result<Option<Wall>, StoreError> {
    let Some(sql) = C::DIALECT.wall else {
        return Ok(None);
    };
    let mut row = conn.one(sql, &[]).await?;
    Ok(Some(Wall {
        user: row.take(0)?,
        passes: row.take(1)?,
        open: row.take(2)?,
    }))
}

/// How the database keeps what it has acknowledged; nothing where it is a file of ours.
pub async fn keeping<C: Conn>(conn: &mut C) -> Result<Option<Keeping>, StoreError> {
    let Some(sql) = C::DIALECT.keeping else {
        return Ok(None);
    };
    let mut row = conn.one(sql, &[]).await?;
    Ok(Some(Keeping {
        disk: row.take(0)?,
        commit: row.take(1)?,
        waited_for: row.take(2)?,
        replicas: row.take(3)?,
    }))
}

/// Which database this is, for people.
pub async fn describe<C: Conn>(conn: &mut C) -> Result<String, StoreError> {
    let mut row = conn.one(C::DIALECT.version, &[]).await?;
    Ok(format!("{} {}", C::DIALECT.make, row.take::<String>(0)?))
}
