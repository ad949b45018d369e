//! Shows one job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::JobView;
use crate::{
    domain::{booking::job::Job, ids::JobId, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
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

    async fn stamp(&self, work: &Work<'_>) -> Result<Option<i64>, Fault> {
        work.revision::<Job>(&self.job_id.to_string()).await
    }

    fn revision(view: &JobView) -> Option<i64> {
        Some(view.revision)
    }
}
