//! Background work: who may do it, and for how long. A claim raises the fencing number, so
//! that whoever held the lease before can end or commit nothing under it.

use sqlx::{QueryBuilder, Row as _};

use super::{Conn, Db, DbRow, LIMIT, SKIP_LOCKED, broken, instant};
use crate::{
    domain::{ids::TenantId, when::Instant},
    store::{
        Ending, Lease, TaskRow,
        batch::{Held, StoreError},
    },
};

/// Claims due work of these kinds for a node.
pub async fn claim(
    conn: &mut Conn,
    node: &str,
    kinds: &[&str],
    now: Instant,
    until: Instant,
    most: u32,
) -> Result<Vec<Lease>, StoreError> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = QueryBuilder::<Db>::new("WITH due AS MATERIALIZED (SELECT id FROM task WHERE ");
    of_kinds(&mut sql, kinds);
    sql.push(" AND ((state = 'ready' AND run_at <= ")
        .push_bind(now.timestamp_micros());
    sql.push(") OR (state = 'running' AND lease_until <= ")
        .push_bind(now.timestamp_micros());
    sql.push(")) ORDER BY run_at, id ")
        .push(LIMIT)
        .push_bind(i64::from(most));
    sql.push(format_args!(
        " {SKIP_LOCKED}) UPDATE task SET state = 'running', lease_by = "
    ));
    sql.push_bind(node.to_owned());
    sql.push(", lease_until = ")
        .push_bind(until.timestamp_micros());
    sql.push(
        ", fence = fence + 1, attempts = attempts + 1 WHERE id IN (SELECT id FROM due) \
         RETURNING id, tenant, kind, object, fence, attempts, wakes",
    );
    let rows = sql.build().fetch_all(conn).await.map_err(broken)?;
    rows.iter().map(lease).collect()
}

fn of_kinds(sql: &mut QueryBuilder<Db>, kinds: &[&str]) {
    sql.push("kind IN (");
    let mut list = sql.separated(", ");
    for kind in kinds {
        list.push_bind((*kind).to_owned());
    }
    sql.push(")");
}

fn lease(row: &DbRow) -> Result<Lease, StoreError> {
    let tenant: String = row.try_get(1).map_err(broken)?;
    Ok(Lease {
        held: Held {
            task: row.try_get(0).map_err(broken)?,
            fence: row.try_get(4).map_err(broken)?,
        },
        tenant: tenant
            .parse()
            .map_err(|_| StoreError::Unreadable(format!("the tenant {tenant}")))?,
        kind: row.try_get(2).map_err(broken)?,
        object: row.try_get(3).map_err(broken)?,
        attempts: row.try_get(5).map_err(broken)?,
        wakes: row.try_get(6).map_err(broken)?,
    })
}

/// Holds a lease for longer; false when it went to somebody else.
pub async fn renew(conn: &mut Conn, held: &Held, until: Instant) -> Result<bool, StoreError> {
    let renewed = sqlx::query(
        "UPDATE task SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'",
    )
    .bind(&held.task)
    .bind(held.fence)
    .bind(until.timestamp_micros())
    .execute(conn)
    .await
    .map_err(broken)?;
    Ok(renewed.rows_affected() == 1)
}

/// Ends a lease; false when it went to somebody else.
pub async fn end(
    conn: &mut Conn,
    lease: &Lease,
    ending: &Ending,
    now: Instant,
) -> Result<bool, StoreError> {
    if *ending == Ending::Done {
        let gone = sqlx::query(
            "DELETE FROM task WHERE id = $1 AND fence = $2 AND wakes = $3 AND state = 'running'",
        )
        .bind(&lease.held.task)
        .bind(lease.held.fence)
        .bind(lease.wakes)
        .execute(&mut *conn)
        .await
        .map_err(broken)?;
        if gone.rows_affected() == 1 {
            return Ok(true);
        }
    }
    let (state, at, error, attempts) = match ending {
        Ending::Done => ("ready", now, "", 0),
        // Nothing went wrong: the next run starts afresh.
        Ending::Again(at, error) if error.is_empty() => ("ready", *at, "", 0),
        Ending::Again(at, error) => ("ready", *at, error.as_str(), lease.attempts),
        Ending::Dead(error) => ("dead", now, error.as_str(), lease.attempts),
    };
    // Woken meanwhile: there is more to do, now.
    let ended = sqlx::query(
        "UPDATE task SET state = $3, run_at = CASE WHEN wakes = $7 THEN $4 ELSE $8 END, \
         last_error = $5, attempts = $6, lease_by = '', lease_until = 0 \
         WHERE id = $1 AND fence = $2 AND state = 'running'",
    )
    .bind(&lease.held.task)
    .bind(lease.held.fence)
    .bind(state)
    .bind(at.timestamp_micros())
    .bind(error)
    .bind(attempts)
    .bind(lease.wakes)
    .bind(now.timestamp_micros())
    .execute(conn)
    .await
    .map_err(broken)?;
    Ok(ended.rows_affected() == 1)
}

/// When the next work of these kinds is due.
pub async fn next_due(conn: &mut Conn, kinds: &[&str]) -> Result<Option<Instant>, StoreError> {
    if kinds.is_empty() {
        return Ok(None);
    }
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT MIN(CASE WHEN state = 'ready' THEN run_at ELSE lease_until END) FROM task WHERE ",
    );
    of_kinds(&mut sql, kinds);
    sql.push(" AND state IN ('ready', 'running')");
    let due: Option<i64> = sql
        .build_query_scalar()
        .fetch_one(conn)
        .await
        .map_err(broken)?;
    due.map(instant).transpose()
}

/// The background work of a tenant, soonest first.
pub async fn tasks(
    conn: &mut Conn,
    tenant: &TenantId,
    limit: u32,
) -> Result<Vec<TaskRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, kind, object, state, run_at, lease_by, lease_until, attempts, last_error \
         FROM task WHERE tenant = $1 ORDER BY run_at, id LIMIT 0 + $2",
    )
    .bind(tenant.as_str())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await
    .map_err(broken)?;
    rows.iter()
        .map(|row| {
            let by: String = row.try_get(5).map_err(broken)?;
            let until = instant(row.try_get(6).map_err(broken)?)?;
            Ok(TaskRow {
                id: row.try_get(0).map_err(broken)?,
                kind: row.try_get(1).map_err(broken)?,
                object: row.try_get(2).map_err(broken)?,
                state: row.try_get(3).map_err(broken)?,
                run_at: instant(row.try_get(4).map_err(broken)?)?,
                lease: (!by.is_empty()).then_some((by, until)),
                attempts: row.try_get(7).map_err(broken)?,
                last_error: row.try_get(8).map_err(broken)?,
            })
        })
        .collect()
}
