//! Slots from the command line: what can be booked and when, bookings and what becomes of them,
//! and a look at opening hours before anybody can book by them.

mod keep;
mod list;
mod preview;
mod write;

use clap::{Args, Subcommand};

use super::{Ended, Shown, open::Desktop};
use crate::{
    config::Settings,
    domain::{
        ids::{Id, NotAnId},
        text::echo,
    },
    session::Session,
};

/// Look at what can be booked, book it, and see to who comes.
#[derive(Debug, Subcommand)]
pub enum Slots {
    /// List what can be booked.
    List(list::List),
    /// Add something that can be booked: a JSON file with its name, type and hours.
    ///
    /// Such as {"type": "location", "name": "Main Campus Tour", "timezone": "America/Denver",
    /// "operatingHours": {"mon": [{"open": "09:00", "close": "12:00"}]}, "maxConcurrent": 2}.
    /// A type is location, service, room, equipment or person. It may have dateOverrides, closures,
    /// defaultDurationMinutes, slotStepMinutes, bufferBeforeMinutes, bufferAfterMinutes,
    /// minNoticeMinutes, maxHorizonDays, slug, description, addressLine1, city, state, postalCode,
    /// isActive and published, too.
    Add(write::Add),
    /// Change something that can be booked: a JSON file with what is to be another way.
    Change(write::Change),
    /// List the slots of a resource that can be booked.
    Availability(list::Availability),
    /// Say why a time is not offered, or that it is.
    Explain(list::Explain),
    /// List bookings, by when they begin.
    Bookings(list::Bookings),
    /// Book a slot for a guest, or what is held.
    Book(write::Book),
    /// Keep a slot for some minutes.
    Hold(write::Hold),
    /// List what is held, by when it begins.
    Holds(keep::Holds),
    /// Keep what is held for longer; once.
    Extend(keep::Extend),
    /// Give back a slot that was held.
    Release(write::Release),
    /// Put a guest on the list of those who wait for a slot.
    Wait(keep::Wait),
    /// List who waits for slots of a resource, whoever came first first.
    Waiting(keep::Waiting),
    /// Take a guest off the list of those who wait.
    StopWaiting(keep::StopWaiting),
    /// Move a booking to another time.
    Move(write::Move),
    /// Call a booking off.
    Cancel(One),
    /// Say that a guest did not come.
    NoShow(One),
    /// Say that a guest came.
    Complete(One),
    /// Take back that a guest came, or did not: within a day.
    Undo(One),
    /// Print a booking as a calendar.
    Ics(One),
    /// Say where other people's calendars find the bookings of a resource.
    Feed(list::Feed),
    /// Say where the slots live: in this engine, or in another company's slot service.
    Desk,
    /// Compute the slots of a resource that is not stored: a JSON file with its hours.
    ///
    /// Reads timezone, operatingHours, dateOverrides, closures, defaultDurationMinutes,
    /// slotStepMinutes, bufferBeforeMinutes, bufferAfterMinutes, maxConcurrent,
    /// minNoticeMinutes and maxHorizonDays; all but the first have a usual value.
    Preview(preview::Preview),
}

/// A booking.
#[derive(Debug, Args)]
pub struct One {
    /// Its id.
    booking_id: String,
}

/// Computes slots of what is not stored.
pub fn preview(preview: &preview::Preview, as_json: bool) -> Result<(), Ended> {
    preview::run(preview, as_json)
}

/// Does it.
pub async fn run(settings: &Settings, slots: Slots, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let done = Box::pin(dispatch(&desktop.session, slots, shown.as_json)).await;
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

async fn dispatch(session: &Session, slots: Slots, as_json: bool) -> Result<(), Ended> {
    match slots {
        Slots::List(ask) => list::resources(session, ask, as_json).await,
        Slots::Availability(ask) => list::availability(session, ask, as_json).await,
        Slots::Explain(ask) => list::explain(session, ask, as_json).await,
        Slots::Bookings(ask) => list::bookings(session, ask, as_json).await,
        Slots::Feed(ask) => list::feed(session, ask, as_json).await,
        Slots::Ics(one) => list::ics(session, &one.booking_id).await,
        Slots::Holds(ask) => keep::holds(session, ask, as_json).await,
        Slots::Extend(ask) => keep::extend(session, ask, as_json).await,
        Slots::Wait(ask) => keep::wait(session, ask, as_json).await,
        Slots::Waiting(ask) => keep::waiting(session, ask, as_json).await,
        Slots::StopWaiting(ask) => keep::stop_waiting(session, ask, as_json).await,
        Slots::Desk => list::desk(session, as_json).await,
        Slots::Preview(ask) => preview::run(&ask, as_json),
        other => write::run(session, other, as_json).await,
    }
}

/// Reads an id.
fn id<I: Id + std::str::FromStr<Err = NotAnId>>(text: &str) -> Result<I, Ended> {
    let said = || Ended::Usage(format!("{} is no id of a {}", echo(text), I::NOUN));
    text.parse().map_err(|_| said())
}
