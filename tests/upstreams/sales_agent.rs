//! An AdCP sales agent for tests, on loopback, as such servers were observed to behave: the public
//! one with sessions and streams, only active buys unless asked for all, no flight dates, ids that
//! do not join, success without effect, an approval that only its pages carry out; a stateless one
//! that answers as JSON; an older one with other words. Before a call it can be given a mood; it
//! counts which moods came to pass.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

/// The token that it wants to see.
pub const TOKEN: &str = "canary-buyer-token";
/// The cookie of a person who is signed in.
pub const COOKIE: &str = "session=canary-cookie";
/// The tenant that must be named.
pub const TENANT: &str = "sports";

/// How it takes one call.
#[derive(Debug, Clone, PartialEq)]
pub enum Mood {
    /// It does what is asked and breaks off before it has answered.
    DoneThenCut,
    /// It does what is asked and never answers.
    DoneThenSilent,
    /// It breaks off and has done nothing.
    Cut,
    /// It answers with this status and text.
    Text(u16, &'static str),
    /// It answers with an error of the transport.
    Rpc(i64, &'static str),
    /// It answers that the tool failed, in these words.
    Words(&'static str),
    /// It answers that the tool failed, with this error as JSON in a text.
    Json(Value),
    /// It answers this as a success.
    Says(Value),
    /// It answers 429 and after how many seconds to come again.
    Busy(u32),
}

/// Which of them it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// The public one as it is.
    Public,
    /// The public one as it was.
    Older,
    /// One that does what it says, and shows all that the protocol has.
    Faithful,
}

/// A package.
#[derive(Debug, Clone)]
pub struct Package {
    pub id: String,
    pub product: String,
    pub budget: f64,
    pub paused: bool,
    pub impressions: u32,
    pub spend: f64,
}

/// A media buy.
#[derive(Debug, Clone)]
pub struct Buy {
    pub id: String,
    pub status: String,
    pub po: String,
    pub start: &'static str,
    pub end: &'static str,
    pub created: &'static str,
    pub packages: Vec<Package>,
    /// A change that waits for a person.
    pub staged: Option<Value>,
}

/// A task.
#[derive(Debug, Clone)]
pub struct Task {
    pub id: String,
    pub status: String,
    pub tool: &'static str,
    pub buy: String,
    pub request: Value,
}

/// What there is in it.
pub struct World {
    pub age: Age,
    pub buys: Vec<Buy>,
    pub tasks: Vec<Task>,
    /// How it takes what it is asked next, by the tool.
    pub moods: VecDeque<(&'static str, Mood)>,
    /// Which moods came to pass.
    pub fired: Vec<String>,
    /// How often each tool was called.
    pub hits: BTreeMap<String, usize>,
    /// What was asked of each tool, the arguments alone.
    pub asked: Vec<(String, Value)>,
    /// What it says it changes and does not.
    pub without_effect: BTreeSet<&'static str>,
    /// Whether a change waits for a person.
    pub holds: bool,
    /// Whether the list is empty for now.
    pub hides: bool,
    /// Whether the list has what is counted.
    pub snapshots: bool,
    /// Until when its clock has counted.
    pub as_of: &'static str,
    /// What it sells; where nothing is said it has no tool that tells.
    pub products: Option<Value>,
    sessions_known: BTreeSet<String>,
    next: usize,
    /// How often a session was begun, and how often one was not known.
    pub begun: usize,
    pub unknown: usize,
    /// How often the list of tools was asked for.
    pub listed_tools: usize,
    /// Calls without the token in its header, or with it anywhere else.
    pub keyless: usize,
    /// What was decided on its pages.
    pub decided: Vec<(String, String)>,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub struct SalesAgent {
    at: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl SalesAgent {
    /// Opens on a port of its own.
    pub async fn open(age: Age) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let world = World {
            age,
            buys: Vec::new(),
            tasks: Vec::new(),
            moods: VecDeque::new(),
            fired: Vec::new(),
            hits: BTreeMap::new(),
            asked: Vec::new(),
            without_effect: if age == Age::Public {
                BTreeSet::from(["paused", "impressions"])
            } else {
                BTreeSet::new()
            },
            holds: false,
            hides: false,
            snapshots: age != Age::Older,
            as_of: "2026-06-16T11:45:00Z",
            products: None,
            sessions_known: BTreeSet::new(),
            next: 0,
            begun: 0,
            unknown: 0,
            listed_tools: 0,
            keyless: 0,
            decided: Vec::new(),
        };
        let fake = Self {
            at: listener.local_addr().expect("an address"),
            world: Arc::new(Mutex::new(world)),
        };
        let router = Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Where its tools are. The slash at the end is missing, as people forget it.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.at)
    }

    /// Where its pages are.
    pub fn pages(&self) -> String {
        format!("http://{}/admin", self.at)
    }

    /// What is in it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next call of a tool in a mood.
    pub fn mood(&self, tool: &'static str, mood: Mood) {
        self.world().moods.push_back((tool, mood));
    }

    /// How often a mood came to pass.
    pub fn fired(&self, mood: &str) -> usize {
        let world = self.world();
        let all = world.fired.iter();
        all.filter(|one| one.starts_with(mood)).count()
    }

    /// How often the list of tools was asked for, and how many calls showed no token or showed it
    /// where it does not belong.
    pub fn misuse(&self) -> (usize, usize) {
        let world = self.world();
        (world.listed_tools, world.keyless)
    }

    /// How often a tool was called.
    pub fn hits(&self, tool: &str) -> usize {
        self.world().hits.get(tool).copied().unwrap_or(0)
    }

    /// Starts anew, and knows no session of before.
    pub fn restart(&self) {
        let mut world = self.world();
        world.sessions_known.clear();
        world.fired.push("restart".into());
    }

    /// A buy that runs in June and is half delivered, on plan.
    pub fn sells(&self, id: &str, status: &str) {
        let mut world = self.world();
        let package = |product: &str, n: usize, budget: f64| Package {
            id: format!("pkg_{product}_084aa92d_{n}"),
            product: product.into(),
            budget,
            paused: false,
            impressions: 150_000,
            spend: budget / 2.0,
        };
        world.buys.push(Buy {
            id: id.into(),
            status: status.into(),
            po: format!("PO-{id}"),
            start: "2026-06-01T00:00:00+00:00",
            end: "2026-07-01T00:00:00+00:00",
            created: "2026-05-30T00:00:00+00:00",
            packages: vec![package("display", 1, 3_000.0), package("video", 2, 2_000.0)],
            staged: None,
        });
        let n = world.tasks.len();
        let request = json!({"po_number": format!("PO-{id}"), "start_time": "2026-06-01T00:00:00Z",
            "end_time": "2026-07-01T00:00:00Z", "packages": [{"product_id": "display", "budget": 3000}, {"product_id": "video", "budget": 2000}],
            "push_notification_config": {"authentication": {"credentials": "SECRET-OF-THE-BUYER"}}});
        world.tasks.push(Task {
            id: format!("step_{n}"),
            status: "completed".into(),
            tool: "create_media_buy",
            buy: id.into(),
            request,
        });
    }

    /// A buy that waits for a person there: it is shown as if it waited for its flight.
    pub fn holds(&self, id: &str) {
        self.sells(id, "pending_approval");
        let mut world = self.world();
        if let Some(task) = world.tasks.last_mut() {
            task.status = "requires_approval".into();
        }
    }
}

fn says(status: u16, kind: &'static str, body: String) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The beginning of an answer, and then the connection is gone.
fn cut() -> Response {
    let parts = [Ok("{\"json"), Err(io::Error::other("gone"))];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

fn web_page(status: u16) -> Response {
    says(
        status,
        "text/html",
        "<html><body>nothing here</body></html>".into(),
    )
}

async fn answer(State(fake): State<SalesAgent>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = head.uri.path().to_owned();
    if let Some(rest) = path.strip_prefix("/admin/tenant/") {
        let text = String::from_utf8_lossy(&body).into_owned();
        return fake.world().page(&head.headers, rest, &text);
    }
    let slash = fake.world().age != Age::Faithful;
    if path != if slash { "/mcp/" } else { "/mcp" } {
        return web_page(404);
    }
    if head.method != Method::POST {
        return web_page(405);
    }
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (reply, silent) = fake.world().take(&head.headers, &message, &body);
    if silent {
        std::future::pending::<()>().await;
    }
    reply
}

impl World {
    /// Whether it keeps sessions and answers in streams.
    fn keeps_sessions(&self) -> bool {
        self.age == Age::Public
    }

    /// Wraps an answer as this server does.
    fn wrap(&self, message: &Value) -> Response {
        if self.keeps_sessions() {
            let noise = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\n";
            let body = format!("{noise}event: message\ndata: {message}\n\n");
            says(200, "text/event-stream", body)
        } else {
            says(200, "application/json", message.to_string())
        }
    }

    fn take(&mut self, headers: &HeaderMap, message: &Value, body: &[u8]) -> (Response, bool) {
        let id = message["id"].clone();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let accepts = text("accept").unwrap_or_default();
        if !accepts.contains("application/json") || !accepts.contains("text/event-stream") {
            return (says(406, "application/json", "{}".into()), false);
        }
        match message["method"].as_str().unwrap_or_default() {
            "initialize" => (self.initialize(&id), false),
            "tools/list" => {
                self.listed_tools += 1;
                (
                    self.wrap(&json!({"jsonrpc": "2.0", "id": id, "result": {"tools": []}})),
                    false,
                )
            }
            "tools/call" => {
                if self.keeps_sessions() {
                    let Some(session) = text("mcp-session-id") else {
                        let error = json!({"jsonrpc": "2.0", "id": "server-error", "error": {"code": -32600, "message": "Bad Request: Missing session ID"}});
                        return (says(400, "application/json", error.to_string()), false);
                    };
                    if !self.sessions_known.contains(session) {
                        self.unknown += 1;
                        let error = json!({"jsonrpc": "2.0", "id": "server-error", "error": {"code": -32600, "message": "Session not found"}});
                        return (says(404, "application/json", error.to_string()), false);
                    }
                }
                let keyed =
                    text("x-adcp-auth") == Some(TOKEN) && text("x-adcp-tenant") == Some(TENANT);
                let elsewhere = String::from_utf8_lossy(body).contains(TOKEN);
                self.keyless += usize::from(!keyed || elsewhere);
                self.call(&id, &message["params"])
            }
            _ => (StatusCode::ACCEPTED.into_response(), false),
        }
    }

    fn initialize(&mut self, id: &Value) -> Response {
        self.begun += 1;
        let result = json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "AdCPSalesAgent", "version": "3.2.0"}});
        let mut reply = self.wrap(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        if self.keeps_sessions() {
            let session = format!("session-{}", self.begun);
            reply
                .headers_mut()
                .insert("mcp-session-id", session.parse().expect("a header"));
            self.sessions_known.insert(session);
        }
        reply
    }

    fn call(&mut self, id: &Value, params: &Value) -> (Response, bool) {
        let tool = params["name"].as_str().unwrap_or_default().to_owned();
        let arguments = params["arguments"].clone();
        *self.hits.entry(tool.clone()).or_default() += 1;
        self.asked.push((tool.clone(), arguments.clone()));
        let at = self.moods.iter().position(|(of, _)| *of == tool);
        let mood = at
            .and_then(|at| self.moods.remove(at))
            .map(|(_, mood)| mood);
        if let Some(mood) = &mood {
            self.fired.push(format!("{mood:?}"));
        }
        let failed =
            |text: String| json!({"content": [{"type": "text", "text": text}], "isError": true});
        let result = match &mood {
            Some(Mood::Text(status, text)) => {
                return (says(*status, "text/html", (*text).to_owned()), false);
            }
            Some(Mood::Busy(seconds)) => {
                let mut reply = says(429, "text/plain", "slow down".into());
                let seconds = seconds.to_string().parse().expect("a header");
                reply.headers_mut().insert(header::RETRY_AFTER, seconds);
                return (reply, false);
            }
            Some(Mood::Cut) => return (cut(), false),
            Some(Mood::Rpc(code, words)) => {
                let error =
                    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": words}});
                return (self.wrap(&error), false);
            }
            Some(Mood::Words(words)) => failed((*words).to_owned()),
            Some(Mood::Json(error)) => {
                failed(json!({"adcp_error": error, "errors": [error]}).to_string())
            }
            Some(Mood::Says(body)) => json!({"content": [], "structuredContent": body}),
            _ => match self.tool(&tool, &arguments) {
                Ok(body) => {
                    let text = body.to_string();
                    json!({"content": [{"type": "text", "text": text}], "structuredContent": body, "isError": false})
                }
                Err(error) if error.is_string() => {
                    failed(error.as_str().unwrap_or_default().to_owned())
                }
                Err(error) => failed(json!({"adcp_error": error, "errors": [error]}).to_string()),
            },
        };
        match mood {
            Some(Mood::DoneThenCut) => (cut(), false),
            Some(Mood::DoneThenSilent) => (cut(), true),
            _ => (
                self.wrap(&json!({"jsonrpc": "2.0", "id": id, "result": result})),
                false,
            ),
        }
    }

    fn tool(&mut self, tool: &str, asked: &Value) -> Result<Value, Value> {
        let older = self.age == Age::Older;
        match tool {
            "get_media_buys" if !older => Ok(self.list(asked)),
            "get_media_buy_delivery" => Ok(self.delivery(asked)),
            "get_products" if self.products.is_some() => Ok(json!({"products": self.products})),
            "update_media_buy" => self.update(asked),
            "create_media_buy" => self.create(asked),
            "list_tasks" if !older => Ok(self.list_tasks(asked)),
            "get_task" if !older => {
                let task = self
                    .tasks
                    .iter()
                    .find(|task| json!(task.id) == asked["task_id"]);
                task.map(|task| json!({"task_id": task.id, "status": task.status, "request_data": task.request,
                    "associated_objects": [{"type": "media_buy", "id": task.buy, "action": "create"}]}))
                    .ok_or_else(|| json!({"code": "NOT_FOUND", "message": "no such task"}))
            }
            other => Err(json!(format!("Unknown tool: {other}"))),
        }
    }

    fn list(&self, asked: &Value) -> Value {
        let wanted: Vec<&str> = match asked["status_filter"].as_array() {
            Some(all) => all.iter().filter_map(Value::as_str).collect(),
            None => vec!["active"],
        };
        let shown = |buy: &Buy| match &*buy.status {
            // What waits for its approval cannot be told from what waits for its flight.
            "pending_approval" => "pending_start".to_owned(),
            other => other.to_owned(),
        };
        let faithful = self.age == Age::Faithful;
        let buys = self.buys.iter().filter(|_| !self.hides);
        let buys = buys.filter(|buy| wanted.contains(&shown(buy).as_str()));
        let buys: Vec<Value> = buys
            .map(|buy| {
                let packages: Vec<Value> = buy.packages.iter().map(|one| {
                    let mut told = json!({"package_id": one.id, "product_id": one.product, "paused": one.paused, "budget": one.budget});
                    if self.snapshots && asked["include_snapshot"] == json!(true) {
                        told["snapshot"] = json!({"as_of": self.as_of, "impressions": one.impressions, "spend": one.spend,
                            "staleness_seconds": 900, "clicks": 0, "pacing_index": 1.0, "delivery_status": "delivering"});
                    }
                    told
                }).collect();
                let total: f64 = buy.packages.iter().map(|one| one.budget).sum();
                let mut told = json!({"media_buy_id": buy.id, "status": shown(buy), "currency": "USD", "total_budget": total,
                    "packages": packages, "created_at": buy.created, "updated_at": null});
                if faithful {
                    told["start_time"] = json!(buy.start);
                    told["end_time"] = json!(buy.end);
                }
                told
            })
            .collect();
        json!({"media_buys": buys, "errors": null, "context": null})
    }

    fn delivery(&self, asked: &Value) -> Value {
        let wanted = asked["media_buy_ids"].as_array();
        let buys = self
            .buys
            .iter()
            .filter(|_| !self.hides)
            .filter(|buy| wanted.is_none_or(|all| all.contains(&json!(buy.id))));
        let told: Vec<Value> = buys
            .map(|buy| {
                let packages: Vec<Value> = buy.packages.iter().enumerate().map(|(n, one)| {
                    // Another id than everywhere else.
                    json!({"package_id": format!("pkg_{}_{n}", one.product), "impressions": f64::from(one.impressions), "spend": one.spend, "pacing_index": 1.0})
                }).collect();
                json!({"media_buy_id": buy.id, "buyer_ref": buy.po, "status": buy.status, "totals": {"impressions": 1, "spend": 1.0}, "by_package": packages})
            })
            .collect();
        let name = if self.age == Age::Older {
            "deliveries"
        } else {
            "media_buy_deliveries"
        };
        json!({"currency": "USD", "reporting_period": {"start": "2026-06-01", "end": "2026-06-16"}, name: told, "errors": []})
    }

    fn list_tasks(&self, asked: &Value) -> Value {
        let fits = |task: &&Task| {
            let status = asked["status"]
                .as_str()
                .is_none_or(|status| status == task.status);
            let object = asked["object_id"].as_str().is_none_or(|id| id == task.buy);
            status && object
        };
        let tasks: Vec<Value> = self.tasks.iter().filter(fits).map(|task| {
            let action = if task.tool == "create_media_buy" { "create" } else { "update" };
            json!({"task_id": task.id, "status": task.status, "type": "tool_call", "tool_name": task.tool,
                "created_at": "2026-06-16T11:00:00+00:00", "context_id": format!("ctx_{}", task.id),
                "associated_objects": [{"type": "media_buy", "id": task.buy, "action": action}]})
        }).collect();
        json!({"tasks": tasks, "total": tasks.len(), "offset": 0, "limit": 100, "has_more": false})
    }

    /// What its tool for changes knows of.
    fn words(&self) -> Vec<&'static str> {
        let mut words = vec![
            "media_buy_id",
            "packages",
            "start_time",
            "end_time",
            "budget",
        ];
        match self.age {
            Age::Older => words.push("active"),
            Age::Public => words.extend(["paused", "idempotency_key"]),
            Age::Faithful => words.extend([
                "paused",
                "idempotency_key",
                "canceled",
                "cancellation_reason",
            ]),
        }
        words
    }

    fn update(&mut self, asked: &Value) -> Result<Value, Value> {
        let known = self.words();
        if let Some(strange) = asked
            .as_object()
            .and_then(|all| all.keys().find(|name| !known.contains(&name.as_str())))
        {
            return Err(
                json!({"code": "VALIDATION_ERROR", "message": "Unexpected keyword argument", "field": strange, "recovery": "correctable"}),
            );
        }
        let id = asked["media_buy_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let at = self.buys.iter().position(|buy| buy.id == id);
        let Some(at) = at else {
            return Err(
                json!({"code": "MEDIA_BUY_NOT_FOUND", "message": format!("Media buy {id} not found")}),
            );
        };
        if asked["paused"] == json!(false) && self.buys[at].status != "paused" {
            return Err(
                json!({"code": "INVALID_STATE", "message": "Action(s) ['resume'] not allowed in status 'active'", "suggestion": "Valid: pause, cancel"}),
            );
        }
        for one in asked["packages"].as_array().into_iter().flatten() {
            if one["budget"].as_f64().is_some_and(|budget| budget < 10.0) {
                return Err(
                    json!({"code": "BUDGET_TOO_LOW", "message": "Package budget is below the minimum", "field": "budget", "suggestion": "raise it"}),
                );
            }
        }
        if self.holds {
            let task = format!("step_{}", self.tasks.len());
            self.tasks.push(Task {
                id: task.clone(),
                status: "requires_approval".into(),
                tool: "update_media_buy",
                buy: id.clone(),
                request: json!({}),
            });
            self.buys[at].staged = Some(asked.clone());
            return Ok(json!({"media_buy_id": id, "status": "submitted", "task_id": task}));
        }
        self.apply(at, asked);
        let status = if self.age == Age::Older {
            "accepted"
        } else {
            "completed"
        };
        Ok(
            json!({"media_buy_id": id, "status": status, "media_buy_status": "active", "affected_packages": []}),
        )
    }

    fn apply(&mut self, at: usize, asked: &Value) {
        let quiet = self.without_effect.clone();
        let buy = &mut self.buys[at];
        let stopped = |one: &Value| {
            one["paused"]
                .as_bool()
                .or(one["active"].as_bool().map(|active| !active))
        };
        if asked["canceled"] == json!(true) {
            buy.status = "canceled".into();
        }
        if let Some(paused) = stopped(asked).filter(|_| !quiet.contains("paused")) {
            buy.status = if paused { "paused" } else { "active" }.into();
        }
        for one in asked["packages"].as_array().into_iter().flatten() {
            let Some(package) = buy
                .packages
                .iter_mut()
                .find(|package| json!(package.id) == one["package_id"])
            else {
                continue;
            };
            if let Some(budget) = one["budget"].as_f64().filter(|_| !quiet.contains("budget")) {
                package.budget = budget;
            }
            if let Some(paused) = stopped(one).filter(|_| !quiet.contains("paused")) {
                package.paused = paused;
            }
        }
    }

    fn create(&mut self, asked: &Value) -> Result<Value, Value> {
        if asked["idempotency_key"]
            .as_str()
            .is_none_or(|key| key.len() < 16)
        {
            return Err(
                json!({"code": "VALIDATION_ERROR", "message": "idempotency_key is required"}),
            );
        }
        let n = self.next;
        self.next += 1;
        let po = asked["po_number"].as_str().unwrap_or("none").to_owned();
        let packages: Vec<Package> = asked["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(at, one)| {
                let product = one["product_id"].as_str().unwrap_or("?").to_owned();
                Package {
                    id: format!("pkg_{product}_{n}_{at}"),
                    product,
                    budget: one["budget"].as_f64().unwrap_or(0.0),
                    paused: false,
                    impressions: 0,
                    spend: 0.0,
                }
            })
            .collect();
        let id = if self.holds {
            format!("mb_{n:012x}")
        } else {
            format!("buy_{po}")
        };
        self.buys.push(Buy {
            id: id.clone(),
            status: if self.holds {
                "pending_approval"
            } else {
                "pending_creatives"
            }
            .into(),
            po,
            start: "2026-07-01T00:00:00Z",
            end: "2026-08-01T00:00:00Z",
            created: "2026-06-16T12:00:20.123456+00:00",
            packages,
            staged: None,
        });
        let task = format!("step_{}", self.tasks.len());
        let status = if self.holds {
            "requires_approval"
        } else {
            "completed"
        };
        self.tasks.push(Task {
            id: task.clone(),
            status: status.into(),
            tool: "create_media_buy",
            buy: id.clone(),
            request: asked.clone(),
        });
        if self.holds {
            return Ok(json!({"task_id": task, "status": "submitted"}));
        }
        Ok(
            json!({"media_buy_id": id, "media_buy_status": "pending_creatives", "status": "completed", "packages": []}),
        )
    }

    /// The pages on which people decide.
    fn page(&mut self, headers: &HeaderMap, path: &str, body: &str) -> Response {
        let cookie = headers
            .get(header::COOKIE)
            .and_then(|value| value.to_str().ok());
        let away =
            |to: &str| (StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response();
        if cookie != Some(COOKIE) {
            self.fired.push("sign in".into());
            return away("/admin/login");
        }
        let parts: Vec<&str> = path.split('/').collect();
        self.decided.push((path.to_owned(), body.to_owned()));
        match parts.as_slice() {
            [_, "media-buy", id, "approve"] => {
                let approves = body.contains("action=approve");
                let task = self
                    .tasks
                    .iter_mut()
                    .find(|task| task.buy == **id && task.status == "requires_approval");
                if let Some(task) = task {
                    task.status = if approves { "approved" } else { "rejected" }.into();
                    if let Some(buy) = self.buys.iter_mut().find(|buy| buy.id == **id) {
                        buy.status = if approves { "active" } else { "rejected" }.into();
                    }
                }
                // Whatever came of it.
                away(&format!("/admin/tenant/{}/media-buy/{id}", parts[0]))
            }
            [_, "workflows", _, "steps", step, verb] => {
                let Some(task) = self.tasks.iter_mut().find(|task| task.id == **step) else {
                    return says(
                        404,
                        "application/json",
                        json!({"error": "Workflow step not found"}).to_string(),
                    );
                };
                task.status = format!("{verb}ed").replace("ee", "e");
                let id = task.buy.clone();
                let at = self.buys.iter().position(|buy| buy.id == id);
                if let (Some(at), "approve") = (at, *verb)
                    && let Some(staged) = self.buys[at].staged.take()
                {
                    self.apply(at, &staged);
                }
                says(
                    200,
                    "application/json",
                    json!({"success": true}).to_string(),
                )
            }
            _ => web_page(404),
        }
    }
}
