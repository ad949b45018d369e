//! The form in which a slot is booked for a guest. Checks with the engine's own rules while it is
//! typed, and makes a proposal; sends nothing. What is typed stays until it is booked.

use super::{
    acts::{self, Typed},
    read::Offer,
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

struct Visit {
    offer: Offer,
    /// What is held of it, where it is.
    held: Option<HoldView>,
}

/// The form for a slot, or for what is held of it.
#[must_use]
pub fn form(offer: Offer, held: Option<HoldView>) -> Form {
    let mut slots = vec![
        Slot::line("firstName", "first name", "the guest's first name", ""),
        Slot::line("lastName", "last name", "the guest's last name", ""),
        Slot::line("email", "e-mail", "where to write to the guest", ""),
        Slot::line("phone", "phone", "nothing means that nobody calls", ""),
        Slot::line("notes", "notes", "what else the guest said", ""),
    ];
    if held.is_none() {
        slots.push(Slot::line(
            "partySize",
            "seats",
            "how many come together",
            "1",
        ));
    }
    let title = clean!("Book {}, {}", offer.resource, offer.when());
    Form::new(title, slots, Visit { offer, held })
}

fn seats(values: &Values, most: u32) -> Result<u32, Clean> {
    let seats = values.text("partySize").parse::<u32>().ok();
    match seats.filter(|seats| *seats > 0) {
        None => Err("is not a number from 1 on".into()),
        Some(seats) if seats > most => Err(clean!("{most} fit in at once")),
        Some(seats) => Ok(seats),
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
        if self.held.is_none()
            && let Err(why) = seats(values, self.offer.slot.capacity)
        {
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
            seats: match &self.held {
                Some(hold) => hold.party_size,
                None => seats(values, self.offer.slot.capacity)?,
            },
        };
        Ok(acts::book(&self.offer, self.held.as_ref(), &typed))
    }
}
