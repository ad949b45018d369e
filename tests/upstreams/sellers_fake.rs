//! Sellers for tests, on loopback: a server of OpenDirect 2.1 that pages, writes names run together
//! and moves lines by actions, and a seller agent with the shared catalogue, quotes and deals, as
//! they were observed to behave. Before a request each can be given a mood; it counts which moods
//! came to pass, and everything that was ever made in it.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
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
use serde_json::{Value, json};

/// The key that both want to see.
pub const KEY: &str = "canary-seller-key";

/// How it takes one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// It does what is asked and breaks off before it has answered.
    DoneThenCut,
    /// It does what is asked and never answers.
    DoneThenSilent,
    /// It does what is asked, breaks off, and forgets everything.
    DoneThenForgotten,
    /// It never answers and does nothing.
    Silent,
    /// It has done nothing and breaks off.
    Cut,
    /// It gives half of its answer.
    Half,
    /// It answers as if it had done it.
    WithoutEffect,
    /// It starts anew first, and knows nothing any more.
    Restarted,
    /// It answers with a page for people.
    Html(u16),
    /// It answers with this status and JSON.
    Json(u16, Value),
}

/// Which dialect it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    OpenDirect,
    Agent,
}

/// What is in one.
#[derive(Default)]
pub struct World {
    /// What it sells, as it shows it.
    pub products: Vec<Value>,
    /// How many stand on a page.
    pub page: usize,
    /// How it takes what it is asked next, by a part of `METHOD path?query`.
    pub moods: VecDeque<(&'static str, Mood)>,
    /// Which moods came to pass.
    pub fired: Vec<String>,
    /// The orders, by id.
    pub orders: BTreeMap<String, Value>,
    /// The lines, by id.
    pub lines: BTreeMap<String, Value>,
    /// The quotes, by id.
    pub quotes: BTreeMap<String, Value>,
    /// The deals, by id.
    pub deals: BTreeMap<String, Value>,
    keys: BTreeMap<String, String>,
    /// How often anything was booked, ever.
    pub booked: usize,
    /// How many orders, lines and quotes were ever made.
    pub made: usize,
    /// How often its first page was read.
    pub read: usize,
    /// How many requests had no key.
    pub keyless: usize,
    /// What a quote asks, in percent of the price that is listed.
    pub asked_percent: i64,
    /// How many impressions it says that there are of its products; where nothing is said it has no
    /// way to be asked.
    pub avails: Option<BTreeMap<String, u64>>,
    /// What it was asked of that.
    pub avails_asked: Vec<Value>,
    /// The state of a new order.
    pub order_state: &'static str,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub struct Fake {
    at: SocketAddr,
    sort: Sort,
    world: Arc<Mutex<World>>,
}

impl Fake {
    /// Opens on a port of its own.
    pub async fn open(sort: Sort, products: Vec<Value>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let world = World {
            products,
            page: 2,
            asked_percent: 100,
            order_state: "APPROVED",
            ..World::default()
        };
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            sort,
            world: Arc::new(Mutex::new(world)),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Where it is.
    pub fn url(&self) -> String {
        match self.sort {
            Sort::OpenDirect => format!("http://{}/api/v2.1", self.at),
            Sort::Agent => format!("http://{}", self.at),
        }
    }

    /// What is in it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next request of a sort in a mood.
    pub fn mood(&self, part: &'static str, mood: Mood) {
        self.world().moods.push_back((part, mood));
    }

    /// How often a mood came to pass.
    pub fn fired(&self, mood: &str) -> usize {
        let world = self.world();
        let own = world.fired.iter().filter(|one| one.starts_with(mood));
        own.count()
    }

    /// How often anything was booked, ever.
    pub fn booked(&self) -> usize {
        self.world().booked
    }

    /// What is booked now costs, in cents.
    pub fn cents(&self) -> i64 {
        let world = self.world();
        let lines = world.lines.values();
        let lines = lines.filter(|line| line["bookingstatus"] == "Booked");
        let lines: i64 = lines.map(|line| cents(&line["cost"])).sum();
        let deals = world.deals.values().map(|deal| {
            let cpm = deal["pricing"]["final_cpm"]["amount_micros"].as_i64();
            let n = deal["terms"]["impressions"].as_i64();
            (cpm.expect("a price") * n.expect("a count") + 5_000_000) / 10_000_000
        });
        lines + deals.sum::<i64>()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "cents of a few thousand dollars"
)]
fn cents(amount: &Value) -> i64 {
    (amount.as_f64().expect("an amount") * 100.0).round() as i64
}

/// A product as a server of OpenDirect writes it.
pub fn opendirect_product(id: &str, channel: &str, price: f64, available: Option<u64>) -> Value {
    json!({
        "id": id, "publisherid": "northwind-media", "name": format!("North {id}"),
        "currency": "USD", "baseprice": price, "ratetype": "CPM", "deliverytype": "guaranteed",
        "targeting": {"interests": ["gaming"]}, "availableImpressions": available,
        "ext": {"channel": channel, "format": "video"},
    })
}

/// A product of the shared catalogue, as the seller agent writes it.
pub fn agent_product(id: &str, micros: i64, available: Option<u64>) -> Value {
    json!({
        "product_id": id, "seller_organization_id": "org-9", "name": format!("CTV {id}"),
        "description": "Connected TV, prime time", "ad_formats": ["video"], "domain": null,
        "base_price": {"amount_micros": micros, "currency": "USD"}, "pricing_model": "cpm",
        "pricing_type": "fixed", "delivery_type": "Guaranteed", "available_impressions": available,
        "audience_targeting": {"interests": ["gaming"]}, "content_targeting": null, "ext": null,
    })
}

fn says(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

/// The beginning of an answer, and then the connection is gone.
fn cut(text: &str) -> Response {
    let half = text[..text.len() / 2].to_owned();
    let parts = [Ok(half), Err(io::Error::other("gone"))];
    let body = Body::from_stream(futures_util::stream::iter(parts));
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, body).into_response()
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.expect("a body");
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let wanted = match fake.sort {
        Sort::OpenDirect => format!("Bearer {KEY}"),
        Sort::Agent => KEY.to_owned(),
    };
    let name = match fake.sort {
        Sort::OpenDirect => "authorization",
        Sort::Agent => "x-api-key",
    };
    let key = parts.headers.get(name).and_then(|key| key.to_str().ok());
    if key != Some(&*wanted) {
        fake.world().keyless += 1;
        return says(401, &json!({"detail": "Invalid or missing API key"}));
    }
    let asked = format!("{method} {path}?{query}");
    let mood = {
        let mut world = fake.world();
        let at = world
            .moods
            .iter()
            .position(|(part, _)| asked.contains(part));
        let mood = at
            .and_then(|at| world.moods.remove(at))
            .map(|(_, mood)| mood);
        if let Some(mood) = &mood {
            world.fired.push(format!("{mood:?}"));
        }
        mood
    };
    let act = || fake.world().act(fake.sort, &method, &path, &query, &body);
    match mood {
        None => {
            let (status, answer) = act();
            says(status, &answer)
        }
        Some(Mood::DoneThenCut) => cut(&act().1.to_string()),
        Some(Mood::DoneThenForgotten) => {
            let (_, answer) = act();
            fake.world().forget();
            cut(&answer.to_string())
        }
        Some(Mood::DoneThenSilent) => {
            act();
            std::future::pending().await
        }
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::Cut) => cut("{\"sta"),
        Some(Mood::Half) => {
            let text = act().1.to_string();
            let half = text[..text.len() / 2].to_owned();
            ([(header::CONTENT_TYPE, "application/json")], half).into_response()
        }
        Some(Mood::WithoutEffect) => {
            let mut world = fake.world();
            let kept = (
                world.lines.clone(),
                world.deals.clone(),
                world.quotes.clone(),
            );
            let (booked, keys) = (world.booked, world.keys.clone());
            let (status, answer) = world.act(fake.sort, &method, &path, &query, &body);
            (world.lines, world.deals, world.quotes) = kept;
            (world.booked, world.keys) = (booked, keys);
            says(status, &answer)
        }
        Some(Mood::Restarted) => {
            fake.world().forget();
            let (status, answer) = act();
            says(status, &answer)
        }
        Some(Mood::Html(status)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let kind = [(header::CONTENT_TYPE, "text/html")];
            (status, kind, "<html><body>Bad gateway</body></html>").into_response()
        }
        Some(Mood::Json(status, body)) => says(status, &body),
    }
}

fn absent() -> (u16, Value) {
    (404, json!({"detail": "Not Found"}))
}

impl World {
    fn forget(&mut self) {
        self.orders.clear();
        self.lines.clear();
        self.quotes.clear();
        self.deals.clear();
        self.keys.clear();
    }

