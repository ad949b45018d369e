//! A client of other companies' MCP servers: with a session where the server keeps one, without
//! where it keeps none, whether it answers as JSON or as a stream of events. One call at a time in
//! a session, nothing sent twice unless it certainly was not read, and of every call it is known
//! whether it can have been done. Never asks for the list of tools: some are megabytes.

mod answer;
pub mod fault;
mod post;
mod stream;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use tokio::{sync::Mutex, time::timeout};
use url::Url;

use self::{
    fault::Fault,
    post::{Came, Post},
};
use super::upstream::Silent;

pub use answer::Answer;

/// The version of the protocol that is spoken.
const PROTOCOL: &str = "2025-06-18";
/// What some servers take for an identity that overrides the key: never sent.
const NEVER_SENT: &str = "identity";

/// In which headers the key is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// In both.
    #[default]
    Both,
    /// In `x-adcp-auth`.
    Adcp,
    /// In `Authorization`.
    Bearer,
}

/// What it takes to reach a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub url: Url,
    /// The key; none where it has no lock.
    pub key: Option<SecretString>,
    /// In which headers the key is shown.
    pub shown: Shown,
    /// Which of its tenants is meant, for `x-adcp-tenant`.
    pub tenant: Option<String>,
    /// How long it may take to begin a session.
    pub hello: Duration,
    /// The largest answer, in bytes.
    pub most: usize,
}

impl Settings {
    /// The usual, for an address.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            key: None,
            shown: Shown::Both,
            tenant: None,
            hello: Duration::from_secs(10),
            most: 8 << 20,
        }
    }
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it keeps sessions.
    pub keeps_sessions: bool,
}

/// What was agreed when the server was greeted.
struct Greeted {
    server: Server,
    session: Option<String>,
    protocol: String,
    url: Url,
}

/// A client of one MCP server.
pub struct Client {
    post: Post,
    place: String,
    url: Url,
    hello: Duration,
    next: AtomicU64,
    greeted: Mutex<Option<Arc<Greeted>>>,
    turn: Mutex<()>,
}

impl Client {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS, or the address or the key are none that can be used.
    pub fn new(settings: Settings) -> Result<Self, Silent> {
        let mut url = settings.url;
        // Who writes a password there means the key; neither is shown.
        let plain = url.set_username("").and_then(|()| url.set_password(None));
        if plain.is_err() || url.cannot_be_a_base() {
            return Err(Silent("its address is none of the web".into()));
        }
        url.set_fragment(None);
        let mut place = url.clone();
        place.set_query(None);
        let headers = headers(settings.key, settings.shown, settings.tenant.as_deref())?;
        Ok(Self {
            post: Post::new(headers, settings.most)?,
            place: place.as_str().trim_end_matches('/').to_owned(),
            url,
            hello: settings.hello,
            next: AtomicU64::new(1),
            greeted: Mutex::new(None),
            turn: Mutex::new(()),
        })
    }

    /// Where the server is, for people: no secrets in it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What the server says of itself, greeting it where that has not been done.
    ///
    /// # Errors
    /// When it does not answer, or not as an MCP server.
    pub async fn server(&self) -> Result<Server, Fault> {
        Ok(self.greet().await?.server.clone())
    }

