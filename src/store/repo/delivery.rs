//! Writes and reads what was counted of lines, day by day. Refuses to look into it: a day is
//! text here.

use super::LIMIT;
use crate::{
    domain::ids::TenantId,
    store::{
        batch::{Batch, CommitError, Day, StoreError},
        sql::{Conn, Sql, Values, args},
    },
};

/// How many days are written by one statement.
const AT_ONCE: usize = 50;
/// How many days are read at most.
pub const MOST_DAYS: u32 = 4_000;

/// Writes days over what was known of them. Whoever writes has pinned the line's track, so
/// that nothing newer is written over.
pub async fn write<C: Conn>(conn: &mut C, batch: &Batch) -> Result<(), CommitError> {
    for days in batch.days.chunks(AT_ONCE) {
        let mut sql = Sql::new("INSERT INTO delivery_day (tenant, line, day, last, hours) ");
        sql.values(days.iter().map(|day| {
            [
                batch.tenant.as_str().into(),
                (&day.line).into(),
                (&day.day).into(),
                (&day.last).into(),
                (&day.hours).into(),
            ]
        }));
        sql.push(
            " ON CONFLICT (tenant, line, day) DO UPDATE SET last = excluded.last, \
             hours = excluded.hours",
        );
        conn.execute(&sql.text, &sql.args).await?;
    }
    Ok(())
}

/// Reads the days of a line between two, both included, oldest first.
pub async fn days<C: Conn>(
    conn: &mut C,
    tenant: &TenantId,
    line: &str,
    (from, to): (&str, &str),
) -> Result<Vec<Day>, StoreError> {
    let mut sql = Sql::new("SELECT day, last, hours FROM delivery_day WHERE tenant = ");
    sql.bind(tenant.as_str()).push(" AND line = ").bind(line);
    sql.push(" AND day >= ").bind(from);
    sql.push(" AND day <= ").bind(to);
    sql.push(" ORDER BY day ").push(LIMIT);
    sql.bind(i64::from(MOST_DAYS));
    let rows = conn.rows(&sql.text, &sql.args).await?;
    let read = |mut row: Values| {
        Ok(Day {
            line: line.to_owned(),
            day: row.take(0)?,
            last: row.take(1)?,
            hours: row.take(2)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Empties the hours of all days before one; says of how many days.
pub async fn forget_hours<C: Conn>(conn: &mut C, before: &str) -> Result<u64, StoreError> {
    conn.execute(
        "UPDATE delivery_day SET hours = '' WHERE day < ?1 AND hours <> ''",
        args![before],
    )
    .await
}
