//! Says what became of a booking once it has begun: the guest came, or did not. Taken back within
//! a day, as long as its seats are still free.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BOOKING, book::Booked, days::Days, refused, resource, said, upstream::not_offered,
    view::BookingView,
};
use crate::{
    domain::{
        ids::BookingId,
        policy::Permission,
        slot::{
            booking::{Booking, Status},
            timetable::Timetable,
        },
        when::stored,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// What can be said of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The guest did not come.
    NoShow,
    /// The guest came.
    Completed,
    /// Neither: what was said is taken back.
    Confirmed,
}

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::NoShow => Self::NoShow,
            Outcome::Completed => Self::Completed,
            Outcome::Confirmed => Self::Confirmed,
        }
    }
}

/// Says what became of a booking.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettleBooking {
    /// Which.
    pub booking_id: BookingId,
    /// What.
    pub status: Outcome,
}

impl Operation for SettleBooking {
    const NAME: &'static str = "slots.settle";
    const ABOUT: &'static str =
        "Say that a guest came, or did not, or take that back within a day.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Booked;

    async fn perform(self, work: &mut Work<'_>) -> Result<Booked, Fault> {
        let was = work.find::<Booking, _>(self.booking_id).await?;
        if was.record.upstream.is_some() {
            let why = "whether a guest came is said there, and not from here";
            return Err(not_offered(
                work,
                why,
                "say it there; it is shown here then",
            ));
        }
        let now = stored(work.now());
        let booking = was
            .record
            .clone()
            .settle(self.status.into(), now)
            .map_err(refused)?;
        let (was_kept, is_kept) = (was.record.is_kept(), booking.is_kept());
        if was_kept != is_kept {
            let of = resource(work, booking.resource).await?;
            let (span, seats) = (booking.span(), booking.seats);
            let mut days = Days::around(work, &of.record, &[span]).await?;
            if is_kept {
                let taken = days.taken(now);
                let table = Timetable::around(&of.record.schedule, span.start, now, &taken);
                if table.room(span) < seats {
                    let message = "somebody else has taken its seats meanwhile";
                    return Err(Fault::conflict("SLOT_TAKEN", message));
                }
                days.book(span, seats);
            } else {
                days.leave(span, seats);
            }
            days.keep(work)?;
        }
        work.replace(&was, &booking)?;
        work.about(format!("{BOOKING}/{}", booking.id));
        let event = match booking.status {
            Status::NoShow => "slots.no_show",
            Status::Completed => "slots.completed",
            Status::Confirmed | Status::Cancelled => "slots.restored",
        };
        work.tell(event, BOOKING, booking.id.to_string(), said(&booking));
        Ok(Booked {
            booking: BookingView::at(&booking, now),
        })
    }
}
