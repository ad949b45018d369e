//! A sales agent over MCP beside the others: its products in the words of several versions, errors
//! in three shapes, media buys that are asked for again under their key or not at all, people who
//! decide there, and success that shows nothing.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use flightdeck::{
    domain::{
        booking::{asked::SellerKind, job::JobStatus, status::ExecutionStatus},
        tenant::secret::Secret,
    },
    engine::sellers::{outside::Keeping, set_up::SetUp},
    peers::sellers::http::Bounds,
};
use serde_json::{Value, json};

use crate::{
    sellers_fake::{KEY, Mood},
    sellers_ground::{Ground, line},
};

/// What is in the agent.
#[derive(Default)]
struct World {
    moods: VecDeque<(&'static str, Mood)>,
    fired: Vec<String>,
    buys: BTreeMap<String, Value>,
    keys: BTreeMap<String, (Value, Value)>,
    /// How often a media buy was made, ever.
    made: usize,
    /// Every question for products and for media buys.
    asked: Vec<(String, Value)>,
    /// Whether it says that it keeps keys.
    keeps_keys: bool,
    /// Whether it is of a version that does not know ways of buying.
    old: bool,
    /// Whether a person decides.
    held: bool,
    task: &'static str,
}

#[derive(Clone)]
struct Agent {
    at: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl Agent {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let world = World {
            keeps_keys: true,
            task: "submitted",
            ..World::default()
        };
        let agent = Self {
            at: listener.local_addr().expect("an address"),
            world: Arc::new(Mutex::new(world)),
        };
        let router = Router::new().fallback(answer).with_state(agent.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        agent
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many moods came to pass, and how many media buys were ever made.
    fn counts(&self) -> (usize, usize) {
        let world = self.world();
        (world.fired.len(), world.made)
    }

    fn mood(&self, tool: &'static str, mood: Mood) {
        self.world().moods.push_back((tool, mood));
    }

    fn set_up(&self) -> SetUp {
        SetUp {
            key: Some(Secret::new(KEY)),
            brand: Some("acme.example".into()),
            keeping: Keeping {
                patience: Duration::from_millis(1_500),
                ahead: false,
                ..Keeping::default()
            },
            bounds: Bounds {
                read: Duration::from_millis(700),
                change: Duration::from_millis(400),
                ..Bounds::default()
            },
            ..SetUp::new("east", SellerKind::Adcp, format!("http://{}/mcp/", self.at))
        }
    }

    async fn ground(&self) -> Ground {
        Ground::among(vec![self.set_up()]).await
    }
}

fn says(body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::OK, kind, body.to_string()).into_response()
}

fn result(id: &Value, structured: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": {
        "structuredContent": structured,
        "content": [{"type": "text", "text": structured.to_string()}], "isError": false,
    }})
}

async fn answer(State(agent): State<Agent>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.expect("a body");
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let wanted = format!("Bearer {KEY}");
    let key = parts.headers.get("authorization");
    if key.and_then(|key| key.to_str().ok()) != Some(&*wanted) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let id = body["id"].clone();
    let tool = match body["method"].as_str() {
        Some("initialize") => {
            return says(&json!({"jsonrpc": "2.0", "id": id, "result": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "serverInfo": {"name": "AdCPSalesAgent", "version": "3.2.0"},
            }}));
        }
        Some("tools/call") => body["params"]["name"].as_str().expect("a tool").to_owned(),
        _ => return StatusCode::ACCEPTED.into_response(),
    };
    let arguments = body["params"]["arguments"].clone();
    let mood = {
        let mut world = agent.world();
        let at = world.moods.iter().position(|(part, _)| *part == tool);
        let mood = at
            .and_then(|at| world.moods.remove(at))
            .map(|(_, mood)| mood);
        if let Some(mood) = &mood {
            world.fired.push(format!("{mood:?}"));
        }
        mood
    };
    let act = || agent.world().act(&tool, &arguments);
    match mood {
        None => says(&result(&id, &act())),
        Some(Mood::DoneThenCut) => {
            act();
            let gone = [Ok("{\"js"), Err(std::io::Error::other("gone"))];
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (kind, Body::from_stream(futures_util::stream::iter(gone))).into_response()
        }
        Some(Mood::DoneThenSilent) => {
            act();
            std::future::pending().await
        }
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::WithoutEffect) => {
            let kept = agent.world().buys.clone();
            let said = act();
            agent.world().buys = kept;
            says(&result(&id, &said))
        }
        Some(Mood::Html(status)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [(header::CONTENT_TYPE, "text/html")], "<html>").into_response()
        }
        // The shapes of errors: a JSON text, plain words, and success with errors in it.
        Some(Mood::Json(1, said)) => says(&json!({"jsonrpc": "2.0", "id": id, "result": {
            "content": [{"type": "text", "text": said.to_string()}], "isError": true,
        }})),
        Some(Mood::Json(2, said)) => says(&json!({"jsonrpc": "2.0", "id": id, "result": {
            "content": [{"type": "text", "text": said}], "isError": true,
        }})),
        Some(Mood::Json(_, said)) => says(&result(&id, &said)),
        Some(other) => panic!("{other:?} is no mood of an agent"),
    }
}

