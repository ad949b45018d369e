//! A buyer's agent, and the house that it comes to.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request},
};
use flightdeck::{
    api::{
        self, Setup,
        address::Address,
        auth::{Fresh, Keys},
    },
    domain::{
        opendirect::product::{DeliveryType, Product},
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        clock::ManualClock,
        core::Core,
        desk::{Desk, Serving},
        media_buys::decide::DecideApproval,
        reconcile::Runner,
        seller::products::{put::PutProduct, stock},
        start::{Started, start},
    },
    store::open::{Database, open},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{postgres, schemas};

/// When every story begins.
pub const NOW: &str = "2026-06-15T12:00:00Z";

fn plays(desk: &mut Desk) {
    desk.sandbox = Some("main".parse().expect("a tenant"));
}

fn delivers(desk: &mut Desk) {
    plays(desk);
    desk.ad_server = Some(Serving::default());
}

/// A house with a door for agents: an engine on a database of its own, and a clock that stands
/// still until it is moved.
pub struct House {
    pub core: Core,
    pub store: flightdeck::store::Shared,
    pub clock: ManualClock,
    pub runner: Runner,
    pub router: Router,
    pub keys: Vec<String>,
    _home: Option<tempfile::TempDir>,
}

impl House {
    /// One on a file, with a key for each of these: tenant, name and role.
    pub async fn open(keys: &[(&str, &str, Role)]) -> Self {
        Self::limited(keys, 0).await
    }

    /// The same, where each may ask so often a minute.
    pub async fn limited(keys: &[(&str, &str, Role)], requests_per_minute: u32) -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let database = Database::File(home.path().join("desk.db"));
        Self::on(&database, Some(home), keys, requests_per_minute, |_| {}).await
    }

    /// One on each database that is there.
    pub async fn each(test: &str, keys: &[(&str, &str, Role)]) -> Vec<Self> {
        Self::all(test, keys, |_| {}).await
    }

    /// One on each database, whose tenant `main` is a sandbox.
    pub async fn sandboxes(test: &str, keys: &[(&str, &str, Role)]) -> Vec<Self> {
        Self::all(test, keys, plays).await
    }

    /// The same, where somebody looks at every creative before it is shown.
    pub async fn reviewing(test: &str, keys: &[(&str, &str, Role)]) -> Vec<Self> {
        let set = |desk: &mut Desk| {
            plays(desk);
            desk.review_creatives = true;
        };
        Self::all(test, keys, set).await
    }

    /// The same, whose lines are delivered by the ad server inside.
    pub async fn serving(test: &str, keys: &[(&str, &str, Role)]) -> Vec<Self> {
        Self::all(test, keys, delivers).await
    }

    /// The same house after its engine was started anew.
    pub async fn restarted(self) -> Self {
        let clock = Arc::new(self.clock.clone());
        let started = start(Arc::clone(&self.store), clock, delivers).await;
        let Started { core, runner } = started.expect("an engine");
        Self {
            core,
            runner,
            ..self
        }
    }

    async fn all(test: &str, keys: &[(&str, &str, Role)], set: fn(&mut Desk)) -> Vec<Self> {
        let home = tempfile::tempdir().expect("a scratch directory");
        let database = Database::File(home.path().join("desk.db"));
        let mut houses = vec![Self::on(&database, Some(home), keys, 0, set).await];
        if let Some(url) = postgres::or_skip(test) {
            houses.push(Self::on(&Database::Postgres(url), None, keys, 0, set).await);
        }
        houses
    }

    async fn on(
        database: &Database,
        home: Option<tempfile::TempDir>,
        of: &[(&str, &str, Role)],
        requests_per_minute: u32,
        set: fn(&mut Desk),
    ) -> Self {
        let store = open(database).await.expect("a new database");
        let clock = ManualClock::at(NOW.parse().expect("an instant"));
        let started = start(Arc::clone(&store), Arc::new(clock.clone()), set).await;
        let Started { core, runner } = started.expect("an engine");
        let mut known = Keys::default();
        let mut keys = Vec::new();
        for (tenant, name, role) in of {
            let fresh = Fresh::make();
            let tenant = tenant.parse().expect("a tenant");
            known.add(&fresh.id, &fresh.sha256, Caller::new(*name, tenant, *role));
            keys.push(fresh.key);
        }
        let setup = Setup {
            keys: known,
            address: Address::default(),
            requests_per_minute,
            mcp_per_minute: requests_per_minute,
            admin_per_minute: 0,
            approve_wait: Duration::ZERO,
        };
        Self {
            router: api::router(core.clone(), setup, None),
            core,
            store,
            clock,
            runner,
            keys,
            _home: home,
        }
    }

    /// Lets time pass, then does everything that is due.
    pub async fn pass(&self, time: chrono::Duration) {
        self.clock.advance(time);
        self.runner.settle().await.expect("settled");
    }

    /// The same with the products of the demonstration on sale in `main`.
    pub async fn stocked(self) -> Self {
        let products = stock::demo().expect("products");
        let tenant = "main".parse().expect("a tenant");
        let stocked = stock::stock(&self.core, &tenant, products).await;
        assert_eq!(stocked.expect("stocked"), 32);
        self
    }

    /// Puts a product on sale in `main`: 100,000 impressions a day at 20.00 a thousand.
    pub async fn sells(&self, id: &str, delivery: DeliveryType, currency: &str) {
        let product: Product = serde_json::from_value(json!({
            "id": id, "publisher_id": "pub-1", "publisher": "Northlight", "name": id,
            "channel": "ctv", "format": "video", "rate_type": "CPM", "delivery_type": delivery,
            "base_price": {"minor": 2_000, "currency": currency},
            "floor_price": {"minor": 1_000, "currency": currency},
            "daily_impressions": 100_000,
        }))
        .expect("a product");
        let boss = Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin);
        let put = self.core.ask(&boss, PutProduct(product)).await;
        put.expect("on sale");
    }

    /// Puts two on sale: one that is promised, and one that is not.
    pub async fn sells_both(&self) {
        self.sells("promised", DeliveryType::Guaranteed, "USD")
            .await;
        self.sells("open", DeliveryType::Pmp, "USD").await;
    }

    /// Decides as an admin of `main` on what waits for the publisher.
    pub async fn decide(&self, say: &Value) {
        let boss = Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin);
        let decide: DecideApproval = serde_json::from_value(say.clone()).expect("a decision");
        self.core.ask(&boss, decide).await.expect("decided");
    }

    /// An agent with the key of that number.
    pub fn agent(&self, number: usize) -> Agent {
        let agent = Agent {
            router: self.router.clone(),
            headers: HeaderMap::new(),
            path: "/mcp".into(),
        };
        agent
            .with("host", "localhost")
            .with("content-type", "application/json")
            .with("accept", "application/json")
            .with("authorization", format!("Bearer {}", self.keys[number]))
    }
}

