//! Bookings over the wire: listed, made, shown, moved, called off, and what became of them.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, ICS, Success, ask, calendar, doc, done, made, success, told};
use crate::{
    api::{
        App, body,
        gate::Asker,
        rest::{path::Ids, sent},
        route::Routes,
    },
    engine::{
        fault::Fault,
        operation::Operation as _,
        slots::{
            book::{BookSlot, Booked},
            bookings::{BookingList, GetBooking, ListBookings},
            calendar::BookingCalendar,
            cancel::CancelBooking,
            reschedule::MoveBooking,
            settle::{Outcome, SettleBooking},
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get(
            "/api/bookings",
            doc("List bookings, by when they begin.")
                .asks::<ListBookings>()
                .gives::<BookingList>(),
            list,
        )
        .post(
            "/api/bookings",
            doc("Book a slot for a guest.")
                .takes::<BookSlot>()
                .makes::<Booked>(),
            book,
        )
        .get(
            "/api/bookings/{booking_id}",
            doc("Show a booking; with `.ics` behind its id, as a calendar.").gives::<Booked>(),
            get,
        )
        .delete(
            "/api/bookings/{booking_id}",
            doc("Call a booking off.").gives::<Success>(),
            cancel,
        )
        .post(
            "/api/bookings/{booking_id}/reschedule",
            doc("Move a booking to another slot, all at once or not at all.")
                .takes::<ToSlot>()
                .gives::<Booked>(),
            reschedule,
        )
        .post(
            "/api/bookings/{booking_id}/status",
            doc("Say that the guest came, or did not, or take that back within a day.")
                .takes::<Said>()
                .gives::<Booked>(),
            settle,
        )
}

/// Where a booking is moved to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ToSlot {
    /// Which slot.
    slot_id: String,
}

/// What became of a booking.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Said {
    /// `no_show`, `completed`, or `confirmed` to take either back.
    status: Outcome,
}

async fn list(State(app): State<App>, Asker(caller): Asker, uri: Uri) -> Answered {
    let read = || body::query::<ListBookings>(&uri, &["limit", "offset"]);
    ask(&app, &caller, read).await
}

async fn book(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = sent::<BookSlot>(&headers, body).await;
    let answer = done(&app, (&caller, &headers), read).await?;
    let mut response = made(&answer);
    let at = format!("/api/bookings/{}", answer.output.booking.id);
    if let Ok(at) = HeaderValue::from_str(&at) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    Ok(response)
}

async fn get(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
) -> Answered {
    let Some(id) = ids.text("booking_id").strip_suffix(ICS) else {
        let read = || {
            let booking_id = ids.id("booking_id")?;
            Ok(GetBooking { booking_id })
        };
        return ask(&app, &caller, read).await;
    };
    let may = BookingCalendar::KIND.permission();
    if !caller.may(may) {
        return Err(Fault::forbidden(&caller, may).into());
    }
    let booking_id = id.parse().map_err(|_| Fault::absent("booking", id))?;
    let written = app
        .core()
        .ask(&caller, BookingCalendar { booking_id })
        .await?;
    Ok(calendar(&headers, written.ics))
}

async fn cancel(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
) -> Answered {
    let read = ids.id("booking_id");
    let read = read.map(|booking_id| CancelBooking { booking_id });
    let answer = done(&app, (&caller, &headers), read).await?;
    Ok(success(answer.replayed))
}

async fn reschedule(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = async {
        let booking_id = ids.id("booking_id")?;
        let ToSlot { slot_id } = sent(&headers, body).await?;
        Ok(MoveBooking {
            booking_id,
            slot_id,
        })
    }
    .await;
    Ok(told(&done(&app, (&caller, &headers), read).await?))
}

async fn settle(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
    headers: HeaderMap,
    body: Body,
) -> Answered {
    let read = async {
        let booking_id = ids.id("booking_id")?;
        let Said { status } = sent(&headers, body).await?;
        Ok(SettleBooking { booking_id, status })
    }
    .await;
    Ok(told(&done(&app, (&caller, &headers), read).await?))
}
