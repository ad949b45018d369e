//! What was delivered: asked of ad servers, taken in, kept, and told as a series over time.
//! Refuses to judge it; that is for pacing.

pub mod embedded;
pub mod measured;
pub mod record;
pub mod running;
pub mod series;
pub mod turn;

use super::{fault::Fault, work::Work};
use crate::domain::{
    delivery::track::Track,
    money::Money,
    opendirect::{line::Line, stats::Price},
};

/// The kind of the reconciler that asks a tenant's ad server.
pub const SAMPLE: &str = "sample_delivery";
/// What it is about: all lines of the tenant.
pub const LINES: &str = "lines";

/// Has the ad server of a tenant asked soon, where there is one.
pub(in crate::engine) fn sample(work: &mut Work<'_>) {
    if work.desk().ad_server.is_some() {
        work.wake(SAMPLE, LINES, work.now());
    }
}

/// What was spent of a line as far as it was counted; nothing where nobody counts.
///
/// # Errors
/// When the store cannot.
pub(in crate::engine) async fn spent(work: &Work<'_>, line: &Line) -> Result<Option<Money>, Fault> {
    let track = work.get::<Track>(&line.id.to_string()).await?;
    Ok(track.map(|stored| Price::of(line).spent(&stored.record.latest)))
}

/// What of a line's cost will not be spent when it ends now: what was not delivered as far as it
/// was counted, else what was not due by its days.
///
/// # Errors
/// When the store cannot.
pub(in crate::engine) async fn undelivered(work: &Work<'_>, line: &Line) -> Result<Money, Fault> {
    let Some(spent) = spent(work, line).await? else {
        return Ok(line.undelivered(work.now().date_naive()));
    };
    let left = line.cost.minus(spent).map_err(Fault::broken)?;
    let none = Money::zero(line.cost.currency());
    Ok(if left > none { left } else { none })
}
