//! How a person goes about in the pane: by keys, by what they type, with the mouse. Changes
//! nothing but what is seen.

use super::{
    RESOURCES, Slots,
    jump::{self, Jump},
    month::Month,
    read, today,
    view::Focus,
    wall,
};
use crate::{
    domain::slot::resource::ResourceType,
    engine::slots::board::Cell,
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Effect, PaneId, Place},
        grid::Format,
        overlays::{
            prompt::{Prompt, Purpose},
            reader::Reader,
        },
        paint::Spot,
        panes::split,
        theme::{Role, UNICODE},
    },
};

/// How many rows a page of the calendar is.
const PAGE: isize = 6;

impl Slots {
    /// Does what only changes what is seen; false when it is nothing of that.
    pub(super) fn step(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        match action {
            Action::Back => return self.back(ctx),
            Action::Focus => {
                let areas = self.areas.get();
                self.set_view(|view| view.give(view.next(areas)));
            }
            Action::Zoom => self.set_view(|view| view.zoomed = !view.zoomed),
            Action::Resources => self.set_view(|view| view.give(Focus::Resources)),
            Action::OfType => self.next_type(ctx),
            Action::ZoneSwitch => {
                self.own = !self.own;
                self.moved(ctx);
                self.know();
                let zone = self.calendar.zone();
                ctx.toast(clean!("times are those of {zone}"), Role::Muted);
            }
            Action::SideBySide => {
                self.set_view(|view| {
                    view.side = !view.side;
                    view.give(Focus::Calendar);
                });
                self.know();
            }
            Action::Jump => {
                let label = clean!("go to ({}): ", jump::EXAMPLES);
                let prompt = Prompt::new(Purpose::Day, label, "");
                ctx.want(Effect::Open(Box::new(prompt)));
            }
            Action::Month => {
                let today = today(self.calendar.zone(), ctx.now);
                let month = Month::new(self.calendar.day(), today);
                ctx.want(Effect::Open(Box::new(month)));
            }
            Action::Today => self.jump("today", ctx),
            Action::WeekBack => self.by_days(-7, ctx),
            Action::WeekOn => self.by_days(7, ctx),
            Action::NextFree => self.seek(false, ctx),
            Action::NextFull => self.seek(true, ctx),
            Action::Copy => ctx.want(Effect::Copy(self.copied())),
            Action::Export => self.export(ctx),
            Action::Trail => return self.trail(ctx),
            _ => return self.walk(action, ctx),
        }
        true
    }

    /// Moves the cursor of whatever has the keys.
    fn walk(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        match self.focus() {
            Focus::Calendar => return self.walk_calendar(action, ctx),
            Focus::Agenda => match action {
                Action::Open => self.open(ctx),
                Action::DayBack => self.by_days(-1, ctx),
                Action::DayOn => self.by_days(1, ctx),
                _ if self.agenda.act(action) => {}
                _ => return false,
            },
            Focus::Resources => match action {
                Action::Open | Action::DayOn => {
                    self.set_view(|view| view.give(Focus::Calendar));
                }
                _ if self.chooser.act(action) => self.moved(ctx),
                _ => return false,
            },
            Focus::Detail => match action {
                Action::Open => self.open(ctx),
                Action::DayBack => self.by_days(-1, ctx),
                Action::DayOn => self.by_days(1, ctx),
                _ => return self.told.act(action),
            },
        }
        true
    }

    fn walk_calendar(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        match action {
            Action::Down => self.calendar.down(1),
            Action::Up => self.calendar.down(-1),
            Action::PageDown => self.calendar.down(PAGE),
            Action::PageUp => self.calendar.down(-PAGE),
            Action::Top => self.calendar.edge(false),
            Action::Bottom => self.calendar.edge(true),
            Action::DayBack => self.sideways(-1),
            Action::DayOn => self.sideways(1),
            Action::Open if self.moving.is_none() => {
                self.enter(ctx);
                return true;
            }
            // What can be marked stands in the agenda.
            Action::Mark | Action::Range | Action::MarkAll => {
                self.agenda.act(action);
            }
            _ => return false,
        }
        self.moved(ctx);
        true
    }

