//! What the pane does on its own keys: looks at a slot, then opens a form or proposes; proposes of
//! bookings and holds what can be done with them; says why not.

use super::{
    Slots, acts,
    agenda::{Entry, guest, waits},
    forms::{self, How},
    read::{self, Offer, Picked},
    view::Focus,
    waiting,
};
use crate::{
    domain::slot::booking::Status,
    engine::slots::{
        settle::Outcome,
        view::{BookingView, HoldView, SlotView, WaitingView},
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, Proposal},
        overlays::ways::{Choice, Chosen},
        theme::Role,
    },
};

/// What somebody wants of the slot that is being looked at.
#[derive(Debug, Clone)]
pub enum Wish {
    /// To book it.
    Book,
    /// To hold it.
    Hold,
    /// To know why it cannot be booked.
    Why,
    /// To wait for it.
    Wait,
    /// To move a booking there.
    Move(Box<BookingView>),
}

impl Wish {
    fn seats(&self) -> u32 {
        match self {
            Self::Move(view) => view.party_size,
            Self::Book | Self::Hold | Self::Wait | Self::Why => 1,
        }
    }

    /// Goes on with a slot that can be had.
    fn go_on(&self, offer: Offer, back: Option<&Offer>, ctx: &mut Ctx<'_>) {
        match self {
            Self::Book | Self::Wait | Self::Why => {
                ctx.want(Effect::Open(Box::new(forms::form(offer, How::Book))));
            }
            Self::Hold => ctx.want(Effect::Propose(acts::hold(&offer))),
            Self::Move(view) => ctx.want(Effect::Propose(acts::shift(view, &offer, back))),
        }
    }
}

impl Slots {
    /// The slot that begins under the cursor, or the moment itself.
    fn slot_here(&self) -> i64 {
        let (start, end) = self.calendar.cell();
        let id = self.chooser.selected().map(|row| row.view.id);
        let row = id.and_then(|id| self.row_of(id));
        let state = row.map(|row| super::heat::state(row, (start, end), self.now.timestamp()));
        match state {
            Some(super::heat::State::Open { begins, free, .. }) => {
                free.or(begins).unwrap_or_else(|| self.covering(start))
            }
            _ => start,
        }
    }

    /// When the slot begins that a moment lies in.
    fn covering(&self, at: i64) -> i64 {
        let id = self.chooser.selected().map(|row| row.view.id);
        let row = id.and_then(|id| self.row_of(id));
        let before = row.and_then(|row| row.cells.iter().rev().find(|cell| cell.0 <= at));
        before.map_or(at, |cell| cell.0)
    }

    /// Looks at the slot under the cursor.
    fn look(&mut self, wish: Wish, ctx: &mut Ctx<'_>) {
        let Some(id) = self.chooser.selected().map(|row| row.view.id) else {
            return;
        };
        let at = self.slot_here();
        let moving = match &wish {
            Wish::Move(view) => Some(BookingView::clone(view)),
            _ => None,
        };
        let seats = wish.seats();
        self.wish = Some(wish);
        self.picking.forget();
        self.picking.ask_with(ctx, async move |session| {
            read::pick(session, id, at, seats, moving).await
        });
    }

    /// The slot was looked at.
    pub(super) fn picked(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(fault) = self.picking.fault() {
            ctx.toast(Clean::new(&fault.message), Role::Bad);
            return;
        }
        let Some((picked, wish)) = self.picking.take_value().zip(self.wish.take()) else {
            return;
        };
        let back = Self::way_back(&picked, &wish);
        if let (Some(offer), Wish::Wait) = (picked.to_wait_for(), &wish) {
            let form = forms::form(offer.clone(), How::Wait);
            return ctx.want(Effect::Open(Box::new(form)));
        }
        let free = !matches!(wish, Wish::Why | Wish::Wait);
        if let (Some(offer), true) = (&picked.offer, free) {
            if let Wish::Move(_) = wish {
                self.moving = None;
            }
            return wish.go_on(offer.clone(), back.as_ref(), ctx);
        }
        ctx.want(Effect::Open(Box::new(explained(
            &picked,
            &wish,
            back.as_ref(),
        ))));
    }

    /// The slot that a booking leaves, to come back to.
    fn way_back(picked: &Picked, wish: &Wish) -> Option<Offer> {
        let (Wish::Move(view), Some(slot)) = (wish, &picked.back) else {
            return None;
        };
        Some(Offer {
            // Its own seats are free by then.
            slot: SlotView {
                remaining: slot.remaining.saturating_add(view.party_size),
                ..slot.clone()
            },
            resource: view.resource_name.clone(),
            zone: view.timezone.clone(),
        })
    }

    /// The lines that a key is about: the marked ones, the one under the cursor, or the only one
    /// that is booked where the cursor of the calendar is.
    fn targets(&self) -> Vec<&Entry> {
        if self.agenda.marked() > 0 || self.view.get().of_line {
            return self.agenda.targets();
        }
        let (start, end) = self.calendar.cell();
        let here = |entry: &&Entry| entry.start < end && start < entry.end && entry.is_there();
        let here: Vec<&Entry> = self.agenda.shown().filter(here).collect();
        if here.len() > 1 { Vec::new() } else { here }
    }

