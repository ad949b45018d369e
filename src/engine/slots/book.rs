//! Books a slot, or the slot that was held. What the name of a slot says was true when it was
//! given out; whether it is still is decided here, on the diaries that the commit will write.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    BOOKING,
    bookings::GetBooking,
    conflict::conflict,
    cut,
    days::Days,
    hold::{find_kept, taken_up},
    judged, open, party, resource, said,
    upstream::{begin, carry},
    view::BookingView,
    waiting,
};
use crate::{
    domain::{
        ids::{BookingId, HoldId, ResourceId},
        policy::Permission,
        problem::{Code, Problem},
        slot::{
            booking::{Booking, Status},
            guest::Guest,
            hold::Hold,
            reason::Reason,
            resource::Resource,
            span::Span,
            token::SlotId,
        },
        tenant::caller::Caller,
        when::stored,
    },
    engine::{
        core::Core,
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Stored,
};

/// Books a slot.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookSlot {
    /// Which, by its name in the availability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_id: Option<String>,
    /// Or the slot that this hold keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    /// The guest's first name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The guest's last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Where to write to the guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where to call the guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What else the guest said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What the guest is interested in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// Where the booking came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Value>,
    /// How many come together; one where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_size: Option<u32>,
}

/// A booking, as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Booked {
    /// The booking.
    pub booking: BookingView,
}

impl Booked {
    /// As it is once what is on its way to another company's system has come to its end.
    pub(super) async fn carried(core: &Core, caller: &Caller, is: Self) -> Result<Self, Fault> {
        let known = is.booking.upstream.as_ref();
        let Some(errand) = known.and_then(|known| known.on_its_way.as_ref()) else {
            return Ok(is);
        };
        let errand = errand.parse().map_err(Fault::broken)?;
        let booking = carry::finished(core, &caller.tenant, errand).await?;
        let booking_id = booking.parse().map_err(Fault::broken)?;
        let engine = Caller::engine(caller.tenant.clone());
        core.ask(&engine, GetBooking { booking_id }).await
    }
}

impl BookSlot {
    /// Who comes: as it is sent, or as whoever waited had said.
    async fn guest(&self, work: &Work<'_>, held: Option<&Hold>) -> Result<Guest, Fault> {
        let nobody = self.first_name.is_none() && self.last_name.is_none() && self.email.is_none();
        if let (true, Some(id)) = (nobody, held.and_then(|hold| hold.waiting)) {
            return Ok(waiting::find(work, id).await?.record.guest);
        }
        let mut missing = Vec::new();
        let mut needed = |field: &str, text: &Option<String>| {
            if text.is_none() {
                let problem = Problem::new(field, Code::new("MISSING_FIELD"), "is missing");
                missing.push(problem);
            }
            text.clone().unwrap_or_default()
        };
        let guest = Guest {
            first_name: needed("firstName", &self.first_name),
            last_name: needed("lastName", &self.last_name),
            email: needed("email", &self.email),
            phone: self.phone.clone(),
            notes: self.notes.clone(),
            interest: self.interest.clone(),
            source: self.source.clone(),
        };
        if !missing.is_empty() {
            return Err(Fault::invalid(missing));
        }
        match guest.problems() {
            none if none.is_empty() => Ok(guest),
            problems => Err(Fault::invalid(problems)),
        }
    }
}

/// Checks that a slot can still be had by so many, on diaries that are about to be written.
pub(super) async fn check(
    work: &Work<'_>,
    stored: &Stored<Resource>,
    (slot, seats): (&SlotId, u32),
    days: &Days,
) -> Result<Span, Fault> {
    let resource = &stored.record;
    let start = slot.start;
    let taken = days.taken(work.now());
    let judged = judged(work, resource, (start, seats), &taken);
    let is_another = |span: Span| span.minutes() != u32::from(slot.minutes);
    let changed = slot.revision != cut(stored.revision);
    match judged {
        Ok(found) if !is_another(found.span) => Ok(found.span),
        Err(Reason::Grid | Reason::Hours | Reason::Override) if changed => Err(stale()),
        Ok(_) => Err(stale()),
        Err(reason) => Err(conflict(work, stored, (start, seats), &reason).await?),
    }
}

