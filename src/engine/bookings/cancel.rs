//! Calls a job off that has not booked; one that lives elsewhere and is gone there is closed here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{budget, kept, refused, seen::still_as_seen, tell, upstream, view::JobView};
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
    store::record::Stored,
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

/// Why a job that lives elsewhere can only be closed here, if that is so.
fn is_out_of_reach(work: &Work<'_>, job: &Job) -> Option<String> {
    let known = job.upstream.as_deref()?;
    let words = known.kind.words();
    if let Some(since) = known.missing_since {
        let since = since.format("%Y-%m-%d %H:%M UTC");
        return Some(format!("{words} does not show it since {since}"));
    }
    let there = known.id.is_some() || known.sent_at.is_some();
    let set_up = work.desk().upstreams.of(work.tenant()).is_some();
    (there && !set_up).then(|| format!("{words} is not set up here any more"))
}

/// Closes a job that cannot be reached where it lives. Nothing is sent.
async fn close(work: &mut Work<'_>, stored: &Stored<Job>, why: &str) -> Result<JobView, Fault> {
    let mut job = stored.record.clone();
    let held = job.close(&work.caller().name, why).map_err(refused)?;
    if let Some(held) = held {
        budget::give_back(work, held);
    }
    upstream::mirror::write(work, stored, &job).await?;
    let by = format!("closed here by {}: {why}", work.caller().name);
    tell(work, &job, "bookings.cancelled", by);
    let (revision, created_at) = (stored.revision + 1, stored.created_at);
    Ok(JobView::new(job, revision, created_at, work.now()))
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
        if let Some(why) = is_out_of_reach(work, &job) {
            return close(work, &stored, &why).await;
        }
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
