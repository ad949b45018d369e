//! A run that brings here what an ad server has: page by page, each page one step, so that it
//! goes on from anywhere. A full run reads everything and marks what it did not meet as gone; an
//! incremental one reads what has changed and marks nothing. Asks no clock.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    kind::{ItemKind, What},
    trouble::{Category, Trouble},
};
use crate::domain::{ids::SyncId, when::Instant};

/// How often in a row something may go wrong before a run is given up.
pub const MOST_STUMBLES: u32 = 6;
/// How long it waits after the first time; three times as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest that it waits, whatever the server says.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// A run that has not moved for so long after it should have is stuck.
pub const STUCK: Duration = Duration::from_mins(10);
/// How many pages of one kind are read at most.
pub const MOST_PAGES: u32 = 10_000;

/// How much of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What has changed since the last time.
    #[default]
    Incremental,
    /// Everything.
    Full,
}

impl Mode {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Full => "full",
        }
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It has not begun to read.
    Pending,
    /// It reads.
    Running,
    /// It has read all that it was to.
    Completed,
    /// It was given up.
    Failed,
}

impl RunStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// How far one kind has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Its pages are read.
    Reading,
    /// What was not met is marked as gone.
    Sweeping,
    /// It is done.
    Done,
}

/// One kind of things on its way here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// Which kind.
    pub kind: ItemKind,
    /// How far it has got.
    pub step: Step,
    /// Whether only what has changed is read of it.
    #[serde(default)]
    pub by_change: bool,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How many pages were read.
    pub pages: u32,
    /// How many things were on them.
    pub seen: u64,
    /// How many of them were new.
    pub added: u64,
    /// How many were not as they were.
    pub changed: u64,
    /// How many are there no more.
    pub gone: u64,
    /// Whether it had to begin again because the server had forgotten where we were.
    #[serde(default)]
    pub begun_again: bool,
}

impl Stage {
    /// One that has not begun.
    #[must_use]
    pub fn new(kind: ItemKind, by_change: bool) -> Self {
        Self {
            kind,
            step: Step::Reading,
            by_change,
            token: None,
            pages: 0,
            seen: 0,
            added: 0,
            changed: 0,
            gone: 0,
            begun_again: false,
        }
    }
}

/// What a page brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brought {
    /// How many things were on it.
    pub seen: u64,
    /// How many were new.
    pub added: u64,
    /// How many were not as they were.
    pub changed: u64,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Its id.
    #[serde(rename = "sync_id")]
    pub id: SyncId,
    /// What it brings.
    pub what: What,
    /// How much of it was asked for, and then how much is read.
    pub mode: Mode,
    /// Why it reads everything although less was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widened: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// Its number among the tenant's runs of this sort.
    pub number: i64,
    /// Which ad server, and which account of it; empty before it has begun.
    pub source: String,
    /// Only what has changed since then.
    pub since: Option<Instant>,
    /// Who wanted it.
    pub started_by: String,
    /// When it was wanted.
    pub started_at: Instant,
    /// When it last got further.
    pub moved_at: Instant,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// The kinds that it reads, in order.
    pub stages: Vec<Stage>,
    /// How often in a row something went wrong.
    pub stumbles: u32,
    /// When it goes on, while it waits.
    pub next_at: Option<Instant>,
    /// What went wrong last; nothing once it got further.
    pub trouble: Option<Trouble>,
}

/// Who wants a run, and of what.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The id that it shall have.
    pub id: SyncId,
    /// What it brings.
    pub what: What,
    /// How much.
    pub mode: Mode,
    /// Its number.
    pub number: i64,
    /// Who wants it.
    pub by: String,
}

/// What is read, from where, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Which ad server, and which account of it.
    pub source: String,
    /// The kinds in order, and whether the server tells what has changed of each.
    pub kinds: Vec<(ItemKind, bool)>,
    /// When the last complete run of the same source had begun.
    pub last: Option<Instant>,
}

impl Run {
    /// A run that somebody wants.
    #[must_use]
    pub fn wanted(wish: Wish, at: Instant) -> Self {
        Self {
            id: wish.id,
            what: wish.what,
            mode: wish.mode,
            widened: None,
            status: RunStatus::Pending,
            number: wish.number,
            source: String::new(),
            since: None,
            started_by: wish.by,
            started_at: at,
            moved_at: at,
            finished_at: None,
            stages: Vec::new(),
            stumbles: 0,
            next_at: None,
            trouble: None,
        }
    }

