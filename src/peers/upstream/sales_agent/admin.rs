//! The pages on which the people of a public sales agent decide: the one way on which an approval
//! there takes effect, because its tool for tasks ticks the task and leaves the media buy waiting.
//! Needs the cookie of a person who is signed in. Says nothing of what came of it: the pages send
//! whoever asks back in every case, so that is read.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Client,
    header::{CONTENT_TYPE, COOKIE, HeaderValue, LOCATION},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::super::{Sent, Silent, Told, read::clip};
use crate::domain::media_buy::upstream::deed::Say;

/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const MOST: usize = 1 << 20;

/// Reads the cookie of a person who is signed in, each time that it is needed: people sign in again
/// and put another one in its place.
#[derive(Clone)]
pub struct Session(Arc<dyn Fn() -> Result<SecretString, String> + Send + Sync>);

impl Session {
    /// One that is read so.
    pub fn new(read: impl Fn() -> Result<SecretString, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// One that stays the same.
    #[must_use]
    pub fn fixed(cookie: SecretString) -> Self {
        Self::new(move || Ok(cookie.clone()))
    }

    fn read(&self) -> Result<HeaderValue, String> {
        let cookie = (self.0)()?;
        let mut cookie = HeaderValue::from_str(cookie.expose_secret().trim())
            .map_err(|_| "its session holds what no cookie can hold".to_owned())?;
        cookie.set_sensitive(true);
        Ok(cookie)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Session(..)")
    }
}

/// What it takes to decide there.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where its pages are.
    pub url: Url,
    /// The tenant's id there.
    pub tenant: String,
    /// Reads the cookie of a person who is signed in, as it is sent.
    pub session: Session,
    /// How long it may take: it tells the buyer before it answers.
    pub patience: Duration,
}

/// The pages of one sales agent.
pub(super) struct Admin {
    client: Client,
    url: Url,
    tenant: String,
    session: Session,
    patience: Duration,
}

impl Admin {
    pub(super) fn new(settings: Settings) -> Result<Self, Silent> {
        let client = Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .map_err(|_| Silent("no client could be made on this machine".into()))?;
        settings.session.read().map_err(Silent)?;
        if settings.url.cannot_be_a_base() {
            return Err(Silent("the address of its pages is none of the web".into()));
        }
        Ok(Self {
            client,
            url: settings.url,
            tenant: settings.tenant,
            session: settings.session,
            patience: settings.patience,
        })
    }

    fn at(&self, parts: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["tenant", &self.tenant])
                .extend(parts);
        }
        url
    }

    /// Decides once. A whole buy goes by its form, which also tells its buyer and is the only one
    /// that rejects it; a change goes by its step.
    pub(super) async fn decide(&self, id: &str, say: &Say) -> Sent<Told> {
        let verb = if say.yes { "approve" } else { "reject" };
        let reason = say.reason.as_deref().unwrap_or_default();
        let (url, kind, body) =
            if let Some(context) = say.context_id.as_deref().filter(|_| say.change) {
                let steps = ["workflows", context, "steps", &say.task_id, verb];
                let body = json!({ "reason": reason }).to_string();
                (self.at(&steps), "application/json", body)
            } else {
                let body = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("action", verb), ("reason", reason)])
                    .finish();
                let form = "application/x-www-form-urlencoded";
                (self.at(&["media-buy", id, "approve"]), form, body)
            };
        let session = match self.session.read() {
            Ok(session) => session,
            Err(why) => return Sent::NotDone(format!("nobody is signed in to its pages: {why}")),
        };
        let request = self
            .client
            .post(url)
            .timeout(self.patience)
            .header(COOKIE, session)
            .header(CONTENT_TYPE, kind)
            .body(body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Sent::NotDone("its pages could not be reached".into());
            }
            Err(error) if error.is_timeout() => {
                return Sent::Lost("its pages did not answer in time".into());
            }
            Err(_) => return Sent::Lost("its pages broke off".into()),
        };
        let status = response.status().as_u16();
        let to = response.headers().get(LOCATION);
        let to = to.and_then(|to| to.to_str().ok()).unwrap_or_default();
        let sign_in = to.contains("/login") || to.contains("/auth");
        match status {
            300..=399 if sign_in => Sent::Refused(SIGN_IN.into()),
            401 | 403 => Sent::Refused(SIGN_IN.into()),
            300..=399 => Sent::Done(Told::default()),
            404 => Sent::Refused("its pages do not know this question any more".into()),
            _ => self.read(status, response).await,
        }
    }

    async fn read(&self, status: u16, mut response: reqwest::Response) -> Sent<Told> {
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(part)) if bytes.len() + part.len() <= MOST => {
                    bytes.extend_from_slice(&part);
                }
                Ok(None) => break,
                Ok(Some(_)) | Err(_) => return Sent::Lost("its pages broke off".into()),
            }
        }
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let error = body.get("error").and_then(Value::as_str).map(clip);
        match (status, body.get("success").and_then(Value::as_bool), error) {
            (_, Some(false), error) => {
                Sent::Refused(error.unwrap_or_else(|| "it says that it did not work".into()))
            }
            (200..=299, Some(true), _) => Sent::Done(Told::default()),
            (400..=499, _, error) => {
                Sent::Refused(error.unwrap_or_else(|| format!("its pages answered {status}")))
            }
            _ => Sent::Lost(format!("its pages answered {status}")),
        }
    }
}

const SIGN_IN: &str = "its pages want a person to sign in: the session is over; sign in there and put the new cookie in the place of the old, it is read again each time";
