//! Asks the ad servers of tenants how far the lines of their media buys have got, order by order,
//! and writes down what they say. An order that is not told of keeps what was counted of it before,
//! with its age; nothing is ever counted down to nothing because nobody answered.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    GivenUp, Next, Reconciler,
    sample_delivery::{keep, next},
};
use crate::{
    domain::tenant::caller::Caller,
    engine::{
        ad_orders::{COUNT, counting::Theirs},
        core::Core,
        delivery::running::{Away, RunningLines},
        fault::Fault,
        sync::servers,
    },
    peers::ad_server::AdServer as _,
    store::Lease,
};

/// How often it asks where nobody has said how often.
const USUAL: Duration = Duration::from_mins(15);

/// Asks for counts.
pub struct CountOrders;

impl CountOrders {
    /// Counts the lines of one order; whether the ad server told.
    async fn count(core: &Core, lease: &Lease, lines: &[Away]) -> Result<bool, Fault> {
        let server = match servers::of(core, &lease.tenant).await {
            Ok(server) => server,
            Err(trouble) => {
                tracing::warn!(tenant = %lease.tenant, %trouble, "the ad server cannot be asked");
                return Ok(false);
            }
        };
        let source = server.source();
        if lines.iter().any(|one| one.server != source) {
            // The tenant has another one by now, in which the same number is something else.
            return Ok(false);
        }
        let theirs = Theirs::new(server, lines);
        let running: Vec<_> = lines.iter().map(|one| one.running.clone()).collect();
        let readings = theirs.readings(&running, core.clock().now()).await;
        match readings {
            Ok(readings) => {
                keep(core, lease, readings).await?;
                Ok(true)
            }
            Err(silent) => {
                tracing::warn!(tenant = %lease.tenant, %silent, "an order is not counted");
                Ok(false)
            }
        }
    }
}

#[async_trait]
impl Reconciler for CountOrders {
    fn kind(&self) -> &'static str {
        COUNT
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let engine = Caller::engine(lease.tenant.clone());
        let runs = core.ask(&engine, RunningLines {}).await?;
        let mut away = runs.away;
        let place = |one: &Away| (one.server.clone(), one.order.clone());
        away.sort_by_key(place);
        for lines in away.chunk_by(|a, b| place(a) == place(b)) {
            Self::count(core, lease, lines).await?;
        }
        let every = core.desk().ad_server.map_or(USUAL, |serving| serving.every);
        Ok(if runs.more {
            Next::At(next(core.clock().now(), every))
        } else {
            Next::Done
        })
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "orders are not counted until one is placed");
        Ok(GivenUp::Rests)
    }
}
