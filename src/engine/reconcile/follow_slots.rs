//! Follows the slot services in which tenants' slots live: reads what can be booked and who has,
//! has written what has changed, and keeps what is free for when it cannot be asked. What one look
//! does not show proves nothing: it counts as gone once it was not shown in some looks over
//! minutes, and then it is kept, and marked.

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
        ids::ResourceId,
        slot::{
            span::Span,
            upstream::{
                shown::{ShownBooking, ShownResource, ShownSlot},
                state::{Contact, Counts, LastSlots},
            },
        },
        tenant::caller::Caller,
        when::Instant,
    },
    engine::{
        core::{Core, Terms},
        fault::Fault,
        slots::upstream::{
            DESK, FOLLOW,
            mirror::{self, Change, MirrorSlots, NoteSlotContact},
            mirrored::{Known, MirroredSlots, ReadMirroredSlots, bookings, resources},
            places::Place,
        },
    },
    peers::upstream::slots::{Away, Which},
    store::Lease,
};

/// How far back bookings are followed, in days.
const BACK: i64 = 31;
/// How far ahead.
const AHEAD: i64 = 400;
/// In how many looks something must be missed before it counts as gone.
const LOOKS: u32 = 3;
/// The longest between two looks at what cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Of how many resources what is free is kept with one look.
const SHELVES: usize = 6;
/// How long what is free is kept before it is asked again.
const SHELF: chrono::Duration = chrono::Duration::minutes(5);
/// How many days ahead what is free is kept.
const SHELF_DAYS: i64 = 14;

/// Makes sure that every tenant's slot service is followed.
///
/// # Errors
/// When the store cannot be written.
pub async fn schedule(core: &Core) -> Result<(), Fault> {
    begin(core, core.desk().slot_services.tenants(), (FOLLOW, DESK)).await
}

/// Follows slot services.
#[derive(Default)]
pub struct FollowSlots {
    memories: Memories<Memory>,
}

/// What is remembered between two looks; forgetting it only makes patience begin again.
#[derive(Default)]
struct Memory {
    failures: u32,
    /// Since when something was not shown, and in how many looks.
    missed: Missed,
    /// What was free of each resource, and when that was asked.
    shelves: HashMap<ResourceId, (Instant, Vec<ShownSlot>)>,
}

/// What was seen.
struct Seen {
    resources: Vec<ShownResource>,
    bookings: Vec<ShownBooking>,
    more: bool,
}

#[async_trait]
impl Reconciler for FollowSlots {
    fn kind(&self) -> &'static str {
        FOLLOW
    }

    fn waits(&self) -> bool {
        true
    }

    async fn run(&self, core: &Core, lease: &Lease) -> Result<Next, Fault> {
        let Some(place) = core.desk().slot_services.of(&lease.tenant) else {
            return Ok(Next::Done);
        };
        let memory = self.memories.of(&lease.tenant);
        let mut memory = memory.lock().await;
        let look = Look { core, lease, place };
        let now = core.clock().now();
        if let Some(until) = place.alone_until(now) {
            return Ok(Next::At(until));
        }
        let (from, to) = (
            now - chrono::Duration::days(BACK),
            now + chrono::Duration::days(AHEAD),
        );
        let seen = look.see(from, to).await;
        // Read behind the lists: what was sent from here meanwhile is known by now.
        let engine = Caller::engine(lease.tenant.clone());
        let known = core.ask(&engine, ReadMirroredSlots { from, to }).await?;
        let seen = match seen {
            Ok(seen) => seen,
            Err(away) => {
                place.heed(&away, core.clock().now());
                look.note(known.contact.as_ref(), (Some(away.why), None))
                    .await?;
                memory.failures += 1;
                let pause = pause(place.poll, memory.failures, LONGEST_PAUSE);
                let again = core.clock().now() + pause;
                let alone = place.alone_until(core.clock().now());
                return Ok(Next::At(alone.map_or(again, |until| until.max(again))));
            }
        };
        memory.failures = 0;
        place.look(core.clock().now());
        let counts = look.compare(&mut memory, &seen, &known).await?;
        look.stock(&mut memory, &seen.resources).await?;
        look.note(known.contact.as_ref(), (None, Some(counts)))
            .await?;
        Ok(Next::At(core.clock().now() + place.poll))
    }

    async fn give_up(&self, _: &Core, lease: &Lease, fault: &Fault) -> Result<GivenUp, Fault> {
        tracing::error!(tenant = %lease.tenant, %fault, "the slot service is not followed for a while");
        Ok(GivenUp::Rests)
    }
}