impl World {
    fn act(&mut self, tool: &str, arguments: &Value) -> Value {
        self.asked.push((tool.to_owned(), arguments.clone()));
        match tool {
            "get_adcp_capabilities" => {
                let keys = json!({"supported": self.keeps_keys, "replay_ttl_seconds": 86_400});
                json!({"adcp": {"major_versions": [3], "idempotency": keys}})
            }
            "get_products" if self.old && arguments.get("buying_mode").is_some() => json!({
                "adcp_error": {"code": "VALIDATION_ERROR", "message": "Unexpected keyword argument", "field": "buying_mode"},
            }),
            "get_products" => self.products(arguments),
            "create_media_buy" => self.create(arguments),
            "get_media_buys" => {
                let ids = arguments["media_buy_ids"].as_array().expect("ids");
                let own = ids.iter().filter_map(|id| self.buys.get(id.as_str()?));
                json!({"media_buys": own.collect::<Vec<_>>(), "errors": null})
            }
            "tasks/get" => json!({
                "task_id": arguments["task_id"], "status": self.task, "message": "we are sold out",
                "result": {"media_buy_id": self.buys.keys().next()},
            }),
            other => json!({"adcp_error": {"code": "INVALID_REQUEST", "message": other}}),
        }
    }

    fn products(&self, arguments: &Value) -> Value {
        let option = |id: &str, model: &str, name: &str, price: f64| json!({"pricing_option_id": id, "pricing_model": model, "currency": "USD", name: price});
        let prime = json!({
            "product_id": "prime", "name": "Eastern prime", "description": "Big screens",
            "publisher_properties": [{"publisher_domain": "east.example", "selection_type": "all"}],
            "format_ids": [{"agent_url": "https://a.example", "id": "video_30s"}],
            "channels": ["ctv"], "delivery_type": "guaranteed",
            "pricing_options": [
                option("cpcv", "cpcv", "fixed_price", 0.02),
                option("cpm_usd_floor", "cpm", "floor_price", 12.0),
                option("cpm_usd_fixed", "cpm", "fixed_price", 20.001),
            ],
        });
        if self.old {
            return json!({"products": [prime]});
        }
        let odd =
            json!({"product_id": "odd", "name": "Odd", "channels": ["ctv"], "pricing_options": []});
        match arguments["pagination"]["cursor"].as_str() {
            None => json!({"products": [odd], "pagination": {"has_more": true, "cursor": "two"}}),
            Some(_) => json!({"products": [prime], "pagination": {"has_more": false}}),
        }
    }

    fn create(&mut self, arguments: &Value) -> Value {
        let key = arguments["idempotency_key"]
            .as_str()
            .expect("a key")
            .to_owned();
        if self.keeps_keys
            && let Some((first, said)) = self.keys.get(&key)
        {
            assert_eq!(first, arguments, "the same key, the same media buy");
            let mut said = said.clone();
            said["replayed"] = json!(true);
            return said;
        }
        self.made += 1;
        let id = format!("buy_{}", self.made);
        let package = &arguments["packages"][0];
        let buy = json!({
            "media_buy_id": id, "status": "pending_creatives", "currency": "USD",
            "total_budget": package["budget"], "created_at": "2026-06-01T12:00:03.5",
            "packages": [{"package_id": "p1", "product_id": package["product_id"]}],
        });
        self.buys.insert(id.clone(), buy);
        let said = if self.held {
            json!({"task_id": "step_1", "status": "submitted"})
        } else {
            json!({"media_buy_id": id, "status": "pending_creatives", "packages": []})
        };
        self.keys.insert(key, (arguments.clone(), said.clone()));
        said
    }
}

