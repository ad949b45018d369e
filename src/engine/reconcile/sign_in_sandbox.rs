//! Signs for the publisher in a sandbox: nobody sits there, and whoever tries an agent out waits
//! for a signature. An order that waits is agreed to after a few seconds, by the same decision
//! that a person would make. Refuses to sign anywhere else.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        ids::ApprovalId,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        media_buys::decide::{DecideApproval, Say},
        sandbox::SIGN,
    },
    store::Lease,
};

/// In whose name it is signed.
const PUBLISHER: &str = "sandbox publisher";

/// Signs for the publisher in a sandbox.
pub struct SignInSandbox;

#[async_trait]
impl Reconciler for SignInSandbox {
    fn kind(&self) -> &'static str {
        SIGN
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let id = lease.object.parse::<ApprovalId>().ok();
        let plays = core.desk().sandbox.as_ref() == Some(&lease.tenant);
        let Some(id) = id.filter(|_| plays) else {
            return Ok(Next::Done);
        };
        let sign = DecideApproval {
            approval_id: Some(id),
            media_buy_id: None,
            say: Say::Approve,
            reason: None,
            expected_revision: None,
        };
        let publisher = Caller::new(PUBLISHER, lease.tenant.clone(), Role::Admin);
        let terms = Terms::under(lease.held.clone());
        match core.ask_on(&publisher, sign, terms).await {
            // Somebody decided otherwise meanwhile, and that is fine.
            Err(fault) if fault.kind == FaultKind::WrongState => Ok(Next::Done),
            Err(fault) => Err(fault),
            Ok(_) => Ok(Next::Done),
        }
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::warn!(approval = lease.object, %fault, "it stays unsigned for a while");
        Ok(GivenUp::Rests)
    }
}
