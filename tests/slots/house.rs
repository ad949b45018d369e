//! A house with something to book, and those who come to its door.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Method, Request},
};
use flightdeck::{
    api::{
        self, Setup,
        address::Address,
        auth::{Fresh, Keys},
    },
    domain::tenant::{caller::Caller, role::Role},
    engine::{
        clock::ManualClock,
        core::Core,
        reconcile::Runner,
        start::{Started, start},
    },
    store::open::{Database, open},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::postgres;

/// When every story begins: a Monday.
pub const NOW: &str = "2026-06-15T12:00:00Z";

/// An engine on a database of its own with a clock that is turned by hand, and its door.
pub struct House {
    pub core: Core,
    pub store: flightdeck::store::Shared,
    pub clock: ManualClock,
    pub runner: Runner,
    pub router: Router,
    keys: Keys,
    _home: Option<tempfile::TempDir>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Reply {
    /// The body as JSON, once the status is as it should be.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// The code of a refusal, once its shape is as it should be.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        let body = self.is(status);
        assert!(body["error"].is_string(), "a sentence: {body}");
        body["code"].as_str().expect("a code").to_owned()
    }
}

/// One on a file, and one on PostgreSQL where that is there.
pub async fn each(test: &str) -> Vec<House> {
    let home = tempfile::tempdir().expect("a scratch directory");
    let database = Database::File(home.path().join("desk.db"));
    let mut houses = vec![House::on(&database, Some(home)).await];
    if let Some(url) = postgres::or_skip(test) {
        houses.push(House::on(&Database::Postgres(url), None).await);
    }
    houses
}

impl House {
    /// One on a file.
    pub async fn open() -> Self {
        let home = tempfile::tempdir().expect("a scratch directory");
        let database = Database::File(home.path().join("desk.db"));
        Self::on(&database, Some(home)).await
    }

    /// One on a database.
    pub async fn on(database: &Database, home: Option<tempfile::TempDir>) -> Self {
        let store = open(database).await.expect("a database");
        let clock = ManualClock::at(NOW.parse().expect("an instant"));
        let started = start(Arc::clone(&store), Arc::new(clock.clone()), |desk| {
            let named = |name: &&str| name.parse().expect("a tenant");
            desk.tenants = ["main", "rival"].iter().map(named).collect();
        })
        .await;
        let Started { core, runner } = started.expect("an engine");
        let boss = Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin);
        let keys = Keys::open_as(Some(boss));
        Self {
            router: door(&core, keys.clone()),
            core,
            store,
            clock,
            runner,
            keys,
            _home: home,
        }
    }

    /// Lets nobody in without a key from now on, and makes one: of a tenant, for a role, narrowed
    /// to scopes if there are any.
    pub fn key(&mut self, tenant: &str, role: Role, scopes: &[&str]) -> String {
        let fresh = Fresh::make();
        let scopes = scopes.iter().map(|it| it.parse().expect("a scope"));
        let scopes: std::collections::BTreeSet<_> = scopes.collect();
        let caller = Caller {
            scopes: (!scopes.is_empty()).then_some(scopes),
            ..Caller::new("someone", tenant.parse().expect("a tenant"), role)
        };
        self.keys.add(&fresh.id, &fresh.sha256, caller);
        self.router = door(&self.core, self.keys.clone());
        fresh.key
    }

    /// Lets everybody in without a key, as this caller.
    pub fn open_to(&mut self, caller: Caller) {
        self.keys = Keys::open_as(Some(caller));
        self.router = door(&self.core, self.keys.clone());
    }

    /// Asks at the door.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        self.ask_with(method, path, body, &[]).await
    }

    /// Asks at the door with some headers.
    pub async fn ask_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await;
        let response = response.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.expect("a body");
        let body = String::from_utf8(body.to_bytes().to_vec()).expect("text");
        Reply {
            status,
            headers,
            body,
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.ask(Method::DELETE, path, None).await
    }

    /// Adds something to book, open on weekdays from nine to five by the clock of Denver; with
    /// these fields in place of the usual ones. Gives its id.
    pub async fn resource(&self, changes: &Value) -> String {
        let day = json!([{"open": "09:00", "close": "17:00"}]);
        let mut fields = json!({
            "type": "location", "name": "Main Campus Tour", "timezone": "America/Denver",
            "addressLine1": "500 Campus Drive", "city": "Salt Lake City", "state": "UT",
            "operatingHours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day},
        });
        for (name, value) in changes.as_object().expect("fields") {
            fields[name] = value.clone();
        }
        let made = self.post("/api/bookings/resources", &fields).await.is(201);
        made["resource"]["id"].as_str().expect("an id").to_owned()
    }

    /// The slots of a resource.
    pub async fn slots(&self, id: &str, query: &str) -> Vec<Value> {
        let path = format!("/api/bookings/resources/{id}/availability?{query}");
        let list = self.get(&path).await.is(200);
        list["data"].as_array().expect("slots").clone()
    }

    /// The name of the slot that begins then.
    pub async fn slot(&self, id: &str, starts_at: &str) -> String {
        let day = &starts_at[..10];
        let query = format!("from={day}&to={day}&includeFull=true");
        let slots = self.slots(id, &query).await;
        let found = slots.iter().find(|slot| slot["startsAt"] == starts_at);
        let found = found.unwrap_or_else(|| panic!("{starts_at} is not offered: {slots:?}"));
        found["slotId"].as_str().expect("a name").to_owned()
    }

    /// Lets time pass, then does everything that is due.
    pub async fn pass(&self, time: chrono::Duration) {
        self.clock.advance(time);
        self.runner.settle().await.expect("settled");
    }
}

fn door(core: &Core, keys: Keys) -> Router {
    let setup = Setup {
        keys,
        address: Address::default(),
        requests_per_minute: 0,
        mcp_per_minute: 0,
        admin_per_minute: 0,
        approve_wait: Duration::ZERO,
    };
    api::router(core.clone(), setup, None)
}

/// A guest who books a slot.
pub fn guest(slot_id: &str) -> Value {
    json!({
        "slotId": slot_id, "firstName": "Morgan", "lastName": "Lee",
        "email": "morgan.lee@example.com", "phone": "+1 801 555 0100", "notes": "By bike.\nTwo of us.",
        "interest": "Computer Science",
        "source": {"channel": "website", "campaign": "fall-open-day", "medium": "cpc"},
    })
}