    /// Begins: lays out what is read. Without a complete run before it, everything is.
    pub fn begin(&mut self, plan: Plan, at: Instant) {
        if self.mode == Mode::Incremental && plan.last.is_none() {
            self.mode = Mode::Full;
            self.widened = Some("nothing was brought completely from this account before".into());
        }
        self.since = (self.mode == Mode::Incremental)
            .then_some(plan.last)
            .flatten();
        let by_change = self.since.is_some();
        let stage = |(kind, tells): (ItemKind, bool)| Stage::new(kind, by_change && tells);
        self.stages = plan.kinds.into_iter().map(stage).collect();
        self.source = plan.source;
        self.status = RunStatus::Running;
        self.moved(at);
        self.end_if_done(at);
    }

    /// The kind that is at work; nothing once all are done.
    #[must_use]
    pub fn stage(&self) -> Option<&Stage> {
        self.stages.iter().find(|one| one.step != Step::Done)
    }

    fn stage_mut(&mut self) -> Option<&mut Stage> {
        self.stages.iter_mut().find(|one| one.step != Step::Done)
    }

    /// Goes on by a page.
    pub fn took(&mut self, brought: Brought, next: Option<String>, at: Instant) {
        let after = match self.mode {
            Mode::Full => Step::Sweeping,
            Mode::Incremental => Step::Done,
        };
        if let Some(stage) = self.stage_mut() {
            stage.pages += 1;
            stage.seen += brought.seen;
            stage.added += brought.added;
            stage.changed += brought.changed;
            if next.is_none() {
                stage.step = after;
            }
            stage.token = next;
        }
        self.moved(at);
        self.end_if_done(at);
    }

    /// Goes on by a sweep: so many are gone, and perhaps more.
    pub fn swept(&mut self, gone: u64, more: bool, at: Instant) {
        if let Some(stage) = self.stage_mut() {
            stage.gone += gone;
            if !more {
                stage.step = Step::Done;
            }
        }
        self.moved(at);
        self.end_if_done(at);
    }

    /// Begins the kind at work again, because the server has forgotten where we were: once.
    pub fn begin_again(&mut self, at: Instant) -> bool {
        let again = self.stage_mut().is_some_and(|stage| {
            let may = stage.token.is_some() && !stage.begun_again;
            if may {
                *stage = Stage {
                    begun_again: true,
                    ..Stage::new(stage.kind, stage.by_change)
                };
            }
            may
        });
        if again {
            self.moved(at);
        }
        again
    }

    /// Takes note of trouble: says when it is tried again, or fails.
    pub fn stumble(&mut self, trouble: Trouble, at: Instant) -> Option<Instant> {
        self.stumbles += 1;
        if !trouble.is_passing() || self.stumbles >= MOST_STUMBLES {
            self.fail(trouble, at);
            return None;
        }
        let own = FIRST_PAUSE * 3u32.saturating_pow(self.stumbles - 1);
        let wanted = trouble
            .wait
            .map_or(own, |secs| own.max(Duration::from_secs(secs.into())));
        let next = at + wanted.min(LONGEST_PAUSE);
        self.trouble = Some(trouble);
        self.next_at = Some(next);
        self.next_at
    }

    /// Gives it up.
    pub fn fail(&mut self, trouble: Trouble, at: Instant) {
        self.status = RunStatus::Failed;
        self.trouble = Some(trouble);
        self.next_at = None;
        self.finished_at = Some(at);
    }

    /// Whether it should have got further long ago: nobody works on it.
    #[must_use]
    pub fn is_stuck(&self, now: Instant) -> bool {
        let due = self
            .next_at
            .map_or(self.moved_at, |next| next.max(self.moved_at));
        self.status.is_open() && now > due + STUCK
    }

    /// Why a stuck one is given up.
    #[must_use]
    pub fn stuck(&self) -> Trouble {
        let message = format!("the run has not moved since {}", self.moved_at);
        Trouble::new(Category::Stale, "SYNC_STUCK", message)
    }

