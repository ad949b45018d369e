//! What the stories stand on: time that is turned by hand, settings, and a server that answers
//! from a list of its own.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::Response,
};
use flightdeck::{
    domain::{
        inventory::{
            item::Size,
            order::{NewLine, NewOrder, Will},
        },
        media_buy::item_type::ItemType,
        money::Money,
        opendirect::product::RateType,
        when::Instant,
    },
    engine::clock::{Clock as _, ManualClock},
    peers::ad_servers::{
        google,
        http::{Bounds, Time},
    },
};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::fake_google::{FakeGoogle, Mood, REFRESH, SECRET, moody};

/// Time that passes only when somebody waits.
#[derive(Clone)]
pub struct Turned {
    clock: ManualClock,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Turned {
    /// Stands at the beginning of June.
    pub fn new() -> Self {
        let now: Instant = "2026-06-01T00:00:00Z".parse().expect("an instant");
        Self {
            clock: ManualClock::at(now),
            pauses: Arc::default(),
        }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(chrono::Duration::seconds(seconds));
    }

    /// How long it was waited, each time.
    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Time for Turned {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    async fn pause(&self, span: Duration) {
        self.clock
            .advance(chrono::Duration::from_std(span).expect("short"));
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.push(span);
    }
}

/// Small bounds: an answer that does not come is missed soon.
pub fn bounds() -> Bounds {
    Bounds {
        one: Duration::from_millis(300),
        most: 1 << 20,
        ..Bounds::default()
    }
}

/// The settings of the network 123.
pub fn settings(fake: &FakeGoogle) -> google::Settings {
    google::Settings {
        api: fake.url(),
        tokens: fake.tokens(),
        client_id: "flightdeck.apps".into(),
        client_secret: SecretString::from(SECRET),
        refresh_token: SecretString::from(REFRESH),
        network: "123".into(),
        trafficker: Some("77".into()),
    }
}

/// A client of it.
pub fn google(fake: &FakeGoogle, time: &Turned) -> google::Google {
    google::Google::new(settings(fake), Arc::new(time.clone()), bounds()).expect("a client")
}

/// An order of two lines.
pub fn new_order() -> NewOrder {
    let line = |name: &str, units: &[&str]| NewLine {
        name: name.into(),
        item_type: ItemType::Standard,
        starts: "2026-07-01T00:00:00Z".parse().expect("an instant"),
        ends: "2026-07-31T23:59:59Z".parse().expect("an instant"),
        mark: name.into(),
        goal: 500_000,
        priced: RateType::Cpm,
        will: Will::Deliver,
        rate: serde_json::from_str::<Money>(r#"{"minor":1234,"currency":"USD"}"#).expect("money"),
        units: units.iter().map(|unit| (*unit).to_owned()).collect(),
        placements: Vec::new(),
        sizes: vec![Size {
            width: 300,
            height: 250,
        }],
    };
    NewOrder {
        name: "Summer \"Sports\" mb_123".into(),
        advertiser: "456789".into(),
        po_number: Some("PO-7".into()),
        lines: vec![line("pkg_1", &["11"]), line("pkg_2", &["12"])],
    }
}

/// What a scripted server was asked: method, path with query, headers as text, body.
pub type Heard = (String, String, String, Value);

/// A server that gives its answers in order, and then 404.
#[derive(Clone)]
pub struct Scripted {
    at: SocketAddr,
    script: Arc<Mutex<VecDeque<Mood>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Scripted {
    /// Opens with these answers.
    pub async fn open(script: impl IntoIterator<Item = Mood>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            heard: Arc::default(),
        };
        let router = Router::new().fallback(hear).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Where it is.
    pub fn url(&self) -> Url {
        format!("http://{}/", self.at).parse().expect("an address")
    }

    /// What it was asked so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The paths that it was asked for.
    pub fn paths(&self) -> Vec<String> {
        let heard = self.heard().into_iter();
        heard
            .map(|(method, path, ..)| format!("{method} {path}"))
            .collect()
    }
}

async fn hear(State(fake): State<Scripted>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let heard = (
        head.method.to_string(),
        head.uri.to_string(),
        format!("{:?}", head.headers),
        body,
    );
    fake.heard
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(heard);
    let next = fake
        .script
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop_front();
    moody(next.unwrap_or(Mood::Status(404, Value::Null, None))).await
}

/// An answer that is fine.
pub fn says(body: Value) -> Mood {
    Mood::Status(200, body, None)
}
