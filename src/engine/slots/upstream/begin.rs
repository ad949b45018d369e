//! The first half of what is sent to a slot service: checked, and kept with a mark in one commit.
//! Nothing has left when this is over; [`super::carry`] goes on from here.

use serde_json::{Map, Value};

use super::{
    super::{
        book::Booked,
        party,
        view::{BookingView, ResourceView},
    },
    SEND, Whereabouts, not_offered, not_set_up,
};
use crate::{
    domain::{
        ids::{BookingId, ResourceId},
        slot::{
            booking::{Booking, Status},
            guest::Guest,
            resource::Resource,
            span::Span,
            upstream::{
                Elsewhere,
                errand::{Errand, GRACE, State, What, Wish},
            },
        },
        when::stored,
    },
    engine::{fault::Fault, work::Work},
    store::record::Stored,
};

/// Keeps something that is to be sent.
fn keep(work: &mut Work<'_>, what: What) -> Result<BookingId, Fault> {
    if work.desk().slot_services.of(work.tenant()).is_none() {
        return Err(not_set_up());
    }
    let now = stored(work.now());
    let errand = Errand {
        id: work.mint(),
        what,
        by: work.caller().name.clone(),
        at: now,
        state: State::Kept,
    };
    work.create(&errand)?;
    // Whoever asks goes on with it at once; this is for when nobody is left to.
    work.wake(SEND, errand.id.to_string(), now + GRACE);
    Ok(errand.id)
}

/// Keeps that a slot is to be booked.
pub(in crate::engine) fn book(
    work: &mut Work<'_>,
    (of, known, span): (&Resource, &Elsewhere, Span),
    (guest, seats): (Guest, Option<u32>),
) -> Result<Booked, Fault> {
    if party(seats)? != 1 {
        let why = "it books one seat at a time";
        return Err(not_offered(work, why, "book once for each guest"));
    }
    let wish = Wish {
        resource: of.id,
        remote: known.id.clone(),
        name: of.card.name.clone(),
        timezone: of.schedule.timezone,
        start: span.start,
        end: span.end,
        guest: guest.clone(),
    };
    let id = keep(work, What::Book(Box::new(wish)))?;
    let now = stored(work.now());
    let meant = Booking {
        id,
        resource: of.id,
        resource_name: of.card.name.clone(),
        timezone: of.schedule.timezone,
        status: Status::Confirmed,
        starts_at: span.starts_at(),
        ends_at: span.ends_at(),
        seats: 1,
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
    let mut booking = BookingView::at(&meant, now);
    booking.upstream = Some(Whereabouts::on_its_way(&id.to_string()));
    Ok(Booked { booking })
}

/// Keeps that a booking is to be called off.
pub(in crate::engine) fn cancel(
    work: &mut Work<'_>,
    (was, known): (&Stored<Booking>, &Elsewhere),
) -> Result<Booked, Fault> {
    let booking = &was.record;
    let what = What::Cancel {
        booking: booking.id,
        remote: known.id.clone(),
        line: format!("{}, {}", booking.guest.name(), super::super::said(booking)),
    };
    let id = keep(work, what)?;
    let mut view = BookingView::of(was);
    let mut whereabouts = Whereabouts::of(known);
    whereabouts.on_its_way = Some(id.to_string());
    view.upstream = Some(whereabouts);
    Ok(Booked { booking: view })
}

/// Keeps that a resource is to be made, or changed.
pub(in crate::engine) fn resource(
    work: &mut Work<'_>,
    known: Option<(ResourceId, &Elsewhere)>,
    fields: Map<String, Value>,
    mut view: ResourceView,
) -> Result<ResourceView, Fault> {
    let what = What::Resource {
        resource: known.map(|(id, _)| id),
        remote: known.map(|(_, known)| known.id.clone()),
        fields,
    };
    let id = keep(work, what)?;
    let mut whereabouts =
        known.map_or_else(Whereabouts::default, |(_, known)| Whereabouts::of(known));
    whereabouts.on_its_way = Some(id.to_string());
    view.upstream = Some(whereabouts);
    Ok(view)
}
