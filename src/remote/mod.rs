//! Our own engine somewhere else: the same operations, asked over HTTP. Knows where it is, how we
//! are known to it, and what time it is there. Refuses to send a key in the clear to another
//! machine, to follow anybody elsewhere, and to read without end.

mod asking;
mod lost;
mod watching;

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use reqwest::{
    Certificate, Client, ClientBuilder, RequestBuilder,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use crate::{
    domain::{
        ids::TenantId,
        when::{Instant, stored},
    },
    engine::{
        clock::{Clock as _, SystemClock},
        fault::{Fault, FaultKind},
        who::{Met, SPEAKS, Who},
    },
};

pub use lost::is_away;
pub use watching::{Heard, Watching};

/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_mins(1);
/// How often a connection that many questions share is tried, and how long that may take.
const TRY: Duration = Duration::from_secs(5);
/// The header that names the tenant, for whoever looks after all of them.
const TENANT: &str = "x-adcp-tenant";

/// Where an engine is, and how we are known to it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Its address, such as `https://ads.example`.
    pub url: String,
    /// Our key.
    pub token: Option<SecretString>,
    /// The certificates, in PEM, of the only authority that is trusted; those of the system
    /// where it is not said.
    pub authority: Option<Vec<u8>>,
    /// Whether the key may go to another machine in the clear.
    pub insecure: bool,
}

/// An engine somewhere else; clones are the same one.
#[derive(Clone)]
pub struct Remote {
    inner: Arc<Inner>,
    tenant: Option<TenantId>,
}

struct Inner {
    at: Url,
    name: String,
    client: Client,
    clock: SystemClock,
    /// How far the clock there is before ours, in microseconds; unknown at first.
    ahead: AtomicI64,
}

/// That nobody has told what time it is there.
const UNKNOWN: i64 = i64::MIN;

impl fmt::Debug for Remote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Remote({})", self.inner.name)
    }
}

impl Remote {
    /// Gets ready to ask; calls nobody.
    ///
    /// # Errors
    /// When the address is none, a key would go over the net in the clear, or a certificate
    /// cannot be read.
    pub fn new(place: &Place) -> Result<Self, Fault> {
        // A second one is refused, and the first is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let at = address(&place.url)?;
        let here = is_here(&at);
        if at.scheme() == "http" && !here && !place.insecure {
            let message = "the address is plain http, and leads to another machine";
            return Err(unusable(message).hint(
                "use https, or say `insecure = true` in its profile where the line is safe",
            ));
        }
        let mut headers = HeaderMap::new();
        if let Some(token) = &place.token {
            let bearer = format!("Bearer {}", token.expose_secret());
            let mut bearer = HeaderValue::try_from(bearer)
                .map_err(|_| unusable("the token holds what no header can"))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let mut builder = client().default_headers(headers);
        if here {
            builder = builder.no_proxy();
        }
        if let Some(pem) = &place.authority {
            let all = Certificate::from_pem_bundle(pem).ok();
            let all = all.filter(|all| !all.is_empty());
            let message = "the certificates of its authority cannot be read";
            let all = all.ok_or_else(|| unusable(message).hint("`ca_file` is a file of PEM"))?;
            builder = builder.tls_certs_only(all);
        }
        let client = builder.build().map_err(|error| {
            tracing::error!(%error, "no client could be made");
            unusable("the engine cannot be called from here")
        })?;
        let port = at.port().map_or_else(String::new, |it| format!(":{it}"));
        let name = format!("{}{port}", at.host_str().unwrap_or_default());
        let inner = Inner {
            at,
            name,
            client,
            clock: SystemClock::default(),
            ahead: AtomicI64::new(UNKNOWN),
        };
        Ok(Self {
            inner: Arc::new(inner),
            tenant: None,
        })
    }

    /// The same engine, asked for a tenant that we look after.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Self {
        Self {
            tenant: Some(tenant),
            ..self.clone()
        }
    }

    /// Its host, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Asks who we are there, and whether it speaks as we do.
    ///
    /// # Errors
    /// When it does not answer, does not know us, or speaks otherwise.
    pub async fn meet(&self) -> Result<Met, Fault> {
        self.known(self.ask(&Who {}, None).await)
    }

    /// The same, tried once: for whoever goes on trying.
    ///
    /// # Errors
    /// As when it is met.
    pub async fn knock(&self) -> Result<Met, Fault> {
        self.known(self.ask_once(&Who {}).await)
    }

    /// Whether whoever answered speaks as we do.
    fn known(&self, met: Result<Met, Fault>) -> Result<Met, Fault> {
        let met = match met {
            Ok(met) => met,
            Err(fault) if fault.code == "OPERATION_NOT_FOUND" => {
                return Err(self.otherwise("an older version of flightdeck"));
            }
            Err(fault) => return Err(fault),
        };
        if met.speaks != SPEAKS {
            return Err(self.otherwise(&format!("flightdeck {}", met.version)));
        }
        Ok(met)
    }

    /// What time it is there, as far as we know.
    #[must_use]
    pub fn now(&self) -> Instant {
        let ahead = match self.inner.ahead.load(Ordering::Relaxed) {
            UNKNOWN => 0,
            ahead => ahead,
        };
        stored(self.inner.clock.now() + chrono::Duration::microseconds(ahead))
    }

