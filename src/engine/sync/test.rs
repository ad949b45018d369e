//! Tests the connection to a tenant's ad server: it is wanted in one commit, done in the
//! background, and what came of it is kept in another. Whoever wants to can wait for it a while.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SYNC_INVENTORY, status::Issue};
use crate::{
    domain::{
        ids::TenantId,
        inventory::{connection::Connection, trouble::Trouble},
        policy::Permission,
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        core::Core,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How often it is looked whether somebody else has tested.
const LOOK: Duration = Duration::from_millis(100);

/// What is known of the connection to the ad server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionView {
    /// Whether we were let in the last time; nothing before the first.
    pub connected: Option<bool>,
    /// Whether a test is wanted that was not made yet.
    pub testing: bool,
    /// The number of the test that was wanted last.
    pub test: u64,
    /// Which ad server and which account of it.
    pub source: String,
    /// What it said of itself.
    pub said: String,
    /// When it was last tested.
    pub last_tested_at: Option<Instant>,
    /// What was wrong.
    pub issue: Option<Issue>,
}

impl From<&Connection> for ConnectionView {
    fn from(from: &Connection) -> Self {
        Self {
            connected: from.connected(),
            testing: !from.is_answered(),
            test: from.asked,
            source: from.source.clone(),
            said: from.said.clone(),
            last_tested_at: from.tested_at,
            issue: from.trouble.as_ref().map(Into::into),
        }
    }
}

/// Has the connection tested.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TestConnection {}

impl Operation for TestConnection {
    const NAME: &'static str = "ad_server.test";
    const ABOUT: &'static str =
        "Have the connection to the ad server tested; ad_server.get tells what came of it.";
    const KIND: Kind = Kind::Command(Permission::ManageAdServer);
    type Output = ConnectionView;

    async fn perform(self, work: &mut Work<'_>) -> Result<ConnectionView, Fault> {
        let now = work.now();
        let connection = put(work, |known| known.asked += 1).await?;
        work.wake(SYNC_INVENTORY, Connection::ID, now);
        Ok((&connection).into())
    }
}

/// Shows what is known of the connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GetConnection {}

impl Operation for GetConnection {
    const NAME: &'static str = "ad_server.get";
    const ABOUT: &'static str = "Show what is known of the connection to the ad server.";
    const KIND: Kind = Kind::Query(Permission::ReadActivity);
    type Output = ConnectionView;

    async fn perform(self, work: &mut Work<'_>) -> Result<ConnectionView, Fault> {
        let known = work.get::<Connection>(Connection::ID).await?;
        Ok((&known.map(|stored| stored.record).unwrap_or_default()).into())
    }
}

/// Keeps what came of a test; for the engine only.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoteTest {
    /// The number of the test that was wanted last when it was made.
    pub test: u64,
    /// Which ad server and which account of it.
    pub source: String,
    /// What it said of itself.
    pub said: String,
    /// What was wrong.
    pub trouble: Option<Trouble>,
}

impl Operation for NoteTest {
    const NAME: &'static str = "ad_server.note";
    const ABOUT: &'static str = "Keep what came of a test of the connection; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = ConnectionView;

    async fn perform(self, work: &mut Work<'_>) -> Result<ConnectionView, Fault> {
        let now = work.now();
        let detail = match &self.trouble {
            None => format!("let in: {}", self.said),
            Some(trouble) => trouble.message.clone(),
        };
        let connection = put(work, |known| {
            known.answered = self.test;
            known.tested_at = Some(now);
            known.source = self.source;
            known.said = self.said;
            known.trouble = self.trouble;
        });
        let connection = connection.await?;
        work.tell("ad_server.tested", "ad_server", Connection::ID, detail);
        Ok((&connection).into())
    }
}

async fn put(
    work: &mut Work<'_>,
    change: impl FnOnce(&mut Connection),
) -> Result<Connection, Fault> {
    let known = work.get::<Connection>(Connection::ID).await?;
    let (mut connection, was) = match known {
        None => (Connection::default(), None),
        Some(stored) => {
            let (connection, was) = stored.part();
            (connection, Some(was))
        }
    };
    change(&mut connection);
    match &was {
        Some(was) => work.replace(was, &connection)?,
        None => work.create(&connection)?,
    }
    Ok(connection)
}

/// Waits a while for what comes of a test; then tells what is known.
///
/// # Errors
/// When the store cannot.
pub async fn wait(core: &Core, tenant: &TenantId, most: Duration) -> Result<ConnectionView, Fault> {
    let engine = Caller::engine(tenant.clone());
    let known = || core.ask(&engine, GetConnection::default());
    let tested = async {
        loop {
            let known = known().await?;
            if !known.testing {
                return Ok(known);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    match tokio::time::timeout(most, tested).await {
        Ok(known) => known,
        Err(_) => known().await,
    }
}
