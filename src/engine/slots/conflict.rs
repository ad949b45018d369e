//! What somebody is told who cannot have a slot: the rule that it breaks, and the three nearest
//! that are free, of the same resource and then of others of its sort.

use serde_json::json;

use super::{
    days, slot_keys,
    view::{Shown, SlotView},
};
use crate::{
    domain::slot::{
        range::days as of_range, reason::Reason, resource::Resource, span::Span,
        timetable::Timetable, token::SlotKey,
    },
    engine::{fault::Fault, work::Work},
    store::record::{Filter, Sort, Stored},
};

/// How many others are named.
const MOST: usize = 3;
/// How far away they are looked for, in seconds.
const REACH: i64 = 7 * 86_400;
/// Among how many others of the sort.
const OTHERS: u32 = 20;

/// Says why a slot cannot be had, and what can.
pub async fn conflict(
    work: &Work<'_>,
    stored: &Stored<Resource>,
    (start, seats): (i64, u32),
    reason: &Reason,
) -> Result<Fault, Fault> {
    let others = alternatives(work, stored, (start, seats)).await?;
    let message = match reason {
        Reason::Capacity { .. } | Reason::Buffer { .. } => "Slot is no longer available".to_owned(),
        other => other.sentence(),
    };
    let mut fault = Fault::conflict(reason.code(), message).with("reason", json!(reason));
    if let Reason::Capacity { taken, capacity } | Reason::Buffer { taken, capacity } = reason {
        fault = fault.with("remaining", capacity.saturating_sub(*taken));
    }
    if !others.is_empty() {
        fault = fault.hint("one of the alternatives is free");
    }
    Ok(fault.with("alternatives", json!(others)))
}

/// The nearest slots that so many can book: of the resource itself, then of others of its sort at
/// the nearest time.
pub async fn alternatives(
    work: &Work<'_>,
    stored: &Stored<Resource>,
    (start, seats): (i64, u32),
) -> Result<Vec<SlotView>, Fault> {
    let keys = slot_keys(work).await?;
    let mut found = nearest(work, stored, (start, seats), &keys).await?;
    if found.len() < MOST {
        let sort = Filter {
            parent: Some(stored.record.card.kind.name().to_owned()),
            state: Some("active".to_owned()),
            sort: Sort::Label,
            limit: OTHERS,
            ..Filter::default()
        };
        for other in work.list::<Resource>(&sort).await? {
            if found.len() >= MOST {
                break;
            }
            if other.record.id != stored.record.id {
                let more = nearest(work, &other, (start, seats), &keys).await?;
                found.extend(more.into_iter().take(1));
            }
        }
    }
    found.truncate(MOST);
    Ok(found)
}

/// The nearest slots of one resource, the nearest first.
async fn nearest(
    work: &Work<'_>,
    stored: &Stored<Resource>,
    (start, seats): (i64, u32),
    keys: &[SlotKey],
) -> Result<Vec<SlotView>, Fault> {
    if !stored.record.is_active {
        return Ok(Vec::new());
    }
    let schedule = &stored.record.schedule;
    let within = Span {
        start: start - REACH,
        end: start + REACH,
    };
    let taken = days::taken(work, (stored.record.id, schedule), within).await?;
    let days = of_range(schedule.timezone, within);
    let table = Timetable::new(schedule, days, work.now(), &taken);
    let mut slots = table.slots(within, false);
    slots.retain(|slot| slot.remaining >= seats);
    slots.sort_by_key(|slot| (slot.span.start - start).abs());
    let shown = Shown::of(stored, keys)?;
    Ok(slots
        .iter()
        .take(MOST)
        .map(|slot| shown.slot(slot))
        .collect())
}
