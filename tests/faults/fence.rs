//! A node falls asleep with work in its hands, longer than its lease. Another takes the work
//! over and ends it; the first wakes up, carries on, and is refused.

use std::{
    sync::{Arc, mpsc},
    thread,
};

use flightdeck::{
    domain::{audit::Outcome, ids::JobId, tenant::caller::Caller},
    engine::{
        activity::ReadAudit,
        bookings::{approve::ApproveJob, get::GetJob, history::JobHistory, view::JobView},
        clock::ManualClock,
        reconcile::LEASE,
    },
    store::open::Database,
};

use crate::{
    local::{Moment, Node, Pause, Shop, Stage, admin, node},
    noon, postgres, scratch,
};

/// A node that falls asleep at work.
struct Sleeper {
    wake: mpsc::Sender<()>,
    node: thread::JoinHandle<()>,
}

impl Sleeper {
    /// Lets a node of its own take up what is due, and waits until it is asleep over it.
    fn at_work(database: &Database, clock: &ManualClock, at: Moment) -> Self {
        let (reached, has_reached) = mpsc::channel();
        let (wake, on) = mpsc::channel();
        let pause = Pause { at, reached, on };
        let (database, clock) = (database.clone(), clock.clone());
        let node = thread::spawn(move || {
            // A thread and a runtime of its own: what stands still is all of the node.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let shop = Arc::new(Shop::that_pauses(pause));
                let node = node(&database, &clock, &shop).await;
                node.runner.settle().await.expect("it comes to its end");
                node.store.close().await;
            });
        });
        has_reached.recv().expect("it falls asleep at work");
        Self { wake, node }
    }

    /// Wakes it up and waits until it has done what it was at.
    fn carries_on(self) {
        self.wake.send(()).expect("it is asleep");
        self.node.join().expect("it ends in peace");
    }
}

/// Somebody who looks at one job.
struct Onlooker {
    node: Node,
    ada: Caller,
    job_id: JobId,
}

impl Onlooker {
    /// Puts an approved job into the house.
    async fn of_an_approved_job(database: &Database, clock: &ManualClock) -> Self {
        let node = node(database, clock, &Arc::new(Shop::default())).await;
        let ada = admin(&"main".parse().expect("a tenant"));
        let job = node.core.ask(&ada, Stage { cost: 6_000 }).await;
        let job_id = job.expect("a staged job");
        let approve = ApproveJob {
            job_id,
            approved_product_ids: None,
            expected_revision: None,
            despite_warnings: false,
        };
        node.core.ask(&ada, approve).await.expect("approved");
        Self { node, ada, job_id }
    }

    async fn job(&self) -> JobView {
        let job_id = self.job_id;
        let job = self.node.core.ask(&self.ada, GetJob { job_id }).await;
        job.expect("the job")
    }

    /// Why steps of the engine were refused.
    async fn refusals(&self) -> Vec<String> {
        let trail = self.node.core.ask(&self.ada, ReadAudit::default()).await;
        let lines = trail.expect("the trail").lines.into_iter();
        let refused = lines.filter(|line| line.entry.outcome == Outcome::Refused);
        refused
            .map(|line| {
                line.entry
                    .detail
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    /// Every step happened once, and the job is booked.
    async fn sees_it_booked_once(&self) {
        let job = self.job().await;
        assert_eq!(job.booked().lines, 1, "{job:?}");
        let history = JobHistory {
            job_id: self.job_id,
            after: 0,
            limit: None,
        };
        let history = self.node.core.ask(&self.ada, history).await;
        let history = history.expect("events").events;
        for once in ["line_reserved", "line_booked", "completed"] {
            let name = format!("bookings.{once}");
            let found = history.iter().filter(|event| event.event == name);
            assert_eq!(found.count(), 1, "{name}: {history:?}");
        }
    }
}

fn longer_than_a_lease() -> chrono::Duration {
    chrono::Duration::from_std(LEASE * 2).expect("a short while")
}

/// It wakes up while the other is still at the same step, so nothing but the lease says that
/// it is too late.
async fn too_late_for_a_step(database: &Database, at: Moment) {
    let clock = ManualClock::at(noon());
    let onlooker = Onlooker::of_an_approved_job(database, &clock).await;
    let first = Sleeper::at_work(database, &clock, at);
    // While its lease holds, nobody else touches the job.
    let before = onlooker.job().await;
    let settled = onlooker.node.runner.settle().await;
    settled.expect("nothing is due");
    assert_eq!(onlooker.job().await, before);

    clock.advance(longer_than_a_lease());
    let second = Sleeper::at_work(database, &clock, at);
    first.carries_on();
    assert_eq!(onlooker.refusals().await, ["LEASE_LOST"]);
    assert_eq!(
        onlooker.job().await,
        before,
        "the first has changed something"
    );

    second.carries_on();
    assert_eq!(onlooker.refusals().await, ["LEASE_LOST"]);
    onlooker.sees_it_booked_once().await;
    onlooker.node.store.close().await;
}

/// It wakes up when the other has ended the job.
async fn too_late_for_all_of_it(database: &Database, at: Moment) {
    let clock = ManualClock::at(noon());
    let onlooker = Onlooker::of_an_approved_job(database, &clock).await;
    let first = Sleeper::at_work(database, &clock, at);
    clock.advance(longer_than_a_lease());
    let settled = onlooker.node.runner.settle().await;
    settled.expect("it takes the work over");
    onlooker.sees_it_booked_once().await;
    let done = onlooker.job().await;

    first.carries_on();
    assert_eq!(
        onlooker.job().await,
        done,
        "the first has changed something"
    );
    assert_eq!(onlooker.refusals().await.len(), 1);
    onlooker.sees_it_booked_once().await;
    onlooker.node.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_overslept_commits_nothing_on_sqlite() {
    for at in [Moment::Reserve, Moment::Book] {
        let dir = scratch();
        let file = |name: &str| Database::File(dir.path().join(name));
        too_late_for_a_step(&file("one.db"), at).await;
        too_late_for_all_of_it(&file("two.db"), at).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_overslept_commits_nothing_on_postgres() {
    let fresh = || postgres::or_skip("a_node_that_overslept_commits_nothing_on_postgres");
    for at in [Moment::Reserve, Moment::Book] {
        if let Some(url) = fresh() {
            too_late_for_a_step(&Database::Postgres(url), at).await;
        }
        if let Some(url) = fresh() {
            too_late_for_all_of_it(&Database::Postgres(url), at).await;
        }
    }
}
