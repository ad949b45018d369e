//! One call to another company's HTTP API: a bounded body, a bounded time, no redirects, no second
//! try, and no connection that was used before, so that it is known of each call whether it can
//! have arrived. The key goes into its header and into nothing else.

use std::time::Duration;

use reqwest::{
    Client, Method,
    header::{HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::Silent;
use crate::{
    domain::text::inert,
    peers::once::{self, Cut},
};

/// The longest that is repeated of what the other side says, in characters.
const MOST_SAID: usize = 300;
/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest that anybody may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// How long things may take, and how large an answer may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// A question.
    pub read: Duration,
    /// What changes something there.
    pub send: Duration,
    /// The largest answer, in bytes.
    pub most: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            send: Duration::from_secs(20),
            most: 8 << 20,
        }
    }
}

/// What came of a call.
#[derive(Debug)]
pub(super) enum Came {
    /// An answer with this status, and its body where that is JSON.
    Answer(u16, Option<Value>),
    /// We are to come back later.
    Wait(Duration),
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
            Self::Answer(401, _) => "it does not take our key".into(),
            Self::Answer(403, body) => match body.as_ref().and_then(said) {
                Some(said) => format!("our key may not do that there: {said}"),
                None => "our key may not do that there".into(),
            },
            Self::Answer(404, body) => match body.as_ref().and_then(said) {
                Some(said) => format!("it does not know {what}: {said}"),
                None => format!("it does not know {what}"),
            },
            Self::Answer(status, body) => match body.as_ref().and_then(said) {
                Some(said) => format!("it answered {status}: {said}"),
                None => format!("it answered {status}"),
            },
            Self::Wait(wait) => format!("it asks us to wait {} s", wait.as_secs()),
            Self::Odd(300..=399, _) => {
                "it sends us to another address, as one does who wants a session".into()
            }
            Self::Odd(status, what) => format!("it answered {status} with {what}"),
            Self::Unreached(why) | Self::Broken(why) => (*why).to_owned(),
        }
    }
}

/// What an answer says of an error, in whichever of its shapes.
pub(super) fn said(body: &Value) -> Option<String> {
    let told = ["error", "detail", "message"];
    let told = told.iter().find_map(|name| body.get(name));
    let told = told.filter(|told| !told.is_null())?;
    let words = match told {
        Value::String(text) => match body.get("message").and_then(Value::as_str) {
            // A code, and a sentence beside it.
            Some(sentence) if sentence != text => sentence.to_owned(),
            _ => text.clone(),
        },
        Value::Object(map) => match map.get("message").or_else(|| map.get("code")) {
            Some(Value::String(text)) => text.clone(),
            _ => told.to_string(),
        },
        other => other.to_string(),
    };
    let short: String = words.chars().take(MOST_SAID).collect();
    Some(inert(&short))
}

/// What it takes to reach somebody.
#[derive(Debug, Clone)]
pub(super) struct Door {
    /// The header in which the key goes, and what stands before it there.
    pub header: (&'static str, &'static str),
    /// The key.
    pub key: Option<SecretString>,
    /// How long things may take.
    pub bounds: Bounds,
}

/// A client of one API.
pub(super) struct Http {
    client: Client,
    header: HeaderName,
    key: Option<HeaderValue>,
    most: usize,
}

impl Http {
    pub(super) fn new(door: Door) -> Result<Self, Silent> {
        let client =
            once::client(CONNECT.min(door.bounds.read)).map_err(|why| Silent(why.into()))?;
        let (name, before) = door.header;
        let sendable = |key: SecretString| {
            let text = format!("{before}{}", key.expose_secret());
            let mut value = HeaderValue::from_str(&text)
                .map_err(|_| Silent("its key holds what no key can hold".into()))?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok(Self {
            client,
            header: HeaderName::from_static(name),
            key: door.key.map(sendable).transpose()?,
            most: door.bounds.most,
        })
    }

    /// Calls once, with an idempotency key where there is one.
    pub(super) async fn call(
        &self,
        (method, url): (Method, Url),
        body: Option<&Value>,
        (mark, patience): (Option<&str>, Duration),
    ) -> Came {
        let mut request = self.client.request(method, url).timeout(patience);
        if let Some(key) = &self.key {
            request = request.header(&self.header, key.clone());
        }
        if let Some(mark) = mark {
            request = request.header("idempotency-key", mark);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Cut::of(&error).into(),
        };
        let status = response.status().as_u16();
        let headers = response.headers();
        if status == 429 {
            let wait = headers.get(RETRY_AFTER).and_then(|said| said.to_str().ok());
            let wait = wait.and_then(|said| said.trim().parse().ok()).unwrap_or(5);
            return Came::Wait(Duration::from_secs(wait).min(LONGEST_WAIT));
        }
        if (300..=399).contains(&status) && headers.contains_key(LOCATION) {
            return Came::Odd(status, "another address");
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_in_each_of_their_shapes() {
        for (body, expected) in [
            (
                json!({"error": "Contact not found"}),
                Some("Contact not found"),
            ),
            (
                json!({"error": {"code": "X", "message": "boom"}}),
                Some("boom"),
            ),
            (
                json!({"error": "workflow_expired", "message": "too late"}),
                Some("too late"),
            ),
            (json!({"message": "no"}), Some("no")),
            (json!({"data": []}), None),
            (json!({"error": null}), None),
        ] {
            assert_eq!(said(&body).as_deref(), expected, "{body}");
        }
    }
}
