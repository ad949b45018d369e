//! A whole desk for tests: an engine on a database of its own, a clock that stands still
//! until it is moved, and the routes that it is served on.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use flightdeck::{
    api::{self, Setup, address::Address, auth::Keys},
    domain::{
        ids::TenantId,
        tenant::{caller::Caller, role::Role},
        when::Instant,
    },
    engine::{
        clock::ManualClock,
        core::Core,
        reconcile::Runner,
        start::{Started, start},
    },
    store::{
        Shared,
        open::{Database, open},
    },
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

#[path = "postgres.rs"]
mod postgres;

/// A desk.
pub struct Desk {
    /// The engine.
    pub core: Core,
    /// Its time.
    pub clock: ManualClock,
    /// Its background work; nothing of it is done until a test asks.
    pub runner: Runner,
    _home: Option<tempfile::TempDir>,
}

impl Desk {
    /// A desk on a SQLite file that goes with it.
    pub async fn sqlite(now: &str) -> Self {
        Self::sqlite_with(now, |_| ()).await
    }

    /// The same, set up in another way.
    pub async fn sqlite_with(
        now: &str,
        adjust: impl FnOnce(&mut flightdeck::engine::desk::Desk),
    ) -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let database = Database::File(home.path().join("desk.db"));
        let store = open(&database).await.expect("a new database");
        Self::on(store, now, Some(home), adjust).await
    }

    /// The same desk on every database that is there.
    pub async fn each(test: &str, now: &str) -> Vec<Self> {
        Self::each_with(test, now, |_| ()).await
    }

    /// The same, set up in another way.
    pub async fn each_with(
        test: &str,
        now: &str,
        adjust: fn(&mut flightdeck::engine::desk::Desk),
    ) -> Vec<Self> {
        let mut desks = Vec::new();
        for (store, home) in databases(test).await {
            desks.push(Self::on(store, now, home, adjust).await);
        }
        desks
    }

    /// A desk on a database that is open; `home` goes with it.
    pub async fn on(
        store: Shared,
        now: &str,
        home: Option<tempfile::TempDir>,
        adjust: impl FnOnce(&mut flightdeck::engine::desk::Desk),
    ) -> Self {
        let now: Instant = now.parse().expect("an instant");
        let clock = ManualClock::at(now);
        let Started { core, runner } = start(store, Arc::new(clock.clone()), adjust)
            .await
            .expect("an engine");
        Self {
            core,
            clock,
            runner,
            _home: home,
        }
    }

    /// Lets time pass, then does everything that is due.
    pub async fn pass(&self, time: chrono::Duration) {
        self.clock.advance(time);
        self.runner.settle().await.expect("settled");
    }

    /// The routes, open to this caller.
    pub fn router(&self, caller: &Caller) -> Router {
        let setup = Setup {
            keys: Keys::open_as(Some(caller.clone())),
            address: Address::default(),
            requests_per_minute: 0,
            mcp_per_minute: 0,
            admin_per_minute: 0,
            approve_wait: Duration::ZERO,
        };
        api::router(self.core.clone(), setup, None)
    }
}

/// A new database of every sort that is there, and the directory that goes with it.
pub async fn databases(test: &str) -> Vec<(Shared, Option<tempfile::TempDir>)> {
    let home = tempfile::tempdir().expect("a scratch directory");
    let file = Database::File(home.path().join("desk.db"));
    let mut all = vec![(open(&file).await.expect("a new database"), Some(home))];
    if let Some(database) = postgres::or_skip(test) {
        let store = open(&Database::Postgres(database)).await;
        all.push((store.expect("a new database"), None));
    }
    all
}

/// Somebody of a tenant.
pub fn caller(tenant: &str, role: Role) -> Caller {
    let tenant: TenantId = tenant.parse().expect("a tenant");
    Caller::new(role.name(), tenant, role)
}

/// What a server answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Whether it was answered before.
    pub replayed: bool,
    /// The body, or null for none.
    pub body: Value,
}

/// Sends a request, under an idempotency key if there is one.
pub async fn send(
    router: &Router,
    (method, path): (Method, &str),
    key: Option<&str>,
    body: Option<&Value>,
) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = request.body(body).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let bytes = response.into_body().collect().await.expect("a body");
    let body = serde_json::from_slice(&bytes.to_bytes()).unwrap_or(Value::Null);
    Reply {
        status,
        replayed,
        body,
    }
}
