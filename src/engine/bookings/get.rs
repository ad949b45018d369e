//! Shows one job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{kept::SHAPE, view::JobView};
use crate::{
    domain::{booking::job::Job, ids::JobId, policy::Permission},
    engine::{
        answers::Written,
        fault::Fault,
        operation::{Kind, Known, Operation},
        work::Work,
    },
};

/// Shows a job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetJob {
    /// Which.
    pub job_id: JobId,
}

impl Operation for GetJob {
    const NAME: &'static str = "bookings.get";
    const ABOUT: &'static str = "Show one booking job.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = JobView;

    async fn perform(self, work: &mut Work<'_>) -> Result<JobView, Fault> {
        Ok(JobView::of(work.find::<Job, _>(self.job_id).await?))
    }

    async fn known(&self, work: &Work<'_>) -> Result<Known, Fault> {
        let found = work.shown::<Job>(&self.job_id.to_string(), SHAPE).await?;
        Ok(match found {
            None => Known::Nothing,
            Some((revision, None)) => Known::Stamp(revision),
            Some((revision, Some(text))) => Known::Answer(Written {
                json: text.into_bytes().into(),
                revision: Some(revision),
            }),
        })
    }

    fn revision(view: &JobView) -> Option<i64> {
        Some(view.revision)
    }
}
