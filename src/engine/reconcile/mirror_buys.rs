//! Follows the media buys of the sales agents in which tenants' buys live: looks at the list and at
//! the questions that wait there, has written what has changed, and hands on what is counted. One
//! look that does not show a buy proves nothing: it counts as gone once it was missed in several
//! looks over minutes. Looks no oftener than such a server bears.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;

use super::{
    GivenUp, Next, Reconciler,
    following::{Memories, Missed, begin, pause},
};
use crate::{
    domain::{
        media_buy::upstream::{
            contact::AgentContact,
            link::{BuyLink, Standing},
            shown::{ListedBuy, Ordered, ShownBuy, ShownCount, ShownTask},
        },
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        core::{Core, Terms},
        fault::Fault,
        media_buys::upstream::{
            DESK, FOLLOW,
            contact::NoteAgentContact,
            counts::MirrorCounts,
            desks::Place,
            digest, marked,
            mirror::{self, Change, MirrorBuys},
            mirrored::{MirroredBuys, ReadMirroredBuys},
        },
    },
    store::Lease,
};

/// In how many looks a buy must be missed before it counts as gone.
const LOOKS: u32 = 3;
/// Of how many buys it is asked with one look what they were ordered with.
const ORDERED: usize = 5;
/// How often it is asked in vain what a buy was ordered with.
const TRIES: u32 = 3;
/// How many counts are handed on at once.
const COUNTS: usize = 200;
/// The longest between two looks at what cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

/// Makes sure that every tenant's sales agent is followed.
///
/// # Errors
/// When the store cannot be written.
pub async fn schedule(core: &Core) -> Result<(), Fault> {
    begin(core, core.desk().agents.tenants(), (FOLLOW, DESK)).await
}

/// Follows sales agents.
#[derive(Default)]
pub struct MirrorAgents {
    memories: Memories<Memory>,
}

/// What is remembered between two looks; forgetting it only makes patience begin again.
#[derive(Default)]
struct Memory {
    failures: u32,
    /// Since when a buy was not shown, and in how many looks.
    missed: Missed,
    /// How often it was asked what a buy was ordered with.
    asked: HashMap<String, u32>,
    /// When it was asked what was delivered.
    counted: Option<Instant>,
    /// What was handed on last of each package.
    told: HashMap<(String, String), ShownCount>,
}

impl Memory {
    /// Forgets what is of none of these: neither shown nor followed any more.
    fn keep(&mut self, ids: &BTreeSet<&str>) {
        self.missed.keep(|id| ids.contains(id));
        self.asked.retain(|id, _| ids.contains(id.as_str()));
        self.told.retain(|(id, _), _| ids.contains(id.as_str()));
    }
}

#[async_trait]
impl Reconciler for MirrorAgents {
    fn kind(&self) -> &'static str {
        FOLLOW
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(place) = core.desk().agents.of(&lease.tenant) else {
            return Ok(Next::Done);
        };
        let memory = self.memories.of(&lease.tenant);
        let mut memory = memory.lock().await;
        let look = Look { core, lease, place };
        let listed = place.client.list(core.clock().now()).await;
        let engine = Caller::engine(lease.tenant.clone());
        let known = core.ask(&engine, ReadMirroredBuys {}).await?;
        let trouble = listed.as_ref().err().map(|silent| silent.0.clone());
        look.note(known.contact.as_ref(), trouble).await?;
        let now = core.clock().now();
        let Ok(listed) = listed else {
            memory.failures += 1;
            return Ok(Next::At(
                now + pause(place.poll, memory.failures, LONGEST_PAUSE),
            ));
        };
        memory.failures = 0;
        // Whether a question still waits is not told by a list that could not be read.
        let waiting = place.client.waiting().await.unwrap_or_default();
        look.compare(&mut memory, &listed, waiting.as_deref(), &known)
            .await?;
        place.look(now);
        look.count(&mut memory, &listed).await?;
        let shown = listed.iter().map(|one| one.buy.id.as_str());
        let followed = known.links.iter();
        let followed = followed.filter(|link| link.standing != Standing::Gone);
        memory.keep(&shown.chain(followed.map(|link| &*link.remote)).collect());
        Ok(Next::At(core.clock().now() + place.poll))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "the sales agent is not followed for a while");
        Ok(GivenUp::Rests)
    }
}

