//! Tells buyers what their media buys were shown beside, where they want to know it, when it was
//! counted or when each hour or day is over. Looks before it touches, so that a look too early
//! leaves no trace.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler, follow};
use crate::{
    domain::ids::BuyId,
    engine::{
        core::Core,
        fault::Fault,
        media_buys::artifacts::{ARTIFACTS, ArtifactsDue, SendArtifacts},
    },
    store::Lease,
};

/// Tells what media buys were shown beside.
pub struct TellArtifacts;

#[async_trait]
impl Reconciler for TellArtifacts {
    fn kind(&self) -> &'static str {
        ARTIFACTS
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let media_buy_id = BuyId::from(lease.object.as_str());
        let look = ArtifactsDue {
            media_buy_id: media_buy_id.clone(),
        };
        follow(core, lease, look, SendArtifacts { media_buy_id }).await
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        let buy = &lease.object;
        tracing::error!(media_buy = buy, %fault, "what it is shown beside is not told for a while");
        Ok(GivenUp::Rests)
    }
}
