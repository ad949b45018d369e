//! Calls addresses that others gave us. Only public hosts by HTTPS: the name is looked up once,
//! every address that it has is looked at, and the one that was looked at is called, so that
//! nobody can lead us elsewhere in between. Follows no redirects, waits ten seconds at most, and
//! reads no more than it was told to.

use std::{net::SocketAddr, time::Duration};

use async_trait::async_trait;
use reqwest::{
    Client,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use url::{Host, Url};

use crate::domain::webhook::address::{self, NoAddress};

/// How long a call may take from beginning to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);

/// A call to an address that somebody else gave us.
pub struct Call<'a> {
    /// The address.
    pub url: &'a str,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// What is posted.
    pub body: Vec<u8>,
    /// Whether it may lead to this machine: in a sandbox alone.
    pub sandbox: bool,
    /// How many bytes of the answer are read.
    pub most: usize,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Whether it is a stream of events.
    pub streamed: bool,
    /// The body, or as much of it as was wanted.
    pub body: Vec<u8>,
    /// Whether that is all of it.
    pub whole: bool,
    /// The session that the other side of MCP wants to hear again.
    pub session: Option<String>,
    /// How long the other side wants us to wait, in its words.
    pub retry_after: Option<String>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// It is no address that is called.
    #[error("the address {0}")]
    Refused(#[from] NoAddress),
    /// A header cannot be sent.
    #[error("the header {0} cannot be sent")]
    Header(&'static str),
    /// The host has no address.
    #[error("the host is not known")]
    Unknown,
    /// It did not answer in time, or broke off.
    #[error("{0}")]
    Failed(&'static str),
}

/// Carries calls to addresses that others gave us.
#[async_trait]
pub trait Post: Send + Sync {
    /// Posts, and reads what comes back.
    ///
    /// # Errors
    /// When it is not called, or nothing comes back.
    async fn post(&self, call: Call<'_>) -> Result<Reply, NoReply>;
}

/// Calls addresses that others gave us.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outside;

impl Outside {
    /// Gets ready to call.
    #[must_use]
    pub fn new() -> Self {
        // A second one is refused, and the first is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self
    }
}

#[async_trait]
impl Post for Outside {
    async fn post(&self, call: Call<'_>) -> Result<Reply, NoReply> {
        let url = address::read(call.url, call.sandbox)?;
        let at = look_up(&url, call.sandbox).await?;
        let client = client(&url, at)?;
        let mut headers = HeaderMap::new();
        for (name, value) in call.headers {
            let value = HeaderValue::from_str(&value).map_err(|_| NoReply::Header(name))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let request = client.post(url).headers(headers).body(call.body);
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let kind = response.headers().get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok());
        let streamed = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
        let header = |name: &str| {
            let said = response.headers().get(name);
            said.and_then(|it| it.to_str().ok()).map(str::to_owned)
        };
        let mut reply = Reply {
            status: response.status().as_u16(),
            streamed,
            body: Vec::new(),
            whole: true,
            session: header("mcp-session-id"),
            retry_after: header("retry-after"),
        };
        while let Some(part) = response.chunk().await.map_err(|error| failed(&error))? {
            if reply.body.len() + part.len() > call.most {
                reply.whole = false;
                break;
            }
            reply.body.extend_from_slice(&part);
        }
        Ok(reply)
    }
}

/// Finds the machine behind an address; one that leads to where only we are is none.
async fn look_up(url: &Url, sandbox: bool) -> Result<SocketAddr, NoReply> {
    let port = url.port_or_known_default().unwrap_or(443);
    let host = match url.host().ok_or(NoAddress::Unreadable)? {
        Host::Ipv4(ip) => return Ok(SocketAddr::new(ip.into(), port)),
        Host::Ipv6(ip) => return Ok(SocketAddr::new(ip.into(), port)),
        Host::Domain(name) => name.to_owned(),
    };
    let found = tokio::time::timeout(CONNECT, tokio::net::lookup_host((host, port)));
    let found = found.await.map_err(|_| NoReply::Unknown)?;
    let all: Vec<SocketAddr> = found.map_err(|_| NoReply::Unknown)?.collect();
    if all.iter().any(|at| !address::may_reach(at.ip(), sandbox)) {
        return Err(NoAddress::Private.into());
    }
    all.first().copied().ok_or(NoReply::Unknown)
}

/// A client that calls this one machine and nobody else, and no proxy.
fn client(url: &Url, at: SocketAddr) -> Result<Client, NoReply> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .connect_timeout(CONNECT)
        .no_proxy()
        .no_gzip()
        .user_agent(concat!("flightdeck/", env!("CARGO_PKG_VERSION")));
    if let Some(Host::Domain(name)) = url.host() {
        builder = builder.resolve(name, at);
    }
    builder.build().map_err(|error| {
        tracing::error!(%error, "no client could be made");
        NoReply::Failed("it could not be called")
    })
}

/// What went wrong, without the address: that may carry a secret.
fn failed(error: &reqwest::Error) -> NoReply {
    NoReply::Failed(if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "it could not be reached"
    } else {
        "it broke off"
    })
}
