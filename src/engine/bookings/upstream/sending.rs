//! The steps of what is sent to an upstream, one commit each: it leaves, it arrived, it certainly
//! did not, it was refused, or nobody knows. The engine's own. A mark is kept before anything
//! leaves, so that whoever goes on after a crash looks before it sends again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        booking::{
            job::{ExecutionStatus, Job},
            upstream::{decided::Answer, link::Link, mirror, shown::status},
        },
        ids::JobId,
        policy::Permission,
    },
    engine::{
        bookings::{budget, kept, steps::Stepped, tell},
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Takes a step of something that is sent to an upstream; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeSendStep {
    /// Of which job.
    pub job_id: JobId,
    /// Which step.
    #[schemars(with = "serde_json::Value")]
    pub step: SendStep,
}

/// A step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendStep {
    /// The brief is about to be sent.
    BriefLeaves,
    /// It arrived, and has this id there.
    BriefArrived(String),
    /// It certainly did not arrive.
    BriefWaits(String),
    /// Nobody knows whether it arrived.
    BriefLost(String),
    /// It was refused.
    BriefRefused(String),
    /// The decision is about to be sent.
    DecisionLeaves,
    /// It was answered.
    DecisionAnswered(Answer),
    /// It certainly did not arrive.
    DecisionWaits(String),
    /// Nobody knows whether it arrived.
    DecisionLost(String),
    /// It was refused, and nothing was booked.
    DecisionRefused(String),
}

impl Operation for TakeSendStep {
    const NAME: &'static str = "bookings.send_step";
    const ABOUT: &'static str = "Take a step of sending to an upstream; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Stepped;

    async fn perform(self, work: &mut Work<'_>) -> Result<Stepped, Fault> {
        work.about(format!("job/{}", self.job_id));
        let stored = work.find::<Job, _>(self.job_id).await?;
        let mut job = stored.record.clone();
        match self.step {
            SendStep::BriefArrived(remote) => arrived(work, &mut job, remote).await?,
            SendStep::BriefLeaves
            | SendStep::BriefWaits(_)
            | SendStep::BriefLost(_)
            | SendStep::BriefRefused(_) => brief(work, &mut job, self.step)?,
            _ => decision(work, &mut job, self.step)?,
        }
        if job != stored.record {
            kept::keep(work, &stored, &job)?;
        }
        Ok(Stepped { job })
    }
}

/// Something moved on while this was on its way.
fn late() -> Fault {
    Fault::conflict("MOVED_ON", "the job has moved on")
}

async fn arrived(work: &mut Work<'_>, job: &mut Job, remote: String) -> Result<(), Fault> {
    let known = super::known(job)?;
    if known.id.is_some() {
        return Err(late());
    }
    if work.get::<Link>(&remote).await?.is_some() {
        let message = "another job here stands for that one";
        return Err(Fault::conflict("LINKED", message));
    }
    known.id = Some(remote.clone());
    known.trouble = None;
    status::PENDING.clone_into(&mut known.status);
    known.seen_at = Some(work.now());
    work.create(&Link {
        remote: remote.clone(),
        job_id: job.id,
        status: status::PENDING.to_owned(),
        open: true,
        gone: false,
    })?;
    work.about(format!("job/{}", job.id));
    let detail = format!("as {}", crate::domain::text::echo(&remote));
    tell(work, job, "bookings.sent", detail);
    work.wake(super::FOLLOW, super::DESK, work.now());
    Ok(())
}

fn brief(work: &mut Work<'_>, job: &mut Job, step: SendStep) -> Result<(), Fault> {
    let (now, is_new) = (work.now(), job.status == ExecutionStatus::Initialized);
    let known = super::known(job)?;
    if known.id.is_some() || !is_new {
        return Err(late());
    }
    match step {
        SendStep::BriefLeaves => {
            known.sent_at = Some(now);
            known.sends += 1;
        }
        SendStep::BriefWaits(why) => {
            known.sent_at = None;
            known.sends = known.sends.saturating_sub(1);
            known.trouble = Some(why);
        }
        SendStep::BriefLost(why) => known.trouble = Some(why),
        SendStep::BriefRefused(why) => {
            let words = known.kind.words();
            known.sent_at = None;
            let said = format!("{words} did not take the brief: {why}");
            known.said.push(said.clone());
            job.fail(said.clone());
            tell(work, job, "bookings.failed", said);
        }
        _ => {}
    }
    Ok(())
}

fn decision(work: &mut Work<'_>, job: &mut Job, step: SendStep) -> Result<(), Fault> {
    let now = work.now();
    let out = job.status == ExecutionStatus::ExecutingBookings;
    let cost = job.approval.as_ref().map(|approval| approval.cost);
    let known = super::known(job)?;
    let words = known.kind.words();
    let kept = known.decision.as_mut().ok_or_else(late)?;
    match step {
        // An answer is kept however late it comes.
        SendStep::DecisionAnswered(answer) => {
            kept.answer = Some(answer);
            kept.lost = None;
            known.trouble = None;
            work.wake(super::FOLLOW, super::DESK, now);
        }
        _ if !out => return Err(late()),
        SendStep::DecisionLeaves if kept.sent_at.is_some() => return Err(late()),
        SendStep::DecisionLeaves => kept.sent_at = Some(now),
        SendStep::DecisionWaits(why) => {
            kept.sent_at = None;
            kept.tries += 1;
            known.trouble = Some(why);
        }
        SendStep::DecisionLost(why) => {
            kept.lost = Some(why.clone());
            known.trouble = Some(why.clone());
            let detail = format!("the answer of {words} was lost ({why}); it is not sent again");
            tell(work, job, "bookings.decision_unanswered", detail);
        }
        SendStep::DecisionRefused(why) => {
            let said = format!("The approval was not taken by {words}: {why}");
            mirror::withdraw(job, said.clone());
            if let Some(cost) = cost {
                budget::give_back(work, cost);
            }
            tell(work, job, "bookings.decision_refused", said);
        }
        _ => {}
    }
    Ok(())
}
