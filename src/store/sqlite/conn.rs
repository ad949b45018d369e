//! A connection to a SQLite file: opened as this house wants it, asked in the thread that asks,
//! and what SQLite says in our words.

use std::{path::Path, time::Duration};

use rusqlite::{
    CachedStatement, Connection, ErrorCode, OpenFlags, Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

use crate::store::{
    batch::StoreError,
    open::Keeps,
    sql::{Arg, Conn, Dialect, Value, Values, Weight},
};

/// How long a writer waits for one of another process.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is acknowledged has reached the disk: `synchronous = FULL`.
const SET_UP: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA foreign_keys = ON";
/// Who writes brings pages home in long runs.
const TO_WRITE: &str = "PRAGMA wal_autocheckpoint = 4000";

/// How many statements are kept ready to write: more than a commit has.
const TO_COMMIT: usize = 64;

/// How many are kept ready to read.
fn to_ask(keeps: Keeps) -> usize {
    match keeps {
        Keeps::Much => 64,
        Keeps::Little => 16,
    }
}

/// Who writes much comes back to the same pages again and again.
fn at_work(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Much => "PRAGMA cache_size = -8192",
        Keeps::Little => "PRAGMA cache_size = -1024",
    }
}

/// How many pages are at hand to a reader.
fn to_read(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Much => "PRAGMA cache_size = -2048",
        Keeps::Little => "PRAGMA cache_size = -256",
    }
}

/// What a writer keeps for next time; more would cost as much as to read it again.
fn at_rest(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Much => "PRAGMA cache_size = -1024; PRAGMA shrink_memory",
        Keeps::Little => "PRAGMA cache_size = -256; PRAGMA shrink_memory",
    }
}

/// A connection.
pub struct SqliteConn {
    inner: Connection,
    keeps: Keeps,
    is_heavy: bool,
    is_sound: bool,
}

impl SqliteConn {
    /// Opens one that reads and writes, and makes the file where there is none.
    pub fn to_write(path: &Path, keeps: Keeps) -> Result<Self, StoreError> {
        let writing = format!("{SET_UP}; {TO_WRITE}; {}", at_rest(keeps));
        let conn = Self::open(path, OpenFlags::SQLITE_OPEN_CREATE, &writing, keeps)?;
        conn.inner.set_prepared_statement_cache_capacity(TO_COMMIT);
        Ok(conn)
    }

    /// Opens one that only reads.
    pub fn to_read(path: &Path, keeps: Keeps) -> Result<Self, StoreError> {
        let only = format!("{SET_UP}; {}; PRAGMA query_only = ON", to_read(keeps));
        let conn = Self::open(path, OpenFlags::empty(), &only, keeps)?;
        conn.inner
            .set_prepared_statement_cache_capacity(to_ask(keeps));
        Ok(conn)
    }

    fn open(path: &Path, more: OpenFlags, set_up: &str, keeps: Keeps) -> Result<Self, StoreError> {
        // One user at a time holds it: SQLite's own lock would guard nothing.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let inner = Connection::open_with_flags(path, flags).map_err(broken)?;
        inner.busy_timeout(PATIENCE).map_err(broken)?;
        inner.execute_batch(set_up).map_err(broken)?;
        Ok(Self {
            inner,
            keeps,
            is_heavy: false,
            is_sound: true,
        })
    }

    /// Says how much the next questions may have to read.
    pub fn expect(&mut self, weight: Weight) {
        self.is_heavy = weight == Weight::Heavy;
    }

    /// Keeps many pages at hand for a while of much work, or few again behind it.
    pub fn keep_much(&self, much: bool) {
        let which = if much { at_work } else { at_rest };
        if let Err(error) = self.inner.execute_batch(which(self.keeps)) {
            tracing::debug!(%error, "the pages at hand stay as they are");
        }
    }

    /// Whether nothing has gone wrong with it yet.
    pub fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// Whether a transaction is open. A full disk can end one unasked.
    pub fn is_in_transaction(&self) -> bool {
        !self.inner.is_autocommit()
    }

    /// Does something that needs no values.
    pub fn run(&mut self, sql: &str) -> Result<u64, StoreError> {
        self.asked(sql, &[], |statement| Ok(statement.raw_execute()? as u64))
    }

    /// The driver's own connection, for what bytes are kept in.
    pub fn raw(&self) -> &Connection {
        &self.inner
    }

    /// Closes it.
    pub fn close(self) {
        if let Err((_, error)) = self.inner.close() {
            tracing::warn!(%error, "a connection did not close well");
        }
    }

    fn asked<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        answer: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let inner = &self.inner;
        let ask = || {
            let mut statement = prepared(inner, sql, args)?;
            answer(&mut statement)
        };
        let answer = if self.is_heavy && may_block() {
            block_in_place(ask)
        } else {
            ask()
        };
        answer.map_err(|error| {
            self.is_sound = false;
            broken(error)
        })
    }
}

/// Whether the other tasks of this thread can go elsewhere while it reads.
fn may_block() -> bool {
    Handle::try_current().is_ok_and(|now| now.runtime_flavor() == RuntimeFlavor::MultiThread)
}

fn prepared<'c>(
    inner: &'c Connection,
    sql: &str,
    args: &[Arg<'_>],
) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = inner.prepare_cached(sql)?;
    for (place, arg) in (1..).zip(args) {
        statement.raw_bind_parameter(place, arg)?;
    }
    Ok(statement)
}

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Arg::Int(Some(number)) => ValueRef::Integer(*number),
            Arg::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Arg::Int(None) | Arg::Text(None) => ValueRef::Null,
        }))
    }
}

impl Conn for SqliteConn {
    const DIALECT: Dialect = Dialect {
        lock_read: "",
        skip_locked: "",
        make: "SQLite",
        clock: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        version: "SELECT sqlite_version()",
        wall: None,
        keeping: None,
    };

    async fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        self.asked(sql, args, |statement| Ok(statement.raw_execute()? as u64))
    }

    async fn rows(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Values>, StoreError> {
        self.asked(sql, args, |statement| {
            let columns = statement.column_count();
            let (mut rows, mut all) = (statement.raw_query(), Vec::new());
            while let Some(row) = rows.next()? {
                let values = (0..columns).map(|at| Ok(value(row.get_ref(at)?)));
                all.push(Values(values.collect::<rusqlite::Result<_>>()?));
            }
            Ok(all)
        })
    }
}

/// A value as it came out; what no column here holds is read as nothing.
fn value(from: ValueRef<'_>) -> Value {
    match from {
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => match String::from_utf8(bytes.to_vec()) {
            Ok(text) => Value::Text(text),
            Err(_) => Value::Nothing,
        },
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Nothing,
    }
}

/// Extended codes of what the system does not let SQLite write: a quota, a limit, a broken
/// disk. Write, fsync, fsync of the directory, truncate, size of the shared memory.
const REFUSED_WRITES: [i32; 5] = [778, 1034, 1290, 1546, 4874];

/// What SQLite's result codes mean to us.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` gives the error away"
)]
pub fn broken(error: rusqlite::Error) -> StoreError {
    let words = error.to_string();
    let Some(failure) = error.sqlite_error() else {
        return StoreError::Unreadable(words);
    };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy(words),
        ErrorCode::ReadOnly | ErrorCode::DiskFull | ErrorCode::CannotOpen => {
            StoreError::Unwritable(words)
        }
        ErrorCode::SystemIoFailure if REFUSED_WRITES.contains(&failure.extended_code) => {
            StoreError::Unwritable(words)
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Unreadable(words),
        _ => StoreError::Unreachable(words),
    }
}
