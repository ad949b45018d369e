//! What other processes on the same database do, told here as if it had been done here: a
//! console sees what a server books, a node forgets a key that another took back. The feed in
//! the database is the truth; hearing of it is a hint, and a look now and then makes up for
//! every hint that was lost.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Core, DOORS, Noticed};
use crate::{
    domain::ids::TenantId,
    engine::{events::Event, fault::Fault},
    store::{Since, ear::Ear},
};

/// How many events are read at a time.
const PAGE: u32 = 200;
/// How long what this process writes is gathered before it calls out.
const BREATH: Duration = Duration::from_millis(20);
/// How long it waits after it could not hear or read.
const REST: Duration = Duration::from_secs(1);

/// What this process has told by itself, until it was met in the feed.
#[derive(Default)]
pub(super) struct Own {
    is_kept: AtomicBool,
    ranges: Mutex<HashMap<TenantId, Vec<(i64, i64)>>>,
    wrote: Notify,
    /// Where the feeds ended when the engine began, until somebody listens.
    begun: Mutex<Option<Marks>>,
}

/// Where the feed of each tenant ends.
type Marks = HashMap<TenantId, i64>;

impl Own {
    /// Notes that events of these numbers were told.
    pub(super) fn note(&self, tenant: &TenantId, first: i64, count: usize) {
        let (true, Ok(count @ 1..)) = (self.is_kept.load(Ordering::Acquire), i64::try_from(count))
        else {
            return;
        };
        let mut all = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let last = first.saturating_add(count - 1);
        let ranges = all.entry(tenant.clone()).or_default();
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == first => *end = last,
            _ => ranges.push((first, last)),
        }
        drop(all);
        self.wrote.notify_one();
    }

    /// Gives what was told behind a number up to another, and forgets it.
    fn met(&self, tenant: &TenantId, after: i64, last: i64) -> Vec<(i64, i64)> {
        let mut all = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ranges) = all.get_mut(tenant) else {
            return Vec::new();
        };
        let known = ranges
            .iter()
            .map(|(from, to)| (*from.max(&(after + 1)), *to.min(&last)));
        let met = known.filter(|(from, to)| from <= to).collect();
        ranges.retain(|(_, to)| *to > last);
        if ranges.is_empty() {
            all.remove(tenant);
        }
        met
    }
}

impl Core {
    /// Begins to keep apart what is done here from what others do: what they do from now on is
    /// told here once somebody listens.
    pub(in crate::engine) async fn begin_to_hear(&self) -> Result<(), Fault> {
        let marks = self.marks().await?;
        let mut begun = self
            .0
            .own
            .begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *begun = Some(marks);
        drop(begun);
        self.0.own.is_kept.store(true, Ordering::Release);
        Ok(())
    }

    /// Tells whoever watches here what others do, until it is cancelled.
    pub(in crate::engine) async fn hear_others(&self, cancel: &CancellationToken) {
        self.0.own.is_kept.store(true, Ordering::Release);
        let both = async { tokio::join!(self.listen(), self.call_out()) };
        tokio::select! {
            () = cancel.cancelled() => {}
            _ = both => {}
        }
        self.0.own.is_kept.store(false, Ordering::Release);
    }

    async fn listen(&self) {
        let mut ear = None;
        let begun = self.0.own.begun.lock();
        let mut marks = begun.unwrap_or_else(PoisonError::into_inner).take();
        loop {
            let heard = match &mut marks {
                None => self.marks().await.map(|now| marks = Some(now)),
                Some(marks) => self.pass_on(marks).await,
            };
            if let Err(fault) = heard {
                tracing::debug!(%fault, "cannot see what others have done");
                tokio::time::sleep(REST).await;
                continue;
            }
            self.stirred(&mut ear).await;
        }
    }

    /// Waits for a hint, or for a while where none can come.
    async fn stirred(&self, ear: &mut Option<Box<dyn Ear>>) {
        let heard = match ear {
            Some(ear) => ear.stirred().await,
            // Whatever was written meanwhile is read at once.
            None => self.0.store.ear().await.map(|new| *ear = Some(new)),
        };
        if let Err(error) = heard {
            tracing::debug!(%error, "cannot hear what others do");
            *ear = None;
            tokio::time::sleep(REST).await;
        }
    }

    /// Where the feed of each tenant ends.
    async fn marks(&self) -> Result<Marks, Fault> {
        let heads = self.0.store.heads().await?.into_iter();
        Ok(heads.map(|(tenant, feed, _)| (tenant, feed)).collect())
    }

    /// Tells what has happened behind the marks and was not told here, and moves them.
    async fn pass_on(&self, marks: &mut Marks) -> Result<(), Fault> {
        let heads = self.marks().await?;
        marks.retain(|tenant, _| heads.contains_key(tenant));
        for (tenant, end) in heads {
            let mark = marks.entry(tenant.clone()).or_insert(0);
            if end <= *mark {
                // One that was deleted and made anew begins again.
                *mark = end;
                continue;
            }
            let own = self.0.own.met(&tenant, *mark, end);
            let told: i64 = own.iter().map(|(first, last)| last - first + 1).sum();
            if told < end - *mark {
                self.tell_behind(&tenant, *mark, end, &own).await?;
            }
            *mark = end;
        }
        Ok(())
    }

    async fn tell_behind(
        &self,
        tenant: &TenantId,
        mut after: i64,
        end: i64,
        own: &[(i64, i64)],
    ) -> Result<(), Fault> {
        let is_own = |seq| {
            own.iter()
                .any(|(first, last)| (*first..=*last).contains(&seq))
        };
        while after < end {
            let since = Since {
                after,
                object: None,
                limit: PAGE,
            };
            let page = self.0.store.events(tenant, &since).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            // What has come since is met at the next look.
            let met = page.into_iter().filter(|one| one.seq <= end);
            for happened in met.filter(|one| !is_own(one.seq)) {
                self.tell(tenant, happened.into());
            }
        }
        self.0.pokes.poke_all();
        Ok(())
    }

    /// Tells whoever watches, and notes what a door would have to know of.
    pub(super) fn tell(&self, tenant: &TenantId, event: Event) {
        if event.kind == DOORS {
            self.0.doors.fetch_add(1, Ordering::AcqRel);
        }
        // Nobody watching is fine.
        drop(self.0.events.send(Noticed {
            tenant: tenant.clone(),
            event,
        }));
    }

    /// Calls out what this process writes.
    async fn call_out(&self) {
        loop {
            self.0.own.wrote.notified().await;
            if let Err(error) = self.0.store.call_out().await {
                tracing::debug!(%error, "others will hear of it later");
            }
            tokio::time::sleep(BREATH).await;
        }
    }
}
