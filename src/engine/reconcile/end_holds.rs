//! Ends holds whose time is over, so that whoever waits gets the slot. The clock has ended them
//! before that: nothing that is booked hangs on this.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler, follow};
use crate::{
    domain::ids::HoldId,
    engine::{
        core::Core,
        fault::Fault,
        slots::{
            END_HOLDS,
            hold::{EndHold, HoldDue},
        },
    },
    store::Lease,
};

/// Ends holds whose time is over.
pub struct EndHolds;

#[async_trait]
impl Reconciler for EndHolds {
    fn kind(&self) -> &'static str {
        END_HOLDS
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Ok(hold_id) = lease.object.parse::<HoldId>() else {
            return Ok(Next::Done);
        };
        follow(core, lease, HoldDue { hold_id }, EndHold { hold_id }).await
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(hold = lease.object, %fault, "whoever waits for its slot is not told for a while");
        Ok(GivenUp::Rests)
    }
}
