//! Follows lines through time: gives back what was held too long, and opens and closes
//! flights. Looks before it touches, so that a look too early leaves no trace.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler, follow};
use crate::{
    domain::ids::LineId,
    engine::{
        core::Core,
        fault::Fault,
        seller::{
            FOLLOW_LINE,
            lines::follow::{FollowLine, LineDue},
        },
    },
    store::Lease,
};

/// Follows lines through time.
pub struct FollowLines;

#[async_trait]
impl Reconciler for FollowLines {
    fn kind(&self) -> &'static str {
        FOLLOW_LINE
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let line_id: LineId = lease.object.parse().map_err(Fault::broken)?;
        follow(core, lease, LineDue { line_id }, FollowLine { line_id }).await
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(line = lease.object, %fault, "the line stays as it is for a while");
        Ok(GivenUp::Rests)
    }
}
