//! Runs booking jobs: looks where a job is, does what comes next, and commits that one
//! step, until it waits for a person or has ended. What sellers are asked is safe to ask
//! again, so a run that was killed anywhere is simply run again.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

mod outside;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::{Mutex, OnceCell};

use super::{
    GivenUp, Next, Reconciler,
    pace::{AtOnce, Moment, Pace},
};
use crate::{
    domain::{
        booking::{
            allocation::{ChannelAllocation, Supply, allocate},
            audience::AudiencePlan,
            brief::Brief,
            job::{ExecutionStatus, Job, Research},
            lines::{Booked, LineOutcome},
            shelf::Listing,
            shortage::shortage,
        },
        channel::Channel,
        ids::{JobId, ProductId},
        tenant::caller::Caller,
    },
    engine::{
        bookings::{
            RUN_JOB,
            steps::{ReadJob, Step, TakeStep},
        },
        core::{Core, Terms},
        fault::Fault,
        sellers::{Seen, Sellers, line_request},
    },
    peers::seller::SellerFault,
    store::Lease,
};

/// The code of a booking that its seller has yet to decide on.
const UNDECIDED: &str = "SELLER_UNDECIDED";
/// How often it is looked at whether a seller has decided.
const UNDECIDED_LOOK: Duration = Duration::from_secs(30);

/// Runs booking jobs with these sellers.
pub struct RunJob {
    sellers: Arc<Sellers>,
    pace: Arc<dyn Pace>,
}

impl RunJob {
    /// Research and book with these sellers.
    #[must_use]
    pub fn new(sellers: Arc<Sellers>) -> Self {
        Self {
            sellers,
            pace: Arc::new(AtOnce),
        }
    }

    /// Rest between the steps.
    #[must_use]
    pub fn paced(self, pace: Arc<dyn Pace>) -> Self {
        Self { pace, ..self }
    }
}

/// One run of one job.
struct Run<'a> {
    core: &'a Core,
    sellers: &'a Sellers,
    pace: &'a dyn Pace,
    lease: &'a Lease,
    engine: Caller,
    job_id: JobId,
    seen: OnceCell<Seen>,
}

/// What searches have found and nobody has kept yet.
#[derive(Default)]
struct Found {
    all: std::sync::Mutex<Vec<(Channel, Research)>>,
    /// Held by the one that keeps.
    turn: Mutex<()>,
}

impl Found {
    fn add(&self, channel: Channel, outcome: Research) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((channel, outcome));
    }

    fn take(&self) -> Vec<(Channel, Research)> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut all)
    }
}

#[async_trait]
impl Reconciler for RunJob {
    fn kind(&self) -> &'static str {
        RUN_JOB
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let run = Run::new(core, self, lease)?;
        let mut job = core
            .ask(&run.engine, ReadJob { job_id: run.job_id })
            .await?
            .job;
        if job.upstream.is_some() {
            return Ok(Next::Done);
        }
        loop {
            use ExecutionStatus as S;
            job = match job.status {
                S::Initialized => run.receive(&job).await?,
                S::BriefReceived => {
                    let job = run.asked(job).await?;
                    run.allocate(&job).await?
                }
                S::BudgetAllocated | S::Researching if !job.unsearched().is_empty() => {
                    let job = run.asked(job).await?;
                    run.research(job).await?
                }
                S::BudgetAllocated | S::Researching => run.consolidate().await?,
                S::ExecutingBookings => {
                    let until = job.approval.as_ref().map(|approval| approval.at);
                    let until = until.map(|at| at + core.desk().hold);
                    let now = core.clock().now();
                    match run.execute(job).await {
                        // Nothing failed: until its hold is over it costs no try.
                        Err(fault) if fault.code == UNDECIDED && until > Some(now) => {
                            return Ok(Next::At(now + UNDECIDED_LOOK));
                        }
                        done => done?,
                    }
                }
                S::AwaitingApproval | S::Completed | S::Failed | S::ValidationFailed => {
                    return Ok(Next::Done);
                }
            };
        }
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let run = Run::new(core, self, lease)?;
        let job = core
            .ask(&run.engine, ReadJob { job_id: run.job_id })
            .await?
            .job;
        if job.status == ExecutionStatus::ExecutingBookings {
            run.give_up_lines(&job, &fault.message).await?;
            return Ok(GivenUp::Over);
        }
        run.step(Step::Fail(format!(
            "Given up after many tries: {}",
            fault.message
        )))
        .await
        .map(|_| GivenUp::Over)
    }
}

