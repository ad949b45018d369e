//! A tenant-management server for tests, on loopback, with three faces: as its API was documented
//! first, as the public one was observed to answer, and as its fork does. Each has what it has and
//! answers the rest as it would: with JSON, or with a page. It takes moods and counts which fired.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flightdeck::domain::tenant::server::Shape;
use serde_json::{Map, Value, json};

/// The management key.
pub const KEY: &str = "sk-canary-management";
/// The key of the sync API.
pub const SYNC_KEY: &str = "sk-canary-sync";
/// What a new tenant is opened with.
pub const TOKEN: &str = "canary-admin-token";

/// How it takes one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Mood {
    /// It does what is asked and breaks off before it has answered.
    DoneThenCut,
    /// It answers success and has done nothing.
    WithoutEffect,
    /// It answers with this status and text.
    Text(u16, &'static str),
    /// It answers with this status and JSON.
    Json(u16, Value),
    /// It wants to be left alone for so many seconds.
    Wait(u64),
    /// It sends whoever asks to where people sign in.
    SignIn,
}

/// What there is in it.
pub struct World {
    /// Its face.
    pub shape: Shape,
    /// Its tenants.
    pub tenants: Vec<Value>,
    /// Who buys, by tenant.
    pub principals: Vec<(String, Value)>,
    /// What it takes how next, by the method and the end of the path.
    pub moods: VecDeque<(&'static str, Mood)>,
    /// Which moods came to pass.
    pub fired: Vec<String>,
    /// What it was asked.
    pub asked: Vec<String>,
    /// The bodies of what was to be changed.
    pub bodies: Vec<Value>,
    /// Requests without a key in their header.
    pub keyless: usize,
    /// Whether nobody is there.
    pub away: bool,
    /// Who did what.
    pub audit: Vec<Value>,
    /// How many rows of principals and of who did what it gives at a time; all, where it has no
    /// pages.
    pub page: Option<usize>,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub struct TenantServer {
    at: SocketAddr,
    world: Arc<Mutex<World>>,
}

fn tenant(id: &str, name: &str, subdomain: &str) -> Value {
    json!({"tenant_id": id, "name": name, "subdomain": subdomain, "is_active": true,
        "billing_plan": "standard", "ad_server": "mock", "created_at": "2026-05-01T00:00:00+00:00",
        "settings": {"enable_axe_signals": true, "slack_webhook_url": "https://hooks.example/canary-hook"}})
}

impl TenantServer {
    /// Opens on a port of its own, with two tenants.
    pub async fn open(shape: Shape) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let world = World {
            shape,
            tenants: vec![
                tenant("tenant_00000001", "Sports Publisher", "sports"),
                tenant("tenant_00000002", "News Publisher", "news"),
            ],
            principals: vec![(
                "tenant_00000001".to_owned(),
                json!({"principal_id": "acme", "name": "Acme", "access_token": TOKEN}),
            )],
            moods: VecDeque::new(),
            fired: Vec::new(),
            asked: Vec::new(),
            bodies: Vec::new(),
            keyless: 0,
            away: false,
            audit: vec![json!({"operation": "create_tenant"})],
            page: None,
        };
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            world: Arc::new(Mutex::new(world)),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
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

    /// How often it was asked something that changes it.
    pub fn changes(&self) -> usize {
        let world = self.world();
        let asked = world.asked.iter();
        asked.filter(|one| !one.starts_with("GET")).count()
    }
}

/// What the public one says of what it does not have.
fn page() -> Response {
    let body = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>";
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::NOT_FOUND, kind, body).into_response()
}

fn reply(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, axum::Json(body)).into_response()
}

