//! What the pane knows and asks for: the directory, a week of one resource, all of them together,
//! what is held. Keeps to what is under the cursor, and asks for nothing twice.

use std::collections::HashMap;

use super::{
    AGAIN, Put, Slots, Wanted,
    agenda::Entry,
    chooser::ResourceRow,
    heat,
    read::{self, Week, second},
};
use crate::{
    domain::{ids::ResourceId, when::Instant},
    engine::slots::board::BoardRow,
    tui::{effect::Ctx, grid::Grid},
};

impl Slots {
    pub(super) fn ask(&mut self, ctx: &mut Ctx<'_>) {
        self.asked = Some(ctx.now);
        self.directory.ask_with(ctx, read::directory);
        self.holds.ask_with(ctx, read::holds);
        self.elsewhere.ask(ctx);
        self.ask_week(ctx);
        self.stale = true;
        self.ask_all(ctx);
    }

    /// What the week under the cursor is of.
    pub(super) fn want(&self) -> Option<Wanted> {
        let (from, to) = self.calendar.span();
        self.chooser.selected().map(|row| (row.view.id, from, to))
    }

    pub(super) fn ask_week(&mut self, ctx: &mut Ctx<'_>) {
        let wanted = self.want();
        if self.wanted != wanted {
            self.week.forget();
            self.wanted = wanted;
        }
        if let Some((id, from, to)) = wanted {
            self.week.ask_with(ctx, async move |session| {
                read::week(session, id, from, to).await
            });
        }
    }

    /// Asks for all resources together, where it is of use and not too often.
    pub(super) fn ask_all(&mut self, ctx: &mut Ctx<'_>) {
        let span = self.calendar.span();
        let other = self.all_for != Some(span);
        let soon = self.all_at.is_some_and(|at| at + AGAIN > ctx.now);
        if !self.shown || !(other || self.stale && !soon) {
            return;
        }
        if other {
            self.all.forget();
        }
        (self.all_for, self.all_at, self.stale) = (Some(span), Some(ctx.now), false);
        let ((from, to), now) = (span, ctx.now.timestamp());
        self.all.ask_with(ctx, async move |session| {
            read::all(session, from, to, now).await
        });
    }

    /// The cursor may be on another week or resource now.
    pub(super) fn moved(&mut self, ctx: &mut Ctx<'_>) {
        self.told.home();
        let id = self.chooser.selected().map(|row| row.view.id);
        let is_other = self.wanted.map(|(id, ..)| id) != id;
        self.put = if is_other && !self.view.get().side {
            Put::Elsewhere
        } else {
            Put::Here
        };
        self.settle_zone();
        if self.want() == self.wanted {
            self.rest.stop();
            self.list(ctx.now);
        } else {
            self.rest.moved(ctx.now);
        }
    }

    /// Shows the clock that is wanted.
    pub(super) fn settle_zone(&mut self) {
        let zone = self.chooser.selected().map_or(self.home, ResourceRow::zone);
        self.calendar
            .set_zone(if self.own { zone } else { self.home });
    }

    /// The week under the cursor, as far as it is known.
    pub(super) fn known(&self) -> Option<&Week> {
        self.week.value().filter(|_| self.wanted == self.want())
    }

    /// What is known of a resource in the week under the cursor.
    pub(super) fn row_of(&self, id: ResourceId) -> Option<&BoardRow> {
        if let Some(week) = self.known().filter(|week| week.board.id == id) {
            return Some(&week.board);
        }
        let all = self
            .all
            .value()
            .filter(|_| self.all_for == Some(self.calendar.span()))?;
        all.resources.iter().find(|row| row.id == id)
    }

    pub(super) fn came_resources(&mut self, ctx: &mut Ctx<'_>) {
        let Some(found) = self.directory.take_value() else {
            return;
        };
        self.more = found.more;
        let full: HashMap<ResourceId, u64> = self
            .chooser
            .rows()
            .filter_map(|row| Some((row.view.id, row.full?)))
            .collect();
        let rows = found.resources.into_iter().map(|view| ResourceRow {
            full: full.get(&view.id).copied(),
            view,
        });
        let rows: Vec<ResourceRow> = rows.collect();
        let first = self.chooser.counts().0 == 0;
        self.chooser.set(rows, ctx.now);
        if let (true, Some(id)) = (first, self.chosen.take()) {
            self.chooser.select(&id);
        }
        self.settle_zone();
        if self.wanted != self.want() {
            self.ask_week(ctx);
            self.ask_all(ctx);
        }
    }

