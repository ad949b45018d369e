//! Follows the jobs of the systems in which tenants' bookings live: looks at the list, looks in
//! full at what has moved, and has written what has changed. One answer that does not know a job
//! proves nothing, because such a system may have a worker that never heard of it: a job counts
//! as gone once it was not shown in many looks over minutes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::{
    GivenUp, Next, Reconciler,
    following::{Memories, Missed, begin, pause},
};
use crate::{
    domain::{
        booking::upstream::{
            contact::Contact,
            link::Link,
            shown::{ListedJob, ListedJobs, ShownJob, status},
        },
        ids::JobId,
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        bookings::{
            steps::ReadJob,
            upstream::{
                DESK, FOLLOW,
                contact::NoteContact,
                desks::{LISTED, Place},
                mirror::{self, Change, MirrorJobs},
                mirrored::{self, Mirrored, ReadMirrored},
            },
        },
        core::{Core, Terms},
        fault::{Fault, FaultKind},
    },
    store::Lease,
};

/// How often a job is asked for that the list did not show.
const UNLISTED: u32 = 2;
/// How many jobs are asked for before it is known how many there are.
const FIRST: u32 = 200;
/// How many more than there are are asked for.
const ROOM: u64 = 50;
/// How many jobs are looked at in full at a time.
const AT_ONCE: usize = 4;
/// How many new jobs are taken in with one look.
const NEW: usize = 200;
/// In how many looks a job must be missed before it counts as gone.
const LOOKS: u32 = 20;
/// The longest between two looks at what cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Makes sure that every tenant's upstream is followed.
///
/// # Errors
/// When the store cannot be written.
pub async fn schedule(core: &Core) -> Result<(), Fault> {
    begin(core, core.desk().upstreams.tenants(), (FOLLOW, DESK)).await
}

/// Follows upstreams.
#[derive(Default)]
pub struct FollowBookings {
    memories: Memories<Memory>,
}

/// What is remembered between two looks; forgetting it only makes patience begin again.
#[derive(Default)]
struct Memory {
    limit: Option<u32>,
    failures: u32,
    /// Since when a job was not shown, and in how many looks.
    missed: Missed,
}

#[async_trait]
impl Reconciler for FollowBookings {
    fn kind(&self) -> &'static str {
        FOLLOW
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(place) = core.desk().upstreams.of(&lease.tenant) else {
            return Ok(Next::Done);
        };
        let memory = self.memories.of(&lease.tenant);
        let mut memory = memory.lock().await;
        let look = Look { core, lease, place };
        let listed = look.list(&mut memory).await;
        let engine = Caller::engine(lease.tenant.clone());
        // Read behind the list: what was sent from here meanwhile is known by now.
        let known = core.ask(&engine, ReadMirrored {}).await?;
        let trouble = listed.as_ref().err().map(|silent| silent.0.clone());
        look.note(known.contact.as_ref(), trouble).await?;
        let now = core.clock().now();
        let Ok(listed) = listed else {
            memory.failures += 1;
            return Ok(Next::At(
                now + pause(place.poll, memory.failures, LONGEST_PAUSE),
            ));
        };
        memory.failures = 0;
        place.look(now, listed.total);
        let more = look.compare(&mut memory, listed, &known).await?;
        let now = core.clock().now();
        Ok(Next::At(if more { now } else { now + place.poll }))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "the upstream is not followed for a while");
        Ok(GivenUp::Rests)
    }
}

/// One look.
struct Look<'a> {
    core: &'a Core,
    lease: &'a Lease,
    place: &'a Arc<Place>,
}

