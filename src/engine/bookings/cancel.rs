//! Calls a job off that has not booked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{kept, refused, seen::still_as_seen, tell, upstream, view::JobView};
use crate::{
    domain::{
        booking::{job::Job, upstream::Upstream},
        ids::JobId,
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Cancels a job that has not booked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelJob {
    /// Which.
    pub job_id: JobId,
    /// The revision that was looked at; if the job has changed, it is left alone.
    #[serde(default)]
    pub expected_revision: Option<i64>,
}

impl Operation for CancelJob {
    const NAME: &'static str = "bookings.cancel";
    const ABOUT: &'static str = "Cancel a booking job that has not booked.";
    const KIND: Kind = Kind::Command(Permission::RecoverBookings);
    type Output = JobView;

    async fn perform(self, work: &mut Work<'_>) -> Result<JobView, Fault> {
        work.about(format!("job/{}", self.job_id));
        let stored = work.find::<Job, _>(self.job_id).await?;
        still_as_seen(work, &stored, self.expected_revision).await?;
        let mut job = stored.record.clone();
        let may_be_there = |known: &Upstream| known.id.is_some() || known.sent_at.is_some();
        if job.upstream.as_deref().is_some_and(may_be_there) {
            let hint = "approve none of it once it waits: that completes it with nothing booked";
            return Err(upstream::cannot(&job, "cancel a job", hint));
        }
        job.cancel(&work.caller().name).map_err(refused)?;
        kept::keep(work, &stored, &job)?;
        let by = format!("by {}", work.caller().name);
        tell(work, &job, "bookings.cancelled", by);
        let (revision, created_at) = (stored.revision + 1, stored.created_at);
        Ok(JobView::new(job, revision, created_at, work.now()))
    }
}
