//! Watches how the lines of a tenant pace: after new counts and by time. Looks before it
//! touches, so that a look without news leaves no trace.

use async_trait::async_trait;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::tenant::caller::Caller,
    engine::{
        core::{Core, Terms},
        fault::Fault,
        pacing::alerts::{
            WATCH_PACING,
            look::{AT_ONCE, LookAtPacing, PacingNews},
        },
    },
    store::Lease,
};

/// Watches how lines pace.
pub struct WatchPacing;

#[async_trait]
impl Reconciler for WatchPacing {
    fn kind(&self) -> &'static str {
        WATCH_PACING
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let engine = Caller::engine(lease.tenant.clone());
        let news = core.ask(&engine, PacingNews {}).await?;
        for some in news.line_ids.chunks(AT_ONCE) {
            let look = LookAtPacing {
                line_ids: some.to_vec(),
            };
            let terms = Terms::under(lease.held.clone());
            core.ask_on(&engine, look, terms).await?;
        }
        Ok(news.next.map_or(Next::Done, Next::At))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "nobody watches how its lines pace for a while");
        Ok(GivenUp::Rests)
    }
}
