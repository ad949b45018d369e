//! Brings here what a tenant's ad server has, and keeps it. A run is started by an operation and
//! done by a reconciler, one page and one commit after the other, so that a run that was killed
//! anywhere goes on where it was. One run of a sort at a time; refuses to start a second.

pub mod history;
pub mod inside;
pub mod list;
pub mod read;
pub mod servers;
pub mod start;
pub mod status;
pub mod take;
pub mod test;

use super::{fault::Fault, work::Work};
use crate::{
    domain::{
        ids::SyncId,
        inventory::{
            kind::What,
            run::{Run, RunStatus},
            slot::Slot,
        },
    },
    store::record::Stored,
};

/// The kind of the reconciler that does runs.
pub const SYNC_INVENTORY: &str = "sync_inventory";

/// Where runs of a sort go through, as it is kept; nothing before the first.
async fn slot(work: &Work<'_>, what: What) -> Result<Option<Stored<Slot>>, Fault> {
    work.get::<Slot>(what.name()).await
}

/// Finds a run of the tenant's.
async fn find(work: &Work<'_>, id: SyncId) -> Result<Stored<Run>, Fault> {
    work.find::<Run, _>(id).await
}

/// Writes a run over what it was; one that has ended leaves its slot and is told of.
async fn keep(work: &mut Work<'_>, was: &Stored<()>, run: &Run) -> Result<(), Fault> {
    work.replace(was, run)?;
    if run.status.is_open() {
        return Ok(());
    }
    if let Some(stored) = slot(work, run.what).await? {
        let (mut slot, known) = stored.part();
        slot.leave(run);
        work.replace(&known, &slot)?;
    }
    let (name, detail) = match run.status {
        RunStatus::Completed => ("sync.completed", brought(run)),
        _ => ("sync.failed", failed(run)),
    };
    work.tell(name, "sync", run.id.to_string(), detail);
    Ok(())
}

/// What a run brought, in a sentence.
fn brought(run: &Run) -> String {
    let sum = |of: fn(&crate::domain::inventory::run::Stage) -> u64| -> u64 {
        run.stages.iter().map(of).sum()
    };
    format!(
        "{}: {} read, {} new, {} changed, {} gone",
        run.what,
        run.seen(),
        sum(|stage| stage.added),
        sum(|stage| stage.changed),
        sum(|stage| stage.gone),
    )
}

fn failed(run: &Run) -> String {
    let trouble = run.trouble.as_ref();
    let why = trouble.map_or("it was given up", |trouble| trouble.message.as_str());
    format!("{}: {why}", run.what)
}
