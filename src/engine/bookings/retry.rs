//! Tries a failed job again, as a job of its own, so that the history of the first stays
//! what it was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    kept, refused,
    seen::still_as_seen,
    submit::{Origin, Submitted, start},
    tell, upstream,
};
use crate::{
    domain::{booking::job::Job, ids::JobId, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Starts a failed job's brief again as a new job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryJob {
    /// Which.
    pub job_id: JobId,
    /// The revision that was looked at; if the job has changed, it is left alone.
    #[serde(default)]
    pub expected_revision: Option<i64>,
}

impl Operation for RetryJob {
    const NAME: &'static str = "bookings.retry";
    const ABOUT: &'static str = "Start the brief of a failed job again, as a new job.";
    const KIND: Kind = Kind::Command(Permission::RecoverBookings);
    type Output = Submitted;

    async fn perform(self, work: &mut Work<'_>) -> Result<Submitted, Fault> {
        work.about(format!("job/{}", self.job_id));
        let stored = work.find::<Job, _>(self.job_id).await?;
        still_as_seen(work, &stored, self.expected_revision).await?;
        let mut job = stored.record.clone();
        if job.upstream.as_deref().is_some_and(|known| !known.own) {
            let what = "retry a job, nor tell the brief of one that was sent by somebody else";
            let hint = "send a new brief";
            return Err(upstream::cannot(&job, what, hint));
        }
        // What may be retried at all is checked first, so that its refusal comes first.
        job.retry(self.job_id).map_err(refused)?;
        let may = work.caller().may(Permission::ApproveBookings);
        let mut origin = Origin {
            retry_of: Some(job.id),
            notes: Vec::new(),
        };
        if job.auto_approve && !may {
            origin.notes.push(not_in_advance(&work.caller().name));
        }
        let started = start(work, job.sent.clone(), job.auto_approve && may, origin)?;
        job.retried_as = Some(started.job_id);
        kept::keep(work, &stored, &job)?;
        tell(
            work,
            &job,
            "bookings.retried",
            format!("as job {}", started.job_id),
        );
        Ok(started)
    }
}

/// Why a job that was approved in advance waits for a person this time.
fn not_in_advance(by: &str) -> String {
    format!(
        "The first try was to be approved automatically; {by} may not approve, so this one waits for somebody who may."
    )
}
