//! Waits for a job: woken by what happens, it looks again until the job is where it is
//! wanted, or until the time is up. Changes nothing.

use std::time::Duration;

use super::{get::GetJob, view::JobView};
use crate::{
    domain::{ids::JobId, tenant::caller::Caller},
    engine::{core::Core, fault::Fault},
};

/// How often a waiter looks although nothing woke it: another process may be at work.
const LOOK: Duration = Duration::from_millis(500);

/// Waits until the job is as wanted, at most so long; gives it as it is then.
///
/// # Errors
/// When it cannot be looked at.
pub async fn wait(
    core: &Core,
    caller: &Caller,
    job_id: JobId,
    most: Duration,
    wanted: impl Fn(&JobView) -> bool + Send,
) -> Result<JobView, Fault> {
    let mut events = core.watch();
    let deadline = tokio::time::Instant::now() + most;
    let id = job_id.to_string();
    loop {
        let job = core.ask(caller, GetJob { job_id }).await?;
        if wanted(&job) || tokio::time::Instant::now() >= deadline {
            return Ok(job);
        }
        let woken = async {
            loop {
                match events.recv().await {
                    Ok(noticed) if noticed.event.object == id => return,
                    Ok(_) => {}
                    // Fell behind or ended: look again.
                    Err(_) => return,
                }
            }
        };
        let until = deadline.min(tokio::time::Instant::now() + LOOK);
        // Woken or not, it looks again.
        drop(tokio::time::timeout_at(until, woken).await);
    }
}