    fn act(
        &mut self,
        sort: Sort,
        method: &Method,
        path: &str,
        query: &str,
        body: &Value,
    ) -> (u16, Value) {
        match sort {
            Sort::OpenDirect => {
                let rest = path.strip_prefix("/api/v2.1/").unwrap_or("?");
                let parts: Vec<&str> = rest.split('/').collect();
                self.opendirect(method.as_str(), &parts, query, body)
            }
            Sort::Agent => {
                let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
                self.agent(method.as_str(), &parts, query, body)
            }
        }
    }

    fn page(&mut self, name: &str, all: Vec<Value>, query: &str) -> (u16, Value) {
        let number = |wanted: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(name, _)| *name == wanted);
            found.and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let offset = number("offset").unwrap_or(0);
        if offset == 0 && name == "products" {
            self.read += 1;
        }
        let limit = number("limit").unwrap_or(50).min(self.page);
        let total = all.len();
        let found: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
        (
            200,
            json!({name: found, "total_count": total, "limit": limit, "offset": offset}),
        )
    }

    fn opendirect(
        &mut self,
        method: &str,
        parts: &[&str],
        query: &str,
        body: &Value,
    ) -> (u16, Value) {
        match (method, parts) {
            ("GET", ["products"]) => self.page("products", self.products.clone(), query),
            ("POST", ["products", "avails"]) => self.tell_avails(body),
            ("GET", ["accounts"]) => {
                let account = json!({"id": "acc-1", "name": "The desk", "buyerid": "b"});
                self.page("accounts", vec![account], query)
            }
            ("GET", ["accounts", "acc-1", "orders"]) => {
                let all = self.orders.values().cloned().collect();
                self.page("orders", all, query)
            }
            ("POST", ["accounts", "acc-1", "orders"]) => {
                self.made += 1;
                let id = format!("ord-{}", self.made);
                let mut order = body.clone();
                order["id"] = json!(id);
                order["orderstatus"] = json!(self.order_state);
                self.orders.insert(id, order.clone());
                (201, order)
            }
            ("GET", ["accounts", "acc-1", "orders", order]) => match self.orders.get(*order) {
                Some(order) => (200, order.clone()),
                None => absent(),
            },
            ("GET", ["accounts", "acc-1", "orders", order, "lines"]) => {
                if !self.orders.contains_key(*order) {
                    return absent();
                }
                let own = self.lines.values().filter(|line| line["orderid"] == *order);
                let own = own.cloned().collect();
                self.page("lines", own, query)
            }
            ("POST", ["accounts", "acc-1", "orders", order, "lines"]) => self.add(order, body),
            ("GET", ["accounts", "acc-1", "orders", _, "lines", line]) => {
                match self.lines.get(*line) {
                    Some(line) => (200, line.clone()),
                    None => absent(),
                }
            }
            ("PATCH", ["accounts", "acc-1", "orders", _, "lines", line]) => {
                let action = query.strip_prefix("action=").unwrap_or("?");
                self.step(line, action)
            }
            _ => absent(),
        }
    }

