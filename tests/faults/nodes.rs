//! Three nodes on one PostgreSQL, each killed now and then while clients ask whichever stands,
//! and PostgreSQL itself killed under them. What any node acknowledged is there exactly once, no
//! slot is had twice, and soon after PostgreSQL is back every node answers again.

use std::{
    io::Write as _,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sqlx::Connection as _;
use tokio::sync::watch;

use crate::{
    Dice, Faults,
    books::Books,
    ledger::Ledger,
    postgres,
    program::{self, Program},
    scratch,
    web::{Reply, Silence, Web, brief, job_of},
};

/// How many nodes there are.
const NODES: usize = 3;
/// How soon after PostgreSQL is back every node must answer.
const BACK: Duration = Duration::from_secs(5);
/// How long anything may take before the story is broken.
const PATIENCE: Duration = Duration::from_mins(2);
/// At most so many answers are waited for before the next fault.
const LONGEST_LIFE: u64 = 150;
/// How many want each slot.
const CONTENDERS: u32 = 4;

/// What all who take part see.
struct Story {
    /// Where each node answers while it is up.
    nodes: watch::Sender<[Option<String>; NODES]>,
    /// How many answers have arrived.
    heard: watch::Sender<u64>,
    closing: watch::Sender<bool>,
    ledger: Ledger,
    turn: AtomicU64,
    /// The slots that were had, each by the key under which it was.
    had: Mutex<Vec<(String, String)>>,
}

/// One client.
struct Client {
    story: Arc<Story>,
    web: Web,
}

impl Client {
    fn new(story: &Arc<Story>) -> Self {
        let (story, web) = (Arc::clone(story), Web::new());
        Self { story, web }
    }

    /// Some node that is up, another one each time.
    async fn any(&self) -> String {
        let mut nodes = self.story.nodes.subscribe();
        let up = nodes.wait_for(|nodes| nodes.iter().any(Option::is_some));
        let up = tokio::time::timeout(PATIENCE, up).await;
        let up = up.expect("one is up in time").expect("the story goes on");
        let urls: Vec<&String> = up.iter().flatten().collect();
        let turn = self.story.turn.fetch_add(1, Ordering::Relaxed);
        let nth = usize::try_from(turn).unwrap_or_default() % urls.len();
        urls[nth].clone()
    }

    /// Counts an answer; one of a node that cannot now is as good as none.
    fn weigh(&self, answer: Result<Reply, Silence>) -> Result<Reply, Silence> {
        let reply = answer?;
        if reply.status >= 500 {
            assert!([503, 507].contains(&reply.status), "{reply:?}");
            return Err(Silence::Unknown);
        }
        self.story.heard.send_modify(|heard| *heard += 1);
        Ok(reply)
    }

    /// Reads, whatever it takes.
    async fn read(&self, path: &str) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.web.get(&self.any().await, path).await;
            if let Ok(reply) = self.weigh(answer) {
                return reply.good();
            }
            assert!(begun.elapsed() < PATIENCE, "nobody answers {path}");
        }
    }

    /// Orders under a key until some node answers.
    async fn order(&self, action: &'static str, key: &str, path: &str, body: &Value) -> Reply {
        let ledger = &self.story.ledger;
        ledger.open(key, action);
        let begun = Instant::now();
        loop {
            let answer = self
                .web
                .post(&self.any().await, path, key, Some(body))
                .await;
            match self.weigh(answer) {
                Ok(reply) => {
                    ledger.close(key, &reply);
                    return reply;
                }
                Err(Silence::Unheard) => {}
                Err(Silence::Unknown) => ledger.silent(key),
            }
            assert!(begun.elapsed() < PATIENCE, "nobody answers {key}");
        }
    }

    fn closing(&self) -> bool {
        *self.story.closing.borrow()
    }

    /// Sends briefs, and approves of each what is recommended once it waits for that.
    async fn book(self, name: u32) {
        let mut number = 0;
        while !self.closing() {
            number += 1;
            let key = format!("submit-{name}-{number}");
            let body = brief(&format!("Brief {name}/{number}"), 500, false);
            let reply = self
                .order("bookings.submit", &key, "/bookings", &body)
                .await;
            let job = job_of(&reply.good());
            self.until_at_rest(&job).await;
            let key = format!("approve-{job}");
            let path = format!("/bookings/{job}/approve-all");
            let decided = self
                .order("bookings.approve", &key, &path, &json!({}))
                .await;
            assert!([200, 202, 409].contains(&decided.status), "{decided:?}");
        }
    }

    /// Waits until nothing is done about a job.
    async fn until_at_rest(&self, job: &str) -> Value {
        let begun = Instant::now();
        loop {
            let view = self.read(&format!("/bookings/{job}")).await;
            let status = view["status"].as_str().expect("a status");
            if !["pending", "running"].contains(&status) {
                return view;
            }
            assert!(begun.elapsed() < PATIENCE, "nobody takes it up: {view}");
        }
    }

    /// Wants every slot, as others do.
    async fn want(self, name: u32, slots: Arc<Vec<String>>) {
        for (number, slot) in slots.iter().enumerate() {
            if self.closing() {
                return;
            }
            let key = format!("slot-{number}-{name}");
            let guest = json!({
                "slotId": slot, "firstName": "Guest", "lastName": format!("{name}"),
                "email": format!("guest-{name}@example.com"),
            });
            let reply = self
                .order("slots.book", &key, "/api/bookings", &guest)
                .await;
            match reply.status {
                201 => {
                    let mut had = self.story.had.lock().expect("no client panicked");
                    had.push((slot.clone(), key));
                }
                409 => {}
                _ => panic!("neither had nor taken: {reply:?}"),
            }
        }
    }
}