    fn bookings(&self) -> Vec<BookingView> {
        let targets = self.targets().into_iter();
        targets
            .filter_map(|entry| entry.booked().cloned())
            .collect()
    }

    fn hold(&self) -> Option<HoldView> {
        self.targets()
            .into_iter()
            .find_map(|entry| entry.held().cloned())
    }

    fn awaits(&self) -> Option<WaitingView> {
        let mut targets = self.targets().into_iter();
        targets.find_map(|entry| entry.awaits().cloned())
    }

    /// Whether what begins under the cursor is full.
    fn is_full(&self) -> bool {
        let id = self.chooser.selected().map(|row| row.view.id);
        let Some(row) = id.and_then(|id| self.row_of(id)) else {
            return false;
        };
        let now = self.now.timestamp();
        let state = super::heat::state(row, self.calendar.cell(), now);
        matches!(state, super::heat::State::Open { taken, seats, begins, .. }
            if taken >= seats && begins.is_some_and(|at| at > now))
    }

    /// Why a command cannot be done now.
    pub(super) fn may_do(&self, action: Action) -> Result<(), Clean> {
        let of_here = action.command().section == Section::Slots;
        if !of_here && action != Action::Trail {
            return Ok(());
        }
        let Some(row) = self.chooser.selected() else {
            return Err("there is nothing to book here".into());
        };
        if self.is_elsewhere(row.view.id) {
            self.elsewhere.refuses(action)?;
        }
        match action {
            Action::BookSlot | Action::HoldSlot | Action::WaitSlot if !row.view.is_active => {
                Err(clean!("{} cannot be booked at the moment", row.name()))
            }
            Action::ReleaseHold if self.awaits().is_some() => Ok(()),
            Action::BookHold | Action::ExtendHold | Action::ReleaseHold
                if self.hold().is_none() =>
            {
                Err("go to something that is held first".into())
            }
            Action::ExtendHold if self.hold().is_some_and(|hold| hold.extended) => {
                Err("it was kept longer once already".into())
            }
            Action::MoveBooking => self.may_move(),
            Action::NoShow | Action::Came | Action::TakeBack | Action::CancelBooking => {
                self.may_change(action)
            }
            _ => Ok(()),
        }
    }

    fn one_or_why(&self) -> Result<Vec<BookingView>, Clean> {
        let found = self.bookings();
        if found.is_empty() {
            return Err(match (self.awaits(), self.focus()) {
                (Some(one), _) => clean!("{} waits, and has booked nothing yet", waits(&one)),
                (None, Focus::Calendar) => {
                    "go to a booking first: tab goes to who comes on this day".into()
                }
                _ => "there is no booking under the cursor".into(),
            });
        }
        Ok(found)
    }

    fn may_move(&self) -> Result<(), Clean> {
        if self.moving.is_some() {
            return Ok(());
        }
        match &self.one_or_why()?[..] {
            [one] if one.status == Status::Confirmed => Ok(()),
            [one] => Err(clean!("{} is {}", guest(one), one.status.words())),
            _ => Err("one booking is moved at a time".into()),
        }
    }

    fn may_change(&self, action: Action) -> Result<(), Clean> {
        let now = self.now.timestamp();
        for one in self.one_or_why()? {
            let (name, status) = (guest(&one), one.status);
            let begun = read::second(&one.starts_at) <= now;
            let is = || Err(clean!("{name} is {} already", status.words()));
            let refused = match (action, status) {
                (Action::CancelBooking, Status::Confirmed) => Ok(()),
                (_, Status::Cancelled)
                | (Action::NoShow, Status::NoShow)
                | (Action::Came, Status::Completed)
                | (Action::CancelBooking, _) => is(),
                (Action::TakeBack, Status::Confirmed) => {
                    Err(clean!("nothing was said of {name} yet"))
                }
                _ if !begun => Err(clean!("the time of {name} has not begun yet")),
                _ => Ok(()),
            };
            refused?;
        }
        Ok(())
    }

    /// Does a command of its own; false when it knows none like that.
    pub(super) fn deed(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        let proposal = match action {
            Action::Open => match self.moving.clone() {
                Some(view) => {
                    self.look(Wish::Move(view), ctx);
                    return true;
                }
                None => return false,
            },
            Action::BookSlot => {
                self.look(Wish::Book, ctx);
                return true;
            }
            Action::HoldSlot => {
                self.look(Wish::Hold, ctx);
                return true;
            }
            Action::WhyNot => {
                self.look(Wish::Why, ctx);
                return true;
            }
            Action::WaitSlot => {
                self.look(Wish::Wait, ctx);
                return true;
            }
            Action::MoveBooking => {
                self.begin_move(ctx);
                return true;
            }
            Action::BookHold => {
                self.book_hold(ctx);
                return true;
            }
            Action::ExtendHold => self.hold().map(|hold| acts::extend(&hold)),
            Action::ReleaseHold => match self.awaits() {
                Some(one) => self.stop_waiting(&one),
                None => self.hold().map(|hold| acts::release(&hold)),
            },
            Action::CancelBooking => Some(acts::cancel(&self.bookings())),
            Action::NoShow => Some(acts::settle(&self.bookings(), Outcome::NoShow)),
            Action::Came => Some(acts::settle(&self.bookings(), Outcome::Completed)),
            Action::TakeBack => Some(acts::settle(&self.bookings(), Outcome::Confirmed)),
            _ => return false,
        };
        if let Some(proposal) = proposal {
            ctx.want(Effect::Propose(proposal));
        }
        true
    }

