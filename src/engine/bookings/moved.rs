//! Keeps a job true to its lines after they left its hands: a line that a buyer called off,
//! or that time moved on, is written into its job in the same commit, and what will not be
//! delivered goes back to the tenant's budget. Refuses to touch what a job is doing itself.

use super::{budget, kept, tell};
use crate::{
    domain::{
        booking::job::Job,
        money::Money,
        opendirect::{booking_status::LineBookingStatus, line::Line},
    },
    engine::{fault::Fault, work::Work},
};

/// Writes where a line is now into the job that placed it. `back` is what of its cost will
/// not be spent any more.
pub(in crate::engine) async fn moved(
    work: &mut Work<'_>,
    line: &Line,
    back: Money,
) -> Result<(), Fault> {
    let Some(job_id) = line.job_id else {
        return Ok(());
    };
    let Some(stored) = work.get::<Job>(&job_id.to_string()).await? else {
        return Ok(());
    };
    let mut job = stored.record.clone();
    if !job.line_moved(&line.product_id, line.status, &work.caller().name) {
        return Ok(());
    }
    let name = match line.status {
        LineBookingStatus::Cancelled => "bookings.line_cancelled",
        LineBookingStatus::Finished => "bookings.line_finished",
        _ => "bookings.line_started",
    };
    budget::give_back(work, back);
    kept::keep(work, &stored, &job)?;
    let detail = if back.is_positive() {
        format!("{}: {}, {back} given back", line.name, line.status.name())
    } else {
        format!("{}: {}", line.name, line.status.name())
    };
    tell(work, &job, name, detail);
    Ok(())
}
