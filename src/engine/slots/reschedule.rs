//! Moves a booking to another slot, as one step: either it stands there, or it stands where it
//! stood. It keeps its id, and those who wait get what it leaves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BOOKING,
    book::{Booked, check},
    days::Days,
    open, refused, resource, said,
    upstream::not_offered,
    view::BookingView,
    waiting::serve,
};
use crate::{
    domain::{ids::BookingId, policy::Permission, slot::booking::Booking, when::stored},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Moves a booking.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MoveBooking {
    /// Which.
    pub booking_id: BookingId,
    /// To which slot, by its name in the availability.
    pub slot_id: String,
}

impl Operation for MoveBooking {
    const NAME: &'static str = "slots.move";
    const ABOUT: &'static str = "Move a booking to another slot: all at once or not at all.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Booked;

    async fn perform(self, work: &mut Work<'_>) -> Result<Booked, Fault> {
        let slot = open(work, &self.slot_id).await?;
        let was = work.find::<Booking, _>(self.booking_id).await?;
        let (from, seats) = (was.record.span(), was.record.seats);
        let target = resource(work, slot.resource).await?;
        let to = &target.record;
        if was.record.upstream.is_some() || to.upstream.is_some() {
            let why = "a booking cannot be moved there";
            let hint = "book the other time, then call this booking off";
            return Err(not_offered(work, why, hint));
        }
        let within = was.record.resource == to.id;
        let spans = [slot.span(), from];
        let wanted = if within { &spans[..] } else { &spans[..1] };
        let mut days = Days::around(work, to, wanted).await?;
        if within {
            days.leave(from, seats);
        }
        let place = (to.id, &*to.card.name, to.schedule.timezone);
        let moved = was.record.clone().moved(place, slot.span());
        let booking = moved.map_err(refused)?;
        if within && slot.span() == from {
            // It stands there: nobody is told of a move.
            let now = stored(work.now());
            return Ok(Booked {
                booking: BookingView::at(&was.record, now),
            });
        }
        let span = check(work, &target, (&slot, seats), &days).await?;
        days.book(span, seats);
        work.replace(&was, &booking)?;
        if within {
            serve(work, &target, from, (&mut days, None)).await?;
        } else {
            let source = resource(work, was.record.resource).await?;
            let mut left = Days::around(work, &source.record, &[from]).await?;
            left.leave(from, seats);
            serve(work, &source, from, (&mut left, None)).await?;
            left.keep(work)?;
        }
        days.keep(work)?;
        work.tell(
            "slots.rescheduled",
            BOOKING,
            booking.id.to_string(),
            said(&booking),
        );
        let now = stored(work.now());
        Ok(Booked {
            booking: BookingView::at(&booking, now),
        })
    }
}
