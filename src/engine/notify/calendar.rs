//! What endpoints are told of slots: who comes, when and where, and where a booking stood before.

use serde_json::{Map, Value, json};

use crate::{
    domain::slot::{
        booking::{Booking, Place},
        hold::Hold,
        waiting::Waiting,
        zone::written,
    },
    engine::{events::Event, fault::Fault, work::Work},
};

/// Reads what an event of slots was about.
///
/// # Errors
/// When the store cannot.
pub async fn of(work: &Work<'_>, event: &Event) -> Result<Map<String, Value>, Fault> {
    let told = match &*event.kind {
        "slot_booking" => {
            let found = work.get::<Booking>(&event.object).await?;
            found.map(|stored| of_booking(&stored.record, &event.event))
        }
        "slot_hold" => {
            let found = work.get::<Hold>(&event.object).await?;
            found.map(|stored| of_hold(&stored.record))
        }
        "slot_waiting" => {
            let found = work.get::<Waiting>(&event.object).await?;
            found.map(|stored| of_waiting(&stored.record))
        }
        _ => None,
    };
    Ok(match told {
        Some(Value::Object(told)) => told,
        _ => Map::new(),
    })
}

fn of_booking(booking: &Booking, event: &str) -> Value {
    let place = booking.place();
    let mut told = json!({
        "bookingId": booking.id,
        "resourceId": booking.resource,
        "resourceName": booking.resource_name,
        "leadId": booking.lead,
        "status": booking.status,
        "startsAt": written(place.timezone, place.starts_at.timestamp()),
        "endsAt": written(place.timezone, place.ends_at.timestamp()),
        "timezone": booking.timezone.to_string(),
        "partySize": booking.seats,
        "email": booking.guest.email,
        "firstName": booking.guest.first_name,
        "lastName": booking.guest.last_name,
    });
    if let ("slots.rescheduled", Some(before)) = (event, &booking.moved_from) {
        told["from"] = at(before);
        told["to"] = at(&place);
    }
    told
}

fn at(place: &Place) -> Value {
    json!({
        "resourceId": place.resource,
        "startsAt": written(place.timezone, place.starts_at.timestamp()),
        "endsAt": written(place.timezone, place.ends_at.timestamp()),
    })
}

fn of_hold(hold: &Hold) -> Value {
    json!({
        "holdId": hold.id,
        "resourceId": hold.resource,
        "resourceName": hold.resource_name,
        "startsAt": written(hold.timezone, hold.starts_at.timestamp()),
        "endsAt": written(hold.timezone, hold.ends_at.timestamp()),
        "partySize": hold.seats,
        "waitingId": hold.waiting,
    })
}

fn of_waiting(waiting: &Waiting) -> Value {
    json!({
        "waitingId": waiting.id,
        "holdId": waiting.hold,
        "resourceId": waiting.resource,
        "startsAt": crate::domain::when::rfc3339(waiting.starts_at),
        "partySize": waiting.seats,
        "email": waiting.guest.email,
        "firstName": waiting.guest.first_name,
        "lastName": waiting.guest.last_name,
    })
}
