//! The pane of recommendations: what is recommended for the jobs under review, channel by
//! channel, to tick and to approve. Ticking sends nothing; an approval is shown line by line
//! and asked about before it is sent. What became of it stands in the same place.

mod changes;
mod detail;
pub(super) mod figures;
mod footer;
mod item;
mod keys;
mod kpis;
mod list;
mod orders;
mod pile;
mod result;
mod sheet;
mod table;
#[cfg(test)]
mod tests;
mod view;

use std::cell::Cell;

use self::{
    detail::Detail,
    list::List,
    pile::Pile,
    sheet::{Seen, Sheet},
};
use crate::{
    domain::{ids::JobId, when::Instant},
    engine::events::Event,
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        overlays::{palette::Found, prompt::Purpose},
        paint::{Canvas, Look, Spot},
        panes::{Pane, split::Split},
        theme::Role,
    },
};

/// Before the id of a product among the objects of a place.
const PRODUCT: &str = "product:";

/// The pane.
#[derive(Default)]
pub struct Review {
    pile: Pile,
    list: List,
    detail: Detail,
    split: Cell<Split>,
    shown: bool,
    now: Instant,
}

impl Review {
    fn seen(&self) -> Option<&Seen> {
        self.pile.current()?.seen()
    }

    /// Puts the list in order again, with the cursor on what it was on.
    fn refill(&mut self) {
        let sheet = self.pile.current();
        let at = sheet.and_then(|sheet| sheet.cursor.clone());
        let seen = sheet.and_then(Sheet::seen);
        self.list.fill(seen, at.as_ref());
    }

    /// The cursor may be on something else now.
    fn moved(&mut self) {
        self.detail.rewind();
        self.remember();
    }

    fn remember(&mut self) {
        let at = self.seen().and_then(|seen| self.list.known(seen));
        if let Some(sheet) = self.pile.current_mut() {
            sheet.cursor = at;
        }
    }

    /// Another job is looked at.
    fn turned(&mut self) {
        self.list.drop_range();
        self.list.go(0);
        self.detail.rewind();
        self.refill();
        self.remember();
        if self.shown
            && let Some(sheet) = self.pile.current_mut()
        {
            sheet.look();
        }
    }

    /// Why nothing can be ticked now.
    fn may_tick(&self) -> Result<(), Clean> {
        let Some(sheet) = self.pile.current() else {
            return Err("no job is under review".into());
        };
        match sheet.closed() {
            Some(why) => Err(why),
            None if self.list.is_empty() => Err("there is no recommendation here".into()),
            None => Ok(()),
        }
    }

    fn note(&mut self, now: Instant) {
        self.now = now;
    }
}