    fn add(&mut self, order: &str, body: &Value) -> (u16, Value) {
        let product = body["productid"].as_str().unwrap_or_default();
        let known = self.products.iter().any(|one| one["id"] == product);
        if !self.orders.contains_key(order) || !known {
            return absent();
        }
        self.made += 1;
        let id = format!("lin-{}", self.made);
        let mut line = body.clone();
        let (rate, qty) = (cents(&body["rate"]), body["qty"].as_i64().expect("a count"));
        let cost = (rate * qty + 500) / 1_000;
        line["id"] = json!(id);
        line["cost"] = json!(f64::from(i32::try_from(cost).expect("small")) / 100.0);
        // No zone, and a name that the client did not send.
        line["createdat"] = json!("2026-06-01T12:00:00.388672");
        self.lines.insert(id, line.clone());
        (201, line)
    }

    fn step(&mut self, line: &str, action: &str) -> (u16, Value) {
        let Some(line) = self.lines.get_mut(line) else {
            return absent();
        };
        let to = match (line["bookingstatus"].as_str(), action) {
            (Some("Draft"), "reserve") => "Reserved",
            (Some("Reserved"), "book") => "Booked",
            (Some("Draft" | "Reserved" | "Booked"), "cancel") => "Canceled",
            (from, _) => {
                let said = format!("a line that is {from:?} cannot {action}");
                return (
                    409,
                    json!({"error": {"code": "INVALID_STATUS", "message": said}}),
                );
            }
        };
        self.booked += usize::from(to == "Booked");
        line["bookingstatus"] = json!(to);
        (200, line.clone())
    }

