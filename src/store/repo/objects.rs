//! Reads objects, their counts, and what is used of limited amounts.

use super::{LIMIT, feed::the_tenant, instant};
use crate::{
    domain::ids::TenantId,
    store::{
        batch::{Facets, StoreError},
        record::{Filter, Part, Row, Sort, fold},
        sql::{Arg, Conn, Sql, Values, args},
    },
};

const COLUMNS: &str =
    "id, revision, parent, state, label, amount, currency, created_at, updated_at, search, begins";

/// How many columns those are.
const BODY: usize = 11;

/// What is kept of an object's revision for lists.
const GLANCE: &str = "COALESCE((SELECT glance.body FROM glance WHERE glance.tenant = object.tenant \
     AND glance.kind = object.kind AND glance.id = object.id AND glance.revision = object.revision), '')";

fn row(mut from: Values, part: Part) -> Result<Row, StoreError> {
    Ok(Row {
        id: from.take(0)?,
        revision: from.take(1)?,
        facets: Facets {
            parent: from.take(2)?,
            state: from.take(3)?,
            label: from.take(4)?,
            amount: from.take(5)?,
            currency: from.take(6)?,
            search: from.take(9)?,
            begins: from.take(10)?,
        },
        created_at: instant(from.take(7)?)?,
        updated_at: instant(from.take(8)?)?,
        body: match part {
            Part::Nothing => String::new(),
            Part::Whole | Part::Glance => from.take(BODY)?,
        },
    })
}

/// Reads one object.
pub async fn get<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    id: &str,
) -> Result<Option<Row>, StoreError> {
    let found = conn
        .row(
            "SELECT id, revision, parent, state, label, amount, currency, created_at, updated_at, search, begins, body \
             FROM object WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
            args![tenant.as_str(), kind, id],
        )
        .await?;
    found.map(|found| row(found, Part::Whole)).transpose()
}

/// Reads the revision of one object, and it as it is shown where that is kept in this shape.
pub async fn shown<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    id: &str,
    shape: &str,
) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let sql = "SELECT object.revision, shown.body FROM object LEFT JOIN shown \
               ON shown.tenant = object.tenant AND shown.kind = object.kind AND shown.id = object.id \
               AND shown.revision = object.revision AND shown.shape = ?4 \
               WHERE object.tenant = ?1 AND object.kind = ?2 AND object.id = ?3";
    let args = args![tenant.as_str(), kind, id, shape];
    let found = conn.row(sql, args).await?;
    found
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .transpose()
}

/// Reads a page of objects.
pub async fn list<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    filter: &Filter,
) -> Result<Vec<Row>, StoreError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS);
    match filter.part {
        Part::Whole => sql.push(", body"),
        Part::Glance => sql.push(", ").push(GLANCE),
        Part::Nothing => &mut sql,
    };
    select(&mut sql, tenant, kind, filter);
    let rows = conn.rows(&sql.text, &sql.args).await?;
    rows.into_iter()
        .map(|found| row(found, filter.part))
        .collect()
}

/// Reads a page of objects without their bodies, and how many there are in all. Both come
/// of one question, so that they are of one moment; only an empty page needs a second one.
pub async fn page<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    filter: &Filter,
) -> Result<(Vec<Row>, i64), StoreError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(", (");
    total(&mut sql, tenant, kind, filter);
    sql.push(")");
    select(&mut sql, tenant, kind, filter);
    let mut rows = conn.rows(&sql.text, &sql.args).await?;
    let total = if let Some(first) = rows.first_mut() {
        first.take(BODY)?
    } else {
        let mut sql = Sql::default();
        total(&mut sql, tenant, kind, filter);
        conn.one(&sql.text, &sql.args).await?.take(0)?
    };
    let rows = rows.into_iter().map(|found| row(found, Part::Nothing));
    Ok((rows.collect::<Result<_, _>>()?, total))
}

/// Asks how many a filter matches, from the kept counts where they can say it.
fn total<'a>(sql: &mut Sql<'a>, tenant: &'a TenantId, kind: &'a str, filter: &'a Filter) {
    if filter.is_by_state() {
        sql.push("SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM tally");
    } else {
        sql.push("SELECT COUNT(*) FROM object");
    }
    narrow(sql, tenant, kind, filter);
}

