//! Settles what was sent to a tenant-management server and never answered: looks after a while
//! whether it is shown there as it was sent. What is shown so was done; what nothing shows stays
//! unanswered, after some looks for good. Sends nothing.

use std::time::Duration;

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::ids::ChangeId,
    engine::{
        core::Core,
        fault::Fault,
        tenants::upstream::{SETTLE, carry::settle},
    },
    store::Lease,
};

/// Until when it is looked for, the longest after it was sent.
const LONGEST: chrono::Duration = chrono::Duration::hours(24);

/// Settles.
pub struct SettleServer;

#[async_trait]
impl Reconciler for SettleServer {
    fn kind(&self) -> &'static str {
        SETTLE
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let errand: ChangeId = lease.object.parse().map_err(Fault::broken)?;
        let Some(left) = settle(core, errand).await? else {
            return Ok(Next::Done);
        };
        let now = core.clock().now();
        if now - left > LONGEST {
            // It is shown as unanswered; whoever looks there knows more.
            return Ok(Next::Done);
        }
        Ok(Next::At(now + pause(now - left)))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(errand = lease.object, %fault, "what came of it there is not asked for a while");
        Ok(GivenUp::Rests)
    }
}

/// How soon it is looked again at what was sent so long ago: from a minute to an hour.
fn pause(age: chrono::Duration) -> Duration {
    let age = age.to_std().unwrap_or_default();
    age.clamp(Duration::from_mins(1), Duration::from_hours(1))
}
