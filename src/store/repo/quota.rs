//! What nodes tell each other of the requests that they let through, by the clock of the database:
//! theirs need not agree.

use super::changes::ShareCounts;
use crate::store::{
    batch::StoreError,
    sql::{Conn, Sql, args},
};

/// How many counts are written by one statement.
const AT_ONCE: usize = 90;

/// Writes what one node let through and reads what the others did.
pub async fn share<C: Conn>(
    conn: &mut C,
    told: &ShareCounts,
) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let clock = format!("SELECT {}", C::DIALECT.clock);
    let now: i64 = conn.one(&clock, &[]).await?.take(0)?;
    for some in told.own.chunks(AT_ONCE) {
        let mut sql = Sql::new("INSERT INTO quota (who, node, at, n) ");
        let row = |(who, n): &(String, i64)| {
            [
                who.clone().into(),
                told.node.clone().into(),
                now.into(),
                (*n).into(),
            ]
        };
        sql.values(some.iter().map(row));
        sql.push(" ON CONFLICT (who, node, at) DO UPDATE SET n = quota.n + excluded.n");
        conn.execute(&sql.text, &sql.args).await?;
    }
    let first = now - told.window;
    let own = "DELETE FROM quota WHERE node = ?1 AND at < ?2";
    if !told.own.is_empty() {
        conn.execute(own, args![&told.node, first]).await?;
        // What nodes left that are no longer there.
        let all = "DELETE FROM quota WHERE at < ?1";
        conn.execute(all, args![first - 10 * told.window]).await?;
    }
    let sql = "SELECT who, at, n FROM quota WHERE node <> ?1 AND at >= ?2";
    let rows = conn.rows(sql, args![&told.node, first]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, now - row.take::<i64>(1)?, row.take(2)?)))
        .collect()
}
