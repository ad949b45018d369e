//! Where the slots live, where that is another company's system: how old what is shown is, whether
//! it can be reached, and what it does not offer. Asked again every few seconds, because nobody
//! tells when it goes away.

use chrono::{DateTime, TimeDelta};

use super::Slots;
use crate::{
    domain::{ids::ResourceId, when::Instant},
    engine::{
        slots::upstream::{
            desk::{GetSlotsDesk, SlotsDesk},
            offers::AskedView,
        },
        upstream::ago,
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        live::{Live, Taken},
        theme::Role,
    },
};

/// How often it is asked again.
const AGAIN: TimeDelta = TimeDelta::seconds(15);

type Line = (Clean, Role);

/// What is known of where the slots live.
#[derive(Default)]
pub(super) struct Elsewhere {
    desk: Live<SlotsDesk>,
    asked: Option<Instant>,
}

impl Elsewhere {
    /// Where the slots live, if that is elsewhere.
    fn known(&self) -> Option<&SlotsDesk> {
        self.desk.value().filter(|desk| !desk.is_embedded())
    }

    /// Asks.
    pub(super) fn ask(&mut self, ctx: &mut Ctx<'_>) {
        self.asked = Some(ctx.now);
        self.desk.ask(ctx, GetSlotsDesk::default());
    }

    /// Takes an answer, if it is its own.
    pub(super) fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        if self.desk.take(ticket, reply, ctx.now) == Taken::AskAgain {
            self.ask(ctx);
        }
    }

    /// When it is to be asked again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.known().and(self.asked).map(|at| at + AGAIN)
    }

    /// In a few words, for a title.
    pub(super) fn title(&self, now: Instant) -> Option<Line> {
        let desk = self.known()?;
        let name = desk.name.as_deref().unwrap_or("elsewhere");
        let at = desk.looked_at.as_deref();
        let at = at.and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        let age = at.map(|at| ago((now - at.to_utc()).num_seconds().max(0)));
        Some(match (&desk.trouble, age) {
            (Some(_), Some(age)) => (clean!("{name} away, {age}"), Role::Bad),
            (Some(_), None) => (clean!("{name} away"), Role::Bad),
            (None, Some(age)) => (clean!("{name}, {age}"), Role::Muted),
            (None, None) => (clean!("{name}, not looked at yet"), Role::Warn),
        })
    }

    /// In full, for the detail.
    pub(super) fn lines(&self) -> Vec<Line> {
        let Some(desk) = self.known() else {
            return Vec::new();
        };
        let role = if desk.trouble.is_some() {
            Role::Bad
        } else {
            Role::Muted
        };
        let mut lines = vec![(Clean::from(desk.sentence()), role)];
        let list = desk.not_offered.join(", ");
        if !list.is_empty() {
            lines.push((clean!("It does not offer: {list}."), Role::Muted));
        }
        lines
    }

    /// Why something cannot be done where it lives elsewhere.
    pub(super) fn refuses(&self, action: Action) -> Result<(), Clean> {
        let Some(desk) = self.known() else {
            return Ok(());
        };
        let why = match action {
            Action::HoldSlot | Action::ExtendHold | Action::BookHold => {
                "nobody can hold a slot there"
            }
            Action::WaitSlot => "it keeps no list of those who wait",
            Action::MoveBooking => "a booking cannot be moved there",
            Action::NoShow | Action::Came | Action::TakeBack => {
                "whether a guest came is said there, and not from here"
            }
            _ => return Ok(()),
        };
        let name = desk.name.as_deref().unwrap_or("the slot service");
        Err(clean!("{name} does not offer this: {why}"))
    }
}

impl Slots {
    /// Whether a resource lives elsewhere.
    pub(super) fn is_elsewhere(&self, id: ResourceId) -> bool {
        let row = self.chooser.get(&id);
        row.is_some_and(|row| row.view.upstream.is_some())
    }

    /// Asks again what nobody tells, once it is time.
    pub(super) fn look_elsewhere(&mut self, ctx: &mut Ctx<'_>) {
        if self.shown && self.elsewhere.due().is_some_and(|at| at <= ctx.now) {
            self.elsewhere.ask(ctx);
            self.ask_week(ctx);
        }
    }

    /// Who said what is free, where that cannot be asked now.
    pub(super) fn stale_offers(&self) -> Option<Line> {
        let row = self.chooser.selected()?;
        let asked: &AskedView = self.row_of(row.view.id)?.upstream.as_ref()?;
        asked.trouble.as_ref()?;
        Some((Clean::from(asked.sentence()), Role::Bad))
    }
}
