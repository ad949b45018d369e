//! Time that is booked: what can be, when, who has, who waits, and what became of it. What a slot
//! is and why it cannot be booked is said in `domain::slot`; here it is read, decided once, and
//! committed with the diaries of the days that it takes, so that two can never both have it.

pub mod availability;
pub mod board;
pub mod book;
pub mod bookings;
pub mod calendar;
pub mod cancel;
mod conflict;
mod days;
pub mod explain;
pub mod hold;
pub mod keys;
pub mod reschedule;
pub mod resources;
pub mod settle;
pub mod upstream;
pub mod view;
pub mod waiting;

use crate::{
    domain::{
        ids::ResourceId,
        problem::{Code, Problem},
        slot::{
            booking::{Booking, Refusal},
            load::Taken,
            reason::Reason,
            resource::Resource,
            timetable::{Slot, Timetable},
            token::{SlotId, SlotKey},
            zone::written,
        },
        when::Instant,
        zone::Zone,
    },
    engine::{
        fault::{Fault, FaultKind},
        work::Work,
    },
    store::{record::Stored, records::SlotKeys},
};

/// The reconciler that ends holds.
pub const END_HOLDS: &str = "end_holds";

/// Under which name the things of slots are told.
const BOOKING: &str = "slot_booking";

/// Reads a resource that must be there.
async fn resource(work: &Work<'_>, id: ResourceId) -> Result<Stored<Resource>, Fault> {
    work.find::<Resource, _>(id).await
}

/// The keys under which the tenant's slots are named: those that were made, or the one that every
/// tenant has until one is.
async fn slot_keys(work: &Work<'_>) -> Result<Vec<SlotKey>, Fault> {
    if let Some(made) = work.get::<SlotKeys>(SlotKeys::ID).await? {
        return Ok(made.record.keys());
    }
    let secret = work.desk().secret.key(work.tenant(), "slots");
    let secret = secret.ok_or_else(|| Fault::broken("a slot key cannot be made"))?;
    Ok(vec![SlotKey { id: 0, secret }])
}

/// Reads the name of a slot. Whatever is none, of this tenant, is refused in the same words.
async fn open(work: &Work<'_>, slot_id: &str) -> Result<SlotId, Fault> {
    let keys = slot_keys(work).await?;
    SlotId::open(slot_id, &keys).ok_or_else(|| {
        let message = "the slot id is not one that was given out here";
        Fault::new(FaultKind::Malformed, "INVALID_SLOT_ID", message)
            .hint("take slotId from the availability of the resource, as it is")
    })
}

/// The revision of a resource as it stands in the name of a slot.
fn cut(revision: i64) -> u32 {
    u32::try_from(revision & i64::from(u32::MAX)).unwrap_or_default()
}

/// How many come together: one where nobody says.
fn party(seats: Option<u32>) -> Result<u32, Fault> {
    match seats.unwrap_or(1) {
        0 => Err(Fault::field(Problem::new(
            "partySize",
            Code::new("INVALID_SIZE"),
            "is 0; at least one comes",
        ))),
        seats => Ok(seats),
    }
}

/// Says why a booking does not become what was asked for.
fn refused(refusal: Refusal) -> Fault {
    Fault::wrong_state("INVALID_TRANSITION", refusal.to_string())
}

/// Whether a slot begins then that so many can still book.
fn judged(
    work: &Work<'_>,
    resource: &Resource,
    (start, seats): (i64, u32),
    taken: &[Taken],
) -> Result<Slot, Reason> {
    if !resource.is_active {
        return Err(Reason::Inactive);
    }
    Timetable::around(&resource.schedule, start, work.now(), taken).judge(start, seats)
}

/// What is told of a slot: of what and when it is, and nobody's name.
fn named(resource: &str, zone: Zone, starts_at: Instant) -> String {
    format!("{resource}, {}", written(zone, starts_at.timestamp()))
}

/// What is told of a booking.
fn said(booking: &Booking) -> String {
    named(&booking.resource_name, booking.timezone, booking.starts_at)
}
