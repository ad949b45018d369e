//! Asks the ad servers of tenants how far the lines of their media buys have got, order by order,
//! and writes down what they say. An order that is not told of keeps what was counted of it before,
//! with its age; nothing is ever counted down to nothing because nobody answered.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    GivenUp, Next, Reconciler,
    sample_delivery::{keep, next},
};
use crate::{
    domain::{
        inventory::trouble::{Category, NO_SUCH, Trouble},
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        ad_orders::{COUNT, counting::readings},
        core::Core,
        delivery::running::{Away, RunningLines, SETTLES},
        fault::Fault,
        sync::servers,
    },
    peers::ad_servers::Backend,
    store::Lease,
};

/// How often it asks where nobody has said how often.
const USUAL: Duration = Duration::from_mins(15);

/// The longest that a server is left alone because it says so.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Asks for counts.
pub struct CountOrders;

/// How a run went.
struct Told {
    /// Whether every order was told of that there is still something to be told of.
    all: bool,
    /// How long the ad server wants to be left alone.
    wait: Duration,
}

impl Told {
    /// The ad server cannot be asked any further for now.
    fn silent(trouble: &Trouble) -> Self {
        let wait = Duration::from_secs(trouble.wait.unwrap_or(0).into());
        Self {
            all: false,
            wait: wait.min(LONGEST_WAIT),
        }
    }
}

impl CountOrders {
    /// Counts the lines of all orders, or of as many as the ad server tells of.
    async fn count_all(core: &Core, lease: &Lease, away: &mut [Away]) -> Result<Told, Fault> {
        let mut told = Told {
            all: true,
            wait: Duration::ZERO,
        };
        if away.is_empty() {
            return Ok(told);
        }
        let tenant = &lease.tenant;
        let server = match servers::of(core, tenant).await {
            Ok(server) => server,
            Err(trouble) => {
                tracing::warn!(%tenant, %trouble, "the ad server cannot be asked");
                return Ok(Told::silent(&trouble));
            }
        };
        for lines in in_turn(away, core.clock().now()) {
            match Self::count(core, lease, &server, lines).await? {
                Ok(()) => {}
                Err(trouble) if trouble.is_passing() || trouble.category == Category::Auth => {
                    tracing::warn!(%tenant, %trouble, "orders are not counted for now");
                    return Ok(Told::silent(&trouble));
                }
                Err(trouble) => {
                    tracing::warn!(%tenant, %trouble, "an order is not counted");
                    // Of one that is gone, nothing will be told any more.
                    told.all &= trouble.code == NO_SUCH;
                }
            }
        }
        Ok(told)
    }

    /// Counts the lines of one order.
    async fn count(
        core: &Core,
        lease: &Lease,
        server: &Arc<dyn Backend>,
        lines: &[Away],
    ) -> Result<Result<(), Trouble>, Fault> {
        let source = server.source();
        if lines.iter().any(|one| one.server != source) {
            // The tenant has another one by now, in which the same number is something else.
            return Ok(Ok(()));
        }
        match readings(&**server, lines, core.clock().now()).await {
            Ok(readings) => keep(core, lease, readings).await.map(Ok),
            Err(trouble) => Ok(Err(trouble)),
        }
    }
}

/// The lines order by order, beginning with another one each time: one that is never told of does
/// not keep the others behind it from their turn.
fn in_turn(away: &mut [Away], now: Instant) -> Vec<&[Away]> {
    let place = |one: &Away| (one.server.clone(), one.order.clone());
    away.sort_by_key(place);
    let mut orders: Vec<&[Away]> = away.chunk_by(|a, b| place(a) == place(b)).collect();
    let turn = usize::try_from(now.timestamp().div_euclid(60)).unwrap_or(0);
    let first = turn.checked_rem(orders.len()).unwrap_or(0);
    orders.rotate_left(first);
    orders
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
        let told = Self::count_all(core, lease, &mut away).await?;
        let now = core.clock().now();
        let settles = away.iter().any(|one| now < one.running.ends + SETTLES);
        if !runs.more && !settles && told.all {
            return Ok(Next::Done);
        }
        let every = core.desk().ad_server.map_or(USUAL, |serving| serving.every);
        Ok(Next::At(next(now, every).max(now + told.wait)))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "orders are not counted for a while");
        Ok(GivenUp::Rests)
    }
}
