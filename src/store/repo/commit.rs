//! Applies a batch inside a transaction that the caller holds. Everything or nothing: at
//! the first thing that does not fit it stops with the reason, and the caller rolls back.

use std::collections::BTreeMap;

use super::{delivery, feed::recall, forget, inventory};
use crate::{
    domain::{
        audit::{Anchor, Entry},
        ids::TenantId,
    },
    store::{
        batch::{
            Batch, Claim, CommitError, Committed, Expect, Happening, Held, Put, Remember, Shown,
            StoreError, Wake,
        },
        sql::{Conn, Scope, Sql, args},
    },
};

/// How many counters are written by one statement.
const CLAIMS_AT_ONCE: usize = 90;
/// How many events are written by one statement.
const EVENTS_AT_ONCE: usize = 50;

/// Applies a batch whose parts are in lock order.
pub async fn apply<C: Conn>(conn: &mut C, batch: &Batch) -> Result<Committed, CommitError> {
    if let Some(remember) = &batch.remember {
        keep_answer(conn, batch, remember).await?;
    }
    let beside = others(conn, batch).await?;
    objects(conn, batch).await?;
    if let Some(held) = &batch.held {
        still_held(conn, held).await?;
    }
    let numbered = number(conn, batch).await?;
    Ok(Committed { beside, ..numbered })
}

/// Writes what changes of other tenants, and forgets whom nothing is kept of any more. Each
/// is seen alone while it is written.
async fn others<C: Conn>(conn: &mut C, batch: &Batch) -> Result<Vec<(TenantId, i64)>, CommitError> {
    let mut beside = Vec::with_capacity(batch.beside.len());
    for other in &batch.beside {
        conn.enter(Scope::Of(&other.tenant)).await?;
        objects(conn, other).await?;
        let first = number(conn, other).await?.first_event;
        beside.push((other.tenant.clone(), first));
    }
    for tenant in &batch.forgets {
        conn.enter(Scope::Of(tenant)).await?;
        forget::tenant(conn, tenant).await?;
    }
    for tenant in &batch.welcomes {
        conn.enter(Scope::Of(tenant)).await?;
        forget::welcome(conn, tenant).await?;
    }
    if !(batch.beside.is_empty() && batch.forgets.is_empty() && batch.welcomes.is_empty()) {
        conn.enter(Scope::Of(&batch.tenant)).await?;
    }
    Ok(beside)
}

/// Writes everything that has no number.
async fn objects<C: Conn>(conn: &mut C, batch: &Batch) -> Result<(), CommitError> {
    for expected in &batch.expects {
        if revision(conn, batch, expected).await? != expected.revision {
            return Err(CommitError::Stale {
                kind: expected.kind,
                id: expected.id.clone(),
            });
        }
    }
    for put in &batch.puts {
        write_object(conn, batch, put).await?;
    }
    for gone in &batch.removes {
        forget::object(conn, batch, gone).await?;
    }
    take(conn, batch).await?;
    tally(conn, batch).await?;
    delivery::write(conn, batch).await?;
    inventory::write(conn, batch).await?;
    for wake in &batch.wakes {
        wake_task(conn, batch, wake).await?;
    }
    Ok(())
}

/// The revision that an object has; zero for none.
async fn revision<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    expected: &Expect,
) -> Result<i64, CommitError> {
    let lock = C::DIALECT.lock_read;
    let sql =
        format!("SELECT revision FROM object WHERE tenant = ?1 AND kind = ?2 AND id = ?3 {lock}");
    let args = args![batch.tenant.as_str(), expected.kind, &expected.id];
    let found = conn.row(&sql, args).await?;
    Ok(found.map_or(Ok(0), |mut row| row.take(0))?)
}

async fn keep_answer<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    remember: &Remember,
) -> Result<(), CommitError> {
    let written = conn
        .execute(
            "INSERT INTO answer (tenant, caller, key, operation, digest, body, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            args![
                batch.tenant.as_str(),
                &remember.caller,
                &remember.key,
                remember.operation,
                &remember.digest,
                &remember.answer,
                batch.at.timestamp_micros()
            ],
        )
        .await?;
    if written == 1 {
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

async fn write_object<C: Conn>(conn: &mut C, batch: &Batch, put: &Put) -> Result<(), CommitError> {
    let written = match &put.replaces {
        None => insert_object(conn, batch, put).await?,
        Some((revision, _)) => update_object(conn, batch, put, *revision).await?,
    };
    if written != 1 {
        return Err(CommitError::Stale {
            kind: put.kind,
            id: put.id.clone(),
        });
    }
    let revision = put.replaces.as_ref().map_or(0, |(before, _)| *before) + 1;
    if let Some(glance) = &put.glance {
        write_glance(conn, batch, put, (revision, glance)).await?;
    }
    if let Some(shown) = &put.shown {
        write_shown(conn, batch, put, (revision, shown)).await?;
    }
    Ok(())
}

/// Keeps what lists show of an object with the revision that it has now.
async fn write_glance<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    put: &Put,
    (revision, glance): (i64, &str),
) -> Result<(), CommitError> {
    conn.execute(
        "INSERT INTO glance (tenant, kind, id, revision, body) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (tenant, kind, id) DO UPDATE SET revision = excluded.revision, body = excluded.body",
        args![batch.tenant.as_str(), put.kind, &put.id, revision, glance],
    )
    .await?;
    Ok(())
}

