//! One message to an MCP server: a bounded body, a bounded time, no redirects, no second try, and
//! no connection that was used before, so that it is known of each message whether it can have
//! arrived. The key goes into the headers and into nothing else.

use std::time::Duration;

use reqwest::{
    Client, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
};
use serde_json::{Map, Value};
use url::Url;

use super::{
    fault::{AUTH_REQUIRED, Fault, NOT_THERE, few},
    stream::{Events, whole},
};
use crate::peers::{
    once::{self, Cut},
    upstream::Silent,
};

/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);
/// The header in which a session is named.
const SESSION: &str = "mcp-session-id";

/// What came of a message.
#[derive(Debug)]
pub(super) enum Came {
    /// It was answered by this message, in this session if one was begun.
    Answer(u16, Map<String, Value>, Option<String>),
    /// It was taken without an answer.
    Taken,
    /// What came is no answer.
    Odd(Odd),
    /// Nobody was there: nothing was sent.
    Unreached,
    /// It broke off or took too long: what was sent may have arrived.
    Broken(&'static str),
}

/// What came in place of an answer.
#[derive(Debug)]
pub(super) struct Odd {
    /// The status.
    pub(super) status: u16,
    /// What the body is.
    what: String,
    /// After what time to come again.
    wait: Option<Duration>,
    /// Where it sends whoever asks.
    pub(super) location: Option<String>,
}

impl Came {
    /// What it means for whoever called, where it is no answer.
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::Unreached => Fault::passing("it could not be reached"),
            Self::Broken(why) => Fault::lost(why),
            Self::Taken => Fault::lost("it took the call and answered nothing"),
            Self::Answer(_, message, _) => match message.get("error") {
                Some(Value::Object(error)) => Fault::of_rpc(error),
                _ => Fault::lost("it answered with what is no answer"),
            },
            Self::Odd(odd) => odd.fault(),
        }
    }
}

impl Odd {
    fn fault(self) -> Fault {
        let Self {
            status, what, wait, ..
        } = self;
        let words = format!("it answered {status} with {what}");
        match status {
            401 | 403 => Fault::refused(AUTH_REQUIRED, "it does not take our key"),
            404 | 405 | 410 => {
                let words = format!("there is no MCP server at this address: {words}");
                Fault::refused(NOT_THERE, words)
            }
            300..=399 => Fault::refused(
                NOT_THERE,
                format!("it sends us elsewhere, as where a person is to sign in: {words}"),
            ),
            429 => Fault::passing(words).after(wait),
            408 => Fault::lost(words),
            400..=499 => Fault::refused("", words),
            _ => Fault::lost(words).after(wait),
        }
    }
}

/// What sends messages to one server.
pub(super) struct Post {
    client: Client,
    headers: HeaderMap,
    most: usize,
}

impl Post {
    pub(super) fn new(headers: HeaderMap, most: usize) -> Result<Self, Silent> {
        let client = once::client(CONNECT).map_err(|why| Silent(why.into()))?;
        Ok(Self {
            client,
            headers,
            most,
        })
    }

    /// Sends one message, and reads until it is answered. `id` is its number, where it has one.
    pub(super) async fn send(
        &self,
        url: &Url,
        message: &Value,
        id: Option<u64>,
        extra: &[(&'static str, String)],
        patience: Duration,
    ) -> Came {
        let mut request = self
            .client
            .post(url.clone())
            .timeout(patience)
            .headers(self.headers.clone())
            .header(ACCEPT, "application/json, text/event-stream");
        for (name, value) in extra {
            if let Ok(value) = HeaderValue::from_str(value) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        match request.json(message).send().await {
            Ok(response) => self.read(response, id).await,
            Err(error) => failed(&error),
        }
    }

    async fn read(&self, mut response: Response, id: Option<u64>) -> Came {
        let status = response.status();
        let header = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.trim().to_owned())
        };
        let session = header(SESSION).filter(|session| session.len() <= 512);
        let kind = header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let wait = header(RETRY_AFTER.as_str()).and_then(|text| text.parse().ok());
        let mut odd = Odd {
            status: status.as_u16(),
            what: String::new(),
            wait: wait.map(Duration::from_secs),
            location: header(LOCATION.as_str()),
        };
        let Some(id) = id.filter(|_| status != StatusCode::ACCEPTED) else {
            return if status.is_success() {
                Came::Taken
            } else {
                Came::Odd(odd)
            };
        };
        let mut events = kind.starts_with("text/event-stream").then(Events::default);
        let mut bytes = Vec::new();
        let mut length = 0;
        loop {
            let part = match response.chunk().await {
                Ok(None) => break,
                Ok(Some(part)) => part,
                Err(error) => return failed(&error),
            };
            length += part.len();
            if length > self.most {
                "more than anybody reads".clone_into(&mut odd.what);
                return Came::Odd(odd);
            }
            match &mut events {
                None => bytes.extend_from_slice(&part),
                Some(events) => {
                    if let Some(message) = events.take(&part, id) {
                        return Came::Answer(status.as_u16(), message, session);
                    }
                }
            }
        }
        let streamed = events.is_some();
        let found = match events {
            Some(events) => events.end(id),
            None => whole(&bytes, id),
        };
        if let Some(message) = found {
            return Came::Answer(status.as_u16(), message, session);
        }
        if streamed && status.is_success() {
            return Came::Broken("it ended before it had answered");
        }
        odd.what = described(&bytes, &kind);
        Came::Odd(odd)
    }
}

/// What a body is, in a few words.
fn described(bytes: &[u8], kind: &str) -> String {
    let begins = bytes.trim_ascii_start();
    if begins.is_empty() {
        return "nothing".to_owned();
    }
    if begins.starts_with(b"<") || kind.starts_with("text/html") {
        return "a web page".to_owned();
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(begins) else {
        return "something that is no JSON".to_owned();
    };
    let error = body.get("error").or_else(|| body.get("detail"));
    let text = match error {
        Some(Value::Object(error)) => error.get("message").and_then(Value::as_str),
        Some(Value::String(text)) => Some(text.as_str()),
        _ => body.get("message").and_then(Value::as_str),
    };
    text.map_or_else(|| "JSON that is no answer".to_owned(), few)
}

/// Why nothing came, without the address: that may hold a secret.
fn failed(error: &reqwest::Error) -> Came {
    match Cut::of(error) {
        Cut::Unreached(_) => Came::Unreached,
        Cut::Broken(why) => Came::Broken(why),
    }
}