impl<'a> Run<'a> {
    fn new(core: &'a Core, by: &'a RunJob, lease: &'a Lease) -> Result<Self, Fault> {
        let job_id = lease.object.parse().map_err(Fault::broken)?;
        Ok(Self {
            core,
            sellers: &by.sellers,
            pace: &*by.pace,
            lease,
            engine: Caller::engine(lease.tenant.clone()),
            job_id,
            seen: OnceCell::new(),
        })
    }

    /// What the sellers have, looked at once for the whole run.
    async fn look(&self, job: &Job) -> Result<&Seen, SellerFault> {
        let now = self.core.clock().now();
        let look = || self.sellers.look(&self.lease.tenant, job.brief.flight, now);
        self.seen.get_or_try_init(look).await
    }

    async fn rest(&self, before: Moment) -> Result<(), Fault> {
        Ok(self.pace.rest(self.job_id, before).await?)
    }

    async fn step(&self, step: Step) -> Result<Job, Fault> {
        let operation = TakeStep {
            job_id: self.job_id,
            step,
        };
        let answer = self
            .core
            .ask_on(
                &self.engine,
                operation,
                Terms::under(self.lease.held.clone()),
            )
            .await?;
        Ok(answer.output.job)
    }

    async fn receive(&self, job: &Job) -> Result<Job, Fault> {
        self.rest(Moment::Receive).await?;
        let today = self.core.clock().now().date_naive();
        if job.brief.flight.from_today(today).is_none() {
            let why = format!(
                "The flight ended on {} before its turn came.",
                job.brief.flight.last()
            );
            return self.step(Step::FailValidation(why)).await;
        }
        let now = self.core.clock().now();
        let catalogue = match self.sellers.shelf(&self.lease.tenant, now).await {
            Ok(catalogue) => catalogue,
            Err(fault) => return self.no_catalogue(fault).await,
        };
        self.step(Step::Receive(AudiencePlan::draw(&job.brief, &catalogue)))
            .await
    }

    async fn no_catalogue(&self, fault: SellerFault) -> Result<Job, Fault> {
        match fault {
            SellerFault::Passing(why) | SellerFault::Unsent(why) | SellerFault::Undecided(why) => {
                Err(passing(why))
            }
            SellerFault::Refused(why) | SellerFault::Unclear(why) => {
                self.step(Step::Fail(format!("No catalogue could be read: {why}")))
                    .await
            }
        }
    }

    async fn allocate(&self, job: &Job) -> Result<Job, Fault> {
        self.rest(Moment::Allocate).await?;
        let Seen {
            shelf: catalogue,
            stock,
            ..
        } = match self.look(job).await {
            Ok(found) => found,
            Err(fault) => return self.no_catalogue(fault).await,
        };
        let plan = job.audience.clone().unwrap_or_default();
        let supplies = Supply::gather(&job.brief, &plan, catalogue, |listing| stock.left(listing));
        match allocate(&job.brief, &supplies) {
            Ok(spread) => {
                self.step(Step::Allocate(spread.channels, spread.notes))
                    .await
            }
            Err(none) => {
                let mut why = format!("Budget allocation failed: {none}");
                if supplies.is_empty() {
                    let left = |listing: &Listing| stock.left(listing);
                    why = format!("{why} {}", shortage(&job.brief, catalogue, left));
                }
                self.step(Step::Fail(why)).await
            }
        }
    }

    /// Searches every channel that is left, side by side, and keeps each as it comes in,
    /// together with what came in at the same moment. All of them go on while one is kept: a search that stands still in the middle of a question
    /// would hold what keeping the other needs.
    async fn research(&self, mut job: Job) -> Result<Job, Fault> {
        let seen = match self.look(&job).await {
            Ok(seen) => seen,
            Err(fault) => return self.no_catalogue(fault).await,
        };
        let (brief, allocations) = (job.brief.clone(), job.allocations.clone());
        let open = job.unsearched();
        let found = Found::default();
        let mut searches: FuturesUnordered<_> = allocations
            .iter()
            .filter(|allocation| open.contains(&allocation.channel))
            .enumerate()
            .map(|(place, allocation)| self.search(place, seen, &brief, allocation, &found))
            .collect();
        while let Some(searched) = searches.next().await {
            if let Some(kept) = searched? {
                job = kept;
            }
        }
        Ok(job)
    }

    /// Searches one channel, and keeps what was found when it is its turn; nothing when another
    /// search has kept it along with its own.
    async fn search(
        &self,
        place: usize,
        seen: &Seen,
        brief: &Brief,
        allocation: &ChannelAllocation,
        found: &Found,
    ) -> Result<Option<Job>, Fault> {
        self.rest(Moment::Research(place)).await?;
        let searched = self
            .sellers
            .research(&self.lease.tenant, seen, brief, allocation)
            .await;
        let outcome = match searched {
            Ok(recommended) => Research::Found(recommended),
            Err(SellerFault::Passing(why) | SellerFault::Unsent(why))
                if self.lease.attempts < 3 =>
            {
                return Err(passing(why));
            }
            Err(fault) => Research::Failed(fault.to_string()),
        };
        found.add(allocation.channel, outcome);
        // Those that need not wait for anybody have searched by now.
        tokio::task::yield_now().await;
        let _turn = found.turn.lock().await;
        let all = found.take();
        if all.is_empty() {
            return Ok(None);
        }
        self.step(Step::Research(all)).await.map(Some)
    }