/// A buyer's agent.
#[derive(Clone)]
pub struct Agent {
    router: Router,
    headers: HeaderMap,
    path: String,
}

impl Agent {
    pub fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let value = HeaderValue::from_str(value.as_ref()).expect("a header");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Sends bytes.
    pub async fn raw(&self, method: Method, body: impl Into<Body>) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        *request.uri_mut() = self.path.parse().expect("a path");
        request.headers_mut().clone_from(&self.headers);
        let answer = self.router.clone().oneshot(request).await;
        let (parts, body) = answer.expect("a router always answers").into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        (parts.status.as_u16(), parts.headers, body.into())
    }

    /// Sends a message of JSON-RPC and reads the answer.
    pub async fn message(&self, method: &str, params: Value) -> Value {
        let sent = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let (status, _, body) = self.raw(Method::POST, sent.to_string()).await;
        let text = String::from_utf8_lossy(&body);
        assert_eq!(status, 200, "{text}");
        serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Calls a tool: its structured answer, and whether it is a failure.
    pub async fn called(&self, tool: &str, arguments: &Value) -> (Value, bool) {
        let params = json!({"name": tool, "arguments": arguments});
        let answer = self.message("tools/call", params).await;
        let result = &answer["result"];
        let told = result["structuredContent"].clone();
        let text = result["content"][0]["text"].as_str();
        let text = text.unwrap_or_else(|| panic!("no text: {answer:#}"));
        let same: Value = serde_json::from_str(text).expect("JSON text");
        assert_eq!(told, same, "both say the same");
        (told, result["isError"] == true)
    }

    /// Calls a tool that answers well, as its schema wants it.
    pub async fn call(&self, tool: &str, arguments: &Value) -> Value {
        let (told, failed) = self.called(tool, arguments).await;
        assert!(!failed, "{tool}: {told:#}");
        schemas::hold(tool, &told);
        told
    }

    /// Calls a tool that refuses, by the book, with this code.
    pub async fn refused(&self, tool: &str, arguments: &Value, code: &str) -> Value {
        let (told, failed) = self.called(tool, arguments).await;
        assert!(failed, "{tool}: {told:#}");
        let error = &told["adcp_error"];
        assert_eq!(error["code"], code, "{told:#}");
        assert_eq!(told["errors"], json!([error]), "both layers say the same");
        let faults = schemas::faults("core/error.json", error);
        assert!(faults.is_empty(), "{faults:#?}");
        if let Some(context) = arguments.get("context") {
            assert_eq!(&told["context"], context, "echoed");
        }
        error.clone()
    }
}
