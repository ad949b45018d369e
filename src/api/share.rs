//! Tells the other nodes on one database what this one let through, and hears what they did, so
//! that a limit is one limit for all of them. Runs for as long as the server is there; where
//! nobody shares the database, it does nothing.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{gate::Policies, limit::Count};
use crate::engine::{core::Core, quota::Told};

/// How often.
const EVERY: Duration = Duration::from_millis(500);

/// Begins, where there is anybody to tell.
pub fn begin(core: &Core, policies: &Arc<Policies>) {
    let limited = policies
        .shared()
        .iter()
        .any(|(_, limits)| limits.is_limited());
    // A router can be put together outside of any runtime; it then counts for itself.
    if let (true, Ok(runtime)) = (limited, tokio::runtime::Handle::try_current()) {
        runtime.spawn(go_on(core.clone(), Arc::downgrade(policies)));
    }
}

async fn go_on(core: Core, policies: Weak<Policies>) {
    let node = Uuid::new_v4().simple().to_string();
    if !core.is_shared().await {
        return;
    }
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(policies) = policies.upgrade() else {
            return;
        };
        if let Err(fault) = once(&core, &node, &policies, Instant::now()).await {
            tracing::debug!(%fault, "the other nodes could not be told what was let through");
        }
    }
}

/// Tells, and hears.
async fn once(
    core: &Core,
    node: &str,
    policies: &Policies,
    now: Instant,
) -> Result<(), crate::engine::fault::Fault> {
    let mut own = Vec::new();
    for (policy, limits) in policies.shared() {
        let untold = limits.untold().into_iter();
        own.extend(untold.map(|(who, n)| (format!("{policy}/{who}"), n)));
    }
    let heard = core.share_counts(node, own).await?;
    for (policy, limits) in policies.shared() {
        let of_it = heard.iter().filter_map(|Told { who, age, n }| {
            let who = who.strip_prefix(policy)?.strip_prefix('/')?;
            Some(Count {
                who: who.to_owned(),
                age: *age,
                n: *n,
            })
        });
        limits.hear(&of_it.collect::<Vec<_>>(), now);
    }
    Ok(())
}