/// Whether something is new, has come back, or is shown otherwise than before.
fn moved(known: Option<&Known>, digest: &str) -> bool {
    known.is_none_or(|known| known.mark.gone || known.mark.digest != digest)
}

/// One look.
struct Look<'a> {
    core: &'a Core,
    lease: &'a Lease,
    place: &'a Arc<Place>,
}

impl Look<'_> {
    async fn see(&self, from: Instant, to: Instant) -> Result<Seen, Away> {
        let (resources, more) = resources(self.place).await?;
        let which = Which {
            resource: None,
            from,
            to,
        };
        let (bookings, many) = bookings(self.place, &which).await?;
        let inside = |one: &ShownBooking| (from..to).contains(&one.starts_at);
        Ok(Seen {
            resources,
            bookings: bookings.into_iter().filter(inside).collect(),
            more: more || many,
        })
    }

    /// Writes down that it can be reached again, or cannot any more, and how much there is.
    async fn note(
        &self,
        known: Option<&Contact>,
        (trouble, counts): (Option<String>, Option<Counts>),
    ) -> Result<(), Fault> {
        let same = known.is_some_and(|known| {
            known.trouble == trouble && counts.is_none_or(|counts| counts == known.counts)
        });
        if same {
            return Ok(());
        }
        self.command(NoteSlotContact { trouble, counts }).await
    }

    async fn command<O: crate::engine::operation::Operation>(
        &self,
        operation: O,
    ) -> Result<(), Fault> {
        let engine = Caller::engine(self.lease.tenant.clone());
        let terms = Terms::under(self.lease.held.clone());
        self.core.ask_on(&engine, operation, terms).await.map(drop)
    }

    async fn write(&self, changes: Vec<Change>) -> Result<(), Fault> {
        for some in changes.chunks(mirror::MOST) {
            let changes = some.to_vec();
            self.command(MirrorSlots { changes }).await?;
        }
        Ok(())
    }

    /// Compares what is shown with what is known, has the difference written, and counts.
    async fn compare(
        &self,
        memory: &mut Memory,
        seen: &Seen,
        known: &MirroredSlots,
    ) -> Result<Counts, Fault> {
        let by_id = |all: &[Known]| -> BTreeMap<String, Known> {
            let all = all.iter().map(|one| (one.mark.id.clone(), one.clone()));
            all.collect()
        };
        let (resources, bookings) = (by_id(&known.resources), by_id(&known.bookings));
        let changed = seen.resources.iter();
        let changed = changed.filter(|one| moved(resources.get(&one.id), &one.digest()));
        let found: Vec<Change> = changed
            .map(|one| Change::Resource(Box::new(one.clone())))
            .collect();
        // First, because bookings go by the clocks of what they are of.
        self.write(found).await?;
        let expected = |one: &ShownBooking| {
            let mut all = known.expected.iter();
            all.any(|(resource, start, email)| one.is_for(resource, *start, email))
        };
        let changed = seen.bookings.iter().filter(|one| {
            let known = bookings.get(&one.id);
            moved(known, &one.digest()) && (known.is_some() || !expected(one))
        });
        let mut changes: Vec<Change> = changed
            .map(|one| Change::Booking(Box::new(one.clone())))
            .collect();
        let lost = self.lost(memory, seen, (&resources, &bookings)).await;
        let is_lost = |change: &&Change| !matches!(change, Change::Booking(_));
        let newly = lost.iter().filter(is_lost).count();
        changes.extend(lost);
        self.write(changes).await?;
        let there = |id: &str| seen.resources.iter().any(|one| one.id == id);
        let listed: BTreeSet<&str> = seen.bookings.iter().map(|one| one.id.as_str()).collect();
        let gone = |one: &&Known| {
            let shown = there(&one.mark.id) || listed.contains(one.mark.id.as_str());
            one.mark.gone && !shown
        };
        let gone = resources.values().chain(bookings.values()).filter(gone);
        let gone = gone.count() + newly;
        let differ = bookings.values().filter(|one| one.mark.differs > 0).count();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Ok(Counts {
            resources: count(seen.resources.len()),
            bookings: count(seen.bookings.len()),
            gone: count(gone),
            differ: count(differ),
            more: seen.more,
        })
    }

    /// What is not shown any more, often and long enough; or is, once it is asked for by its name.
    async fn lost(
        &self,
        memory: &mut Memory,
        seen: &Seen,
        (resources, bookings): (&BTreeMap<String, Known>, &BTreeMap<String, Known>),
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let there: BTreeSet<&str> = seen.resources.iter().map(|one| one.id.as_str()).collect();
        for one in resources.values() {
            let shown = there.contains(one.mark.id.as_str()) || seen.more;
            if let Some(since) = self.missed(memory, ("resource", one), shown)
                && let Ok(id) = one.id.parse()
            {
                changes.push(Change::LostResource { id, since });
            }
        }
        memory.missed.keep(|key| match key.split_once(' ') {
            Some(("resource", id)) => resources.contains_key(id),
            Some((_, id)) => bookings.contains_key(id),
            None => false,
        });
        let there: BTreeSet<&str> = seen.bookings.iter().map(|one| one.id.as_str()).collect();
        for one in bookings.values() {
            let shown = there.contains(one.mark.id.as_str()) || seen.more;
            let lost = self.missed(memory, ("booking", one), shown);
            let (Some(since), Ok(id)) = (lost, one.id.parse()) else {
                continue;
            };
            // A list may leave out what is asked for by its name; that may have moved, too.
            match self.place.client.booking(&one.mark.id).await {
                Ok(None) => changes.push(Change::LostBooking { id, since }),
                Ok(Some(shown)) if moved(Some(one), &shown.digest()) => {
                    changes.push(Change::Booking(Box::new(shown)));
                }
                Ok(Some(_)) | Err(_) => {}
            }
        }
        changes
    }

    /// Counts that something was not shown; once that is often and long enough, since when.
    fn missed(
        &self,
        memory: &mut Memory,
        (what, known): (&str, &Known),
        shown: bool,
    ) -> Option<Instant> {
        let key = format!("{what} {}", known.mark.id);
        if shown || known.mark.gone {
            memory.missed.shown(&key);
            return None;
        }
        let now = self.core.clock().now();
        let bounds = (LOOKS, self.place.gone_after);
        memory.missed.again(&key, now, bounds)
    }

    /// Keeps what is free of a few resources: those of which that is oldest.
    async fn stock(&self, memory: &mut Memory, all: &[ShownResource]) -> Result<(), Fault> {
        let now = self.core.clock().now();
        let named: Vec<(ResourceId, &ShownResource)> = all
            .iter()
            .filter(|one| one.is_active)
            .map(|one| {
                let id = crate::domain::slot::upstream::resource_id(&self.lease.tenant, &one.id);
                (id, one)
            })
            .collect();
        memory
            .shelves
            .retain(|id, _| named.iter().any(|(known, _)| known == id));
        let age = |id: &ResourceId| memory.shelves.get(id).map(|(at, _)| *at);
        let mut old: Vec<_> = named
            .iter()
            .filter(|(id, _)| age(id).is_none_or(|at| now - at >= SHELF))
            .collect();
        old.sort_by_key(|(id, _)| age(id));
        let mut changes = Vec::new();
        let start = now.timestamp().div_euclid(86_400) * 86_400;
        let span = Span {
            start,
            end: start + SHELF_DAYS * 86_400,
        };
        let old: Vec<(ResourceId, String)> = old
            .into_iter()
            .take(SHELVES)
            .map(|(id, one)| (*id, one.id.clone()))
            .collect();
        for (resource, remote) in old {
            let Ok(slots) = self.place.ask(&remote, span, now).await else {
                break;
            };
            memory.shelves.insert(resource, (now, slots.clone()));
            changes.push(Change::Offers(LastSlots {
                resource,
                from: span.start,
                to: span.end,
                at: now,
                slots,
            }));
        }
        self.write(changes).await
    }
}
