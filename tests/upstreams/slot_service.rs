//! A slot service for tests, on loopback, as such services are documented to behave: bearer keys,
//! lists in more than one envelope, opaque slot ids, 409 for what somebody else has, 404 for a
//! booking that was called off already. Before a request it can be given a mood; it counts which
//! moods came to pass.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// The key that it wants to see.
pub const KEY: &str = "sk_live_canary";
/// What it has one of.
pub const TOUR: &str = "res-uuid-001";

/// How it takes one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Mood {
    /// It does what is asked and breaks off before it has answered.
    DoneThenCut,
    /// It does what is asked and never answers.
    DoneThenSilent,
    /// It breaks off and has done nothing.
    Cut,
    /// It answers success and has done nothing.
    WithoutEffect,
    /// It does what is asked once somebody else has taken the slot.
    TakenFirst,
    /// It answers with this status and text.
    Text(u16, &'static str),
    /// It answers with this status and JSON.
    Json(u16, Value),
    /// It wants to be left alone for so many seconds.
    Wait(u64),
}

/// In which envelope its lists come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Envelope {
    /// `{data}`.
    #[default]
    Data,
    /// `{data, total, page, pageSize}`.
    Pages,
    /// `{data, nextCursor, hasMore}`.
    Cursor,
    /// The list alone.
    Bare,
}

