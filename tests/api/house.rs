//! A house for one test: an engine on a database of its own, a clock that stands still, a seller
//! that does what it is told, and the front door, which is the only way in.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri},
};
use flightdeck::{
    api::{
        self, Setup,
        address::Address,
        auth::{Fresh, Keys},
    },
    domain::{
        audit::{Outcome, Sealed},
        tenant::{caller::Caller, role::Role},
        when::Instant,
    },
    engine::{
        activity::ReadAudit,
        bookings::list::ListJobs,
        clock::ManualClock,
        core::Core,
        cursor::Secret,
        desk::Desk,
        reconcile::{Runner, run_job::RunJob, sync_inventory::SyncInventory},
        sellers::Sellers,
        tenants::enroll::enroll,
    },
    peers::seller::Seller,
    store::{
        Shared,
        open::{Database, open},
    },
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::fake_seller::{FakeSeller, catalogue};

/// When every test begins.
pub const NOW: &str = "2026-06-15T12:00:00Z";
/// Longer than any test.
const NEVER: Duration = Duration::from_hours(1);

/// How a house is to be.
pub struct Plan {
    pub url: Option<String>,
    pub keys: Keys,
    pub requests_per_minute: u32,
    pub mcp_per_minute: u32,
    pub admin_per_minute: u32,
    pub approve_wait: Duration,
    pub sellers: Vec<FakeSeller>,
    /// Who is told what the store is asked.
    pub reads: Option<crate::reads::Reads>,
}

impl Default for Plan {
    fn default() -> Self {
        let anybody = Caller::new("anybody", tenant("main"), Role::Admin);
        Self {
            url: None,
            keys: Keys::open_as(Some(anybody)),
            requests_per_minute: 0,
            mcp_per_minute: 0,
            admin_per_minute: 0,
            approve_wait: Duration::ZERO,
            sellers: vec![FakeSeller::new("fake", &catalogue(), now())],
            reads: None,
        }
    }
}

pub fn now() -> Instant {
    NOW.parse().expect("an instant")
}

pub fn tenant(name: &str) -> flightdeck::domain::ids::TenantId {
    name.parse().expect("a tenant")
}

/// A key for a role, narrowed to scopes if there are any: added to `keys`, given as it is sent.
pub fn key(keys: &mut Keys, of: &str, name: &str, role: Role, scopes: &[&str]) -> String {
    let fresh = Fresh::make();
    let scopes = scopes.iter().map(|it| it.parse().expect("a scope"));
    let scopes: std::collections::BTreeSet<_> = scopes.collect();
    let caller = Caller {
        scopes: (!scopes.is_empty()).then_some(scopes),
        ..Caller::new(name, tenant(of), role)
    };
    keys.add(&fresh.id, &fresh.sha256, caller);
    fresh.key
}

pub struct House {
    pub clock: ManualClock,
    pub seller: FakeSeller,
    pub core: Core,
    pub router: Router,
    setup: Setup,
    store: Shared,
    runner: Runner,
    _files: TempDir,
}

impl House {
    /// The usual one, on a file.
    pub async fn open() -> Self {
        Self::build(Plan::default()).await
    }

    /// The usual one, on a database elsewhere.
    pub async fn on(url: String) -> Self {
        let url = Some(url);
        Self::build(Plan {
            url,
            ..Plan::default()
        })
        .await
    }

    pub async fn build(plan: Plan) -> Self {
        let files = tempfile::tempdir().expect("a scratch directory");
        let file = files.path().join("test.db").display().to_string();
        let Ok(database) = plan.url.unwrap_or(file).parse::<Database>();
        let store = open(&database).await.expect("the database opens");
        let store = match &plan.reads {
            Some(reads) => reads.of(store),
            None => store,
        };
        let clock = ManualClock::at(now());
        let secret = store.share("cursor_secret", &Secret::fresh()).await;
        let secret = Secret::read(&secret.expect("a secret is kept")).expect("a secret");
        let mut desk = Desk::new(secret);
        desk.tenants = vec![tenant("main"), tenant("other")];
        let core = Core::new(Arc::clone(&store), Arc::new(clock.clone()), desk);
        enroll(&core, &core.desk().tenants)
            .await
            .expect("in the directory");
        let seller = plan.sellers[0].clone();
        let sellers = plan
            .sellers
            .into_iter()
            .map(|it| Arc::new(it) as Arc<dyn Seller>);
        let sellers = Arc::new(Sellers::new(sellers.collect()));
        let runner = Runner::new(
            core.clone(),
            vec![Arc::new(RunJob::new(sellers)), Arc::new(SyncInventory)],
        );
        let setup = Setup {
            keys: plan.keys,
            address: Address::default(),
            requests_per_minute: plan.requests_per_minute,
            mcp_per_minute: plan.mcp_per_minute,
            admin_per_minute: plan.admin_per_minute,
            approve_wait: plan.approve_wait,
        };
        Self {
            router: api::router(core.clone(), setup.clone(), None),
            setup,
            store,
            clock,
            seller,
            core,
            runner,
            _files: files,
        }
    }

    /// Another server on the same database, that remembers nothing of what this one does.
    pub fn another_node(&self) -> Router {
        let desk = self.core.desk().clone();
        let core = Core::new(Arc::clone(&self.store), Arc::new(self.clock.clone()), desk);
        api::router(core, self.setup.clone(), None)
    }

    /// Asks at the front door.
    pub async fn ask(&self, ask: Ask) -> Reply {
        self.ask_at(&self.router, ask).await
    }

    /// Asks at a door.
    pub async fn ask_at(&self, door: &Router, ask: Ask) -> Reply {
        let answer = door.clone().oneshot(ask.request()).await;
        let (parts, body) = answer.expect("a router always answers").into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.into(),
        }
    }

    /// Asks for the status alone, for answers that have no end.
    pub async fn status(&self, ask: Ask) -> u16 {
        let answer = self.router.clone().oneshot(ask.request()).await;
        answer.expect("a router always answers").status().as_u16()
    }

    /// An answer that has no end of its own.
    pub async fn stream_at(&self, door: &Router, ask: Ask) -> Stream {
        let answer = door.clone().oneshot(ask.request()).await;
        let answer = answer.expect("a router always answers");
        assert_eq!(answer.status(), 200);
        Stream(answer.into_body())
    }

    /// The first part of an answer that has no end.
    pub async fn first_events(&self, ask: Ask) -> String {
        let answer = self.router.clone().oneshot(ask.request()).await;
        let mut body = answer.expect("a router always answers").into_body();
        let frame = body
            .frame()
            .await
            .expect("a first part")
            .expect("a whole part");
        let data = frame.into_data().expect("data");
        String::from_utf8_lossy(&data).into_owned()
    }

    /// Does what is due in the background, until nothing is.
    pub async fn settle(&self) {
        self.runner
            .settle()
            .await
            .expect("the store says what is due");
    }

    /// Lets the clock run on until the background has had so many further tries.
    pub async fn settle_over(&self, tries: u32) {
        for _ in 0..tries {
            self.clock.advance(chrono::Duration::minutes(2));
            self.settle().await;
        }
    }

    /// Works in the background for as long as `what` takes, on what it is told of alone.
    pub async fn working<T>(&self, what: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let running = self.runner.clone().looking_every(NEVER).run(stop.clone());
        let asking = async {
            let done = what.await;
            stop.cancel();
            done
        };
        tokio::join!(asking, running).0
    }

    /// The audit trail of a tenant behind a line.
    pub async fn audit(&self, of: &str, after: i64) -> Vec<Sealed> {
        let reader = Caller::new("reader", tenant(of), Role::Admin);
        let limit = Some(1000);
        let trail = self
            .core
            .ask(
                &reader,
                ReadAudit {
                    after,
                    limit,
                    object: None,
                },
            )
            .await;
        trail.expect("the trail can be read").lines
    }

    /// How many lines the trail of a tenant has.
    pub async fn audited(&self, of: &str) -> i64 {
        let mut last = 0;
        loop {
            let lines = self.audit(of, last).await;
            match lines.last() {
                Some(line) => last = line.seq,
                None => return last,
            }
        }
    }

    /// How many jobs a tenant has.
    pub async fn jobs(&self, of: &str) -> i64 {
        let reader = Caller::new("reader", tenant(of), Role::Viewer);
        let page = self.core.ask(&reader, ListJobs::default()).await;
        page.expect("jobs can be listed").total
    }

    /// A write that must be refused, written down once, and without any effect.
    #[track_caller]
    pub fn refused(&self, ask: Ask, status: u16, code: &str) -> impl Future<Output = Reply> {
        let caller = std::panic::Location::caller();
        async move {
            let (audited, jobs) = (self.audited("main").await, self.jobs("main").await);
            let (sent, what) = (ask.body.clone(), ask.say());
            let reply = self.ask(ask).await;
            let at = format!("{caller}: {what}: {reply:?}");
            assert_eq!(
                (reply.status, reply.code()),
                (status, code.to_owned()),
                "{at}"
            );
            reply.is_a_failure(&sent, &at);
            assert_eq!(self.jobs("main").await, jobs, "nothing was done: {at}");
            let lines = self.audit("main", audited).await;
            assert_eq!(lines.len(), 1, "written down once: {at}");
            assert_eq!(lines[0].entry.outcome, Outcome::Refused, "{at}");
            assert!(lines[0].entry.detail.starts_with(code), "{at}");
            reply
        }
    }

    /// Sends the example brief with changes and gives the id of the job.
    pub async fn send(&self, changes: &Value) -> String {
        let reply = self.ask(post("/bookings", &booking(changes))).await;
        let answer = reply.ok();
        answer["job_id"].as_str().expect("an id").to_owned()
    }

    /// The same, and does everything up to the decision.
    pub async fn send_and_settle(&self, changes: &Value) -> String {
        let id = self.send(changes).await;
        self.settle().await;
        id
    }

    /// A job as it is shown.
    pub async fn job(&self, id: &str) -> Value {
        self.ask(get(&format!("/bookings/{id}"))).await.ok()
    }

    /// What is committed of the tenant's budget, in cents.
    pub async fn committed(&self) -> i64 {
        let reply = self.ask(post("/rpc/tenant.get_budget", &json!({}))).await;
        cents(&reply.ok()["committed"])
    }
}

