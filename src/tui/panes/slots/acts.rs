//! What can be done with slots, bookings and holds, as proposals: what exactly would happen, who
//! is there where it cannot, what is free instead, and how to take it back where that is real.

use std::sync::Arc;

use serde_json::Value;

use super::{
    agenda::{guest, words},
    read::{self, Offer, second},
    wall,
};
use crate::{
    domain::{slot::booking::Status, zone::Zone},
    engine::{
        fault::Fault,
        slots::{
            book::{BookSlot, Booked},
            cancel::CancelBooking,
            explain::{ExplainSlot, Explained},
            hold::{ExtendHold, Held, HoldSlot, ReleaseHold},
            reschedule::MoveBooking,
            settle::{Outcome, SettleBooking},
            view::{BookingView, HoldView, SlotView},
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        consent::Consent,
        effect::{Done, Instead, PaneId, Place, Proposal, Seek, Step},
        theme::Role,
    },
};

/// How long something is held from here, in seconds.
pub const HELD: u32 = 600;

/// A line of a question.
type Line = (Clean, Role);

fn text(text: impl Into<Clean>) -> Line {
    (text.into(), Role::Text)
}

/// The zone of that name.
pub fn zone(name: &str) -> Zone {
    name.parse().unwrap_or(Zone::UTC)
}

/// From when until when, by the clock of the place.
#[must_use]
pub fn when(zone: Zone, starts_at: &str, ends_at: &str) -> Clean {
    let span = (second(starts_at), second(ends_at));
    clean!("{} {zone}", wall::span(zone, span))
}

impl Offer {
    /// From when until when, by the clock of the place.
    #[must_use]
    pub fn when(&self) -> Clean {
        when(zone(&self.zone), &self.slot.starts_at, &self.slot.ends_at)
    }

    /// What it is, when, and how much of it is free.
    #[must_use]
    pub fn words(&self) -> Clean {
        let SlotView {
            remaining,
            capacity,
            ..
        } = self.slot;
        clean!(
            "{}, {}, {remaining} of {capacity} free",
            self.resource,
            self.when()
        )
    }

    pub(super) fn place(&self, object: &str) -> Place {
        place(
            &self.slot.resource_id.to_string(),
            &self.slot.starts_at,
            object,
        )
    }
}

/// Where something is shown: of which resource, when, and which object there.
pub fn place(resource: &str, starts_at: &str, object: &str) -> Place {
    let objects = [resource, starts_at, object];
    Place {
        pane: PaneId::Slots,
        objects: objects.into_iter().map(str::to_owned).collect(),
    }
}

/// When a booking is, by the clock of its place.
#[must_use]
pub fn time_of(view: &BookingView) -> Clean {
    when(zone(&view.timezone), &view.starts_at, &view.ends_at)
}

/// A booking in a line.
#[must_use]
pub fn line_of(view: &BookingView) -> Clean {
    let party = match view.party_size {
        1 => String::new(),
        many => format!(", party of {many}"),
    };
    clean!(
        "{}, {}{party}, {}",
        guest(view),
        time_of(view),
        words(view.status)
    )
}

/// Why a slot cannot be had, and who is there.
#[must_use]
pub fn reasons(why: &Explained) -> Vec<Line> {
    let role = if why.offered { Role::Good } else { Role::Bad };
    let mut lines = vec![(clean!("{}", why.sentence), role)];
    if let Some(reason) = &why.reason {
        lines.push((clean!("rule: {}", reason.rule()), Role::Muted));
    }
    let there = why.bookings.iter();
    lines.extend(there.map(|one| (clean!("  {}", line_of(one)), Role::Warn)));
    lines
}

/// Looks who took a slot and what is free instead, and makes a proposal of each.
fn seek(
    offer: &Offer,
    seats: u32,
    make: impl Fn(Offer) -> Proposal + Send + Sync + 'static,
) -> Seek {
    let (offer, make) = (offer.clone(), Arc::new(make));
    Arc::new(move |session: Session, fault: Fault| {
        let (offer, make) = (offer.clone(), make.clone());
        Box::pin(async move {
            let listed = fault.details.get("alternatives").cloned();
            let Some(listed) = listed else {
                return Ok(Instead::default());
            };
            let question = ExplainSlot {
                resource_id: offer.slot.resource_id,
                at: offer.slot.starts_at.clone(),
                party_size: Some(seats),
            };
            let why = session.ask(question).await?;
            let slots: Vec<SlotView> = serde_json::from_value(listed).map_err(Fault::broken)?;
            let offers = read::offers(&session, slots).await?;
            let ways = offers.into_iter();
            Ok(Instead {
                lines: reasons(&why),
                ways: ways.map(|one| (one.words(), make(one))).collect(),
            })
        })
    })
}

/// Who comes, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// Where to write to.
    pub email: String,
    /// Where to call.
    pub phone: Option<String>,
    /// What else was said.
    pub notes: Option<String>,
    /// How many come together.
    pub seats: u32,
}