impl Pane for Review {
    fn id(&self) -> PaneId {
        PaneId::Review
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Review, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        self.pile.count()
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.note(ctx.now);
        self.pile.wake(ctx);
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.note(ctx.now);
        self.shown = shown;
        if shown {
            let before = self.pile.current().map(|sheet| sheet.id);
            self.pile.tidy();
            if before != self.pile.current().map(|sheet| sheet.id) {
                self.turned();
            } else if let Some(sheet) = self.pile.current_mut() {
                sheet.look();
            }
        }
        self.pile.show(shown, ctx);
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        self.note(ctx.now);
        let mut split = self.split.get();
        if split.act(action) {
            self.split.set(split);
            return true;
        }
        if split.in_detail() && self.detail.act(action) {
            return true;
        }
        if self.list.act(action) {
            self.moved();
            return true;
        }
        if self.arrange(action) {
            return true;
        }
        match action {
            Action::Back => return self.back(ctx),
            Action::Open | Action::Details => {
                split.enter();
                self.split.set(split);
            }
            Action::Tick
            | Action::Mark
            | Action::TickGroup
            | Action::TickAll
            | Action::MarkAll
            | Action::Invert
            | Action::Range => {
                if self.may_tick().is_ok() {
                    self.change_ticks(action);
                }
            }
            Action::NextJob | Action::PreviousJob => {
                self.pile
                    .step(if action == Action::NextJob { 1 } else { -1 }, ctx);
                self.turned();
            }
            Action::Approve => match self.pile.proposal(ctx.now) {
                Some(proposal) => ctx.want(Effect::Propose(proposal)),
                None => return false,
            },
            Action::Trail => {
                let Some(sheet) = self.pile.current() else {
                    return false;
                };
                let objects = vec![sheet.id.to_string()];
                let pane = PaneId::Activity;
                ctx.want(Effect::Go(Place { pane, objects }));
            }
            Action::Copy => self.copy(ctx),
            Action::Export => self.export(ctx),
            _ => return false,
        }
        true
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        match action {
            Action::Approve => self.pile.scope(self.now).map(|_| ()),
            Action::Tick
            | Action::Mark
            | Action::TickGroup
            | Action::TickAll
            | Action::MarkAll
            | Action::Invert
            | Action::Range => self.may_tick(),
            Action::NextJob | Action::PreviousJob if self.pile.counts().0 < 2 => {
                Err("no other job is under review".into())
            }
            Action::Copy | Action::Export | Action::Details | Action::Open
                if self.list.is_empty() =>
            {
                Err("there is no recommendation here".into())
            }
            _ => Ok(()),
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        self.note(ctx.now);
        let before = self.pile.current().map(|sheet| sheet.id);
        if self.pile.reply(ticket, reply, ctx) {
            if before == self.pile.current().map(|sheet| sheet.id) {
                self.refill();
                self.remember();
                if self.shown
                    && let Some(sheet) = self.pile.current_mut()
                    && sheet.seen().is_some()
                {
                    sheet.look();
                }
            } else {
                self.turned();
            }
        }
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if event.kind == "job"
            && let Ok(id) = event.object.parse::<JobId>()
        {
            self.pile.happened(id, &event.event, ctx);
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, _ctx: &mut Ctx<'_>) {
        if purpose == Purpose::Filter {
            self.list.set_filter(text);
            self.refill();
            self.moved();
        }
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        self.note(ctx.now);
        let mut split = self.split.get();
        if split.in_detail() && spot != Spot::Panel(1) && split.act(Action::Focus) {
            self.split.set(split);
        }
        match spot {
            Spot::Row(place) if place == self.list.cursor() => {
                self.act(Action::Details, ctx);
            }
            Spot::Row(place) => {
                self.list.go(place);
                self.moved();
            }
            Spot::Tick(place) => {
                self.list.go(place);
                self.moved();
                match self.may_tick() {
                    Ok(()) => self.tick_here(false),
                    Err(why) => ctx.toast(why, Role::Warn),
                }
            }
            Spot::Heading(column) => {
                self.list.sort_by(column);
                self.refill();
            }
            Spot::Panel(1) => {
                split.enter();
                self.split.set(split);
            }
            _ => {}
        }
    }

    fn scroll(&mut self, by: isize, _ctx: &mut Ctx<'_>) {
        if self.split.get().in_detail() {
            let action = if by > 0 { Action::Down } else { Action::Up };
            for _ in 0..by.unsigned_abs() {
                self.detail.act(action);
            }
            return;
        }
        let to = self.list.cursor().saturating_add_signed(by);
        self.list.go(to);
        self.moved();
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        self.note(ctx.now);
        let product = objects.iter().find_map(|text| text.strip_prefix(PRODUCT));
        let ids: Vec<JobId> = objects.iter().filter_map(|id| id.parse().ok()).collect();
        match ids.first() {
            Some(first) if product.is_some() && self.pile.has(*first) => {
                self.pile.look_at(*first, ctx);
            }
            Some(_) => self.pile.choose(&ids, ctx),
            None => return,
        }
        if ids.len() > pile::MOST {
            let most = pile::MOST;
            let said = clean!(
                "only the first {most} of {} jobs are under review",
                ids.len()
            );
            ctx.toast(said, Role::Warn);
        }
        self.turned();
        if let Some(product) = product {
            self.find_product(product);
        }
    }

    fn find(&self, text: &str, most: usize) -> Vec<Found> {
        self.find_products(text, most)
    }

    fn filter(&self) -> Option<&str> {
        Some(self.list.filter())
    }

    fn fields(&self) -> Vec<&'static str> {
        list::fields()
    }

    fn due(&self) -> Option<Instant> {
        self.shown.then(|| self.pile.due()).flatten()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.note(ctx.now);
        self.pile.tire(ctx.now);
    }

    fn hints(&self) -> Vec<Action> {
        let waits = self.seen().is_some_and(Seen::waits);
        let mut hints = Vec::new();
        if waits {
            hints.extend([Action::Tick, Action::Approve, Action::TickGroup]);
        }
        if self.pile.counts().0 > 1 {
            hints.push(Action::NextJob);
        }
        hints.push(Action::Details);
        if waits {
            hints.extend([Action::TickAll, Action::Invert]);
        }
        hints.push(Action::Sort);
        hints
    }

    fn save(&self) -> toml::Table {
        self.list.save()
    }

    fn restore(&mut self, table: &toml::Table) {
        self.list.restore(table);
        self.refill();
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        self.view(canvas, look);
    }
}
