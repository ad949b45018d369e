//! SQLite: one file, a few readers, one writer. Opens the file and shapes it; refuses to know
//! what is asked.

mod conn;
mod ear;
mod lanes;
mod pen;

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sqlx::migrate::{MigrateError, Migration};

use super::{
    batch::{CommitError, StoreError},
    ear::Ear,
    migrations,
    open::{Keeps, OpenError},
    repo::Backend,
    sql::{Change, Make, Scope, Weight},
};
use conn::SqliteConn;
use ear::FileEar;
use lanes::{Lane, Lanes};
use pen::Pen;

/// Compares byte by byte of itself.
const COLUMN_TEXT: &str = "TEXT";

/// A SQLite file.
pub struct Sqlite {
    path: PathBuf,
    reads: Lanes,
    writes: Pen,
}

impl Make for Sqlite {
    type Conn = SqliteConn;
    type Lane = Lane;

    async fn lane(&self, weight: Weight, _: Scope<'_>) -> Result<Lane, StoreError> {
        self.reads.lane(weight).await
    }

    async fn change<C: Change>(&self, change: C) -> Result<C::Answer, CommitError> {
        self.writes.change(change).await
    }

    async fn ear(&self) -> Result<Box<dyn Ear>, StoreError> {
        Ok(Box::new(FileEar::at(&self.path).await?))
    }

    async fn call_out(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        self.writes.close().await;
        self.reads.close().await;
    }
}

/// Opens a file that was found to be ours, or creates it.
pub fn open(path: &Path, keeps: Keeps) -> Result<Backend<Sqlite>, OpenError> {
    let failed = |error: &dyn Error| OpenError::Sql(path.display().to_string(), error.to_string());
    let conn = SqliteConn::to_write(path, keeps).map_err(|error| failed(&error))?;
    shape(conn.raw()).map_err(|error| OpenError::migration(path.display(), &error))?;
    let writes = Pen::new(path, conn, keeps).map_err(|error| failed(&error))?;
    let reads = Lanes::new(path, keeps);
    let path = path.to_owned();
    Ok(Backend(Sqlite {
        path,
        reads,
        writes,
    }))
}

/// Brings a file to this program's shape and marks it as ours, in one transaction: whoever
/// opens it at the same time waits, and whoever looks at it later sees all of it or none.
/// What it writes down of each step is what the migrator of the other database would.
fn shape(conn: &Connection) -> Result<(), MigrateError> {
    let whole = Transaction::new_unchecked(conn, TransactionBehavior::Immediate).map_err(failed)?;
    whole.execute_batch(STEPS_TAKEN).map_err(failed)?;
    let steps = migrations::migrator(COLUMN_TEXT);
    let taken = taken(&whole)?;
    for (version, ..) in &taken {
        if !steps.version_exists(*version) {
            return Err(MigrateError::VersionMissing(*version));
        }
    }
    for step in steps.iter() {
        match taken.iter().find(|(version, ..)| *version == step.version) {
            Some((version, _, false)) => return Err(MigrateError::Dirty(*version)),
            Some((version, checksum, _)) if *checksum != *step.checksum => {
                return Err(MigrateError::VersionMismatch(*version));
            }
            Some(_) => {}
            None => take(&whole, step).map_err(failed)?,
        }
    }
    let marked: i64 = whole
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    if marked != migrations::NEWEST {
        let (owner, version) = (migrations::APPLICATION_ID, migrations::NEWEST);
        let mark = format!("PRAGMA application_id = {owner}; PRAGMA user_version = {version}");
        whole.execute_batch(&mark).map_err(failed)?;
    }
    whole.commit().map_err(failed)
}

/// Where the steps that were taken are written down.
const STEPS_TAKEN: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
)";

/// The steps that were taken: number, checksum, and whether to the end.
fn taken(conn: &Connection) -> Result<Vec<(i64, Vec<u8>, bool)>, MigrateError> {
    let ask = || {
        conn.prepare("SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()
    };
    ask().map_err(failed)
}

/// Takes a step and writes it down, with no word on how long it took.
fn take(conn: &Connection, step: &Migration) -> rusqlite::Result<()> {
    conn.execute_batch(step.sql.as_str())?;
    conn.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (?1, ?2, TRUE, ?3, -1)",
        params![step.version, step.description, step.checksum],
    )?;
    Ok(())
}

fn failed(error: rusqlite::Error) -> MigrateError {
    let words = conn::broken(error).to_string();
    MigrateError::Execute(sqlx::Error::Protocol(words))
}