/// Proposes to book a slot, or what is held of it, for a guest.
#[must_use]
pub fn book(offer: &Offer, held: Option<&HoldView>, typed: &Typed) -> Proposal {
    let name = clean!("{} {}", typed.first_name, typed.last_name);
    let seats = held.map_or(typed.seats, |hold| hold.party_size);
    let operation = BookSlot {
        slot_id: held.is_none().then(|| offer.slot.slot_id.clone()),
        hold_id: held.map(|hold| hold.id),
        first_name: Some(typed.first_name.clone()),
        last_name: Some(typed.last_name.clone()),
        email: Some(typed.email.clone()),
        phone: typed.phone.clone(),
        notes: typed.notes.clone(),
        interest: None,
        source: Some(Value::from("console")),
        party_size: held.is_none().then_some(seats),
    };
    let said = clean!("{name} is booked, {}", offer.when());
    let there = offer.clone();
    let step = Step::new(name.clone(), operation, move |booked: Booked| Done {
        place: Some(there.place(&booked.booking.id.to_string())),
        ..Done::said(said.clone())
    });
    let again = typed.clone();
    let step = step.or(seek(offer, seats, move |other| book(&other, None, &again)));
    let mut lines = vec![text(offer.words())];
    lines.push(text(clean!("  for {name}, {}", typed.email)));
    let party = if seats == 1 {
        "alone".into()
    } else {
        clean!("with {seats} seats")
    };
    lines.push(text(clean!("  {party}")));
    let phone = typed.phone.iter();
    lines.extend(phone.map(|phone| text(clean!("  phone {phone}"))));
    let notes = typed.notes.iter();
    lines.extend(notes.map(|notes| text(clean!("  \"{notes}\""))));
    Proposal {
        title: clean!("Book {} for {name}", offer.resource),
        lines,
        typed: None,
        button: "book it",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to hold a slot.
#[must_use]
pub fn hold(offer: &Offer) -> Proposal {
    let operation = HoldSlot {
        slot_id: offer.slot.slot_id.clone(),
        ttl_seconds: Some(HELD),
        party_size: None,
    };
    let there = offer.clone();
    let said = clean!("held for {} minutes: {}", HELD / 60, offer.when());
    let step = Step::new(
        clean!("{}", offer.resource),
        operation,
        move |held: Held| Done {
            undo: Some(Arc::new(release(&held.hold))),
            place: Some(there.place(&held.hold.id.to_string())),
            ..Done::said(said.clone())
        },
    );
    Proposal {
        title: clean!("Hold {}", offer.resource),
        lines: vec![
            text(offer.words()),
            text(clean!(
                "One seat is kept for {} minutes, then it is free again.",
                HELD / 60
            )),
        ],
        typed: None,
        button: "hold it",
        steps: vec![step.or(seek(offer, 1, |other| hold(&other)))],
        renew: None,
    }
}

fn words_of(hold: &HoldView) -> Clean {
    let times = wall::zoned(&hold.starts_at, &hold.ends_at);
    clean!("{}, {times}, {} held", hold.resource_name, hold.party_size)
}

/// Proposes to give back what is held.
#[must_use]
pub fn release(hold: &HoldView) -> Proposal {
    let operation = ReleaseHold { hold_id: hold.id };
    let said = clean!("{} is free again", hold.resource_name);
    let step = Step::new(clean!("{}", hold.resource_name), operation, move |_| {
        Done::said(said.clone())
    });
    Proposal {
        title: "Give back what is held".into(),
        lines: vec![
            text(words_of(hold)),
            text("Whoever waits for it gets it; otherwise it is free."),
        ],
        typed: None,
        button: "give it back",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to keep longer what is held.
#[must_use]
pub fn extend(hold: &HoldView) -> Proposal {
    let operation = ExtendHold {
        hold_id: hold.id,
        ttl_seconds: Some(HELD),
    };
    let said = clean!("held for another {} minutes", HELD / 60);
    let there = place(
        &hold.resource_id.to_string(),
        &hold.starts_at,
        &hold.id.to_string(),
    );
    let name = Clean::new(&hold.resource_name);
    let step = Step::new(name, operation, move |_| Done {
        place: Some(there.clone()),
        ..Done::said(said.clone())
    });
    Proposal {
        title: "Keep longer what is held".into(),
        lines: vec![
            text(words_of(hold)),
            text(clean!(
                "It is kept for {} minutes from now; that can be done once.",
                HELD / 60
            )),
        ],
        typed: None,
        button: "keep it",
        steps: vec![step],
        renew: None,
    }
}

/// Proposes to move a booking; back to where it was, where that can still be had.
#[must_use]
pub fn shift(view: &BookingView, to: &Offer, back: Option<&Offer>) -> Proposal {
    let name = Clean::new(&guest(view));
    let operation = MoveBooking {
        booking_id: view.id,
        slot_id: to.slot.slot_id.clone(),
    };
    let (there, home) = (to.clone(), back.cloned());
    let said = clean!("{name} is moved to {}", to.when());
    let step = Step::new(name.clone(), operation, move |moved: Booked| Done {
        undo: home
            .as_ref()
            .map(|home| Arc::new(shift(&moved.booking, home, None))),
        place: Some(there.place(&moved.booking.id.to_string())),
        ..Done::said(said.clone())
    });
    let (again, home) = (view.clone(), back.cloned());
    let make = move |other: Offer| shift(&again, &other, home.as_ref());
    Proposal {
        title: clean!("Move {name}"),
        lines: vec![
            text(clean!("  from  {}, {}", view.resource_name, time_of(view))),
            text(clean!("  to    {}", to.words())),
            (
                "All at once or not at all; what it leaves is free for whoever waits.".into(),
                Role::Muted,
            ),
        ],
        typed: None,
        button: "move it",
        steps: vec![step.or(seek(to, view.party_size, make))],
        renew: None,
    }
}

fn noun(count: usize) -> Clean {
    match count {
        1 => "1 booking".into(),
        count => clean!("{count} bookings"),
    }
}

fn listed(views: &[BookingView]) -> Vec<Line> {
    let line = |view: &BookingView| text(clean!("  {}, {}", view.resource_name, line_of(view)));
    views.iter().map(line).collect()
}

/// The longest name that has to be typed.
const LONGEST: usize = 40;

/// What has to be typed to agree to something for good: a name, where it is a short one.
fn name_to_type(views: &[BookingView]) -> Consent {
    match views {
        [one] => {
            let name = guest(one);
            if name.chars().count() > LONGEST {
                return Consent::words("cancel");
            }
            Consent::name(&name, &one.id.to_string())
        }
        many => Consent::words(noun(many.len())),
    }
}

/// Proposes to call bookings off.
#[must_use]
pub fn cancel(views: &[BookingView]) -> Proposal {
    let step = |view: &BookingView| {
        let name = Clean::new(&guest(view));
        let said = clean!("{name} is called off");
        let operation = CancelBooking {
            booking_id: view.id,
        };
        Step::new(name, operation, move |_| Done::said(said.clone()))
    };
    let mut lines = listed(views);
    lines.push(text(
        "The seats are free at once, or held for whoever waits for them.",
    ));
    lines.push((
        "That cannot be undone: whoever wants to come after all is booked again.".into(),
        Role::Warn,
    ));
    let title = match views {
        [one] => clean!("Call off {}", guest(one)),
        many => clean!("Call off {}", noun(many.len())),
    };
    Proposal {
        title,
        lines,
        typed: Some(name_to_type(views).or_keep()),
        button: "call off for good",
        steps: views.iter().map(step).collect(),
        renew: None,
    }
}

fn outcome(status: Status) -> Outcome {
    match status {
        Status::NoShow => Outcome::NoShow,
        Status::Completed => Outcome::Completed,
        Status::Confirmed | Status::Cancelled => Outcome::Confirmed,
    }
}

/// Proposes to say what became of bookings, or to take that back.
#[must_use]
pub fn settle(views: &[BookingView], to: Outcome) -> Proposal {
    let undo = Arc::new(unsettle(views));
    propose_settled(views, |_| to, Some(&undo))
}

/// Proposes to say of bookings again what was said of them before.
fn unsettle(views: &[BookingView]) -> Proposal {
    let mut back = propose_settled(views, |view| outcome(view.status), None);
    back.title = clean!("Take back what was said of {}", whom(views));
    back.button = "take it back";
    back
}

fn whom(views: &[BookingView]) -> Clean {
    match views {
        [one] => Clean::new(&guest(one)),
        many => noun(many.len()),
    }
}

fn propose_settled(
    views: &[BookingView],
    to: impl Fn(&BookingView) -> Outcome,
    undo: Option<&Arc<Proposal>>,
) -> Proposal {
    let step = |view: &BookingView| {
        let name = Clean::new(&guest(view));
        let to = to(view);
        let said = match to {
            Outcome::NoShow => clean!("{name} did not come"),
            Outcome::Completed => clean!("{name} came"),
            Outcome::Confirmed => clean!("{name} is expected again"),
        };
        let operation = SettleBooking {
            booking_id: view.id,
            status: to,
        };
        let undo = undo.cloned();
        Step::new(name, operation, move |_| Done {
            undo: undo.clone(),
            ..Done::said(said.clone())
        })
    };
    let whom = whom(views);
    let (title, sentence, button) = match views.first().map(&to) {
        Some(Outcome::NoShow) => (
            clean!("{whom}: no-show"),
            "The guest did not come; what is left of the time is free.",
            "did not come",
        ),
        Some(Outcome::Completed) => (clean!("{whom}: came"), "The guest came.", "came"),
        _ => (
            clean!("{whom}: take back"),
            "It is a booking again like any other, if its seats are still free.",
            "take back",
        ),
    };
    let mut lines = listed(views);
    lines.push(text(sentence));
    lines.push(("It can be taken back for a day.".into(), Role::Muted));
    Proposal {
        title,
        lines,
        typed: None,
        button,
        steps: views.iter().map(step).collect(),
        renew: None,
    }
}
