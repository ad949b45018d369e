//! Books, holds and moves slots, and says what became of bookings. A time is taken as the clock of
//! the place shows it; what is not free is answered with what is.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::{One, Slots, id, list, preview::read};
use crate::{
    cli::{Ended, out},
    domain::{
        ids::{BookingId, ResourceId},
        text::echo,
    },
    engine::slots::{
        book::{BookSlot, Booked},
        bookings::GetBooking,
        cancel::CancelBooking,
        explain::ExplainSlot,
        hold::{HoldSlot, ReleaseHold},
        reschedule::MoveBooking,
        resources::{CreateResource, Fields, Shown, UpdateResource},
        settle::{Outcome, SettleBooking},
    },
    session::Session,
};

/// What is added.
#[derive(Debug, Args)]
pub struct Add {
    /// The file; `-` for standard input.
    file: PathBuf,
}

/// What is changed.
#[derive(Debug, Args)]
pub struct Change {
    /// Which resource, by its id.
    resource_id: String,
    /// The file; `-` for standard input.
    file: PathBuf,
}

/// Which slot: by its name, or by its resource and its beginning.
#[derive(Debug, Args)]
pub struct Which {
    /// Of which resource, by its id.
    resource_id: Option<String>,
    /// What the clock of the place shows, such as 2026-06-15T10:00, or an instant.
    at: Option<String>,
    /// Or the slot by its name in the availability.
    #[arg(long, value_name = "SLOT", conflicts_with_all = ["resource_id", "at"])]
    slot: Option<String>,
}

/// Who comes.
#[derive(Debug, Args)]
pub struct Comes {
    /// The guest's first name.
    #[arg(long)]
    pub first_name: String,
    /// The guest's last name.
    #[arg(long)]
    pub last_name: String,
    /// Where to write to the guest.
    #[arg(long)]
    pub email: String,
    /// Where to call the guest.
    #[arg(long)]
    pub phone: Option<String>,
    /// What else the guest said.
    #[arg(long)]
    pub notes: Option<String>,
    /// What the guest is interested in.
    #[arg(long)]
    pub interest: Option<String>,
}

/// What is booked, and for whom.
#[derive(Debug, Args)]
pub struct Book {
    #[command(flatten)]
    which: Which,
    /// Or what is held, by the id of the hold.
    #[arg(long, value_name = "HOLD", conflicts_with_all = ["resource_id", "at", "slot"])]
    hold: Option<String>,
    #[command(flatten)]
    guest: Comes,
    /// How many come together.
    #[arg(long, value_name = "N")]
    party: Option<u32>,
}

/// What is held.
#[derive(Debug, Args)]
pub struct Hold {
    #[command(flatten)]
    which: Which,
    /// For how many seconds; 300 where it is not said, and 900 at most.
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u32>,
    /// For how many.
    #[arg(long, value_name = "N")]
    party: Option<u32>,
}

/// What is given back.
#[derive(Debug, Args)]
pub struct Release {
    /// The id of the hold.
    hold_id: String,
}

/// What is moved, and where to.
#[derive(Debug, Args)]
pub struct Move {
    /// The id of the booking.
    booking_id: String,
    /// When it shall begin: what the clock of the place shows, or an instant.
    #[arg(required_unless_present = "slot")]
    at: Option<String>,
    /// Or the slot by its name in the availability.
    #[arg(long, value_name = "SLOT", conflicts_with = "at")]
    slot: Option<String>,
}

/// Does it.
pub(super) async fn run(session: &Session, slots: Slots, as_json: bool) -> Result<(), Ended> {
    let settled = |one: &One, status| {
        Ok::<_, Ended>(SettleBooking {
            booking_id: id(&one.booking_id)?,
            status,
        })
    };
    match slots {
        Slots::Add(add) => {
            let fields = Fields::of(read::<Map<String, Value>>(&add.file)?);
            resource(&session.ask(CreateResource { fields }).await?, as_json)
        }
        Slots::Change(change) => {
            let ask = UpdateResource {
                resource_id: id(&change.resource_id)?,
                fields: Fields::of(read::<Map<String, Value>>(&change.file)?),
                revision: None,
            };
            resource(&session.ask(ask).await?, as_json)
        }
        Slots::Book(book) => booked(&session.ask(wanted(session, book).await?).await?, as_json),
        Slots::Hold(hold) => held(session, hold, as_json).await,
        Slots::Release(release) => {
            let hold_id = id(&release.hold_id)?;
            let done = session.ask(ReleaseHold { hold_id }).await?;
            out::line(&format!("{} is free again", done.hold.starts_at))
        }
        Slots::Move(ask) => booked(&moved(session, ask).await?, as_json),
        Slots::Cancel(one) => {
            let booking_id = id(&one.booking_id)?;
            booked(&session.ask(CancelBooking { booking_id }).await?, as_json)
        }
        Slots::NoShow(one) => {
            let ask = settled(&one, Outcome::NoShow)?;
            booked(&session.ask(ask).await?, as_json)
        }
        Slots::Complete(one) => {
            let ask = settled(&one, Outcome::Completed)?;
            booked(&session.ask(ask).await?, as_json)
        }
        Slots::Undo(one) => {
            let ask = settled(&one, Outcome::Confirmed)?;
            booked(&session.ask(ask).await?, as_json)
        }
        _ => Ok(()),
    }
}

