//! Tells the loops of this node that there is background work, each of its own alone: what a
//! command began for one of them is no reason for the other to look. Refuses to know the work.

use std::{
    collections::BTreeSet,
    sync::{PoisonError, RwLock},
};

use tokio::sync::Notify;

/// Which work a loop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Our own.
    Own,
    /// What waits for others.
    Waiting,
}

/// The loops, waiting to be told.
#[derive(Default)]
pub(super) struct Pokes {
    lanes: [Notify; 2],
    /// The kinds of work that wait for others.
    waiting: RwLock<BTreeSet<&'static str>>,
}

impl Pokes {
    /// Says which kinds of work wait for others.
    pub(super) fn waits_for(&self, kinds: impl Iterator<Item = &'static str>) {
        let mut waiting = self.waiting.write().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(kinds);
    }

    /// Work of these kinds has begun.
    pub(super) fn poke<'a>(&self, kinds: impl Iterator<Item = &'a str>) {
        let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        for kind in kinds {
            let lane = if waiting.contains(kind) {
                Lane::Waiting
            } else {
                Lane::Own
            };
            self.lanes[lane as usize].notify_one();
        }
    }

    /// Work of any kind may have begun.
    pub(super) fn poke_all(&self) {
        self.lanes.iter().for_each(Notify::notify_one);
    }

    /// Waits until work of a lane has begun.
    pub(super) async fn wait(&self, lane: Lane) {
        self.lanes[lane as usize].notified().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn each_loop_is_told_of_its_own_work_alone() {
        let pokes = Pokes::default();
        pokes.waits_for(["call"].into_iter());
        let told = |lane| pokes.wait(lane).now_or_never().is_some();
        pokes.poke(["count"].into_iter());
        assert!(told(Lane::Own) && !told(Lane::Own) && !told(Lane::Waiting));
        pokes.poke(["call", "call"].into_iter());
        assert!(told(Lane::Waiting) && !told(Lane::Own));
        pokes.poke_all();
        assert!(told(Lane::Waiting) && told(Lane::Own));
    }
}