    /// Calls a tool once. It is called again by itself only where the server said, before it read
    /// the call, that it does not know the session any more.
    ///
    /// # Errors
    /// In whichever shape the server turned it down, and when there is no answer: the fault says
    /// whether the call can have been done.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        patience: Duration,
    ) -> Result<Answer, Fault> {
        if arguments.contains_key(NEVER_SENT) {
            let words = format!("`{NEVER_SENT}` is never sent: it would take the place of the key");
            return Err(Fault::refused("NOT_SENT", words));
        }
        let params = json!({"name": tool, "arguments": arguments});
        let mut again = true;
        loop {
            let known = self.greet().await.map_err(unsent)?;
            let keeps = known.session.is_some();
            // Some servers stall when a session asks two things at once.
            let turn = timeout(patience, async {
                if keeps {
                    Some(self.turn.lock().await)
                } else {
                    None
                }
            });
            let Ok(turn) = turn.await else {
                return Err(Fault::passing("another call to it has not been answered"));
            };
            let came = self.ask(&known, "tools/call", &params, patience).await;
            drop(turn);
            if lost_session(&came, keeps) {
                self.forget(&known).await;
                if std::mem::take(&mut again) {
                    continue;
                }
            }
            return match came {
                Came::Answer(_, mut message, _) if message.contains_key("result") => {
                    match message.remove("result") {
                        Some(Value::Object(result)) => answer::read(&result),
                        _ => Err(Fault::lost("it answered with what is no answer")),
                    }
                }
                other => Err(other.fault()),
            };
        }
    }

    /// Sends a request under its own number, in the session if there is one.
    async fn ask(&self, known: &Greeted, method: &str, params: &Value, patience: Duration) -> Came {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let extra = extra(known);
        self.post
            .send(&known.url, &message, Some(id), &extra, patience)
            .await
    }

    /// Greets the server where that has not been done, and learns whether it keeps sessions.
    async fn greet(&self) -> Result<Arc<Greeted>, Fault> {
        let mut greeted = self.greeted.lock().await;
        if let Some(known) = &*greeted {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(self.hello().await?);
        *greeted = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Forgets a session that the server does not know any more.
    async fn forget(&self, known: &Arc<Greeted>) {
        let mut greeted = self.greeted.lock().await;
        if greeted.as_ref().is_some_and(|now| Arc::ptr_eq(now, known)) {
            *greeted = None;
        }
    }

    async fn hello(&self) -> Result<Greeted, Fault> {
        let mut known = Greeted {
            server: Server::default(),
            session: None,
            protocol: PROTOCOL.to_owned(),
            url: self.url.clone(),
        };
        let params = json!({
            "protocolVersion": PROTOCOL, "capabilities": {},
            "clientInfo": {"name": "flightdeck", "version": env!("CARGO_PKG_VERSION")},
        });
        let mut came = self.ask(&known, "initialize", &params, self.hello).await;
        // Servers insist on the slash at the end, or on its absence.
        if elsewhere(&came) {
            known.url = other_slash(&self.url);
            let second = self.ask(&known, "initialize", &params, self.hello).await;
            if elsewhere(&second) {
                known.url = self.url.clone();
            } else {
                came = second;
            }
        }
        match came {
            Came::Answer(_, message, session) if message.contains_key("result") => {
                let result = &message["result"];
                let about = |name: &str| {
                    let text = result["serverInfo"][name].as_str();
                    fault::few(text.unwrap_or_default())
                };
                known.server = Server {
                    name: about("name"),
                    version: about("version"),
                    keeps_sessions: session.is_some(),
                };
                if let Some(protocol) = result["protocolVersion"].as_str() {
                    protocol.clone_into(&mut known.protocol);
                }
                known.session = session;
                let message = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
                let extra = extra(&known);
                // Whether it was heard shows in the next call.
                drop(
                    self.post
                        .send(&known.url, &message, None, &extra, self.hello)
                        .await,
                );
                Ok(known)
            }
            // Who keeps no session need not want to be greeted.
            Came::Answer(_, message, _) if message["error"]["code"] == json!(-32601) => Ok(known),
            other => Err(other.fault()),
        }
    }
}

/// What goes along with every message of a session.
fn extra(known: &Greeted) -> Vec<(&'static str, String)> {
    let mut extra = vec![("mcp-protocol-version", known.protocol.clone())];
    extra.extend(
        known
            .session
            .clone()
            .map(|session| ("mcp-session-id", session)),
    );
    extra
}

/// The headers of every message.
fn headers(
    key: Option<SecretString>,
    shown: Shown,
    tenant: Option<&str>,
) -> Result<HeaderMap, Silent> {
    let mut headers = HeaderMap::new();
    let sendable = |text: &str, what: &str| {
        HeaderValue::from_str(text)
            .map_err(|_| Silent(format!("its {what} holds what cannot be sent")))
    };
    if let Some(key) = key {
        let key = key.expose_secret();
        let mut put = |name: HeaderName, text: &str| {
            let mut value = sendable(text, "key")?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok(())
        };
        if shown != Shown::Bearer {
            put(HeaderName::from_static("x-adcp-auth"), key)?;
        }
        if shown != Shown::Adcp {
            put(AUTHORIZATION, &format!("Bearer {key}"))?;
        }
    }
    if let Some(tenant) = tenant {
        let name = HeaderName::from_static("x-adcp-tenant");
        headers.insert(name, sendable(tenant, "tenant")?);
    }
    Ok(headers)
}

/// What a greeting that failed means for the call that waits for it: that was not sent.
fn unsent(fault: Fault) -> Fault {
    match fault.kind {
        fault::Kind::Lost => Fault {
            kind: fault::Kind::Passing,
            ..fault
        },
        _ => fault,
    }
}

/// Whether the server did not read the call because it does not know the session.
fn lost_session(came: &Came, had_one: bool) -> bool {
    match came {
        Came::Odd(odd) => had_one && odd.status == 404,
        Came::Answer(404, ..) => had_one,
        Came::Answer(400, message, _) => {
            let said = message
                .get("error")
                .and_then(|error| error["message"].as_str());
            said.is_some_and(|said| said.to_ascii_lowercase().contains("session"))
        }
        _ => false,
    }
}

/// Whether nobody answers a greeting at an address.
fn elsewhere(came: &Came) -> bool {
    match came {
        Came::Odd(odd) => {
            matches!(odd.status, 404 | 405)
                || (matches!(odd.status, 301 | 302 | 307 | 308)
                    && odd.location.as_deref().is_some_and(|to| {
                        let to = to.split('?').next().unwrap_or(to);
                        to.contains("/mcp")
                    }))
        }
        Came::Answer(404, ..) => true,
        _ => false,
    }
}

/// The same address with a slash at the end, or without.
fn other_slash(url: &Url) -> Url {
    let mut other = url.clone();
    let path = match url.path().strip_suffix('/') {
        Some(path) => path.to_owned(),
        None => format!("{}/", url.path()),
    };
    other.set_path(&path);
    other
}