/// What there is in it.
#[derive(Default)]
pub struct World {
    /// What can be booked.
    pub resources: Vec<Value>,
    /// Who has.
    pub bookings: Vec<Value>,
    /// How it takes what it is asked next, by the sort of request.
    pub moods: VecDeque<(&'static str, Mood)>,
    /// Which moods came to pass.
    pub fired: Vec<String>,
    /// How lists come.
    pub envelope: Envelope,
    /// How many rows a page has at most.
    pub page: usize,
    /// How many bookings it was sent.
    pub posts: usize,
    /// How many it was to call off.
    pub deletes: usize,
    /// How often each sort of request came.
    pub asked: Vec<&'static str>,
    /// Requests without the key in their header, or with it elsewhere.
    pub keyless: usize,
    /// Whether it lets its resources be changed.
    pub edits: bool,
    /// Whether nobody is there.
    pub away: bool,
    /// When it is there.
    pub now: Option<DateTime<Utc>>,
    minted: usize,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub struct SlotService {
    at: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl SlotService {
    /// Opens on a port of its own, with one resource: open all day, an hour a slot, two at once.
    pub async fn open(now: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let world = World {
            page: 2,
            resources: vec![resource(TOUR, "Main Campus Tour")],
            now: Some(now.parse().expect("an instant")),
            ..World::default()
        };
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            world: Arc::new(Mutex::new(world)),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Where its API is.
    pub fn url(&self) -> String {
        format!("http://{}/api", self.at)
    }

    /// What is in it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next request of a sort in a mood.
    pub fn mood(&self, sort: &'static str, mood: Mood) {
        self.world().moods.push_back((sort, mood));
    }

    /// How often a mood came to pass.
    pub fn fired(&self, mood: &str) -> usize {
        let world = self.world();
        let fired = world.fired.iter();
        fired.filter(|one| one.starts_with(mood)).count()
    }

    /// A booking that somebody made there.
    pub fn foreign(&self, starts_at: &str, email: &str) -> String {
        let body = json!({"firstName": "Alex", "lastName": "Kim", "email": email});
        self.world()
            .keep(TOUR, starts_at.parse().expect("an instant"), &body)
    }

    /// How many are booked there now.
    pub fn confirmed(&self) -> usize {
        let world = self.world();
        let all = world.bookings.iter();
        all.filter(|one| one["status"] == "confirmed").count()
    }
}

/// Something that can be booked, as it is documented.
pub fn resource(id: &str, name: &str) -> Value {
    json!({"id": id, "type": "location", "name": name, "slug": "main-campus-tour",
        "description": "Guided tour of the main campus.", "addressLine1": "500 Campus Drive",
        "city": "Salt Lake City", "state": "UT", "postalCode": "84101",
        "timezone": "America/Denver", "defaultDurationMinutes": 60, "maxConcurrent": 2,
        "isActive": true, "published": true})
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

impl World {
    fn keep(&mut self, resource: &str, at: DateTime<Utc>, body: &Value) -> String {
        self.minted += 1;
        let id = format!("booking-uuid-{:03}", self.minted);
        let mut booking = json!({
            "id": id, "status": "confirmed", "resourceId": resource,
            "resourceName": "Main Campus Tour", "leadId": format!("lead-{}", body["email"]),
            "startsAt": at.to_rfc3339(), "endsAt": (at + Duration::hours(1)).to_rfc3339(),
            "timezone": "America/Denver", "cancelledAt": null,
            "createdAt": self.now.expect("now").to_rfc3339(),
        });
        for name in [
            "firstName",
            "lastName",
            "email",
            "phone",
            "notes",
            "interest",
            "source",
        ] {
            booking[name] = body[name].clone();
        }
        self.bookings.push(booking);
        id
    }

    fn taken(&self, resource: &str, at: DateTime<Utc>) -> u64 {
        let here = |one: &&Value| {
            one["resourceId"] == resource
                && one["status"] == "confirmed"
                && instant(&one["startsAt"]) == Some(at)
        };
        self.bookings.iter().filter(here).count() as u64
    }

    fn slots(&self, resource: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Value> {
        let mut all = Vec::new();
        let mut at = from.timestamp().div_euclid(3600) * 3600;
        while at < to.timestamp() {
            let start = DateTime::from_timestamp(at, 0).expect("an instant");
            let left = 2u64.saturating_sub(self.taken(resource, start));
            if start >= from && start > self.now.expect("now") && left > 0 {
                all.push(json!({"slotId": format!("opaque~{resource}~{at}"),
                    "resourceId": resource, "startsAt": start.to_rfc3339(),
                    "endsAt": (start + Duration::hours(1)).to_rfc3339(),
                    "remaining": left, "capacity": 2}));
            }
            at += 3600;
        }
        all
    }

    fn list(&self, all: &[Value], query: Find<'_>) -> Value {
        let number = |name: &str| query(name).and_then(|text| text.parse::<usize>().ok());
        let limit = number("limit").unwrap_or(25).min(self.page);
        let begin = match self.envelope {
            Envelope::Cursor => number("cursor"),
            _ => number("offset"),
        };
        let begin = begin.unwrap_or(0);
        let rows: Vec<&Value> = all.iter().skip(begin).take(limit).collect();
        let more = begin + rows.len() < all.len();
        match self.envelope {
            Envelope::Data => json!({ "data": rows }),
            Envelope::Bare => json!(rows),
            Envelope::Pages => {
                json!({"data": rows, "total": all.len(), "page": begin / limit + 1, "pageSize": limit})
            }
            Envelope::Cursor => {
                let next = more.then(|| (begin + rows.len()).to_string());
                json!({"data": rows, "nextCursor": next, "hasMore": more})
            }
        }
    }

    fn book(&mut self, body: &Value, first: bool) -> (u16, Value) {
        self.posts += 1;
        let id = body["slotId"].as_str().unwrap_or_default().to_owned();
        let parts: Vec<&str> = id.split('~').collect();
        let (Some("opaque"), Some(resource), Some(at)) =
            (parts.first().copied(), parts.get(1), parts.get(2))
        else {
            return (
                400,
                json!({"error": "Invalid slot", "code": "INVALID_SLOT_ID"}),
            );
        };
        let at = at
            .parse()
            .ok()
            .and_then(|at| DateTime::from_timestamp(at, 0));
        let at = at.expect("an instant");
        if first {
            let other = json!({"firstName": "Sam", "lastName": "Other", "email": "s@example.com"});
            self.keep(resource, at, &other);
            self.keep(resource, at, &other);
        }
        if self.taken(resource, at) >= 2 {
            let free = self.slots(resource, at, at + Duration::hours(6));
            let free: Vec<&Value> = free.iter().take(3).collect();
            return (
                409,
                json!({"error": "Slot is no longer available", "code": "SLOT_TAKEN",
                    "remaining": 0, "alternatives": free}),
            );
        }
        let id = self.keep(resource, at, body);
        let made = self.bookings.iter().find(|one| one["id"] == json!(id));
        (201, json!({ "booking": made }))
    }

    fn cancel(&mut self, id: &str, effect: bool) -> (u16, Value) {
        self.deletes += 1;
        let now = self.now.expect("now").to_rfc3339();
        let found = self.bookings.iter_mut().find(|one| one["id"] == id);
        match found {
            Some(one) if one["status"] == "confirmed" => {
                if effect {
                    one["status"] = json!("cancelled");
                    one["cancelledAt"] = json!(now);
                }
                (200, json!({"success": true}))
            }
            _ => (404, json!({"error": "Booking not found"})),
        }
    }
}

fn sort_of(method: &Method, parts: &[&str]) -> &'static str {
    match (method.as_str(), parts) {
        ("GET", ["resources"]) => "resources",
        ("GET", ["resources", _, "availability"]) => "availability",
        ("GET", []) => "bookings",
        ("GET", [_]) => "booking",
        ("POST", []) => "book",
        ("DELETE", [_]) => "cancel",
        ("POST", ["resources"]) => "make",
        ("PATCH", ["resources", _]) => "change",
        _ => "other",
    }
}

async fn answer(State(fake): State<SlotService>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let find = |name: &str| {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let mut pairs = pairs.filter(|(known, _)| known == name);
        pairs.next().map(|(_, value)| value.into_owned())
    };
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let rest = path.strip_prefix(&["api", "bookings"][..]);
    let Some(rest) = rest else {
        return (StatusCode::NOT_FOUND, "<html>nothing</html>").into_response();
    };
    let sort = sort_of(&parts.method, rest);
    let (mood, away) = {
        let mut world = fake.world();
        world.asked.push(sort);
        let key = parts.headers.get(header::AUTHORIZATION);
        let there = key.is_some_and(|key| key == &format!("Bearer {KEY}"));
        world.keyless += usize::from(!there || query.contains(KEY));
        if world.away {
            (None, true)
        } else {
            let at = world.moods.iter().position(|(of, _)| *of == sort);
            let mood = at
                .and_then(|at| world.moods.remove(at))
                .map(|(_, mood)| mood);
            if let Some(mood) = &mood {
                world.fired.push(format!("{mood:?}"));
            }
            (mood, false)
        }
    };
    if away {
        return cut();
    }
    let effect = mood != Some(Mood::WithoutEffect);
    match &mood {
        Some(Mood::Text(status, text)) => {
            let status = StatusCode::from_u16(*status).expect("a status");
            return (status, *text).into_response();
        }
        Some(Mood::Json(status, body)) => return reply(*status, body.clone()),
        Some(Mood::Cut) => return cut(),
        Some(Mood::Wait(seconds)) => {
            let headers = [(header::RETRY_AFTER, seconds.to_string())];
            let body = axum::Json(json!({"error": "Too many requests"}));
            return (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response();
        }
        _ => {}
    }
    let first = mood == Some(Mood::TakenFirst);
    let (status, body) = done(&fake, (sort, rest), (&body, &find), (effect, first));
    match mood {
        Some(Mood::DoneThenCut) => cut(),
        Some(Mood::DoneThenSilent) => std::future::pending().await,
        _ => reply(status, body),
    }
}

/// Looks up a part of a query.
type Find<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Does what is asked.
fn done(
    fake: &SlotService,
    (sort, rest): (&str, &[&str]),
    (body, find): (&Value, Find<'_>),
    (effect, first): (bool, bool),
) -> (u16, Value) {
    let mut world = fake.world();
    let at = |name: &str| find(name).and_then(|text| text.parse::<DateTime<Utc>>().ok());
    match sort {
        "resources" => (200, world.list(&world.resources, find)),
        "availability" => {
            let from = at("from").expect("from");
            let to = at("to").expect("to");
            (
                200,
                json!({"data": world.slots(rest[1], from, to), "timezone": "America/Denver"}),
            )
        }
        "bookings" => {
            let inside = |one: &&Value| {
                let start = instant(&one["startsAt"]).expect("an instant");
                let of = find("resourceId");
                at("from").is_none_or(|from| start >= from)
                    && at("to").is_none_or(|to| start <= to)
                    && of.is_none_or(|of| one["resourceId"] == json!(of))
            };
            let all: Vec<Value> = world.bookings.iter().filter(inside).cloned().collect();
            (200, world.list(&all, find))
        }
        "booking" => match world.bookings.iter().find(|one| one["id"] == rest[0]) {
            Some(one) => (200, json!({ "booking": one })),
            None => (404, json!({"error": "Booking not found"})),
        },
        "book" if !effect => {
            world.posts += 1;
            (
                201,
                json!({"booking": {"id": "booking-never", "status": "confirmed",
                "resourceId": TOUR, "startsAt": "2026-06-02T16:00:00Z"}}),
            )
        }
        "book" => world.book(body, first),
        "cancel" => world.cancel(rest[0], effect),
        "make" | "change" if !world.edits => (405, json!({"error": "Method not allowed"})),
        "make" => {
            let mut made = resource("res-uuid-009", "");
            for (name, value) in body.as_object().into_iter().flatten() {
                made[name] = value.clone();
            }
            world.resources.push(made.clone());
            (201, json!({ "resource": made }))
        }
        "change" => {
            let found = world.resources.iter_mut().find(|one| one["id"] == rest[1]);
            let found = found.expect("the resource");
            for (name, value) in body.as_object().into_iter().flatten() {
                // It takes no notice of what it does not know.
                if found.get(name).is_some() {
                    found[name] = value.clone();
                }
            }
            (200, json!({ "resource": found }))
        }
        _ => (404, json!({"error": "Not found"})),
    }
}

fn reply(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, axum::Json(body)).into_response()
}

/// An answer that breaks off at once.
fn cut() -> Response {
    let broken =
        futures_util::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("cut")) });
    Response::new(Body::from_stream(broken))
}
