//! The IAB Tech Lab's buyer agent by its Bookings API, as version 2.4 really behaves: times
//! without a zone, money as floats, a brief that is never given back, 404 from the one worker
//! that does not know a job, a status of 200 for what was turned down. Reads what it can, and
//! leaves empty what it cannot.

mod http;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use self::http::{Came, Http};
use super::{Bookings, Sent, Silent};
use crate::{
    domain::{
        booking::upstream::{
            decided::Answer,
            shown::{ListedJobs, ShownJob},
        },
        ids::ProductId,
        money::Currency,
    },
    peers::once,
};

/// What it takes to reach a buyer agent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub url: Url,
    /// Its key; none where it has no lock.
    pub key: Option<SecretString>,
    /// What its amounts are in: it does not say, and its names mean US dollars.
    pub currency: Currency,
    /// How long things may take.
    pub bounds: Bounds,
}

/// How long things may take, and how large an answer may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// A question.
    pub read: Duration,
    /// A brief that is sent.
    pub send: Duration,
    /// A decision: it answers once everything is booked, which takes minutes.
    pub decide: Duration,
    /// The largest answer, in bytes.
    pub most: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            send: Duration::from_secs(30),
            decide: Duration::from_mins(20),
            most: 16 << 20,
        }
    }
}

/// A buyer agent.
pub struct BuyerAgent {
    http: Http,
    place: String,
    url: Url,
    currency: Currency,
    bounds: Bounds,
}

impl BuyerAgent {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS, or the key is none that can be sent.
    pub fn new(settings: Settings) -> Result<Self, Silent> {
        let mut url = once::base(settings.url).map_err(|why| Silent(why.into()))?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self {
            http: Http::new(settings.key, settings.bounds)?,
            place: url.as_str().trim_end_matches('/').to_owned(),
            url,
            currency: settings.currency,
            bounds: settings.bounds,
        })
    }

    /// An address below the base; each part is one part of it, whatever is in it.
    fn at(&self, parts: &[&str]) -> Url {
        once::below(&self.url, parts)
    }

    async fn read(&self, url: Url, what: &str) -> Result<Option<Value>, Silent> {
        match self
            .http
            .call(Method::GET, url, None, self.bounds.read)
            .await
        {
            Came::Answer(200..=299, Some(body)) => Ok(Some(body)),
            Came::Answer(404, _) => Ok(None),
            came => Err(Silent(came.words(what))),
        }
    }

    async fn send<T>(
        &self,
        parts: &[&str],
        body: Option<&Value>,
        patience: Duration,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Sent<T> {
        let url = self.at(parts);
        let came = self.http.call(Method::POST, url, body, patience).await;
        let words = came.words("it");
        match came {
            Came::Answer(200..=299, Some(body)) => match read(&body) {
                Some(read) => Sent::Done(read),
                None => Sent::Lost(wire::said(&body).unwrap_or(words)),
            },
            Came::Answer(401 | 403 | 404 | 429, _) | Came::Unreached(_) => Sent::NotDone(words),
            Came::Answer(408, _) => Sent::Lost(words),
            Came::Answer(300..=499, _) => Sent::Refused(words),
            _ => Sent::Lost(words),
        }
    }

    async fn decide(&self, id: &str, how: &str, body: Option<&Value>) -> Sent<Answer> {
        let parts = ["bookings", id, how];
        let read = |body: &Value| wire::answer(body, self.currency);
        self.send(&parts, body, self.bounds.decide, read).await
    }
}

#[async_trait]
impl Bookings for BuyerAgent {
    fn place(&self) -> &str {
        &self.place
    }

    async fn health(&self) -> Result<String, Silent> {
        let found = self.read(self.at(&["health"]), "its health").await?;
        let body = found.unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("?");
        Ok(format!("{}, version {}", text("status"), text("version")))
    }

    async fn list(&self, limit: u32) -> Result<ListedJobs, Silent> {
        let mut url = self.at(&["bookings"]);
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        let body = self.read(url, "its list of jobs").await?;
        let body = body.ok_or_else(|| Silent("it has no Bookings API at this address".into()))?;
        wire::list(&body, self.currency).ok_or_else(|| unlike(&body, "its list of jobs"))
    }

    async fn one(&self, id: &str) -> Result<Option<ShownJob>, Silent> {
        let Some(body) = self.read(self.at(&["bookings", id]), "a job").await? else {
            return Ok(None);
        };
        let shown = wire::job(&body, self.currency);
        shown.map(Some).ok_or_else(|| unlike(&body, "a job"))
    }

    async fn submit(&self, brief: &Value) -> Sent<String> {
        let send = self.bounds.send;
        self.send(&["bookings"], Some(brief), send, wire::job_id)
            .await
    }

    async fn approve(&self, id: &str, products: &[ProductId]) -> Sent<Answer> {
        let body = json!({ "approved_product_ids": products });
        self.decide(id, "approve", Some(&body)).await
    }

    async fn approve_all(&self, id: &str) -> Sent<Answer> {
        self.decide(id, "approve-all", None).await
    }
}

/// That an answer is none: in its own words, if it has any.
fn unlike(body: &Value, what: &str) -> Silent {
    Silent(match wire::said(body) {
        Some(said) => format!("it answered for {what} that {said}"),
        None => format!("it answered for {what} in another shape than it should"),
    })
}