    async fn consolidate(&self) -> Result<Job, Fault> {
        self.rest(Moment::Consolidate).await?;
        self.step(Step::Consolidate).await
    }

    /// Reserves every line, then books every line that is reserved.
    async fn execute(&self, mut job: Job) -> Result<Job, Fault> {
        let mut waits = None;
        for (place, line) in job.lines.clone().iter().enumerate() {
            if line.is_settled() || line.placed.is_some() {
                continue;
            }
            self.rest(Moment::Reserve(place)).await?;
            if let Some(seller) = self.sellers.outside(&self.lease.tenant, &line.seller) {
                match self.reserve_there(seller, &job, line).await? {
                    Ok(reserved) => job = reserved,
                    Err(fault) => waits = Some(outside::first(waits, fault)),
                }
                continue;
            }
            let wanted = line_request(&job, line);
            let outcome = match self
                .sellers
                .find(&line.seller)
                .map(|seller| seller.reserve(&self.lease.tenant, &wanted))
            {
                Err(fault) => Err(fault),
                Ok(asked) => asked.await,
            };
            job = self
                .learn(&line.product_id, outcome.map(LineOutcome::Reserved))
                .await?;
        }
        for (place, line) in job.lines.clone().iter().enumerate() {
            let Some(placed) = line.placed.as_ref().filter(|_| !line.is_settled()) else {
                continue;
            };
            self.rest(Moment::Book(place)).await?;
            if let Some(seller) = self.sellers.outside(&self.lease.tenant, &line.seller) {
                match self.book_there(seller, &job, line).await? {
                    Ok(booked) => job = booked,
                    Err(fault) => waits = Some(outside::first(waits, fault)),
                }
                continue;
            }
            let seller = self
                .sellers
                .find(&line.seller)
                .map_err(|fault| Fault::broken(fault.to_string()))?;
            let booked = seller.book(&self.lease.tenant, placed).await;
            if let Err(SellerFault::Refused(_)) = &booked {
                seller
                    .release(&self.lease.tenant, placed)
                    .await
                    .map_err(|fault| unreleased(&fault))?;
            }
            let booked = booked.map(Booked::at).map(LineOutcome::Booked);
            self.learn(&line.product_id, booked).await?;
        }
        // What waits for a seller somewhere else has kept nobody waiting.
        match waits {
            Some(fault) => Err(fault),
            None => self.step(Step::Finish).await,
        }
    }

    async fn learn(
        &self,
        product: &ProductId,
        outcome: Result<LineOutcome, SellerFault>,
    ) -> Result<Job, Fault> {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(SellerFault::Refused(why)) => LineOutcome::Failed(why),
            Err(SellerFault::Passing(why) | SellerFault::Unsent(why)) => return Err(passing(why)),
            Err(SellerFault::Undecided(why)) => {
                return Err(Fault::conflict(UNDECIDED, why));
            }
            Err(SellerFault::Unclear(why)) => LineOutcome::Unclear(why),
        };
        self.step(Step::Line(product.clone(), outcome)).await
    }

    /// Releases what is open and ends the job with what was booked.
    async fn give_up_lines(&self, job: &Job, why: &str) -> Result<(), Fault> {
        for line in job.lines.iter().filter(|line| !line.is_settled()) {
            if let Some(seller) = self.sellers.outside(&self.lease.tenant, &line.seller) {
                self.give_up_there(seller, job, line, why).await?;
                continue;
            }
            if let (Some(placed), Ok(seller)) = (&line.placed, self.sellers.find(&line.seller)) {
                seller
                    .release(&self.lease.tenant, placed)
                    .await
                    .map_err(|fault| unreleased(&fault))?;
            }
            self.step(Step::Line(
                line.product_id.clone(),
                LineOutcome::Failed(why.to_owned()),
            ))
            .await?;
        }
        self.step(Step::Finish).await.map(drop)
    }
}

fn passing(why: String) -> Fault {
    Fault::new(
        crate::engine::fault::FaultKind::Conflict,
        "SELLER_UNAVAILABLE",
        why,
    )
}

fn unreleased(fault: &SellerFault) -> Fault {
    passing(format!("a reservation could not be released: {fault}"))
}