/// An answer that goes on.
pub struct Stream(Body);

impl Stream {
    /// Reads until it ends.
    pub async fn read_out(&mut self) {
        while self.0.frame().await.is_some() {}
    }
}

/// An amount of dollars in cents, whichever way the number is written.
#[track_caller]
pub fn cents(amount: &Value) -> i64 {
    let dollars = amount
        .as_f64()
        .unwrap_or_else(|| panic!("{amount} is no amount"));
    format!("{:.0}", dollars * 100.0).parse().expect("cents")
}

/// The body that the bookings document prints.
pub fn seed() -> Value {
    json!({
        "brief": {
            "name": "Q3 Awareness Push",
            "objectives": ["brand_awareness"],
            "budget": 25000,
            "start_date": "2026-07-01",
            "end_date": "2026-09-30",
            "target_audience": {
                "demographics": {"age": "18-34"},
                "interests": ["gaming", "technology"]
            },
            "kpis": {"target_cpm": 10}
        },
        "auto_approve": false
    })
}

/// The same with some fields of the brief replaced; null takes one away.
pub fn booking(changes: &Value) -> Value {
    let mut body = seed();
    let brief = body["brief"].as_object_mut().expect("a brief");
    for (name, value) in changes.as_object().expect("changes") {
        if name == "auto_approve" {
            continue;
        }
        brief.remove(name);
        if !value.is_null() {
            brief.insert(name.clone(), value.clone());
        }
    }
    if let Some(auto) = changes.get("auto_approve") {
        body["auto_approve"] = auto.clone();
    }
    body
}

