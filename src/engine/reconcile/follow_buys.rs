//! Follows media buys through time: their flights begin, and are over. Looks before it
//! touches, so that a look too early leaves no trace.

use async_trait::async_trait;

use super::{Next, Reconciler};
use crate::{
    domain::{ids::BuyId, tenant::caller::Caller},
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        media_buys::{
            FOLLOW_BUY,
            follow::{BuyDue, Due, FollowBuy},
        },
    },
    store::Lease,
};

/// Follows media buys through time.
pub struct FollowBuys;

#[async_trait]
impl Reconciler for FollowBuys {
    fn kind(&self) -> &'static str {
        FOLLOW_BUY
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let media_buy_id = BuyId::from(lease.object.as_str());
        let engine = Caller::engine(lease.tenant.clone());
        let ask = BuyDue {
            media_buy_id: media_buy_id.clone(),
        };
        let due = match core.ask(&engine, ask).await {
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Next::Done),
            due => due?,
        };
        if due.at.is_none_or(|at| at > core.clock().now()) {
            return Ok(next(due));
        }
        let terms = Terms::under(lease.held.clone());
        let follow = FollowBuy { media_buy_id };
        let answer = core.ask_on(&engine, follow, terms).await?;
        Ok(next(answer.output))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<(), Fault> {
        tracing::error!(media_buy = lease.object, %fault, "the media buy stays as it is");
        Ok(())
    }
}

fn next(due: Due) -> Next {
    due.at.map_or(Next::Done, Next::At)
}
