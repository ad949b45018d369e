//! Writes and reads the things of ad servers. Many at a time: a page of a thousand is a dozen
//! statements. Refuses to look into them.

use super::LIMIT;
use crate::{
    domain::ids::TenantId,
    store::{
        batch::{Batch, Brought, CommitError, GONE, StoreError, Thing},
        inventory::{Counted, Listing},
        record::fold,
        sql::{Conn, Sql, Values, args},
    },
};

/// How many things are written by one statement.
const AT_ONCE: usize = 100;
/// How many are named by one statement.
const NAMED_AT_ONCE: usize = 500;

/// Writes what a run brought. Whoever writes holds the run's lease, so that nothing newer is
/// written over.
pub async fn write<C: Conn>(conn: &mut C, batch: &Batch) -> Result<(), CommitError> {
    let Some(brought) = &batch.brought else {
        return Ok(());
    };
    for things in brought.things.chunks(AT_ONCE) {
        put(conn, batch, brought, things).await?;
    }
    for ids in brought.same.chunks(NAMED_AT_ONCE) {
        let mut sql = Sql::new("UPDATE inventory SET run = ");
        sql.bind(brought.run).push(", seen_at = ");
        sql.bind(batch.at.timestamp_micros());
        of(&mut sql, &batch.tenant, brought.kind, ids);
        conn.execute(&sql.text, &sql.args).await?;
    }
    for ids in brought.gone.chunks(NAMED_AT_ONCE) {
        let mut sql = Sql::new("UPDATE inventory SET state = ");
        sql.bind(GONE);
        of(&mut sql, &batch.tenant, brought.kind, ids);
        conn.execute(&sql.text, &sql.args).await?;
    }
    Ok(())
}

async fn put<C: Conn>(
    conn: &mut C,
    batch: &Batch,
    brought: &Brought,
    things: &[Thing],
) -> Result<(), CommitError> {
    let mut sql = Sql::new(
        "INSERT INTO inventory (tenant, kind, id, parent, name, search, state, run, seen_at, body) ",
    );
    sql.values(things.iter().map(|thing| {
        [
            batch.tenant.as_str().into(),
            brought.kind.into(),
            (&thing.id).into(),
            (&thing.parent).into(),
            (&thing.name).into(),
            (&thing.search).into(),
            (&thing.state).into(),
            brought.run.into(),
            batch.at.timestamp_micros().into(),
            (&thing.body).into(),
        ]
    }));
    sql.push(
        " ON CONFLICT (tenant, kind, id) DO UPDATE SET parent = excluded.parent, \
         name = excluded.name, search = excluded.search, state = excluded.state, \
         run = excluded.run, seen_at = excluded.seen_at, body = excluded.body",
    );
    conn.execute(&sql.text, &sql.args).await?;
    Ok(())
}

fn of<'a>(sql: &mut Sql<'a>, tenant: &'a TenantId, kind: &'a str, ids: &'a [String]) {
    sql.push(" WHERE tenant = ").bind(tenant.as_str());
    sql.push(" AND kind = ").bind(kind).push(" AND id IN (");
    sql.bind_all(ids.iter().map(Into::into)).push(")");
}

const COLUMNS: &str = "SELECT kind, id, parent, name, search, state, body FROM inventory";

fn thing(mut row: Values) -> Result<Thing, StoreError> {
    Ok(Thing {
        kind: row.take(0)?,
        id: row.take(1)?,
        parent: row.take(2)?,
        name: row.take(3)?,
        search: row.take(4)?,
        state: row.take(5)?,
        body: row.take(6)?,
    })
}

/// Reads those of some things that are known.
pub async fn things<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    ids: &[String],
) -> Result<Vec<Thing>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(NAMED_AT_ONCE) {
        let mut sql = Sql::new(COLUMNS);
        of(&mut sql, tenant, kind, ids);
        for row in conn.rows(&sql.text, &sql.args).await? {
            found.push(thing(row)?);
        }
    }
    Ok(found)
}

/// Reads ids of things that a run has not met, and that are not known to be gone.
pub async fn unmet<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    (run, limit): (i64, u32),
) -> Result<Vec<String>, StoreError> {
    let rows = conn
        .rows(
            "SELECT id FROM inventory WHERE tenant = ?1 AND kind = ?2 AND run <> ?3 \
             AND state <> 'gone' ORDER BY id LIMIT 0 + ?4",
            args![tenant.as_str(), kind, run, i64::from(limit)],
        )
        .await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Reads a page, and how many there are in all.
pub async fn list<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    listing: &Listing,
) -> Result<(Vec<Thing>, i64), StoreError> {
    let search = listing.search.as_deref().map(pattern);
    let mut count = Sql::new("SELECT COUNT(*) FROM inventory");
    filter(&mut count, tenant, listing, search.as_deref());
    let total: i64 = conn.one(&count.text, &count.args).await?.take(0)?;
    let mut sql = Sql::new(COLUMNS);
    filter(&mut sql, tenant, listing, search.as_deref());
    if let Some(last) = &listing.after {
        sql.push(" AND (kind, name, id) > (").bind(&last.kind);
        sql.push(", ").bind(&last.name).push(", ").bind(&last.id);
        sql.push(")");
    }
    sql.push(" ORDER BY kind, name, id ").push(LIMIT);
    sql.bind(i64::from(listing.limit));
    let rows = conn.rows(&sql.text, &sql.args).await?;
    let page = rows.into_iter().map(thing).collect::<Result<_, _>>()?;
    Ok((page, total))
}

fn filter<'a>(
    sql: &mut Sql<'a>,
    tenant: &'a TenantId,
    listing: &'a Listing,
    search: Option<&'a str>,
) {
    sql.push(" WHERE tenant = ").bind(tenant.as_str());
    if let Some(kind) = &listing.kind {
        sql.push(" AND kind = ").bind(kind);
    }
    match &listing.state {
        Some(state) => sql.push(" AND state = ").bind(state),
        None => sql.push(" AND state <> ").bind(GONE),
    };
    if let Some(parent) = &listing.parent {
        sql.push(" AND parent = ").bind(parent);
    }
    if let Some(search) = search {
        sql.push(" AND search LIKE ").bind(search);
        sql.push(" ESCAPE '\\'");
    }
}

/// Finds a text anywhere, its wildcards taken literally.
fn pattern(text: &str) -> String {
    let literal = fold(text)
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{literal}%")
}

/// Counts things by kind and state.
pub async fn counts<C: Conn>(conn: &mut C, tenant: &TenantId) -> Result<Vec<Counted>, StoreError> {
    let rows = conn
        .rows(
            "SELECT kind, state, COUNT(*) FROM inventory WHERE tenant = ?1 \
             GROUP BY kind, state ORDER BY kind, state",
            args![tenant.as_str()],
        )
        .await?;
    let read = |mut row: Values| {
        Ok(Counted {
            kind: row.take(0)?,
            state: row.take(1)?,
            n: row.take(2)?,
        })
    };
    rows.into_iter().map(read).collect()
}
