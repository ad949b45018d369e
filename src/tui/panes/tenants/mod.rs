//! The pane of tenants: the directory with how each is, and one of them in full beside it, a tab
//! at a time. Whoever looks after the house sees all tenants, everybody else their own. Changes
//! nothing: it proposes, and shows secrets once, in a window that keeps them from everything
//! else.

mod acts;
mod deeds;
mod detail;
mod forms;
mod lists;
mod read;
pub mod rows;
mod tabs;

use std::cell::Cell;

use chrono::TimeDelta;

use self::{
    detail::{Detail, NAMES},
    rows::{Health, TenantEntry},
    tabs::Tab,
};
use crate::{
    domain::{ids::TenantId, when::Instant},
    engine::events::Event,
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        filter::Filter,
        grid::{Format, Grid},
        live::{Live, Taken},
        overlays::{
            palette::{Found, Goal},
            prompt::Purpose,
        },
        paint::{Canvas, Look, Spot},
        panes::{
            Pane,
            split::{self, Split},
        },
        theme::Role,
    },
};

/// How long the cursor rests before the tenant under it is looked at.
const REST: TimeDelta = TimeDelta::milliseconds(120);
/// How often is asked for what makes no events here, while it is seen.
const AGAIN: TimeDelta = TimeDelta::seconds(5);

/// The pane.
pub struct Tenants {
    own: TenantId,
    keeps: bool,
    grid: Grid<TenantEntry>,
    directory: Live<read::Directory>,
    more: i64,
    detail: Detail,
    moved: Option<Instant>,
    asked: Instant,
    shown: bool,
    split: Cell<Split>,
}

impl Tenants {
    /// For somebody of this tenant.
    #[must_use]
    pub fn new(own: TenantId) -> Self {
        Self {
            own,
            keeps: false,
            grid: Grid::default(),
            directory: Live::default(),
            more: 0,
            detail: Detail::default(),
            moved: None,
            asked: Instant::default(),
            shown: false,
            split: Cell::default(),
        }
    }

    fn ask(&mut self, ctx: &mut Ctx<'_>) {
        self.asked = ctx.now;
        self.directory.ask_with(ctx, read::directory);
        self.detail.again(ctx);
    }

    fn came(&mut self, ctx: &mut Ctx<'_>) {
        let Some(found) = self.directory.take_value() else {
            return;
        };
        (self.keeps, self.more) = (found.keeps, found.more);
        let own = &self.own;
        let rows = found.tenants.iter();
        let rows = rows.map(|row| TenantEntry::new(row, own)).collect();
        let first = self.grid.counts().0 == 0;
        self.grid.set(rows, ctx.now);
        if first && self.grid.selected().is_none_or(|row| !row.own) {
            let own = self.own.clone();
            self.grid.select(&own);
        }
        self.moved(ctx);
    }

    /// The cursor may be on another tenant now.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let selected = self.grid.selected().map(|row| &row.id);
        if selected == self.detail.id() {
            self.moved = None;
            return;
        }
        let quick = self.moved.is_some_and(|at| ctx.now - at < REST);
        if quick {
            self.detail.blank();
        }
        self.moved = Some(ctx.now);
    }

    fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.in_detail()
            && let Some(sheet) = self.detail.sheet_mut()
            && !sheet.filter().is_empty()
        {
            sheet.set_filter("");
        } else if split.leave() {
            self.split.set(split);
        } else if !self.grid.clear_marks() {
            if self.grid.filter().is_empty() {
                return false;
            }
            self.grid.set_filter("");
            self.moved(ctx);
        }
        true
    }

    fn in_detail(&self) -> bool {
        self.split.get().in_detail()
    }

    fn enter(&self) {
        let mut split = self.split.get();
        split.enter();
        self.split.set(split);
    }

    fn copied(&self) -> String {
        let sheet = self.detail.sheet().filter(|_| self.in_detail());
        let ids = match sheet {
            Some(sheet) => sheet.ids(),
            None => {
                let rows = self.grid.targets().into_iter();
                rows.map(|row| row.id.to_string()).collect()
            }
        };
        ids.join("\n")
    }

    fn export(&self, ctx: &mut Ctx<'_>) {
        let sheet = self.detail.sheet().filter(|_| self.in_detail());
        let files = [Format::Csv, Format::Json].map(|format| match sheet {
            Some(sheet) => {
                let what = self.detail.tab().name().replace(' ', "-");
                let name = format!("flightdeck-tenant-{what}.{}", format.ending());
                (name, sheet.export(format))
            }
            None => {
                let name = format!("flightdeck-tenants.{}", format.ending());
                (name, self.grid.export(format))
            }
        });
        split::export(files, ctx);
    }

    fn trail(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if self.grid.selected().is_none() {
            return false;
        }
        // Another tenant's trail is not in the pane of what happened.
        self.detail.turn(Tab::Audit, ctx);
        self.enter();
        true
    }
}