/// Keeps an object as it is shown with the revision that it has now.
async fn write_shown<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    put: &Put,
    (revision, shown): (i64, &Shown),
) -> Result<(), CommitError> {
    conn.execute(
        "INSERT INTO shown (tenant, kind, id, revision, shape, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (tenant, kind, id) DO UPDATE SET revision = excluded.revision, \
         shape = excluded.shape, body = excluded.body",
        args![batch.tenant.as_str(), put.kind, &put.id, revision, &shown.shape, &shown.body],
    )
    .await?;
    Ok(())
}

async fn insert_object<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    put: &Put,
) -> Result<u64, CommitError> {
    let written = conn.execute(
"INSERT INTO object (tenant, kind, id, revision, parent, state, label, search, amount, currency, \
         created_at, updated_at, body, begins) \
         VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12) \
         ON CONFLICT DO NOTHING",
args![batch.tenant.as_str(), put.kind, &put.id, &put.facets.parent, &put.facets.state, &put.facets.label, &put.facets.search, put.facets.amount, &put.facets.currency, batch.at.timestamp_micros(), &put.body, put.facets.begins],
)
.await?;
    Ok(written)
}

async fn update_object<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    put: &Put,
    revision: i64,
) -> Result<u64, CommitError> {
    let written = conn.execute(
"UPDATE object SET revision = revision + 1, parent = ?5, state = ?6, label = ?7, search = ?8, \
         amount = ?9, currency = ?10, updated_at = ?11, body = ?12, begins = ?13 \
         WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND revision = ?4",
args![batch.tenant.as_str(), put.kind, &put.id, revision, &put.facets.parent, &put.facets.state, &put.facets.label, &put.facets.search, put.facets.amount, &put.facets.currency, batch.at.timestamp_micros(), &put.body, put.facets.begins],
)
.await?;
    Ok(written)
}

/// Takes and gives back amounts, each only as far as its limit allows.
async fn take<C: Conn>(conn: &mut C, batch: &Batch) -> Result<(), CommitError> {
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

async fn add<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    claims: &[Claim],
    limit: i64,
) -> Result<u64, CommitError> {
    let mut sql = Sql::new("INSERT INTO counter (tenant, space, cell, used) ");
    sql.values(claims.iter().map(|claim| {
        [
            batch.tenant.as_str().into(),
            (&claim.space).into(),
            (&claim.cell).into(),
            claim.amount.into(),
        ]
    }));
    sql.push(
        " ON CONFLICT (tenant, space, cell) DO UPDATE SET used = counter.used + excluded.used \
         WHERE counter.used <= ",
    );
    // Not `used + amount <= limit`: that sum can be too large for the database.
    sql.bind(limit).push(" - excluded.used");
    Ok(conn.execute(&sql.text, &sql.args).await?)
}

async fn give_back<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    claims: &[Claim],
) -> Result<u64, CommitError> {
    let mut written = 0;
    for claim in claims {
        written += conn.execute(
"UPDATE counter SET used = used + ?4 WHERE tenant = ?1 AND space = ?2 AND cell = ?3 AND used + ?4 >= 0",
args![batch.tenant.as_str(), &claim.space, &claim.cell, claim.amount],
)
.await?;
    }
    Ok(written)
}

/// Moves the counts by state along with the objects.
async fn tally<C: Conn>(conn: &mut C, batch: &Batch) -> Result<(), CommitError> {
    let mut moved: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for put in &batch.puts {
        *moved.entry((put.kind, &put.facets.state)).or_default() += 1;
        if let Some((_, state)) = &put.replaces {
            *moved.entry((put.kind, state)).or_default() -= 1;
        }
    }
    for gone in &batch.removes {
        *moved.entry((gone.kind, &gone.replaces.1)).or_default() -= 1;
    }
    moved.retain(|_, by| *by != 0);
    if moved.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("INSERT INTO tally (tenant, kind, state, n) ");
    let tenant = batch.tenant.as_str();
    sql.values(
        moved
            .into_iter()
            .map(|((kind, state), by)| [tenant.into(), kind.into(), state.into(), by.into()]),
    );
    sql.push(" ON CONFLICT (tenant, kind, state) DO UPDATE SET n = tally.n + excluded.n");
    conn.execute(&sql.text, &sql.args).await?;
    Ok(())
}

