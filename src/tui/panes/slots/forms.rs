//! The form in which a slot is booked for a guest, or a guest waits for one. Checks with the engine's own rules while it is
//! typed, and makes a proposal; sends nothing. What is typed stays until it is booked.

use super::{
    acts::{self, Typed},
    read::Offer,
    waiting,
};
use crate::{
    domain::slot::guest::Guest,
    engine::slots::view::HoldView,
    tui::{
        clean::Clean,
        effect::Proposal,
        overlays::form::{Form, Rules, Slot, Values, Wrong},
    },
};

/// How a guest comes to a slot.
pub enum How {
    /// It is booked.
    Book,
    /// What is held of it is booked.
    Held(Box<HoldView>),
    /// The guest waits for it.
    Wait,
}

impl How {
    /// How many come together where nobody says; nothing where that is settled already.
    fn seats(&self, offer: &Offer) -> Option<u32> {
        match self {
            Self::Book => Some(1),
            Self::Held(_) => None,
            // Whoever fits into what is left has to wait for nothing.
            Self::Wait => Some(offer.slot.remaining.saturating_add(1)),
        }
    }
}

struct Visit {
    offer: Offer,
    how: How,
}

/// The form for a slot.
#[must_use]
pub fn form(offer: Offer, how: How) -> Form {
    let mut slots = vec![
        Slot::line("firstName", "first name", "the guest's first name", ""),
        Slot::line("lastName", "last name", "the guest's last name", ""),
        Slot::line("email", "e-mail", "where to write to the guest", ""),
        Slot::line("phone", "phone", "nothing means that nobody calls", ""),
        Slot::line("notes", "notes", "what else the guest said", ""),
    ];
    if let Some(seats) = how.seats(&offer) {
        let seats = seats.to_string();
        let about = "how many come together";
        slots.push(Slot::line("partySize", "seats", about, &seats));
    }
    let verb = match how {
        How::Book | How::Held(_) => "Book",
        How::Wait => "Wait for",
    };
    let title = clean!("{verb} {}, {}", offer.resource, offer.when());
    Form::new(title, slots, Visit { offer, how })
}

fn seats(values: &Values, most: u32) -> Result<u32, Clean> {
    let seats = values.text("partySize").parse::<u32>().ok();
    match seats.filter(|seats| *seats > 0) {
        None => Err("is not a number from 1 on".into()),
        Some(seats) if seats > most => Err(clean!("{most} fit in at once")),
        Some(seats) => Ok(seats),
    }
}

impl Visit {
    fn seats(&self, values: &Values) -> Result<u32, Clean> {
        match &self.how {
            How::Held(hold) => Ok(hold.party_size),
            How::Book | How::Wait => seats(values, self.offer.slot.capacity),
        }
    }
}

impl Rules for Visit {
    fn check(&self, values: &Values) -> Vec<Wrong> {
        let guest = Guest {
            first_name: values.text("firstName").to_owned(),
            last_name: values.text("lastName").to_owned(),
            email: values.text("email").to_owned(),
            phone: values.some("phone"),
            notes: values.some("notes"),
            interest: None,
            source: None,
        };
        let problems = guest.problems().into_iter();
        let mut wrong: Vec<Wrong> = problems
            .map(|one| (one.field.clone(), clean!("{}", one.message)))
            .collect();
        if let Err(why) = self.seats(values) {
            wrong.push(("partySize".to_owned(), why));
        }
        wrong
    }

    fn propose(&self, values: &Values) -> Result<Proposal, Clean> {
        let typed = Typed {
            first_name: values.text("firstName").to_owned(),
            last_name: values.text("lastName").to_owned(),
            email: values.text("email").to_owned(),
            phone: values.some("phone"),
            notes: values.some("notes"),
            seats: self.seats(values)?,
        };
        Ok(match &self.how {
            How::Book => acts::book(&self.offer, None, &typed),
            How::Held(hold) => acts::book(&self.offer, Some(hold), &typed),
            How::Wait => waiting::wait(&self.offer, &typed),
        })
    }
}
