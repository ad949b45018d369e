//! The pane of slots: a week of one resource, or one day of all of them, as heat that reads without
//! colour; who comes on the day under the cursor; and one of them in full. Times are those of the
//! resource, always by name, or those of this console. Changes nothing: it proposes.

mod acts;
mod agenda;
mod calendar;
mod chooser;
mod deeds;
mod detail;
mod draw;
mod elsewhere;
mod forms;
mod heat;
mod jump;
mod keep;
mod month;
mod moves;
pub mod read;
mod sheet;
mod view;
mod waiting;
mod wall;

use std::cell::Cell;

use chrono::{NaiveDate, TimeDelta};

use self::{
    agenda::Entry,
    calendar::Calendar,
    chooser::ResourceRow,
    deeds::Wish,
    read::{Directory, Picked, Week, second},
    view::{Areas, Focus, View},
};
use crate::{
    domain::{ids::ResourceId, slot::zone::day_of, when::Instant, zone::Zone},
    engine::{
        events::Event,
        slots::{board::Board, hold::HoldList, view::BookingView},
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, PaneId, Place, Reply, Ticket},
        filter::Filter,
        grid::Grid,
        live::{Live, Taken},
        overlays::{
            palette::{Found, Goal},
            prompt::Purpose,
        },
        paint::{Canvas, Look, Spot},
        panes::{Pane, rest::Rest, scroll::Scroll},
    },
};

/// How often all resources together are asked for at most.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
/// Behind this number are the rows of the resources, for the mouse.
const RESOURCES: usize = 1 << 40;

/// A stretch of time of one resource.
type Wanted = (ResourceId, i64, i64);

/// What has become of the cursor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Put {
    /// Nobody has put it anywhere.
    #[default]
    Nowhere,
    /// It was put where it is.
    Here,
    /// It was put for another resource.
    Elsewhere,
}

/// The pane.
pub struct Slots {
    chooser: Grid<ResourceRow>,
    directory: Live<Directory>,
    more: i64,
    week: Live<Week>,
    /// Of what the week is that is known, or on its way.
    wanted: Option<Wanted>,
    all: Live<Board>,
    all_for: Option<(i64, i64)>,
    all_at: Option<Instant>,
    stale: bool,
    holds: Live<HoldList>,
    agenda: Grid<Entry>,
    /// Of which day of what the agenda is.
    listed: Option<(ResourceId, NaiveDate, Zone)>,
    calendar: Calendar,
    /// Whose clock people here go by.
    home: Zone,
    /// Whether the clock of the resource is shown, and not theirs.
    own: bool,
    view: Cell<View>,
    areas: Cell<Areas>,
    /// How far the detail was scrolled.
    told: Scroll,
    picking: Live<Picked>,
    wish: Option<Wish>,
    seeking: Live<Option<i64>>,
    /// What is being moved to wherever the cursor goes.
    moving: Option<Box<BookingView>>,
    /// What the cursor goes to once it is known.
    aim: Option<String>,
    /// What has become of the cursor.
    put: Put,
    /// What was chosen last time.
    chosen: Option<ResourceId>,
    elsewhere: elsewhere::Elsewhere,
    rest: Rest,
    asked: Option<Instant>,
    shown: bool,
    now: Instant,
}

impl Slots {
    /// With its cursor on the present.
    #[must_use]
    pub fn new(now: Instant, home: Zone) -> Self {
        Self {
            chooser: Grid::default(),
            directory: Live::default(),
            more: 0,
            week: Live::default(),
            wanted: None,
            all: Live::default(),
            all_for: None,
            all_at: None,
            stale: false,
            holds: Live::default(),
            agenda: Grid::default(),
            listed: None,
            calendar: Calendar::new(now.timestamp()),
            home,
            own: true,
            view: Cell::default(),
            areas: Cell::default(),
            told: Scroll::default(),
            picking: Live::default(),
            wish: None,
            seeking: Live::default(),
            moving: None,
            aim: None,
            put: Put::Nowhere,
            chosen: None,
            elsewhere: elsewhere::Elsewhere::default(),
            rest: Rest::default(),
            asked: None,
            shown: false,
            now,
        }
    }