    /// Books what is held: for whoever waited for it, or for whom a form says.
    fn book_hold(&self, ctx: &mut Ctx<'_>) {
        let Some((hold, offer)) = self.hold().and_then(|hold| self.held_offer(hold)) else {
            return;
        };
        if hold.waiting_id.is_some() {
            return ctx.want(Effect::Propose(waiting::take_up(&hold)));
        }
        let form = forms::form(offer, How::Held(Box::new(hold)));
        ctx.want(Effect::Open(Box::new(form)));
    }

    fn stop_waiting(&self, one: &WaitingView) -> Option<Proposal> {
        let row = self.chooser.get(&one.resource_id)?;
        Some(waiting::stop(one, row.name(), row.zone()))
    }

    /// What is held, as the slot that it is of.
    fn held_offer(&self, hold: HoldView) -> Option<(HoldView, Offer)> {
        let row = self.chooser.get(&hold.resource_id)?;
        let slot = SlotView {
            slot_id: String::new(),
            resource_id: hold.resource_id,
            starts_at: hold.starts_at.clone(),
            ends_at: hold.ends_at.clone(),
            remaining: hold.party_size,
            capacity: row.view.schedule.max_concurrent,
        };
        let offer = Offer {
            slot,
            resource: hold.resource_name.clone(),
            zone: row.zone().to_string(),
        };
        Some((hold, offer))
    }

    /// Takes a booking along to wherever the cursor goes, or asks where that is.
    fn begin_move(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(view) = self.moving.clone() {
            return self.look(Wish::Move(view), ctx);
        }
        if let Some(view) = self.bookings().into_iter().next() {
            let name = guest(&view);
            self.moving = Some(Box::new(view));
            self.set_view(|view| view.give(Focus::Calendar));
            let said = clean!("go to a free time and press enter: {name} is moved there");
            ctx.toast(said, Role::Accent);
        }
    }

    /// What is most useful here, for the hint bar.
    pub(super) fn useful(&self) -> Vec<Action> {
        let mut hints = self.hinted();
        if self
            .chooser
            .selected()
            .is_some_and(|row| row.view.upstream.is_some())
        {
            hints.retain(|action| self.elsewhere.refuses(*action).is_ok());
        }
        hints
    }

    fn hinted(&self) -> Vec<Action> {
        if self.moving.is_some() {
            return vec![Action::Open, Action::Back, Action::NextFree, Action::WeekOn];
        }
        match self.focus() {
            Focus::Calendar => vec![
                if self.is_full() {
                    Action::WaitSlot
                } else {
                    Action::BookSlot
                },
                Action::Open,
                Action::WhyNot,
                Action::Jump,
                Action::NextFree,
                Action::SideBySide,
                Action::Resources,
                Action::HoldSlot,
            ],
            Focus::Agenda | Focus::Detail if self.awaits().is_some() => {
                vec![Action::ReleaseHold, Action::Open]
            }
            Focus::Agenda | Focus::Detail if self.hold().is_some() => {
                vec![
                    Action::BookHold,
                    Action::ExtendHold,
                    Action::ReleaseHold,
                    Action::Open,
                ]
            }
            Focus::Agenda | Focus::Detail => vec![
                Action::Open,
                Action::NoShow,
                Action::Came,
                Action::MoveBooking,
                Action::CancelBooking,
                Action::Mark,
            ],
            Focus::Resources => vec![Action::Open, Action::OfType, Action::SideBySide],
        }
    }
}

/// Why a time cannot be had, and what can be instead.
fn explained(picked: &Picked, wish: &Wish, back: Option<&Offer>) -> Choice {
    let mut lines = acts::reasons(&picked.why);
    let named = picked.offer.iter().map(|offer| (offer.words(), Role::Text));
    lines.extend(named);
    let offers: Vec<Offer> = match &picked.offer {
        Some(offer) => vec![offer.clone()],
        None => picked.instead.clone(),
    };
    if picked.offer.is_some() {
        lines.push(("Book it:".into(), Role::Title));
    } else if offers.is_empty() {
        lines.push(("Nothing near it is free.".into(), Role::Muted));
    } else {
        lines.push(("Free instead:".into(), Role::Title));
    }
    let ways = offers.into_iter().map(|offer| {
        let (about, wish, back) = (offer.words(), wish.clone(), back.cloned());
        let chosen: Chosen = Box::new(move |ctx: &mut Ctx<'_>| {
            wish.go_on(offer.clone(), back.as_ref(), ctx);
        });
        (about, chosen)
    });
    let title = Clean::new(&super::wall::answered(&picked.why.at));
    Choice::new(title, lines, ways.collect())
}