/// One look.
struct Look<'a> {
    core: &'a Core,
    lease: &'a Lease,
    place: &'a Arc<Place>,
}

impl Look<'_> {
    /// Writes down that it can be reached again, or cannot any more.
    async fn note(
        &self,
        known: Option<&AgentContact>,
        trouble: Option<String>,
    ) -> Result<(), Fault> {
        if known.is_some_and(|known| known.trouble == trouble) {
            return Ok(());
        }
        self.write(NoteAgentContact { trouble }).await.map(drop)
    }

    async fn write<O: crate::engine::operation::Operation>(
        &self,
        operation: O,
    ) -> Result<O::Output, Fault> {
        let engine = Caller::engine(self.lease.tenant.clone());
        let terms = Terms::under(self.lease.held.clone());
        let answer = self.core.ask_on(&engine, operation, terms).await?;
        Ok(answer.output)
    }

    /// Compares what is listed with what is known, and has written what has changed.
    async fn compare(
        &self,
        memory: &mut Memory,
        listed: &[ListedBuy],
        waiting: Option<&[ShownTask]>,
        known: &MirroredBuys,
    ) -> Result<(), Fault> {
        let links: BTreeMap<&str, &BuyLink> = known
            .links
            .iter()
            .map(|link| (link.remote.as_str(), link))
            .collect();
        let mut changes = Vec::new();
        let mut asked = 0;
        for one in listed {
            let id = one.buy.id.as_str();
            memory.missed.shown(id);
            let link = links.get(id).copied();
            let own = waiting.map(|all| {
                let own = all.iter().filter(|task| task.buy_id == id);
                let mut own: Vec<ShownTask> = own.cloned().collect();
                own.sort_by(|a, b| a.id.cmp(&b.id));
                own
            });
            let ordered = self.ordered(memory, one, link, &mut asked).await;
            if ordered.is_some() || moved(one, own.as_deref(), link)? {
                changes.push(Change::Seen {
                    listed: Box::new(one.clone()),
                    waiting: own,
                    ordered: ordered.map(Box::new),
                });
            }
        }
        let shown: BTreeSet<&str> = listed.iter().map(|one| one.buy.id.as_str()).collect();
        let now = self.core.clock().now();
        let gone = known.links.iter().filter(|link| {
            link.standing != Standing::Gone && !shown.contains(link.remote.as_str())
        });
        for link in gone {
            changes.extend(self.missed(memory, link, now));
        }
        for some in changes.chunks(mirror::MOST) {
            let changes = some.to_vec();
            match self.write(MirrorBuys { changes }).await {
                Err(fault) if is_of_one(&fault) => self.one_by_one(some).await?,
                wrote => wrote.map(drop)?,
            }
        }
        Ok(())
    }

    /// Writes each by itself, so that one that cannot be kept keeps no other from it.
    async fn one_by_one(&self, all: &[Change]) -> Result<(), Fault> {
        for one in all {
            let changes = vec![one.clone()];
            match self.write(MirrorBuys { changes }).await {
                Err(fault) if is_of_one(&fault) => {
                    tracing::error!(%fault, change = ?one, "a media buy there is not kept");
                }
                wrote => wrote.map(drop)?,
            }
        }
        Ok(())
    }

    /// What a buy was ordered with, where the list does not say when it runs.
    async fn ordered(
        &self,
        memory: &mut Memory,
        one: &ListedBuy,
        link: Option<&BuyLink>,
        asked: &mut usize,
    ) -> Option<Ordered> {
        let dated = one.buy.start.is_some() && one.buy.end.is_some();
        let wanted = link.is_none_or(|link| link.standing == Standing::Undated);
        let tries = memory.asked.entry(one.buy.id.clone()).or_default();
        if dated || !wanted || *asked >= ORDERED || *tries >= TRIES {
            return None;
        }
        *asked += 1;
        *tries += 1;
        let found = self.place.client.ordered(&one.buy.id).await.ok().flatten();
        if found.is_some() {
            *tries = TRIES;
        }
        found
    }

    /// Counts that a buy was not shown; once that is often and long enough, it is gone.
    fn missed(&self, memory: &mut Memory, link: &BuyLink, now: Instant) -> Option<Change> {
        let bounds = (LOOKS, self.place.gone_after);
        let since = memory.missed.again(&link.remote, now, bounds)?;
        Some(Change::Missing {
            buy_id: link.buy_id.clone(),
            since,
        })
    }

    /// Hands on what is counted: what the list tells, and where it does not, what it says when it
    /// is asked.
    async fn count(&self, memory: &mut Memory, listed: &[ListedBuy]) -> Result<(), Fault> {
        let now = self.core.clock().now();
        let mut counts: Vec<(String, Vec<ShownCount>)> = listed
            .iter()
            .map(|one| (one.buy.id.clone(), one.counts.clone()))
            .collect();
        let runs = |buy: &ShownBuy| {
            matches!(
                &*buy.status,
                "active" | "delivering" | "paused" | "completed" | "reporting_delayed"
            )
        };
        let untold: Vec<ShownBuy> = listed
            .iter()
            .filter(|one| runs(&one.buy) && one.counts.len() < one.buy.packages.len())
            .map(|one| one.buy.clone())
            .collect();
        let due = memory.counted.is_none_or(|at| {
            let since = (now - at).to_std().unwrap_or_default();
            since >= self.place.count
        });
        if due && !untold.is_empty() {
            memory.counted = Some(now);
            if let Ok(told) = self.place.client.counts(&untold, now).await {
                counts.extend(told);
            }
        }
        if counts.iter().any(|(_, all)| !all.is_empty()) {
            self.place.counts(now);
        }
        let fresh = fresh(memory, counts);
        for some in fresh.chunks(COUNTS) {
            let counts = some.to_vec();
            self.write(MirrorCounts { counts }).await?;
        }
        Ok(())
    }
}

