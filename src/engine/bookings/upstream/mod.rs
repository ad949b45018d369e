//! Jobs that live in another company's system: mirrored here, with what is sent there kept before
//! it leaves. The operations of a desk are the same wherever its jobs live; what the other side
//! cannot do is refused in words.

pub mod contact;
pub mod decision;
pub mod desk;
pub mod desks;
pub mod mirror;
pub mod mirrored;
pub mod sending;

use crate::{
    domain::booking::{job::Job, upstream::Upstream},
    engine::fault::Fault,
};

/// The kind of the reconciler that follows what is there.
pub const FOLLOW: &str = "follow_bookings";
/// The kind of the reconciler that sends briefs.
pub const SEND_BRIEF: &str = "send_brief";
/// The kind of the reconciler that tells decisions.
pub const SEND_DECISION: &str = "send_decision";
/// What the follower's task of a tenant is about.
pub const DESK: &str = "bookings";

/// What is known of a job there, where it lives there.
fn known(job: &mut Job) -> Result<&mut Upstream, Fault> {
    let none = || Fault::wrong_state("NOT_AT_UPSTREAM", "the job lives here");
    job.upstream.as_deref_mut().ok_or_else(none)
}

/// Refuses what the other side cannot do.
pub(super) fn cannot(job: &Job, what: &str, hint: &str) -> Fault {
    let words = job
        .upstream
        .as_ref()
        .map_or("the upstream", |known| known.kind.words());
    let message = format!("this job lives in {words}, which cannot {what}");
    Fault::wrong_state("NOT_AT_UPSTREAM", message).hint(hint)
}
