//! The program is killed again and again while clients work with it. What it acknowledged is
//! there exactly once; what it did not is there once or not at all, and once when asked again
//! under the same key; no job ever goes back; every job comes to rest soon after the last start.

use std::{
    collections::HashMap,
    os::unix::process::ExitStatusExt as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    Dice, Faults,
    books::Books,
    ledger::Ledger,
    program::{self, Program},
    scratch,
    web::{Reply, Silence, Web, brief, job_of},
};

/// How soon after the last start every job that was interrupted must be at work again.
const RESUMED: Duration = Duration::from_secs(5);
/// How soon after the last start every job must be at rest, with all that waits before it.
const REST: Duration = Duration::from_mins(1);
/// How long a client waits for the next start before the story is broken.
const PATIENCE: Duration = Duration::from_mins(1);
/// At most so many answers are waited for before the program is killed.
const LONGEST_LIFE: u64 = 300;
/// How many clients send briefs.
const SUBMITTERS: u32 = 3;

/// Where the program is: how often it was started, and its address while it is up.
#[derive(Debug, Clone, Default)]
struct Place {
    start: u32,
    url: Option<String>,
}

/// What all who take part see.
struct Story {
    place: watch::Sender<Place>,
    /// How many answers have arrived.
    heard: watch::Sender<u64>,
    /// Whether no new decisions are taken any more.
    closing: watch::Sender<bool>,
    ledger: Ledger,
    /// The jobs that were acknowledged, in order.
    jobs: Mutex<Vec<String>>,
    kills: u32,
    briefs: u32,
}

/// One client.
struct Client {
    story: Arc<Story>,
    web: Web,
}

impl Client {
    fn new(story: &Arc<Story>) -> Self {
        Self {
            story: Arc::clone(story),
            web: Web::new(),
        }
    }

    /// Where the program is, once it is up and was started so often.
    async fn up(&self, start: u32) -> (u32, String) {
        let mut place = self.story.place.subscribe();
        let up = place.wait_for(|place| place.start >= start && place.url.is_some());
        let up = tokio::time::timeout(PATIENCE, up).await;
        let up = up.expect("it comes up in time").expect("the story goes on");
        (up.start, up.url.clone().unwrap_or_default())
    }

    fn count(&self, answer: &Result<Reply, Silence>) {
        if answer.is_ok() {
            self.story.heard.send_modify(|heard| *heard += 1);
        }
    }

    async fn get(&self, url: &str, path: &str) -> Result<Reply, Silence> {
        let answer = self.web.get(url, path).await;
        self.count(&answer);
        answer
    }

    /// Reads, whatever it takes.
    async fn read(&self, path: &str) -> Value {
        let mut least = 0;
        loop {
            let (start, url) = self.up(least).await;
            match self.get(&url, path).await {
                Ok(reply) => return reply.good(),
                Err(_) => least = start + 1,
            }
        }
    }

    /// Orders under a key until there is an answer. Where one stayed away, looks at what is
    /// there before it asks again.
    async fn order(
        &self,
        action: &'static str,
        key: &str,
        path: &str,
        body: Option<&Value>,
        seen: &str,
    ) -> (Reply, Vec<Value>) {
        let ledger = &self.story.ledger;
        ledger.open(key, action);
        let (mut least, mut before) = (0, Vec::new());
        loop {
            let (start, url) = self.up(least).await;
            let answer = self.web.post(&url, path, key, body).await;
            self.count(&answer);
            match answer {
                Ok(reply) => {
                    ledger.close(key, &reply);
                    return (reply, before);
                }
                Err(Silence::Unheard) => {}
                Err(Silence::Unknown) => ledger.silent(key),
            }
            least = start + 1;
            before.push(self.read(seen).await);
        }
    }

    /// Sends every third brief, each not before its share of the kills has happened.
    async fn submit(self, first: u32) {
        for number in (first..self.story.briefs).step_by(SUBMITTERS as usize) {
            self.up(number * self.story.kills / self.story.briefs + 1)
                .await;
            let name = format!("Brief {number:05}");
            let body = brief(
                &name,
                500 + u64::from(number % 7) * 100,
                number.is_multiple_of(4),
            );
            let seen = format!("/bookings?search={}", name.replace(' ', "%20"));
            let key = format!("submit-{number}");
            let (reply, before) = self
                .order("bookings.submit", &key, "/bookings", Some(&body), &seen)
                .await;
            let found: Vec<u64> = before
                .iter()
                .map(|page| page["total"].as_u64().expect("a total"))
                .collect();
            assert!(
                found.is_sorted() && found.iter().all(|n| *n <= 1),
                "{key}: {found:?}"
            );
            let was_there = found.last() == Some(&1);
            assert_eq!(reply.replayed, was_there, "{key}: {reply:?}");
            let job = job_of(&reply.good());
            if let Some(page) = before.last().filter(|_| was_there) {
                assert_eq!(job_of(&page["jobs"][0]), job, "{key}");
            }
            self.story
                .jobs
                .lock()
                .expect("no client panicked")
                .push(job);
        }
    }

