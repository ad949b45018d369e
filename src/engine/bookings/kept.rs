//! Writes jobs, and keeps one that has come to rest also as it is shown, so that whoever asks
//! for it gets what is stored as it is stored. Refuses to keep one that is about to change: it
//! would be written more often than it is read.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use super::view::JobView;
use crate::{
    domain::booking::job::{ExecutionStatus, Job},
    engine::{fault::Fault, work::Work},
    store::{batch::Shown, record::Stored},
};

/// Names the way that this program shows jobs: another one for every set of fields, and for
/// every version of the program.
pub(super) fn shape() -> &'static str {
    static SHAPE: LazyLock<String> = LazyLock::new(|| {
        let fields = schemars::schema_for!(JobView).to_value().to_string();
        let whole = Sha256::new()
            .chain_update(env!("CARGO_PKG_VERSION"))
            .chain_update(fields)
            .finalize();
        hex::encode(&whole[..8])
    });
    &SHAPE
}

/// Writes a job over the one that was read.
pub(super) fn keep<W: 'static>(
    work: &mut Work<'_>,
    was: &Stored<W>,
    job: &Job,
) -> Result<(), Fault> {
    work.replace(was, job)?;
    let rests = job.status == ExecutionStatus::AwaitingApproval || job.status.is_final();
    if rests {
        let view = JobView::new(job.clone(), was.revision + 1, was.created_at, work.now());
        work.show(Shown {
            shape: shape().to_owned(),
            body: serde_json::to_string(&view).map_err(Fault::broken)?,
        });
    }
    Ok(())
}
