//! Background work: who may do it, and for how long. A claim raises the fencing number, so
//! that whoever held the lease before can end or commit nothing under it.

use super::{LIMIT, changes::ClaimWork, feed::the_tenant, instant};
use crate::{
    domain::{ids::TenantId, when::Instant},
    store::{
        Ending, Lease, TaskRow,
        batch::{Held, StoreError},
        sql::{Conn, Sql, Values, args},
    },
};

/// When a piece of work is due, as the index has it: when it is to run, or when its lease ends.
const DUE: &str = "(CASE state WHEN 'ready' THEN run_at WHEN 'running' THEN lease_until END)";

/// Claims due work of these kinds for a node.
pub async fn claim<C: Conn>(conn: &mut C, work: &ClaimWork) -> Result<Vec<Lease>, StoreError> {
    if work.kinds.is_empty() {
        return Ok(Vec::new());
    }
    let now = work.now.timestamp_micros();
    let mut sql = Sql::new("WITH due AS MATERIALIZED (SELECT id FROM task WHERE ");
    of_kinds(&mut sql, work.kinds.iter().map(String::as_str));
    sql.push(" AND ").push(DUE).push(" <= ").bind(now);
    sql.push(" ORDER BY ").push(DUE).push(", id ");
    sql.push(LIMIT).bind(i64::from(work.most));
    sql.push(" ").push(C::DIALECT.skip_locked);
    sql.push(") UPDATE task SET state = 'running', lease_by = ")
        .bind(&work.node);
    sql.push(", lease_until = ")
        .bind(work.until.timestamp_micros());
    sql.push(
        ", fence = fence + 1, attempts = attempts + 1 WHERE id IN (SELECT id FROM due) \
         RETURNING id, tenant, kind, object, fence, attempts, wakes",
    );
    let rows = conn.rows(&sql.text, &sql.args).await?;
    rows.into_iter().map(lease).collect()
}

fn of_kinds<'a>(sql: &mut Sql<'a>, kinds: impl Iterator<Item = &'a str>) {
    sql.push("kind IN (").bind_all(kinds.map(Into::into));
    sql.push(")");
}

fn lease(mut row: Values) -> Result<Lease, StoreError> {
    Ok(Lease {
        held: Held {
            task: row.take(0)?,
            fence: row.take(4)?,
        },
        tenant: the_tenant(&mut row, 1)?,
        kind: row.take(2)?,
        object: row.take(3)?,
        attempts: row.take(5)?,
        wakes: row.take(6)?,
    })
}

/// Holds a lease for longer; false when it went to somebody else.
pub async fn renew<C: Conn>(conn: &mut C, held: &Held, until: Instant) -> Result<bool, StoreError> {
    let renewed = conn
        .execute(
            "UPDATE task SET lease_until = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'running'",
            args![&held.task, held.fence, until.timestamp_micros()],
        )
        .await?;
    Ok(renewed == 1)
}

/// Ends a lease; false when it went to somebody else.
pub async fn end<C: Conn>(
    conn: &mut C,
    lease: &Lease,
    ending: &Ending,
    now: Instant,
) -> Result<bool, StoreError> {
    if *ending == Ending::Done {
        let gone = conn.execute(
"DELETE FROM task WHERE id = ?1 AND fence = ?2 AND wakes = ?3 AND state = 'running'",
args![&lease.held.task, lease.held.fence, lease.wakes],
)
.await?;
        if gone == 1 {
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
    let ended = conn
        .execute(
            "UPDATE task SET state = ?3, run_at = CASE WHEN wakes = ?7 THEN ?4 ELSE ?8 END, \
         last_error = ?5, attempts = ?6, lease_by = '', lease_until = 0 \
         WHERE id = ?1 AND fence = ?2 AND state = 'running'",
            args![
                &lease.held.task,
                lease.held.fence,
                state,
                at.timestamp_micros(),
                error,
                attempts,
                lease.wakes,
                now.timestamp_micros()
            ],
        )
        .await?;
    Ok(ended == 1)
}

/// When the next work of these kinds is due.
pub async fn next_due<C: Conn>(
    conn: &mut C,
    kinds: &[&str],
) -> Result<Option<Instant>, StoreError> {
    if kinds.is_empty() {
        return Ok(None);
    }
    let mut sql = Sql::new("SELECT ");
    sql.push(DUE).push(" FROM task WHERE ");
    of_kinds(&mut sql, kinds.iter().copied());
    sql.push(" AND ")
        .push(DUE)
        .push(" >= 0 ORDER BY ")
        .push(DUE);
    sql.push(", id LIMIT 1");
    let row = conn.row(&sql.text, &sql.args).await?;
    row.map(|mut row| instant(row.take(0)?)).transpose()
}

/// The background work of a tenant, soonest first.
pub async fn tasks<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    limit: u32,
) -> Result<Vec<TaskRow>, StoreError> {
    let rows = conn
        .rows(
            "SELECT id, kind, object, state, run_at, lease_by, lease_until, attempts, last_error \
             FROM task WHERE tenant = ?1 ORDER BY run_at, id LIMIT 0 + ?2",
            args![tenant.as_str(), i64::from(limit)],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let by: String = row.take(5)?;
            let until = instant(row.take(6)?)?;
            Ok(TaskRow {
                id: row.take(0)?,
                kind: row.take(1)?,
                object: row.take(2)?,
                state: row.take(3)?,
                run_at: instant(row.take(4)?)?,
                lease: (!by.is_empty()).then_some((by, until)),
                attempts: row.take(7)?,
                last_error: row.take(8)?,
            })
        })
        .collect()
}