/// The hours have changed since the slot was named.
fn stale() -> Fault {
    let message = "the hours of the resource have changed since the slot was offered";
    Fault::conflict("SLOT_STALE", message).hint("ask for its availability again")
}

/// What is to be booked, and what was held for it.
async fn wanted(work: &Work<'_>, ask: &BookSlot) -> Result<(SlotId, Option<Stored<Hold>>), Fault> {
    match (&ask.slot_id, ask.hold_id) {
        (Some(slot), None) => Ok((open(work, slot).await?, None)),
        (None, Some(hold)) => {
            let held = find_kept(work, hold).await?;
            let (resource, span) = (held.record.resource, held.record.span());
            Ok((as_held(work, resource, span).await?, Some(held)))
        }
        _ => {
            let said = "either slotId or holdId says what is booked";
            let problem = Problem::new("slotId", Code::new("MISSING_FIELD"), said);
            Err(Fault::field(problem))
        }
    }
}

/// A held slot as if it had been named just now.
async fn as_held(work: &Work<'_>, id: ResourceId, span: Span) -> Result<SlotId, Fault> {
    let revision = resource(work, id).await?.revision;
    Ok(SlotId {
        resource: id,
        start: span.start,
        minutes: u16::try_from(span.minutes()).unwrap_or(u16::MAX),
        revision: cut(revision),
    })
}

impl Operation for BookSlot {
    const NAME: &'static str = "slots.book";
    const ABOUT: &'static str = "Book a slot for a guest.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Booked;

    fn queue(&self) -> Option<String> {
        self.slot_id.clone()
    }

    async fn finished(core: &Core, caller: &Caller, output: Booked) -> Result<Booked, Fault> {
        Booked::carried(core, caller, output).await
    }

    async fn perform(self, work: &mut Work<'_>) -> Result<Booked, Fault> {
        let (slot, held) = wanted(work, &self).await?;
        let guest = self
            .guest(work, held.as_ref().map(|held| &held.record))
            .await?;
        let stored_resource = resource(work, slot.resource).await?;
        let resource = &stored_resource.record;
        if let Some(known) = &resource.upstream {
            let of = (resource, &**known, slot.span());
            return begin::book(work, of, (guest, self.party_size));
        }
        let mut days = Days::around(work, resource, &[slot.span()]).await?;
        let seats = match &held {
            None => party(self.party_size)?,
            Some(held) => held.record.seats,
        };
        let span = match &held {
            None => check(work, &stored_resource, (&slot, seats), &days).await?,
            // It was checked when it was held, and has been kept since.
            Some(held) => held.record.span(),
        };
        let now = stored(work.now());
        let booking = Booking {
            id: work.mint::<BookingId>(),
            resource: resource.id,
            resource_name: resource.card.name.clone(),
            timezone: resource.schedule.timezone,
            status: Status::Confirmed,
            starts_at: span.starts_at(),
            ends_at: span.ends_at(),
            seats,
            lead: guest.lead(work.tenant()),
            guest,
            sequence: 0,
            created_at: now,
            cancelled_at: None,
            settled_at: None,
            moved_from: None,
            upstream: None,
            asked: None,
        };
        work.create(&booking)?;
        if let Some(held) = &held {
            days.release(held.record.id);
            taken_up(work, held).await?;
        }
        days.book(span, seats);
        days.keep(work)?;
        work.tell(
            "slots.confirmed",
            BOOKING,
            booking.id.to_string(),
            said(&booking),
        );
        Ok(Booked {
            booking: BookingView::at(&booking, now),
        })
    }
}
