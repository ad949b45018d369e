//! Whoever waits for a slot that is taken, as proposals: to wait, to wait no more, and to take up
//! what was kept for them. Decides nothing about who comes first: the engine does.

use std::sync::Arc;

use serde_json::Value;

use super::{
    acts::{Typed, place, zone},
    agenda::waits,
    read::{Offer, second},
    wall,
};
use crate::{
    domain::{slot::guest::Guest, zone::Zone},
    engine::slots::{
        book::{BookSlot, Booked},
        view::{HoldView, WaitingView},
        waiting::{StopWaiting, WaitForSlot, Waits},
    },
    tui::{
        clean::Clean,
        effect::{Done, Proposal, Step},
        theme::Role,
    },
};

/// Proposes to put a guest on the list of those who wait.
#[must_use]
pub fn wait(offer: &Offer, typed: &Typed) -> Proposal {
    let name = clean!("{} {}", typed.first_name, typed.last_name);
    let operation = WaitForSlot {
        slot_id: offer.slot.slot_id.clone(),
        guest: Guest {
            first_name: typed.first_name.clone(),
            last_name: typed.last_name.clone(),
            email: typed.email.clone(),
            phone: typed.phone.clone(),
            notes: typed.notes.clone(),
            interest: None,
            source: Some(Value::from("console")),
        },
        party_size: Some(typed.seats),
    };
    let said = clean!("{name} waits for {}", offer.when());
    let there = offer.clone();
    let step = Step::new(name.clone(), operation, move |put: Waits| {
        let one = &put.waiting;
        let zone = zone(&there.zone);
        Done {
            undo: Some(Arc::new(stop(one, &there.resource, zone))),
            place: Some(there.place(&one.id.to_string())),
            ..Done::said(said.clone())
        }
    });
    let seats = typed.seats;
    let lines = vec![
        (offer.words(), Role::Text),
        (clean!("  for {name}, {}", typed.email), Role::Text),
        (clean!("  seats: {seats}"), Role::Text),
        (
            "Whoever came first and fits gets what becomes free: it is held for a while.".into(),
            Role::Muted,
        ),
    ];
    Proposal {
        title: clean!("{name} waits for {}", offer.resource),
        lines,
        typed: None,
        button: "wait",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to take a guest off the list of those who wait.
#[must_use]
pub fn stop(one: &WaitingView, resource: &str, zone: Zone) -> Proposal {
    let name = Clean::new(&waits(one));
    let operation = StopWaiting { waiting_id: one.id };
    let said = clean!("{name} waits no more");
    let step = Step::new(name.clone(), operation, move |_| Done::said(said.clone()));
    let when = wall::day_and_time(zone, second(&one.starts_at));
    let lines = vec![
        (clean!("  {resource}, {when} {zone}"), Role::Text),
        (
            "Whoever comes back later waits behind all others.".into(),
            Role::Muted,
        ),
    ];
    Proposal {
        title: clean!("{name} waits no more"),
        lines,
        typed: None,
        button: "take off the list",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to book what was kept for whoever waited.
#[must_use]
pub fn take_up(hold: &HoldView) -> Proposal {
    let operation = BookSlot {
        slot_id: None,
        hold_id: Some(hold.id),
        first_name: None,
        last_name: None,
        email: None,
        phone: None,
        notes: None,
        interest: None,
        source: None,
        party_size: None,
    };
    let resource = Clean::new(&hold.resource_name);
    let step = Step::new(resource.clone(), operation, |booked: Booked| {
        let one = booked.booking;
        let there = place(
            &one.resource_id.to_string(),
            &one.starts_at,
            &one.id.to_string(),
        );
        Done {
            place: Some(there),
            ..Done::said(clean!("{} {} is booked", one.first_name, one.last_name))
        }
    });
    let when = wall::zoned(&hold.starts_at, &hold.ends_at);
    let lines = vec![
        (clean!("  {resource}, {when}"), Role::Text),
        (clean!("  seats: {}", hold.party_size), Role::Text),
        (
            "It is booked for the guest who waited, as the guest had said.".into(),
            Role::Muted,
        ),
    ];
    Proposal {
        title: "Book for whoever waited".into(),
        lines,
        typed: None,
        button: "book it",
        steps: vec![step],
        renew: None,
    }
}