impl Pane for Tenants {
    fn id(&self) -> PaneId {
        PaneId::Tenants
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Tenants, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        let waits = |row: &&TenantEntry| row.health() == Health::NotSetUp;
        self.grid.rows().filter(waits).count()
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.directory.forget();
        self.ask(ctx);
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        if shown {
            self.ask(ctx);
        }
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        match action {
            Action::NextTab => self.detail.turn(self.detail.tab().next(1), ctx),
            Action::PreviousTab => {
                let before = Tab::ALL.len() - 1;
                self.detail.turn(self.detail.tab().next(before), ctx);
            }
            Action::Back => return self.back(ctx),
            Action::Open if self.grid.selected().is_some() => self.enter(),
            Action::Trail => return self.trail(ctx),
            Action::Copy => ctx.want(Effect::Copy(self.copied())),
            Action::Export => self.export(ctx),
            _ => {
                let mut split = self.split.get();
                if split.act(action) {
                    self.split.set(split);
                } else if split.in_detail() {
                    return self.detail.act(action) || self.deed(action, ctx);
                } else if self.grid.act(action) {
                    self.moved(ctx);
                } else {
                    return self.deed(action, ctx);
                }
            }
        }
        true
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        self.may_do(action)
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        match self.directory.take(ticket, reply, ctx.now) {
            Taken::Other => {}
            taken => {
                self.came(ctx);
                if taken == Taken::AskAgain {
                    self.directory.ask_with(ctx, read::directory);
                }
            }
        }
        self.detail.reply(ticket, reply, ctx);
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if self.shown && matches!(&*event.kind, "tenant" | "principal") {
            self.ask(ctx);
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        if purpose != Purpose::Filter {
            return;
        }
        let inside = self.in_detail();
        match self.detail.sheet_mut().filter(|_| inside) {
            Some(sheet) => sheet.set_filter(text),
            None => {
                self.grid.set_filter(text);
                self.moved(ctx);
            }
        }
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        match spot {
            Spot::Panel(at) if at >= NAMES => {
                let tab = Tab::Overview.next(usize::from(at - NAMES));
                self.detail.turn(tab, ctx);
            }
            Spot::Panel(1) => self.enter(),
            Spot::Panel(_) => {
                let mut split = self.split.get();
                split.leave();
                self.split.set(split);
            }
            spot if self.in_detail() => {
                if let Some(sheet) = self.detail.sheet_mut() {
                    match spot {
                        Spot::Row(place) | Spot::Tick(place) => sheet.go(place),
                        Spot::Heading(column) => sheet.sort_by(column),
                        _ => {}
                    }
                }
            }
            spot => {
                if self.grid.click(spot) {
                    self.enter();
                }
                self.moved(ctx);
            }
        }
    }

    fn scroll(&mut self, by: isize, ctx: &mut Ctx<'_>) {
        if !self.in_detail() {
            self.grid.scroll(by);
            return self.moved(ctx);
        }
        let action = if by > 0 { Action::Down } else { Action::Up };
        for _ in 0..by.unsigned_abs() {
            self.detail.act(action);
        }
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        let Some(Ok(id)) = objects.first().map(|id| id.parse::<TenantId>()) else {
            return;
        };
        if !self.grid.select(&id) {
            self.grid.set_filter("");
            if !self.grid.select(&id) {
                self.grid.aim(id);
            }
        }
        if let Some(object) = objects.get(1) {
            self.detail.aim(object);
        }
        self.moved(ctx);
        self.ask(ctx);
    }

    fn find(&self, text: &str, most: usize) -> Vec<Found> {
        let filter = Filter::new(text, &[]);
        let found = self.grid.find(&filter, most).map(|row| Found {
            title: Clean::new(&row.name),
            about: clean!("{}, {}", rows::server(row.ad_server), row.words()),
            side: "tenant".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Tenants,
                objects: vec![row.id.to_string()],
            }),
        });
        found.collect()
    }

    fn filter(&self) -> Option<&str> {
        match self.detail.sheet().filter(|_| self.in_detail()) {
            Some(sheet) => Some(sheet.filter()),
            None => Some(self.grid.filter().text()),
        }
    }

    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let rested = self.moved.map(|at| at + REST);
        let inside = self.detail.sheet().and_then(|sheet| sheet.next_change());
        let again = Some(self.asked + AGAIN);
        let times = [rested, self.grid.next_change(), inside, again];
        times.into_iter().flatten().min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.grid.tire(ctx.now);
        if let Some(sheet) = self.detail.sheet_mut() {
            sheet.tire(ctx.now);
        }
        if self.moved.is_some_and(|at| at + REST <= ctx.now) {
            self.moved = None;
            let id = self.grid.selected().map(|row| row.id.clone());
            self.detail.look_at(id, ctx);
        }
        if self.shown && self.asked + AGAIN <= ctx.now {
            self.ask(ctx);
        }
    }

    fn hints(&self) -> Vec<Action> {
        self.useful()
    }

    fn save(&self) -> toml::Table {
        self.grid.save()
    }

    fn restore(&mut self, table: &toml::Table) {
        self.grid.restore(table);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let (list, detail) = self.split.get().areas(canvas);
        let in_detail = self.in_detail();
        if let Some(area) = list {
            let (all, shown) = self.grid.counts();
            let mut title = split::title(
                "Tenants",
                (shown, all),
                self.grid.sorted(),
                self.grid.filter().text(),
                self.grid.marked(),
                look,
            );
            if self.more > 0 {
                let dot = look.glyphs.dot;
                title.push((
                    clean!(" {dot} {} more are not shown", self.more),
                    Role::Warn,
                ));
            }
            let mut panel = canvas.sub(area);
            let mut inside = panel.frame(&title, !in_detail);
            let whole = ratatui::layout::Rect::new(0, 0, area.width, area.height);
            inside.spot(whole, Spot::Panel(0));
            if all == 0 {
                self.draw_empty(&mut inside);
            } else {
                self.grid.draw(&mut inside, look, !in_detail);
            }
        }
        if let Some(area) = detail {
            let entry = self.grid.selected();
            self.detail
                .draw(&mut canvas.sub(area), entry, look, in_detail);
        }
    }
}

impl Tenants {
    /// What stands there while there is nothing: why, or that it is still on its way.
    fn draw_empty(&self, canvas: &mut Canvas<'_>) {
        let width = canvas.width().saturating_sub(4);
        let mut lines: Vec<(Clean, Role)> = Vec::new();
        match self.directory.fault() {
            Some(fault) => {
                lines.push((Clean::new(&fault.message), Role::Bad));
                let hint = fault.hint.iter();
                lines.extend(hint.map(|hint| (clean!("hint: {hint}"), Role::Muted)));
            }
            None if self.directory.at().is_none() => {
                lines.push(("loading ...".into(), Role::Muted));
            }
            None => lines.push(("There is no tenant yet.".into(), Role::Title)),
        }
        let wrapped = lines
            .into_iter()
            .flat_map(|(line, role)| line.wrap(width).into_iter().map(move |part| (part, role)));
        for (y, (line, role)) in (1u16..).zip(wrapped) {
            canvas.text(2, y, line, role);
        }
    }
}
