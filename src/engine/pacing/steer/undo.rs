//! Takes an entry of the journal back: every field as it was. Refuses when it was taken back
//! before, and when anything else has changed since.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    LineChange, Projection, Steer,
    apply::{Applied, written},
    carry::{Target, carry},
    plan::{Found, find, in_order, object},
};
use crate::{
    domain::{
        ids::{ChangeId, LineId},
        pacing::{
            journal::{Field, Journal, Left, Undone},
            terms::Terms,
        },
        policy::Permission,
    },
    engine::{
        bookings::seen::latest,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Takes changes back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoChanges {
    /// Which entry of the journal.
    pub change_id: ChangeId,
}

impl Operation for UndoChanges {
    const NAME: &'static str = "pacing.undo";
    const ABOUT: &'static str = "Take changes of lines back, while nothing else has changed.";
    const KIND: Kind = Kind::Command(Permission::SteerPacing);
    type Output = Applied;

    async fn perform(self, work: &mut Work<'_>) -> Result<Applied, Fault> {
        work.about(format!("pacing_change/{}", self.change_id));
        let stored = work.find::<Journal, _>(self.change_id).await?;
        let entry = &stored.record;
        may_undo(entry)?;
        // Only which lines these are matters here, not what is done to them.
        let mut lines: Vec<LineId> = entry.changes.iter().map(|one| one.line_id).collect();
        // What belongs to a line stands together.
        lines.dedup();
        let named = |line_id: &LineId| LineChange {
            line_id: *line_id,
            steer: Steer::Pause,
            revision: None,
        };
        let named: Vec<LineChange> = lines.iter().map(named).collect();
        let found = find(work, &named).await?;
        unchanged(work, &found, &entry.left).await?;
        let mut carried = carry(work, &found, back(entry, &found)).await?;
        in_order(&mut carried.lines, &named);
        let note = format!("takes back what {} did", entry.by);
        let journal = written(work, &carried, note, Some(entry.id))?;
        let undone = Undone {
            at: work.now(),
            by: work.caller().name.clone(),
            change_id: journal.id,
        };
        let after = Journal {
            undone: Some(undone),
            ..entry.clone()
        };
        work.replace(&stored, &after)?;
        Ok(Applied {
            change_id: journal.id,
            projection: Projection {
                lines: carried.lines,
                asked: carried.asked,
            },
        })
    }
}

/// Whether an entry can be taken back at all.
pub(super) fn may_undo(entry: &Journal) -> Result<(), Fault> {
    if let Some(undone) = &entry.undone {
        let message = format!("{} took it back already", undone.by);
        return Err(Fault::wrong_state("ALREADY_UNDONE", message));
    }
    if !entry.asked.is_empty() {
        let message = "the publisher was asked first: nothing of it has to be taken back";
        return Err(Fault::wrong_state("ASKED", message).hint("refuse it in the orders instead"));
    }
    Ok(())
}

/// Every field as it was.
fn back(entry: &Journal, found: &Found) -> BTreeMap<LineId, (Target, Terms)> {
    let mut targets: BTreeMap<LineId, (Target, Terms)> = BTreeMap::new();
    for change in &entry.changes {
        let Some(one) = found.get(&change.line_id) else {
            continue;
        };
        let (target, _) = targets
            .entry(change.line_id)
            .or_insert_with(|| (Target::default(), one.terms.clone()));
        match change.before {
            Field::End(end) => target.end = Some(end),
            Field::Goal(goal) => target.goal = Some(goal),
            Field::Budget(budget) => target.budget = Some(budget),
            Field::Pacing(spread) => target.pacing = Some(spread),
            Field::Priority(place) => target.priority = Some(place),
            Field::Paused(paused) => target.paused = Some(paused),
        }
    }
    targets
}

/// Refuses when what an entry changed is no longer as it left it.
async fn unchanged(work: &Work<'_>, found: &Found, left: &[Left]) -> Result<(), Fault> {
    for one in found.values() {
        let (kind, id) = object(one);
        let known = left.iter().find(|left| left.kind == kind && left.id == id);
        let now = one.entry.pin();
        if known.is_some_and(|known| known.revision == now) {
            continue;
        }
        let message = format!("{} has been changed since", one.entry.order());
        return Err(Fault::new(FaultKind::Conflict, "CHANGED_SINCE", message)
            .hint("change it by hand instead")
            .with("line_id", one.entry.line.to_string())
            .with("what_happened", latest(work, kind, id).await?));
    }
    Ok(())
}