/// A request in the making.
#[derive(Clone)]
pub struct Ask {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: Option<IpAddr>,
}

pub fn ask(method: &str, path: &str) -> Ask {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost"));
    Ask {
        method: method.parse().expect("a method"),
        uri: path.parse().expect("a path"),
        headers,
        body: Vec::new(),
        peer: None,
    }
}

pub fn get(path: &str) -> Ask {
    ask("GET", path)
}

/// Posts JSON.
pub fn post(path: &str, body: &Value) -> Ask {
    post_raw(path, body.to_string())
}

/// Posts whatever it is, and calls it JSON.
pub fn post_raw(path: &str, body: impl Into<Vec<u8>>) -> Ask {
    let ask = ask("POST", path).body(body);
    ask.header("content-type", "application/json")
}

/// Posts nothing.
pub fn post_nothing(path: &str) -> Ask {
    ask("POST", path)
}

impl Ask {
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header beside what is there.
    pub fn also(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header's value");
        self.headers.append(name, value);
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.remove(name);
        self.also(name, value)
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With an API key.
    pub fn key(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    /// With an idempotency key.
    pub fn once(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// On a revision that was seen.
    pub fn seen(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    /// From an address.
    pub fn from(mut self, peer: &str) -> Self {
        self.peer = Some(peer.parse().expect("an address"));
        self
    }

    fn say(&self) -> String {
        let sent = String::from_utf8_lossy(&self.body);
        let some: String = sent.chars().take(300).collect();
        format!("{} {} {some}", self.method, self.uri)
    }

    fn request(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        if let Some(peer) = self.peer {
            let peer = SocketAddr::new(peer, 50_000);
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        request
    }
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text().chars().take(2_000).collect();
        write!(out, "{} {text}", self.status)
    }
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The answer to something that was done.
    #[track_caller]
    pub fn ok(&self) -> Value {
        self.is(200)
    }

    /// The answer, which has this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// The stable name of what went wrong, if anything did.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The field that was wrong.
    pub fn field(&self) -> String {
        let field = &self.json()["error"]["details"]["field"];
        field.as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(HeaderValue::to_str);
        value.map_or("", |value| value.expect("plain text"))
    }

    /// Asserts the shape of a failure, and that it repeats next to nothing of what was sent.
    pub fn is_a_failure(&self, sent: &[u8], at: &str) {
        let body = self.json();
        let error = &body["error"];
        assert_eq!(body["detail"], error["message"], "{at}");
        assert!(
            error["message"].as_str().is_some_and(|it| !it.is_empty()),
            "{at}"
        );
        let code = error["code"].as_str().unwrap_or_default();
        let shouted = |c: u8| c.is_ascii_uppercase() || c == b'_';
        assert!(!code.is_empty() && code.bytes().all(shouted), "{at}");
        assert!(error["details"].is_object(), "{at}");
        let keys: Vec<&String> = body
            .as_object()
            .into_iter()
            .flatten()
            .map(|it| it.0)
            .collect();
        assert!(
            keys.iter()
                .all(|it| ["detail", "error"].contains(&it.as_str())),
            "{at}"
        );
        repeats_little(&body, sent, at);
    }
}

/// Asserts that no text in an answer repeats more than 64 characters of what was sent, nor
/// anything that must not reach a screen.
pub fn repeats_little(answer: &Value, sent: &[u8], at: &str) {
    let sent: Vec<char> = String::from_utf8_lossy(sent).chars().collect();
    let head = &sent[..sent.len().min(20_000)];
    let runs: HashSet<&[char]> = head.windows(65).collect();
    texts(answer, &mut |text| {
        let text: Vec<char> = text.chars().collect();
        assert!(text.len() < 600, "a long text: {at}");
        assert!(
            !text.windows(65).any(|run| runs.contains(run)),
            "an echo: {at}"
        );
        let bad = |c: &char| c.is_control() || ('\u{202A}'..='\u{202E}').contains(c);
        assert!(!text.iter().any(bad), "a control character: {at}");
    });
}

fn texts(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(all) => all.iter().for_each(|one| texts(one, visit)),
        Value::Object(all) => all.iter().for_each(|(name, one)| {
            visit(name);
            texts(one, visit);
        }),
        _ => {}
    }
}
