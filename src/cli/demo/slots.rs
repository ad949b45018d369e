//! What the demonstration has to book by the hour: a studio, a strategist, a clinic and a screening
//! room, each by a clock of its own, with guests of this week and the next. Books, settles and
//! holds by asking the engine, like everybody.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{people, tempo::Dice};
use crate::{
    domain::{ids::ResourceId, slot::booking::Status, tenant::caller::Caller},
    engine::{
        core::Core,
        fault::Fault,
        question,
        slots::{
            availability::ListSlots,
            book::BookSlot,
            bookings::ListBookings,
            cancel::CancelBooking,
            hold::HoldSlot,
            resources::{CreateResource, Fields, ListResources},
            settle::{Outcome, SettleBooking},
            view::{BookingView, SlotView},
        },
    },
};

const SLOTS: &str = include_str!("../../../assets/demo/slots.json");
/// How many days of guests there are.
const DAYS: i64 = 15;
/// A chance is so many of these.
const SOME: usize = 100;
/// How long something is held when the desk opens, in seconds.
const HELD: u32 = 900;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    resources: Vec<Map<String, Value>>,
    guests: Vec<(String, String, String, Option<String>)>,
}

/// What is done with slots.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    /// Everything is made, and booked for two weeks.
    Open,
    /// What is over is said to have been, and some of what comes is called off.
    Settle,
    /// Something is held.
    Hold,
}

impl Hours {
    /// Does it.
    ///
    /// # Errors
    /// When it was not done.
    pub async fn tell(self, core: &Core, by: &Caller) -> Result<(), Fault> {
        match self {
            Self::Open => open(core, by).await,
            Self::Settle => settle(core, by).await,
            Self::Hold => hold(core, by).await,
        }
    }
}

async fn open(core: &Core, by: &Caller) -> Result<(), Fault> {
    let written: Written = question::read_any(SLOTS.as_bytes())?;
    let dice = Dice::new(27);
    let mut guests = written.guests.iter().cycle();
    for fields in written.resources {
        let create = CreateResource {
            fields: Fields::of(fields),
        };
        let made = core.ask(&people::somebody("sofia")?, create).await?;
        let (id, seats) = (made.resource.id, made.resource.schedule.max_concurrent);
        for slot in slots(core, by, id).await? {
            let mut left = seats;
            let chance = if seats == 3 { 30 } else { 42 };
            while left > 0 && dice.below(SOME) < chance {
                let party = match seats {
                    10 => 1 + u32::try_from(dice.below(4)).unwrap_or(0),
                    _ => 1,
                };
                let party = party.min(left);
                let Some(guest) = guests.next() else { break };
                book(core, by, &slot, guest, party).await?;
                left -= party;
            }
        }
    }
    Ok(())
}

async fn slots(core: &Core, by: &Caller, id: ResourceId) -> Result<Vec<SlotView>, Fault> {
    let last = core.clock().now() + chrono::Duration::days(DAYS);
    let list = ListSlots {
        resource_id: id,
        from: None,
        to: Some(last.date_naive().to_string()),
        include_full: false,
        party_size: None,
    };
    Ok(core.ask(by, list).await?.data)
}

async fn book(
    core: &Core,
    by: &Caller,
    slot: &SlotView,
    (first, last, source, notes): &(String, String, String, Option<String>),
    party: u32,
) -> Result<(), Fault> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphabetic);
        letters.collect::<String>().to_lowercase()
    };
    let book = BookSlot {
        slot_id: Some(slot.slot_id.clone()),
        hold_id: None,
        first_name: Some(first.clone()),
        last_name: Some(last.clone()),
        email: Some(format!("{}.{}@example.com", plain(first), plain(last))),
        phone: None,
        notes: notes.clone(),
        interest: None,
        source: Some(Value::from(source.as_str())),
        party_size: Some(party),
    };
    core.ask(by, book).await.map(drop)
}

async fn bookings(core: &Core, by: &Caller) -> Result<Vec<BookingView>, Fault> {
    let list = ListBookings {
        limit: Some(500),
        status: Some(Status::Confirmed),
        ..ListBookings::default()
    };
    Ok(core.ask(by, list).await?.data)
}

async fn settle(core: &Core, by: &Caller) -> Result<(), Fault> {
    let now = core.clock().now();
    for (at, booking) in bookings(core, by).await?.into_iter().enumerate() {
        let ends = chrono::DateTime::parse_from_rfc3339(&booking.ends_at);
        let booking_id = booking.id;
        if ends.is_ok_and(|ends| ends <= now) {
            let status = match at % 7 {
                3 => Outcome::NoShow,
                _ => Outcome::Completed,
            };
            core.ask(by, SettleBooking { booking_id, status }).await?;
        } else if at % 11 == 5 {
            core.ask(by, CancelBooking { booking_id }).await?;
        }
    }
    Ok(())
}

async fn hold(core: &Core, by: &Caller) -> Result<(), Fault> {
    let resources = core.ask(by, ListResources::default()).await?.data;
    for resource in resources {
        let Some(slot) = slots(core, by, resource.id).await?.into_iter().next() else {
            continue;
        };
        let hold = HoldSlot {
            slot_id: slot.slot_id,
            ttl_seconds: Some(HELD),
            party_size: None,
        };
        core.ask(by, hold).await?;
    }
    Ok(())
}
