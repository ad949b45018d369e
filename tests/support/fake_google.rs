//! Google Ad Manager for tests, on loopback: it answers as its reference says it does, page by
//! page, and takes a token for a refresh token. Before a request it can be given a mood. It
//! remembers what it was asked.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use url::Url;

/// What the refresh token of its one user is.
pub const REFRESH: &str = "1//canary-refresh-token";
/// What the secret of the application is.
pub const SECRET: &str = "canary-client-secret";

/// How it takes one request.
#[derive(Debug, Clone)]
pub enum Mood {
    /// As it should.
    Fine,
    /// With this status and body, and perhaps `Retry-After`.
    Status(u16, Value, Option<&'static str>),
    /// With this text as a success.
    Text(&'static str),
    /// With the beginning of a page, and then nothing more.
    BreaksOff,
    /// Never.
    Hangs,
    /// It does it, and the answer is lost.
    Lost,
    /// It says that it did it, and does nothing.
    Idle,
    /// With so many bytes of blanks.
    Large(usize),
}

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET` and so on.
    pub method: String,
    /// With its query, decoded.
    pub path: String,
    /// The bearer token.
    pub token: String,
    /// What was sent.
    pub body: Value,
}

/// What there is in a network.
#[derive(Default)]
pub struct Network {
    /// Its ad units.
    pub ad_units: Vec<Value>,
    /// Its placements.
    pub placements: Vec<Value>,
    /// Its custom targeting keys.
    pub keys: Vec<Value>,
    /// Their values.
    pub values: Vec<Value>,
    /// Its orders.
    pub orders: Vec<Value>,
    /// Their line items.
    pub line_items: Vec<Value>,
    /// How many things a page has at most, whatever is asked for.
    pub page: usize,
    /// How it takes what it is asked next; nothing means fine.
    pub moods: VecDeque<Mood>,
    /// How it takes the next request whose path holds this, once each.
    pub on: Vec<(&'static str, Mood)>,
    /// Which of those it took so.
    pub fired: Vec<&'static str>,
    /// How it takes the next requests for a token.
    pub grants: VecDeque<Mood>,
    /// How many tokens it gave; only the last is good.
    pub given: u32,
    /// How many seconds a token is good for.
    pub good: i64,
    /// What it was asked, tokens aside.
    pub asked: Vec<Asked>,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub struct FakeGoogle {
    at: SocketAddr,
    /// Told whenever something was done whose answer is lost.
    pub lost: Arc<tokio::sync::Notify>,
    network: Arc<Mutex<Network>>,
}

impl FakeGoogle {
    /// Opens on a port of its own.
    pub async fn open() -> Self {
        let network = Network {
            page: 1_000,
            good: 3_600,
            ..Network::default()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            lost: Arc::default(),
            network: Arc::new(Mutex::new(network)),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Where it is.
    pub fn url(&self) -> Url {
        format!("http://{}/", self.at).parse().expect("an address")
    }

    /// Where it gives tokens.
    pub fn tokens(&self) -> Url {
        self.url().join("token").expect("an address")
    }

    /// What there is.
    pub fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives it moods for the next requests, in order.
    pub fn moods(&self, moods: impl IntoIterator<Item = Mood>) {
        self.network().moods.extend(moods);
    }

    /// What it was asked, and forgets it.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.network().asked)
    }
}

/// An ad unit as it writes one.
pub fn ad_unit(id: u64, parent: Option<u64>, name: &str) -> Value {
    let mut unit = json!({
        "name": format!("networks/123/adUnits/{id}"),
        "adUnitId": id.to_string(),
        "displayName": name,
        "adUnitCode": format!("code-{id}"),
        "status": "ACTIVE",
        "updateTime": "2026-05-01T10:00:00.123456Z",
        "hasChildren": false,
        "explicitlyTargeted": false,
        "smartSizeMode": "NONE",
        "effectiveTargetWindow": "TOP",
        "adUnitSizes": [
            {"environmentType": "BROWSER", "size": {"width": 300, "height": 250, "sizeType": "PIXEL"}},
            {"environmentType": "BROWSER", "size": {"width": 728, "height": 90, "sizeType": "PIXEL"}},
        ],
    });
    if let Some(parent) = parent {
        unit["parentAdUnit"] = json!(format!("networks/123/adUnits/{parent}"));
    }
    unit
}

/// An order as it writes one.
pub fn order(id: u64, name: &str, status: &str) -> Value {
    json!({
        "name": format!("networks/123/orders/{id}"),
        "orderId": id.to_string(),
        "displayName": name,
        "advertiser": "networks/123/companies/456789",
        "trafficker": "networks/123/users/77",
        "currencyCode": "USD",
        "status": status,
        "archived": false,
        "startTime": "2026-07-01T00:00:00Z",
        "endTime": "2026-07-31T23:59:59Z",
        "updateTime": "2026-05-01T10:00:00Z",
    })
}

/// A line item as it writes one.
pub fn line_item(id: u64, order: u64, name: &str) -> Value {
    json!({
        "name": format!("networks/123/lineItems/{id}"),
        "order": format!("networks/123/orders/{order}"),
        "displayName": name,
        "status": "DELIVERING",
        "lineItemType": "STANDARD",
        "startTime": "2026-07-01T00:00:00Z",
        "endTime": "2026-07-31T23:59:59Z",
        "updateTime": "2026-05-01T10:00:00Z",
        "rate": {"currencyCode": "USD", "units": "12", "nanos": 340_000_000},
        "goal": {"goalType": "LIFETIME", "unitType": "IMPRESSIONS", "units": "500000"},
        "stats": {"impressionsDelivered": "1234"},
    })
}

async fn answer(State(fake): State<FakeGoogle>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap_or_default();
    if head.uri.path() == "/token" {
        return grant(&fake, &body).await;
    }
    let token = head.headers.get(header::AUTHORIZATION);
    let token = token.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let token = token.trim_start_matches("Bearer ").to_owned();
    let url = fake.url().join(&head.uri.to_string()).expect("an address");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let said: Vec<String> = query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let asked = Asked {
        method: head.method.to_string(),
        path: format!("{}?{}", head.uri.path(), said.join("&")),
        token: token.clone(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let (mood, good) = {
        let mut network = fake.network();
        network.asked.push(asked.clone());
        let mut mood = network.moods.pop_front().unwrap_or(Mood::Fine);
        let path = &asked.path;
        if let Some(at) = network.on.iter().position(|(part, _)| path.contains(part)) {
            let (part, own) = network.on.remove(at);
            network.fired.push(part);
            mood = own;
        }
        (mood, token == format!("ya29.token-{}", network.given))
    };
    match mood {
        Mood::Fine if !good => refused(401, "Request had invalid authentication credentials."),
        Mood::Fine => answered(&fake, &asked, &query),
        Mood::Lost => {
            drop(answered(&fake, &asked, &query));
            fake.lost.notify_one();
            std::future::pending().await
        }
        other => moody(other).await,
    }
}

/// Answers in a mood.
pub async fn moody(mood: Mood) -> Response {
    match mood {
        Mood::Fine => Response::default(),
        Mood::Status(status, body, wait) => {
            let mut response = json_of(&body);
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            if let Some(wait) = wait {
                let wait = HeaderValue::from_static(wait);
                response.headers_mut().insert(header::RETRY_AFTER, wait);
            }
            response
        }
        Mood::Text(text) => text.into_response(),
        Mood::BreaksOff => {
            let parts = [
                Ok(Bytes::from_static(b"{\"adUnits\":[")),
                Err(std::io::Error::other("gone")),
            ];
            Body::from_stream(futures_util::stream::iter(parts)).into_response()
        }
        Mood::Hangs | Mood::Lost => std::future::pending().await,
        Mood::Idle => json_of(&json!({})),
        Mood::Large(size) => vec![b' '; size].into_response(),
    }
}

async fn grant(fake: &FakeGoogle, body: &[u8]) -> Response {
    let form = url::form_urlencoded::parse(body).into_owned();
    let form: std::collections::HashMap<String, String> = form.collect();
    let mood = fake.network().grants.pop_front();
    if let Some(mood) = mood {
        return moody(mood).await;
    }
    let right = form.get("grant_type").map(String::as_str) == Some("refresh_token")
        && form.get("refresh_token").map(String::as_str) == Some(REFRESH)
        && form.get("client_secret").map(String::as_str) == Some(SECRET);
    if !right {
        let body = json!({"error": "invalid_grant", "error_description": "Bad Request"});
        return moody(Mood::Status(400, body, None)).await;
    }
    let mut network = fake.network();
    network.given += 1;
    json_of(&json!({
        "access_token": format!("ya29.token-{}", network.given),
        "expires_in": network.good,
        "scope": "https://www.googleapis.com/auth/admanager",
        "token_type": "Bearer",
    }))
}

fn json_of(body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=UTF-8")];
    (kind, body.to_string()).into_response()
}

/// An error as it writes one.
pub fn error(status: u16, message: &str) -> Value {
    json!({"error": {"code": status, "message": message, "status": "FAILED"}})
}

fn refused(status: u16, message: &str) -> Response {
    let mut response = json_of(&error(status, message));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn answered(fake: &FakeGoogle, asked: &Asked, query: &[(String, String)]) -> Response {
    let path = asked.path.split('?').next().unwrap_or_default();
    let Some(rest) = path.strip_prefix("/v1/networks/123") else {
        return refused(404, "Requested entity was not found.");
    };
    let mut network = fake.network();
    match (asked.method.as_str(), rest.trim_start_matches('/')) {
        ("GET", "") => json_of(&json!({
            "name": "networks/123", "displayName": "Sports Publisher", "networkCode": "123",
            "currencyCode": "USD", "timeZone": "America/New_York",
        })),
        ("GET", rest) if rest.starts_with("orders/") => {
            let name = format!("networks/123/{rest}");
            let found = network.orders.iter().find(|order| order["name"] == name);
            found.map_or_else(|| refused(404, "Requested entity was not found."), json_of)
        }
        ("GET", list) => listed(&network, list, query),
        ("POST", call) => done(&mut network, call, &asked.body),
        _ => refused(405, "Method not allowed."),
    }
}

/// What stands between the quotes of a filter.
fn quoted(filter: &str) -> String {
    let mut text = filter.split_once('"').map_or("", |(_, rest)| rest).chars();
    let mut found = String::new();
    while let Some(c) = text.next() {
        match c {
            '"' => break,
            '\\' => found.extend(text.next()),
            c => found.push(c),
        }
    }
    found
}

fn listed(network: &Network, list: &str, query: &[(String, String)]) -> Response {
    let all = match list {
        "adUnits" => &network.ad_units,
        "placements" => &network.placements,
        "customTargetingKeys" => &network.keys,
        "customTargetingValues" => &network.values,
        "orders" => &network.orders,
        "lineItems" => &network.line_items,
        _ => return refused(404, "Requested entity was not found."),
    };
    let of = |name: &str| {
        query
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
    };
    let fits = |one: &&Value| match of("filter") {
        Some(filter) if filter.starts_with("updateTime >") => one["updateTime"]
            .as_str()
            .is_some_and(|at| at > quoted(filter).as_str()),
        Some(filter) if filter.starts_with("displayName =") => one["displayName"] == quoted(filter),
        Some(filter) if filter.starts_with("order =") => one["order"] == quoted(filter),
        _ => true,
    };
    let begin = match of("pageToken") {
        None => 0,
        Some(token) => match token.strip_prefix("token-").and_then(|at| at.parse().ok()) {
            Some(at) => at,
            None => return refused(400, "Request contains an invalid argument: page_token."),
        },
    };
    let size: usize = of("pageSize")
        .and_then(|size| size.parse().ok())
        .unwrap_or(50);
    let size = size.min(network.page).min(1_000);
    let found: Vec<&Value> = all.iter().filter(fits).collect();
    let page: Vec<&Value> = found.iter().skip(begin).take(size).copied().collect();
    let mut body = json!({});
    // What is empty is left out, as their JSON does.
    if !page.is_empty() {
        body[list] = json!(page);
    }
    if begin + size < found.len() {
        body["nextPageToken"] = json!(format!("token-{}", begin + size));
    }
    json_of(&body)
}

fn done(network: &mut Network, call: &str, body: &Value) -> Response {
    let names: Vec<&str> = body["names"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match call {
        "orders:batchCreate" => {
            let requests = body["requests"].as_array().cloned().unwrap_or_default();
            let mut made = Vec::new();
            for request in requests {
                let mut one = request["order"].clone();
                one["name"] = json!(format!(
                    "networks/123/orders/{}",
                    9_000 + network.orders.len()
                ));
                one["status"] = json!("DRAFT");
                network.orders.push(one.clone());
                made.push(one);
            }
            json_of(&json!({ "orders": made }))
        }
        "lineItems:batchCreate" => {
            let requests = body["requests"].as_array().cloned().unwrap_or_default();
            let mut made = Vec::new();
            for request in requests {
                let mut one = request["lineItem"].clone();
                let id = 9_000 + network.line_items.len();
                one["name"] = json!(format!("networks/123/lineItems/{id}"));
                one["status"] = json!("DRAFT");
                network.line_items.push(one.clone());
                made.push(one);
            }
            json_of(&json!({ "lineItems": made }))
        }
        "orders:batchDelete" => {
            network
                .orders
                .retain(|one| !names.contains(&one["name"].as_str().unwrap_or_default()));
            json_of(&json!({}))
        }
        "lineItems:batchUpdate" => {
            for request in body["requests"].as_array().into_iter().flatten() {
                let (line, mask) = (&request["lineItem"], request["updateMask"].as_str());
                let held = network
                    .line_items
                    .iter_mut()
                    .find(|one| one["name"] == line["name"]);
                let Some(held) = held else {
                    return refused(404, "Requested entity was not found.");
                };
                for field in mask.unwrap_or_default().split(',') {
                    held[field] = line[field].clone();
                }
            }
            json_of(&json!({}))
        }
        "orders:batchApprove" => {
            for one in &mut network.orders {
                if names.contains(&one["name"].as_str().unwrap_or_default()) {
                    one["status"] = json!("APPROVED");
                }
            }
            for line in &mut network.line_items {
                let own = names.contains(&line["order"].as_str().unwrap_or_default());
                if own && line["status"] == "DRAFT" {
                    line["status"] = json!("READY");
                }
            }
            json_of(&json!({}))
        }
        "lineItems:batchPause" | "lineItems:batchResume" => {
            let status = ["PAUSED", "READY"][usize::from(call.ends_with("Resume"))];
            for one in &mut network.line_items {
                if names.contains(&one["name"].as_str().unwrap_or_default()) {
                    one["status"] = json!(status);
                }
            }
            json_of(&json!({}))
        }
        "orders:batchArchive" => {
            for one in &mut network.orders {
                if names.contains(&one["name"].as_str().unwrap_or_default()) {
                    one["archived"] = json!(true);
                }
            }
            json_of(&json!({}))
        }
        "orders:batchPause" | "orders:batchResume" => {
            let status = ["PAUSED", "APPROVED"][usize::from(call.ends_with("Resume"))];
            for one in &mut network.orders {
                if names.contains(&one["name"].as_str().unwrap_or_default()) {
                    one["status"] = json!(status);
                }
            }
            json_of(&json!({}))
        }
        _ => refused(404, "Method not found."),
    }
}
