//! Reads what the calendar shows: what there is to book, a week of one resource with who comes,
//! all resources side by side, and one slot with the reason where nobody can have it.

use chrono::DateTime;

use crate::{
    domain::{
        ids::ResourceId,
        slot::{booking::Status, reason::Reason, zone::written},
        zone::Zone,
    },
    engine::{
        fault::Fault,
        slots::{
            availability::ListSlots,
            board::{Board, BoardRow, ShowBoard},
            bookings::ListBookings,
            explain::{ExplainSlot, Explained},
            hold::{HoldList, ListHolds},
            resources::{GetResource, ListResources},
            view::{BookingView, ResourceView, SlotView, WaitingView},
            waiting::ListWaiting,
        },
    },
    session::Session,
};

/// How many are read at once.
const PAGE: u32 = 500;
/// How many pages of anything are read at most.
const PAGES: u32 = 4;
/// A day in seconds.
pub const DAY: i64 = 86_400;
/// How far ahead is looked for the next free slot, in days.
pub const REACH: i64 = 31;

/// What can be booked.
#[derive(Debug)]
pub struct Directory {
    /// All of it, also what cannot be booked at the moment.
    pub resources: Vec<ResourceView>,
    /// How many there are beyond those.
    pub more: i64,
}

/// A stretch of time of one resource.
#[derive(Debug, Clone)]
pub struct Week {
    /// Its slots; what is over keeps the seats of those who came, and of those who did not.
    pub board: BoardRow,
    /// Who comes.
    pub bookings: Vec<BookingView>,
    /// How many come beyond those.
    pub more: i64,
    /// Who waits.
    pub waiting: Vec<WaitingView>,
}

/// An instant as it is asked for.
#[must_use]
pub fn asked(second: i64) -> String {
    written(Zone::UTC, second)
}

/// An instant as it is answered.
#[must_use]
pub fn second(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).map_or(0, |at| at.timestamp())
}

/// Reads what can be booked.
///
/// # Errors
/// When it cannot be read.
pub async fn directory(session: Session) -> Result<Directory, Fault> {
    let mut resources = Vec::new();
    let mut total = 0;
    for page in 0..PAGES {
        let list = ListResources {
            include_inactive: true,
            limit: Some(PAGE),
            offset: Some(page * PAGE),
            ..ListResources::default()
        };
        let found = session.ask(list).await?;
        total = found.total;
        let last = found.data.len() < PAGE as usize;
        resources.extend(found.data);
        if last {
            break;
        }
    }
    let known = i64::try_from(resources.len()).unwrap_or(i64::MAX);
    Ok(Directory {
        resources,
        more: (total - known).max(0),
    })
}

/// Reads a stretch of time of one resource.
///
/// # Errors
/// When it cannot be read.
pub async fn week(session: Session, id: ResourceId, from: i64, to: i64) -> Result<Week, Fault> {
    let board = ShowBoard {
        resource_ids: vec![id],
        kind: None,
        // What begins a day earlier may reach into it: nothing lasts longer.
        from: asked(from - DAY),
        to: asked(to),
    };
    let board = session.ask(board).await?.resources.into_iter().next();
    let mut board = board.ok_or_else(|| Fault::broken("a board without its resource"))?;
    let (bookings, total) = bookings(&session, Some(id), from, to).await?;
    let waiting = session.ask(ListWaiting { resource_id: id }).await?.data;
    remember(&mut board, bookings.iter());
    let known = i64::try_from(bookings.len()).unwrap_or(i64::MAX);
    Ok(Week {
        board,
        more: (total - known).max(0),
        bookings,
        waiting,
    })
}

/// Who comes from one second to another, as many as are read, and how many there are.
async fn bookings(
    session: &Session,
    resource_id: Option<ResourceId>,
    from: i64,
    to: i64,
) -> Result<(Vec<BookingView>, i64), Fault> {
    let mut bookings = Vec::new();
    let mut total = 0;
    for page in 0..PAGES {
        let list = ListBookings {
            resource_id,
            from: Some(asked(from)),
            to: Some(asked(to - 1)),
            limit: Some(PAGE),
            offset: Some(page * PAGE),
            ..ListBookings::default()
        };
        let found = session.ask(list).await?;
        total = found.total;
        let last = found.data.len() < PAGE as usize;
        bookings.extend(found.data);
        if last {
            break;
        }
    }
    Ok((bookings, total))
}

/// Puts back the seats of those who came or did not: they are free again, but were taken.
fn remember<'a>(board: &mut BoardRow, bookings: impl Iterator<Item = &'a BookingView>) {
    let over = |one: &&BookingView| matches!(one.status, Status::NoShow | Status::Completed);
    let length = i64::from(board.minutes) * 60;
    for one in bookings.filter(over) {
        let (start, end) = (second(&one.starts_at), second(&one.ends_at));
        let from = board.cells.partition_point(|cell| cell.0 + length <= start);
        let here = board.cells[from..].iter_mut();
        for cell in here.take_while(|cell| cell.0 < end) {
            cell.1 = cell.1.saturating_add(one.party_size).min(board.capacity);
        }
    }
}