    fn agent(&mut self, method: &str, parts: &[&str], query: &str, body: &Value) -> (u16, Value) {
        let detail = |status: u16, error: &str| {
            let said = format!("about {error}");
            (status, json!({"detail": {"error": error, "message": said}}))
        };
        match (method, parts) {
            ("GET", ["products"]) => self.page("products", self.products.clone(), query),
            ("POST", ["products", "avails"]) => self.tell_avails(body),
            ("POST", ["api", "v1", "quotes"]) => self.quote(body),
            ("GET", ["api", "v1", "quotes", id]) => match self.quotes.get(*id) {
                Some(quote) => (200, json!({"quote": quote})),
                None => detail(404, "quote_not_found"),
            },
            ("POST", ["api", "v1", "deals"]) => {
                let key = body["idempotency_key"].as_str().expect("a key").to_owned();
                if let Some(deal) = self.keys.get(&key).and_then(|id| self.deals.get(id)) {
                    return (200, json!({"deal": deal}));
                }
                let id = body["quote_id"].as_str().unwrap_or_default().to_owned();
                let Some(quote) = self.quotes.get_mut(&id) else {
                    return detail(404, "quote_not_found");
                };
                if quote["status"] != "available" {
                    return detail(409, "quote_already_booked");
                }
                self.booked += 1;
                let deal_id = format!("DEMO-{}", self.booked);
                quote["status"] = json!("booked");
                quote["deal_id"] = json!(deal_id);
                let deal = json!({
                    "deal_id": deal_id, "quote_id": id, "status": "proposed",
                    "pricing": quote["pricing"], "terms": quote["terms"],
                    "product": quote["product"], "created_at": "2026-06-01T12:00:26.451835",
                });
                self.keys.insert(key, deal_id.clone());
                self.deals.insert(deal_id, deal.clone());
                (200, json!({"deal": deal}))
            }
            ("GET", ["api", "v1", "deals", id]) => match self.deals.get(*id) {
                Some(deal) => (200, json!({"deal": deal})),
                None => detail(404, "deal_not_found"),
            },
            _ => absent(),
        }
    }

    /// Knows the simple dialect only.
    fn tell_avails(&mut self, body: &Value) -> (u16, Value) {
        let Some(avails) = &self.avails else {
            return absent();
        };
        self.avails_asked.push(body.clone());
        let (Some(id), Some(wanted)) = (
            body["productid"].as_str(),
            body["requestedImpressions"].as_u64(),
        ) else {
            return (
                422,
                json!({"detail": [{"loc": ["body", "productid"], "msg": "Field required"}]}),
            );
        };
        let there = avails.get(id).copied().unwrap_or(wanted);
        let can = there.min(wanted);
        (
            200,
            json!({
                "productid": id, "availableImpressions": can, "guaranteedImpressions": can,
                "estimatedCpm": 20.5, "totalCost": 1.0, "deliveryConfidence": 90.0,
            }),
        )
    }

    fn quote(&mut self, body: &Value) -> (u16, Value) {
        let product = self.products.iter();
        let product = product
            .clone()
            .find(|one| one["product_id"] == body["product_id"]);
        let Some(product) = product else {
            return (404, json!({"detail": {"error": "product_not_found"}}));
        };
        let listed = product["base_price"]["amount_micros"]
            .as_i64()
            .expect("a price");
        let micros = listed * self.asked_percent / 100;
        self.made += 1;
        let id = format!("qt-{}", self.made);
        let quote = json!({
            "quote_id": id, "status": "available", "deal_id": null, "deal_type": body["deal_type"],
            "product": {"product_id": body["product_id"], "name": product["name"]},
            "pricing": {
                "base_cpm": {"amount_micros": listed, "currency": "USD"},
                "final_cpm": {"amount_micros": micros, "currency": "USD"}, "pricing_model": "cpm",
            },
            "terms": {
                "impressions": body["impressions"], "flight_start": body["flight_start"],
                "flight_end": body["flight_end"], "guaranteed": true,
            },
            "availability": {"inventory_available": true},
            "expires_at": "2026-06-02T12:00:00Z", "created_at": "2026-06-01T12:00:00.1",
        });
        self.quotes.insert(id, quote.clone());
        (200, json!({"quote": quote}))
    }
}
