//! What all who follow another company's system do alike: they begin for each tenant, remember by
//! tenant between two looks, count what a look did not show, and come back later the longer they
//! were kept out. Refuses to know what is followed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    domain::{ids::TenantId, when::Instant},
    engine::{core::Core, fault::Fault},
    store::batch::{Batch, CommitError, StoreError, Wake},
};

/// Makes sure that a desk of each of these tenants is followed. One that was deleted meanwhile
/// needs nobody.
///
/// # Errors
/// When the store cannot be written.
pub(super) async fn begin(
    core: &Core,
    tenants: impl Iterator<Item = &TenantId>,
    (kind, desk): (&'static str, &str),
) -> Result<(), Fault> {
    let now = core.clock().now();
    for tenant in tenants {
        let mut batch = Batch::new(tenant.clone(), now);
        batch.wakes.push(Wake {
            id: uuid::Uuid::new_v4().to_string(),
            kind,
            object: desk.into(),
            at: now,
        });
        match core.store().commit(batch).await {
            Ok(_) | Err(CommitError::Forgotten(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
            Err(other) => return Err(StoreError::Busy(other.to_string()).into()),
        }
    }
    Ok(())
}

/// When to look again at what could not be reached so many times.
pub(super) fn pause(poll: Duration, failures: u32, longest: Duration) -> Duration {
    (poll * failures.min(8)).min(longest).max(poll)
}

/// What is remembered of each tenant between two looks; whoever looks has it for that long.
#[derive(Default)]
pub(super) struct Memories<M>(Mutex<HashMap<TenantId, Arc<tokio::sync::Mutex<M>>>>);

impl<M: Default> Memories<M> {
    /// What is remembered of a tenant.
    pub(super) fn of(&self, tenant: &TenantId) -> Arc<tokio::sync::Mutex<M>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(tenant.clone()).or_default())
    }
}

/// Since when something was not shown, and in how many looks.
#[derive(Default)]
pub(super) struct Missed(HashMap<String, (Instant, u32)>);

impl Missed {
    /// It was shown.
    pub(super) fn shown(&mut self, id: &str) {
        self.0.remove(id);
    }

    /// It was not shown: since when, once that is often and long enough to count as gone.
    pub(super) fn again(
        &mut self,
        id: &str,
        now: Instant,
        (looks, long): (u32, Duration),
    ) -> Option<Instant> {
        let (since, times) = self.0.entry(id.to_owned()).or_insert((now, 0));
        *times += 1;
        let gone = (now - *since).to_std().unwrap_or_default();
        (*times >= looks && gone >= long).then_some(*since)
    }

    /// Forgets what is followed no more.
    pub(super) fn keep(&mut self, is_followed: impl Fn(&str) -> bool) {
        self.0.retain(|id, _| is_followed(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_often_and_long_enough_is_gone() {
        let start: Instant = "2026-06-16T12:00:00Z".parse().expect("an instant");
        let at = |seconds| start + chrono::Duration::seconds(seconds);
        let bounds = (3, Duration::from_mins(1));
        let mut missed = Missed::default();
        assert_eq!(missed.again("a", at(0), bounds), None);
        assert_eq!(missed.again("a", at(90), bounds), None, "long, not often");
        assert_eq!(missed.again("a", at(91), bounds), Some(start));
        missed.shown("a");
        for second in 92..95 {
            assert_eq!(missed.again("a", at(second), bounds), None, "not long");
        }
        missed.keep(|id| id != "a");
        assert_eq!(missed.again("a", at(200), bounds), None, "forgotten");
    }

    #[test]
    fn whoever_is_kept_out_comes_back_later_within_bounds() {
        let seconds = Duration::from_secs;
        assert_eq!(pause(seconds(3), 1, seconds(30)), seconds(3));
        assert_eq!(pause(seconds(3), 5, seconds(30)), seconds(15));
        assert_eq!(pause(seconds(3), 99, seconds(20)), seconds(20));
        assert_eq!(pause(seconds(60), 2, seconds(30)), seconds(60));
    }
}