/// Reads all that can be booked, side by side; what is over keeps its seats.
///
/// # Errors
/// When it cannot be read.
pub async fn all(session: Session, from: i64, to: i64, now: i64) -> Result<Board, Fault> {
    let board = ShowBoard {
        resource_ids: Vec::new(),
        kind: None,
        from: asked(from),
        to: asked(to),
    };
    let mut board = session.ask(board).await?;
    // Nothing is said of anybody whose time has not begun.
    let begun = to.min(now);
    if from < begun {
        let (over, _) = bookings(&session, None, from, begun).await?;
        for row in &mut board.resources {
            let id = row.id;
            remember(row, over.iter().filter(|one| one.resource_id == id));
        }
    }
    Ok(board)
}

/// Reads what is held.
///
/// # Errors
/// When it cannot be read.
pub async fn holds(session: Session) -> Result<HoldList, Fault> {
    session.ask(ListHolds::default()).await
}

/// Finds the next slot that can be booked, or that is full.
///
/// # Errors
/// When it cannot be read.
pub async fn next(
    session: Session,
    id: ResourceId,
    after: i64,
    is_full: bool,
) -> Result<Option<i64>, Fault> {
    let board = ShowBoard {
        resource_ids: vec![id],
        kind: None,
        from: asked(after + 1),
        to: asked(after + REACH * DAY),
    };
    let found = session.ask(board).await?.resources.into_iter().next();
    let found = found.and_then(|row| {
        let full = row.capacity;
        let fits = |cell: &&crate::engine::slots::board::Cell| {
            if is_full { cell.1 >= full } else { cell.2 }
        };
        row.cells.iter().find(fits).map(|cell| cell.0)
    });
    Ok(found)
}

/// A slot by its name, with what it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The slot.
    pub slot: SlotView,
    /// What it is of.
    pub resource: String,
    /// Whose clock hangs on its wall.
    pub zone: String,
}

/// What came of looking at a slot.
#[derive(Debug, Clone)]
pub struct Picked {
    /// The slot, where it can be had.
    pub offer: Option<Offer>,
    /// Why it cannot, or that it can.
    pub why: Explained,
    /// The nearest that can.
    pub instead: Vec<Offer>,
    /// The slot that would be left, to come back to.
    pub back: Option<SlotView>,
    /// The slot, where all that keeps anybody from it is who else has it.
    pub full: Option<Offer>,
}

impl Picked {
    /// The slot, if somebody may have to wait for it: it is full, or not all of it is free.
    #[must_use]
    pub fn to_wait_for(&self) -> Option<&Offer> {
        let partly = |offer: &&Offer| offer.slot.remaining < offer.slot.capacity;
        self.full.as_ref().or(self.offer.as_ref().filter(partly))
    }
}

/// Looks at a slot for so many; for a booking that leaves another one, where it is given.
///
/// # Errors
/// When it cannot be looked at.
pub async fn pick(
    session: Session,
    resource_id: ResourceId,
    at: i64,
    seats: u32,
    moving: Option<BookingView>,
) -> Result<Picked, Fault> {
    let question = ExplainSlot {
        resource_id,
        at: asked(at),
        party_size: Some(seats),
    };
    let why = session.ask(question).await?;
    let mut slot = why.slot.clone();
    let mut back = None;
    if let Some(moving) = &moving {
        let left = second(&moving.starts_at);
        back = named(&session, moving.resource_id, left).await?;
        // Its own seats are free once it has left them: the engine decides.
        let length = second(&moving.ends_at) - left;
        if slot.is_none() && moving.resource_id == resource_id && (at - left).abs() < length {
            slot = named(&session, resource_id, at).await?;
        }
    }
    let offer = match slot {
        Some(slot) => Some(offer(&session, slot).await?),
        None => None,
    };
    let taken = matches!(
        why.reason,
        Some(Reason::Capacity { .. } | Reason::Buffer { .. })
    );
    let full = if taken {
        named(&session, resource_id, at).await?
    } else {
        None
    };
    let full = match full {
        Some(slot) => Some(self::offer(&session, slot).await?),
        None => None,
    };
    let instead = offers(&session, why.alternatives.clone()).await?;
    Ok(Picked {
        offer,
        why,
        instead,
        back,
        full,
    })
}

/// The slot that begins then, full or not.
async fn named(session: &Session, id: ResourceId, at: i64) -> Result<Option<SlotView>, Fault> {
    let list = ListSlots {
        resource_id: id,
        from: Some(asked(at)),
        to: Some(asked(at + 1)),
        include_full: true,
        party_size: None,
    };
    Ok(session.ask(list).await?.data.into_iter().next())
}

async fn offer(session: &Session, slot: SlotView) -> Result<Offer, Fault> {
    let resource_id = slot.resource_id;
    let of = session.ask(GetResource { resource_id }).await?.resource;
    Ok(Offer {
        slot,
        resource: of.card.name,
        zone: of.schedule.timezone.to_string(),
    })
}

/// Slots with what each is of.
///
/// # Errors
/// When that cannot be read.
pub async fn offers(session: &Session, slots: Vec<SlotView>) -> Result<Vec<Offer>, Fault> {
    let mut all = Vec::new();
    for slot in slots {
        all.push(offer(session, slot).await?);
    }
    Ok(all)
}
