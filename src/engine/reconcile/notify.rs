//! Reads what happened, for those of a publisher who want to be told. Looks before it touches, so
//! that nothing is written where nobody listens.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::tenant::caller::Caller,
    engine::{
        core::{Core, Terms},
        fault::Fault,
        notify::{
            NOTIFY,
            dispatch::{LookForNews, TellNews},
        },
    },
    store::Lease,
};

/// Reads what happened.
pub struct Notify;

#[async_trait]
impl Reconciler for Notify {
    fn kind(&self) -> &'static str {
        NOTIFY
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let engine = Caller::engine(lease.tenant.clone());
        if core.ask(&engine, LookForNews {}).await?.any {
            let terms = Terms::under(lease.held.clone());
            core.ask_on(&engine, TellNews {}, terms).await?;
        }
        Ok(Next::Done)
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "nobody is told what happens for a while");
        Ok(GivenUp::Rests)
    }
}
