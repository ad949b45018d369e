//! Sends briefs to the systems in which a tenant's bookings live. A mark is kept before a brief
//! leaves: whoever finds the mark and no answer looks there first, by name, budget and time, and
//! sends again only what is not there after minutes of looking.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        booking::{
            job::Job,
            upstream::{safe, shown::ListedJob},
        },
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        bookings::{
            steps::ReadJob,
            upstream::{
                SEND_BRIEF,
                desks::Place,
                sending::{SendStep, TakeSendStep},
            },
        },
        core::{Core, Terms},
        fault::{Fault, FaultKind},
    },
    peers::upstream::Sent,
    store::Lease,
};

/// How many of the newest jobs are looked through for one whose answer was lost.
const NEWEST: u32 = 500;
/// How long it is looked for before it is sent again.
const SEARCH: chrono::Duration = chrono::Duration::minutes(3);
/// How often a brief that may have arrived is sent in all.
const MOST_SENDS: u32 = 3;
/// How far the other side's clock may be behind ours, and how long it may take to write a job down.
const SKEW: chrono::Duration = chrono::Duration::minutes(10);
/// How long to wait before what certainly did not arrive is sent again.
const AGAIN: Duration = Duration::from_secs(5);
/// How long an upstream that is not set up any more is waited for.
const ABSENT: Duration = Duration::from_mins(1);

/// Sends briefs.
pub struct SendBrief;

#[async_trait]
impl Reconciler for SendBrief {
    fn kind(&self) -> &'static str {
        SEND_BRIEF
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(job) = open(core, lease).await? else {
            return Ok(Next::Done);
        };
        let Some(known) = job.upstream.as_deref().filter(|known| known.id.is_none()) else {
            return Ok(Next::Done);
        };
        let now = core.clock().now();
        let Some(place) = core.desk().upstreams.of(&lease.tenant) else {
            return Ok(Next::At(now + ABSENT));
        };
        if let Some(sent_at) = known.sent_at {
            if let Some(next) = search(core, lease, place, &job, sent_at).await? {
                return Ok(next);
            }
            if known.sends >= MOST_SENDS {
                let why = format!("it was sent {} times and never seen there", known.sends);
                step(core, lease, &job, SendStep::BriefRefused(why)).await?;
                return Ok(Next::Done);
            }
        }
        // Where it did not get through before, a question that changes nothing goes first.
        let held_up = known.trouble.is_some() && known.sent_at.is_none();
        if held_up && place.client.list(1).await.is_err() {
            return Ok(Next::At(now + AGAIN));
        }
        send(core, lease, place, &job).await
    }

    async fn give_up(&self, core: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let Some(job) = open(core, lease).await? else {
            return Ok(GivenUp::Over);
        };
        let why = SendStep::BriefRefused(fault.message.clone());
        step(core, lease, &job, why).await.map(|_| GivenUp::Over)
    }
}

/// The job that a lease is about, unless it has ended.
pub(super) async fn open(core: &Core, lease: &Lease) -> Result<Option<Job>, Fault> {
    let Ok(job_id) = lease.object.parse() else {
        return Ok(None);
    };
    let engine = Caller::engine(lease.tenant.clone());
    match core.ask(&engine, ReadJob { job_id }).await {
        Ok(found) => Ok(Some(found.job).filter(|job| !job.status.is_final())),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Takes a step under the lease.
pub(super) async fn step(
    core: &Core,
    lease: &Lease,
    job: &Job,
    step: SendStep,
) -> Result<Job, Fault> {
    let engine = Caller::engine(lease.tenant.clone());
    let terms = Terms::under(lease.held.clone());
    let take = TakeSendStep {
        job_id: job.id,
        step,
    };
    let answer = core.ask_on(&engine, take, terms).await?;
    Ok(answer.output.job)
}

/// Looks for a brief that may have arrived; nothing when it is to be sent again.
async fn search(
    core: &Core,
    lease: &Lease,
    place: &Arc<Place>,
    job: &Job,
    sent_at: Instant,
) -> Result<Option<Next>, Fault> {
    let listed = place.client.list(NEWEST).await;
    let now = core.clock().now();
    let later = Next::At(now + place.poll);
    let Ok(listed) = listed else {
        return Ok(Some(later));
    };
    let mut found: Vec<ListedJob> = listed.jobs;
    found.retain(|one| is_like(one, job, sent_at));
    found.sort_by_key(|one| one.created_at);
    for one in found {
        match step(core, lease, job, SendStep::BriefArrived(one.id)).await {
            Ok(_) => return Ok(Some(Next::Done)),
            Err(fault) if fault.code == "LINKED" => {}
            Err(fault) if fault.code == "MOVED_ON" => return Ok(Some(Next::Done)),
            Err(fault) => return Err(fault),
        }
    }
    Ok((now - sent_at < SEARCH).then_some(later))
}

/// Whether a job there can be the one that a brief from here became.
fn is_like(one: &ListedJob, job: &Job, sent_at: Instant) -> bool {
    let about_then = |at: Instant| (at - sent_at).abs() <= SKEW;
    one.name == job.brief.name
        && one.budget == Some(job.brief.budget)
        && one.created_at.is_none_or(about_then)
}

async fn send(core: &Core, lease: &Lease, place: &Arc<Place>, job: &Job) -> Result<Next, Fault> {
    let left = match step(core, lease, job, SendStep::BriefLeaves).await {
        Err(fault) if fault.code == "MOVED_ON" => return Ok(Next::Done),
        left => left?,
    };
    let body = safe::body(&left.brief, left.sent.kpis.as_ref());
    let sent = place.client.submit(&body).await;
    let now = core.clock().now();
    let (next, told) = match sent {
        Sent::Done(id) => (Next::Done, SendStep::BriefArrived(id)),
        Sent::Refused(why) => (Next::Done, SendStep::BriefRefused(why)),
        Sent::NotDone(why) => (Next::At(now + AGAIN), SendStep::BriefWaits(why)),
        Sent::Lost(why) => (Next::At(now + place.poll), SendStep::BriefLost(why)),
    };
    step(core, lease, &left, told).await?;
    Ok(next)
}
