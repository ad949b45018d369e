//! What one node does is heard on the other, once and in order, also after the line on which it
//! hears was cut.

use std::{sync::Arc, time::Duration};

use flightdeck::{
    domain::tenant::caller::Caller,
    engine::{
        bookings::submit::SubmitBrief,
        clock::ManualClock,
        core::Core,
        events::Noticed,
        reconcile::Runner,
        start::{Started, start},
    },
    store::open::{Database, open},
};
use sqlx::Connection as _;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use crate::{local::admin, noon, postgres, scratch, web::brief};

/// The longest that a word may be on its way.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node that listens, and does no other work.
struct Listener {
    core: Core,
    events: Receiver<Noticed>,
    stop: CancellationToken,
    work: tokio::task::JoinHandle<()>,
}

impl Listener {
    async fn on(database: &Database) -> Self {
        let Started { core, .. } = begun(database).await;
        let (events, stop) = (core.watch(), CancellationToken::new());
        let work = tokio::spawn(Runner::new(core.clone(), Vec::new()).run(stop.clone()));
        Self {
            core,
            events,
            stop,
            work,
        }
    }

    /// The number and the object of the next thing that it hears.
    async fn hears(&mut self) -> (i64, String) {
        let heard = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        let heard = heard.expect("it hears of it in time").expect("it listens");
        (heard.event.seq, heard.event.object)
    }

    async fn ends(self) {
        self.stop.cancel();
        self.work.await.expect("it ends in peace");
    }
}

async fn begun(database: &Database) -> Started {
    let store = open(database).await.expect("a database");
    let clock = Arc::new(ManualClock::at(noon()));
    start(store, clock, |_| {}).await.expect("an engine")
}

fn ada() -> Caller {
    admin(&"main".parse().expect("a tenant"))
}

/// Sends a brief; says which job became of it.
async fn submits(core: &Core, name: &str) -> String {
    let brief: SubmitBrief = serde_json::from_value(brief(name, 500, false)).expect("a brief");
    let submitted = core.ask(&ada(), brief).await.expect("acknowledged");
    submitted.job_id.to_string()
}

async fn hears_each_once(one: &Core, two: &mut Listener) {
    let mut done = Vec::new();
    for number in 0..5 {
        done.push(submits(one, &format!("Of another {number}")).await);
    }
    let mut heard = Vec::new();
    while heard.len() < done.len() {
        heard.push(two.hears().await);
    }
    assert!(heard.is_sorted(), "in order: {heard:?}");
    let heard: Vec<_> = heard.into_iter().map(|(_, object)| object).collect();
    assert_eq!(heard, done);

    // What it does itself it hears at once, and not again with what others do.
    let own = submits(&two.core, "Its own").await;
    assert_eq!(two.hears().await.1, own);
    let other = submits(one, "Of another again").await;
    assert_eq!(two.hears().await.1, other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_does_the_other_hears_on_sqlite() {
    let dir = scratch();
    let database = Database::File(dir.path().join("shared.db"));
    let one = begun(&database).await.core;
    let mut two = Listener::on(&database).await;
    hears_each_once(&one, &mut two).await;
    two.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_does_the_other_hears_on_postgres() {
    let Some(url) = postgres::or_skip("what_one_does_the_other_hears_on_postgres") else {
        return;
    };
    let database = Database::Postgres(url.clone());
    let one = Listener::on(&database).await;
    let mut two = Listener::on(&database).await;
    hears_each_once(&one.core, &mut two).await;

    let cut = cut_the_lines(&url).await;
    assert!(cut >= 2, "{cut} lines were cut");
    hears_each_once(&one.core, &mut two).await;
    one.ends().await;
    two.ends().await;
}

/// Ends every connection on which a node listens; says how many.
async fn cut_the_lines(url: &str) -> i64 {
    let mut door = sqlx::PgConnection::connect(url).await.expect("a way in");
    let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let cut = sqlx::query_scalar(cut).fetch_one(&mut door).await;
    cut.expect("they are ended")
}
