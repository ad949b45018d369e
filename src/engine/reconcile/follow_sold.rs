//! Follows what was booked at sellers somewhere else: looks at each line there from time to time
//! until its flight is over, and has written what is not as it was booked. One answer that does not
//! know a line proves nothing; one that shows it called off does.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{
    GivenUp, Next, Reconciler,
    following::{Missed, pause},
};
use crate::{
    domain::{
        booking::{
            job::Job,
            lines::LineWork,
            there::{Look, over},
        },
        ids::JobId,
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        bookings::{
            looked::FOLLOW_SOLD,
            steps::{ReadJob, Step, TakeStep},
        },
        core::{Core, Terms},
        fault::{Fault, FaultKind},
        sellers::{outside::Outside, wanted_of},
    },
    peers::sellers::Silent,
    store::Lease,
};

/// In how many looks a line must be missed, and for how long, before that is told.
const MISSED: (u32, Duration) = (3, Duration::from_mins(10));
/// In how many looks a seller must be silent, and for how long, before that is told.
const SILENT: (u32, Duration) = (3, Duration::from_mins(10));
/// The longest between two looks at what cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// At how many jobs it looks at once: a seller that hangs keeps no more of what waits for others.
const JOBS: usize = 8;
/// How long a job waits whose turn it is not.
const BUSY: Duration = Duration::from_secs(15);

/// Follows lines at sellers somewhere else.
pub struct FollowSold {
    memories: Mutex<HashMap<String, Memory>>,
    room: tokio::sync::Semaphore,
}

impl Default for FollowSold {
    fn default() -> Self {
        Self {
            memories: Mutex::default(),
            room: tokio::sync::Semaphore::new(JOBS),
        }
    }
}

/// What is remembered of a job between two looks; forgetting it only makes patience begin again.
#[derive(Default)]
struct Memory {
    missed: Missed,
    silent: Missed,
    failures: u32,
}

#[async_trait]
impl Reconciler for FollowSold {
    fn kind(&self) -> &'static str {
        FOLLOW_SOLD
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Ok(_room) = self.room.try_acquire() else {
            return Ok(Next::At(core.clock().now() + BUSY));
        };
        let job_id: JobId = lease.object.parse().map_err(Fault::broken)?;
        let engine = Caller::engine(lease.tenant.clone());
        let job = match core.ask(&engine, ReadJob { job_id }).await {
            Err(fault) if fault.kind == FaultKind::NotFound => {
                return Ok(self.done(core, lease, job_id));
            }
            found => found?.job,
        };
        let now = core.clock().now();
        if over(job.brief.flight, now.date_naive()) {
            return Ok(self.done(core, lease, job_id));
        }
        let mut next: Option<Duration> = None;
        let mut failed = false;
        for line in job.lines.iter().filter(|line| line.is_to_look_at()) {
            let sellers = core.desk().sellers.of(&lease.tenant);
            let Some(seller) = sellers.iter().find(|one| *one.id() == line.seller) else {
                // It may be set up again.
                next.get_or_insert(LONGEST_PAUSE);
                continue;
            };
            let (look, was_silent) = self.look(seller, &job, line, (lease, now)).await;
            failed |= was_silent;
            next = Some(next.map_or(seller.follow(), |known| known.min(seller.follow())));
            if let Some(look) = look {
                write(core, lease, (&job, line), look).await?;
            }
        }
        let Some(every) = next else {
            return Ok(self.done(core, lease, job_id));
        };
        let failures = self.with(lease, |memory| {
            memory.failures = if failed { memory.failures + 1 } else { 0 };
            memory.failures
        });
        let now = core.clock().now();
        if !failed {
            core.desk().sellers.look_at(&lease.tenant, job_id, now);
        }
        let longest = LONGEST_PAUSE.max(every);
        Ok(Next::At(now + pause(every, failures, longest)))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(job = lease.object, %fault, "its lines elsewhere are not followed for a while");
        Ok(GivenUp::Rests)
    }
}

impl FollowSold {
    fn with<T>(&self, lease: &Lease, act: impl FnOnce(&mut Memory) -> T) -> T {
        let mut all = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        act(all.entry(key(lease)).or_default())
    }

    fn done(&self, core: &Core, lease: &Lease, job_id: JobId) -> Next {
        let mut all = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&key(lease));
        core.desk().sellers.look_away(&lease.tenant, job_id);
        Next::Done
    }

    /// Looks at one line: what came of it once that is sure, and whether nobody could look.
    async fn look(
        &self,
        seller: &Outside,
        job: &Job,
        line: &LineWork,
        (lease, now): (&Lease, Instant),
    ) -> (Option<Look>, bool) {
        let Some(placed) = &line.placed else {
            return (None, false);
        };
        let wanted = wanted_of(seller, job, line, now);
        let id = line.product_id.as_str();
        match seller.follow_line(&wanted, placed).await {
            Ok(Some(shown)) => {
                self.with(lease, |memory| {
                    memory.missed.shown(id);
                    memory.silent.shown(id);
                });
                (Some(Look::Shown(shown)), false)
            }
            Ok(None) => {
                let since = self.with(lease, |memory| {
                    memory.silent.shown(id);
                    memory.missed.again(id, now, MISSED)
                });
                (since.map(Look::Missing), false)
            }
            Err(Silent(why)) => {
                let since = self.with(lease, |memory| memory.silent.again(id, now, SILENT));
                (since.map(|since| Look::Unseen(since, why)), true)
            }
        }
    }
}

fn key(lease: &Lease) -> String {
    format!("{}/{}", lease.tenant, lease.object)
}

/// Has written what is new.
async fn write(
    core: &Core,
    lease: &Lease,
    (job, line): (&Job, &LineWork),
    look: Look,
) -> Result<(), Fault> {
    let now = core.clock().now();
    if !line.clone().looked(look.clone(), job.brief.flight, now) {
        return Ok(());
    }
    let engine = Caller::engine(lease.tenant.clone());
    let take = TakeStep {
        job_id: job.id,
        step: Step::Look(line.product_id.clone(), look),
    };
    let terms = Terms::under(lease.held.clone());
    core.ask_on(&engine, take, terms).await.map(drop)
}
