//! All SQL, once. Compiled for SQLite and for PostgreSQL by the two files that name this
//! one; what differs between them comes from there. Refuses to open or close anything.

mod backend;
mod commit;
mod feed;
mod objects;
mod tasks;

pub use backend::Backend;
pub use commit::apply;
pub use feed::{audit, events, forget_answers, heads, recall, share};
pub use objects::{count, forget_used, get, list, page, tallies, used, used_sums};
pub use tasks::{claim, end, next_due, renew, tasks};

use super::{Conn, Db, DbRow, JSON_ARRAY, JSON_LIST, LOCK_READ, SKIP_LOCKED};
use crate::{
    domain::when::Instant,
    store::batch::{CommitError, StoreError},
};

/// Stands before a bound limit. SQLite looks into a limit that is nothing but a parameter
/// when it plans, and so plans anew each time that one is bound.
const LIMIT: &str = "LIMIT 0 + ";

/// Reads a stored instant.
fn instant(micros: i64) -> Result<Instant, StoreError> {
    Instant::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::Unreadable(format!("the instant {micros}")))
}

/// Says what a driver's error means to us.
pub fn explain(error: &sqlx::Error) -> StoreError {
    let words = error.to_string();
    match error {
        sqlx::Error::Database(inner) => {
            super::classify(inner.code().as_deref().unwrap_or(""), words)
        }
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_) => StoreError::Unreadable(words),
        sqlx::Error::PoolTimedOut => StoreError::Busy("no connection came free in time".into()),
        _ => StoreError::Unreachable(words),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` gives the error away"
)]
fn failed(error: sqlx::Error) -> CommitError {
    CommitError::Store(explain(&error))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` gives the error away"
)]
fn broken(error: sqlx::Error) -> StoreError {
    explain(&error)
}