fn cut() -> Response {
    let parts = [Ok("{\"te"), Err(std::io::Error::other("gone"))];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

async fn answer(State(fake): State<TenantServer>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let path = head.uri.path().to_owned();
    let named = format!("{} {path}", head.method);
    let query = head.uri.query().unwrap_or_default().to_owned();
    let mood = {
        let mut world = fake.world();
        world.asked.push(named.clone());
        if head.method != "GET" {
            world.bodies.push(body.clone());
        }
        let of = |name: &str| head.headers.get(name).and_then(|key| key.to_str().ok());
        let there = of("x-tenant-management-api-key") == Some(KEY)
            || (path.starts_with("/api/sync/") && of("x-api-key") == Some(SYNC_KEY));
        world.keyless += usize::from(!there);
        if world.away {
            return cut();
        }
        let at = world.moods.iter().position(|(of, _)| named.ends_with(of));
        let mood = at
            .and_then(|at| world.moods.remove(at))
            .map(|(_, mood)| mood);
        if let Some(mood) = &mood {
            world.fired.push(format!("{mood:?}"));
        }
        mood
    };
    match &mood {
        Some(Mood::Text(status, text)) => {
            let status = StatusCode::from_u16(*status).expect("a status");
            return (status, *text).into_response();
        }
        Some(Mood::Json(status, body)) => return reply(*status, body.clone()),
        Some(Mood::Wait(seconds)) => {
            let headers = [(header::RETRY_AFTER, seconds.to_string())];
            return (StatusCode::TOO_MANY_REQUESTS, headers, "slow down").into_response();
        }
        Some(Mood::SignIn) => {
            let headers = [(header::LOCATION, "/login")];
            return (StatusCode::FOUND, headers, "<html>sign in</html>").into_response();
        }
        _ => {}
    }
    let effect = mood != Some(Mood::WithoutEffect);
    let response = fake.world().done(&named, (&query, &body), effect);
    if mood == Some(Mood::DoneThenCut) {
        return cut();
    }
    response
}

/// What the fork says of itself.
fn described(base: &str) -> Response {
    let paths = [
        "tenants",
        "tenants/provision",
        "tenants/{tenant_id}",
        "tenants/{tenant_id}/status",
        "tenants/{tenant_id}/deactivate",
        "tenants/{tenant_id}/reactivate",
        "tenants/{tenant_id}/audit-log",
    ];
    let paths = paths.map(|path| (format!("{base}{path}"), json!({})));
    reply(
        200,
        json!({"openapi": "3.1.0", "paths": Map::from_iter(paths)}),
    )
}

impl World {
    fn find(&mut self, id: &str) -> Option<&mut Value> {
        self.tenants.iter_mut().find(|one| one["tenant_id"] == id)
    }

    fn done(&mut self, named: &str, (query, body): (&str, &Value), effect: bool) -> Response {
        let base = "/api/v1/tenant-management/";
        let (method, path) = named.split_once(' ').expect("a path");
        if let Some(id) = path.strip_prefix("/api/sync/trigger/") {
            return match self.shape {
                Shape::Public => reply(
                    200,
                    json!({"sync_id": format!("sync_{id}"), "status": "completed"}),
                ),
                _ => page(),
            };
        }
        let Some(rest) = path.strip_prefix(base) else {
            return page();
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let (fork, seed) = (self.shape == Shape::Fork, self.shape == Shape::Seed);
        match (method, &parts[..]) {
            ("GET", ["health"]) if seed => reply(
                200,
                json!({"status": "healthy", "database": "connected", "version": "2.3.0",
                    "tenants_count": self.tenants.len(), "active_media_buys": 23}),
            ),
            ("GET", ["health"]) => reply(
                200,
                json!({"status": "healthy", "timestamp": "2026-06-01T00:00:00+00:00"}),
            ),
            ("GET", ["openapi.json"]) if fork => described(base),
            ("GET", ["tenants"]) if fork => {
                let at: usize = query
                    .split("cursor=")
                    .nth(1)
                    .and_then(|at| at.parse().ok())
                    .unwrap_or(0);
                let next = (at + 1 < self.tenants.len()).then(|| (at + 1).to_string());
                let row = self.tenants.get(at).into_iter().collect::<Vec<_>>();
                reply(200, json!({"tenants": row, "next_cursor": next}))
            }
            ("GET", ["tenants"]) => reply(
                200,
                json!({"tenants": self.tenants, "count": self.tenants.len()}),
            ),
            ("GET", ["tenants", id]) => match self.find(id) {
                Some(one) => reply(200, one.clone()),
                None => self.missing(),
            },
            ("POST", ["tenants"]) if !fork => self.create(body, effect),
            ("POST", ["tenants", "provision"]) if fork => self.create(body, effect),
            ("PUT", ["tenants", id]) if !fork => self.update(id, body, effect),
            ("PATCH", ["tenants", id]) if fork => self.update(id, body, effect),
            ("DELETE", ["tenants", id]) if !fork => self.turn(id, false, effect),
            ("POST", ["tenants", id, "deactivate"]) if fork => self.turn(id, false, effect),
            ("POST", ["tenants", id, "reactivate"]) if fork => self.turn(id, true, effect),
            ("POST", ["tenants", id, "refresh"]) if fork => reply(
                202,
                json!({"sync_run_ids": {"inventory": id}, "status": "running"}),
            ),
            ("GET", ["tenants", id, "status"]) if fork => reply(
                200,
                json!({"adapter": {"type": "mock", "connected": true}, "tenant": id}),
            ),
            ("GET", ["tenants", _, "audit-log"]) if fork => {
                reply(200, self.rows("entries", self.audit.clone(), query))
            }
            ("GET", ["tenants", id, "principals"]) if seed => {
                if self.find(id).is_none() {
                    return self.missing();
                }
                let own = self.principals.iter().filter(|(of, _)| of == id);
                let own: Vec<Value> = own.map(|(_, one)| one.clone()).collect();
                reply(200, self.rows("principals", own, query))
            }
            ("POST", ["tenants", id, "principals"]) if seed => {
                let mut made = body.clone();
                made["access_token"] = json!(TOKEN);
                self.principals.push(((*id).to_owned(), made.clone()));
                reply(201, made)
            }
            ("POST", ["tenants", _, "sync-inventory" | "sync-orders"]) if seed => {
                reply(202, json!({"status": "started", "sync_id": "sync-1"}))
            }
            ("GET", ["audit-logs"]) if seed => {
                let all = self.audit.clone();
                reply(200, self.rows("audit_logs", all, query))
            }
            _ => page(),
        }
    }

    /// A page of rows: the fork by a cursor, the other by how many there are.
    fn rows(&self, name: &str, all: Vec<Value>, query: &str) -> Value {
        let number = |wanted: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(name, _)| *name == wanted);
            found.and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let Some(page) = self.page else {
            return json!({ name: all });
        };
        let at = number("cursor").or_else(|| number("offset")).unwrap_or(0);
        let page = page.min(number("limit").unwrap_or(page));
        let total = all.len();
        let rows: Vec<Value> = all.into_iter().skip(at).take(page).collect();
        let next = (at + rows.len() < total).then(|| (at + rows.len()).to_string());
        if self.shape == Shape::Fork {
            return json!({name: rows, "next_cursor": next});
        }
        json!({name: rows, "total": total})
    }

    fn missing(&self) -> Response {
        match self.shape {
            Shape::Seed => reply(
                404,
                json!({"error": {"code": "NOT_FOUND", "message": "Tenant not found", "details": {}}}),
            ),
            _ => reply(404, json!({"error": "Tenant not found"})),
        }
    }

    fn create(&mut self, body: &Value, effect: bool) -> Response {
        if self.shape == Shape::Public && body.get("authorized_emails").is_none() {
            return reply(
                400,
                json!({"error": "Must specify authorized_emails or authorized_domains"}),
            );
        }
        let id = format!("tenant_{:08}", self.tenants.len() + 1);
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if effect {
            let mut made = tenant(&id, &text("name"), &text("subdomain"));
            made["ad_server"] = body["ad_server"].clone();
            // The public one takes no notice of what stands below features.
            if self.shape == Shape::Seed && body["features"].is_object() {
                made["features"] = body["features"].clone();
            }
            self.tenants.push(made);
        }
        reply(
            201,
            json!({"tenant_id": id, "name": text("name"), "subdomain": text("subdomain"),
                "admin_token": TOKEN, "admin_ui_url": "http://localhost/admin"}),
        )
    }

    fn update(&mut self, id: &str, body: &Value, effect: bool) -> Response {
        let shape = self.shape;
        let Some(one) = self.find(id) else {
            return self.missing();
        };
        for (name, value) in body.as_object().into_iter().flatten() {
            if effect && !(shape == Shape::Public && name == "features") {
                one[name] = value.clone();
            }
        }
        reply(
            200,
            json!({"tenant_id": id, "name": one["name"], "updated_at": "2026-06-01T00:00:00"}),
        )
    }

    fn turn(&mut self, id: &str, active: bool, effect: bool) -> Response {
        let Some(one) = self.find(id) else {
            return self.missing();
        };
        if effect {
            one["is_active"] = json!(active);
        }
        reply(
            200,
            json!({"message": "Tenant deactivated successfully", "tenant_id": id}),
        )
    }
}