    /// Decides on what waits: all of the newest, or the first product of the oldest.
    async fn approve(self, everything: bool) {
        let order = if everything { "desc" } else { "asc" };
        let waiting = format!("/bookings?status=awaiting_approval&limit=3&order={order}");
        let mut events = None;
        while !*self.story.closing.borrow() {
            self.something_happens(&mut events).await;
            let page = self.read(&waiting).await;
            for job in page["jobs"].as_array().expect("a page").iter().map(job_of) {
                self.decide(&job, everything).await;
            }
        }
    }

    /// Waits until the program says that something happened, or is another one.
    async fn something_happens(&self, events: &mut Option<reqwest::Response>) {
        if events.is_none() {
            let (_, url) = self.up(0).await;
            *events = self.web.watch(&url).await.ok();
            return;
        }
        let Some(stream) = events else { return };
        let mut closing = self.story.closing.subscribe();
        let heard = tokio::select! {
            heard = stream.chunk() => heard,
            _ = closing.wait_for(|closing| *closing) => return,
        };
        if !matches!(heard, Ok(Some(_))) {
            *events = None;
        }
    }

    async fn decide(&self, job: &str, everything: bool) {
        let seen = format!("/bookings/{job}");
        let (path, body) = if everything {
            (format!("{seen}/approve-all"), None)
        } else {
            let view = self.read(&seen).await;
            let first = &view["recommendations"][0]["product_id"];
            let body = json!({ "approved_product_ids": [first] });
            (format!("{seen}/approve"), Some(body))
        };
        let key = format!("approve-{everything}-{job}");
        if self.story.ledger.read().contains_key(&key) {
            return; // the other one's decision is on its way
        }
        let (reply, before) = self
            .order("bookings.approve", &key, &path, body.as_ref(), &seen)
            .await;
        assert!([200, 202, 409].contains(&reply.status), "{key}: {reply:?}");
        // Asked again, it is not decided again.
        let decided = before
            .iter()
            .find_map(|view| view["approval"]["at"].as_str());
        if let Some(at) = decided {
            let now = self.read(&seen).await;
            assert_eq!(now["approval"]["at"].as_str(), Some(at), "{key}");
        }
    }

    /// Looks at one job after another: none may ever go back.
    async fn watch(self) {
        let mut seen: HashMap<String, (usize, f64)> = HashMap::new();
        let mut next = 0;
        while !*self.story.closing.borrow() {
            let job = {
                let jobs = self.story.jobs.lock().expect("no client panicked");
                next = (next + 1) % jobs.len().max(1);
                jobs.get(next).cloned()
            };
            let Some(job) = job else {
                self.read("/health").await;
                continue;
            };
            let view = self.read(&format!("/bookings/{job}")).await;
            let now = standing(&view);
            let before = seen.insert(job.clone(), now).unwrap_or_default();
            assert!(now.0 >= before.0, "{job} was {before:?} and is {now:?}");
            assert!(now.1 >= before.1, "{job} was {before:?} and is {now:?}");
        }
    }
}

/// How far a job is.
fn standing(view: &Value) -> (usize, f64) {
    const WAY: [&str; 6] = [
        "initialized",
        "brief_received",
        "budget_allocated",
        "researching",
        "awaiting_approval",
        "executing_bookings",
    ];
    let status = view["execution_status"].as_str().expect("a status");
    let at = WAY.iter().position(|one| *one == status);
    let ended = ["completed", "failed", "validation_failed"];
    assert!(at.is_some() || ended.contains(&status), "{status}");
    let progress = view["progress"].as_f64().expect("a progress");
    (at.unwrap_or(WAY.len()), progress)
}

