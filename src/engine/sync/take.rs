//! The steps of a run, each one commit under its lease: it begins, takes a page, marks what was
//! not met, begins a kind again, or takes note of trouble. For the engine only. Refuses steps of a
//! run that has ended, and pages out of turn.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find, keep, slot};
use crate::{
    domain::{
        ids::SyncId,
        inventory::{
            item::Item,
            kind::ItemKind,
            run::{Brought, Plan, Run, Step},
            trouble::Trouble,
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::{
        batch::{self, Thing},
        record::fold,
    },
};

/// How many things are marked as gone at once.
const SWEEP: u32 = 2_000;
/// How much of the time before is read again: clocks differ, and lists lag behind.
const OVERLAP: chrono::Duration = chrono::Duration::minutes(10);

/// What a step does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// It begins.
    Begins {
        /// Which ad server, and which account of it.
        source: String,
        /// The kinds in order, and whether the server tells what has changed of each.
        kinds: Vec<(ItemKind, bool)>,
    },
    /// A page was read.
    Page {
        /// Of which kind.
        kind: ItemKind,
        /// Its number.
        number: u32,
        /// What is on it.
        items: Vec<Item>,
        /// Where the next one begins.
        next: Option<String>,
    },
    /// What was not met is marked.
    Sweep,
    /// The server has forgotten where we were.
    Forgotten,
    /// Something went wrong.
    Trouble(Trouble),
    /// It is given up, whatever it is that goes wrong.
    GivenUp(Trouble),
}

/// Takes a step of a run; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeSyncStep {
    /// Which run.
    pub sync_id: SyncId,
    /// What it does.
    pub taken: Taken,
}

impl Operation for TakeSyncStep {
    const NAME: &'static str = "sync.step";
    const ABOUT: &'static str = "Take a step of a sync; for the engine only.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = Run;

    async fn perform(self, work: &mut Work<'_>) -> Result<Run, Fault> {
        let (mut run, was) = find(work, self.sync_id).await?.part();
        if !run.status.is_open() {
            let message = "the sync has ended";
            return Err(Fault::wrong_state("SYNC_ENDED", message));
        }
        let now = work.now();
        match self.taken {
            Taken::Begins { source, kinds } => {
                let known = slot(work, run.what).await?;
                let last = known.and_then(|stored| stored.record.since(&source));
                let plan = Plan {
                    source,
                    kinds,
                    last: last.map(|at| at - OVERLAP),
                };
                run.begin(plan, now);
            }
            Taken::Page {
                kind,
                number,
                items,
                next,
            } => {
                in_turn(&run, kind, number)?;
                let brought = take(work, &run, kind, items).await?;
                run.took(brought, next, now);
            }
            Taken::Sweep => {
                let (gone, more) = sweep(work, &run).await?;
                run.swept(gone, more, now);
            }
            Taken::Forgotten => {
                if !run.begin_again(now) {
                    let message = "the ad server keeps forgetting where it was in its list";
                    run.stumble(Trouble::transient(message), now);
                }
            }
            Taken::Trouble(trouble) => {
                run.stumble(trouble, now);
            }
            Taken::GivenUp(trouble) => run.fail(trouble, now),
        }
        keep(work, &was, &run).await?;
        Ok(run)
    }
}

fn in_turn(run: &Run, kind: ItemKind, number: u32) -> Result<(), Fault> {
    let stage = run.stage();
    let fits = stage.is_some_and(|stage| {
        stage.kind == kind && stage.step == Step::Reading && stage.pages + 1 == number
    });
    if fits {
        return Ok(());
    }
    let message = "the sync is not at this page";
    Err(Fault::conflict("SYNC_MOVED_ON", message))
}

/// Gathers a page: what is new or not as it was is written, the rest only counted as met.
async fn take(
    work: &mut Work<'_>,
    run: &Run,
    kind: ItemKind,
    items: Vec<Item>,
) -> Result<Brought, Fault> {
    let mut things = BTreeMap::new();
    for item in items {
        let thing = thing(&item)?;
        things.insert(thing.id.clone(), thing);
    }
    let mut told = Brought {
        seen: u64::try_from(things.len()).unwrap_or(u64::MAX),
        ..Brought::default()
    };
    let ids: Vec<String> = things.keys().cloned().collect();
    let known = work
        .store()
        .things(work.tenant(), kind.name(), &ids)
        .await?;
    let (mut same, mut known_ids) = (Vec::new(), 0u64);
    for before in known {
        known_ids += 1;
        let is_as_it_was = things.get(&before.id).is_some_and(|now| *now == before);
        if is_as_it_was {
            things.remove(&before.id);
            same.push(before.id);
        }
    }
    told.added = told.seen - known_ids;
    told.changed = u64::try_from(things.len()).unwrap_or(u64::MAX) - told.added;
    work.batch.brought = Some(batch::Brought {
        run: run.number,
        kind: kind.name(),
        things: things.into_values().collect(),
        same,
        gone: Vec::new(),
    });
    Ok(told)
}

fn thing(item: &Item) -> Result<Thing, Fault> {
    let code = item.code.as_deref().unwrap_or_default();
    Ok(Thing {
        kind: item.kind.name().to_owned(),
        id: item.id.clone(),
        parent: item.parent.clone().unwrap_or_default(),
        name: item.name.clone(),
        search: fold(&format!("{} {} {code}", item.name, item.id)),
        state: item.status.name().to_owned(),
        body: serde_json::to_string(item).map_err(Fault::broken)?,
    })
}

/// Marks some of what the run has not met as gone: how many, and whether there is more.
async fn sweep(work: &mut Work<'_>, run: &Run) -> Result<(u64, bool), Fault> {
    let Some(stage) = run.stage().filter(|stage| stage.step == Step::Sweeping) else {
        let message = "the sync is not at that step";
        return Err(Fault::conflict("SYNC_MOVED_ON", message));
    };
    let kind = stage.kind.name();
    let store = work.store();
    let unmet = store.unmet(work.tenant(), kind, run.number, SWEEP).await?;
    let gone = u64::try_from(unmet.len()).unwrap_or(u64::MAX);
    let more = gone >= u64::from(SWEEP);
    if gone > 0 {
        work.batch.brought = Some(batch::Brought {
            run: run.number,
            kind,
            things: Vec::new(),
            same: Vec::new(),
            gone: unmet,
        });
    }
    Ok((gone, more))
}
