//! Asks the program over HTTP, and tells an answer from silence.

use std::{sync::OnceLock, time::Duration};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

/// An answer that came whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Whether it was kept from the first time.
    pub replayed: bool,
    /// The body.
    pub body: Value,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Nobody was there to hear the question.
    Unheard,
    /// The question was on its way or at work; nobody knows what became of it.
    Unknown,
}

/// Whoever asks.
#[derive(Debug, Clone)]
pub struct Web(reqwest::Client);

impl Web {
    /// Somebody new, with connections of their own.
    pub fn new() -> Self {
        Self::with(HeaderMap::new())
    }

    /// The same, with the management key.
    pub fn managing(key: &str) -> Self {
        let key = HeaderValue::from_str(key).expect("a header");
        let name = HeaderName::from_static("x-tenant-management-api-key");
        Self::with(HeaderMap::from_iter([(name, key)]))
    }

    fn with(headers: HeaderMap) -> Self {
        static PROVIDER: OnceLock<()> = OnceLock::new();
        PROVIDER.get_or_init(|| {
            // Another test of this process may have been first.
            drop(rustls::crypto::ring::default_provider().install_default());
        });
        let client = reqwest::Client::builder()
            .no_proxy()
            .default_headers(headers)
            .timeout(Duration::from_secs(30))
            .build();
        Self(client.expect("a client"))
    }

    /// Reads.
    pub async fn get(&self, url: &str, path: &str) -> Result<Reply, Silence> {
        hear(self.0.get(format!("{url}{path}"))).await
    }

    /// Orders, under a key.
    pub async fn post(
        &self,
        url: &str,
        path: &str,
        key: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Silence> {
        let request = self.0.post(format!("{url}{path}"));
        let request = request.header("idempotency-key", key);
        hear(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// Opens the stream of events.
    pub async fn watch(&self, url: &str) -> Result<reqwest::Response, Silence> {
        let stream = self.0.get(format!("{url}/events")).send().await;
        stream.map_err(|_| Silence::Unheard)
    }
}

async fn hear(request: reqwest::RequestBuilder) -> Result<Reply, Silence> {
    let response = request.send().await.map_err(|error| {
        if error.is_connect() {
            Silence::Unheard
        } else {
            Silence::Unknown
        }
    })?;
    let status = response.status().as_u16();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let body = response.bytes().await.map_err(|_| Silence::Unknown)?;
    Ok(Reply {
        status,
        replayed,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

impl Reply {
    /// The answer, which must be a good one.
    #[track_caller]
    pub fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }
}

/// A request to book a campaign of this name.
pub fn brief(name: &str, budget: u64, auto_approve: bool) -> Value {
    json!({
        "brief": {
            "name": name,
            "objectives": ["brand_awareness"],
            "budget": budget,
            "start_date": "2026-07-01",
            "end_date": "2026-09-30",
            "target_audience": { "demographics": { "age": "18-34" }, "interests": ["gaming"] },
            "channels": ["ctv"],
        },
        "auto_approve": auto_approve,
    })
}

/// The id of the job that an answer is about.
pub fn job_of(body: &Value) -> String {
    body["job_id"].as_str().expect("a job's id").to_owned()
}
