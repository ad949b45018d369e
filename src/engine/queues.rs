//! Lets commands that want the same wait for each other, where they would otherwise all try at
//! once and all but one try again. Only for speed and fairness on one node: what holds between
//! nodes is guarded in the commit, with or without this.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use crate::domain::ids::TenantId;

/// How many queues are kept before those that nobody stands in are forgotten.
const MANY: usize = 1024;

/// The queues of this node.
#[derive(Default)]
pub(super) struct Queues(Mutex<HashMap<String, Arc<Turn<()>>>>);

impl Queues {
    /// Waits for its turn, where it stands in a queue; it lasts until what is given is dropped.
    pub(super) async fn turn(
        &self,
        tenant: &TenantId,
        name: Option<String>,
    ) -> Option<OwnedMutexGuard<()>> {
        let name = name?;
        let queue = {
            let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if queues.len() >= MANY {
                queues.retain(|_, queue| Arc::strong_count(queue) > 1);
            }
            let queue = queues.entry(format!("{tenant} {name}")).or_default();
            Arc::clone(queue)
        };
        Some(queue.lock_owned().await)
    }
}

/// Gives way to the others, a little longer each time and never in step with them.
pub(super) async fn pause(attempt: u32) {
    let spread = u64::from(uuid::Uuid::new_v4().as_fields().0 % 1000);
    let micros = u64::from(attempt.min(8)) * 500 * spread / 1000;
    tokio::time::sleep(Duration::from_micros(micros)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nobody_waits_for_another_queue() {
        let queues = Queues::default();
        let main = "main".parse().expect("a tenant");
        let named = |name: &str| Some(name.to_owned());
        assert!(queues.turn(&main, None).await.is_none());
        let first = queues.turn(&main, named("a")).await;
        let second = queues.turn(&main, named("a"));
        tokio::pin!(second);
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(queues.turn(&main, named("b")).await);
        drop(first);
        drop(second.await);
        for n in 0..2 * MANY {
            drop(queues.turn(&main, Some(n.to_string())).await);
        }
        let kept = queues.0.lock().expect("no panic").len();
        assert!(kept <= MANY, "{kept}");
    }
}
