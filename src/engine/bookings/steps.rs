//! The steps between a brief and its end, one commit each. Only the engine takes them,
//! under its lease; taken twice, a step that was done already changes nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{approve::decide, budget, kept, looked, refused, tell};
use crate::{
    domain::{
        booking::{
            allocation::ChannelAllocation,
            asked::AskedSeller,
            audience::AudiencePlan,
            job::{Choice, ExecutionStatus, Job, Refusal, Research},
            lines::LineOutcome,
            there::Look,
        },
        channel::Channel,
        ids::{JobId, ProductId},
        policy::Permission,
    },
    engine::{
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Takes one step of a job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeStep {
    /// Which job.
    pub job_id: JobId,
    /// Which step.
    #[schemars(with = "serde_json::Value")]
    pub step: Step,
}

/// A step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Takes the brief up with its planned audience.
    Receive(AudiencePlan),
    /// Finds that the brief no longer holds.
    FailValidation(String),
    /// Spreads the budget, with notes on what was left out.
    Allocate(Vec<ChannelAllocation>, Vec<String>),
    /// Learns what each seller said, where any is somewhere else.
    Ask(Vec<AskedSeller>),
    /// Learns what came of some channels.
    Research(Vec<(Channel, Research)>),
    /// Puts the channels together, and approves them if that was decided in advance.
    Consolidate,
    /// Learns what became of a line.
    Line(ProductId, LineOutcome),
    /// Learns what was seen of a line at its seller since it was booked.
    Look(ProductId, Look),
    /// Ends the booking.
    Finish,
    /// Ends without what was asked for.
    Fail(String),
}

/// The job after a step, as the engine carries it on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Stepped {
    /// The job.
    #[schemars(with = "serde_json::Value")]
    pub job: Job,
}

/// Reads a job as the engine carries it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadJob {
    /// Which job.
    pub job_id: JobId,
}

impl Operation for ReadJob {
    const NAME: &'static str = "bookings.read_for_step";
    const ABOUT: &'static str = "Read a job whole; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = Stepped;

    async fn perform(self, work: &mut Work<'_>) -> Result<Stepped, Fault> {
        Ok(Stepped {
            job: work.find::<Job, _>(self.job_id).await?.record,
        })
    }
}

impl Operation for TakeStep {
    const NAME: &'static str = "bookings.step";
    const ABOUT: &'static str = "Take one step of a job; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Stepped;

    async fn perform(self, work: &mut Work<'_>) -> Result<Stepped, Fault> {
        work.about(format!("job/{}", self.job_id));
        let (job, was) = work.find::<Job, _>(self.job_id).await?.part();
        let job = take(work, job, self.step).await?;
        kept::keep(work, &was, &job)?;
        Ok(Stepped { job })
    }
}

async fn take(work: &mut Work<'_>, mut job: Job, step: Step) -> Result<Job, Fault> {
    match step {
        Step::Receive(plan) => {
            let detail = format!(
                "{} audience requirements, {} gaps",
                plan.requirements.len(),
                plan.gaps.len()
            );
            job.receive(plan).map_err(refused)?;
            tell(work, &job, "bookings.brief_received", detail);
        }
        Step::FailValidation(why) => {
            job.fail_validation(why.clone()).map_err(refused)?;
            tell(work, &job, "bookings.failed", why);
        }
        Step::Allocate(allocations, notes) => {
            let detail = allocations
                .iter()
                .map(|one| format!("{} {}", one.channel, one.budget))
                .collect::<Vec<_>>()
                .join(", ");
            job.allocate(allocations).map_err(refused)?;
            job.brief.notes.extend(notes);
            tell(work, &job, "bookings.allocated", detail);
        }
        Step::Ask(asked) => {
            for unasked in asked.iter().filter_map(AskedSeller::unasked) {
                if !job.errors.contains(&unasked) {
                    tell(work, &job, "bookings.seller_unasked", unasked);
                }
            }
            job.ask(asked);
        }
        Step::Research(found) => {
            let unasked: String = job.asked.iter().filter_map(AskedSeller::unasked).collect();
            for (channel, outcome) in found {
                let detail = match &outcome {
                    Research::Found(all) => format!("{channel}: {} recommended", all.len()),
                    Research::Failed(why) => format!("{channel}: {why}"),
                };
                let detail = format!("{detail} {unasked}").trim_end().to_owned();
                job.research(channel, outcome).map_err(refused)?;
                tell(work, &job, "bookings.researched", detail);
            }
        }
        Step::Consolidate => job = consolidate(work, job).await?,
        Step::Line(product, outcome) => line(work, &mut job, &product, outcome)?,
        Step::Look(product, look) => looked::see(work, &mut job, &product, look),
        Step::Finish => {
            job.finish().map_err(refused)?;
            ended(work, &job);
        }
        Step::Fail(why) => {
            if !job.status.is_final() {
                job.fail(why);
                ended(work, &job);
            }
        }
    }
    Ok(job)
}

