//! PostgreSQL: many nodes, one database. Each batch is a transaction of its own; rows are
//! locked in one order, and what the database calls a serialization failure or a deadlock
//! is tried again.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use sqlx::{
    Acquire, PgConnection, Pool,
    pool::PoolConnection,
    postgres::{PgPoolOptions, PgRow},
};

use super::{
    batch::{Batch, CommitError, Committed, StoreError},
    migrations,
    open::OpenError,
};

#[path = "repo/mod.rs"]
pub mod repo;

type Db = sqlx::Postgres;
type DbRow = PgRow;
type Conn = PgConnection;
const JSON_ARRAY: &str = "json_build_array";
const JSON_LIST: &str = "json_agg";
const LOCK_READ: &str = "FOR SHARE";
const SKIP_LOCKED: &str = "FOR UPDATE SKIP LOCKED";
/// Compares byte by byte as SQLite does, whatever the order of words is on that server: a
/// page goes on at the same row and a range of cells ends at the same cell on both.
const COLUMN_TEXT: &str = "TEXT COLLATE \"C\"";

/// Connections of one node, for reading and writing.
const CONNECTIONS: u32 = 16;
/// How often a transaction that met another one is tried.
const TRIES: usize = 10;

/// Reads through the pool.
pub struct Reader(Pool<Db>);

impl Reader {
    /// A connection, for single questions.
    pub async fn connection(&self) -> Result<PoolConnection<Db>, StoreError> {
        let taken = self.0.acquire().await;
        taken.map_err(|error| repo::explain(&error))
    }

    /// Ends after what is being read.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// Writes through the pool.
pub struct Writer {
    pool: Pool<Db>,
}

impl Writer {
    /// Commits a batch in a transaction of its own.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_delay(Duration::from_millis(200))
            .with_max_times(TRIES)
            .with_jitter();
        (|| self.once(&batch))
            .retry(pauses)
            .when(|error| matches!(error, CommitError::Store(StoreError::Busy(_))))
            .await
    }

    async fn once(&self, batch: &Batch) -> Result<Committed, CommitError> {
        let failed = |error: sqlx::Error| CommitError::Store(repo::explain(&error));
        let mut conn = self.connection().await?;
        let mut whole = conn.begin().await.map_err(failed)?;
        let done = repo::apply(&mut whole, batch).await?;
        whole.commit().await.map_err(failed)?;
        Ok(done)
    }

    /// A connection, for single statements.
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

/// What PostgreSQL's error codes mean to us.
fn classify(code: &str, words: String) -> StoreError {
    match code {
        "40001" | "40P01" | "55P03" => StoreError::Busy(words),
        "53100" | "25006" | "42501" => StoreError::Unwritable(words),
        code if code.starts_with("57P") || code.starts_with("08") || code.starts_with("53") => {
            StoreError::Unreachable(words)
        }
        _ => StoreError::Unreadable(words),
    }
}

async fn describe(conn: &mut Conn) -> Result<String, StoreError> {
    let version: String = sqlx::query_scalar("SELECT current_setting('server_version')")
        .fetch_one(conn)
        .await
        .map_err(|error| repo::explain(&error))?;
    Ok(format!("PostgreSQL {version}"))
}

/// Opens a database that is ours or empty.
pub async fn open(url: &str) -> Result<repo::Backend, OpenError> {
    let failed = |error: sqlx::Error| OpenError::Sql("PostgreSQL".into(), error.to_string());
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(5))
        .connect(url)
        .await
        .map_err(failed)?;
    ours_or_empty(&pool).await?;
    let mut conn = pool.acquire().await.map_err(failed)?;
    migrations::migrator(COLUMN_TEXT)
        .run_direct(None, &mut *conn, false)
        .await
        .map_err(|error| OpenError::migration("the database", &error))?;
    Ok(repo::Backend {
        reader: Reader(pool.clone()),
        writer: Writer { pool },
    })
}

/// Refuses, before anything is written, a database that holds other people's tables or
/// that a newer program has shaped.
async fn ours_or_empty(pool: &Pool<Db>) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::Sql("PostgreSQL".into(), error.to_string());
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()",
    )
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if tables.is_empty() {
        return Ok(());
    }
    if !(has("_sqlx_migrations") && (has("object") || tables.len() == 1)) {
        return Err(OpenError::Foreign("the PostgreSQL database".into()));
    }
    let newest: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    match newest {
        Some(found) if found > migrations::NEWEST => Err(OpenError::Newer {
            what: "the database".into(),
            found,
            known: migrations::NEWEST,
        }),
        _ => Ok(()),
    }
}
