//! What a calendar shows: every slot of some resources on some days, whether it can still be
//! booked or not, and how much of it is taken. For people who look, in as few bytes as that takes.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    days, resource,
    upstream::offers::{self, AskedView},
};
use crate::{
    domain::{
        ids::ResourceId,
        policy::Permission,
        problem::{Code, Problem},
        slot::{
            load::Taken,
            range::{days as of_range, range},
            resource::{Resource, ResourceType},
            span::Span,
            timetable::Timetable,
        },
        when::Instant,
        zone::Zone,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// The most resources of one board.
const MOST: u32 = 200;
/// The most days of one board.
const MOST_DAYS: i64 = 32;
/// Of how many resources another company's system is asked at a time.
const AT_ONCE: usize = 4;

/// Asks for a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShowBoard {
    /// Of which resources; of all that can be booked where none is named.
    #[serde(default)]
    pub resource_ids: Vec<ResourceId>,
    /// Only of this type, where none is named.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ResourceType>,
    /// From when: a day by the clock of each place, or an instant.
    pub from: String,
    /// Until when; a day is part of it.
    pub to: String,
}

/// A slot of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cell(
    /// When it begins, in seconds since 1970.
    pub i64,
    /// How much of it is taken.
    pub u32,
    /// Whether it can still be booked.
    pub bool,
);

/// When a resource is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    /// From when, in seconds since 1970.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// Why, or by what it is called.
    pub why: String,
}

/// The slots of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BoardRow {
    /// Of which.
    pub id: ResourceId,
    /// What it is called.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ResourceType,
    /// Whose clock hangs on its wall.
    pub timezone: String,
    /// Whether it can be booked.
    pub is_active: bool,
    /// How many a slot serves at once.
    pub capacity: u32,
    /// How many minutes a slot lasts.
    pub minutes: u32,
    /// How many minutes lie between the beginnings of two.
    pub step: u32,
    /// The slots, in order.
    pub cells: Vec<Cell>,
    /// When it is closed.
    pub closures: Vec<Closed>,
    /// Who said what is free, and when, where that is another company's system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<AskedView>,
}

/// A board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Board {
    /// By name.
    pub resources: Vec<BoardRow>,
    /// Whether there are more than are shown.
    pub more: bool,
}

impl Operation for ShowBoard {
    const NAME: &'static str = "slots.board";
    const ABOUT: &'static str =
        "Show every slot of some resources on some days, and how much is taken.";
    const KIND: Kind = Kind::Query(Permission::ReadSlots);
    type Output = Board;

    async fn perform(self, work: &mut Work<'_>) -> Result<Board, Fault> {
        let (found, more) = wanted(work, &self).await?;
        let mut asked = Vec::with_capacity(found.len());
        for stored in &found {
            let Resource { id, schedule, .. } = &stored.record;
            asked.push((*id, schedule, within(work, &self, schedule.timezone)?));
        }
        let taken = days::taken_of(work, &asked).await?;
        let each = found.iter().zip(&asked).zip(&taken);
        let shared = &*work;
        let rows = each.map(|((stored, (.., within)), taken)| async move {
            let row = row(&stored.record, (*within, shared.now()), taken);
            elsewhere(shared, &stored.record, (row, *within)).await
        });
        let rows: Vec<_> = rows.collect();
        let resources = stream::iter(rows).buffered(AT_ONCE).try_collect().await?;
        Ok(Board { resources, more })
    }
}

async fn wanted(work: &Work<'_>, ask: &ShowBoard) -> Result<(Vec<Stored<Resource>>, bool), Fault> {
    if ask.resource_ids.len() > MOST as usize {
        let said = format!("are more than {MOST}");
        let problem = Problem::new("resourceIds", Code::TOO_MANY, said);
        return Err(Fault::field(problem));
    }
    if !ask.resource_ids.is_empty() {
        return Ok((named(work, &ask.resource_ids).await?, false));
    }
    let filter = Filter {
        parent: ask.kind.map(|kind| kind.name().to_owned()),
        state: Some("active".to_owned()),
        sort: Sort::Label,
        limit: MOST + 1,
        ..Filter::default()
    };
    let mut found = work.list::<Resource>(&filter).await?;
    let more = found.len() > MOST as usize;
    found.truncate(MOST as usize);
    Ok((found, more))
}

/// The resources of these names, in their order.
async fn named(work: &Work<'_>, ids: &[ResourceId]) -> Result<Vec<Stored<Resource>>, Fault> {
    let filter = Filter {
        ids: Some(ids.iter().map(ToString::to_string).collect()),
        limit: MOST,
        ..Filter::default()
    };
    let known = work.list::<Resource>(&filter).await?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        match known.iter().find(|stored| stored.record.id == *id) {
            Some(stored) => found.push(stored.clone()),
            // Says that there is none.
            None => found.push(resource(work, *id).await?),
        }
    }
    Ok(found)
}

/// From when until when a board is, where that is its zone.
fn within(work: &Work<'_>, ask: &ShowBoard, zone: Zone) -> Result<Span, Fault> {
    let (from, to) = (Some(&*ask.from), Some(&*ask.to));
    let within = range(zone, work.now(), from, to).map_err(Fault::field)?;
    if within.end - within.start > (MOST_DAYS + 1) * 86_400 {
        let said = format!("a board has at most {MOST_DAYS} days");
        let problem = Problem::new("to", Code::new("RANGE_TOO_LONG"), said);
        return Err(Fault::field(problem));
    }
    Ok(within)
}

fn row(resource: &Resource, (within, now): (Span, Instant), taken: &[Taken]) -> BoardRow {
    let schedule = &resource.schedule;
    let zone = schedule.timezone;
    let table = Timetable::new(schedule, of_range(zone, within), now, taken);
    let cells = table.all(within).into_iter().map(|(slot, is_offered)| {
        let taken = slot.capacity - slot.remaining;
        Cell(slot.span.start, taken, resource.is_active && is_offered)
    });
    BoardRow {
        id: resource.id,
        name: resource.card.name.clone(),
        kind: resource.card.kind,
        timezone: zone.to_string(),
        is_active: resource.is_active,
        capacity: schedule.max_concurrent,
        minutes: schedule.default_duration_minutes,
        step: schedule.step(),
        cells: cells.collect(),
        closures: closed(resource, within),
        upstream: None,
    }
}

/// What is free of a resource that lives in another company's system, which is asked.
async fn elsewhere(
    work: &Work<'_>,
    resource: &Resource,
    (row, within): (BoardRow, Span),
) -> Result<BoardRow, Fault> {
    let Some(known) = &resource.upstream else {
        return Ok(row);
    };
    let free = offers::free(work, resource, known, within).await?;
    Ok(BoardRow {
        cells: offers::cells(work, resource, (&free, within)).await?,
        upstream: Some(free.asked),
        ..row
    })
}

fn closed(resource: &Resource, within: Span) -> Vec<Closed> {
    let zone = resource.schedule.timezone;
    let closures = resource.schedule.closures.iter();
    let closures = closures.filter_map(|closure| {
        let span = closure.span(zone)?;
        span.meets(within).then(|| Closed {
            start: span.start,
            end: span.end,
            why: closure.reason.clone().unwrap_or_else(|| closure.id.clone()),
        })
    });
    closures.collect()
}
