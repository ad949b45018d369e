//! Reads objects, their counts, and what is used of limited amounts.

use sqlx::{QueryBuilder, Row as _};

use super::{Conn, Db, DbRow, JSON_ARRAY, JSON_LIST, LIMIT, broken, instant};
use crate::{
    domain::ids::TenantId,
    store::{
        batch::{Facets, StoreError},
        record::{Filter, Row, Sort, fold},
    },
};

const COLUMNS: &str =
    "id, revision, parent, state, label, amount, currency, created_at, updated_at, search";

fn row(from: &DbRow, bare: bool) -> Result<Row, StoreError> {
    let facets = Facets {
        parent: from.try_get(2).map_err(broken)?,
        state: from.try_get(3).map_err(broken)?,
        label: from.try_get(4).map_err(broken)?,
        amount: from.try_get(5).map_err(broken)?,
        currency: from.try_get(6).map_err(broken)?,
        search: from.try_get(9).map_err(broken)?,
    };
    Ok(Row {
        id: from.try_get(0).map_err(broken)?,
        revision: from.try_get(1).map_err(broken)?,
        facets,
        created_at: instant(from.try_get(7).map_err(broken)?)?,
        updated_at: instant(from.try_get(8).map_err(broken)?)?,
        body: if bare {
            String::new()
        } else {
            from.try_get(10).map_err(broken)?
        },
    })
}

/// Reads one object.
pub async fn get(
    conn: &mut Conn,
    tenant: &TenantId,
    kind: &str,
    id: &str,
) -> Result<Option<Row>, StoreError> {
    let found = sqlx::query(
        "SELECT id, revision, parent, state, label, amount, currency, created_at, updated_at, search, body \
         FROM object WHERE tenant = $1 AND kind = $2 AND id = $3",
    )
    .bind(tenant.as_str())
    .bind(kind)
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(broken)?;
    found.map(|found| row(&found, false)).transpose()
}

/// Reads a page of objects.
pub async fn list(
    conn: &mut Conn,
    tenant: &TenantId,
    kind: &str,
    filter: &Filter,
) -> Result<Vec<Row>, StoreError> {
    let mut sql = QueryBuilder::<Db>::new("");
    select(&mut sql, tenant, kind, filter);
    let rows = sql.build().fetch_all(conn).await.map_err(broken)?;
    rows.iter().map(|found| row(found, filter.bare)).collect()
}

/// Reads a page of objects without their bodies, and how many there are in all. All of it
/// comes as one row of the database: a driver is paid by the row and by the column.
pub async fn page(
    conn: &mut Conn,
    tenant: &TenantId,
    kind: &str,
    filter: &Filter,
) -> Result<(Vec<Row>, i64), StoreError> {
    let mut sql = QueryBuilder::<Db>::new("SELECT (");
    if filter.search.is_none() && filter.parent.is_none() {
        sql.push("SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM tally");
    } else {
        sql.push("SELECT COUNT(*) FROM object");
    }
    narrow(&mut sql, tenant, kind, filter);
    let (column, way) = order(filter);
    sql.push(format_args!(
        "), CAST((SELECT {JSON_LIST}({JSON_ARRAY}({COLUMNS}) ORDER BY {column} {way}, id {way}) FROM ("
    ));
    select(&mut sql, tenant, kind, filter);
    sql.push(") AS page) AS TEXT)");
    let (total, rows): (i64, Option<String>) =
        sql.build_query_as().fetch_one(conn).await.map_err(broken)?;
    let rows = rows.unwrap_or_else(|| "[]".to_owned());
    let rows: Vec<Bare> = serde_json::from_str(&rows)
        .map_err(|error| StoreError::Unreadable(format!("a page of {kind}: {error}")))?;
    let rows = rows.into_iter().map(bare).collect::<Result<_, _>>()?;
    Ok((rows, total))
}

/// The columns of a row without its body.
type Bare = (
    String,
    i64,
    String,
    String,
    String,
    i64,
    String,
    i64,
    i64,
    String,
);

fn bare(from: Bare) -> Result<Row, StoreError> {
    let (id, revision, parent, state, label, amount, currency, created, updated, search) = from;
    let facets = Facets {
        parent,
        state,
        label,
        search,
        amount,
        currency,
    };
    Ok(Row {
        id,
        revision,
        facets,
        created_at: instant(created)?,
        updated_at: instant(updated)?,
        body: String::new(),
    })
}

