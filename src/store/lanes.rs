//! Connections to one SQLite file that stay open, each handed to one user at a time. The
//! driver's own pool asks every connection that comes back whether it lives, which costs as
//! much as the question it was taken for. Refuses to say what is asked over them.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{batch::StoreError, sqlite::repo::explain};

/// How long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// After how many uses a connection is asked whether it lives.
const USES: u32 = 1024;

/// Some connections.
pub struct Lanes(Arc<Inner>);

struct Inner {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<Open>>,
    room: Arc<Semaphore>,
    most: u32,
}

struct Open {
    conn: SqliteConnection,
    uses: u32,
}

impl Lanes {
    /// At most so many; each is opened when it is first wanted.
    pub fn new(options: SqliteConnectOptions, most: u32) -> Self {
        Self(Arc::new(Inner {
            options,
            idle: Mutex::default(),
            room: Arc::new(Semaphore::new(most as usize)),
            most,
        }))
    }

    /// Waits for one that is free.
    pub async fn lane(&self) -> Result<Lane, StoreError> {
        let room = Arc::clone(&self.0.room).acquire_owned();
        let room = tokio::time::timeout(PATIENCE, room)
            .await
            .map_err(|_| StoreError::Busy("no connection came free in time".into()))?
            .map_err(|_| StoreError::Unreachable("the database is closed".into()))?;
        let open = match self.0.take() {
            Some(mut open) => {
                open.uses += 1;
                if open.uses % USES == 0 && open.conn.ping().await.is_err() {
                    self.0.open().await?
                } else {
                    open
                }
            }
            None => self.0.open().await?,
        };
        Ok(Lane {
            open: Some(open),
            home: Arc::clone(&self.0),
            _room: room,
        })
    }

    /// Waits for all of them and closes them.
    pub async fn close(&self) {
        // Closed before: there is nobody to wait for.
        let all = self.0.room.acquire_many(self.0.most).await;
        self.0.room.close();
        drop(all);
        while let Some(open) = self.0.take() {
            if let Err(error) = open.conn.close().await {
                tracing::warn!(%error, "a connection did not close well");
            }
        }
    }
}

impl Inner {
    fn take(&self) -> Option<Open> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    async fn open(&self) -> Result<Open, StoreError> {
        let conn = SqliteConnection::connect_with(&self.options).await;
        let conn = conn.map_err(|error| explain(&error))?;
        Ok(Open { conn, uses: 0 })
    }
}

/// A connection that is in use; comes back when it is dropped.
pub struct Lane {
    open: Option<Open>,
    home: Arc<Inner>,
    _room: OwnedSemaphorePermit,
}

impl Lane {
    /// Closes it: it is in a state that nobody should meet again.
    pub async fn give_up(mut self) {
        if let Some(open) = self.open.take() {
            // What was wrong with it was told before.
            drop(open.conn.close_hard().await);
        }
    }
}

impl Deref for Lane {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.open.as_ref().expect("there until it comes back").conn
    }
}

impl DerefMut for Lane {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.open.as_mut().expect("there until it comes back").conn
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let mut idle = self
                .home
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            idle.push(open);
        }
    }
}
