//! Applies a batch inside a transaction that the caller holds. Everything or nothing: at
//! the first thing that does not fit it stops with the reason, and the caller rolls back.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use super::{Conn, Db, LOCK_READ, failed, feed::recall};
use crate::{
    domain::audit::{Anchor, Entry},
    store::batch::{Batch, Claim, CommitError, Committed, Happening, Held, Put, Remember, Wake},
};

/// How many counters are written by one statement.
const CLAIMS_AT_ONCE: usize = 90;
/// How many events are written by one statement.
const EVENTS_AT_ONCE: usize = 50;

/// Applies a batch whose parts are in lock order.
pub async fn apply(conn: &mut Conn, batch: &Batch) -> Result<Committed, CommitError> {
    if let Some(remember) = &batch.remember {
        keep_answer(conn, batch, remember).await?;
    }
    for expected in &batch.expects {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT revision FROM object WHERE tenant = $1 AND kind = $2 AND id = $3 {LOCK_READ}"
        ));
        let found: Option<i64> = sqlx::query_scalar(sql)
            .bind(batch.tenant.as_str())
            .bind(expected.kind)
            .bind(&expected.id)
            .fetch_optional(&mut *conn)
            .await
            .map_err(failed)?;
        if found.unwrap_or(0) != expected.revision {
            return Err(CommitError::Stale {
                kind: expected.kind,
                id: expected.id.clone(),
            });
        }
    }
    for put in &batch.puts {
        write_object(conn, batch, put).await?;
    }
    take(conn, batch).await?;
    tally(conn, batch).await?;
    for wake in &batch.wakes {
        wake_task(conn, batch, wake).await?;
    }
    if let Some(held) = &batch.held {
        still_held(conn, held).await?;
    }
    number(conn, batch).await
}