async fn wake_task<C: Conn>(conn: &mut C, batch: &Batch, wake: &Wake) -> Result<(), CommitError> {
    conn.execute(
"INSERT INTO task (id, tenant, kind, object, state, run_at, lease_by, lease_until, fence, wakes, \
         attempts, last_error, created_at) VALUES (?1, ?2, ?3, ?4, 'ready', ?5, '', 0, 0, 1, 0, '', ?6) \
         ON CONFLICT (tenant, kind, object) DO UPDATE SET wakes = task.wakes + 1, \
         run_at = CASE WHEN task.state = 'ready' AND task.run_at < excluded.run_at \
         THEN task.run_at ELSE excluded.run_at END, \
         attempts = CASE WHEN task.state = 'dead' THEN 0 ELSE task.attempts END, \
         state = CASE WHEN task.state = 'running' THEN 'running' ELSE 'ready' END",
args![&wake.id, batch.tenant.as_str(), wake.kind, &wake.object, wake.at.timestamp_micros(), batch.at.timestamp_micros()],
)
.await?;
    Ok(())
}

async fn still_held<C: Conn>(conn: &mut C, held: &Held) -> Result<(), CommitError> {
    let lock = C::DIALECT.lock_read;
    let sql = format!("SELECT fence FROM task WHERE id = ?1 AND state = 'running' {lock}");
    let found = conn.row(&sql, args![&held.task]).await?;
    let fence = found.map(|mut row| row.take::<i64>(0)).transpose()?;
    if fence == Some(held.fence) {
        Ok(())
    } else {
        Err(CommitError::LeaseLost)
    }
}

/// Gives events and the audit line their numbers. Comes last, because every command of a
/// tenant passes through this one row, which also knows whether the tenant was forgotten.
async fn number<C: Conn>(conn: &mut C, batch: &Batch) -> Result<Committed, CommitError> {
    let events = i64::try_from(batch.happenings.len()).unwrap_or(i64::MAX);
    let head = conn
        .row(
            "INSERT INTO head (tenant, feed, audit, audit_hash) VALUES (?1, ?2, 0, '') \
             ON CONFLICT (tenant) DO UPDATE SET feed = head.feed + excluded.feed \
             WHERE head.feed >= 0 RETURNING feed, audit, audit_hash",
            args![batch.tenant.as_str(), events],
        )
        .await?;
    let Some(mut head) = head else {
        return Err(CommitError::Forgotten(batch.tenant.clone()));
    };
    let (feed, last, previous): (i64, i64, String) = (head.take(0)?, head.take(1)?, head.take(2)?);
    let first_event = feed - events + 1;
    let numbered: Vec<_> = (first_event..).zip(&batch.happenings).collect();
    for some in numbered.chunks(EVENTS_AT_ONCE) {
        tell(conn, batch, some).await?;
    }
    let audit = match &batch.audit {
        Some(entry) => Some(seal(conn, batch, entry.clone(), last + 1, previous).await?),
        None => None,
    };
    Ok(Committed {
        first_event,
        audit,
        beside: Vec::new(),
    })
}

async fn tell<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    numbered: &[(i64, &Happening)],
) -> Result<(), CommitError> {
    let mut sql = Sql::new("INSERT INTO event (tenant, seq, at, name, kind, object, detail) ");
    sql.values(numbered.iter().map(|(seq, happening)| {
        [
            batch.tenant.as_str().into(),
            (*seq).into(),
            batch.at.timestamp_micros().into(),
            happening.name.into(),
            happening.kind.into(),
            (&happening.object).into(),
            (&happening.detail).into(),
        ]
    }));
    conn.execute(&sql.text, &sql.args).await?;
    Ok(())
}

async fn seal<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    entry: Entry,
    seq: i64,
    previous: String,
) -> Result<Anchor, CommitError> {
    let line = entry.seal(&batch.tenant, seq, previous);
    let changes = match &*line.entry.changes {
        [] => String::new(),
        changes => serde_json::to_string(changes)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?,
    };
    conn.execute(
"INSERT INTO audit (tenant, seq, at, actor, role, action, object, revision_before, revision_after, \
         outcome, detail, previous, hash, changes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
args![batch.tenant.as_str(), line.seq, line.entry.at.timestamp_micros(), &line.entry.actor, line.entry.role.name(), &line.entry.action, &line.entry.object, line.entry.revision_before, line.entry.revision_after, line.entry.outcome.name(), &line.entry.detail, &line.previous, &line.hash, changes],
)
.await?;
    conn.execute(
        "UPDATE head SET audit = ?2, audit_hash = ?3 WHERE tenant = ?1",
        args![batch.tenant.as_str(), line.seq, &line.hash],
    )
    .await?;
    Ok(Anchor {
        seq: line.seq,
        hash: line.hash,
    })
}
