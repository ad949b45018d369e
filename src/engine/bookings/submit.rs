//! Takes a brief: checked as a whole before a job exists, then kept and started in one
//! commit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RUN_JOB, tell, upstream::SEND_BRIEF};
use crate::{
    domain::{
        booking::{
            brief::CampaignBrief,
            job::{Job, JobStatus},
            upstream::{Upstream, safe},
        },
        ids::JobId,
        object::object,
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Starts a booking job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BookingRequest")]
pub struct SubmitBrief {
    /// The campaign.
    #[serde(deserialize_with = "object")]
    pub brief: CampaignBrief,
    /// Approve every recommendation in advance.
    #[serde(default)]
    pub auto_approve: bool,
}

/// A job that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BookingResponse")]
pub struct Submitted {
    /// Its id.
    pub job_id: JobId,
    /// Where it is: `pending`.
    pub status: JobStatus,
    /// What to do next.
    pub message: String,
    /// How the brief was read, where that is worth knowing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Operation for SubmitBrief {
    const NAME: &'static str = "bookings.submit";
    const ABOUT: &'static str = "Start a booking job from a campaign brief.";
    const KIND: Kind = Kind::Command(Permission::WriteBookings);
    type Output = Submitted;

    async fn perform(self, work: &mut Work<'_>) -> Result<Submitted, Fault> {
        let origin = Origin::default();
        start(work, self.brief, self.auto_approve, origin)
    }
}

/// Where a brief comes from, if it is not new.
#[derive(Default)]
pub(super) struct Origin {
    /// The job that is tried again.
    pub(super) retry_of: Option<JobId>,
    /// What is to be said of how it is run now.
    pub(super) notes: Vec<String>,
}

/// Checks a brief and keeps it as a job that is due at once. Refuses to approve in advance
/// for somebody who may not approve.
pub(super) fn start(
    work: &mut Work<'_>,
    sent: CampaignBrief,
    auto_approve: bool,
    origin: Origin,
) -> Result<Submitted, Fault> {
    let spend = Permission::ApproveBookings;
    if auto_approve && !work.caller().may(spend) {
        let fault = Fault::forbidden(work.caller(), spend);
        return Err(fault.hint("send the brief without `auto_approve`, and let an approver decide"));
    }
    let desk = work.desk();
    let today = work.now().date_naive();
    let mut brief = sent
        .check(today, desk.currency, &desk.negotiation)
        .map_err(Fault::invalid)?;
    brief.notes.extend(origin.notes);
    let place = desk.upstreams.of(work.tenant());
    if place.is_some() {
        let talks_asked = sent.negotiation.is_some() && brief.negotiation.is_some();
        let notes = safe::check(&brief, talks_asked).map_err(Fault::invalid)?;
        brief.notes.extend(notes);
        brief.negotiation = None;
    }
    let notes = brief.notes.clone();
    let mut job = Job::new(
        work.mint(),
        sent,
        brief,
        auto_approve,
        work.caller().name.clone(),
    );
    job.retry_of = origin.retry_of;
    let task = match place {
        None => RUN_JOB,
        Some(place) => {
            job.upstream = Some(Box::new(Upstream::to_send(place.kind)));
            SEND_BRIEF
        }
    };
    work.create(&job)?;
    work.wake(task, job.id.to_string(), work.now());
    let detail = format!("{} for {}", job.brief.name, job.brief.budget);
    tell(work, &job, "bookings.submitted", detail);
    Ok(Submitted {
        job_id: job.id,
        status: JobStatus::Pending,
        message: format!(
            "Booking workflow started. Use GET /bookings/{} to follow it.",
            job.id
        ),
        notes,
    })
}