fn select<'a>(sql: &mut Sql<'a>, tenant: &'a TenantId, kind: &'a str, filter: &'a Filter) {
    sql.push(" FROM object");
    narrow(sql, tenant, kind, filter);
    let (column, way) = order(filter);
    if let Some(mark) = &filter.after {
        let side = if filter.descending { "<" } else { ">" };
        sql.push(&format!(" AND ({column}, id) {side} ("));
        match filter.sort {
            Sort::Label | Sort::State => sql.bind(&mark.text),
            _ => sql.bind(mark.number),
        };
        sql.push(", ").bind(&mark.id).push(")");
    }
    sql.push(&format!(" ORDER BY {column} {way}, id {way} {LIMIT}"));
    sql.bind(i64::from(filter.limit));
    if filter.offset > 0 {
        sql.push(" OFFSET ").bind(i64::from(filter.offset));
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
        Sort::Begins => "begins",
    };
    (column, if filter.descending { "DESC" } else { "ASC" })
}

/// Counts what a filter matches, whatever its page.
pub async fn count<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
    filter: &Filter,
) -> Result<i64, StoreError> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM object");
    narrow(&mut sql, tenant, kind, filter);
    conn.one(&sql.text, &sql.args).await?.take(0)
}

fn narrow<'a>(sql: &mut Sql<'a>, tenant: &'a TenantId, kind: &'a str, filter: &'a Filter) {
    sql.push(" WHERE tenant = ").bind(tenant.as_str());
    sql.push(" AND kind = ").bind(kind);
    if let Some(state) = &filter.state {
        sql.push(" AND state = ").bind(state);
    }
    match filter.ids.as_deref() {
        None => {}
        Some([]) => {
            sql.push(" AND 1 = 0");
        }
        Some(ids) => {
            sql.push(" AND id IN (");
            sql.bind_all(ids.iter().map(Into::into)).push(")");
        }
    }
    // In the words of the index, which holds nothing else.
    if filter.begins.is_some() || filter.sort == Sort::Begins {
        sql.push(" AND begins > 0");
    }
    if let Some((from, until)) = filter.begins {
        sql.push(" AND begins >= ").bind(from.timestamp_micros());
        sql.push(" AND begins < ").bind(until.timestamp_micros());
    }
    if let Some(parent) = &filter.parent {
        sql.push(" AND parent = ").bind(parent);
    }
    if let Some(search) = &filter.search {
        sql.push(" AND search LIKE ")
            .bind(literally(search))
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
pub async fn tallies<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    kind: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT state, n FROM tally WHERE tenant = ?1 AND kind = ?2 AND n > 0 ORDER BY state";
    pairs(conn, sql, args![tenant.as_str(), kind]).await
}

/// Counts the objects of a kind by tenant and state.
pub async fn tallies_of_all<C: Conn>(
    conn: &mut C,
    kind: &str,
) -> Result<Vec<(TenantId, String, i64)>, StoreError> {
    let sql = "SELECT tenant, state, n FROM tally WHERE kind = ?1 AND n > 0 ORDER BY tenant, state";
    let rows = conn.rows(sql, args![kind]).await?;
    rows.into_iter()
        .map(|mut row| Ok((the_tenant(&mut row, 0)?, row.take(1)?, row.take(2)?)))
        .collect()
}

/// Asks for names and numbers.
async fn pairs<C: Conn>(
    conn: &mut C,
    sql: &str,
    args: &[Arg<'_>],
) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = conn.rows(sql, args).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// Reads what is used of a space by cell.
pub async fn used<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    space: &str,
    from: &str,
    to: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT cell, used FROM counter \
               WHERE tenant = ?1 AND space = ?2 AND cell >= ?3 AND cell <= ?4 ORDER BY cell";
    pairs(conn, sql, args![tenant.as_str(), space, from, to]).await
}

/// Sums what is used of every space whose name begins so.
pub async fn used_sums<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    prefix: &str,
    from: &str,
    to: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    let end = format!("{prefix}{}", char::MAX);
    let sql = "SELECT space, CAST(SUM(used) AS BIGINT) FROM counter WHERE tenant = ?1 \
               AND space >= ?2 AND space < ?5 AND cell >= ?3 AND cell <= ?4 GROUP BY space";
    pairs(conn, sql, args![tenant.as_str(), prefix, from, to, &end]).await
}

/// Forgets what is used of spaces whose names begin so, in the cells before one.
pub async fn forget_used<C: Conn>(
    conn: &mut C,
    prefix: &str,
    before: &str,
) -> Result<u64, StoreError> {
    let gone = conn
        .execute(
            "DELETE FROM counter WHERE SUBSTR(space, 1, LENGTH(?1)) = ?1 AND cell < ?2",
            args![prefix, before],
        )
        .await?;
    Ok(gone)
}