/// The nodes and the server under them.
struct Ground {
    postgres: postgres::Server,
    database: String,
    homes: [Arc<tempfile::TempDir>; NODES],
    nodes: [Option<Program>; NODES],
    begun: Instant,
}

impl Ground {
    fn home(&self, nth: usize) -> &Path {
        self.homes[nth].path()
    }

    fn start(&mut self, story: &Story, nth: usize) {
        let node = Program::beside(self.home(nth), self.begun.elapsed(), &self.database);
        let url = node.url.clone();
        self.nodes[nth] = Some(node);
        story.nodes.send_modify(|nodes| nodes[nth] = Some(url));
    }

    fn kill(&mut self, story: &Story, nth: usize) {
        story.nodes.send_modify(|nodes| nodes[nth] = None);
        if let Some(node) = self.nodes[nth].take() {
            node.kill();
        }
    }

    /// Kills PostgreSQL and has it start again; every node answers soon after it does.
    #[expect(
        clippy::used_underscore_binding,
        reason = "whoever kills no server has no use for it"
    )]
    async fn kill_postgres(&mut self, story: &Story, web: &Web) {
        let before = postgres_began(&self.database).await.expect("it stands");
        let watcher = self
            .postgres
            ._watcher
            .as_mut()
            .expect("a server of our own");
        let pipe = watcher.stdin.as_mut().expect("its input is piped");
        pipe.write_all(b"again\n").expect("the watcher reads");
        let begun = Instant::now();
        while postgres_began(&self.database)
            .await
            .is_none_or(|at| at == before)
        {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL does not come back");
        }
        let back = Instant::now();
        let urls = story.nodes.borrow().clone();
        for url in urls.into_iter().flatten() {
            while !matches!(web.get(&url, "/bookings?limit=1").await, Ok(reply) if reply.status == 200)
            {
                assert!(back.elapsed() < BACK, "{url} does not answer again");
            }
        }
    }
}

/// When the server was started, if it answers.
async fn postgres_began(url: &str) -> Option<String> {
    let mut door = sqlx::PgConnection::connect(url).await.ok()?;
    let began = sqlx::query_scalar("SELECT pg_postmaster_start_time()::text");
    began.fetch_one(&mut door).await.ok()
}

