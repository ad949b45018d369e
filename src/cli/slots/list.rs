//! What can be booked, when, and who has: as tables.

use clap::Args;

use super::id;
use crate::{
    cli::{Ended, out},
    domain::{
        slot::{booking::Status, resource::ResourceType},
        text::echo,
    },
    engine::slots::{
        availability::ListSlots,
        bookings::ListBookings,
        calendar::{BookingCalendar, FeedAddress},
        explain::ExplainSlot,
        resources::ListResources,
        upstream::desk::GetSlotsDesk,
        view::{BookingView, SlotView},
    },
    session::Session,
};

/// Which resources.
#[derive(Debug, Args)]
pub struct List {
    /// Only of this type: location, service, room, equipment or person.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Only those in whose name this stands.
    #[arg(long)]
    query: Option<String>,
    /// Those too that cannot be booked now.
    #[arg(long)]
    include_inactive: bool,
}

/// Which slots.
#[derive(Debug, Args)]
pub struct Availability {
    /// Of which resource, by its id.
    resource_id: String,
    /// From when: a day or an instant; now where it is not said.
    #[arg(long)]
    from: Option<String>,
    /// Until when; a day is part of it. A week where it is not said.
    #[arg(long)]
    to: Option<String>,
    /// Those too that nobody can book any more.
    #[arg(long)]
    include_full: bool,
    /// Only those that so many can book together.
    #[arg(long, value_name = "N")]
    party: Option<u32>,
}

/// Which time.
#[derive(Debug, Args)]
pub struct Explain {
    /// Of which resource, by its id.
    resource_id: String,
    /// What the clock of the place shows, such as 2026-06-15T10:00, or an instant.
    at: String,
    /// For how many.
    #[arg(long, value_name = "N")]
    party: Option<u32>,
}

/// Which bookings.
#[derive(Debug, Args)]
pub struct Bookings {
    /// Only of this resource.
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// confirmed, cancelled, `no_show` or completed.
    #[arg(long)]
    status: Option<String>,
    /// Only of this guest.
    #[arg(long, value_name = "ID")]
    lead: Option<String>,
    /// Only those that begin on or after this day or instant.
    #[arg(long)]
    from: Option<String>,
    /// Only those that begin on or before this day or instant.
    #[arg(long)]
    to: Option<String>,
    /// Only those in whose names or addresses this stands.
    #[arg(long)]
    query: Option<String>,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
}

/// Of which resource.
#[derive(Debug, Args)]
pub struct Feed {
    /// Its id.
    resource_id: String,
}

pub(super) async fn resources(session: &Session, ask: List, as_json: bool) -> Result<(), Ended> {
    let kind = ask.kind.as_deref().map(|text| {
        let told = |why| Ended::Usage(format!("--type: {} {why}", echo(text)));
        text.parse::<ResourceType>().map_err(told)
    });
    let question = ListResources {
        kind: kind.transpose()?,
        query: ask.query,
        include_inactive: ask.include_inactive,
        limit: Some(500),
        offset: None,
    };
    let found = session.ask(question).await?;
    if as_json {
        return out::json(&found);
    }
    let headings = ["ID", "NAME", "TYPE", "CLOCK", "MINUTES", "SEATS", "STATE"];
    let mut table = out::Table::new(&headings).right(&[4, 5]);
    for one in &found.data {
        table.row(&[
            one.id.to_string(),
            one.card.name.clone(),
            one.card.kind.to_string(),
            one.schedule.timezone.to_string(),
            one.schedule.default_duration_minutes.to_string(),
            one.schedule.max_concurrent.to_string(),
            if one.is_active { "active" } else { "inactive" }.to_owned(),
        ]);
    }
    table.print_or("`flightdeck slots add` adds what can be booked, and a filter may hide it")?;
    whereabouts(session).await
}

pub(super) async fn availability(
    session: &Session,
    ask: Availability,
    as_json: bool,
) -> Result<(), Ended> {
    let question = ListSlots {
        resource_id: id(&ask.resource_id)?,
        from: ask.from,
        to: ask.to,
        include_full: ask.include_full,
        party_size: ask.party,
    };
    let found = session.ask(question).await?;
    if as_json {
        return out::json(&found);
    }
    slots(&found.data)?;
    out::note(&format!(
        "{} slots, by the clock of {}",
        found.data.len(),
        found.timezone
    ));
    if let Some(asked) = &found.upstream {
        out::note(&asked.sentence());
    }
    Ok(())
}

