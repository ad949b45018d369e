//! The program is killed while it tells an endpoint what happened. What was written down and not
//! sent yet is sent after the next start, once; what was under way is sent again, byte for byte
//! and under the same id, by which whoever had it knows it.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt as _,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap};
use serde_json::json;
use tokio::sync::watch;

use crate::{program::Program, scratch, web::Web};

/// How many calls to others a node makes at a time.
const AT_ONCE: usize = 128;
/// How many more are written down while all of those hang.
const BEHIND: usize = 8;
/// The longest that a call may hang before it is given up; the kill comes long before.
const PATIENCE: Duration = Duration::from_secs(9);
/// The longest that it takes until everything was sent after the next start.
const REST: Duration = Duration::from_secs(30);

/// Where the first management key is made.
const INIT: &str = "/api/v1/tenant-management/init-api-key";
/// The tenant that may call this machine.
const SANDBOX: &str = "/api/v1/tenant-management/tenants/sandbox";

/// What came: by message, the bodies in order.
type Came = BTreeMap<String, Vec<Vec<u8>>>;

/// An endpoint that keeps what comes, and answers nothing until it is told to.
#[derive(Clone)]
struct Endpoint {
    came: watch::Sender<Came>,
    answers: watch::Sender<bool>,
}

impl Endpoint {
    async fn open() -> (Self, String) {
        let own = Self {
            came: watch::Sender::default(),
            answers: watch::Sender::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(take).with_state(own.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (own, url)
    }

    /// Waits until so many calls have come in all.
    async fn wait_for(&self, calls: usize, most: Duration) -> Came {
        let mut came = self.came.subscribe();
        let enough = came.wait_for(|came| came.values().map(Vec::len).sum::<usize>() >= calls);
        let enough = tokio::time::timeout(most, enough).await;
        let reached = enough.is_ok();
        drop(enough);
        let came = self.came.borrow().clone();
        let count: usize = came.values().map(Vec::len).sum();
        assert!(reached, "{count} of {calls} calls came");
        came
    }
}

async fn take(State(own): State<Endpoint>, headers: HeaderMap, body: Bytes) {
    let id = headers.get("webhook-id").expect("an id");
    let id = id.to_str().expect("text").to_owned();
    own.came
        .send_modify(|came| came.entry(id).or_default().push(body.to_vec()));
    let mut answers = own.answers.subscribe();
    // Nobody hears the answer of a call that hung when its caller was killed.
    drop(answers.wait_for(|answers| *answers).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_commit_and_send_loses_and_doubles_nothing_that_has_an_id() {
    let (dir, begun) = (scratch(), Instant::now());
    let (endpoint, address) = Endpoint::open().await;
    let program = Program::sandbox(dir.path(), begun.elapsed());
    let url = program.url.clone();
    let made = Web::new().post(&url, INIT, "init", None).await;
    let key = made.expect("it is up").good()["api_key"].clone();
    let web = Web::managing(key.as_str().expect("a key"));
    let ask = async |path: &str, key: &str, body: Option<serde_json::Value>| {
        let path = format!("{SANDBOX}/{path}");
        let answer = web.post(&url, &path, key, body.as_ref()).await;
        answer.expect("it is up").good()
    };
    let made = ask("webhooks", "make", Some(json!({"url": address}))).await;
    let id = made["endpoint_id"].as_str().expect("an id").to_owned();
    let mut written = BTreeSet::new();
    let hanging = Instant::now();
    for n in 0..AT_ONCE + BEHIND {
        let path = format!("webhooks/{id}/test");
        let sent = ask(&path, &format!("test-{n}"), None).await;
        let sent: uuid::Uuid = sent["delivery_id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("an id");
        written.insert(format!("msg_{}", sent.simple()));
    }
    let before = endpoint.wait_for(AT_ONCE, PATIENCE).await;
    assert!(hanging.elapsed() < PATIENCE, "no call was given up yet");
    let status = program.kill();
    assert_eq!(status.signal(), Some(9), "{status}");

    // The fault struck where it was to: in the middle of some, before the beginning of others.
    let under_way: BTreeSet<String> = before.keys().cloned().collect();
    assert_eq!(under_way.len(), AT_ONCE, "as many as go at once");
    assert!(before.values().all(|bodies| bodies.len() == 1));
    assert!(under_way.is_subset(&written));
    assert_eq!(written.difference(&under_way).count(), BEHIND);

    endpoint.answers.send_replace(true);
    let again = Program::sandbox(dir.path(), begun.elapsed());
    let calls = 2 * AT_ONCE + BEHIND;
    endpoint.wait_for(calls, REST).await;
    // Whoever has been told everything is told nothing more.
    let (url, since) = (again.url.clone(), Instant::now());
    let waiting = format!("{SANDBOX}/webhooks/deliveries?status=waiting");
    loop {
        let left = web.get(&url, &waiting).await.expect("it is up").good();
        if left["webhooks"] == json!([]) {
            break;
        }
        assert!(since.elapsed() < REST, "{left:#}");
    }
    again.terminate();
    let status = again.ended(Duration::from_secs(15));
    assert_eq!(status.code(), Some(0), "{status}");

    let came = endpoint.came.borrow().clone();
    assert_eq!(came.keys().cloned().collect::<BTreeSet<_>>(), written);
    for (id, bodies) in &came {
        let times = if under_way.contains(id) { 2 } else { 1 };
        assert_eq!(bodies.len(), times, "{id}");
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{id}");
    }
}