fn ended(work: &mut Work<'_>, job: &Job) {
    if job.status == ExecutionStatus::Completed {
        let booked = job.lines.iter().filter(|line| line.is_booked()).count();
        tell(
            work,
            job,
            "bookings.completed",
            format!("{booked} of {} lines booked", job.lines.len()),
        );
    } else {
        tell(
            work,
            job,
            "bookings.failed",
            job.errors.last().cloned().unwrap_or_default(),
        );
    }
}

async fn consolidate(work: &mut Work<'_>, mut job: Job) -> Result<Job, Fault> {
    job.consolidate().map_err(refused)?;
    if job.status != ExecutionStatus::AwaitingApproval {
        ended(work, &job);
        return Ok(job);
    }
    let count = job.recommendations().count();
    tell(
        work,
        &job,
        "bookings.awaiting_approval",
        format!("{count} recommendations"),
    );
    if !job.auto_approve {
        return Ok(job);
    }
    let by = job.submitted_by.clone();
    match decide(work, job.clone(), &Choice::All, by, (true, false)).await {
        Ok(decided) => Ok(decided),
        Err(fault) if fault.is_passing() || fault.kind == FaultKind::Broken => Err(fault),
        // The same rules as for a person: what a person would be refused is left to one.
        Err(fault) => {
            job.errors
                .push(format!("Not approved automatically: {}", fault.message));
            tell(work, &job, "bookings.auto_approve_refused", fault.message);
            Ok(job)
        }
    }
}

fn line(
    work: &mut Work<'_>,
    job: &mut Job,
    product: &ProductId,
    outcome: LineOutcome,
) -> Result<(), Fault> {
    let Some(before) = job
        .lines
        .iter()
        .find(|line| line.product_id == *product)
        .cloned()
    else {
        return Err(refused(Refusal::Unknown(vec![product.to_string()])));
    };
    let (name, detail) = match &outcome {
        LineOutcome::Asked(_) | LineOutcome::Unasked => {
            // Written down before it leaves; nothing has happened yet.
            return job.line(product, outcome).map_err(refused);
        }
        LineOutcome::Reserved(_) => ("bookings.line_reserved", before.product_name.clone()),
        LineOutcome::Booked(_) => (
            "bookings.line_booked",
            format!("{} for {}", before.product_name, before.cost),
        ),
        LineOutcome::Unclear(why) => (
            "bookings.line_unclear",
            format!("{} may have been booked: {why}", before.product_name),
        ),
        LineOutcome::Failed(why) => (
            "bookings.line_failed",
            format!("{}: {why}", before.product_name),
        ),
    };
    let failed = matches!(outcome, LineOutcome::Failed(_));
    job.line(product, outcome).map_err(refused)?;
    let after = job.lines.iter().find(|line| line.product_id == *product);
    if failed {
        budget::give_back(work, before.cost);
    } else if let Some(after) = after {
        // What its seller says that it costs is what was spent.
        budget::correct(work, before.cost, after.cost);
        looked::follow(work, job, after);
    }
    tell(work, job, name, detail);
    Ok(())
}