impl Look<'_> {
    /// All of the list, however long it has become.
    async fn list(
        &self,
        memory: &mut Memory,
    ) -> Result<ListedJobs, crate::peers::upstream::Silent> {
        let limit = memory.limit.unwrap_or(FIRST);
        let mut listed = self.place.client.list(limit).await?;
        let wanted = listed.total.saturating_add(ROOM);
        let wanted = u32::try_from(wanted)
            .unwrap_or(u32::MAX)
            .clamp(FIRST, mirrored::MOST);
        if listed.total > u64::from(limit) && wanted > limit {
            listed = self.place.client.list(wanted).await?;
        }
        memory.limit = Some(wanted);
        Ok(listed)
    }

    /// Writes down that it can be reached again, or cannot any more.
    async fn note(&self, known: Option<&Contact>, trouble: Option<String>) -> Result<(), Fault> {
        if known.is_some_and(|known| known.trouble == trouble) {
            return Ok(());
        }
        let engine = Caller::engine(self.lease.tenant.clone());
        let terms = Terms::under(self.lease.held.clone());
        let note = NoteContact { trouble };
        self.core.ask_on(&engine, note, terms).await.map(drop)
    }

    /// Compares what is listed with what is known; true when there is more to do at once.
    async fn compare(
        &self,
        memory: &mut Memory,
        listed: ListedJobs,
        known: &Mirrored,
    ) -> Result<bool, Fault> {
        let rows: BTreeMap<&str, &ListedJob> = listed
            .jobs
            .iter()
            .map(|row| (row.id.as_str(), row))
            .collect();
        let links: BTreeSet<&str> = known
            .links
            .iter()
            .map(|link| link.remote.as_str())
            .collect();
        let expected = |row: &ListedJob| {
            let mut all = known.expected.iter();
            all.any(|(name, budget)| *name == row.name && Some(*budget) == row.budget)
        };
        let new = listed
            .jobs
            .iter()
            .filter(|row| !links.contains(row.id.as_str()));
        let new: Vec<&ListedJob> = new.filter(|row| !expected(row)).collect();
        let more = new.len() > NEW;
        let mut changes = self.found(new.into_iter().take(NEW)).await;
        let linked = known.links.iter().map(|link| {
            let row = rows.get(link.remote.as_str()).copied();
            (link, row)
        });
        for (link, row) in linked {
            if let Some(change) = self.of(memory, link, row).await? {
                changes.push(change);
            }
        }
        memory.missed.keep(|id| links.contains(id));
        self.write(changes).await?;
        Ok(more)
    }

    /// New jobs, in full.
    async fn found(&self, new: impl Iterator<Item = &ListedJob>) -> Vec<Change> {
        let new: Vec<ListedJob> = new.cloned().collect();
        let each = stream::iter(new).map(|row| async move {
            // Where its worker is busy the next look finds it again.
            let shown = self.place.whole(&row.id, LISTED).await.ok().flatten()?;
            Some(Change::Found { row, shown })
        });
        let each = each.buffer_unordered(AT_ONCE);
        each.filter_map(|found| async move { found })
            .collect()
            .await
    }

    /// What has changed of a job that is known.
    async fn of(
        &self,
        memory: &mut Memory,
        link: &Link,
        row: Option<&ListedJob>,
    ) -> Result<Option<Change>, Fault> {
        let now = self.core.clock().now();
        let moved = row.is_some_and(|row| row.status != link.status);
        let running = matches!(&*link.status, status::RUNNING | status::PENDING);
        let unsure = row.is_none() && link.open;
        let returned = row.is_some() && link.gone;
        let wanted = moved || returned || unsure || (link.open && running);
        let times = match (wanted, row) {
            (false, _) => 0,
            (true, Some(_)) => LISTED,
            (true, None) => UNLISTED,
        };
        let shown = self.place.whole(&link.remote, times).await.ok().flatten();
        if row.is_none() && shown.is_none() {
            return Ok(self.missed(memory, link, now));
        }
        memory.missed.shown(&link.remote);
        if !wanted {
            return Ok(None);
        }
        self.changed(link.job_id, row, shown, now).await
    }

    /// Counts that a job was not shown; once that is often and long enough, it is gone.
    fn missed(&self, memory: &mut Memory, link: &Link, now: Instant) -> Option<Change> {
        if link.gone {
            return None;
        }
        let bounds = (LOOKS, self.place.gone_after);
        let since = memory.missed.again(&link.remote, now, bounds)?;
        Some(Change::Missing {
            job_id: link.job_id,
            since,
        })
    }

    /// Whether taking over what was seen would change the job.
    async fn changed(
        &self,
        job_id: JobId,
        row: Option<&ListedJob>,
        shown: Option<ShownJob>,
        now: Instant,
    ) -> Result<Option<Change>, Fault> {
        let engine = Caller::engine(self.lease.tenant.clone());
        let job = match self.core.ask(&engine, ReadJob { job_id }).await {
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(None),
            found => found?.job,
        };
        if !mirror::would_change(&job, row, shown.as_ref(), now) {
            return Ok(None);
        }
        let row = row.cloned();
        Ok(Some(Change::Seen { job_id, row, shown }))
    }

    async fn write(&self, changes: Vec<Change>) -> Result<(), Fault> {
        let engine = Caller::engine(self.lease.tenant.clone());
        for some in changes.chunks(mirror::MOST) {
            let changes = some.to_vec();
            let terms = Terms::under(self.lease.held.clone());
            self.core
                .ask_on(&engine, MirrorJobs { changes }, terms)
                .await?;
        }
        Ok(())
    }
}
