//! A slot service by its REST API, as it is documented: bearer keys, lists in more than one
//! envelope, 409 for what somebody else has, 404 for a booking that was called off already. Reads
//! what it can, and leaves empty what it cannot.

mod wire;

use async_trait::async_trait;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::{
    Silent,
    call::{Bounds, Came, Door, Http, said},
    slots::{Away, Page, Place, SlotService, Taken, Told, Which},
};
use crate::{
    domain::{
        slot::{
            guest::Guest,
            upstream::shown::{ShownBooking, ShownResource, ShownSlot},
        },
        when::{Instant, rfc3339},
    },
    peers::once::{base, below},
};

/// How many are asked for at once.
const PAGE: &str = "100";

/// What it takes to reach a slot service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where its API is: what comes before `/bookings`.
    pub url: Url,
    /// Its key; none where it has no lock.
    pub key: Option<SecretString>,
    /// How long things may take.
    pub bounds: Bounds,
}

/// A slot service.
pub struct Service {
    http: Http,
    place: String,
    url: Url,
    bounds: Bounds,
}

impl Service {
    /// Gets ready; nothing is asked before somebody does.
    ///
    /// # Errors
    /// When this machine has no TLS, or the key is none that can be sent.
    pub fn new(settings: Settings) -> Result<Self, Silent> {
        let url = base(settings.url).map_err(|why| Silent(why.into()))?;
        let door = Door {
            header: ("authorization", "Bearer "),
            key: settings.key,
            bounds: settings.bounds,
        };
        Ok(Self {
            http: Http::new(door)?,
            place: url.as_str().trim_end_matches('/').to_owned(),
            url,
            bounds: settings.bounds,
        })
    }

    async fn get(&self, url: Url, what: &str) -> Result<Option<Value>, Away> {
        let came = self
            .http
            .call((Method::GET, url), None, (None, self.bounds.read))
            .await;
        match came {
            Came::Answer(200..=299, Some(body)) => Ok(Some(body)),
            Came::Answer(404, _) => Ok(None),
            came => Err(away(&came, what)),
        }
    }

    async fn list<T>(
        &self,
        mut url: Url,
        (place, what): (&Place, &str),
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Page<T>, Away> {
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("limit", PAGE);
            match &place.cursor {
                Some(cursor) => query.append_pair("cursor", cursor),
                None => query.append_pair("offset", &place.offset.to_string()),
            };
        }
        let found = self.get(url, what).await?;
        let body = found.ok_or_else(|| no(format!("it has no {what} at this address")))?;
        wire::page(&body, place, read).ok_or_else(|| unlike(&body, what))
    }

    async fn send<T>(
        &self,
        (method, url): (Method, Url),
        (body, mark): (Option<&Value>, Option<&str>),
        read: impl FnOnce(Option<&Value>) -> Option<T>,
    ) -> Told<T> {
        let patience = (mark, self.bounds.send);
        let came = self.http.call((method, url), body, patience).await;
        let words = came.words("it");
        match came {
            Came::Answer(200..=299, body) => match read(body.as_ref()) {
                Some(read) => Told::Done(read),
                None => Told::Lost(body.as_ref().and_then(said).unwrap_or(words)),
            },
            Came::Answer(409, body) => Told::Taken(match &body {
                Some(body) => wire::taken(body),
                None => Taken {
                    words,
                    ..Taken::default()
                },
            }),
            Came::Wait(_) | Came::Unreached(_) => Told::NotDone(away(&came, "it")),
            Came::Answer(408, _) | Came::Odd(408, _) => Told::Lost(words),
            Came::Answer(status @ 300..=499, _) | Came::Odd(status @ 300..=499, _) => {
                Told::Refused(status, words)
            }
            _ => Told::Lost(words),
        }
    }
}

#[async_trait]
impl SlotService for Service {
    fn place(&self) -> &str {
        &self.place
    }

    async fn resources(&self, place: &Place) -> Result<Page<ShownResource>, Away> {
        let mut url = below(&self.url, &["bookings", "resources"]);
        url.query_pairs_mut().append_pair("includeInactive", "true");
        self.list(url, (place, "list of resources"), wire::resource)
            .await
    }

    async fn bookings(&self, which: &Which, place: &Place) -> Result<Page<ShownBooking>, Away> {
        let mut url = below(&self.url, &["bookings"]);
        if let Some(resource) = &which.resource {
            url.query_pairs_mut().append_pair("resourceId", resource);
        }
        within(&mut url, which.from, which.to);
        self.list(url, (place, "list of bookings"), wire::booking)
            .await
    }

    async fn booking(&self, id: &str) -> Result<Option<ShownBooking>, Away> {
        let url = below(&self.url, &["bookings", id]);
        let Some(body) = self.get(url, "the booking").await? else {
            return Ok(None);
        };
        let shown = wire::booking(wire::inside(&body, "booking"));
        shown.map(Some).ok_or_else(|| unlike(&body, "a booking"))
    }

    async fn availability(
        &self,
        resource: &str,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<ShownSlot>, Away> {
        let parts = ["bookings", "resources", resource, "availability"];
        let mut url = below(&self.url, &parts);
        within(&mut url, from, to);
        let found = self.get(url, "the resource").await?;
        let body = found.ok_or_else(|| no("it does not know the resource".to_owned()))?;
        wire::slots(&body).ok_or_else(|| unlike(&body, "what is free"))
    }

    async fn book(&self, slot: &str, guest: &Guest, mark: &str) -> Told<ShownBooking> {
        let body = wire::order(slot, guest);
        let url = below(&self.url, &["bookings"]);
        let read = |body: Option<&Value>| wire::booking(wire::inside(body?, "booking"));
        self.send((Method::POST, url), (Some(&body), Some(mark)), read)
            .await
    }

    async fn cancel(&self, id: &str) -> Told<()> {
        let url = below(&self.url, &["bookings", id]);
        let agreed = |body: Option<&Value>| {
            let said = body.and_then(|body| body.get("success"));
            (said != Some(&Value::Bool(false))).then_some(())
        };
        self.send((Method::DELETE, url), (None, None), agreed).await
    }

    async fn write_resource(
        &self,
        id: Option<&str>,
        fields: &Map<String, Value>,
        mark: &str,
    ) -> Told<String> {
        let body = Value::Object(fields.clone());
        let mut parts = vec!["bookings", "resources"];
        parts.extend(id);
        let method = if id.is_some() {
            Method::PATCH
        } else {
            Method::POST
        };
        let read = |body: Option<&Value>| {
            let named = wire::id_of(wire::inside(body?, "resource"));
            named.or_else(|| id.map(str::to_owned))
        };
        let to = (method, below(&self.url, &parts));
        self.send(to, (Some(&body), Some(mark)), read).await
    }
}

/// Asks only for what begins in a stretch of time.
fn within(url: &mut Url, from: Instant, to: Instant) {
    url.query_pairs_mut()
        .append_pair("from", &rfc3339(from))
        .append_pair("to", &rfc3339(to));
}

fn away(came: &Came, what: &str) -> Away {
    Away {
        why: came.words(what),
        wait: match came {
            Came::Wait(wait) => Some(*wait),
            _ => None,
        },
    }
}

fn no(why: String) -> Away {
    Away { why, wait: None }
}

/// That an answer is none: in its own words, if it has any.
fn unlike(body: &Value, what: &str) -> Away {
    no(match said(body) {
        Some(said) => format!("it answered for {what} that {said}"),
        None => format!("it answered for {what} in another shape than it should"),
    })
}