async fn keep_answer(
    conn: &mut Conn,
    batch: &Batch,
    remember: &Remember,
) -> Result<(), CommitError> {
    let written = sqlx::query(
        "INSERT INTO answer (tenant, caller, key, operation, digest, body, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(batch.tenant.as_str())
    .bind(&remember.caller)
    .bind(&remember.key)
    .bind(remember.operation)
    .bind(&remember.digest)
    .bind(&remember.answer)
    .bind(batch.at.timestamp_micros())
    .execute(&mut *conn)
    .await
    .map_err(failed)?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    match recall(conn, &batch.tenant, &remember.caller, &remember.key).await? {
        Some(kept) => Err(CommitError::Remembered(kept)),
        None => Err(CommitError::Stale {
            kind: "answer",
            id: remember.key.clone(),
        }),
    }
}

async fn write_object(conn: &mut Conn, batch: &Batch, put: &Put) -> Result<(), CommitError> {
    let written = match &put.replaces {
        None => insert_object(conn, batch, put).await?,
        Some((revision, _)) => update_object(conn, batch, put, *revision).await?,
    };
    if written == 1 {
        return Ok(());
    }
    Err(CommitError::Stale {
        kind: put.kind,
        id: put.id.clone(),
    })
}

async fn insert_object(conn: &mut Conn, batch: &Batch, put: &Put) -> Result<u64, CommitError> {
    let written = sqlx::query(
        "INSERT INTO object (tenant, kind, id, revision, parent, state, label, search, amount, currency, \
         created_at, updated_at, body) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $10, $11) \
         ON CONFLICT DO NOTHING",
    )
    .bind(batch.tenant.as_str())
    .bind(put.kind)
    .bind(&put.id)
    .bind(&put.facets.parent)
    .bind(&put.facets.state)
    .bind(&put.facets.label)
    .bind(&put.facets.search)
    .bind(put.facets.amount)
    .bind(&put.facets.currency)
    .bind(batch.at.timestamp_micros())
    .bind(&put.body)
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(written.rows_affected())
}

async fn update_object(
    conn: &mut Conn,
    batch: &Batch,
    put: &Put,
    revision: i64,
) -> Result<u64, CommitError> {
    let written = sqlx::query(
        "UPDATE object SET revision = revision + 1, parent = $5, state = $6, label = $7, search = $8, \
         amount = $9, currency = $10, updated_at = $11, body = $12 \
         WHERE tenant = $1 AND kind = $2 AND id = $3 AND revision = $4",
    )
    .bind(batch.tenant.as_str())
    .bind(put.kind)
    .bind(&put.id)
    .bind(revision)
    .bind(&put.facets.parent)
    .bind(&put.facets.state)
    .bind(&put.facets.label)
    .bind(&put.facets.search)
    .bind(put.facets.amount)
    .bind(&put.facets.currency)
    .bind(batch.at.timestamp_micros())
    .bind(&put.body)
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(written.rows_affected())
}

/// Takes and gives back amounts, each only as far as its limit allows.
async fn take(conn: &mut Conn, batch: &Batch) -> Result<(), CommitError> {
    let alike = |a: &Claim, b: &Claim| {
        a.space == b.space && a.limit == b.limit && (a.amount < 0) == (b.amount < 0)
    };
    for claims in batch
        .claims
        .chunk_by(alike)
        .flat_map(|run| run.chunks(CLAIMS_AT_ONCE))
    {
        let Some(first) = claims.first() else {
            continue;
        };
        let taken = if first.amount < 0 {
            give_back(conn, batch, claims).await?
        } else if claims.iter().any(|claim| claim.amount > claim.limit) {
            0
        } else {
            add(conn, batch, claims, first.limit).await?
        };
        if usize::try_from(taken) != Ok(claims.len()) {
            return Err(CommitError::Exhausted {
                space: first.space.clone(),
                cell: first.cell.clone(),
            });
        }
    }
    Ok(())
}

async fn add(
    conn: &mut Conn,
    batch: &Batch,
    claims: &[Claim],
    limit: i64,
) -> Result<u64, CommitError> {
    let mut sql = QueryBuilder::<Db>::new("INSERT INTO counter (tenant, space, cell, used) ");
    sql.push_values(claims, |mut row, claim| {
        row.push_bind(batch.tenant.as_str().to_owned())
            .push_bind(claim.space.clone())
            .push_bind(claim.cell.clone())
            .push_bind(claim.amount);
    });
    sql.push(
        " ON CONFLICT (tenant, space, cell) DO UPDATE SET used = counter.used + excluded.used \
         WHERE counter.used <= ",
    );
    // Not `used + amount <= limit`: that sum can be too large for the database.
    sql.push_bind(limit).push(" - excluded.used");
    let written = sql.build().execute(conn).await.map_err(failed)?;
    Ok(written.rows_affected())
}

async fn give_back(conn: &mut Conn, batch: &Batch, claims: &[Claim]) -> Result<u64, CommitError> {
    let mut written = 0;
    for claim in claims {
        written += sqlx::query(
            "UPDATE counter SET used = used + $4 WHERE tenant = $1 AND space = $2 AND cell = $3 AND used + $4 >= 0",
        )
        .bind(batch.tenant.as_str())
        .bind(&claim.space)
        .bind(&claim.cell)
        .bind(claim.amount)
        .execute(&mut *conn)
        .await
        .map_err(failed)?
        .rows_affected();
    }
    Ok(written)
}

/// Moves the counts by state along with the objects.
async fn tally(conn: &mut Conn, batch: &Batch) -> Result<(), CommitError> {
    let mut moved: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for put in &batch.puts {
        *moved.entry((put.kind, &put.facets.state)).or_default() += 1;
        if let Some((_, state)) = &put.replaces {
            *moved.entry((put.kind, state)).or_default() -= 1;
        }
    }
    moved.retain(|_, by| *by != 0);
    if moved.is_empty() {
        return Ok(());
    }
    let mut sql = QueryBuilder::<Db>::new("INSERT INTO tally (tenant, kind, state, n) ");
    sql.push_values(moved, |mut row, ((kind, state), by)| {
        row.push_bind(batch.tenant.as_str().to_owned())
            .push_bind(kind.to_owned())
            .push_bind(state.to_owned())
            .push_bind(by);
    });
    sql.push(" ON CONFLICT (tenant, kind, state) DO UPDATE SET n = tally.n + excluded.n");
    sql.build().execute(conn).await.map_err(failed)?;
    Ok(())
}

async fn wake_task(conn: &mut Conn, batch: &Batch, wake: &Wake) -> Result<(), CommitError> {
    sqlx::query(
        "INSERT INTO task (id, tenant, kind, object, state, run_at, lease_by, lease_until, fence, wakes, \
         attempts, last_error, created_at) VALUES ($1, $2, $3, $4, 'ready', $5, '', 0, 0, 1, 0, '', $6) \
         ON CONFLICT (tenant, kind, object) DO UPDATE SET wakes = task.wakes + 1, \
         run_at = CASE WHEN task.state = 'ready' AND task.run_at < excluded.run_at \
         THEN task.run_at ELSE excluded.run_at END, \
         attempts = CASE WHEN task.state = 'dead' THEN 0 ELSE task.attempts END, \
         state = CASE WHEN task.state = 'running' THEN 'running' ELSE 'ready' END",
    )
    .bind(&wake.id)
    .bind(batch.tenant.as_str())
    .bind(wake.kind)
    .bind(&wake.object)
    .bind(wake.at.timestamp_micros())
    .bind(batch.at.timestamp_micros())
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn still_held(conn: &mut Conn, held: &Held) -> Result<(), CommitError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT fence FROM task WHERE id = $1 AND state = 'running' {LOCK_READ}"
    ));
    let fence: Option<i64> = sqlx::query_scalar(sql)
        .bind(&held.task)
        .fetch_optional(conn)
        .await
        .map_err(failed)?;
    if fence == Some(held.fence) {
        Ok(())
    } else {
        Err(CommitError::LeaseLost)
    }
}

