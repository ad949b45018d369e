//! Notices that somebody has written to a SQLite file, from whichever process: the database
//! keeps a count of that, and looking at it costs no read of the file.

use std::{path::Path, time::Duration};

use async_trait::async_trait;

use super::conn::SqliteConn;
use crate::store::{
    batch::StoreError,
    ear::Ear,
    open::Keeps,
    sql::{Conn as _, args},
};

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A connection that only looks.
pub struct FileEar {
    conn: SqliteConn,
    seen: i64,
}

impl FileEar {
    /// Begins to look at this file.
    pub async fn at(path: &Path) -> Result<Self, StoreError> {
        let mut conn = SqliteConn::to_read(path, Keeps::Little)?;
        let seen = writes(&mut conn).await?;
        Ok(Self { conn, seen })
    }
}

#[async_trait]
impl Ear for FileEar {
    async fn stirred(&mut self) -> Result<(), StoreError> {
        loop {
            tokio::time::sleep(LOOK).await;
            let now = writes(&mut self.conn).await?;
            if now != self.seen {
                self.seen = now;
                return Ok(());
            }
        }
    }
}

async fn writes(conn: &mut SqliteConn) -> Result<i64, StoreError> {
    conn.one("PRAGMA data_version", args![]).await?.take(0)
}
