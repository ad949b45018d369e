//! Follows media buys through time: their flights begin, and are over. Looks before it
//! touches, so that a look too early leaves no trace.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler, follow};
use crate::{
    domain::ids::BuyId,
    engine::{
        core::Core,
        fault::Fault,
        media_buys::{
            FOLLOW_BUY,
            follow::{BuyDue, FollowBuy},
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
        let look = BuyDue {
            media_buy_id: media_buy_id.clone(),
        };
        follow(core, lease, look, FollowBuy { media_buy_id }).await
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(media_buy = lease.object, %fault, "the media buy stays as it is for a while");
        Ok(GivenUp::Rests)
    }
}
