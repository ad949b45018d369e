//! What the audit trail reads of a command, and the line of one that was not done. Refuses to make
//! a failure of the database look like a refusal.

use super::{Clock as _, Core, outcome_of};
use crate::{
    domain::{
        audit::{Entry, Outcome},
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        fault::{Fault, FaultKind},
        work::About,
    },
    store::batch::{Batch, CommitError},
};

impl Core {
    /// Writes down a command that was not done. Surfaces call it for commands that they
    /// could not even read.
    pub async fn refuse(&self, caller: &Caller, action: &'static str, fault: &Fault) {
        self.write_down(caller, action, None, fault).await;
    }

    pub(super) async fn write_down(
        &self,
        caller: &Caller,
        action: &'static str,
        about: Option<About>,
        fault: &Fault,
    ) {
        if matches!(fault.kind, FaultKind::Storage | FaultKind::Busy) {
            return;
        }
        let now = self.0.clock.now();
        let mut batch = Batch::new(caller.tenant.clone(), now);
        let said = format!("{}: {}", fault.code, fault.message);
        let about = about.map(|about| About {
            after: about.before,
            changes: Vec::new(),
            ..about
        });
        batch.audit = Some(entry(
            caller,
            now,
            action,
            about,
            outcome_of(fault),
            Some(&said),
        ));
        match self.0.store.commit(batch).await {
            // Where a tenant was deleted its trail went with it.
            Ok(_) | Err(CommitError::Forgotten(_)) => {}
            Err(error) => {
                tracing::error!(%error, action, "a refusal could not be written down");
            }
        }
    }
}

/// A line.
pub(super) fn entry(
    caller: &Caller,
    at: Instant,
    action: &'static str,
    about: Option<About>,
    outcome: Outcome,
    detail: Option<&str>,
) -> Entry {
    let about = about.unwrap_or(About {
        object: String::new(),
        before: None,
        after: None,
        changes: Vec::new(),
    });
    Entry {
        at,
        actor: caller.name.clone(),
        role: caller.role,
        action: action.to_owned(),
        object: (!about.object.is_empty()).then_some(about.object),
        revision_before: about.before,
        revision_after: about.after,
        outcome,
        detail: detail.unwrap_or_default().to_owned(),
        changes: about.changes,
    }
}
