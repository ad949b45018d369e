//! The slots of a resource that can be booked now.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    days, party, resource, slot_keys,
    upstream::offers::{AskedView, free, known, views},
    view::{Shown, SlotView},
};
use crate::{
    domain::{
        ids::ResourceId,
        policy::Permission,
        problem::{Code, Problem},
        slot::{
            range::{days as of_range, range},
            timetable::Timetable,
            upstream::shown::ShownSlot,
            zone::written,
        },
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// The most slots of one answer: a year of quarters of an hour, and some.
const MOST: usize = 50_000;

/// Lists the slots of a resource.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListSlots {
    /// Of which.
    pub resource_id: ResourceId,
    /// From when: a day or an instant; from now where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until when; a day is part of it. A week where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Those that nobody can book any more too.
    #[serde(default)]
    pub include_full: bool,
    /// Only those that so many can still book together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_size: Option<u32>,
}

/// Slots, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SlotList {
    /// The slots.
    pub data: Vec<SlotView>,
    /// Whose clock hangs on the wall.
    pub timezone: String,
    /// From when.
    pub from: String,
    /// Until when.
    pub to: String,
    /// The revision of the resource.
    pub resource_revision: i64,
    /// Who said what is free, and when, where that is another company's system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<AskedView>,
}

impl Operation for ListSlots {
    const NAME: &'static str = "slots.availability";
    const ABOUT: &'static str = "List the slots of a resource that can be booked, in order.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = SlotList;

    async fn perform(self, work: &mut Work<'_>) -> Result<SlotList, Fault> {
        let stored = resource(work, self.resource_id).await?;
        let seats = party(self.party_size)?;
        let schedule = &stored.record.schedule;
        let zone = schedule.timezone;
        let (from, to) = (self.from.as_deref(), self.to.as_deref());
        let within = range(zone, work.now(), from, to).map_err(Fault::field)?;
        if let Some(known) = &stored.record.upstream {
            let free = free(work, &stored.record, known, within).await?;
            let mut free = self::known(free)?;
            let wanted = |slot: &ShownSlot| self.include_full || slot.remaining >= seats;
            free.slots.retain(wanted);
            free.slots.truncate(MOST);
            return Ok(SlotList {
                data: views(work, &stored, &free.slots).await?,
                timezone: zone.to_string(),
                from: written(zone, within.start),
                to: written(zone, within.end),
                resource_revision: stored.revision,
                upstream: Some(free.asked),
            });
        }
        let taken = days::taken(work, (stored.record.id, schedule), within).await?;
        let table = Timetable::new(schedule, of_range(zone, within), work.now(), &taken);
        let mut slots = if stored.record.is_active {
            table.slots(within, self.include_full)
        } else {
            Vec::new()
        };
        slots.retain(|slot| self.include_full || slot.remaining >= seats);
        if slots.len() > MOST {
            let said = format!(
                "the range has {} slots; at most {MOST} are listed",
                slots.len()
            );
            let problem = Problem::new("to", Code::new("RANGE_TOO_LONG"), said);
            return Err(Fault::field(problem.hint("ask for less at once")));
        }
        let shown = Shown::of(&stored, &slot_keys(work).await?)?;
        Ok(SlotList {
            data: slots.iter().map(|slot| shown.slot(slot)).collect(),
            timezone: zone.to_string(),
            from: written(zone, within.start),
            to: written(zone, within.end),
            resource_revision: stored.revision,
            upstream: None,
        })
    }
}
