//! Asks the ad server of a tenant how far its lines have got, and writes down what it says: on
//! time, and after a downtime hour by hour. What was written down is where the next run goes
//! on, so that a run that was killed anywhere is simply run again. Refuses to judge the counts.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::Duration as Span;

use super::{GivenUp, Next, Reconciler};
use crate::{
    domain::{
        delivery::{reading::Reading, running::Running},
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        core::{Core, Terms},
        delivery::{
            LINES, SAMPLE,
            record::RecordReadings,
            running::{RunningLines, Runs},
        },
        fault::{Fault, FaultKind},
    },
    peers::ad_server::{AdServer, Silent},
    store::{
        Lease,
        batch::{Batch, CommitError, StoreError, Wake},
    },
};

/// How many readings are written down at once, or as many as there are of one product's day.
const BATCH: usize = 5_000;
/// How far is caught up at once.
const STRIDE: Span = Span::days(1);

/// Makes sure that the lines of every tenant are counted, also those that began before.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn schedule(core: &Core) -> Result<(), Fault> {
    let now = core.clock().now();
    for (tenant, ..) in core.store().heads().await? {
        let mut batch = Batch::new(tenant, now);
        batch.wakes.push(Wake {
            id: uuid::Uuid::new_v4().to_string(),
            kind: SAMPLE,
            object: LINES.into(),
            at: now,
        });
        match core.store().commit(batch).await {
            Ok(_) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
            Err(other) => return Err(StoreError::Busy(other.to_string()).into()),
        }
    }
    Ok(())
}

/// Asks an ad server.
pub struct SampleDelivery {
    server: Arc<dyn AdServer>,
    every: Duration,
}

impl SampleDelivery {
    /// Asks this one so often.
    #[must_use]
    pub fn new(server: Arc<dyn AdServer>, every: Duration) -> Self {
        Self { server, every }
    }

    /// Catches up with the ad server from where each line was counted last.
    async fn catch_up(&self, core: &Core, lease: &Lease, runs: Runs) -> Result<(), Fault> {
        let now = core.clock().now();
        let mut lines = runs.lines;
        let since = lines.iter().filter_map(Running::since).min();
        let Some(mut from) = since else {
            return Ok(());
        };
        while from < now {
            let until = (from + STRIDE).min(now);
            let mut gathered = Vec::new();
            let same = |a: &Running, b: &Running| a.product_id == b.product_id;
            for group in lines.chunk_by_mut(same) {
                gathered.extend(self.ask(group, until).await?);
                if gathered.len() >= BATCH {
                    keep(core, lease, std::mem::take(&mut gathered)).await?;
                }
                // Whoever holds the lease meanwhile gets a turn.
                tokio::task::yield_now().await;
            }
            keep(core, lease, gathered).await?;
            from = until;
        }
        Ok(())
    }

    /// What the ad server counted of lines of one product; they go on from there.
    async fn ask(&self, lines: &mut [Running], until: Instant) -> Result<Vec<Reading>, Fault> {
        let told = self.server.readings(lines, until).await;
        let told = told.map_err(|silent| unheard(&*self.server, &silent))?;
        for reading in &told {
            let line = lines
                .iter_mut()
                .find(|line| line.line_id == reading.line_id);
            if let Some(line) = line {
                line.so_far = Some(reading.delivered.clone());
            }
        }
        Ok(told)
    }
}

fn unheard(server: &dyn AdServer, silent: &Silent) -> Fault {
    let message = format!("{} does not tell: {silent}", server.name());
    Fault::new(FaultKind::Busy, "AD_SERVER_SILENT", message)
}

/// Writes readings down under the lease.
pub(super) async fn keep(core: &Core, lease: &Lease, readings: Vec<Reading>) -> Result<(), Fault> {
    if readings.is_empty() {
        return Ok(());
    }
    let engine = Caller::engine(lease.tenant.clone());
    let terms = Terms::under(lease.held.clone());
    let record = RecordReadings { readings };
    core.ask_on(&engine, record, terms).await.map(drop)
}

#[async_trait]
impl Reconciler for SampleDelivery {
    fn kind(&self) -> &'static str {
        SAMPLE
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let engine = Caller::engine(lease.tenant.clone());
        let runs = core.ask(&engine, RunningLines {}).await?;
        let goes_on = runs.more;
        self.catch_up(core, lease, runs).await?;
        Ok(if goes_on {
            Next::At(next(core.clock().now(), self.every))
        } else {
            Next::Done
        })
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "delivery is not counted for a while");
        Ok(GivenUp::Rests)
    }
}

/// The next time, on the stroke of the clock.
pub(super) fn next(now: Instant, every: Duration) -> Instant {
    let every = i64::try_from(every.as_secs()).unwrap_or(900).max(60);
    let strokes = now.timestamp().div_euclid(every) + 1;
    Instant::from_timestamp(strokes * every, 0).unwrap_or(now + STRIDE)
}
