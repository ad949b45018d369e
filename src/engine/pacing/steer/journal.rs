//! Lists what was changed of lines, the newest first, and whether it can still be taken back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::undo::may_undo;
use crate::{
    domain::{
        ids::LineId,
        pacing::journal::Journal,
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort},
};

/// How many entries are listed where nobody says.
pub const USUAL: u32 = 50;
/// How many entries are looked at at most.
pub const MOST: u32 = 1_000;

/// Lists what was changed of lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReadJournal {
    /// Only of this line.
    pub line_id: Option<LineId>,
    /// Only since then.
    pub since: Option<Instant>,
    /// At most so many; 50 where it is not said, 1000 at most.
    pub limit: Option<u32>,
}

/// Entries of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalPage {
    /// The entries, the newest first.
    pub entries: Vec<JournalEntry>,
}

/// An entry with what can be done with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalEntry {
    /// The entry.
    pub entry: Journal,
    /// Why it cannot be taken back, as far as the entry itself tells.
    pub kept: Option<String>,
}

impl Operation for ReadJournal {
    const NAME: &'static str = "pacing.journal";
    const ABOUT: &'static str = "List what was changed of how lines pace, the newest first.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = JournalPage;

    async fn perform(self, work: &mut Work<'_>) -> Result<JournalPage, Fault> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            let code = Code::new("INVALID_PARAMETER");
            let message = format!("is not between 1 and {MOST}");
            return Err(Fault::field(Problem::new("limit", code, message)));
        }
        let filter = Filter {
            sort: Sort::Created,
            descending: true,
            limit: if self.line_id.is_some() { MOST } else { limit },
            ..Filter::default()
        };
        let all = work.list::<Journal>(&filter).await?;
        let wanted = |entry: &Journal| {
            let of = |line| entry.changes.iter().any(|one| one.line_id == line);
            self.line_id.is_none_or(of) && self.since.is_none_or(|since| entry.at >= since)
        };
        let entries = all
            .into_iter()
            .map(|stored| stored.record)
            .filter(wanted)
            .take(limit as usize)
            .map(|entry| JournalEntry {
                kept: may_undo(&entry).err().map(|fault| fault.message),
                entry,
            });
        Ok(JournalPage {
            entries: entries.collect(),
        })
    }
}