    pub(super) fn came_week(&mut self, ctx: &mut Ctx<'_>) {
        self.know();
        let put = std::mem::replace(&mut self.put, Put::Here);
        if put == Put::Nowhere
            && let Some(week) = self.week.value()
        {
            let length = i64::from(week.board.minutes) * 60;
            let now = ctx.now.timestamp();
            let next = week.board.cells.iter().find(|cell| cell.0 + length > now);
            if let Some(cell) = next {
                self.calendar.go(cell.0);
            }
        } else if put == Put::Elsewhere {
            self.come_near();
        }
        self.list(ctx.now);
    }

    /// Puts the cursor on the nearest slot, where it is outside of the hours of another resource.
    fn come_near(&mut self) {
        let Some(week) = self.week.value() else {
            return;
        };
        let (start, end) = self.calendar.cell();
        if heat::state(&week.board, (start, end), 0) != heat::State::Outside {
            return;
        }
        let (from, to) = self.calendar.span();
        let here = week.board.cells.iter().map(|cell| cell.0);
        let here = here.filter(|at| (from..to).contains(at));
        if let Some(at) = here.min_by_key(|at| (at - start).abs()) {
            self.calendar.go(at);
        }
    }

    /// Learns how fine the rows have to be.
    pub(super) fn know(&mut self) {
        let side = self.view.get().side;
        let all = self.all.value().filter(|_| side);
        let rows = all.into_iter().flat_map(|all| &all.resources);
        let week = self.week.value().map(|week| &week.board);
        self.calendar.know(rows.chain(week));
    }

    /// How full the week of each resource is.
    pub(super) fn came_all(&mut self) {
        self.know();
        let Some(all) = self.all.value() else {
            return;
        };
        let span = self.calendar.span();
        let rows: Vec<ResourceRow> = all
            .resources
            .iter()
            .filter_map(|row| {
                let known = self.chooser.get(&row.id)?;
                let full = heat::percent(heat::sums(row, span));
                (known.full != full).then(|| ResourceRow {
                    full,
                    ..known.clone()
                })
            })
            .collect();
        // How full it is changes all the time, and is no news.
        self.chooser.load(rows);
    }

    /// Lists who comes on the day under the cursor.
    pub(super) fn list(&mut self, now: Instant) {
        let (zone, day) = (self.calendar.zone(), self.calendar.day());
        let Some(id) = self.chooser.selected().map(|row| row.view.id) else {
            return;
        };
        let is_same = self.listed == Some((id, day, zone));
        if self.known().is_none() {
            // Nothing of another day may stand there meanwhile.
            if !is_same {
                self.blank();
            }
            return;
        }
        let entries = self.entries(id, now);
        if is_same {
            self.agenda.set(entries, now);
        } else {
            self.blank();
            self.told.home();
            self.agenda.load(entries);
            self.listed = Some((id, day, zone));
            let (from, _) = self.calendar.cell();
            let place = self.agenda.shown().position(|entry| entry.end > from);
            self.agenda.go(place.unwrap_or(0));
        }
        if let Some(aim) = self.aim.take_if(|aim| self.agenda.get(aim).is_some()) {
            self.agenda.select(&aim);
        }
    }

    /// Who comes on the day under the cursor, what is held of it, and who waits for it.
    fn entries(&self, id: ResourceId, now: Instant) -> Vec<Entry> {
        let zone = self.calendar.zone();
        let (start, end) = self.calendar.span_of(self.calendar.day());
        let Some(week) = self.known() else {
            return Vec::new();
        };
        let bookings = week.bookings.iter().map(|view| Entry::booking(view, zone));
        let holds = self.holds.value().map(|holds| &holds.data[..]);
        let holds = holds.unwrap_or_default().iter();
        let holds = holds.filter(|hold| hold.resource_id == id);
        let holds = holds.filter(|hold| second(&hold.expires_at) > now.timestamp());
        let holds = holds.map(|view| Entry::hold(view, zone));
        let length = i64::from(week.board.minutes) * 60;
        let mut places: HashMap<&str, usize> = HashMap::new();
        let waiting = week.waiting.iter().map(|view| {
            let place = places.entry(&view.starts_at).or_default();
            *place += 1;
            Entry::waiting(view, (*place, length), zone)
        });
        let all = bookings.chain(holds).chain(waiting);
        all.filter(|entry| (start..end).contains(&entry.start))
            .collect()
    }

    /// Empties the agenda, and keeps how a person wants to see it.
    fn blank(&mut self) {
        let kept = self.agenda.save();
        self.agenda = Grid::default();
        self.agenda.restore(&kept);
        self.listed = None;
    }
}