/// Kills one node after another, and PostgreSQL so many times.
async fn strike(story: &Story, ground: &mut Ground, faults: Faults) {
    let (kills, outages) = if faults.asked {
        ((faults.count / 5).max(6), 5)
    } else {
        (4, 1)
    };
    let mut dice = Dice(faults.seed);
    let mut heard = story.heard.subscribe();
    let web = Web::new();
    for kill in 0..kills {
        let enough = *heard.borrow() + 20 + dice.roll(LONGEST_LIFE);
        let lived = heard.wait_for(|heard| *heard >= enough);
        let lived = tokio::time::timeout(PATIENCE, lived).await;
        drop(lived.expect("they answer").expect("the story goes on"));
        let nth = usize::try_from(dice.roll(NODES as u64)).expect("a node");
        ground.kill(story, nth);
        if (kill + 1) * outages / kills > kill * outages / kills {
            ground.kill_postgres(story, &web).await;
        }
        ground.start(story, nth);
    }
}

/// Makes something to be booked by the half hour, and names so many slots of it.
async fn something_to_book(client: &Client) -> Vec<String> {
    let day = json!([{"open": "00:00", "close": "24:00"}]);
    let hours =
        json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day});
    let room = json!({
        "type": "room", "name": "The Room", "timezone": "UTC", "maxConcurrent": 1,
        "defaultDurationMinutes": 30, "operatingHours": hours, "maxHorizonDays": 365,
    });
    let made = client
        .order(
            "slots.create_resource",
            "room",
            "/api/bookings/resources",
            &room,
        )
        .await
        .good();
    let id = made["resource"]["id"].as_str().expect("an id");
    let list = format!("/api/bookings/resources/{id}/availability?from=2026-07-01&to=2026-09-30");
    let list = client.read(&list).await;
    let slots = list["data"].as_array().expect("slots").iter();
    slots
        .map(|slot| slot["slotId"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_come_and_go_and_so_does_the_database() {
    let test = "three_nodes_come_and_go_and_so_does_the_database";
    let postgres = match postgres::Server::private() {
        Ok(server) => server,
        Err(reason) => return postgres::skip(test, &reason),
    };
    let story = Arc::new(Story {
        nodes: watch::Sender::default(),
        heard: watch::Sender::default(),
        closing: watch::Sender::default(),
        ledger: Ledger::default(),
        turn: AtomicU64::default(),
        had: Mutex::default(),
    });
    let mut ground = Ground {
        database: postgres.fresh_database(),
        postgres,
        homes: [scratch(), scratch(), scratch()],
        nodes: [None, None, None],
        begun: Instant::now(),
    };
    for nth in 0..NODES {
        ground.start(&story, nth);
    }
    let slots = Arc::new(something_to_book(&Client::new(&story)).await);
    let mut clients: Vec<_> = (0..3)
        .map(|name| tokio::spawn(Client::new(&story).book(name)))
        .collect();
    clients.extend((0..CONTENDERS).map(|name| {
        let slots = Arc::clone(&slots);
        tokio::spawn(Client::new(&story).want(name, slots))
    }));
    strike(&story, &mut ground, Faults::wanted(4)).await;
    story.closing.send_replace(true);
    for client in clients {
        client.await.expect("no client panicked");
    }
    everything_stands(&story, &ground).await;
}

/// Holds what stands in the database against what was acknowledged.
async fn everything_stands(story: &Arc<Story>, ground: &Ground) {
    let client = Client::new(story);
    let page = client.read("/bookings?limit=1000").await;
    for job in page["jobs"].as_array().expect("jobs").iter().map(job_of) {
        client.until_at_rest(&job).await;
    }
    let mut had = story.had.lock().expect("no client panicked").clone();
    let count = had.len();
    had.sort();
    had.dedup_by(|one, other| one.0 == other.0);
    assert_eq!(had.len(), count, "a slot was had twice");
    let kept = client.read("/api/bookings?limit=1").await;
    assert_eq!(kept["total"].as_u64(), Some(count as u64), "{kept}");

    let since = ground.begun.elapsed();
    let verify = ["audit", "verify", "--database", &ground.database];
    let verdict = program::run(ground.home(0), since, &verify);
    let said = String::from_utf8_lossy(&verdict.stdout);
    assert!(said.contains("main: whole"), "{said}");
    let books = Books::in_postgres(&ground.database).await;
    books.hold(&story.ledger.read());
    assert!(story.ledger.silences() > 0, "no fault met a request");
}
