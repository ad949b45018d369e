//! The pane of pacing: every live line, the most money at risk first, and the one under the
//! cursor in full beside it. Changes are tried before they are proposed; nothing is sent
//! without a plan that a person has agreed to.

pub mod acts;
mod chart;
mod deeds;
mod detail;
mod form;
mod read;
pub mod rows;
mod view;

use std::cell::Cell;

use chrono::TimeDelta;

use self::{
    detail::{Detail, Mode},
    form::Form,
};
use crate::{
    domain::{ids::LineId, pacing::status::Status, text, when::Instant},
    engine::{
        events::Event,
        pacing::{
            list::{ListPacing, PacePage},
            row::PaceRow,
            steer::{
                LineChange, Projection, journal::JournalPage, reallocate::Reallocation,
                whatif::WhatIf,
            },
            sums::PaceSums,
        },
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Place, Reply, Ticket},
        filter::Filter,
        grid::Grid,
        live::{Live, Taken},
        overlays::{
            palette::{Found, Goal},
            prompt::Purpose,
        },
        paint::{Canvas, Look, Spot},
        panes::{Pane, rest::Rest, split::Split},
        theme::Role,
    },
};

/// How often the list is asked again at most while things happen, by how many lines it has.
const OFTEN: TimeDelta = TimeDelta::milliseconds(300);
const SELDOM: TimeDelta = TimeDelta::seconds(3);
/// How often while nobody looks.
const HIDDEN: TimeDelta = TimeDelta::seconds(15);
/// From so many lines on the list is asked seldom.
const MANY: usize = 1_000;
/// The longest note that the engine takes.
const LONGEST_NOTE: usize = 500;

/// The pane.
#[derive(Default)]
pub struct Pacing {
    grid: Grid<PaceRow>,
    pages: Live<PacePage>,
    fresh: Vec<PaceRow>,
    loaded: bool,
    sums: Vec<PaceSums>,
    /// When it was asked last, and whether something has happened since.
    asked: Option<Instant>,
    stale: bool,
    detail: Detail,
    rest: Rest,
    shown: bool,
    steered: Steered,
    split: Cell<Split>,
    /// Changes that are being tried to be proposed.
    trial: Live<(Vec<LineChange>, Projection)>,
    totals: Live<PacePage>,
    journal: Live<JournalPage>,
    moves: Live<Reallocation>,
    /// What a note is being typed for.
    notes: Option<Vec<PaceRow>>,
}

/// Who has moved in the list: until somebody does, it stands on what is worst.
#[derive(Default, PartialEq, Eq)]
enum Steered {
    #[default]
    Nobody,
    Person,
}

impl Pacing {
    fn ask(&mut self, ctx: &mut Ctx<'_>) {
        if self.pages.is_asking() {
            self.stale = true;
            return;
        }
        self.fresh.clear();
        self.asked = Some(ctx.now);
        self.stale = false;
        self.pages.ask(ctx, ListPacing::default());
    }

    /// How long to wait until the list is asked again.
    fn pause(&self) -> TimeDelta {
        match self.grid.counts().0 {
            _ if !self.shown => HIDDEN,
            lines if lines >= MANY => SELDOM,
            _ => OFTEN,
        }
    }

    fn refresh(&mut self, ctx: &mut Ctx<'_>) {
        let due = self.asked.is_none_or(|at| at + self.pause() <= ctx.now);
        if due {
            self.ask(ctx);
            if self.shown {
                self.detail.again(ctx);
            }
        } else {
            self.stale = true;
        }
    }

    fn next_page(&mut self, ctx: &mut Ctx<'_>) {
        let Some(page) = self.pages.take_value() else {
            return;
        };
        self.sums = page.sums;
        if self.loaded {
            self.fresh.extend(page.lines);
        } else {
            self.grid.load(page.lines);
        }
        if page.next_cursor.is_some() {
            let cursor = page.next_cursor;
            let list = ListPacing::default();
            self.pages.ask(ctx, ListPacing { cursor, ..list });
            return;
        }
        if self.loaded {
            self.grid.set(std::mem::take(&mut self.fresh), ctx.now);
        }
        self.loaded = true;
        self.moved(ctx);
    }