/// Says where the slots live.
pub(super) async fn desk(session: &Session, as_json: bool) -> Result<(), Ended> {
    let desk = session.ask(GetSlotsDesk::default()).await?;
    if as_json {
        return out::json(&desk);
    }
    out::line(&desk.sentence())?;
    if desk.is_embedded() {
        return Ok(());
    }
    out::line(&format!(
        "{} resources, {} bookings there.",
        desk.resources, desk.bookings
    ))?;
    let list = desk.not_offered.join(", ");
    out::line(&format!("It does not offer: {list}."))
}

/// Says beside a list where the slots live, where that is elsewhere.
async fn whereabouts(session: &Session) -> Result<(), Ended> {
    let desk = session.ask(GetSlotsDesk::default()).await?;
    if !desk.is_embedded() {
        out::note(&desk.sentence());
    }
    Ok(())
}

/// Prints slots with the names that they are booked by.
pub(super) fn slots(all: &[SlotView]) -> Result<(), Ended> {
    let mut table = out::Table::new(&["STARTS", "ENDS", "LEFT", "OF", "SLOT"]).right(&[2, 3]);
    for one in all {
        table.row(&[
            one.starts_at.clone(),
            one.ends_at.clone(),
            one.remaining.to_string(),
            one.capacity.to_string(),
            one.slot_id.clone(),
        ]);
    }
    table.print_or("nothing is free on these days")
}

pub(super) async fn explain(session: &Session, ask: Explain, as_json: bool) -> Result<(), Ended> {
    let question = ExplainSlot {
        resource_id: id(&ask.resource_id)?,
        at: ask.at,
        party_size: ask.party,
    };
    let told = session.ask(question).await?;
    if as_json {
        return out::json(&told);
    }
    let offered = if told.offered {
        "offered"
    } else {
        "not offered"
    };
    out::line(&format!("{}: {offered}: {}", told.at, told.sentence))?;
    if !told.bookings.is_empty() {
        booked(&told.bookings)?;
    }
    if !told.alternatives.is_empty() {
        out::line("The nearest that are free:")?;
        slots(&told.alternatives)?;
    }
    Ok(())
}

pub(super) async fn bookings(session: &Session, ask: Bookings, as_json: bool) -> Result<(), Ended> {
    let status = ask.status.as_deref().map(|text| {
        let found = Status::ALL.into_iter().find(|status| status.name() == text);
        let said = format!("--status: {} is no status of a booking", echo(text));
        let hint = "confirmed, cancelled, no_show or completed";
        found.ok_or_else(|| Ended::Usage(format!("{said}\nhint: {hint}")))
    });
    let question = ListBookings {
        resource_id: ask.resource.as_deref().map(id).transpose()?,
        status: status.transpose()?,
        lead_id: ask.lead.as_deref().map(id).transpose()?,
        from: ask.from,
        to: ask.to,
        query: ask.query,
        limit: ask.limit,
        offset: None,
    };
    let found = session.ask(question).await?;
    if as_json {
        return out::json(&found);
    }
    booked(&found.data)?;
    out::note(&format!("{} of {}", found.data.len(), found.total));
    whereabouts(session).await
}

/// Prints bookings.
pub(super) fn booked(all: &[BookingView]) -> Result<(), Ended> {
    let headings = ["STARTS", "RESOURCE", "GUEST", "PARTY", "STATUS", "ID"];
    let mut table = out::Table::new(&headings).right(&[3]);
    for one in all {
        table.row(&[
            one.starts_at.clone(),
            one.resource_name.clone(),
            format!("{} {}", one.first_name, one.last_name),
            one.party_size.to_string(),
            one.status.name().to_owned(),
            one.id.to_string(),
        ]);
    }
    table.print_or("nobody has booked, or a filter hides who has")?;
    for one in all {
        for said in one
            .upstream
            .iter()
            .flat_map(|upstream| &upstream.disagreements)
        {
            out::note(&format!("disagrees: {}: {}", one.id, said.sentence()));
        }
    }
    Ok(())
}

pub(super) async fn feed(session: &Session, ask: Feed, as_json: bool) -> Result<(), Ended> {
    let resource_id = id(&ask.resource_id)?;
    let found = session.ask(FeedAddress { resource_id }).await?;
    if as_json {
        return out::json(&found);
    }
    out::line(&found.path)
}

pub(super) async fn ics(session: &Session, booking: &str) -> Result<(), Ended> {
    let booking_id = id(booking)?;
    let written = session.ask(BookingCalendar { booking_id }).await?;
    out::raw(&written.ics)
}
