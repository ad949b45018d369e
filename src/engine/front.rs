//! What somebody waits for goes first: a step of background work gives way to the commands that
//! are under way on this node, though never for long. Only for their speed; nothing hangs on it,
//! and reading is not counted.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::sync::Notify;

/// How long a step gives way at most: however much is asked for, background work goes on.
const LONGEST: Duration = Duration::from_millis(50);

/// The commands that somebody waits for.
#[derive(Default)]
pub(super) struct Front {
    waiting: AtomicUsize,
    clear: Notify,
}

/// A command that somebody waits for; over when it is dropped.
pub(super) struct Place<'a>(&'a Front);

impl Front {
    /// Takes a place, for as long as what is given is kept.
    pub(super) fn stand(&self) -> Place<'_> {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        Place(self)
    }

    /// Waits until nobody waits, or long enough.
    pub(super) async fn give_way(&self) {
        let cleared = async {
            loop {
                let clear = self.clear.notified();
                if self.waiting.load(Ordering::Acquire) == 0 {
                    return;
                }
                clear.await;
            }
        };
        // Long enough is as good as clear.
        drop(tokio::time::timeout(LONGEST, cleared).await);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.0.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.clear.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn background_work_waits_for_commands_and_not_for_ever() {
        let front = Front::default();
        let way = front.give_way();
        tokio::pin!(way);
        assert!(futures_util::poll!(&mut way).is_ready(), "nobody waits");
        let (one, other) = (front.stand(), front.stand());
        let way = front.give_way();
        tokio::pin!(way);
        assert!(futures_util::poll!(&mut way).is_pending());
        drop(one);
        assert!(
            futures_util::poll!(&mut way).is_pending(),
            "one still waits"
        );
        drop(other);
        assert!(futures_util::poll!(&mut way).is_ready());
        let _third = front.stand();
        let begun = tokio::time::Instant::now();
        front.give_way().await;
        assert!(begun.elapsed() >= LONGEST, "it gave way for so long");
    }
}
