//! Sweeps up once a day, for all tenants: answers that nobody asks for again, what was taken of
//! days that are over, delivery by hour, and notices that were sent long ago or given up. Deletes
//! nothing else that a person could still look at.

use async_trait::async_trait;
use chrono::Duration;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        ids::TenantId,
        tenant::caller::ENGINE,
        webhook::notice::{Notice, NoticeStatus},
        when::Instant,
    },
    engine::{core::Core, fault::Fault, seller::AVAILS},
    store::{
        Lease,
        batch::{Batch, CommitError, StoreError, Wake},
        record::Record as _,
    },
};

/// The kind of this reconciler.
pub const SWEEP: &str = "sweep";
/// How many days that are over stay, for nodes whose clocks differ.
const KEEP_DAYS: i64 = 2;

/// For how many days delivery is kept by hour; by day it is kept for ever.
const KEEP_HOURS: i64 = 60;

/// For how many days a notice is kept that was delivered, with what came of every try.
const KEEP_DELIVERED: i64 = 30;
/// For how many days a notice is kept that was given up.
const KEEP_DEAD: i64 = 90;
/// How many notices are forgotten by one commit, so that nobody waits for long.
const NOTICES_AT_ONCE: u32 = 500;

/// Sweeps up.
pub struct Sweep;

/// Makes sure that somebody sweeps.
///
/// # Errors
/// When the store cannot be written.
pub async fn schedule(core: &Core) -> Result<(), Fault> {
    let now = core.clock().now();
    let house: TenantId = ENGINE.parse().map_err(Fault::broken)?;
    let mut batch = Batch::new(house, now);
    batch.wakes.push(Wake {
        id: uuid::Uuid::new_v4().to_string(),
        kind: SWEEP,
        object: SWEEP.into(),
        at: now,
    });
    match core.store().commit(batch).await {
        Ok(_) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(other) => Err(StoreError::Busy(other.to_string()).into()),
    }
}

#[async_trait]
impl Reconciler for Sweep {
    fn kind(&self) -> &'static str {
        SWEEP
    }

    async fn run(&self, core: &Core, _: &Lease) -> Result<Next, Fault> {
        let now = core.clock().now();
        let forgotten = core
            .store()
            .forget_answers(now - core.desk().keep_answers)
            .await?;
        let first = (now - Duration::days(KEEP_DAYS)).date_naive().to_string();
        let days = core.store().forget_used(AVAILS, &first).await?;
        let first = (now - Duration::days(KEEP_HOURS)).date_naive().to_string();
        let hours = core.store().forget_hours(&first).await?;
        let notices = forget_notices(core, now).await?;
        tracing::debug!(answers = forgotten, days, hours, notices, "swept");
        Ok(Next::At(tomorrow(now)))
    }

    async fn give_up(&self, _: &Core, _: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(%fault, "sweeping failed; it is tried again after a while");
        Ok(GivenUp::Rests)
    }
}

/// Forgets the notices of all tenants that nobody asks after any more; says how many. Those that
/// wait to be delivered stay, however old they are.
async fn forget_notices(core: &Core, now: Instant) -> Result<u64, Fault> {
    let mut forgotten = 0;
    for (tenant, state, _) in core.store().tallies_of_all(Notice::KIND).await? {
        let days = if state == NoticeStatus::Delivered.name() {
            KEEP_DELIVERED
        } else if state == NoticeStatus::Dead.name() {
            KEEP_DEAD
        } else {
            continue;
        };
        let before = now - Duration::days(days);
        loop {
            let gone = core
                .store()
                .forget_objects(&tenant, Notice::KIND, &state, before, NOTICES_AT_ONCE)
                .await?;
            forgotten += gone;
            if gone < u64::from(NOTICES_AT_ONCE) {
                break;
            }
        }
    }
    Ok(forgotten)
}

/// The same time on the next day.
fn tomorrow(now: Instant) -> Instant {
    now + Duration::days(1)
}
