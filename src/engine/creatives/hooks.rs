//! Who is told of what becomes of a creative after it came in: whoever said so when they sent it,
//! until it is put away. Sends nothing itself.

use serde_json::{Map, Value};

use super::sync::Library;
use crate::{
    domain::media_buy::creative::{CreativeHook, CreativeStatus, LibraryCreative},
    engine::{fault::Fault, webhooks, work::Work},
    store::record::Stored,
};

async fn kept(
    work: &Work<'_>,
    owner: &str,
    creative_id: &str,
) -> Result<Option<Stored<CreativeHook>>, Fault> {
    let key = LibraryCreative::key(owner, creative_id);
    work.get::<CreativeHook>(&key).await
}

/// Keeps where to tell what becomes of the creatives that a task brought in.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) async fn keep(
    work: &mut Work<'_>,
    (owner, task_id): (&str, &str),
    said: &Map<String, Value>,
    library: &Library,
) -> Result<(), Fault> {
    // The audit line stays about the creatives.
    let told = work.about.clone();
    for one in library.creatives.iter().filter(|one| one.status.is_some()) {
        let hook = CreativeHook {
            creative_id: one.creative_id.clone(),
            owner: owner.to_owned(),
            task_id: task_id.to_owned(),
            said: said.clone(),
        };
        match kept(work, owner, &one.creative_id).await? {
            Some(was) => work.replace(&was, &hook)?,
            None => work.create(&hook)?,
        }
    }
    work.about = told;
    Ok(())
}

/// Nobody is told of a creative any more that was put away.
///
/// # Errors
/// When it cannot be read.
pub(super) async fn drop(work: &mut Work<'_>, owner: &str, creative_id: &str) -> Result<(), Fault> {
    if let Some(was) = kept(work, owner, creative_id).await? {
        let told = work.about.clone();
        work.remove(&was);
        work.about = told;
    }
    Ok(())
}

/// Has those told who wanted to know what was decided on a creative.
///
/// # Errors
/// When it cannot be written.
pub(super) async fn decided(work: &mut Work<'_>, creative: &LibraryCreative) -> Result<(), Fault> {
    let (owner, id) = (&creative.owner, &creative.creative_id);
    match creative.status {
        CreativeStatus::Approved | CreativeStatus::Rejected => {}
        CreativeStatus::Archived => return drop(work, owner, id).await,
        _ => return Ok(()),
    }
    match kept(work, owner, id).await? {
        Some(hook) => webhooks::tasks::reviewed(work, &hook.record, creative),
        None => Ok(()),
    }
}
