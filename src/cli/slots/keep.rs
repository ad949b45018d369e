//! What is held of slots for a while, and who waits for one: listed, kept longer, given up.

use clap::Args;

use super::{
    id,
    write::{Comes, Which, named},
};
use crate::{
    cli::{Ended, out},
    domain::slot::guest::Guest,
    engine::slots::{
        hold::{ExtendHold, ListHolds},
        view::WaitingView,
        waiting::{self, ListWaiting, WaitForSlot},
    },
    session::Session,
};

/// Of which resource.
#[derive(Debug, Args)]
pub struct Holds {
    /// Only of this resource, by its id.
    resource_id: Option<String>,
}

/// What is kept longer.
#[derive(Debug, Args)]
pub struct Extend {
    /// The id of the hold.
    hold_id: String,
    /// For how many seconds from now; 300 where it is not said, and 900 at most.
    #[arg(long, value_name = "SECONDS")]
    ttl: Option<u32>,
}

/// Who waits, and for what.
#[derive(Debug, Args)]
pub struct Wait {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    guest: Comes,
    /// How many come together.
    #[arg(long, value_name = "N")]
    party: Option<u32>,
}

/// For slots of what.
#[derive(Debug, Args)]
pub struct Waiting {
    /// Of which resource, by its id.
    resource_id: String,
}

/// Who waits no more.
#[derive(Debug, Args)]
pub struct StopWaiting {
    /// The id, as `slots waiting` shows it.
    waiting_id: String,
}

/// Prints what is held.
pub async fn holds(session: &Session, ask: Holds, as_json: bool) -> Result<(), Ended> {
    let resource_id = ask.resource_id.as_deref().map(id).transpose()?;
    let list = session.ask(ListHolds { resource_id }).await?;
    if as_json {
        return out::json(&list);
    }
    let headings = ["ID", "RESOURCE", "BEGINS", "SEATS", "UNTIL"];
    let mut table = out::Table::new(&headings).right(&[3]);
    for one in &list.data {
        table.row(&[
            one.id.to_string(),
            one.resource_name.clone(),
            one.starts_at.clone(),
            one.party_size.to_string(),
            one.expires_at.clone(),
        ]);
    }
    table.print()?;
    if list.data.is_empty() {
        out::note("nothing is held; `flightdeck slots hold` keeps a slot for some minutes");
    }
    Ok(())
}

/// Keeps it longer.
pub async fn extend(session: &Session, ask: Extend, as_json: bool) -> Result<(), Ended> {
    let ask = ExtendHold {
        hold_id: id(&ask.hold_id)?,
        ttl_seconds: ask.ttl,
    };
    let answer = session.ask(ask).await?;
    if as_json {
        return out::json(&answer);
    }
    let hold = &answer.hold;
    let said = format!("{}  {} is held until", hold.id, hold.starts_at);
    out::line(&format!("{said} {}", hold.expires_at))
}

/// Puts a guest on the list.
pub async fn wait(session: &Session, ask: Wait, as_json: bool) -> Result<(), Ended> {
    let Wait {
        which,
        guest,
        party,
    } = ask;
    let ask = WaitForSlot {
        slot_id: named(session, which, party).await?,
        guest: Guest {
            first_name: guest.first_name,
            last_name: guest.last_name,
            email: guest.email,
            phone: guest.phone,
            notes: guest.notes,
            interest: guest.interest,
            source: Some("command line".into()),
        },
        party_size: party,
    };
    let answer = session.ask(ask).await?;
    if as_json {
        return out::json(&answer);
    }
    print(&[answer.waiting])
}

/// Prints who waits.
pub async fn waiting(session: &Session, ask: Waiting, as_json: bool) -> Result<(), Ended> {
    let resource_id = id(&ask.resource_id)?;
    let list = session.ask(ListWaiting { resource_id }).await?;
    if as_json {
        return out::json(&list);
    }
    if list.data.is_empty() {
        out::note("nobody waits for it");
    }
    print(&list.data)
}

/// Takes a guest off the list.
pub async fn stop_waiting(session: &Session, ask: StopWaiting, as_json: bool) -> Result<(), Ended> {
    let waiting_id = id(&ask.waiting_id)?;
    let answer = session.ask(waiting::StopWaiting { waiting_id }).await?;
    if as_json {
        return out::json(&answer);
    }
    print(&[answer.waiting])
}

fn print(all: &[WaitingView]) -> Result<(), Ended> {
    let headings = ["ID", "STATE", "BEGINS", "SEATS", "GUEST"];
    let mut table = out::Table::new(&headings).right(&[3]);
    for one in all {
        table.row(&[
            one.id.to_string(),
            one.status.clone(),
            one.starts_at.clone(),
            one.party_size.to_string(),
            format!("{} {}", one.first_name, one.last_name),
        ]);
    }
    table.print()
}
