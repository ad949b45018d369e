//! An IAB buyer agent for tests, on loopback, as version 2.4 was observed to behave: naive times,
//! a brief that is not given back, recommendations in no order, a status of 200 for what it turns
//! down, ids that it counts instead of matching, jobs that live in one worker's memory and are
//! forgotten with it. Before a request it can be given a mood; it counts which moods came to pass.

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
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

/// The key that it wants to see.
pub const KEY: &str = "canary-buyer-key";

/// How it takes one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// It does what is asked and breaks off before it has answered.
    DoneThenCut,
    /// It does what is asked and never answers.
    DoneThenSilent,
    /// It breaks off and has done nothing.
    Cut,
    /// It keeps it for later, and does not answer before.
    Held,
    /// It answers success and has booked nothing.
    WithoutEffect,
    /// It answers with this status and text.
    Text(u16, &'static str),
    /// It answers with this status and JSON.
    Json(u16, Value),
}

/// A job, as its worker remembers it.
#[derive(Debug, Clone)]
pub struct Job {
    worker: usize,
    /// Its id.
    pub id: String,
    /// The brief as it was sent.
    pub brief: Value,
    /// Its status.
    pub status: String,
    progress: f64,
    /// The budget by channel.
    pub allocations: Value,
    /// What is recommended.
    pub recommendations: Vec<Value>,
    lines: Vec<Value>,
    errors: Vec<String>,
    created_at: String,
}