/// Gives events and the audit line their numbers. Comes last, because every command of a
/// tenant passes through this one row.
async fn number(conn: &mut Conn, batch: &Batch) -> Result<Committed, CommitError> {
    let events = i64::try_from(batch.happenings.len()).unwrap_or(i64::MAX);
    let (feed, last, previous): (i64, i64, String) = sqlx::query_as(
        "INSERT INTO head (tenant, feed, audit, audit_hash) VALUES ($1, $2, 0, '') \
         ON CONFLICT (tenant) DO UPDATE SET feed = head.feed + excluded.feed RETURNING feed, audit, audit_hash",
    )
    .bind(batch.tenant.as_str())
    .bind(events)
    .fetch_one(&mut *conn)
    .await
    .map_err(failed)?;
    let first_event = feed - events + 1;
    let numbered: Vec<_> = (first_event..).zip(&batch.happenings).collect();
    for some in numbered.chunks(EVENTS_AT_ONCE) {
        tell(conn, batch, some).await?;
    }
    let audit = match &batch.audit {
        Some(entry) => Some(seal(conn, batch, entry.clone(), last + 1, previous).await?),
        None => None,
    };
    Ok(Committed { first_event, audit })
}

async fn tell(
    conn: &mut Conn,
    batch: &Batch,
    numbered: &[(i64, &Happening)],
) -> Result<(), CommitError> {
    let mut sql =
        QueryBuilder::<Db>::new("INSERT INTO event (tenant, seq, at, name, kind, object, detail) ");
    sql.push_values(numbered, |mut row, (seq, happening)| {
        row.push_bind(batch.tenant.as_str().to_owned())
            .push_bind(*seq)
            .push_bind(batch.at.timestamp_micros())
            .push_bind(happening.name)
            .push_bind(happening.kind)
            .push_bind(happening.object.clone())
            .push_bind(happening.detail.clone());
    });
    sql.build().execute(conn).await.map_err(failed)?;
    Ok(())
}

async fn seal(
    conn: &mut Conn,
    batch: &Batch,
    entry: Entry,
    seq: i64,
    previous: String,
) -> Result<Anchor, CommitError> {
    let line = entry.seal(&batch.tenant, seq, previous);
    sqlx::query(
        "INSERT INTO audit (tenant, seq, at, actor, role, action, object, revision_before, revision_after, \
         outcome, detail, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(batch.tenant.as_str())
    .bind(line.seq)
    .bind(line.entry.at.timestamp_micros())
    .bind(&line.entry.actor)
    .bind(line.entry.role.name())
    .bind(&line.entry.action)
    .bind(&line.entry.object)
    .bind(line.entry.revision_before)
    .bind(line.entry.revision_after)
    .bind(line.entry.outcome.name())
    .bind(&line.entry.detail)
    .bind(&line.previous)
    .bind(&line.hash)
    .execute(&mut *conn)
    .await
    .map_err(failed)?;
    sqlx::query("UPDATE head SET audit = $2, audit_hash = $3 WHERE tenant = $1")
        .bind(batch.tenant.as_str())
        .bind(line.seq)
        .bind(&line.hash)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    Ok(Anchor {
        seq: line.seq,
        hash: line.hash,
    })
}
