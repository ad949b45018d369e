//! Starts an engine: one secret, one desk, the sellers, and everything that it does in the
//! background. Refuses to choose a database or a clock: whoever starts it brings both.

use std::sync::Arc;

use super::{
    clock::Clock,
    core::Core,
    cursor::Secret,
    desk::Desk,
    fault::Fault,
    reconcile::{
        Runner,
        follow_lines::FollowLines,
        run_job::RunJob,
        sweep::{self, Sweep},
    },
    seller::embedded::Embedded,
    sellers::Sellers,
};
use crate::store::Shared;

/// An engine, and what runs its background work once somebody lets it.
pub struct Started {
    /// The engine.
    pub core: Core,
    /// Its background work.
    pub runner: Runner,
}

/// Starts an engine on a store. `adjust` changes the usual set-up before anything reads it.
///
/// # Errors
/// When the store cannot be read or written, or holds a secret that is none.
pub async fn start(
    store: Shared,
    clock: Arc<dyn Clock>,
    adjust: impl FnOnce(&mut Desk),
) -> Result<Started, Fault> {
    let kept = store.share("cursor_secret", &Secret::fresh()).await?;
    let secret = Secret::read(&kept)
        .ok_or_else(|| Fault::broken("the cursor secret in the database is no secret"))?;
    let mut desk = Desk::new(secret);
    adjust(&mut desk);
    let core = Core::new(store, clock, desk);
    sweep::schedule(&core).await?;
    let sellers = Sellers::new(vec![Arc::new(Embedded::new(core.clone()))]);
    let runner = Runner::new(
        core.clone(),
        vec![
            Arc::new(RunJob::new(Arc::new(sellers))),
            Arc::new(FollowLines),
            Arc::new(Sweep),
        ],
    );
    Ok(Started { core, runner })
}