    /// Learns that it was this time there at some moment between two of ours.
    fn learn(&self, there: i64, (sent, came): (Instant, Instant)) {
        let least = there.saturating_sub(came.timestamp_micros());
        let most = there.saturating_sub(sent.timestamp_micros()).max(least);
        let middle = least.midpoint(most);
        let fit = |known: i64| match known {
            UNKNOWN => middle,
            known => known.clamp(least, most),
        };
        let ahead = &self.inner.ahead;
        // Another answer that came meanwhile is as good.
        let order = Ordering::Relaxed;
        let _ = ahead.fetch_update(order, order, |known| Some(fit(known)));
    }

    /// A request there, for the tenant that is meant.
    fn request(&self, method: reqwest::Method, path: &str) -> Result<RequestBuilder, Fault> {
        let url = self.inner.at.join(path).map_err(Fault::broken)?;
        let request = self.inner.client.request(method, url);
        Ok(match &self.tenant {
            Some(tenant) => request.header(TENANT, tenant.as_str()),
            None => request,
        })
    }

    /// It cannot be talked with.
    fn otherwise(&self, there: &str) -> Fault {
        let (name, here) = (self.name(), env!("CARGO_PKG_VERSION"));
        let message = format!(
            "the engine at {name} is {there}, which speaks otherwise than flightdeck {here}"
        );
        Fault::new(FaultKind::Broken, "SPEAKS_OTHERWISE", message)
            .hint("use the same version at both ends")
    }
}

/// What all calls have in common.
fn client() -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE)
        .http2_keep_alive_interval(TRY)
        .http2_keep_alive_timeout(TRY)
        .http2_keep_alive_while_idle(true)
        .user_agent(concat!("flightdeck/", env!("CARGO_PKG_VERSION")))
}

/// Reads an address, so that paths can be joined to it.
fn address(text: &str) -> Result<Url, Fault> {
    let wrong = |why: &str| {
        unusable(&format!("the address of the engine {why}"))
            .hint("such as https://ads.example, or http://127.0.0.1:8001")
    };
    let mut at = Url::parse(text).map_err(|_| wrong("is none"))?;
    if !matches!(at.scheme(), "http" | "https") || at.host().is_none() {
        return Err(wrong("is neither http nor https"));
    }
    if !at.username().is_empty() || at.password().is_some() {
        return Err(wrong("carries a name or a password"));
    }
    if at.query().is_some() || at.fragment().is_some() {
        return Err(wrong("says more than where it is"));
    }
    if !at.path().ends_with('/') {
        let path = format!("{}/", at.path());
        at.set_path(&path);
    }
    Ok(at)
}

/// Whether an address leads to this very machine.
fn is_here(at: &Url) -> bool {
    match at.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    }
}

fn unusable(message: &str) -> Fault {
    Fault::new(FaultKind::Invalid, "UNUSABLE_ENGINE", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(url: &str, insecure: bool) -> Result<(), String> {
        let place = Place {
            url: url.into(),
            insecure,
            ..Place::default()
        };
        Remote::new(&place).map(drop).map_err(|fault| fault.message)
    }

    #[test]
    fn a_key_goes_over_the_net_in_tls_or_on_purpose() {
        for url in [
            "https://ads.example",
            "http://127.0.0.1:8001",
            "http://localhost:8001/desk",
            "http://[::1]:8001",
        ] {
            assert_eq!(verdict(url, false), Ok(()), "{url}");
        }
        let said = verdict("http://ads.example", false).expect_err("in the clear");
        assert!(said.contains("plain http"), "{said}");
        assert_eq!(verdict("http://ads.example", true), Ok(()));
        for url in [
            "ads.example",
            "ftp://ads.example",
            "https://me:secret@ads.example",
            "https://ads.example/?key=1",
        ] {
            let said = verdict(url, true).expect_err(url);
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn the_clock_there_is_learned_from_every_answer() {
        let place = Place {
            url: "http://localhost:1".into(),
            ..Place::default()
        };
        let remote = Remote::new(&place).expect("ready");
        let at = |micros| Instant::from_timestamp_micros(micros).expect("an instant");
        let ahead = || remote.inner.ahead.load(Ordering::Relaxed);
        // It took 200 from asking to hearing, and was 1000 later there.
        remote.learn(1_150, (at(100), at(300)));
        assert_eq!(ahead(), 950);
        remote.learn(11_000, (at(10_000), at(10_020)));
        assert_eq!(ahead(), 980, "a quicker answer knows it better");
        remote.learn(21_000, (at(20_000), at(21_000)));
        assert_eq!(ahead(), 980, "a slow one changes nothing that may be so");
        remote.learn(90_000, (at(30_000), at(30_010)));
        assert_eq!(ahead(), 59_990, "the clock was turned there");
    }

    #[test]
    fn a_token_is_never_printed() {
        let place = Place {
            url: "http://localhost:1".into(),
            token: Some("fd_secret_canary".to_owned().into()),
            ..Place::default()
        };
        let remote = Remote::new(&place).expect("ready");
        let request = remote.request(reqwest::Method::GET, "events");
        let printed = format!("{place:?} {remote:?} {request:?} {:?}", remote.inner.client);
        assert!(!printed.contains("canary"), "{printed}");
        assert!(printed.contains("localhost"), "{printed}");
    }
}