/// Starts the program and kills it, again and again; leaves it running.
async fn strike(story: &Story, data: &std::path::Path, seed: u64, begun: Instant) -> Program {
    let mut dice = Dice(seed);
    let mut heard = story.heard.subscribe();
    for start in 1..=story.kills {
        let program = Program::serve(data, begun.elapsed());
        let url = Some(program.url.clone());
        story.place.send_replace(Place { start, url });
        let enough = *heard.borrow() + dice.roll(LONGEST_LIFE);
        let lived = heard.wait_for(|heard| *heard >= enough);
        let lived = tokio::time::timeout(PATIENCE, lived).await;
        drop(lived.expect("it answers").expect("the story goes on"));
        let status = program.kill();
        assert_eq!(
            status.signal(),
            Some(9),
            "it died of something else: {status}"
        );
        story.place.send_replace(Place { start, url: None });
    }
    let program = Program::serve(data, begun.elapsed());
    let url = Some(program.url.clone());
    let start = story.kills + 1;
    story.place.send_replace(Place { start, url });
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_is_lost_and_nothing_is_doubled() {
    let faults = Faults::wanted(10);
    let story = Arc::new(Story {
        place: watch::Sender::default(),
        heard: watch::Sender::default(),
        closing: watch::Sender::default(),
        ledger: Ledger::default(),
        jobs: Mutex::default(),
        kills: faults.count,
        briefs: 200.max(faults.count * 4),
    });
    let (dir, begun) = (scratch(), Instant::now());
    let submitters: Vec<_> = (0..SUBMITTERS)
        .map(|first| tokio::spawn(Client::new(&story).submit(first)))
        .collect();
    let others = [
        tokio::spawn(Client::new(&story).approve(true)),
        tokio::spawn(Client::new(&story).approve(false)),
        tokio::spawn(Client::new(&story).watch()),
    ];
    let program = strike(&story, dir.path(), faults.seed, begun).await;
    let last_start = Instant::now();
    for client in submitters {
        client.await.expect("no submitter panicked");
    }
    story.closing.send_replace(true);
    let client = Client::new(&story);
    are_resumed(&client, program.id(), last_start).await;
    come_to_rest(&client, last_start).await;
    for client in others {
        client.await.expect("no client panicked");
    }
    asked_again(&client).await;

    program.terminate();
    let status = program.ended(Duration::from_secs(15));
    assert_eq!(status.code(), Some(0), "{status}");
    let verdict = program::run(dir.path(), begun.elapsed(), &["audit", "verify"]);
    let said = String::from_utf8_lossy(&verdict.stdout);
    assert_eq!(verdict.status.code(), Some(0), "{said}");
    assert!(said.contains("main: whole"), "{said}");

    let books = Books::open(&dir.path().join("flightdeck.db"));
    books.hold(&story.ledger.read());
    let silences = story.ledger.silences();
    assert!(silences > 0, "{} kills met no request", story.kills);
}

/// Waits until nothing is held any more by a node that was killed.
async fn are_resumed(client: &Client, node: u32, since: Instant) {
    let (_, url) = client.up(0).await;
    let most = json!({ "limit": 1000 });
    let mut events = client.web.watch(&url).await.expect("nobody kills any more");
    loop {
        let tasks = client
            .web
            .post(&url, "/rpc/activity.tasks", "tasks", Some(&most))
            .await;
        let tasks = tasks.expect("nobody kills any more").good();
        let holders = tasks["tasks"].as_array().expect("tasks").iter();
        let dead = holders
            .filter_map(|task| task["held_by"].as_str())
            .filter(|by| !by.starts_with(&format!("{node}-")))
            .count();
        if dead == 0 {
            return;
        }
        let left = RESUMED.saturating_sub(since.elapsed());
        let more = tokio::time::timeout(left, events.chunk()).await;
        assert!(
            more.is_ok(),
            "{dead} tasks are not resumed after {RESUMED:?}"
        );
    }
}

/// Waits until every job waits for a person or has ended.
async fn come_to_rest(client: &Client, since: Instant) {
    let (_, url) = client.up(0).await;
    let mut events = client.web.watch(&url).await.expect("nobody kills any more");
    loop {
        let mut open = 0;
        for status in ["pending", "running"] {
            let page = client
                .read(&format!("/bookings?status={status}&limit=0"))
                .await;
            open += page["total"].as_u64().expect("a total");
        }
        if open == 0 {
            return;
        }
        let left = REST.saturating_sub(since.elapsed());
        let more = tokio::time::timeout(left, events.chunk()).await;
        let more = more.is_ok_and(|chunk| chunk.is_ok_and(|chunk| chunk.is_some()));
        assert!(more, "{open} jobs are not at rest after {REST:?}");
    }
}

/// Asked once more under its key, every brief gets the answer that it got.
async fn asked_again(client: &Client) {
    let (_, url) = client.up(0).await;
    for (key, entry) in client.story.ledger.read() {
        if entry.action != "bookings.submit" {
            continue;
        }
        let number: u32 = key["submit-".len()..].parse().expect("its number");
        let name = format!("Brief {number:05}");
        let body = brief(
            &name,
            500 + u64::from(number % 7) * 100,
            number.is_multiple_of(4),
        );
        let reply = client.web.post(&url, "/bookings", &key, Some(&body)).await;
        let reply = reply.expect("nobody kills any more");
        assert!(reply.replayed, "{key}: {reply:?}");
        assert_eq!(
            Some(reply.body),
            entry.answer.map(|answer| answer.body),
            "{key}"
        );
    }
}