async fn tried(ground: &Ground) {
    for _ in 0..3 {
        ground.pass(5).await;
    }
}

#[tokio::test]
async fn an_agent_is_researched_and_booked_beside_the_others() {
    let agent = Agent::open().await;
    let ground = agent.ground().await;
    let job_id = ground.brief(json!({})).await;
    let job = ground.job(job_id).await;
    assert!(job.errors.is_none(), "{:?}", job.errors);
    let mut found = job.recommendations.iter().flatten();
    let east = found.find(|one| one.seller == "east").expect("its product");
    assert_eq!(east.product_id.as_str(), "east:prime");
    assert_eq!(
        east.cpm.to_string(),
        "20.01",
        "the fixed price, never rounded down"
    );
    assert_eq!(
        (&*east.publisher, east.format.as_deref()),
        ("east.example", Some("video"))
    );
    assert_eq!(east.unsaid, ["availability"]);
    let told = job
        .sellers
        .iter()
        .find(|one| one.seller == "east")
        .expect("told");
    assert_eq!(
        told.left_out,
        ["1 product has no price per thousand that is told"]
    );
    let all = ["embedded", "north", "south", "east"];
    let job = ground.approve(job_id, &all).await;
    assert_eq!((job.status, job.booked().lines), (JobStatus::Completed, 4));
    assert_eq!(
        ground.committed().await,
        job.booked().cost.amount().to_string()
    );
    let own = line(&job, "east");
    assert_eq!(own.line_id.as_deref(), Some("buy_1"));
    let world = agent.world();
    let asked = world
        .asked
        .iter()
        .find(|(tool, _)| tool == "create_media_buy");
    let (_, asked) = asked.expect("asked for");
    let package = &asked["packages"][0];
    assert_eq!(package["pricing_option_id"], "cpm_usd_fixed");
    assert_eq!(package["product_id"], "prime");
    assert_eq!(
        package["budget"].to_string(),
        own.cost
            .to_string()
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
            + if own.cost.to_string().ends_with(".00") {
                ".0"
            } else {
                ""
            }
    );
    assert_eq!(asked["start_time"], "2026-07-01T00:00:00Z");
    assert_eq!(asked["account"]["operator"], "acme.example");
    let note = job.notes.iter().find(|note| note.contains("by east"));
    assert!(note.expect("a note").contains("called pending_creatives"));
}

#[tokio::test]
async fn an_older_agent_is_asked_in_its_own_words() {
    let agent = Agent::open().await;
    agent.world().old = true;
    let ground = agent.ground().await;
    let job = ground.job(ground.brief(json!({})).await).await;
    let all = job.recommendations.iter().flatten();
    assert_eq!(all.filter(|one| one.seller == "east").count(), 1);
    let world = agent.world();
    let asked = world
        .asked
        .iter()
        .filter(|(tool, _)| tool == "get_products");
    let asked: Vec<bool> = asked
        .map(|(_, asked)| asked.get("brief").is_some())
        .collect();
    assert_eq!(asked, [false, true]);
}

