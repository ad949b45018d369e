//! Calls a booking off: its seats are free in the same commit, or held for whoever waits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BOOKING, book::Booked, days::Days, refused, resource, said, upstream::begin, view::BookingView,
    waiting::serve,
};
use crate::{
    domain::{
        ids::BookingId,
        policy::Permission,
        slot::booking::{Booking, Refusal, Status},
        tenant::caller::Caller,
        when::stored,
    },
    engine::{
        core::Core,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Calls a booking off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelBooking {
    /// Which.
    pub booking_id: BookingId,
}

impl Operation for CancelBooking {
    const NAME: &'static str = "slots.cancel";
    const ABOUT: &'static str = "Call a booking off.";
    const KIND: Kind = Kind::Command(Permission::ManageSlots);
    type Output = Booked;

    async fn finished(core: &Core, caller: &Caller, output: Booked) -> Result<Booked, Fault> {
        Booked::carried(core, caller, output).await
    }

    async fn perform(self, work: &mut Work<'_>) -> Result<Booked, Fault> {
        let was = work.find::<Booking, _>(self.booking_id).await?;
        let now = stored(work.now());
        if let (Some(known), Status::Confirmed) = (&was.record.upstream, was.record.status) {
            return begin::cancel(work, (&was, known));
        }
        let booking = was
            .record
            .clone()
            .cancel(now)
            .map_err(|refusal| match refusal {
                Refusal::Cancelled => {
                    let message = "Booking not found: it was cancelled already";
                    Fault::new(FaultKind::NotFound, "BOOKING_NOT_FOUND", message)
                }
                other => refused(other),
            })?;
        work.replace(&was, &booking)?;
        let of = resource(work, booking.resource).await?;
        let mut days = Days::around(work, &of.record, &[booking.span()]).await?;
        days.leave(booking.span(), booking.seats);
        serve(work, &of, booking.span(), (&mut days, None)).await?;
        days.keep(work)?;
        work.tell(
            "slots.cancelled",
            BOOKING,
            booking.id.to_string(),
            said(&booking),
        );
        Ok(Booked {
            booking: BookingView::at(&booking, now),
        })
    }
}
