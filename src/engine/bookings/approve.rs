//! Decides on a job's recommendations: some, all or none. Refused whole when an id is not
//! the job's, when the total passes the brief's budget, or when the tenant's budget has
//! not enough left. The money is committed in the same breath as the decision.

use std::time::Duration;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RUN_JOB, budget, kept, refused, seen::still_as_seen, tell, upstream, view::JobView};
use crate::{
    domain::{
        booking::job::{Choice, ExecutionStatus, Job},
        ids::{JobId, ProductId},
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How many ids one approval may name.
const MOST_IDS: usize = 1000;
/// Money that was approved does not queue behind research: it counts as due for so long.
const AHEAD: Duration = Duration::from_hours(1);

/// Approves recommendations of a job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveJob {
    /// Which job.
    pub job_id: JobId,
    /// Which products; all of them where it is not said, none where the list is empty.
    #[serde(default)]
    pub approved_product_ids: Option<Vec<ProductId>>,
    /// The revision that the decision was made on; if the job has changed, it is refused.
    #[serde(default)]
    pub expected_revision: Option<i64>,
    /// Whether it is meant although there were warnings about what it spends at an upstream.
    #[serde(default)]
    pub despite_warnings: bool,
}

impl Operation for ApproveJob {
    const NAME: &'static str = "bookings.approve";
    const ABOUT: &'static str = "Approve some, all or none of a job's recommendations.";
    const KIND: Kind = Kind::Command(Permission::ApproveBookings);
    type Output = JobView;

    async fn perform(self, work: &mut Work<'_>) -> Result<JobView, Fault> {
        work.about(format!("job/{}", self.job_id));
        let choice = self.choice()?;
        let stored = work.find::<Job, _>(self.job_id).await?;
        still_as_seen(work, &stored, self.expected_revision).await?;
        if stored.record.status != ExecutionStatus::AwaitingApproval {
            return Err(not_waiting(&stored.record));
        }
        let by = work.caller().name.clone();
        let job = decide(
            work,
            stored.record.clone(),
            &choice,
            by,
            (false, self.despite_warnings),
        )
        .await?;
        kept::keep(work, &stored, &job)?;
        let (revision, created_at) = (stored.revision + 1, stored.created_at);
        Ok(JobView::new(job, revision, created_at, work.now()))
    }
}

impl ApproveJob {
    fn choice(&self) -> Result<Choice, Fault> {
        match &self.approved_product_ids {
            None => Ok(Choice::All),
            Some(ids) if ids.len() <= MOST_IDS => Ok(Choice::Only(ids.clone())),
            Some(ids) => {
                let message = format!(
                    "{} ids are more than the {MOST_IDS} that one approval may name",
                    ids.len()
                );
                Err(Fault::field(Problem::new(
                    "approved_product_ids",
                    Code::TOO_MANY,
                    message,
                )))
            }
        }
    }
}

/// Takes the decision, commits the money and starts the booking. Says whether it was taken in
/// advance, and whether it is meant although there are warnings.
pub(super) async fn decide(
    work: &mut Work<'_>,
    mut job: Job,
    choice: &Choice,
    by: String,
    (automatic, despite): (bool, bool),
) -> Result<Job, Fault> {
    upstream::decision::check(work, &job, choice)?;
    job.approve(choice, by, automatic, work.now())
        .map_err(refused)?;
    let Some(approval) = job.approval.clone() else {
        return Err(Fault::broken("an approval left no trace"));
    };
    upstream::decision::keep(&mut job, despite)?;
    if approval.approved == 0 && job.upstream.is_none() {
        tell(work, &job, "bookings.completed", "nothing was approved");
        return Ok(job);
    }
    if approval.approved > 0 && !begins(&mut job, work.now().date_naive()) {
        let last = job.brief.flight.last();
        let message = format!("the flight ended on {last}: nothing can be booked any more");
        return Err(Fault::conflict("FLIGHT_ENDED", message)
            .hint("approve none to complete the job, or cancel it"));
    }
    budget::commit(work, approval.cost).await?;
    let task = match job.upstream {
        None => RUN_JOB,
        Some(_) => upstream::SEND_DECISION,
    };
    work.wake(task, job.id.to_string(), work.now() - AHEAD);
    let detail = format!(
        "{} approved {} for {}",
        approval.by, approval.approved, approval.cost
    );
    tell(work, &job, "bookings.approved", detail);
    Ok(job)
}

/// Whether its flight goes on. One that lives elsewhere keeps the days that were sent there.
fn begins(job: &mut Job, today: NaiveDate) -> bool {
    match job.upstream.as_deref() {
        None => job.brief.take_from(today),
        Some(known) => !known.own || job.brief.flight.last() >= today,
    }
}

/// Says who got there first.
fn not_waiting(job: &Job) -> Fault {
    let status = job.status.outside();
    let fault = if let Some(approval) = &job.approval {
        let message = format!(
            "Job is not awaiting approval. Current status: {}. {} decided on it at {}: {} approved for {}",
            status.name(),
            approval.by,
            approval.at.format("%Y-%m-%d %H:%M:%S UTC"),
            approval.approved,
            approval.cost
        );
        Fault::conflict("ALREADY_DECIDED", message).with("decided_by", approval.by.clone())
    } else {
        let message = format!(
            "Job is not awaiting approval. Current status: {}",
            status.name()
        );
        Fault::wrong_state("INVALID_STATUS", message)
    };
    fault
        .with("status", status.name())
        .with("progress", f64::from(job.progress) / 1000.0)
}