    /// How many things were read, of all kinds.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.stages.iter().map(|stage| stage.seen).sum()
    }

    fn moved(&mut self, at: Instant) {
        self.moved_at = at;
        self.stumbles = 0;
        self.next_at = None;
        self.trouble = None;
    }

    fn end_if_done(&mut self, at: Instant) {
        if self.stage().is_none() {
            self.status = RunStatus::Completed;
            self.finished_at = Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(1_790_000_000 + seconds, 0).expect("an instant")
    }

    fn run(mode: Mode, last: Option<Instant>) -> Run {
        let wish = Wish {
            id: Uuid::nil().into(),
            what: What::Inventory,
            mode,
            number: 1,
            by: "ana".into(),
        };
        let mut run = Run::wanted(wish, at(0));
        let plan = Plan {
            source: "google_ad_manager/1".into(),
            kinds: vec![(ItemKind::AdUnit, true), (ItemKind::TargetingKey, false)],
            last,
        };
        run.begin(plan, at(1));
        run
    }

    fn page(seen: u64) -> Brought {
        Brought {
            seen,
            ..Brought::default()
        }
    }

    #[test]
    fn only_a_full_run_sweeps_and_without_one_before_it_every_run_is_full() {
        let mut first = run(Mode::Incremental, None);
        assert!(first.mode == Mode::Full && first.widened.is_some());
        first.took(page(2), Some("next".into()), at(2));
        assert_eq!(
            first.stage().and_then(|one| one.token.as_deref()),
            Some("next")
        );
        first.took(page(1), None, at(3));
        assert_eq!(first.stage().map(|one| one.step), Some(Step::Sweeping));
        first.swept(5, true, at(4));
        first.swept(1, false, at(5));
        first.took(page(0), None, at(6));
        first.swept(0, false, at(7));
        assert_eq!(
            (first.status, first.finished_at),
            (RunStatus::Completed, Some(at(7)))
        );
        assert_eq!((first.stages[0].gone, first.seen()), (6, 3));

        let mut second = run(Mode::Incremental, Some(at(-60)));
        assert_eq!(second.since, Some(at(-60)));
        let by_change: Vec<bool> = second.stages.iter().map(|one| one.by_change).collect();
        assert_eq!(by_change, [true, false], "only where the server tells");
        second.took(page(1), None, at(2));
        second.took(page(1), None, at(3));
        assert_eq!(second.status, RunStatus::Completed, "nothing is swept");
    }

    #[test]
    fn passing_trouble_is_waited_out_longer_each_time_and_progress_forgets_it() {
        let mut run = run(Mode::Full, None);
        let busy = || Trouble::transient("busy");
        let waits: Vec<i64> = (0..3)
            .filter_map(|_| run.stumble(busy(), at(10)))
            .map(|next| (next - at(10)).num_seconds())
            .collect();
        assert_eq!(waits, [5, 15, 45]);
        let limited = Trouble {
            wait: Some(600),
            ..busy()
        };
        assert_eq!(run.stumble(limited, at(10)), Some(at(610)));
        assert!(!run.is_stuck(at(610 + 600)) && run.is_stuck(at(610 + 601)));
        run.took(page(1), Some("on".into()), at(20));
        assert_eq!(
            (run.stumbles, run.trouble.clone(), run.next_at),
            (0, None, None)
        );
        for _ in 1..MOST_STUMBLES {
            assert!(run.stumble(busy(), at(30)).is_some());
        }
        assert_eq!(run.stumble(busy(), at(30)), None);
        assert_eq!(run.status, RunStatus::Failed);
    }

    #[test]
    fn what_no_waiting_helps_fails_at_once_and_a_forgotten_place_is_begun_again_once() {
        let mut run = run(Mode::Full, None);
        assert!(!run.begin_again(at(2)), "it is at the beginning");
        run.took(page(1), Some("old".into()), at(2));
        assert!(run.begin_again(at(3)));
        assert_eq!((run.seen(), run.stages[0].pages), (0, 0));
        run.took(page(1), Some("old".into()), at(4));
        assert!(!run.begin_again(at(5)), "not a second time");
        assert_eq!(run.stumble(Trouble::auth("no"), at(6)), None);
        assert_eq!(
            (run.status, run.finished_at),
            (RunStatus::Failed, Some(at(6)))
        );
    }
}
