//! Sends buyers the reports that they want, when each period is over and counted. Looks before
//! it touches, so that a look too early leaves no trace.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler, follow};
use crate::{
    domain::ids::BuyId,
    engine::{
        core::Core,
        fault::Fault,
        media_buys::reporting::{REPORT_BUY, ReportDue, SendReport},
    },
    store::Lease,
};

/// Sends reports of media buys.
pub struct ReportBuys;

#[async_trait]
impl Reconciler for ReportBuys {
    fn kind(&self) -> &'static str {
        REPORT_BUY
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let media_buy_id = BuyId::from(lease.object.as_str());
        let look = ReportDue {
            media_buy_id: media_buy_id.clone(),
        };
        follow(core, lease, look, SendReport { media_buy_id }).await
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(media_buy = lease.object, %fault, "its reports are not sent for a while");
        Ok(GivenUp::Rests)
    }
}
