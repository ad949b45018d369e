//! Follows lines through time: gives back what was held too long, and opens and closes
//! flights. Looks before it touches, so that a look too early leaves no trace.

use async_trait::async_trait;

use super::{Next, Reconciler};
use crate::{
    domain::{ids::LineId, tenant::caller::Caller},
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        seller::{
            FOLLOW_LINE,
            lines::follow::{Due, FollowLine, LineDue},
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
        let engine = Caller::engine(lease.tenant.clone());
        let due = match core.ask(&engine, LineDue { line_id }).await {
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Next::Done),
            due => due?,
        };
        if due.at.is_none_or(|at| at > core.clock().now()) {
            return Ok(next(due));
        }
        let terms = Terms::under(lease.held.clone());
        let answer = core.ask_on(&engine, FollowLine { line_id }, terms).await?;
        Ok(next(answer.output))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<(), Fault> {
        tracing::error!(line = lease.object, %fault, "the line stays as it is");
        Ok(())
    }
}

fn next(due: Due) -> Next {
    due.at.map_or(Next::Done, Next::At)
}
