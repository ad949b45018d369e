//! What every desk says alike whose truth lives in another company's system: how old what is shown
//! is, and since when that system is away. Refuses to know which desk it is.

use std::time::Duration;

use super::{fault::Fault, work::Work};
use crate::domain::when::Instant;

/// How many pieces of background work are looked through for the follower's.
const MOST_TASKS: u32 = 200;

/// So many seconds ago, as people say it.
#[must_use]
pub fn ago(seconds: i64) -> String {
    match seconds {
        ..=1 => "just now".into(),
        2..=119 => format!("{seconds} s ago"),
        120..=7_199 => format!("{} min ago", seconds / 60),
        _ => format!("{} h ago", seconds / 3_600),
    }
}

/// An instant to the second, as people read it.
#[must_use]
pub fn second(instant: &str) -> String {
    instant.get(..19).unwrap_or(instant).replace('T', " ")
}

/// That a system cannot be reached, since when, and why.
#[must_use]
pub fn away(since: Option<&str>, trouble: &str) -> String {
    let since = second(since.unwrap_or("?"));
    format!("It cannot be reached since {since}: {trouble}. What is shown is what was seen last.")
}

/// When somebody last looked: this process did, or another, and the follower's next look is a poll
/// behind it. While it cannot be reached, the last good look was before that began. `contact` says
/// whether it is away, and since when it is as it is.
pub(in crate::engine) async fn looked(
    work: &Work<'_>,
    here: Option<Instant>,
    contact: Option<(bool, Instant)>,
    ((kind, desk), poll): ((&str, &str), Duration),
) -> Result<Option<Instant>, Fault> {
    let (None, Some((away, since))) = (here, contact) else {
        return Ok(here);
    };
    if away {
        return Ok(Some(since));
    }
    let tasks = work.store().tasks(work.tenant(), MOST_TASKS).await?;
    let mut tasks = tasks.into_iter();
    let task = tasks.find(|task| task.kind == kind && task.object == desk);
    Ok(task.map(|task| (task.run_at - poll).min(work.now())))
}
