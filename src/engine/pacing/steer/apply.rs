//! Makes changes of lines, one or many, as one: all of it or nothing, with one entry in the
//! journal. What is promised more of is laid before the publisher, as always.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    LineChange, Projection,
    carry::{Carried, carry},
    plan::{find, in_order, targets},
};
use crate::{
    domain::{
        ids::ChangeId,
        pacing::journal::{Changed, Journal},
        policy::Permission,
        problem::{Code, Problem},
        text,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        pacing::alerts::{LINES, WATCH_PACING},
        work::Work,
    },
};

/// The longest note.
const LONGEST_NOTE: usize = 500;

/// Makes changes of lines.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyChanges {
    /// What is done, in this order.
    pub changes: Vec<LineChange>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
}

/// Changes that were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Applied {
    /// The entry of the journal.
    pub change_id: ChangeId,
    /// What they came to.
    pub projection: Projection,
}

impl Operation for ApplyChanges {
    const NAME: &'static str = "pacing.apply";
    const ABOUT: &'static str = "Change how lines pace, all as one: ends, goals, budgets, spread.";
    const KIND: Kind = Kind::Command(Permission::SteerPacing);
    type Output = Applied;

    async fn perform(self, work: &mut Work<'_>) -> Result<Applied, Fault> {
        work.about("pacing");
        let note = noted(self.note.as_deref())?;
        let found = find(work, &self.changes).await?;
        let targets = targets(&found, &self.changes, work.now())?;
        let mut carried = carry(work, &found, targets).await?;
        in_order(&mut carried.lines, &self.changes);
        let journal = written(work, &carried, note, None)?;
        Ok(Applied {
            change_id: journal.id,
            projection: Projection {
                lines: carried.lines,
                asked: carried.asked,
            },
        })
    }
}

/// A note as it is kept.
///
/// # Errors
/// When it is no readable line.
pub(super) fn noted(note: Option<&str>) -> Result<String, Fault> {
    let note = note.map(str::trim).unwrap_or_default();
    if !note.is_empty() {
        text::check_line(note, LONGEST_NOTE).map_err(|wrong| {
            let code = Code::new("INVALID_TEXT");
            Fault::field(Problem::new("note", code, wrong.to_string()))
        })?;
    }
    Ok(note.to_owned())
}

/// Writes what was carried out into the journal, and tells it.
pub(super) fn written(
    work: &mut Work<'_>,
    carried: &Carried,
    note: String,
    undoes: Option<ChangeId>,
) -> Result<Journal, Fault> {
    let changes: Vec<Changed> = carried
        .lines
        .iter()
        .flat_map(|line| line.changes.iter().cloned())
        .collect();
    let journal = Journal {
        id: work.mint(),
        at: work.now(),
        by: work.caller().name.clone(),
        note,
        changes,
        asked: carried.asked.clone(),
        left: carried.left.clone(),
        undoes,
        undone: None,
    };
    work.about(format!("pacing_change/{}", journal.id));
    work.create(&journal)?;
    let event = if undoes.is_some() {
        "pacing.undone"
    } else {
        "pacing.changed"
    };
    for line in &carried.lines {
        let said: Vec<String> = line.changes.iter().map(Changed::words).collect();
        let asks = if line.asks { " is asked for" } else { "" };
        let detail = format!("{}: {}{asks}", line.line, said.join(", "));
        work.tell(event, "line", line.line_id.to_string(), detail);
    }
    work.wake(WATCH_PACING, LINES, work.now());
    Ok(journal)
}
