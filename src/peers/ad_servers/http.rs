//! The client behind all ad servers: JSON over HTTPS, with a key or a token that is renewed by
//! itself. It waits where the server says so, asks again where that can do no harm, and gives up
//! in time. An answer is what a stranger says: too large, not JSON, of another shape, or an error
//! with a kind status, it becomes a sentence that names the call. Secrets stay out of all words.

mod public;
mod token;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::{Client, Method, Response, StatusCode, redirect::Policy};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::domain::{
    inventory::trouble::{Category, NO_SUCH, Trouble},
    text,
    when::{Instant, retry_after},
};

use public::OnlyPublic;
pub use token::OAuth;

/// How long to wait before the first further try; twice as long before each other one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How much of what a server says of an error is repeated, in characters.
const MOST_SAID: usize = 200;
/// How much of an error's body is read.
const MOST_ERROR: usize = 1 << 16;

/// Time, as the client needs it.
#[async_trait]
pub trait Time: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Instant;
    /// Lets so much pass.
    async fn pause(&self, span: Duration);
}

/// What one call may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long one try may take.
    pub one: Duration,
    /// How long the whole call may take, with its pauses.
    pub whole: Duration,
    /// How often it is tried at most.
    pub tries: u32,
    /// The longest that is waited because the server says so; longer is said to whoever asks.
    pub wait: Duration,
    /// How large an answer may be.
    pub most: usize,
    /// Whether only machines that everybody can reach are called: the address is somebody's.
    pub public: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            one: Duration::from_secs(30),
            whole: Duration::from_secs(90),
            tries: 4,
            wait: Duration::from_secs(10),
            most: 16 << 20,
            public: false,
        }
    }
}

/// How a server knows us.
pub enum Pass {
    /// By a secret in a header of its own.
    Header(&'static str, SecretString),
    /// By a bearer token that does not run out by itself.
    Bearer(SecretString),
    /// By a bearer token that is got for a refresh token.
    OAuth(OAuth),
}

/// One call.
#[derive(Debug)]
pub struct Ask {
    /// How.
    pub method: Method,
    /// What.
    pub url: Url,
    /// What is sent.
    pub body: Option<Value>,
    /// Whether asking twice has the effect of once.
    pub again: bool,
    /// Whether the answer may be a list that nothing is around.
    pub bare: bool,
    /// What it is, for people, such as `page 3 of the orders`.
    pub said: String,
}

impl Ask {
    /// A question that changes nothing.
    #[must_use]
    pub fn get(url: Url, said: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url,
            body: None,
            again: true,
            bare: false,
            said: said.into(),
        }
    }

    /// Something that is sent. Where asking twice does it twice, it is not asked again.
    #[must_use]
    pub fn send(method: Method, url: Url, body: Value, said: impl Into<String>) -> Self {
        Self {
            again: method != Method::POST,
            method,
            url,
            body: Some(body),
            bare: false,
            said: said.into(),
        }
    }

    /// The same, where the answer may be a list that nothing is around.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { bare: true, ..self }
    }

    /// The same, where asking twice does no harm.
    #[must_use]
    pub fn harmless(self) -> Self {
        Self {
            again: true,
            ..self
        }
    }
}

/// A client of one ad server's account.
pub struct Http {
    client: Client,
    pass: Pass,
    time: Arc<dyn Time>,
    bounds: Bounds,
    /// What the server is called, for people.
    name: &'static str,
}

/// What came of one try.
enum Came {
    Answer(Vec<u8>),
    /// Refused as unknown, with this token.
    Unknown,
    /// To be tried again, once so much has passed.
    Later(Trouble, Option<Duration>),
    Trouble(Trouble),
}

impl Http {
    /// Gets ready.
    ///
    /// # Errors
    /// When this machine has no TLS.
    pub fn new(
        name: &'static str,
        pass: Pass,
        time: Arc<dyn Time>,
        bounds: Bounds,
    ) -> Result<Self, Trouble> {
        // A second one is refused, and the first is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(bounds.one)
            .connect_timeout(bounds.one.min(Duration::from_secs(10)))
            .no_proxy()
            .user_agent(concat!("flightdeck/", env!("CARGO_PKG_VERSION")));
        let client = if bounds.public {
            client.dns_resolver(Arc::new(OnlyPublic))
        } else {
            client
        };
        let client = client
            .build()
            .map_err(|_| Trouble::permanent("no client could be made on this machine"))?;
        Ok(Self {
            client,
            pass,
            time,
            bounds,
            name,
        })
    }

