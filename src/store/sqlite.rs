//! SQLite: one file, one writer. Batches that arrive together are committed together, so that
//! one wait for the disk serves them all; what is against one is not against the others.

use std::{path::Path, sync::Arc};

use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    batch::{Batch, CommitError, Committed, StoreError},
    lanes::{Lane, Lanes},
    migrations,
    open::OpenError,
};

#[path = "repo/mod.rs"]
pub mod repo;

type Db = sqlx::Sqlite;
type DbRow = SqliteRow;
type Conn = SqliteConnection;
const JSON_ARRAY: &str = "json_array";
const JSON_LIST: &str = "json_group_array";
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

/// Connections for reading.
pub struct Reader(Lanes);

impl Reader {
    /// A connection, for single questions.
    pub async fn connection(&self) -> Result<Lane, StoreError> {
        self.0.lane().await
    }

    /// Ends after what is being read.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// The one writer.
pub struct Writer {
    lane: Arc<Lanes>,
    queue: mpsc::Sender<(Batch, oneshot::Sender<Answer>)>,
}

impl Writer {
    fn new(lane: Lanes) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let lane = Arc::new(lane);
        tokio::spawn(write(Arc::clone(&lane), waiting));
        Self { lane, queue }
    }

    /// Commits a batch together with whatever else waits.
    pub async fn commit(&self, batch: Batch) -> Answer {
        let gone = || StoreError::Unreachable("the writer has stopped".into());
        let (answer, wait) = oneshot::channel();
        self.queue.send((batch, answer)).await.map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }

    /// The writing connection, for single statements.
    pub async fn connection(&self) -> Result<Lane, StoreError> {
        self.lane.lane().await
    }

    /// Ends after what is being written.
    pub async fn close(&self) {
        self.lane.close().await;
    }
}

async fn write(lane: Arc<Lanes>, mut waiting: mpsc::Receiver<(Batch, oneshot::Sender<Answer>)>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let (batches, askers): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        let answers = match together(&lane, &batches).await {
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

async fn together(lanes: &Lanes, batches: &[Batch]) -> Result<Vec<Answer>, StoreError> {
    let mut lane = lanes.lane().await?;
    let answers = match all_of(&mut lane, batches).await {
        Ok(Some(answers)) => Ok(answers),
        Ok(None) => each_of(&mut lane, batches).await,
        Err(error) => Err(error),
    };
    if answers.is_err() {
        // On a full disk SQLite rolls back by itself, and the driver goes on counting the
        // transaction as open: this connection could never begin another one.
        lane.give_up().await;
    }
    answers
}

/// Applies batches in one transaction, if there is nothing against any of them; a single one
/// is answered whatever comes of it.
async fn all_of(conn: &mut Conn, batches: &[Batch]) -> Result<Option<Vec<Answer>>, StoreError> {
    let broken = |error: sqlx::Error| repo::explain(&error);
    let mut whole = conn.begin_with("BEGIN IMMEDIATE").await.map_err(broken)?;
    let mut answers = Vec::with_capacity(batches.len());
    for batch in batches {
        let answer = repo::apply(&mut whole, batch).await;
        match &answer {
            Ok(_) => {}
            Err(CommitError::Store(error)) => return Err(error.clone()),
            Err(_) => {
                whole.rollback().await.map_err(broken)?;
                return Ok((batches.len() == 1).then(|| vec![answer]));
            }
        }
        answers.push(answer);
    }
    whole.commit().await.map_err(broken)?;
    Ok(Some(answers))
}

/// Applies batches in one transaction, each in a savepoint of its own, so that what is against
/// one of them is not against the others.
async fn each_of(conn: &mut Conn, batches: &[Batch]) -> Result<Vec<Answer>, StoreError> {
    let broken = |error: sqlx::Error| repo::explain(&error);
    let mut whole = conn.begin_with("BEGIN IMMEDIATE").await.map_err(broken)?;
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
async fn shape(writes: &mut Conn, path: &Path) -> Result<(), OpenError> {
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
    let failed = |error: StoreError| OpenError::Sql(path.display().to_string(), error.to_string());
    let writes = Lanes::new(options(path), 1);
    let mut lane = writes.lane().await.map_err(failed)?;
    if let Err(error) = shape(&mut lane, path).await {
        drop(lane);
        writes.close().await;
        return Err(error);
    }
    drop(lane);
    let reads = Lanes::new(options(path).create_if_missing(false), READERS);
    Ok(repo::Backend {
        reader: Reader(reads),
        writer: Writer::new(writes),
    })
}
