//! All SQL, once: what differs between the databases comes from the connection's dialect.
//! Refuses to open or close anything.

mod backend;
mod changes;
mod commit;
mod delivery;
mod feed;
mod forget;
mod inventory;
mod objects;
mod quota;
mod tasks;

pub use backend::Backend;

use crate::{domain::when::Instant, store::batch::StoreError};

/// Stands before a bound limit. SQLite looks into a limit that is nothing but a parameter
/// when it plans, and so plans anew each time that one is bound.
const LIMIT: &str = "LIMIT 0 + ";

/// Reads a stored instant.
fn instant(micros: i64) -> Result<Instant, StoreError> {
    Instant::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::Unreadable(format!("the instant {micros}")))
}