    /// What the server is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.time.now()
    }

    /// Lets so much pass.
    pub async fn pause(&self, span: Duration) {
        self.time.pause(span).await;
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// When there is none, or it makes no sense.
    pub async fn ask<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, Trouble> {
        let body = tokio::time::timeout(self.bounds.whole, self.tries(&ask)).await;
        let body = body.unwrap_or_else(|_| {
            let slow = format!("{} took too long to answer for {}", self.name, ask.said);
            Err(Trouble::transient(slow))
        })?;
        self.read(&ask, &body)
    }

    async fn tries(&self, ask: &Ask) -> Result<Vec<u8>, Trouble> {
        let (mut renewed, mut tried) = (false, 0);
        let mut pause = FIRST_PAUSE;
        loop {
            let token = self.token().await?;
            tried += 1;
            let (trouble, wanted) = match self.once(ask, token.as_ref()).await {
                Came::Answer(body) => return Ok(body),
                Came::Trouble(trouble) => return Err(trouble),
                Came::Unknown => {
                    let Pass::OAuth(oauth) = &self.pass else {
                        return Err(self.stranger(ask));
                    };
                    if renewed {
                        return Err(self.stranger(ask));
                    }
                    renewed = true;
                    oauth.forget(token.as_ref()).await;
                    continue;
                }
                Came::Later(trouble, wanted) => (trouble, wanted),
            };
            let limited = wanted.is_some();
            let wait = wanted.unwrap_or(pause).max(pause);
            if tried >= self.bounds.tries || wait > self.bounds.wait || !(ask.again || limited) {
                return Err(trouble);
            }
            tracing::debug!(
                server = self.name,
                call = ask.said,
                "tried again in a moment"
            );
            self.time.pause(wait).await;
            pause *= 2;
        }
    }

    async fn token(&self) -> Result<Option<SecretString>, Trouble> {
        match &self.pass {
            Pass::Header(..) => Ok(None),
            Pass::Bearer(token) => Ok(Some(token.clone())),
            Pass::OAuth(oauth) => oauth.token(self).await.map(Some),
        }
    }

    async fn once(&self, ask: &Ask, token: Option<&SecretString>) -> Came {
        let mut request = self.client.request(ask.method.clone(), ask.url.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Pass::Header(name, secret) = &self.pass {
            request = request.header(*name, secret.expose_secret());
        }
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Came::Later(self.unreached(&ask.said, &error), None),
        };
        let status = response.status();
        if status.is_success() {
            return self.whole(ask, response).await;
        }
        self.refused(ask, token, response).await
    }

    /// Reads a body as far as it may go.
    async fn whole(&self, ask: &Ask, response: Response) -> Came {
        match body(response, self.bounds.most).await {
            Ok(Some(body)) => Came::Answer(body),
            Ok(None) => Came::Trouble(Trouble::unreadable(format!(
                "{} answered more than {} MB for {}",
                self.name,
                self.bounds.most >> 20,
                ask.said
            ))),
            Err(error) => Came::Later(self.unreached(&ask.said, &error), None),
        }
    }

    /// What a status other than success means.
    async fn refused(&self, ask: &Ask, token: Option<&SecretString>, response: Response) -> Came {
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED {
            return Came::Unknown;
        }
        let told = response.headers().get("retry-after");
        let told = told.and_then(|told| told.to_str().ok());
        let wait = told.and_then(|told| retry_after(told, self.time.now()));
        let said = match body(response, MOST_ERROR).await {
            Ok(Some(body)) => self.words(&body, token),
            _ => String::new(),
        };
        let (name, call) = (self.name, &ask.said);
        let message = format!("{name} answered {} for {call}{said}", status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = wait.unwrap_or(FIRST_PAUSE);
            let mut trouble = Trouble::new(Category::Transient, "AD_SERVER_LIMITED", message);
            trouble.wait = Some(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1));
            return Came::Later(trouble, Some(wait));
        }
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            let mut trouble = Trouble::transient(message);
            trouble.wait = wait.map(|wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX));
            return Came::Later(trouble, None);
        }
        Came::Trouble(match status {
            StatusCode::FORBIDDEN => Trouble::auth(format!(
                "{message}; the account of this connection may not do that"
            )),
            StatusCode::BAD_REQUEST | StatusCode::GONE => {
                Trouble::new(Category::Permanent, "AD_SERVER_REJECTED", message)
            }
            StatusCode::NOT_FOUND => Trouble::new(Category::Permanent, NO_SUCH, message),
            _ => Trouble::permanent(message),
        })
    }

    fn stranger(&self, ask: &Ask) -> Trouble {
        let message = format!(
            "{} does not know us any more ({}): the connection must be renewed",
            self.name, ask.said
        );
        Trouble::auth(message)
    }

    /// Why nothing came, without the address: that may hold a secret.
    fn unreached(&self, said: &str, error: &reqwest::Error) -> Trouble {
        let why = if error.is_timeout() {
            "did not answer in time"
        } else if error.is_connect() {
            "could not be reached"
        } else {
            "broke off"
        };
        Trouble::transient(format!("{} {why} for {said}", self.name))
    }

    /// What a server says of an error, as far as it can be shown.
    fn words(&self, body: &[u8], token: Option<&SecretString>) -> String {
        let told: Option<Value> = serde_json::from_slice(body).ok();
        let told = told.as_ref().and_then(said_of);
        let told = told.map(|told| self.hide(told, token));
        let told = told.map(|told| told.chars().take(MOST_SAID).collect::<String>());
        told.filter(|told| !told.is_empty())
            .map_or_else(String::new, |told| format!(": {}", text::inert(&told)))
    }

    /// Takes our secrets out of foreign words.
    fn hide(&self, words: &str, token: Option<&SecretString>) -> String {
        let own: Vec<&SecretString> = match &self.pass {
            Pass::Header(_, secret) | Pass::Bearer(secret) => vec![secret],
            Pass::OAuth(oauth) => oauth.secrets(),
        };
        let secrets = own.into_iter().chain(token);
        let secrets = secrets.map(SecretString::expose_secret);
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(words.to_owned(), |words, secret| {
                words.replace(secret, "***")
            })
    }

    /// Reads an answer as what it should be.
    fn read<T: DeserializeOwned>(&self, ask: &Ask, body: &[u8]) -> Result<T, Trouble> {
        let (name, call) = (self.name, &ask.said);
        let empty: &[u8] = b"{}";
        let body = if body.is_empty() { empty } else { body };
        if body.trim_ascii_start().starts_with(b"[") && !ask.bare {
            let message = format!("{name} answered {call} in another shape than it should: a list");
            return Err(Trouble::unreadable(message));
        }
        let mut reader = serde_json::Deserializer::from_slice(body);
        let found = serde_path_to_error::deserialize(&mut reader);
        let error = match found {
            Ok(found) => match reader.end() {
                Ok(()) => return Ok(found),
                Err(_) => {
                    return Err(Trouble::unreadable(format!(
                        "{name} answered more than one document for {call}"
                    )));
                }
            },
            Err(error) => error,
        };
        if error.inner().is_data() {
            let what = error.inner().to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            let what: String = self.hide(what, None).chars().take(MOST_SAID).collect();
            return Err(Trouble::unreadable(format!(
                "{name} answered {call} in another shape than it should: {} {}",
                text::echo(&error.path().to_string()),
                text::inert(&what)
            )));
        }
        let page = body.trim_ascii_start().starts_with(b"<");
        let what = if page {
            "with a web page"
        } else if error.inner().is_eof() {
            "with half of an answer"
        } else {
            "with something that is no JSON"
        };
        Err(Trouble::transient(format!("{name} answered {call} {what}")))
    }
}

/// Reads a body of at most so many bytes; nothing when it is longer.
async fn body(mut response: Response, most: usize) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len() + part.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&part);
    }
    Ok(Some(body))
}

/// The sentence in an error, wherever servers put it.
fn said_of(told: &Value) -> Option<&str> {
    let places = [
        "/error/message",
        "/error_description",
        "/message",
        "/Message",
        "/error",
        "/errors/0/message",
    ];
    let mut found = places
        .iter()
        .filter_map(|place| told.pointer(place)?.as_str());
    found.next()
}
