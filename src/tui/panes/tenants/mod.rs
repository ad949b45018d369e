//! The pane of tenants: the directory with how each is, and one of them in full beside it, a tab
//! at a time. Whoever looks after the house sees all tenants, everybody else their own. Changes
//! nothing: it proposes, and shows secrets once, in a window that keeps them from everything
//! else.

mod acts;
mod deeds;
mod detail;
mod fetch;
mod forms;
mod listeners;
mod lists;
mod read;
pub mod rows;
mod tabs;
mod tell;
mod upstream;
mod view;

use std::{cell::Cell, collections::HashMap};

use chrono::TimeDelta;

use self::{
    detail::{Detail, NAMES},
    rows::{Health, Looked, TenantEntry},
    tabs::Tab,
};
use crate::{
    domain::{ids::TenantId, when::Instant},
    engine::{
        events::Event,
        fault::{Fault, FaultKind},
        tenants::{
            status::TenantStatus,
            upstream::view::{ServerTenantView, ServerView},
        },
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Place, Proposal, Reply, Ticket},
        filter::Filter,
        grid::Grid,
        live::{Live, Taken},
        overlays::{
            palette::{Found, Goal},
            prompt::Purpose,
        },
        paint::{Canvas, Look, Spot},
        panes::{
            Pane,
            activity::sheet::Sheet,
            rest::Rest,
            split::{self, Split},
        },
        theme::Role,
    },
};

/// How often is asked for what makes no events here, while it is seen.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
/// The same, while something is brought from an ad server before somebody's eyes.
const SOON: TimeDelta = TimeDelta::seconds(1);
/// How often is looked how all of them are, while it is seen.
const LOOK: TimeDelta = TimeDelta::seconds(30);
/// How many are looked at together; of more, only the one under the cursor is.
const MANY: usize = 60;

