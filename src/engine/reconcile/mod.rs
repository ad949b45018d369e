//! Reconcilers: idempotent loops that lease a piece of work, compare what is with what
//! should be, and repair. Killed at any point, the next run carries on; a lease that went
//! to another node can commit nothing any more.

pub mod count_orders;
pub mod deliver;
pub mod end_holds;
pub mod follow_bookings;
pub mod follow_buys;
pub mod follow_lines;
pub mod follow_slots;
pub mod follow_sold;
mod following;
pub mod mirror_buys;
pub mod notify;
pub mod pace;
pub mod place_orders;
pub mod read_sellers;
pub mod report_buys;
pub mod run_job;
pub mod sample_delivery;
pub mod send_brief;
pub mod send_decision;
pub mod send_deed;
pub mod send_slots;
pub mod settle_server;
pub mod sign_in_sandbox;
pub mod speak_to_slack;
pub mod sweep;
pub mod sync_inventory;
pub mod tell_artifacts;
pub mod watch_pacing;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    core::{Core, Terms},
    due::Due,
    fault::{Fault, FaultKind},
    operation::Operation,
    pokes::Lane,
};
use crate::{
    domain::{tenant::caller::Caller, when::Instant},
    store::{Ending, Lease},
};

/// How long a lease holds before another node may take the work over.
pub const LEASE: Duration = Duration::from_secs(3);
/// How often a held lease is renewed.
const RENEW: Duration = Duration::from_secs(1);
/// How often a node looks for work that nobody told it of.
const LOOK: Duration = Duration::from_secs(1);
/// How much a node does at a time.
const AT_ONCE: u32 = 16;
/// How often it waits for others at a time.
const WAITING: u32 = 128;
/// How often something is tried before it is given up.
pub(super) const TRIES: i64 = 12;
/// How long what goes on for ever rests before it is taken up again.
const REST: Duration = Duration::from_mins(15);

/// A loop over one kind of work.
#[async_trait]
pub trait Reconciler: Send + Sync + 'static {
    /// Which kind of work it does.
    fn kind(&self) -> &'static str;
    /// Whether it mostly waits for systems of others, which may never answer: such work has room
    /// of its own, and keeps no other work waiting.
    fn waits(&self) -> bool {
        false
    }
    /// Brings one object a way further, or to its end.
    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault>;
    /// Writes down that the work was given up, so that nobody waits for it; or, of what nobody
    /// may give up, lets it rest.
    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault>;
}

/// What becomes of work that was tried too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// It is over, and whoever waited for it sees that.
    Over,
    /// Something would stand still for ever without it: it is taken up again after a while.
    Rests,
}

/// What is left after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Done,
    /// To be looked at again.
    At(Instant),
}

/// Looks when an object is due and, once it is, moves it: a look too early leaves no trace.
/// One that is gone is done with.
async fn follow<L, M>(core: &Core, lease: &Lease, look: L, make: M) -> Result<Next, Fault>
where
    L: Operation<Output = Due>,
    M: Operation<Output = Due>,
{
    let next = |due: Due| due.at.map_or(Next::Done, Next::At);
    let engine = Caller::engine(lease.tenant.clone());
    let due = match core.ask(&engine, look).await {
        Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Next::Done),
        due => due?,
    };
    if due.at.is_none_or(|at| at > core.clock().now()) {
        return Ok(next(due));
    }
    let terms = Terms::under(lease.held.clone());
    let answer = core.ask_on(&engine, make, terms).await?;
    Ok(next(answer.output))
}

/// Runs reconcilers on this node.
#[derive(Clone)]
pub struct Runner {
    core: Core,
    node: Arc<str>,
    reconcilers: Arc<[Arc<dyn Reconciler>]>,
    look: Duration,
}

impl Runner {
    /// Joins an engine with what it does in the background.
    #[must_use]
    pub fn new(core: Core, reconcilers: Vec<Arc<dyn Reconciler>>) -> Self {
        let node = format!(
            "{}-{}",
            std::process::id(),
            &uuid::Uuid::new_v4().simple().to_string()[..8]
        );
        let waiting = reconcilers.iter().filter(|one| one.waits());
        core.waits_for(waiting.map(|one| one.kind()));
        Self {
            core,
            node: node.into(),
            reconcilers: reconcilers.into(),
            look: LOOK,
        }
    }

    /// Looks only so often for work that nobody told it of.
    #[must_use]
    pub fn looking_every(self, look: Duration) -> Self {
        Self { look, ..self }
    }

    /// Leaves one kind of work to others.
    #[must_use]
    pub fn without(&self, kind: &str) -> Self {
        let others = self.reconcilers.iter().filter(|one| one.kind() != kind);
        Self {
            reconcilers: others.cloned().collect(),
            ..self.clone()
        }
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.reconcilers.iter().map(|one| one.kind()).collect()
    }

    /// Runs until it is cancelled, then lets what is running finish its step. Hears meanwhile
    /// what other processes on the same database do.
    pub async fn run(self, cancel: CancellationToken) {
        let only = |waits: bool| {
            let all = self.reconcilers.iter().filter(|one| one.waits() == waits);
            Self {
                reconcilers: all.cloned().collect(),
                ..self.clone()
            }
        };
        let own = only(false).run_lane(Lane::Own, cancel.clone());
        let others = self.core.hear_others(&cancel);
        tokio::join!(
            own,
            only(true).run_lane(Lane::Waiting, cancel.clone()),
            others
        );
    }

