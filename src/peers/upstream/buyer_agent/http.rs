//! One call to a buyer agent: a bounded body, a bounded time, no redirects, no second try, and no
//! connection that was used before, so that it is known of each call whether it can have arrived.
//! The key goes into the header and into nothing else.

use std::time::Duration;

use reqwest::{Client, Method, header::HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{super::Silent, Bounds, wire};
use crate::peers::once::{self, Cut};

/// The longest that is repeated of what the other side says, in characters.
const MOST_SAID: usize = 300;
/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);

/// What came of a call.
#[derive(Debug)]
pub(super) enum Came {
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
    /// In words, for people.
    pub(super) fn words(&self, what: &str) -> String {
        match self {
            Self::Answer(401 | 403, _) => "it does not take our key".into(),
            Self::Answer(404, _) => format!("it does not know {what}"),
            Self::Answer(status, body) => match body.as_ref().and_then(wire::said) {
                Some(said) => {
                    let said: String = said.chars().take(MOST_SAID).collect();
                    format!(
                        "it answered {status}: {}",
                        crate::domain::text::inert(&said)
                    )
                }
                None => format!("it answered {status}"),
            },
            Self::Odd(status, what) => format!("it answered {status} with {what}"),
            Self::Unreached(why) | Self::Broken(why) => (*why).to_owned(),
        }
    }
}

/// A client of one buyer agent.
pub(super) struct Http {
    client: Client,
    key: Option<HeaderValue>,
    most: usize,
}

impl Http {
    pub(super) fn new(key: Option<SecretString>, bounds: Bounds) -> Result<Self, Silent> {
        let client = once::client(CONNECT.min(bounds.read)).map_err(|why| Silent(why.into()))?;
        let sendable = |key: SecretString| {
            let mut value = HeaderValue::from_str(key.expose_secret())
                .map_err(|_| Silent("its key holds what no key can hold".into()))?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok(Self {
            client,
            key: key.map(sendable).transpose()?,
            most: bounds.most,
        })
    }

    /// Calls once.
    pub(super) async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        patience: Duration,
    ) -> Came {
        let mut request = self.client.request(method, url).timeout(patience);
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key.clone());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Cut::of(&error).into(),
        };
        let status = response.status().as_u16();
        let shown = self.key.as_ref();
        let bytes = match once::read(&mut response, self.most, shown).await {
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