fn resource(made: &Shown, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(made);
    }
    out::line(&format!(
        "{}  {}",
        made.resource.id, made.resource.card.name
    ))
}

fn booked(answer: &Booked, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(answer);
    }
    list::booked(std::slice::from_ref(&answer.booking))
}

/// The name of a slot that begins then, or why there is none.
async fn slot_at(
    session: &Session,
    resource_id: ResourceId,
    (at, party): (&str, Option<u32>),
) -> Result<String, Ended> {
    let ask = ExplainSlot {
        resource_id,
        at: at.to_owned(),
        party_size: party,
    };
    let told = session.ask(ask).await?;
    if let Some(slot) = told.slot {
        return Ok(slot.slot_id);
    }
    if !told.alternatives.is_empty() {
        out::note("The nearest that are free:");
        for one in &told.alternatives {
            out::note(&format!("  {}  {}", one.starts_at, one.resource_id));
        }
    }
    let said = format!("{} cannot be booked: {}", told.at, told.sentence);
    Err(crate::engine::fault::Fault::conflict(
        told.reason.as_ref().map_or("SLOT_TAKEN", |why| why.code()),
        said,
    )
    .into())
}

/// The name of the slot that is meant.
pub(super) async fn named(
    session: &Session,
    which: Which,
    party: Option<u32>,
) -> Result<String, Ended> {
    match (which.slot, which.resource_id, which.at) {
        (Some(slot), ..) => Ok(slot),
        (None, Some(resource), Some(at)) => slot_at(session, id(&resource)?, (&at, party)).await,
        (None, Some(resource), None) => Err(Ended::Usage(format!(
            "{}: say when it begins\nhint: RESOURCE 2026-06-15T10:00",
            echo(&resource)
        ))),
        (None, None, _) => Err(Ended::Usage(
            "say which slot\nhint: RESOURCE 2026-06-15T10:00, or --slot and its name".into(),
        )),
    }
}

async fn wanted(session: &Session, book: Book) -> Result<BookSlot, Ended> {
    let (slot_id, hold_id) = match &book.hold {
        Some(hold) => (None, Some(id(hold)?)),
        None => (Some(named(session, book.which, book.party).await?), None),
    };
    let guest = book.guest;
    Ok(BookSlot {
        slot_id,
        hold_id,
        first_name: Some(guest.first_name),
        last_name: Some(guest.last_name),
        email: Some(guest.email),
        phone: guest.phone,
        notes: guest.notes,
        interest: guest.interest,
        source: Some("command line".into()),
        party_size: book.party,
    })
}

async fn held(session: &Session, hold: Hold, as_json: bool) -> Result<(), Ended> {
    let ask = HoldSlot {
        slot_id: named(session, hold.which, hold.party).await?,
        ttl_seconds: hold.ttl,
        party_size: hold.party,
    };
    let answer = session.ask(ask).await?;
    if as_json {
        return out::json(&answer);
    }
    let hold = &answer.hold;
    out::line(&format!(
        "{}  {} is held until {}",
        hold.id, hold.starts_at, hold.expires_at
    ))
}

async fn moved(session: &Session, ask: Move) -> Result<Booked, Ended> {
    let booking_id = id::<BookingId>(&ask.booking_id)?;
    let slot_id = match (ask.slot, ask.at) {
        (Some(slot), _) => slot,
        (None, Some(at)) => {
            let found = session.ask(GetBooking { booking_id }).await?.booking;
            slot_at(session, found.resource_id, (&at, Some(found.party_size))).await?
        }
        (None, None) => return Err(Ended::Usage("say when it shall begin".into())),
    };
    let ask = MoveBooking {
        booking_id,
        slot_id,
    };
    Ok(session.ask(ask).await?)
}