/// The pane.
pub struct Tenants {
    own: TenantId,
    keeps: bool,
    grid: Grid<TenantEntry>,
    directory: Live<read::Directory>,
    statuses: Live<Vec<TenantStatus>>,
    /// How each is, as far as somebody has looked.
    looked: HashMap<TenantId, Looked>,
    looked_at: Option<Instant>,
    /// What is being looked over to be deleted.
    leaving: Live<Proposal>,
    /// What the tenant server of another house is, to be shown.
    server: Live<ServerView>,
    /// One of its tenants in full, to be shown.
    server_tenant: Live<ServerTenantView>,
    more: i64,
    detail: Detail,
    rest: Rest,
    /// When was asked last; not at all while the engine is being opened.
    asked: Option<Instant>,
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
            statuses: Live::default(),
            looked: HashMap::new(),
            looked_at: None,
            leaving: Live::default(),
            server: Live::default(),
            server_tenant: Live::default(),
            more: 0,
            detail: Detail::default(),
            rest: Rest::default(),
            asked: None,
            shown: false,
            split: Cell::default(),
        }
    }

    fn ask(&mut self, ctx: &mut Ctx<'_>) {
        self.asked = Some(ctx.now);
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
        let rows = rows.map(|row| {
            let looked = self.looked.get(&row.tenant_id).copied();
            TenantEntry {
                looked,
                ..TenantEntry::new(row, own)
            }
        });
        let rows = rows.collect();
        let first = self.grid.counts().0 == 0;
        self.grid.set(rows, ctx.now);
        if first && self.grid.selected().is_none_or(|row| !row.own) {
            let own = self.own.clone();
            self.grid.select(&own);
        }
        self.moved(ctx);
        if self.looked_at.is_none_or(|at| at + LOOK <= ctx.now) {
            self.looked_at = Some(ctx.now);
            let rows = self.grid.rows().take(MANY);
            let ids: Vec<TenantId> = rows.map(|row| row.id.clone()).collect();
            self.statuses
                .ask_with(ctx, async move |session| read::statuses(session, ids).await);
        }
    }

    /// Somebody has looked how some of them are.
    fn look(&mut self, statuses: &[TenantStatus], ctx: &mut Ctx<'_>) {
        for status in statuses {
            let looked = Looked::new(status);
            self.looked.insert(status.tenant_id.clone(), looked);
            let Some(row) = self.grid.get(&status.tenant_id) else {
                continue;
            };
            let first = row.looked.is_none();
            let row = TenantEntry {
                looked: Some(looked),
                ..row.clone()
            };
            if first {
                // That nobody had looked is no news.
                self.grid.load(vec![row]);
            } else {
                self.grid.put(row, ctx.now);
            }
        }
    }

    /// The cursor may be on another tenant now.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let selected = self.grid.selected().map(|row| &row.id);
        if selected == self.detail.id() {
            self.rest.stop();
        } else if self.rest.moved(ctx.now) {
            self.detail.blank();
        }
    }

    /// How often is asked again.
    fn every(&self) -> TimeDelta {
        if self.detail.is_moving() { SOON } else { AGAIN }
    }

    fn in_detail(&self) -> bool {
        self.split.get().in_detail()
    }

    fn enter(&self) {
        let mut split = self.split.get();
        split.enter();
        self.split.set(split);
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
        let waits = |row: &&TenantEntry| row.health() < Health::Syncing;
        self.grid.rows().filter(waits).count()
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.directory.forget();
        self.looked_at = None;
        self.ask(ctx);
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        if shown && self.asked.is_some() {
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
        self.statuses.take(ticket, reply, ctx.now);
        if let Some(all) = self.statuses.take_value() {
            self.look(&all, ctx);
        }
        if self.detail.reply(ticket, reply, ctx)
            && let Some(seen) = self.detail.seen()
        {
            let status = seen.status.clone();
            self.look(&[status], ctx);
        }
        self.server_reply(ticket, reply, ctx);
        if self.leaving.take(ticket, reply, ctx.now) != Taken::Other {
            if let Some(proposal) = self.leaving.take_value() {
                ctx.want(Effect::Propose(proposal));
            } else if let Some(fault) = self.leaving.fault() {
                ctx.toast(Clean::new(&fault.message), Role::Warn);
            }
        }
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        let told = matches!(&*event.kind, "endpoint" | "slack" | "webhook");
        if self.shown
            && (told || matches!(&*event.kind, "tenant" | "principal" | "sync" | "ad_server"))
        {
            self.ask(ctx);
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        if purpose == Purpose::Picked {
            self.ask_server_tenant(text, ctx);
        }
        if purpose != Purpose::Filter {
            return;
        }
        let inside = self.in_detail();
        if let Some(sheet) = self.detail.sheet_mut().filter(|_| inside) {
            sheet.set_filter(text);
        } else {
            self.grid.set_filter(text);
            self.moved(ctx);
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

    fn unmark(&mut self) {
        self.grid.clear_marks();
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        self.ask(ctx);
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

    fn fields(&self) -> Vec<&'static str> {
        match self.detail.sheet().filter(|_| self.in_detail()) {
            Some(sheet) => sheet.fields(),
            None => Grid::<TenantEntry>::fields(),
        }
    }

    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let inside = self.detail.sheet().and_then(Sheet::next_change);
        // Asking again is of no use for whoever may not.
        let refused = |fault: &Fault| fault.kind == FaultKind::Forbidden;
        let refused = self.directory.fault().is_some_and(refused);
        let again = self.asked.filter(|_| !refused).map(|at| at + self.every());
        let times = [self.rest.due(), self.grid.next_change(), inside, again];
        times.into_iter().flatten().min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.grid.tire(ctx.now);
        if let Some(sheet) = self.detail.sheet_mut() {
            sheet.tire(ctx.now);
        }
        // How each of them is was asked with the list: more is read of one when somebody looks.
        if self.shown && self.rest.is_over(ctx.now) {
            let id = self.grid.selected().map(|row| row.id.clone());
            self.detail.look_at(id, ctx);
        }
        if self.shown && self.asked.is_some_and(|at| at + self.every() <= ctx.now) {
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
