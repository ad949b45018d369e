//! PostgreSQL: many nodes, one database. Each batch is a transaction of its own; rows are
//! locked in one order, and what the database calls a serialization failure or a deadlock
//! is tried again.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, PgConnection, Pool, Postgres, Row as _,
    TypeInfo as _, ValueRef as _,
    pool::PoolConnection,
    postgres::{PgArguments, PgPoolOptions, PgRow},
    query::Query,
};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    batch::{CommitError, StoreError},
    ear::Ear,
    migrations,
    open::OpenError,
    repo::Backend,
    sql::{Arg, Change, Conn, Dialect, Make, Scope, Value, Values, Weight},
};

mod ear;
mod wall;

/// Compares byte by byte as SQLite does, whatever the order of words is on that server: a
/// page goes on at the same row and a range of cells ends at the same cell on both.
const COLUMN_TEXT: &str = "TEXT COLLATE \"C\"";

/// Connections of one node, for reading and writing.
const CONNECTIONS: u32 = 16;
/// How long a connection may take to come free, and then to give a sign of life.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a transaction that met another one is tried.
const TRIES: usize = 10;

/// How it keeps what it has acknowledged.
const KEEPING: &str = "SELECT current_setting('fsync'), current_setting('synchronous_commit'), \
    current_setting('synchronous_standby_names'), (SELECT COUNT(*) FROM pg_stat_replication)";

/// A PostgreSQL database: a pool of connections, and the name under which this node calls out.
pub struct Server(Pool<Postgres>, String);

impl Make for Server {
    type Conn = PgConnection;
    type Lane = PoolConnection<Postgres>;

    async fn lane(&self, _: Weight, scope: Scope<'_>) -> Result<Self::Lane, StoreError> {
        // Saying whose things it is about shows as well whether the connection still stands: it
        // costs what asking for that alone would.
        for _ in 0..=CONNECTIONS {
            let mut conn = self.0.acquire().await.map_err(|error| self.away(error))?;
            match timeout(PATIENCE, conn.enter(scope)).await {
                Ok(Ok(())) => return Ok(conn),
                Ok(Err(StoreError::Unreachable(_))) => drop(conn.detach()),
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    // What hangs may be half way through an answer: nobody else is given it.
                    drop(conn.detach());
                    return Err(StoreError::Unreachable("it does not answer".into()));
                }
            }
        }
        Err(StoreError::Unreachable("no connection stands".into()))
    }

    async fn change<C: Change>(&self, change: C) -> Result<C::Answer, CommitError> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_delay(Duration::from_millis(200))
            .with_max_times(TRIES)
            .with_jitter();
        (|| self.once(&change))
            .retry(pauses)
            .when(|error| matches!(error, CommitError::Store(StoreError::Busy(_))))
            .await
    }

    async fn ear(&self) -> Result<Box<dyn Ear>, StoreError> {
        Ok(Box::new(ear::Listener::in_pool(&self.0, &self.1).await?))
    }

    async fn call_out(&self) -> Result<(), StoreError> {
        ear::call(&self.0, &self.1).await
    }

    async fn close(&self) {
        self.0.close().await;
    }
}

impl Server {
    /// What it means that no connection was there in time: that all are in use, or that none can
    /// be made.
    fn away(&self, error: sqlx::Error) -> StoreError {
        match error {
            sqlx::Error::PoolTimedOut if self.0.size() < CONNECTIONS => {
                StoreError::Unreachable("no connection could be made in time".into())
            }
            error => broken(error),
        }
    }

    /// Makes a change in a transaction of its own.
    async fn once<C: Change>(&self, change: &C) -> Result<C::Answer, CommitError> {
        let mut conn = self.lane(Weight::Light, change.scope()).await?;
        let mut whole = conn.begin().await.map_err(broken)?;
        let done = change.make(&mut *whole).await?;
        whole.commit().await.map_err(broken)?;
        Ok(done)
    }
}

impl Conn for PgConnection {
    const DIALECT: Dialect = Dialect {
        lock_read: "FOR SHARE",
        skip_locked: "FOR UPDATE SKIP LOCKED",
        make: "PostgreSQL",
        clock: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        version: "SELECT current_setting('server_version')",
        wall: Some(wall::STANDS),
        keeping: Some(KEEPING),
    };

    async fn enter(&mut self, scope: Scope<'_>) -> Result<(), StoreError> {
        let sql = "SELECT set_config('flightdeck.tenant', $1, false)";
        let done = sqlx::query(sql).bind(scope.word()).execute(self).await;
        done.map(drop).map_err(broken)
    }

    async fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let done = query(sql, args).execute(self).await.map_err(broken)?;
        Ok(done.rows_affected())
    }

    async fn rows(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Values>, StoreError> {
        let rows = query(sql, args).fetch_all(self).await.map_err(broken)?;
        let rows = rows.iter().map(values);
        rows.collect::<sqlx::Result<_>>().map_err(broken)
    }
}

/// A question as this database wants it: its places are `$1`, and no text of ours holds a `?`.
fn query<'q>(sql: &str, args: &[Arg<'q>]) -> Query<'q, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(sql.replace('?', "$")));
    args.iter().fold(query, |query, arg| match arg {
        Arg::Int(number) => query.bind(*number),
        Arg::Text(text) => query.bind(text.clone()),
    })
}

fn values(row: &PgRow) -> sqlx::Result<Values> {
    let value = |column: &sqlx::postgres::PgColumn| {
        let at = column.ordinal();
        Ok(if row.try_get_raw(at)?.is_null() {
            Value::Nothing
        } else if column.type_info().name() == "INT8" {
            Value::Int(row.try_get(at)?)
        } else {
            Value::Text(row.try_get(at)?)
        })
    };
    let values = row.columns().iter().map(value);
    Ok(Values(values.collect::<sqlx::Result<_>>()?))
}

/// Says what a driver's error means to us.
fn broken(error: sqlx::Error) -> StoreError {
    let words = error.to_string();
    match error {
        sqlx::Error::Database(inner) => classify(inner.code().as_deref().unwrap_or(""), words),
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_) => StoreError::Unreadable(words),
        sqlx::Error::PoolTimedOut => StoreError::Busy("no connection came free in time".into()),
        _ => StoreError::Unreachable(words),
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

/// Opens a database that is ours or empty.
pub async fn open(url: &str) -> Result<Backend<Server>, OpenError> {
    let failed = |error: sqlx::Error| OpenError::Sql("PostgreSQL".into(), error.to_string());
    let mut conn = PgConnection::connect(url).await.map_err(failed)?;
    ours_or_empty(&mut conn).await?;
    migrations::migrator(COLUMN_TEXT)
        .run_direct(None, &mut conn, false)
        .await
        .map_err(|error| OpenError::migration("the database", &error))?;
    let role = wall::raise(&mut conn).await.map_err(failed)?;
    conn.close().await.map_err(failed)?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false) // whoever takes one says whose things it is about first
        .after_connect(move |conn, _| Box::pin(wall::step_behind(conn, role)))
        .connect(url)
        .await
        .map_err(failed)?;
    Ok(Backend(Server(pool, Uuid::new_v4().to_string())))
}

/// Refuses, before anything is written, a database that holds other people's tables or
/// that a newer program has shaped.
async fn ours_or_empty(conn: &mut PgConnection) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| OpenError::Sql("PostgreSQL".into(), error.to_string());
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()",
    )
    .fetch_all(&mut *conn)
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
        .fetch_one(&mut *conn)
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
