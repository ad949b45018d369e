//! The one place that runs of a sort go through: which one is at work, and which was the last
//! that brought everything it was to. Two runs of a sort at once cannot both change it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    kind::What,
    run::{Run, RunStatus},
};
use crate::domain::{ids::SyncId, when::Instant};

/// A run that brought all that it was to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Good {
    /// Which one.
    pub id: SyncId,
    /// From which ad server and account.
    pub source: String,
    /// When it had begun.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// Where runs of a sort go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Slot {
    /// Which sort.
    pub what: What,
    /// How many runs there were.
    pub runs: i64,
    /// The one at work.
    pub running: Option<SyncId>,
    /// The last one, however it ended.
    pub last: Option<SyncId>,
    /// The last one that brought all that it was to.
    pub good: Option<Good>,
}

impl Slot {
    /// One that nothing went through.
    #[must_use]
    pub fn new(what: What) -> Self {
        Self {
            what,
            runs: 0,
            running: None,
            last: None,
            good: None,
        }
    }

    /// Takes a run in.
    pub fn enter(&mut self, id: SyncId) -> i64 {
        self.runs += 1;
        self.running = Some(id);
        self.last = Some(id);
        self.runs
    }

    /// Lets a run out that has ended.
    pub fn leave(&mut self, run: &Run) {
        if self.running == Some(run.id) {
            self.running = None;
        }
        if run.status == RunStatus::Completed {
            self.good = Some(Good {
                id: run.id,
                source: run.source.clone(),
                began: run.started_at,
                ended: run.finished_at.unwrap_or(run.moved_at),
            });
        }
    }

    /// Since when a run of this source need only read what has changed.
    #[must_use]
    pub fn since(&self, source: &str) -> Option<Instant> {
        let good = self.good.as_ref().filter(|good| good.source == source);
        good.map(|good| good.began)
    }
}