/// What there is in it.
#[derive(Default)]
pub struct World {
    /// The jobs of all workers.
    pub jobs: Vec<Job>,
    /// How many workers there are; each knows its own jobs alone.
    pub workers: usize,
    requests: usize,
    /// How it takes what it is asked next, by the end of the path.
    pub moods: VecDeque<(&'static str, Mood)>,
    /// Which moods came to pass.
    pub fired: Vec<String>,
    /// How often a worker did not know a job that another one has.
    pub unknown: usize,
    /// How many briefs were taken.
    pub submits: usize,
    /// How many jobs were approved in advance.
    pub in_advance: usize,
    /// How often each job was decided on.
    pub approvals: BTreeMap<String, usize>,
    /// Which way each decision came, and with which ids.
    pub decisions: Vec<(String, Value)>,
    held: Vec<(String, String, Value)>,
    /// Products that no seller books.
    pub unsold: BTreeSet<String>,
    /// What sellers ask, in percent of what was recommended.
    pub asked_percent: u64,
    /// What a channel is given, in percent of what is recommended in it.
    pub given_percent: u32,
    /// Whether requests had the key in their header and nowhere else.
    pub keyless: usize,
    /// Whether research ends as soon as a brief has come.
    pub eager: bool,
    /// What it answers for the next research: errors in place of recommendations.
    pub research_fails: Option<&'static str>,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub struct BuyerAgent {
    at: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl BuyerAgent {
    /// Opens on a port of its own.
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let world = World {
            workers: 1,
            asked_percent: 100,
            given_percent: 100,
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

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// What is in it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next request of a sort in a mood.
    pub fn mood(&self, path: &'static str, mood: Mood) {
        self.world().moods.push_back((path, mood));
    }

    /// How often a mood came to pass.
    pub fn fired(&self, mood: &str) -> usize {
        let world = self.world();
        world
            .fired
            .iter()
            .filter(|one| one.starts_with(mood))
            .count()
    }

    /// How many briefs it took.
    pub fn submits(&self) -> usize {
        self.world().submits
    }

    /// How often anything was decided on.
    pub fn approvals(&self) -> usize {
        self.world().approvals.values().sum()
    }

    /// Ends the research of every job that waits for it.
    pub fn research(&self) {
        let mut world = self.world();
        let (fails, given) = (world.research_fails.take(), world.given_percent);
        for job in world.jobs.iter_mut().filter(|job| job.status == "pending") {
            job.research(fails, given);
        }
    }

    /// Starts anew, with nothing in its memory.
    pub fn restart(&self) {
        let mut world = self.world();
        world.jobs.clear();
        world.fired.push("restart".into());
    }

    /// Does what it has kept for later.
    pub fn release(&self) {
        let mut world = self.world();
        for (id, how, body) in std::mem::take(&mut world.held) {
            world.decide(&id, &how, &body, true);
        }
    }

    /// A job that somebody else sent, approved in advance and turned down by nobody knows whom:
    /// it ends as completed all the same.
    pub fn foreign(&self, name: &str, budget: &Value) -> String {
        let mut world = self.world();
        let brief = json!({"name": name, "budget": budget, "channels": ["ctv"]});
        let id = world.take(brief, true);
        let job = world.jobs.last_mut().expect("the job");
        job.research(None, 100);
        job.status = "completed".into();
        job.progress = 1.0;
        job.errors =
            vec!["Booking rejected: Total cost $29,999.97 exceeds budget $10,000.00".into()];
        id
    }
}

impl World {
    fn take(&mut self, brief: Value, auto: bool) -> String {
        self.in_advance += usize::from(auto);
        let id = uuid::Uuid::new_v4().to_string();
        let n = self.jobs.len();
        let worker = self.worker();
        self.jobs.push(Job {
            worker,
            id: id.clone(),
            brief,
            status: "pending".into(),
            progress: 0.0,
            allocations: json!({}),
            recommendations: Vec::new(),
            lines: Vec::new(),
            errors: Vec::new(),
            // No zone, and now and then no fraction.
            created_at: format!("2026-06-01T12:{:02}:00", n % 60),
        });
        id
    }

    /// Who takes the request at hand: in no order, so that nobody meets the same one every time.
    fn worker(&self) -> usize {
        let mixed = (self.requests as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        usize::try_from(mixed).expect("31 bits") % self.workers.max(1)
    }

    /// The job that the worker at hand knows.
    fn find(&mut self, id: &str) -> Option<&mut Job> {
        let worker = self.worker();
        let there = self.jobs.iter().position(|job| job.id == id)?;
        if self.jobs[there].worker != worker {
            self.unknown += 1;
            return None;
        }
        self.jobs.get_mut(there)
    }

    /// Books, as it does: nothing is locked, and the job changes once all is over.
    fn decide(&mut self, id: &str, how: &str, body: &Value, effect: bool) -> Value {
        *self.approvals.entry(id.to_owned()).or_default() += 1;
        self.decisions.push((how.to_owned(), body.clone()));
        let (unsold, percent) = (self.unsold.clone(), self.asked_percent);
        let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) else {
            return Value::Null;
        };
        let all = how == "approve-all";
        let ids: Vec<String> = body["approved_product_ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        job.approve(all, &ids, &unsold, percent, effect)
    }
}

impl Job {
    fn research(&mut self, fails: Option<&str>, given: u32) {
        self.status = "awaiting_approval".into();
        self.progress = 0.9;
        let Some(Value::Array(channels)) = self.brief.get("channels") else {
            self.errors =
                vec!["Budget allocation failed: 'NoneType' object is not iterable".into()];
            return;
        };
        if let Some(why) = fails {
            self.errors = vec![
                why.to_owned(),
                "research produced no bookable recommendations; approval will book nothing".into(),
            ];
            return;
        }
        let channels: Vec<String> = if channels.is_empty() {
            vec!["branding".into(), "ctv".into()]
        } else {
            let named = channels.iter().filter_map(serde_json::Value::as_str);
            named.map(str::to_owned).collect()
        };
        let budget = self.brief["budget"].as_f64().unwrap_or(0.0);
        let n = f64::from(u32::try_from(channels.len()).expect("few"));
        let share = budget / n;
        let mut all = json!({});
        for channel in &channels {
            all[channel] = json!({"channel": channel, "budget": share * f64::from(given) / 100.0, "percentage": 100.0 / n, "rationale": "even"});
            let most = self.brief["kpis"]["max_cpm_usd"].as_f64().unwrap_or(20.0);
            self.recommendations.push(recommendation(
                channel,
                &format!("inv-{channel}-hero"),
                most,
                share,
            ));
        }
        self.allocations = all;
        // In the order in which research ended, whatever that was.
        self.recommendations.reverse();
    }

    /// How often the same answer comes in another order.
    fn shown(&self, turn: usize) -> Value {
        let mut recommendations = self.recommendations.clone();
        if turn % 2 == 1 {
            recommendations.reverse();
        }
        json!({
            "job_id": self.id, "status": self.status, "progress": self.progress,
            "budget_allocations": self.allocations, "recommendations": recommendations,
            "booked_lines": self.lines, "errors": self.errors,
            "created_at": self.created_at, "updated_at": "2026-06-01T12:00:13.829559",
        })
    }

    fn approve(
        &mut self,
        all: bool,
        ids: &[String],
        unsold: &BTreeSet<String>,
        percent: u64,
        effect: bool,
    ) -> Value {
        let chosen = |one: &Value| all || ids.iter().any(|id| one["product_id"] == json!(id));
        for one in &mut self.recommendations {
            let status = if chosen(one) { "approved" } else { "rejected" };
            one["status"] = json!(status);
        }
        let approved: Vec<Value> = self
            .recommendations
            .iter()
            .filter(|one| chosen(one))
            .cloned()
            .collect();
        let cost: f64 = approved.iter().filter_map(|one| one["cost"].as_f64()).sum();
        let budget = self.brief["budget"].as_f64().unwrap_or(f64::INFINITY);
        self.progress = 1.0;
        if cost > budget {
            self.status = "failed".into();
            let error = format!("Total cost ${cost:.2} exceeds budget ${budget:.2}");
            self.errors.push(format!("Booking rejected: {error}"));
            return json!({"status": "rejected", "booked": 0, "error": error, "total_cost": cost, "budget": budget});
        }
        let (mut booked, mut total, mut failed) = (0, 0.0, Vec::new());
        let mut done = BTreeSet::new();
        for one in &approved {
            let id = one["product_id"].as_str().unwrap_or_default();
            if !done.insert(id.to_owned()) {
                continue;
            }
            if unsold.contains(id) {
                self.errors.push(format!(
                    "No deal booked for {id}: [{{'error': 'no viable quotes from any seller'}}]"
                ));
                failed.push(json!({"product_id": id, "details": [{"error": "no viable quotes from any seller"}]}));
                continue;
            }
            let line = line(one, percent, self.lines.len());
            total += line["cost"].as_f64().unwrap_or(0.0);
            booked += 1;
            if effect {
                self.lines.push(line);
            }
        }
        let success = booked > 0 || approved.is_empty();
        self.status = if success { "completed" } else { "failed" }.into();
        let status = if success { "success" } else { "failed" };
        // Floats with their noise.
        let total = if booked == 0 {
            json!(0)
        } else {
            json!(total + 0.000_000_000_002)
        };
        if all {
            return json!({"status": status, "booked": booked, "failed": failed, "total_impressions": 1, "total_cost": total});
        }
        json!({"status": status, "approved_count": ids.len(), "booked": booked, "total_cost": total})
    }
}

/// A recommendation as it is shown.
pub fn recommendation(channel: &str, product: &str, cpm: f64, cost: f64) -> Value {
    json!({
        "product_id": product, "product_name": format!("The {product}"),
        "publisher": "seller-premium-pub-001", "channel": channel, "format": "display",
        "impressions": (cost / cpm * 1000.0).floor(), "cpm": cpm, "cost": cost,
        "targeting": null, "priority": 0, "status": "pending_approval", "rationale": "it fits",
    })
}

fn line(one: &Value, percent: u64, n: usize) -> Value {
    let percent = f64::from(u32::try_from(percent).expect("a share")) / 100.0;
    let impressions = one["impressions"].as_f64().unwrap_or(0.0);
    let cpm = one["cpm"].as_f64().unwrap_or(0.0) * percent;
    json!({
        "deal_id": format!("DEMO-{n}-{}", one["product_id"].as_str().unwrap_or("?")),
        "quote_id": format!("qt-{n}"), "product_id": one["product_id"],
        "product_name": one["product_name"], "channel": one["channel"],
        "impressions": impressions, "cpm": cpm, "cost": (impressions * cpm / 10.0).round() / 100.0,
        "booking_status": "proposed", "booked_at": "2026-06-01T12:00:26.451835Z",
        "seller_id": "seller-1", "rationale": "Final price", "line_id": null, "order_id": null,
    })
}

fn says(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

/// The beginning of an answer, and then the connection is gone.
fn cut() -> Response {
    let parts = [Ok("{\"sta"), Err(io::Error::other("gone"))];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

async fn answer(State(fake): State<BuyerAgent>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let path = head.uri.path().trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let keyed = head.headers.get("x-api-key").is_some_and(|key| key == KEY);
    let elsewhere = format!("{}{body}", head.uri).contains(KEY);
    let (reply, silent) = {
        let mut world = fake.world();
        world.requests += 1;
        if (!keyed || elsewhere) && parts[0] != "health" {
            world.keyless += 1;
        }
        let sort = match (&head.method, parts.as_slice()) {
            (&Method::POST, ["bookings"]) => "submit",
            (_, ["bookings"]) => "list",
            (_, ["bookings", _]) => "one",
            (_, ["bookings", _, "approve" | "approve-all"]) => "approve",
            _ => "other",
        };
        let at = world.moods.iter().position(|(of, _)| *of == sort);
        let mood = at
            .and_then(|at| world.moods.remove(at))
            .map(|(_, mood)| mood);
        if let Some(mood) = &mood {
            world.fired.push(format!("{mood:?}"));
        }
        let silent = matches!(mood, Some(Mood::DoneThenSilent | Mood::Held));
        (
            world.answer(sort, &parts, &head.uri, &body, mood.as_ref()),
            silent,
        )
    };
    if silent {
        std::future::pending::<()>().await;
    }
    reply
}

impl World {
    fn answer(
        &mut self,
        sort: &str,
        parts: &[&str],
        uri: &axum::http::Uri,
        body: &Value,
        mood: Option<&Mood>,
    ) -> Response {
        match mood {
            Some(Mood::Text(status, text)) => {
                let status = StatusCode::from_u16(*status).expect("a status");
                return (status, *text).into_response();
            }
            Some(Mood::Json(status, body)) => return says(*status, body),
            Some(Mood::Cut) => return cut(),
            _ => {}
        }
        let reply = match sort {
            "submit" => self.submit(body),
            "list" => self.list(uri.query().unwrap_or_default()),
            "one" => {
                let turn = self.requests;
                match self.find(parts[1]) {
                    Some(job) => says(200, &job.shown(turn)),
                    None => says(404, &json!({"detail": "Job not found"})),
                }
            }
            "approve" => self.approve(parts[1], parts[2], body, mood),
            _ if parts[0] == "health" => {
                says(200, &json!({"status": "healthy", "version": "2.4.2"}))
            }
            _ => says(404, &json!({"detail": "Not Found"})),
        };
        match mood {
            Some(Mood::DoneThenCut) => cut(),
            _ => reply,
        }
    }

    fn submit(&mut self, body: &Value) -> Response {
        let brief = body["brief"].clone();
        if brief["budget"].as_f64().is_none() {
            return (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response();
        }
        self.submits += 1;
        let auto = body["auto_approve"] == json!(true);
        let id = self.take(brief, auto);
        let given = self.given_percent;
        if let Some(job) = self.jobs.last_mut().filter(|_| self.eager) {
            job.research(None, given);
        }
        says(
            200,
            &json!({"job_id": id, "status": "pending", "message": "Booking workflow started."}),
        )
    }

    fn list(&mut self, query: &str) -> Response {
        let worker = self.worker();
        let limit = query
            .strip_prefix("limit=")
            .and_then(|limit| limit.parse().ok());
        let own: Vec<&Job> = self
            .jobs
            .iter()
            .rev()
            .filter(|job| job.worker == worker)
            .collect();
        let hidden = self.jobs.len() - own.len();
        let total = own.len();
        let rows: Vec<Value> = own
            .into_iter()
            .take(limit.unwrap_or(20))
            .map(|job| {
                json!({"job_id": job.id, "status": job.status, "campaign_name": job.brief["name"],
                "budget": job.brief["budget"], "created_at": job.created_at})
            })
            .collect();
        self.unknown += hidden;
        says(200, &json!({"jobs": rows, "total": total}))
    }

    fn approve(&mut self, id: &str, how: &str, body: &Value, mood: Option<&Mood>) -> Response {
        let Some(job) = self.find(id) else {
            return says(404, &json!({"detail": "Job not found"}));
        };
        if job.status != "awaiting_approval" {
            let said = format!(
                "Job is not awaiting approval. Current status: {}",
                job.status
            );
            return says(400, &json!({ "detail": said }));
        }
        if mood == Some(&Mood::Held) {
            self.held.push((id.into(), how.into(), body.clone()));
            return says(200, &Value::Null);
        }
        let effect = mood != Some(&Mood::WithoutEffect);
        let answer = self.decide(id, how, body, effect);
        says(200, &answer)
    }
}
