//! Writes jobs, and keeps one that has come to rest also as it is shown, so that whoever asks
//! for it gets what is stored as it is stored. Refuses to keep one that is about to change: it
//! would be written more often than it is read.

use super::view::JobView;
use crate::{
    domain::booking::job::{ExecutionStatus, Job},
    engine::{fault::Fault, work::Work},
    store::{batch::Shown, record::Stored},
};

/// Names the way that this program shows jobs: another one for every version of the program, and
/// for every set of fields, as a test knows.
pub(super) const SHAPE: &str = concat!(env!("CARGO_PKG_VERSION"), " 18e4800aaef19d89");

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
            shape: SHAPE.to_owned(),
            body: serde_json::to_string(&view).map_err(Fault::broken)?,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// A job that was kept by another program would be shown with that one's fields.
    #[test]
    fn another_set_of_fields_has_another_name() {
        let fields = schemars::schema_for!(JobView).to_value().to_string();
        let name = hex::encode(&Sha256::digest(fields)[..8]);
        let shape = SHAPE.rsplit(' ').next();
        assert_eq!(
            shape,
            Some(&*name),
            "the fields changed: write the new name"
        );
    }
}