    fn sideways(&mut self, by: i8) {
        if self.view.get().side {
            self.chooser.scroll(by.into());
        } else {
            self.calendar.side(by.into());
        }
    }

    fn by_days(&mut self, by: i64, ctx: &mut Ctx<'_>) {
        self.calendar.side(by);
        self.moved(ctx);
    }

    /// Goes to who is booked under the cursor.
    fn enter(&mut self, ctx: &mut Ctx<'_>) {
        let (start, end) = self.calendar.cell();
        let here = |entry: &super::Entry| entry.start < end && start < entry.end;
        let place = self.agenda.shown().position(here);
        match place {
            Some(place) => {
                self.agenda.go(place);
                self.set_view(|view| view.give(Focus::Agenda));
            }
            None => ctx.toast("nobody is booked here", Role::Muted),
        }
    }

    /// Shows the line under the cursor in full.
    fn open(&self, ctx: &mut Ctx<'_>) {
        let Some(entry) = self.told_of() else {
            return;
        };
        let lines = super::detail::entry(entry, &UNICODE, ctx.now);
        let title = Clean::new(entry.time());
        ctx.want(Effect::Open(Box::new(Reader::new(title, lines))));
    }

    fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let view = self.view.get();
        if self.moving.take().is_some() {
            ctx.toast("nothing is moved", Role::Muted);
        } else if view.zoomed {
            self.set_view(|view| view.zoomed = false);
        } else if self.agenda.clear_marks() {
        } else if view.focus == Focus::Resources && !self.chooser.filter().text().is_empty() {
            self.chooser.set_filter("");
            self.moved(ctx);
        } else if view.focus == Focus::Agenda && !self.agenda.filter().text().is_empty() {
            self.agenda.set_filter("");
        } else if view.focus != Focus::Calendar {
            self.set_view(|view| view.give(Focus::Calendar));
        } else if view.side {
            self.set_view(|view| view.side = false);
            self.know();
        } else {
            return false;
        }
        true
    }

    /// Goes where somebody wants to.
    pub(super) fn jump(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        let zone = self.calendar.zone();
        let today = today(zone, ctx.now);
        match jump::read(text, self.calendar.day(), today) {
            None => {
                let said = clean!("\"{text}\" is no day: write {}", jump::EXAMPLES);
                return ctx.toast(said, Role::Warn);
            }
            Some(Jump::Now) => {
                self.calendar.go(ctx.now.timestamp());
                let (start, _) = self.calendar.cell();
                self.calendar.go(start);
            }
            Some(Jump::Day(day)) => self.calendar.go_day(day, None),
            Some(Jump::At(day, time)) => self.calendar.go_day(day, Some(time)),
        }
        self.moved(ctx);
    }

    /// Goes to the next slot that can be booked or is full, in this week or behind it.
    fn seek(&mut self, is_full: bool, ctx: &mut Ctx<'_>) {
        let Some(id) = self.chooser.selected().map(|row| row.view.id) else {
            return ctx.toast("there is no resource here", Role::Muted);
        };
        let (after, now) = (self.calendar.at(), ctx.now.timestamp());
        let found = self.row_of(id).and_then(|row| {
            let fits = |cell: &&Cell| {
                if is_full {
                    cell.1 >= row.capacity
                } else {
                    cell.2 && cell.0 >= now
                }
            };
            let behind = row.cells.iter().filter(|cell| cell.0 > after);
            behind.into_iter().find(fits).map(|cell| cell.0)
        });
        if let Some(at) = found {
            self.calendar.go(at);
            return self.moved(ctx);
        }
        let (_, end) = self.calendar.span();
        let after = if is_full { after } else { after.max(now) };
        self.seeking.forget();
        self.seeking.ask_with(ctx, async move |session| {
            read::next(session, id, after.max(end - 1), is_full).await
        });
    }

    /// What was looked for behind this week was found, or not.
    pub(super) fn sought(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(fault) = self.seeking.fault() {
            return ctx.toast(Clean::new(&fault.message), Role::Bad);
        }
        if let Some(at) = self.seeking.take_value().flatten() {
            self.calendar.go(at);
            return self.moved(ctx);
        }
        let days = read::REACH;
        ctx.toast(clean!("there is none in the next {days} days"), Role::Muted);
    }

    /// Shows only resources of the next type that there is, or all again.
    fn next_type(&mut self, ctx: &mut Ctx<'_>) {
        let now = self.chooser.filter().text().to_owned();
        let has =
            |kind: &&ResourceType| self.chooser.rows().any(|row| row.view.card.kind == **kind);
        let types: Vec<String> = ResourceType::ALL
            .iter()
            .filter(has)
            .map(|kind| format!("type:{}", kind.name()))
            .collect();
        let here = types.iter().position(|text| *text == now);
        let next = types
            .get(here.map_or(0, |at| at + 1))
            .cloned()
            .unwrap_or_default();
        let said = match next.strip_prefix("type:") {
            Some(kind) => clean!("only resources of the type {kind}"),
            None => "resources of all types".into(),
        };
        self.chooser.set_filter(&next);
        ctx.toast(said, Role::Muted);
        self.moved(ctx);
    }

    /// Does what a click means.
    pub(super) fn clicked(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        match spot {
            Spot::Panel(at) => {
                let focus = [
                    Focus::Calendar,
                    Focus::Agenda,
                    Focus::Resources,
                    Focus::Detail,
                ];
                if let Some(focus) = focus.get(usize::from(at)) {
                    self.set_view(|view| view.give(*focus));
                }
            }
            Spot::Cell(across, down) => {
                self.set_view(|view| view.give(Focus::Calendar));
                if self.view.get().side {
                    self.chooser.go(across.into());
                    self.settle_zone();
                    self.calendar.click(self.calendar.day(), down.into());
                } else {
                    let days = wall::week(self.calendar.monday());
                    if let Some(day) = days.get(usize::from(across)) {
                        self.calendar.click(*day, down.into());
                    }
                }
                self.moved(ctx);
            }
            Spot::Row(at) if at >= RESOURCES => {
                self.set_view(|view| view.give(Focus::Resources));
                self.chooser.click(Spot::Row(at - RESOURCES));
                self.moved(ctx);
            }
            Spot::Row(_) | Spot::Tick(_) => {
                self.set_view(|view| view.give(Focus::Agenda));
                if self.agenda.click(spot) {
                    self.open(ctx);
                }
            }
            Spot::Heading(at) if at >= RESOURCES => self.chooser.sort_by(at - RESOURCES),
            Spot::Heading(at) => self.agenda.sort_by(at),
            Spot::Do(_) | Spot::Tab(_) => {}
        }
    }

    fn copied(&self) -> String {
        let ids: Vec<String> = match self.focus() {
            Focus::Resources => {
                let row = self.chooser.selected();
                row.map(|row| row.view.id.to_string()).into_iter().collect()
            }
            Focus::Calendar | Focus::Agenda | Focus::Detail => {
                let targets = self.agenda.targets().into_iter();
                targets.map(crate::tui::grid::column::Row::id).collect()
            }
        };
        ids.join("\n")
    }

    fn export(&self, ctx: &mut Ctx<'_>) {
        let files = [Format::Csv, Format::Json].map(|format| {
            let (what, text) = match self.focus() {
                Focus::Resources => ("resources".to_owned(), self.chooser.export(format)),
                Focus::Calendar | Focus::Agenda | Focus::Detail => {
                    (self.calendar.day().to_string(), self.agenda.export(format))
                }
            };
            (format!("flightdeck-slots-{what}.{}", format.ending()), text)
        });
        split::export(files, ctx);
    }

    fn trail(&self, ctx: &mut Ctx<'_>) -> bool {
        let object = match self.focus() {
            Focus::Resources => self.chooser.selected().map(|row| row.view.id.to_string()),
            Focus::Calendar | Focus::Agenda | Focus::Detail => self
                .agenda
                .selected()
                .map(crate::tui::grid::column::Row::id),
        };
        let Some(object) = object else {
            return false;
        };
        ctx.want(Effect::Go(Place {
            pane: PaneId::Activity,
            objects: vec![object],
        }));
        true
    }
}
