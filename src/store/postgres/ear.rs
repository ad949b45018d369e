//! Hears through PostgreSQL that another node has written. What is called out while nobody
//! listens, or by a node that died before it could call, is found by looking now and then; so a
//! database that cannot carry calls only makes it later.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Pool, Postgres, postgres::PgListener};

use super::broken;
use crate::store::{batch::StoreError, ear::Ear};

/// Where nodes call out.
const CHANNEL: &str = "flightdeck";
/// How long nobody relies on having heard everything.
const LOOK: Duration = Duration::from_secs(1);

/// Listens in a database.
pub struct Listener {
    calls: PgListener,
    /// Under which name this node calls, to tell its own calls from others'.
    own: String,
}

impl Listener {
    /// Begins to listen.
    pub async fn in_pool(pool: &Pool<Postgres>, own: &str) -> Result<Self, StoreError> {
        let mut calls = PgListener::connect_with(pool).await.map_err(broken)?;
        calls.listen(CHANNEL).await.map_err(broken)?;
        let own = own.to_owned();
        Ok(Self { calls, own })
    }

    async fn called(&mut self) -> Result<(), StoreError> {
        loop {
            match self.calls.try_recv().await.map_err(broken)? {
                Some(call) if call.payload() == self.own => {}
                // Where the connection was lost, calls may have been too.
                Some(_) | None => return Ok(()),
            }
        }
    }
}

#[async_trait]
impl Ear for Listener {
    async fn stirred(&mut self) -> Result<(), StoreError> {
        let called = tokio::time::timeout(LOOK, self.called()).await;
        called.unwrap_or(Ok(()))
    }
}

/// Calls out that this node has written.
pub async fn call(pool: &Pool<Postgres>, own: &str) -> Result<(), StoreError> {
    let call = sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(own);
    call.execute(pool).await.map(drop).map_err(broken)
}
