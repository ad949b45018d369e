//! Tells decisions to the systems in which a tenant's bookings live, each once. It looks first
//! whether the job still waits there with what was approved, keeps a mark, and sends. The answer
//! may take many minutes: nobody waits for it here, and when it is lost nothing is sent again;
//! the follower sees what was booked.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    GivenUp, Next, Reconciler,
    send_brief::{open, step},
};
use crate::{
    domain::{
        booking::{
            job::{ExecutionStatus, Job},
            upstream::{
                decided::{Decision, LONGEST_WAIT, MOST_TRIES},
                shown::{ShownJob, status},
            },
        },
        tenant::caller::Caller,
    },
    engine::{
        bookings::upstream::{
            SEND_DECISION,
            desks::{LISTED, Place},
            mirror::{Change, MirrorJobs},
            sending::{SendStep, TakeSendStep},
        },
        core::{Core, Terms},
        fault::Fault,
    },
    peers::upstream::{Bookings, Sent},
    store::Lease,
};

/// How long an answer is waited for before it is left to come by itself.
const ANSWER: Duration = Duration::from_secs(3);
/// How often it is looked whether a decision that is out has been seen.
const LOOK: Duration = Duration::from_secs(30);

/// Tells decisions.
pub struct SendDecision;

#[async_trait]
impl Reconciler for SendDecision {
    fn kind(&self) -> &'static str {
        SEND_DECISION
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(job) = open(core, lease).await? else {
            return Ok(Next::Done);
        };
        let now = core.clock().now();
        let Some((id, decision)) = to_tell(&job) else {
            return Ok(Next::Done);
        };
        if decision.sent_at.is_some() {
            // Out: only looking tells, and that is the follower's. One that shows no effect after
            // long is a person's to take again.
            let lapsed = decision.sent_at.is_some_and(|at| now - at > LONGEST_WAIT);
            if lapsed && still_waits(core, lease, id).await {
                let changes = vec![Change::Lapsed { job_id: job.id }];
                let engine = Caller::engine(lease.tenant.clone());
                let terms = Terms::under(lease.held.clone());
                core.ask_on(&engine, MirrorJobs { changes }, terms).await?;
                return Ok(Next::Done);
            }
            return Ok(Next::At(now + LOOK));
        }
        let Some(place) = core.desk().upstreams.of(&lease.tenant) else {
            return Ok(Next::At(now + LOOK));
        };
        if decision.tries >= MOST_TRIES {
            let why = job
                .upstream
                .as_deref()
                .and_then(|known| known.trouble.clone());
            let why = why.unwrap_or_else(|| "it could not be told".into());
            return refuse(core, lease, &job, why).await;
        }
        let waits = |why: String| SendStep::DecisionWaits(why);
        let later = Next::At(now + pause(decision.tries));
        match place.whole(id, LISTED).await {
            Err(silent) => {
                step(core, lease, &job, waits(silent.0)).await?;
                Ok(later)
            }
            Ok(None) => {
                // Perhaps the worker that answered is not the one that knows it.
                let why = "it does not know the job at the moment".to_owned();
                step(core, lease, &job, waits(why)).await?;
                Ok(later)
            }
            Ok(Some(shown)) if shown.status != status::AWAITING => Ok(Next::At(now + LOOK)),
            Ok(Some(shown)) if !is_as_approved(&job, &shown) => {
                let why = "what it recommends has changed since it was looked at".to_owned();
                refuse(core, lease, &job, why).await
            }
            Ok(Some(_)) => tell(core, lease, place, &job).await,
        }
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let Some(job) = open(core, lease).await? else {
            return Ok(GivenUp::Over);
        };
        match to_tell(&job) {
            Some((_, decision)) if decision.sent_at.is_none() => {
                refuse(core, lease, &job, fault.message.clone())
                    .await
                    .map(|_| GivenUp::Over)
            }
            _ => Ok(GivenUp::Over),
        }
    }
}

/// Whether a job is shown to wait for a decision still.
async fn still_waits(core: &Core, lease: &Lease, id: &str) -> bool {
    let Some(place) = core.desk().upstreams.of(&lease.tenant) else {
        return false;
    };
    let shown = place.client.one(id).await.ok().flatten();
    shown.is_some_and(|shown| shown.status == status::AWAITING)
}

/// How long to wait before a decision that certainly did not arrive is sent again.
fn pause(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.min(6)).min(Duration::from_mins(1))
}

fn to_tell(job: &Job) -> Option<(&str, &Decision)> {
    let known = job.upstream.as_deref()?;
    let out = job.status == ExecutionStatus::ExecutingBookings;
    let decision = known.decision.as_ref().filter(|_| out)?;
    Some((known.id.as_deref()?, decision))
}

/// Whether what is recommended there costs what was looked at here.
fn is_as_approved(job: &Job, shown: &ShownJob) -> bool {
    let mut here: Vec<(&str, i64)> = job
        .recommendations()
        .map(|one| (one.product_id.as_str(), one.cost.minor()))
        .collect();
    let mut there: Vec<(&str, i64)> = shown
        .recommendations
        .iter()
        .map(|one| (one.product_id.as_str(), one.cost))
        .collect();
    here.sort_unstable();
    there.sort_unstable();
    here == there
}

async fn refuse(core: &Core, lease: &Lease, job: &Job, why: String) -> Result<Next, Fault> {
    step(core, lease, job, SendStep::DecisionRefused(why)).await?;
    Ok(Next::Done)
}

/// Sends it under a mark. The answer is taken by whoever sent it, also long after the lease.
async fn tell(core: &Core, lease: &Lease, place: &Arc<Place>, job: &Job) -> Result<Next, Fault> {
    let left = match step(core, lease, job, SendStep::DecisionLeaves).await {
        Err(fault) if fault.code == "MOVED_ON" => return Ok(Next::Done),
        left => left?,
    };
    let engine = Caller::engine(lease.tenant.clone());
    let sending = send(core.clone(), engine, Arc::clone(&place.client), left);
    let mut sending = tokio::spawn(sending);
    let answered = tokio::time::timeout(ANSWER, &mut sending).await;
    let now = core.clock().now();
    Ok(Next::At(match answered {
        Ok(Ok(Some(tries))) => now + pause(tries),
        // Answered or not: it is looked at until what was booked has been seen.
        _ => now + LOOK,
    }))
}

/// Sends a decision and has kept what came of it: how often it was tried, if it must be again.
async fn send(core: Core, engine: Caller, client: Arc<dyn Bookings>, job: Job) -> Option<u32> {
    let (id, decision) = to_tell(&job)?;
    let sent = if decision.all {
        client.approve_all(id).await
    } else {
        client.approve(id, &decision.products).await
    };
    let again = matches!(sent, Sent::NotDone(_)).then_some(decision.tries + 1);
    let step = match sent {
        Sent::Done(answer) => SendStep::DecisionAnswered(answer),
        Sent::NotDone(why) => SendStep::DecisionWaits(why),
        Sent::Refused(why) => SendStep::DecisionRefused(why),
        Sent::Lost(why) => SendStep::DecisionLost(why),
    };
    let take = TakeSendStep {
        job_id: job.id,
        step,
    };
    if let Err(fault) = core.ask(&engine, take).await {
        // The mark stays: the follower sees what was booked.
        tracing::warn!(job = %job.id, %fault, "what an upstream answered was not kept");
    }
    again
}