#[tokio::test]
async fn an_agent_that_cannot_be_asked_fails_alone_in_every_shape() {
    for (mood, said) in [
        (Mood::Silent, "in time"),
        (Mood::Html(502), "502"),
        (
            Mood::Json(
                1,
                json!({"adcp_error": {"code": "SERVICE_UNAVAILABLE", "message": "later", "recovery": "transient"}}),
            ),
            "later",
        ),
        (
            Mood::Json(2, json!("Authentication token is invalid for tenant 'x'.")),
            "does not take our key",
        ),
        (
            Mood::Json(
                3,
                json!({"products": [], "errors": [{"code": "AUTH_REQUIRED", "message": "who?"}]}),
            ),
            "does not take our key",
        ),
        (
            Mood::Json(3, json!({"status": "fine"})),
            "no products in it",
        ),
    ] {
        let agent = Agent::open().await;
        agent.mood("get_products", mood.clone());
        let ground = agent.ground().await;
        let job = ground.job(ground.brief(json!({})).await).await;
        assert_eq!(agent.world().fired.len(), 1, "{mood:?}");
        let mut sellers = job.sellers.iter();
        let east = sellers.find(|one| one.seller == "east").expect("told");
        let why = east.trouble.as_deref().expect("a reason");
        assert!(why.contains(said), "{mood:?}: {why}");
        let all = job.recommendations.iter().flatten();
        assert_eq!(all.count(), 3, "the others are there");
    }
}

#[tokio::test]
async fn a_lost_media_buy_is_asked_for_again_under_its_key_and_made_once() {
    for mood in [Mood::DoneThenCut, Mood::DoneThenSilent, Mood::Html(503)] {
        let agent = Agent::open().await;
        let ground = agent.ground().await;
        let job_id = ground.brief(json!({})).await;
        agent.mood("create_media_buy", mood.clone());
        ground.approve(job_id, &["east", "north"]).await;
        tried(&ground).await;
        let job = ground.job(job_id).await;
        assert_eq!(agent.counts(), (1, 1), "{mood:?}");
        assert_eq!(job.booked().lines, 2, "{mood:?}: {:?}", job.errors);
    }
}

#[tokio::test]
async fn an_agent_that_keeps_no_keys_is_not_asked_again() {
    let agent = Agent::open().await;
    agent.world().keeps_keys = false;
    let ground = agent.ground().await;
    let job_id = ground.brief(json!({})).await;
    agent.mood("create_media_buy", Mood::DoneThenCut);
    ground.approve(job_id, &["east", "north"]).await;
    tried(&ground).await;
    let job = ground.job(job_id).await;
    assert_eq!(agent.counts(), (1, 1));
    let unclear = line(&job, "east").unclear.clone().expect("unclear");
    assert!(unclear.contains("its answer was lost"), "{unclear}");
    assert_eq!((job.status, job.booked().lines), (JobStatus::Completed, 1));
    assert_ne!(
        ground.committed().await,
        job.booked().cost.amount().to_string()
    );
}

#[tokio::test]
async fn a_refusal_of_what_was_asked_before_proves_nothing() {
    let agent = Agent::open().await;
    let ground = agent.ground().await;
    let job_id = ground.brief(json!({})).await;
    agent.mood("create_media_buy", Mood::DoneThenCut);
    let refused = json!({"adcp_error": {"code": "BUDGET_TOO_LOW", "message": "too low"}});
    agent.mood("create_media_buy", Mood::Json(1, refused));
    ground.approve(job_id, &["east", "north"]).await;
    tried(&ground).await;
    let job = ground.job(job_id).await;
    assert_eq!(agent.counts(), (2, 1));
    let unclear = line(&job, "east").unclear.clone().expect("unclear");
    assert!(unclear.contains("too low"), "{unclear}");
    assert_ne!(
        ground.committed().await,
        job.booked().cost.amount().to_string(),
        "its money stays committed"
    );
}

#[tokio::test]
async fn a_page_of_a_proxy_is_no_refusal() {
    for status in [404, 405, 410, 302] {
        for first in [None, Some(Mood::DoneThenCut)] {
            let agent = Agent::open().await;
            let ground = agent.ground().await;
            let job_id = ground.brief(json!({})).await;
            let moods = usize::from(first.is_some()) + 1;
            if let Some(first) = first {
                agent.mood("create_media_buy", first);
            }
            agent.mood("create_media_buy", Mood::Html(status));
            ground.approve(job_id, &["east", "north"]).await;
            tried(&ground).await;
            let job = ground.job(job_id).await;
            assert_eq!(agent.counts(), (moods, 1), "{status}");
            assert_eq!(job.booked().lines, 2, "{status}: {:?}", job.errors);
        }
    }
}

