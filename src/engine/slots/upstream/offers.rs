//! What is free of resources that live in a slot service, as our own desk shows it: slots with
//! names of ours, the cells of a board, the nearest alternatives. Asked there, or told with its
//! age; what is full there is filled from the mirror. Decides nothing: the other side does.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        board::Cell,
        slot_keys,
        view::{Shown, SlotView},
    },
    not_set_up,
    places::Offers,
};
use crate::{
    domain::{
        slot::{
            booking::{Booking, Status},
            resource::Resource,
            span::{Span, seconds},
            timetable::Slot,
            upstream::{Elsewhere, shown::ShownSlot, state::LastSlots},
        },
        when::rfc3339,
    },
    engine::{
        fault::{Fault, FaultKind},
        upstream::ago,
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// How many others are named.
const ALTERNATIVES: usize = 3;
/// How far away they are looked for, in seconds.
const REACH: i64 = 7 * 86_400;
/// The most bookings that a board is filled from.
const MOST: u32 = 5_000;

/// Who said what is free, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SlotsAsked")]
pub struct AskedView {
    /// What the slot service is called.
    pub name: String,
    /// When it said so; nothing where it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why nothing newer is known, where it was asked in vain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl AskedView {
    /// In a sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { name, trouble, .. } = self;
        match (trouble, self.age_seconds) {
            (None, None) => format!("{name} says nothing of what is over"),
            (None, Some(age)) => format!("what is free was asked of {name} {}", ago(age)),
            (Some(why), Some(age)) => format!(
                "{name} cannot be asked ({why}): what is free is as it was {}",
                ago(age)
            ),
            (Some(why), None) => {
                format!("{name} cannot be asked ({why}): what is free is not known")
            }
        }
    }
}

/// What is known of what is free.
pub(in crate::engine) struct Free {
    /// The slots that begin in the stretch of time, by when they do.
    pub slots: Vec<ShownSlot>,
    /// Who said so, and when.
    pub asked: AskedView,
}

/// Asks what is free of a resource; where that cannot be asked, tells what was known last.
pub(in crate::engine) async fn free(
    work: &Work<'_>,
    resource: &Resource,
    known: &Elsewhere,
    within: Span,
) -> Result<Free, Fault> {
    let place = work.desk().slot_services.of(work.tenant());
    let place = place.ok_or_else(not_set_up)?;
    let now = work.now();
    let offers = match place.offers(&known.id, within, now).await {
        Ok(offers) => offers,
        Err(why) => {
            let last = work.get::<LastSlots>(&resource.id.to_string()).await?;
            let last = last.map(|stored| stored.record);
            let last = last.filter(|last| last.from < within.end && within.start < last.to);
            let Some(last) = last else {
                return Ok(Free {
                    slots: Vec::new(),
                    asked: AskedView {
                        name: place.name.clone(),
                        asked_at: None,
                        age_seconds: None,
                        trouble: Some(why),
                    },
                });
            };
            Offers {
                slots: last.slots,
                at: last.at,
                trouble: Some(why),
            }
        }
    };
    let begun = now.timestamp();
    let here =
        |slot: &ShownSlot| (within.start..within.end).contains(&slot.start) && slot.start >= begun;
    Ok(Free {
        slots: offers.slots.into_iter().filter(here).collect(),
        asked: AskedView {
            name: place.name.clone(),
            asked_at: Some(rfc3339(offers.at)),
            age_seconds: Some((now - offers.at).num_seconds().max(0)),
            trouble: offers.trouble,
        },
    })
}

/// Refuses to say that nothing is free where nothing is known.
pub(in crate::engine) fn known(free: Free) -> Result<Free, Fault> {
    match (&free.asked.trouble, &free.asked.age_seconds) {
        (Some(why), None) => {
            let name = &free.asked.name;
            let message = format!("{name} cannot be asked what is free now: {why}");
            let fault = Fault::new(FaultKind::Busy, "UPSTREAM_UNREACHED", message);
            Err(fault.hint("ask again in a moment; slots.desk tells since when it is so"))
        }
        _ => Ok(free),
    }
}

/// A slot there as one of ours.
pub(in crate::engine) fn slot(resource: &Resource, shown: &ShownSlot) -> Slot {
    let length = seconds(resource.schedule.default_duration_minutes);
    let end = if shown.end > shown.start {
        shown.end
    } else {
        shown.start + length
    };
    let capacity = shown.capacity.unwrap_or(resource.schedule.max_concurrent);
    Slot {
        span: Span {
            start: shown.start,
            end,
        },
        remaining: shown.remaining,
        capacity: capacity.max(shown.remaining),
    }
}

/// Slots there under names of ours.
pub(in crate::engine) async fn views(
    work: &Work<'_>,
    stored: &Stored<Resource>,
    slots: &[ShownSlot],
) -> Result<Vec<SlotView>, Fault> {
    let shown = Shown::of(stored, &slot_keys(work).await?)?;
    let own = slots.iter().map(|one| slot(&stored.record, one));
    Ok(own.map(|slot| shown.slot(&slot)).collect())
}

/// The nearest that are free, the nearest first.
pub(in crate::engine) fn nearest(slots: &[ShownSlot], start: i64) -> Vec<ShownSlot> {
    let mut others: Vec<ShownSlot> = slots.to_vec();
    others.retain(|slot| slot.start != start && slot.remaining > 0);
    others.sort_by_key(|slot| (slot.start - start).abs());
    others.truncate(ALTERNATIVES);
    others
}

/// The stretch of time in which alternatives are looked for.
#[must_use]
pub(in crate::engine) fn around(start: i64) -> Span {
    Span {
        start: start - REACH,
        end: start + REACH,
    }
}

/// The cells of a board: what is offered, and what is booked where nothing is.
pub(in crate::engine) async fn cells(
    work: &Work<'_>,
    resource: &Resource,
    (free, within): (&Free, Span),
) -> Result<Vec<Cell>, Fault> {
    let filter = Filter {
        parent: Some(resource.id.to_string()),
        begins: Some((within.starts_at(), within.ends_at())),
        state: Some(Status::Confirmed.name().to_owned()),
        sort: Sort::Begins,
        limit: MOST,
        ..Filter::default()
    };
    let mut booked: BTreeMap<i64, u32> = BTreeMap::new();
    for one in work.list::<Booking>(&filter).await? {
        let booking = one.record;
        let start = booking.starts_at.timestamp();
        *booked.entry(start).or_default() += booking.seats;
    }
    let most = resource.schedule.max_concurrent;
    let mut cells: BTreeMap<i64, Cell> = booked
        .into_iter()
        .map(|(start, seats)| (start, Cell(start, seats.min(most), false)))
        .collect();
    for shown in &free.slots {
        let own = slot(resource, shown);
        let known = cells.get(&shown.start).map_or(0, |cell| cell.1);
        // What was said long ago may not know yet who has booked since.
        let known = free.asked.trouble.as_ref().map_or(0, |_| known);
        let taken = own.capacity.saturating_sub(own.remaining).max(known);
        let is_free = taken < own.capacity && resource.is_active;
        cells.insert(shown.start, Cell(shown.start, taken, is_free));
    }
    Ok(cells.into_values().collect())
}
