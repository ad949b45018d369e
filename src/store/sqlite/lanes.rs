//! Connections to one SQLite file that stay open, each handed to one reader at a time. Refuses
//! to write over them, and to send a question to another thread: a short one is answered sooner
//! than it would arrive there.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::conn::SqliteConn;
use crate::store::{batch::StoreError, open::Keeps, sql::Weight};

/// How many may read at once.
fn most(keeps: Keeps) -> usize {
    match keeps {
        Keeps::Much => 4,
        Keeps::Little => 2,
    }
}

/// How long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// The connections for reading; each is opened when it is first wanted.
pub struct Lanes {
    path: PathBuf,
    keeps: Keeps,
    idle: Arc<Idle>,
    room: Arc<Semaphore>,
}

type Idle = Mutex<Vec<SqliteConn>>;

impl Lanes {
    /// To this file.
    pub fn new(path: &Path, keeps: Keeps) -> Self {
        Self {
            path: path.to_owned(),
            keeps,
            idle: Arc::default(),
            room: Arc::new(Semaphore::new(most(keeps))),
        }
    }

    /// Waits for one that is free.
    pub async fn lane(&self, weight: Weight) -> Result<Lane, StoreError> {
        let room = Arc::clone(&self.room).acquire_owned();
        let room = tokio::time::timeout(PATIENCE, room)
            .await
            .map_err(|_| StoreError::Busy("no connection came free in time".into()))?
            .map_err(|_| StoreError::Unreachable("the database is closed".into()))?;
        let mut conn = match take(&self.idle) {
            Some(conn) => conn,
            None => SqliteConn::to_read(&self.path, self.keeps)?,
        };
        conn.expect(weight);
        Ok(Lane {
            conn: Some(conn),
            home: Arc::clone(&self.idle),
            _room: room,
        })
    }

    /// Waits for all of them and closes them.
    pub async fn close(&self) {
        // Closed before: there is nobody to wait for.
        let all = self
            .room
            .acquire_many(u32::try_from(most(self.keeps)).unwrap_or(1));
        let all = all.await;
        self.room.close();
        drop(all);
        while let Some(conn) = take(&self.idle) {
            conn.close();
        }
    }
}

fn take(idle: &Idle) -> Option<SqliteConn> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// A connection that is in use; comes back when it is dropped.
pub struct Lane {
    conn: Option<SqliteConn>,
    home: Arc<Idle>,
    _room: OwnedSemaphorePermit,
}

impl Deref for Lane {
    type Target = SqliteConn;

    fn deref(&self) -> &SqliteConn {
        self.conn.as_ref().expect("there until it comes back")
    }
}

impl DerefMut for Lane {
    fn deref_mut(&mut self) -> &mut SqliteConn {
        self.conn.as_mut().expect("there until it comes back")
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // One with which something is wrong is closed; the next reader opens another.
        if let Some(conn) = self.conn.take().filter(SqliteConn::is_sound) {
            let mut idle = self.home.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(conn);
        }
    }
}
