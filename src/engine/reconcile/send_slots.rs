//! Sees to what was left on its way to a slot service: by whoever died between keeping it and
//! hearing what came of it, or was told that nobody knows. Looks for it there until it is found or
//! minutes are over. It sends nothing: whoever asked is gone, and may have asked again.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::slot::upstream::errand::{GRACE, State},
    engine::{
        core::Core,
        fault::{Fault, FaultKind},
        slots::upstream::{SEND, carry::On},
    },
    store::Lease,
};

/// How long a slot service that is not set up any more is waited for.
const ABSENT: std::time::Duration = std::time::Duration::from_mins(1);

/// Sees to what was left.
pub struct SendSlots;

#[async_trait]
impl Reconciler for SendSlots {
    fn kind(&self) -> &'static str {
        SEND
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Ok(errand) = lease.object.parse() else {
            return Ok(Next::Done);
        };
        let on = On {
            core,
            tenant: &lease.tenant,
            lease: Some(lease),
        };
        let errand = match on.read(errand).await {
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Next::Done),
            read => read?,
        };
        let now = core.clock().now();
        let Some(place) = core.desk().slot_services.of(&lease.tenant) else {
            return Ok(Next::At(now + ABSENT));
        };
        let errand = match &errand.state {
            State::Done { .. } | State::Refused { .. } => return Ok(Next::Done),
            State::Kept if now < errand.at + GRACE => return Ok(Next::At(errand.at + GRACE)),
            State::Kept => {
                let message = "whoever asked was gone before it was sent; nothing was sent";
                let fault = Fault::conflict("NOT_SENT", message).hint("ask again under a new key");
                on.refuse(&errand, &fault).await?
            }
            // Whoever sent it may still be waiting for the answer.
            State::Left { at } if now < *at + place.patience => {
                return Ok(Next::At(*at + place.patience));
            }
            State::Left { .. } | State::Lost { .. } => on.look_for(errand).await?,
        };
        Ok(match errand.state {
            State::Done { .. } | State::Refused { .. } => Next::Done,
            _ => Next::At(core.clock().now() + place.poll),
        })
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(errand = %lease.object, %fault, "what came of it is not looked for for a while");
        Ok(GivenUp::Rests)
    }
}