#[tokio::test]
async fn what_certainly_was_not_asked_is_asked_of_an_agent_without_keys() {
    for mood in [
        Mood::Html(429),
        Mood::Json(
            1,
            json!({"adcp_error": {"code": "SERVICE_UNAVAILABLE", "message": "later"}}),
        ),
    ] {
        let agent = Agent::open().await;
        agent.world().keeps_keys = false;
        let ground = agent.ground().await;
        let job_id = ground.brief(json!({})).await;
        agent.mood("create_media_buy", mood.clone());
        ground.approve(job_id, &["east", "north"]).await;
        tried(&ground).await;
        let job = ground.job(job_id).await;
        assert_eq!(agent.counts(), (1, 1), "{mood:?}");
        assert_eq!(line(&job, "east").unclear, None, "{mood:?}");
        assert_eq!(job.booked().lines, 2, "{mood:?}: {:?}", job.errors);
    }
}

#[tokio::test]
async fn a_person_there_is_waited_for_and_their_word_counts() {
    for (word, booked) in [("completed", 2), ("rejected", 1)] {
        let agent = Agent::open().await;
        agent.world().held = true;
        let ground = agent.ground().await;
        let job_id = ground.brief(json!({})).await;
        let job = ground.approve(job_id, &["east", "north"]).await;
        assert_eq!(job.execution_status, ExecutionStatus::ExecutingBookings);
        assert_eq!(job.booked().lines, 1, "the other's is booked meanwhile");
        ground.pass(31).await;
        assert_eq!(ground.job(job_id).await.booked().lines, 1);
        agent.world().task = word;
        ground.pass(31).await;
        let job = ground.job(job_id).await;
        assert_eq!(
            (job.status, job.booked().lines),
            (JobStatus::Completed, booked)
        );
        assert_eq!(agent.world().made, 1);
        if word == "rejected" {
            let why = line(&job, "east").error.clone().expect("a reason");
            assert!(why.contains("said no: we are sold out"), "{why}");
        }
    }
}

#[tokio::test]
async fn a_media_buy_that_is_not_shown_is_not_told_as_made() {
    let agent = Agent::open().await;
    let ground = agent.ground().await;
    let job_id = ground.brief(json!({})).await;
    agent.mood("create_media_buy", Mood::WithoutEffect);
    ground.approve(job_id, &["east", "north"]).await;
    ground.tried_to_the_end().await;
    let job = ground.job(job_id).await;
    assert_eq!(agent.world().fired.len(), 1);
    assert_eq!(job.booked().lines, 1);
    let unclear = line(&job, "east").unclear.clone().expect("unclear");
    assert!(unclear.contains("cannot be looked for"), "{unclear}");
}

#[tokio::test]
async fn what_becomes_of_a_media_buy_there_is_seen() {
    let agent = Agent::open().await;
    let ground = agent.ground().await;
    let job_id = ground.brief(json!({})).await;
    ground.approve(job_id, &["east"]).await;
    let set = |name: &str, value: Value| {
        let mut world = agent.world();
        let buy = world.buys.values_mut().next().expect("a media buy");
        buy[name] = value;
    };
    set("status", json!("active"));
    set("total_budget", json!(1.5));
    ground.pass(301).await;
    let job = ground.job(job_id).await;
    let there = line(&job, "east").there.clone().expect("looked at");
    assert_eq!(there.status, "active");
    assert!(
        there.differs[0].contains("its budget is 1.50 USD, not "),
        "{there:?}"
    );
    agent.mood("get_media_buys", Mood::Html(502));
    set("status", json!("rejected"));
    ground.pass(301).await;
    let job = ground.job(job_id).await;
    assert_eq!(
        line(&job, "east").there.clone().expect("known").status,
        "active"
    );
    assert_eq!(agent.world().fired.len(), 1, "that look told nothing");
    ground.pass(301).await;
    let job = ground.job(job_id).await;
    let there = line(&job, "east").there.clone().expect("looked at");
    assert!(
        there.remarks[0].starts_with("east shows it as rejected since "),
        "{there:?}"
    );
    assert_eq!(ground.committed().await, "0.00");
    assert_eq!(job.booked().lines, 0);
}