/// Whether a buy is shown otherwise than it was, or something has to be looked for.
fn moved(
    one: &ListedBuy,
    waiting: Option<&[ShownTask]>,
    link: Option<&BuyLink>,
) -> Result<bool, Fault> {
    let Some(link) = link else { return Ok(true) };
    let counted = one.counts.iter().any(|count| count.impressions > 0);
    if link.standing.is_restless() || (link.standing == Standing::Unpriced && counted) {
        return Ok(true);
    }
    let digest = digest(&one.buy)?;
    Ok(match waiting {
        Some(tasks) => link.digest != marked(&digest, tasks.first()),
        // What waits there is not known now: what is known of it stays.
        None => !link.digest.starts_with(&format!("{digest}:")),
    })
}

/// Whether something is wrong with what is written, and not with writing.
fn is_of_one(fault: &Fault) -> bool {
    !fault.is_passing() && fault.code != "LEASE_LOST"
}

/// What tells something new: other numbers, or the same a minute later.
fn fresh(
    memory: &mut Memory,
    counts: Vec<(String, Vec<ShownCount>)>,
) -> Vec<(String, Vec<ShownCount>)> {
    let mut fresh = Vec::new();
    for (id, all) in counts {
        let mut new = Vec::new();
        for count in all {
            let key = (id.clone(), count.package_id.clone());
            let is_new = memory.told.get(&key).is_none_or(|last| {
                let moved = (last.impressions, last.spent) != (count.impressions, count.spent);
                let age = count.as_of - last.as_of;
                age > chrono::Duration::zero() && (moved || age >= chrono::Duration::minutes(1))
            });
            if is_new {
                memory.told.insert(key, count.clone());
                new.push(count);
            }
        }
        if !new.is_empty() {
            fresh.push((id, new));
        }
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_shown_nor_followed_is_forgotten() {
        let now: Instant = "2026-06-16T12:00:00Z".parse().expect("an instant");
        let mut memory = Memory::default();
        let twice = (2, Duration::ZERO);
        for id in ["mb_1", "mb_2"] {
            memory.missed.again(id, now, twice);
            memory.asked.insert(id.into(), 1);
            let key = (id.to_owned(), "pkg_1".to_owned());
            let count = ShownCount {
                package_id: "pkg_1".into(),
                as_of: now,
                impressions: 1,
                clicks: None,
                spent: None,
                index: None,
            };
            memory.told.insert(key, count);
        }
        memory.keep(&BTreeSet::from(["mb_2"]));
        let left = (memory.asked.len(), memory.told.len());
        assert_eq!(left, (1, 1));
        assert_eq!(memory.missed.again("mb_1", now, twice), None);
        assert_eq!(memory.missed.again("mb_2", now, twice), Some(now));
        assert!(memory.asked.contains_key("mb_2"));
    }
}
