//! One call to a seller somewhere else: a bounded body, a bounded time, no redirects, no second
//! try, and no connection that was used before, so that it is known of each call whether it can
//! have arrived. The key goes into one header and into nothing else.

use std::time::Duration;

use reqwest::{
    Client, Method,
    header::{HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{Silent, reading};
use crate::{
    domain::text::inert,
    peers::{
        once::{self, Cut},
        seller::SellerFault,
    },
};

/// The longest that is repeated of what the other side says, in characters.
const MOST_SAID: usize = 300;
/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);

/// Which header a key stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyHeader {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// `X-API-Key: KEY`.
    ApiKey,
    /// `x-adcp-auth: KEY`.
    AdcpAuth,
}

impl KeyHeader {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bearer, Self::ApiKey, Self::AdcpAuth];

    /// The name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::ApiKey => "x-api-key",
            Self::AdcpAuth => "x-adcp-auth",
        }
    }

    fn header(self) -> &'static str {
        match self {
            Self::Bearer => "authorization",
            Self::ApiKey => "x-api-key",
            Self::AdcpAuth => "x-adcp-auth",
        }
    }
}

/// How long calls may take, and how much of an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// A question.
    pub read: Duration,
    /// Something that is changed there.
    pub change: Duration,
    /// The largest answer, in bytes.
    pub most: usize,
    /// The most products that are read of one seller.
    pub products: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            change: Duration::from_secs(30),
            most: 8 << 20,
            products: 5_000,
        }
    }
}

/// What it takes to reach a seller.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub url: Url,
    /// Its key; none where it has no lock.
    pub key: Option<SecretString>,
    /// Which header that stands in.
    pub header: KeyHeader,
    /// How long things may take.
    pub bounds: Bounds,
}

/// What came of a call.
#[derive(Debug)]
pub enum Came {
    /// An answer with this status, and its body where that is JSON.
    Answer(u16, Option<Value>),
    /// An answer with this status and a body that is no JSON, described.
    Odd(u16, &'static str),
    /// Nobody was there: nothing was sent.
    Unreached(&'static str),
    /// It broke off or took too long: what was sent may have arrived.
    Broken(&'static str),
}

impl From<Cut> for Came {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Unreached(why) => Self::Unreached(why),
            Cut::Broken(why) => Self::Broken(why),
        }
    }
}

impl Came {
    /// The body of a success.
    #[must_use]
    pub fn done(&self) -> Option<&Value> {
        match self {
            Self::Answer(200..=299, Some(body)) => Some(body),
            _ => None,
        }
    }

    /// Whether the other side says that what was asked for is not there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Answer(404 | 410, _))
    }

    /// Whether the other side says that it clashes with something that is there already.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Answer(409, _))
    }

    /// Whether what was sent was certainly turned down, for good.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Answer(400..=499, _) => !self.is_passing(),
            _ => false,
        }
    }

    fn is_passing(&self) -> bool {
        matches!(self, Self::Answer(401 | 403 | 404 | 408 | 425 | 429, _))
    }

    /// In words, for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Answer(401 | 403, _) => "it does not take our key".into(),
            Self::Answer(status, body) => match body.as_ref().and_then(reading::said) {
                Some(said) => {
                    let said: String = said.chars().take(MOST_SAID).collect();
                    format!("it answered {status}: {}", inert(&said))
                }
                None => format!("it answered {status}"),
            },
            Self::Odd(status, what) => format!("it answered {status} with {what}"),
            Self::Unreached(why) | Self::Broken(why) => (*why).to_owned(),
        }
    }

    /// What a change that did not come to a success means: refused for good, or to be looked for.
    #[must_use]
    pub fn fault(&self) -> SellerFault {
        if self.is_refusal() {
            SellerFault::Refused(self.words())
        } else {
            SellerFault::Passing(self.words())
        }
    }
}

/// A client of one seller.
pub struct Http {
    client: Client,
    key: Option<(HeaderName, HeaderValue)>,
    url: Url,
    place: String,
    /// How long things may take.
    pub bounds: Bounds,
}

impl Http {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS, or the key is none that can be sent.
    pub fn new(settings: Settings) -> Result<Self, Silent> {
        let url = once::base(settings.url).map_err(|why| Silent(why.into()))?;
        let bounds = settings.bounds;
        let client =
            once::client(CONNECT.min(settings.bounds.read)).map_err(|why| Silent(why.into()))?;
        let header = settings.header;
        let sendable = |key: SecretString| {
            let text = match header {
                KeyHeader::Bearer => format!("Bearer {}", key.expose_secret()),
                KeyHeader::ApiKey | KeyHeader::AdcpAuth => key.expose_secret().to_owned(),
            };
            let mut value = HeaderValue::from_str(&text)
                .map_err(|_| Silent("its key holds what no key can hold".into()))?;
            value.set_sensitive(true);
            Ok((HeaderName::from_static(header.header()), value))
        };
        Ok(Self {
            client,
            key: settings.key.map(sendable).transpose()?,
            place: url.as_str().trim_end_matches('/').to_owned(),
            url,
            bounds,
        })
    }

    /// Where the seller is, for people.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// An address below the base; each part is one part of it, whatever is in it.
    #[must_use]
    pub fn at(&self, parts: &[&str]) -> Url {
        once::below(&self.url, parts)
    }

    /// Asks once.
    pub async fn get(&self, url: Url) -> Came {
        self.call(Method::GET, url, None, self.bounds.read).await
    }

    /// Asks once, for JSON that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn read(&self, url: Url) -> Result<Value, Silent> {
        match self.get(url).await {
            Came::Answer(200..=299, Some(body)) => Ok(body),
            came => Err(Silent(came.words())),
        }
    }

    /// Asks once with a body.
    pub async fn ask(&self, method: Method, url: Url, body: &Value) -> Came {
        self.call(method, url, Some(body), self.bounds.read).await
    }

    /// Sends something once that changes something there.
    pub async fn change(&self, method: Method, url: Url, body: Option<&Value>) -> Came {
        self.call(method, url, body, self.bounds.change).await
    }

    async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        patience: Duration,
    ) -> Came {
        let mut request = self.client.request(method, url).timeout(patience);
        request = request.header("accept", "application/json");
        if let Some((name, value)) = &self.key {
            request = request.header(name.clone(), value.clone());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Cut::of(&error).into(),
        };
        let status = response.status().as_u16();
        let shown = self.key.as_ref().map(|(_, shown)| shown);
        let bytes = match once::read(&mut response, self.bounds.most, shown).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Came::Odd(status, "more than anybody reads"),
            Err(error) => return Cut::of(&error).into(),
        };
        match once::json(&bytes) {
            Ok(told) => Came::Answer(status, told),
            Err(what) => Came::Odd(status, what),
        }
    }
}