    async fn run_lane(self, lane: Lane, cancel: CancellationToken) {
        if self.reconcilers.is_empty() {
            return;
        }
        let tracker = TaskTracker::new();
        let most = match lane {
            Lane::Own => AT_ONCE,
            Lane::Waiting => WAITING,
        };
        let room = Arc::new(tokio::sync::Semaphore::new(most as usize));
        while !cancel.is_cancelled() {
            // Whoever ends makes room for the next at once.
            tokio::select! {
                () = cancel.cancelled() => break,
                permit = room.acquire() => drop(permit),
            }
            let free = u32::try_from(room.available_permits()).unwrap_or(most);
            let leases = self.claim(free).await;
            let idle = leases.is_empty();
            for lease in leases {
                let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
                    return;
                };
                let runner = self.clone();
                tracker.spawn(async move {
                    runner.work(&lease).await;
                    drop(permit);
                });
            }
            if idle {
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = self.core.poked(lane) => {}
                    () = tokio::time::sleep(self.look) => {}
                }
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    /// Runs until nothing is due any more; for one-shot commands and for tests.
    ///
    /// # Errors
    /// When the store cannot say what is due.
    pub async fn settle(&self) -> Result<(), Fault> {
        loop {
            self.turn().await?;
            let leases = self
                .core
                .store()
                .claim(&self.node, &self.kinds(), self.now(), self.until(), AT_ONCE)
                .await?;
            if leases.is_empty() {
                return Ok(());
            }
            let mut running: FuturesUnordered<_> =
                leases.iter().map(|lease| self.work(lease)).collect();
            while running.next().await.is_some() {}
        }
    }

    fn now(&self) -> Instant {
        self.core.clock().now()
    }

    fn until(&self) -> Instant {
        self.now() + LEASE
    }

    /// Turns the clock where somebody may have turned it, on whichever node.
    async fn turn(&self) -> Result<(), Fault> {
        if self.core.desk().turnable {
            self.core.follow_hands().await?;
        }
        Ok(())
    }

    async fn claim(&self, most: u32) -> Vec<Lease> {
        if let Err(fault) = self.turn().await {
            tracing::warn!(%fault, "cannot see whether the clock was turned");
        }
        let store = self.core.store();
        let kinds = self.kinds();
        // A look costs no write; only what is due is claimed.
        let due = match store.next_due(&kinds).await {
            Ok(due) => due.is_some_and(|at| at <= self.now()),
            Err(error) => {
                tracing::warn!(%error, "cannot see what is due");
                false
            }
        };
        if !due {
            return Vec::new();
        }
        store
            .claim(&self.node, &kinds, self.now(), self.until(), most)
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "cannot claim work");
                Vec::new()
            })
    }

    /// Does one leased piece of work, holding the lease meanwhile.
    async fn work(&self, lease: &Lease) {
        let Some(reconciler) = self.reconcilers.iter().find(|one| one.kind() == lease.kind) else {
            return;
        };
        let run = std::panic::AssertUnwindSafe(reconciler.run(&self.core, lease)).catch_unwind();
        let outcome = tokio::select! {
            outcome = run => outcome.unwrap_or_else(|_| Err(Fault::broken(format!("{} panicked", lease.kind)))),
            () = self.hold(lease) => return,
        };
        let ending = match outcome {
            Ok(Next::Done) => Ending::Done,
            Ok(Next::At(at)) => Ending::Again(at, String::new()),
            Err(fault) if fault.code == "LEASE_LOST" => return,
            Err(fault) if fault.code == pace::STOPPING => Ending::Again(self.now(), String::new()),
            Err(fault) if fault.is_passing() || lease.attempts < TRIES => {
                tracing::warn!(kind = lease.kind, object = lease.object, %fault, "to be tried again");
                Ending::Again(self.now() + pause(lease.attempts), fault.message)
            }
            Err(fault) => {
                tracing::error!(kind = lease.kind, object = lease.object, %fault, "given up");
                match reconciler.give_up(&self.core, lease, &fault).await {
                    Ok(GivenUp::Over) => Ending::Dead(fault.message),
                    Ok(GivenUp::Rests) => Ending::Again(self.now() + REST, fault.message),
                    Err(error) => {
                        tracing::error!(%error, "could not be given up; to be tried again");
                        Ending::Again(self.now() + pause(lease.attempts), error.message)
                    }
                }
            }
        };
        if let Err(error) = self.core.store().end(lease, &ending, self.now()).await {
            tracing::warn!(%error, "a lease could not be ended; it will lapse");
        }
    }

    /// Renews the lease for as long as it can; returns when it is lost.
    async fn hold(&self, lease: &Lease) {
        loop {
            tokio::time::sleep(RENEW).await;
            match self.core.store().renew(&lease.held, self.until()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            }
        }
    }
}

/// How long to wait before the next try: from a quarter of a second, doubling, to a minute.
fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 8)).unwrap_or(8);
    Duration::from_millis(250 << doublings).min(Duration::from_mins(1))
}
