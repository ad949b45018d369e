//! Somebody who listens at an address of this machine: keeps what comes, and answers as told.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode},
    response::IntoResponse,
};
use serde_json::Value;

/// What came.
#[derive(Clone)]
pub struct Came {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Came {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

#[derive(Default)]
struct Kept {
    came: Vec<Came>,
    answers: Vec<(u16, String)>,
    until: Option<&'static str>,
}

/// Somebody who listens.
#[derive(Clone)]
pub struct Receiver {
    kept: Arc<Mutex<Kept>>,
    news: Arc<tokio::sync::Notify>,
    pub url: String,
}

impl Receiver {
    /// Listens; answers so, one after the other, and then with 200.
    pub async fn answering(answers: &[(u16, &str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = answers.iter().rev();
        let answers = answers.map(|(status, body)| (*status, (*body).to_owned()));
        let kept = Arc::new(Mutex::new(Kept {
            came: Vec::new(),
            answers: answers.collect(),
            until: None,
        }));
        let news = Arc::default();
        let state = (Arc::clone(&kept), Arc::clone(&news));
        let router = Router::new().fallback(take).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { kept, news, url }
    }

    /// The same, and wants to be left alone until a time.
    pub fn until(self, at: &'static str) -> Self {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.until = Some(at);
        drop(kept);
        self
    }

    /// Waits until something comes that nobody has waited for.
    pub async fn next(&self) {
        self.news.notified().await;
    }

    /// Everything that came so far.
    pub fn came(&self) -> Vec<Came> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.came.clone()
    }
}

async fn take(
    State((kept, news)): State<(Arc<Mutex<Kept>>, Arc<tokio::sync::Notify>)>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.came.push(Came {
        headers,
        body: body.to_vec(),
    });
    news.notify_one();
    let (status, body) = kept.answers.pop().unwrap_or((200, String::new()));
    let status = StatusCode::from_u16(status).expect("a status");
    let location = [
        ("location", "http://127.0.0.1:1/elsewhere"),
        ("content-type", "application/json"),
    ];
    let mut answer = (status, location, body).into_response();
    if let Some(until) = kept.until {
        let until = HeaderValue::from_static(until);
        answer.headers_mut().insert("retry-after", until);
    }
    answer
}