    fn set_view(&self, change: impl FnOnce(&mut View)) {
        let mut view = self.view.get();
        change(&mut view);
        self.view.set(view);
    }

    fn focus(&self) -> Focus {
        self.view.get().focus
    }
}

impl Pane for Slots {
    fn id(&self) -> PaneId {
        PaneId::Slots
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Slots, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        self.holds.value().map_or(0, |holds| holds.data.len())
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.all_at = None;
        self.ask(ctx);
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        if shown && self.asked.is_some() {
            self.ask(ctx);
        }
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        self.now = ctx.now;
        if self.focus() != Focus::Detail {
            self.told.home();
        }
        self.step(action, ctx) || self.deed(action, ctx)
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        self.may_do(action)
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        self.now = ctx.now;
        match self.directory.take(ticket, reply, ctx.now) {
            Taken::Other => {}
            taken => {
                self.came_resources(ctx);
                if taken == Taken::AskAgain {
                    self.directory.ask_with(ctx, read::directory);
                }
            }
        }
        match self.week.take(ticket, reply, ctx.now) {
            Taken::Other => {}
            taken => {
                self.came_week(ctx);
                if taken == Taken::AskAgain {
                    self.ask_week(ctx);
                }
            }
        }
        match self.holds.take(ticket, reply, ctx.now) {
            Taken::Other => {}
            taken => {
                self.list(ctx.now);
                if taken == Taken::AskAgain {
                    self.holds.ask_with(ctx, read::holds);
                }
            }
        }
        self.elsewhere.reply(ticket, reply, ctx);
        if self.all.take(ticket, reply, ctx.now) != Taken::Other {
            self.came_all();
        }
        if self.picking.take(ticket, reply, ctx.now) != Taken::Other {
            self.picked(ctx);
        }
        if self.seeking.take(ticket, reply, ctx.now) != Taken::Other {
            self.sought(ctx);
        }
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        let kinds = [
            "slot_booking",
            "slot_hold",
            "slot_waiting",
            "resource",
            "slot_desk",
        ];
        if !kinds.contains(&&*event.kind) {
            return;
        }
        self.stale = true;
        self.holds.ask_with(ctx, read::holds);
        self.elsewhere.ask(ctx);
        if event.kind == "resource" {
            self.directory.ask_with(ctx, read::directory);
        }
        if self.shown {
            self.ask_week(ctx);
            self.ask_all(ctx);
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        match purpose {
            Purpose::Filter if self.focus() == Focus::Resources => {
                self.chooser.set_filter(text);
                self.moved(ctx);
            }
            Purpose::Filter => self.agenda.set_filter(text),
            Purpose::Day => self.jump(text, ctx),
            Purpose::File | Purpose::Reason | Purpose::Picked => {}
        }
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        self.clicked(spot, ctx);
    }

    fn scroll(&mut self, by: isize, ctx: &mut Ctx<'_>) {
        match self.focus() {
            Focus::Calendar => {
                self.calendar.down(by.signum());
                self.moved(ctx);
            }
            Focus::Agenda => self.agenda.scroll(by),
            Focus::Detail => {
                let action = if by < 0 { Action::Up } else { Action::Down };
                for _ in 0..by.unsigned_abs() {
                    self.told.act(action);
                }
            }
            Focus::Resources => {
                self.chooser.scroll(by);
                self.moved(ctx);
            }
        }
    }

    fn unmark(&mut self) {
        self.agenda.clear_marks();
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        if let Some(Ok(id)) = objects.first().map(|id| id.parse::<ResourceId>()) {
            if !self.chooser.select(&id) {
                self.chooser.set_filter("");
                if !self.chooser.select(&id) {
                    self.chooser.aim(id);
                }
            }
            self.settle_zone();
        }
        if let Some(at) = objects.get(1).map(|at| second(at)).filter(|at| *at != 0) {
            self.calendar.go(at);
            self.put = Put::Here;
        }
        self.aim = objects.get(2).cloned();
        let moved = |view: &BookingView| self.aim.as_ref() == Some(&view.id.to_string());
        if self.moving.as_deref().is_some_and(moved) {
            self.moving = None;
        }
        self.ask(ctx);
        self.list(ctx.now);
    }

    fn find(&self, text: &str, most: usize) -> Vec<Found> {
        let filter = Filter::new(text, &[]);
        let resources = self.chooser.find(&filter, most).map(|row| Found {
            title: Clean::new(row.name()),
            about: clean!("{}, {}", row.view.card.kind.name(), row.zone()),
            side: "resource".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Slots,
                objects: vec![row.view.id.to_string()],
            }),
        });
        let mut found: Vec<Found> = resources.collect();
        let left = most.saturating_sub(found.len());
        let here = self
            .known()
            .map(|week| &week.bookings[..])
            .unwrap_or_default();
        let words = text.to_lowercase();
        let guests = here.iter().filter(|view| {
            !words.is_empty() && agenda::guest(view).to_lowercase().contains(&words)
        });
        found.extend(guests.take(left).map(|view| Found {
            title: Clean::new(&agenda::guest(view)),
            about: acts::line_of(view),
            side: "booking".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Slots,
                objects: vec![
                    view.resource_id.to_string(),
                    view.starts_at.clone(),
                    view.id.to_string(),
                ],
            }),
        }));
        found
    }

    fn filter(&self) -> Option<&str> {
        Some(match self.focus() {
            Focus::Resources => self.chooser.filter().text(),
            Focus::Calendar | Focus::Agenda | Focus::Detail => self.agenda.filter().text(),
        })
    }

    fn fields(&self) -> Vec<&'static str> {
        match self.focus() {
            Focus::Resources => Grid::<ResourceRow>::fields(),
            Focus::Calendar | Focus::Agenda | Focus::Detail => Grid::<agenda::Entry>::fields(),
        }
    }

    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let held = self.agenda.rows().any(|entry| entry.held().is_some());
        let second = held.then(|| self.now + TimeDelta::seconds(1));
        let again = self.all_at.filter(|_| self.stale).map(|at| at + AGAIN);
        let times = [
            self.rest.due(),
            self.agenda.next_change(),
            self.chooser.next_change(),
            second,
            again,
            self.elsewhere.due(),
        ];
        times.into_iter().flatten().min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        let before = std::mem::replace(&mut self.now, ctx.now);
        self.agenda.tire(ctx.now);
        self.chooser.tire(ctx.now);
        if self.rest.is_over(ctx.now) {
            self.ask_week(ctx);
            self.list(ctx.now);
        }
        self.ask_all(ctx);
        self.look_elsewhere(ctx);
        let ended = |entry: &Entry| {
            let ends = entry.held().map(|hold| second(&hold.expires_at));
            ends.is_some_and(|at| (before.timestamp()..ctx.now.timestamp()).contains(&(at - 1)))
        };
        if self.agenda.rows().any(ended) {
            self.list(ctx.now);
            self.ask_week(ctx);
        }
    }

    fn hints(&self) -> Vec<Action> {
        self.useful()
    }

    fn save(&self) -> toml::Table {
        let mut table = toml::Table::new();
        table.insert("agenda".into(), self.agenda.save().into());
        table.insert("resources".into(), self.chooser.save().into());
        table.insert("own_zone".into(), self.own.into());
        table.insert("side".into(), self.view.get().side.into());
        if let Some(row) = self.chooser.selected() {
            table.insert("resource".into(), row.view.id.to_string().into());
        }
        table
    }

    fn restore(&mut self, table: &toml::Table) {
        let part = |name: &str| table.get(name).and_then(toml::Value::as_table);
        if let Some(kept) = part("agenda") {
            self.agenda.restore(kept);
        }
        if let Some(kept) = part("resources") {
            self.chooser.restore(kept);
        }
        let switch = |name: &str| table.get(name).and_then(toml::Value::as_bool);
        self.own = switch("own_zone").unwrap_or(true);
        self.set_view(|view| view.side = switch("side").unwrap_or(false));
        let resource = table.get("resource").and_then(toml::Value::as_str);
        self.chosen = resource.and_then(|id| id.parse().ok());
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        self.paint(canvas, look);
    }
}

/// The day that it is by a clock.
fn today(zone: Zone, now: Instant) -> NaiveDate {
    day_of(zone, now.timestamp())
}