fn select(sql: &mut QueryBuilder<Db>, tenant: &TenantId, kind: &str, filter: &Filter) {
    sql.push("SELECT ").push(COLUMNS);
    if !filter.bare {
        sql.push(", body");
    }
    sql.push(" FROM object");
    narrow(sql, tenant, kind, filter);
    let (column, way) = order(filter);
    if let Some(mark) = &filter.after {
        let side = if filter.descending { "<" } else { ">" };
        sql.push(format_args!(" AND ({column}, id) {side} ("));
        match filter.sort {
            Sort::Label | Sort::State => sql.push_bind(mark.text.clone()),
            _ => sql.push_bind(mark.number),
        };
        sql.push(", ").push_bind(mark.id.clone()).push(")");
    }
    sql.push(format_args!(" ORDER BY {column} {way}, id {way} {LIMIT}"));
    sql.push_bind(i64::from(filter.limit));
    if filter.offset > 0 {
        sql.push(" OFFSET ").push_bind(i64::from(filter.offset));
    }
}

/// The column that a list is sorted by, and which way.
fn order(filter: &Filter) -> (&'static str, &'static str) {
    let column = match filter.sort {
        Sort::Created => "created_at",
        Sort::Updated => "updated_at",
        Sort::Label => "label",
        Sort::Amount => "amount",
        Sort::State => "state",
    };
    (column, if filter.descending { "DESC" } else { "ASC" })
}

/// Counts what a filter matches, whatever its page.
pub async fn count(
    conn: &mut Conn,
    tenant: &TenantId,
    kind: &str,
    filter: &Filter,
) -> Result<i64, StoreError> {
    let mut sql = QueryBuilder::<Db>::new("SELECT COUNT(*) FROM object");
    narrow(&mut sql, tenant, kind, filter);
    sql.build_query_scalar()
        .fetch_one(conn)
        .await
        .map_err(broken)
}

fn narrow(sql: &mut QueryBuilder<Db>, tenant: &TenantId, kind: &str, filter: &Filter) {
    sql.push(" WHERE tenant = ")
        .push_bind(tenant.as_str().to_owned());
    sql.push(" AND kind = ").push_bind(kind.to_owned());
    if let Some(state) = &filter.state {
        sql.push(" AND state = ").push_bind(state.clone());
    }
    if let Some(parent) = &filter.parent {
        sql.push(" AND parent = ").push_bind(parent.clone());
    }
    if let Some(search) = &filter.search {
        sql.push(" AND search LIKE ")
            .push_bind(literally(search))
            .push(" ESCAPE '!'");
    }
}

/// A pattern that matches the text wherever it stands, with nothing in it special.
fn literally(search: &str) -> String {
    let mut pattern = String::with_capacity(search.len() + 2);
    pattern.push('%');
    for letter in fold(search).chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Counts the objects of a kind by state.
pub async fn tallies(
    conn: &mut Conn,
    tenant: &TenantId,
    kind: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    sqlx::query_as(
        "SELECT state, n FROM tally WHERE tenant = $1 AND kind = $2 AND n > 0 ORDER BY state",
    )
    .bind(tenant.as_str())
    .bind(kind)
    .fetch_all(conn)
    .await
    .map_err(broken)
}

/// Reads what is used of a space by cell.
pub async fn used(
    conn: &mut Conn,
    tenant: &TenantId,
    space: &str,
    from: &str,
    to: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    sqlx::query_as(
        "SELECT cell, used FROM counter \
         WHERE tenant = $1 AND space = $2 AND cell >= $3 AND cell <= $4 ORDER BY cell",
    )
    .bind(tenant.as_str())
    .bind(space)
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await
    .map_err(broken)
}

/// Sums what is used of every space whose name begins so.
pub async fn used_sums(
    conn: &mut Conn,
    tenant: &TenantId,
    prefix: &str,
    from: &str,
    to: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    sqlx::query_as(
        "SELECT space, CAST(SUM(used) AS BIGINT) FROM counter WHERE tenant = $1 \
         AND space >= $2 AND space < $5 AND cell >= $3 AND cell <= $4 GROUP BY space",
    )
    .bind(tenant.as_str())
    .bind(prefix)
    .bind(from)
    .bind(to)
    .bind(format!("{prefix}{}", char::MAX))
    .fetch_all(conn)
    .await
    .map_err(broken)
}

/// Forgets what is used of spaces whose names begin so, in the cells before one.
pub async fn forget_used(conn: &mut Conn, prefix: &str, before: &str) -> Result<u64, StoreError> {
    let gone =
        sqlx::query("DELETE FROM counter WHERE SUBSTR(space, 1, LENGTH($1)) = $1 AND cell < $2")
            .bind(prefix)
            .bind(before)
            .execute(conn)
            .await
            .map_err(broken)?;
    Ok(gone.rows_affected())
}
