//! SQLite: one file, one writer. Batches that arrive together are committed together, each
//! in a savepoint of its own, so that one wait for the disk serves them all.

use std::path::Path;

use sqlx::{
    Acquire, Connection, Pool, SqliteConnection,
    pool::PoolConnection,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use tokio::sync::{mpsc, oneshot};

use super::{
    batch::{Batch, CommitError, Committed, StoreError},
    migrations,
    open::OpenError,
};

#[path = "repo/mod.rs"]
pub mod repo;

type Db = sqlx::Sqlite;
type DbRow = SqliteRow;
type Conn = SqliteConnection;
const LOCK_READ: &str = "";
const SKIP_LOCKED: &str = "";
/// Compares byte by byte of itself.
const COLUMN_TEXT: &str = "TEXT";

/// How many batches share one wait for the disk.
const GROUP: usize = 128;
/// How many batches may wait for the writer before askers wait too.
const QUEUE: usize = 1024;
/// Connections for reading.
const READERS: u32 = 4;

type Answer = Result<Committed, CommitError>;

/// The one writer.
pub struct Writer {
    pool: Pool<Db>,
    queue: mpsc::Sender<(Batch, oneshot::Sender<Answer>)>,
}

impl Writer {
    fn new(pool: Pool<Db>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write(pool.clone(), waiting));
        Self { pool, queue }
    }

    /// Commits a batch together with whatever else waits.
    pub async fn commit(&self, batch: Batch) -> Answer {
        let gone = || StoreError::Unreachable("the writer has stopped".into());
        let (answer, wait) = oneshot::channel();
        self.queue.send((batch, answer)).await.map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }

    /// The writing connection, for single statements.
    pub async fn connection(&self) -> Result<PoolConnection<Db>, StoreError> {
        self.pool
            .acquire()
            .await
            .map_err(|error| repo::explain(&error))
    }

    /// Ends after what is being written.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn write(pool: Pool<Db>, mut waiting: mpsc::Receiver<(Batch, oneshot::Sender<Answer>)>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let (batches, askers): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        let answers = match together(&pool, &batches).await {
            Ok(answers) => answers,
            Err(error) => batches
                .iter()
                .map(|_| Err(CommitError::Store(error.clone())))
                .collect(),
        };
        for (asker, answer) in askers.into_iter().zip(answers) {
            // An asker that went away has nobody to tell; the commit stands.
            drop(asker.send(answer));
        }
    }
}

async fn together(pool: &Pool<Db>, batches: &[Batch]) -> Result<Vec<Answer>, StoreError> {
    let mut conn = pool
        .acquire()
        .await
        .map_err(|error| repo::explain(&error))?;
    let answers = in_one(&mut conn, batches).await;
    if answers.is_err() {
        // On a full disk SQLite rolls back by itself, and the driver goes on counting the
        // transaction as open: this connection could never begin another one.
        drop(conn.close().await);
    }
    answers
}

/// Applies batches in one transaction; a failure is one of the database, and of them all.
async fn in_one(conn: &mut Conn, batches: &[Batch]) -> Result<Vec<Answer>, StoreError> {
    let broken = |error: sqlx::Error| repo::explain(&error);
    let mut whole = conn.begin_with("BEGIN IMMEDIATE").await.map_err(broken)?;
    if let [alone] = batches {
        let answer = repo::apply(&mut whole, alone).await;
        match &answer {
            Ok(_) => whole.commit().await.map_err(broken)?,
            Err(CommitError::Store(error)) => return Err(error.clone()),
            Err(_) => whole.rollback().await.map_err(broken)?,
        }
        return Ok(vec![answer]);
    }
    let mut answers = Vec::with_capacity(batches.len());
    for batch in batches {
        let mut part = whole.begin().await.map_err(broken)?;
        let answer = repo::apply(&mut part, batch).await;
        match &answer {
            Ok(_) => part.commit().await.map_err(broken)?,
            Err(CommitError::Store(error)) => return Err(error.clone()),
            Err(_) => part.rollback().await.map_err(broken)?,
        }
        answers.push(answer);
    }
    whole.commit().await.map_err(broken)?;
    Ok(answers)
}

/// Extended codes of what the system does not let SQLite write: a quota, a limit, a broken
/// disk. Write, fsync, fsync of the directory, truncate, size of the shared memory.
const REFUSED_WRITES: [u32; 5] = [778, 1034, 1290, 1546, 4874];

/// What SQLite's result codes mean to us.
fn classify(code: &str, words: String) -> StoreError {
    let code = code.parse::<u32>().unwrap_or(0);
    match code & 0xff {
        5 | 6 => StoreError::Busy(words),
        8 | 13 | 14 => StoreError::Unwritable(words),
        10 if REFUSED_WRITES.contains(&code) => StoreError::Unwritable(words),
        11 | 26 => StoreError::Unreadable(words),
        _ => StoreError::Unreachable(words),
    }
}

async fn describe(conn: &mut Conn) -> Result<String, StoreError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(conn)
        .await
        .map_err(|error| repo::explain(&error))?;
    Ok(format!("SQLite {version}"))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(std::time::Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("cache_size", "-2048")
}

/// Brings a file to this program's shape and marks it as ours, in one transaction: whoever
/// opens it at the same time waits, and whoever looks at it later sees all of it or none.
async fn shape(writes: &Pool<Db>, path: &Path) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::Sql(path.display().to_string(), error.to_string());
    let mut whole = writes.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    migrations::migrator(COLUMN_TEXT)
        .run_direct(None, &mut *whole, false)
        .await
        .map_err(|error| OpenError::migration(path.display(), &error))?;
    let marked: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *whole)
        .await
        .map_err(failed)?;
    if marked != migrations::NEWEST {
        let (owner, version) = (migrations::APPLICATION_ID, migrations::NEWEST);
        let mark = format!("PRAGMA application_id = {owner}; PRAGMA user_version = {version}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(mark))
            .execute(&mut *whole)
            .await
            .map_err(failed)?;
    }
    whole.commit().await.map_err(failed)
}

/// Opens a file that was found to be ours, or creates it.
pub async fn open(path: &Path) -> Result<repo::Backend, OpenError> {
    let failed = |error: sqlx::Error| OpenError::Sql(path.display().to_string(), error.to_string());
    let writes = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options(path))
        .await
        .map_err(failed)?;
    if let Err(error) = shape(&writes, path).await {
        writes.close().await;
        return Err(error);
    }
    let reads = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options(path).create_if_missing(false));
    Ok(repo::Backend {
        reads,
        writer: Writer::new(writes),
    })
}
