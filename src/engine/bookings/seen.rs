//! What a person looked at before they decided: a job that has changed since is left alone.

use serde_json::{Value, json};

use crate::{
    domain::booking::job::Job,
    engine::{
        events::Event,
        fault::{Fault, FaultKind},
        work::Work,
    },
    store::{Since, record::Stored},
};

/// Refuses to act on anything but what was seen, and says what happened since.
///
/// # Errors
/// When the job has another revision, or its history cannot be read.
pub async fn still_as_seen(
    work: &Work<'_>,
    stored: &Stored<Job>,
    expected: Option<i64>,
) -> Result<(), Fault> {
    let Some(expected) = expected.filter(|expected| *expected != stored.revision) else {
        return Ok(());
    };
    let latest = latest(work, "job", stored.record.id.to_string()).await?;
    let message = format!(
        "the job has changed since you looked: you saw revision {expected}, it is {} now",
        stored.revision
    );
    Err(Fault::new(FaultKind::Stale, "STALE_REVISION", message)
        .hint("look at it again, then decide")
        .with("expected_revision", expected)
        .with("current_revision", stored.revision)
        .with("status", stored.record.status.outside().name())
        .with("what_happened", latest))
}

/// What happened to an object last, the newest first.
///
/// # Errors
/// When its history cannot be read.
pub async fn latest(work: &Work<'_>, kind: &str, id: String) -> Result<Vec<Value>, Fault> {
    let since = Since {
        object: Some((kind.to_owned(), id)),
        limit: 200,
        ..Since::default()
    };
    let events = work.events(&since).await?;
    let told =
        |event: &Event| json!({ "event": event.event, "at": event.at, "detail": event.detail });
    Ok(events.iter().rev().take(5).map(told).collect())
}
