//! Two nodes on one database approve at once what fits the tenant's budget singly but not
//! together: exactly one passes. The same against an approval that looks first and then
//! writes unguarded shows that the race is one.

use std::{path::Path, sync::Arc};

use flightdeck::{
    domain::{
        booking::job::{Choice, Job},
        ids::{JobId, TenantId},
        money::Money,
        policy::Permission,
    },
    engine::{
        bookings::{
            approve::ApproveJob,
            budget::{GetBudget, SPACE, SetBudget},
            get::GetJob,
        },
        clock::ManualClock,
        core::Core,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::open::Database,
};
use futures_util::{StreamExt as _, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;

use crate::{
    Faults,
    local::{Node, Shop, Stage, admin, node},
    noon, postgres, scratch,
};

/// How many pairs race at a time.
const AT_ONCE: usize = 6;
/// What each approval costs, and what the tenant may commit, in cents.
const COST: i64 = 6_000;
const LIMIT: i64 = 10_000;

/// Approves without a guard: looks what is committed, decides in code, writes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Naive {
    job_id: JobId,
}

impl Operation for Naive {
    const NAME: &'static str = "test.naive_approve";
    const ABOUT: &'static str = "Approve, looking first.";
    const KIND: Kind = Kind::Command(Permission::ApproveBookings);
    type Output = ();

    async fn perform(self, work: &mut Work<'_>) -> Result<(), Fault> {
        let stored = work.find::<Job, _>(self.job_id).await?;
        let used = work.used(SPACE, "USD", "USD").await?;
        let used = used.first().map_or(0, |(_, used)| *used);
        if used + COST > LIMIT {
            return Err(Fault::conflict("TENANT_BUDGET_EXCEEDED", "looked first"));
        }
        let mut job = stored.record.clone();
        job.approve(&Choice::All, "ada".into(), false, work.now())
            .map_err(Fault::broken)?;
        work.claim(SPACE, "USD", COST, i64::MAX);
        work.replace(&stored, &job)
    }
}

/// A way to approve a job.
trait Approve: Operation {
    fn of(job_id: JobId) -> Self;
}

impl Approve for ApproveJob {
    fn of(job_id: JobId) -> Self {
        Self {
            job_id,
            approved_product_ids: None,
            expected_revision: None,
            despite_warnings: false,
        }
    }
}

impl Approve for Naive {
    fn of(job_id: JobId) -> Self {
        Self { job_id }
    }
}

/// A pair after its race.
struct Raced {
    tenant: TenantId,
    /// The jobs of those that passed.
    passed: Vec<JobId>,
    /// Why the others did not.
    refused: Vec<String>,
    /// What is committed, in cents.
    committed: i64,
}

/// Lets the two nodes approve one job each of a tenant of their own.
async fn race<A: Approve>(nodes: &[Node; 2], tenant: TenantId) -> Raced {
    let ada = admin(&tenant);
    let core = &nodes[0].core;
    let limit = serde_json::from_value(serde_json::json!({ "limit": LIMIT / 100 }));
    let limit: SetBudget = limit.expect("a budget");
    core.ask(&ada, limit).await.expect("the budget is set");
    let mut jobs = Vec::new();
    for _ in nodes {
        let job = core.ask(&ada, Stage { cost: COST }).await;
        jobs.push(job.expect("a staged job"));
    }
    let start = Arc::new(Barrier::new(2));
    let runners = nodes.iter().zip(&jobs).map(|(node, job)| {
        let (core, ada, job): (Core, _, _) = (node.core.clone(), ada.clone(), *job);
        let start = Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
            (job, core.ask(&ada, A::of(job)).await.map(drop))
        })
    });
    let (mut passed, mut refused) = (Vec::new(), Vec::new());
    for runner in runners.collect::<Vec<_>>() {
        match runner.await.expect("nobody panicked") {
            (job, Ok(())) => passed.push(job),
            (_, Err(fault)) => refused.push(fault.code),
        }
    }
    let budget = core
        .ask(&ada, GetBudget::default())
        .await
        .expect("a budget");
    let usd = flightdeck::domain::money::Currency::USD;
    let committed = Money::from_amount(budget.committed, usd).expect("an amount");
    Raced {
        tenant,
        passed,
        refused,
        committed: committed.minor(),
    }
}

/// Races so many pairs on two nodes.
async fn races<A: Approve>(database: &Database, pairs: u32) -> ([Node; 2], Arc<Shop>, Vec<Raced>) {
    let (clock, shop) = (ManualClock::at(noon()), Arc::new(Shop::default()));
    let nodes = [
        node(database, &clock, &shop).await,
        node(database, &clock, &shop).await,
    ];
    let races = (0..pairs).map(|number| {
        let tenant = format!("pair-{number}").parse().expect("a tenant");
        race::<A>(&nodes, tenant)
    });
    let raced = stream::iter(races)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    (nodes, shop, raced)
}

async fn exactly_one_of_each_pair_passes(database: &Database) {
    let faults = Faults::wanted(100);
    let pairs = if faults.asked {
        faults.count * 5
    } else {
        faults.count
    };
    let (nodes, shop, raced) = races::<ApproveJob>(database, pairs).await;
    assert_eq!(raced.len(), pairs as usize);
    for pair in &raced {
        assert_eq!(pair.passed.len(), 1, "{}: {:?}", pair.tenant, pair.refused);
        assert_eq!(pair.refused, ["TENANT_BUDGET_EXCEEDED"], "{}", pair.tenant);
        assert_eq!(pair.committed, COST, "{}", pair.tenant);
    }
    // Both nodes book what passed, and nothing else, and nothing twice.
    let [one, other] = &nodes;
    let (one, other) = tokio::join!(one.runner.settle(), other.runner.settle());
    one.and(other).expect("they settle");
    for pair in &raced {
        let job_id = pair.passed[0];
        let job = nodes[1]
            .core
            .ask(&admin(&pair.tenant), GetJob { job_id })
            .await;
        let job = job.expect("the job that passed");
        assert_eq!(job.booked().lines, 1, "{job:?}");
        assert_eq!(job.booked().cost.minor(), COST);
    }
    let booked = shop.booked.lock().expect("nobody panicked").clone();
    assert_eq!(booked.len(), raced.len());
    assert!(booked.values().all(|times| *times == 1), "{booked:?}");
    for node in &nodes {
        node.store.close().await;
    }
}

async fn an_approval_that_looks_first_is_found_out(database: &Database) {
    let (nodes, _, raced) = races::<Naive>(database, 200).await;
    let over = raced.iter().filter(|pair| pair.committed > LIMIT).count();
    assert!(over > 0, "no race happened: the test above proves nothing");
    for node in &nodes {
        node.store.close().await;
    }
}

fn file(dir: &Path) -> Database {
    Database::File(dir.join("flightdeck.db"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_sqlite_never_pass_a_budget() {
    let dir = scratch();
    exactly_one_of_each_pair_passes(&file(dir.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_sqlite_would_pass_it_if_they_looked_first() {
    let dir = scratch();
    an_approval_that_looks_first_is_found_out(&file(dir.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_postgres_never_pass_a_budget() {
    if let Some(url) = postgres::or_skip("two_nodes_on_postgres_never_pass_a_budget") {
        exactly_one_of_each_pair_passes(&Database::Postgres(url)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_postgres_would_pass_it_if_they_looked_first() {
    if let Some(url) = postgres::or_skip("two_nodes_on_postgres_would_pass_it_if_they_looked_first")
    {
        an_approval_that_looks_first_is_found_out(&Database::Postgres(url)).await;
    }
}
