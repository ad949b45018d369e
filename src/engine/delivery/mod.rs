//! What was delivered: asked of ad servers, taken in, kept, and told as a series over time.
//! Refuses to judge it; that is for pacing.

pub mod embedded;
pub mod record;
pub mod running;
pub mod series;
pub mod turn;

/// The kind of the reconciler that asks a tenant's ad server.
pub const SAMPLE: &str = "sample_delivery";
/// What it is about: all lines of the tenant.
pub const LINES: &str = "lines";

/// Has the ad server of a tenant asked soon, where there is one.
pub(in crate::engine) fn sample(work: &mut super::work::Work<'_>) {
    if work.desk().ad_server.is_some() {
        work.wake(SAMPLE, LINES, work.now());
    }
}