    /// The cursor may be on another line now.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let selected = self.grid.selected().map(|row| row.line_id);
        if selected == self.detail.id() {
            self.rest.stop();
        } else if self.rest.moved(ctx.now) {
            self.detail.blank();
        }
    }

    fn targets(&self) -> Vec<PaceRow> {
        self.grid.targets().into_iter().cloned().collect()
    }

    /// Those that can be paused, or let go on.
    fn pausable(&self, pause: bool) -> Vec<PaceRow> {
        let mut rows = self.targets();
        rows.retain(|row| (row.status == Status::Paused) != pause && !is_over(row.status));
        rows
    }

    fn alerted(&self) -> Vec<PaceRow> {
        let mut rows = self.targets();
        rows.retain(|row| row.alerts > 0);
        rows
    }

    /// Tries changes, to propose them with their projection.
    fn propose(&mut self, changes: Vec<LineChange>, ctx: &mut Ctx<'_>) {
        self.trial.forget();
        self.trial.ask_with(ctx, async move |session| {
            let ask = WhatIf {
                changes: changes.clone(),
            };
            let tried = session.ask(ask).await?;
            Ok((changes, tried))
        });
    }

    fn open_form(&self, text: &str, ctx: &mut Ctx<'_>) {
        let rows = self.targets();
        let others = match &rows[..] {
            [one] => self.siblings(one),
            _ => Vec::new(),
        };
        let form = Form::new(rows, others, text, ctx);
        ctx.want(Effect::Open(Box::new(form)));
    }

    /// The other lines of the same order.
    fn siblings(&self, one: &PaceRow) -> Vec<(LineId, Box<str>)> {
        let same = |row: &&PaceRow| row.order_id == one.order_id && row.line_id != one.line_id;
        let all = self.grid.rows().filter(same);
        all.map(|row| (row.line_id, row.line.clone())).collect()
    }

    fn turn(&mut self, mode: Mode) {
        self.detail.turn(mode);
        let mut split = self.split.get();
        split.enter();
        self.split.set(split);
    }

    fn back(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if self.detail.turn_back() {
            split.leave();
            self.split.set(split);
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

    fn note(&mut self, said: &str, ctx: &mut Ctx<'_>) {
        let Some(rows) = self.notes.take() else {
            return;
        };
        let said = said.trim();
        match text::check_line(said, LONGEST_NOTE) {
            Err(wrong) if !said.is_empty() => {
                ctx.toast(clean!("the note {wrong}"), Role::Warn);
            }
            _ => ctx.want(Effect::Propose(acts::acknowledge(&rows, said))),
        }
    }
}

fn is_over(status: Status) -> bool {
    matches!(
        status,
        Status::Cancelled
            | Status::Rejected
            | Status::EndedMet
            | Status::EndedOver
            | Status::EndedShort
    )
}

impl Pane for Pacing {
    fn id(&self) -> PaneId {
        PaneId::Pacing
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Pacing, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        // What somebody sees to, and what sleeps, waits for nobody.
        let open = |row: &PaceRow| usize::try_from(row.alerts).unwrap_or(usize::MAX);
        self.grid.rows().map(open).sum()
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.pages.forget();
        self.ask(ctx);
        self.detail.again(ctx);
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        if shown {
            if self.steered == Steered::Nobody {
                self.grid.go(0);
                self.moved(ctx);
            }
            self.detail.again(ctx);
            if self.stale {
                self.ask(ctx);
            }
        }
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        let mut split = self.split.get();
        if split.act(action) {
            self.split.set(split);
            return true;
        }
        if split.in_detail() && self.detail.act(action) {
            return true;
        }
        if self.grid.act(action) {
            self.steered = Steered::Person;
            self.moved(ctx);
            return true;
        }
        match action {
            Action::Back => self.back(ctx),
            Action::Open => {
                if self.grid.selected().is_some() {
                    split.enter();
                    self.split.set(split);
                }
                true
            }
            _ => self.steer(action, ctx) || self.tell(action, ctx),
        }
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        let Some(row) = self.grid.selected() else {
            let about_one = Section::Pacing == action.command().section
                && !matches!(action, Action::Totals | Action::Changes);
            let about_one = about_one || matches!(action, Action::Copy | Action::Trail);
            return if about_one {
                Err("there is no line here".into())
            } else {
                Ok(())
            };
        };
        match action {
            Action::PauseLine if self.pausable(true).is_empty() => {
                Err(clean!("{} does not run", row.line))
            }
            Action::ResumeLine if self.pausable(false).is_empty() => {
                Err(clean!("{} is not paused", row.line))
            }
            Action::AcknowledgeAlerts | Action::SnoozeAlerts if self.alerted().is_empty() => {
                Err(clean!("{} has no open alert", row.line))
            }
            Action::MoveBudgets if row.media_buy_id.is_none() => {
                Err(clean!("{} belongs to no media buy", row.line))
            }
            _ => Ok(()),
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        if self.pages.take(ticket, reply, ctx.now) != Taken::Other {
            self.next_page(ctx);
        }
        self.detail.reply(ticket, reply, ctx);
        self.answered(ticket, reply, ctx);
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if matches!(&*event.kind, "delivery" | "alert" | "line" | "media_buy") && self.loaded {
            self.refresh(ctx);
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        match purpose {
            Purpose::Filter => {
                self.grid.set_filter(text);
                self.moved(ctx);
            }
            Purpose::Reason => self.note(text, ctx),
            Purpose::File | Purpose::Day | Purpose::Picked => {}
        }
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        self.steered = Steered::Person;
        if self.grid.click(spot) {
            self.act(Action::Open, ctx);
        }
        self.moved(ctx);
    }

    fn scroll(&mut self, by: isize, ctx: &mut Ctx<'_>) {
        self.steered = Steered::Person;
        self.grid.scroll(by);
        self.moved(ctx);
    }

    fn unmark(&mut self) {
        self.grid.clear_marks();
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        let Some(id) = objects.first() else { return };
        let of_buy = |row: &&PaceRow| {
            row.media_buy_id
                .as_ref()
                .is_some_and(|buy| buy.as_str() == id)
        };
        let line = id.parse::<LineId>().ok();
        let line = line.or_else(|| self.grid.rows().find(of_buy).map(|row| row.line_id));
        if let Some(line) = line
            && !self.grid.select(&line)
        {
            self.grid.set_filter("");
            if !self.grid.select(&line) {
                self.grid.aim(line);
            }
        }
        self.moved(ctx);
    }

    fn find(&self, text: &str, most: usize) -> Vec<Found> {
        let filter = Filter::new(text, &[]);
        let found = self.grid.find(&filter, most).map(|row| Found {
            title: Clean::new(&row.line),
            about: clean!("{}, {}", row.owner, rows::words(row.status)),
            side: "line".into(),
            goal: Goal::Go(Place {
                pane: PaneId::Pacing,
                objects: vec![row.line_id.to_string()],
            }),
        });
        found.collect()
    }

    fn filter(&self) -> Option<&str> {
        Some(self.grid.filter().text())
    }

    fn fields(&self) -> Vec<&'static str> {
        Grid::<PaceRow>::fields()
    }

    fn due(&self) -> Option<Instant> {
        let again = self.asked.filter(|_| self.stale && !self.pages.is_asking());
        let again = again.map(|at| at + self.pause());
        if !self.shown {
            return again;
        }
        let times = [self.rest.due(), self.grid.next_change(), again];
        times.into_iter().flatten().min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.grid.tire(ctx.now);
        if self.stale {
            self.refresh(ctx);
        }
        if self.rest.is_over(ctx.now) {
            let id = self.grid.selected().map(|row| row.line_id);
            self.detail.look_at(id, ctx);
        }
    }

    fn hints(&self) -> Vec<Action> {
        let mut hints = vec![Action::WhatIf, Action::Why, Action::Arithmetic];
        if !self.alerted().is_empty() {
            hints.push(Action::AcknowledgeAlerts);
        }
        hints.extend([
            if self.pausable(true).is_empty() {
                Action::ResumeLine
            } else {
                Action::PauseLine
            },
            Action::Totals,
            Action::Mark,
        ]);
        hints
    }

    fn save(&self) -> toml::Table {
        view::marked(self.grid.save())
    }

    fn restore(&mut self, table: &toml::Table) {
        self.grid.restore(&view::turned(table));
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let (list, detail) = self.split.get().areas(canvas);
        let in_detail = self.split.get().in_detail();
        if let Some(area) = list {
            let title = self.title(look);
            let mut panel = canvas.sub(area);
            let mut inside = panel.frame(&title, !in_detail);
            let whole = ratatui::layout::Rect::new(0, 0, area.width, area.height);
            inside.spot(whole, Spot::Panel(0));
            if self.grid.counts().0 == 0 {
                self.draw_empty(&mut inside);
            } else {
                self.grid.draw(&mut inside, look, !in_detail);
            }
        }
        if let Some(area) = detail {
            self.detail.draw(&mut canvas.sub(area), look, in_detail);
        }
    }
}
