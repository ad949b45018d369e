//! What happened, in five views: events as they come, the audit trail, what was sent to others,
//! background work with its leases, and the log of this console. Shows everything or one object;
//! changes nothing, but proposes to send again what was given up.

pub(super) mod detail;
pub(super) mod rows;
mod search;
pub(super) mod sheet;
mod tail;
#[cfg(test)]
mod tests;
mod views;
pub(super) mod work;

use std::cell::Cell;

use chrono::TimeDelta;

use self::{sheet::Sheet, tail::Tail};
use crate::{
    domain::{audit::Sealed, when::Instant},
    engine::{
        activity::{ListTasks, TaskView, Tasks},
        events::Event,
        fault::{Fault, FaultKind},
        webhooks::list::NoticeView,
    },
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, PaneId, Reply, Ticket},
        grid::Grid,
        live::{Live, Taken},
        logbook::{Line, Logbook},
        overlays::{palette::Found, prompt::Purpose},
        paint::{Canvas, Look, Spot},
        panes::{Pane, split::Split},
    },
};

/// How often what makes no events is asked for while it is seen.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
/// How often the log is looked at while it is seen.
const LOOK: TimeDelta = TimeDelta::seconds(1);
/// The first of the numbers by which the mouse finds the names of the views.
const NAMES: u8 = 10;

/// What is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum View {
    /// What happened.
    #[default]
    Events,
    /// Who did what.
    Audit,
    /// What was sent to others.
    Sent,
    /// What is at work.
    Work,
    /// What the console logged.
    Log,
}

impl View {
    const ALL: [Self; 5] = [Self::Events, Self::Audit, Self::Sent, Self::Work, Self::Log];

    fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Audit => "audit trail",
            Self::Sent => "deliveries",
            Self::Work => "background work",
            Self::Log => "log",
        }
    }

    fn next(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// The pane.
#[derive(Default)]
pub struct Activity {
    view: View,
    events: Tail<Event>,
    audit: Tail<Sealed>,
    sent: Grid<NoticeView>,
    deliveries: Live<Vec<NoticeView>>,
    /// How many deliveries were given up.
    given_up: Live<usize>,
    work: Grid<TaskView>,
    tasks: Live<Tasks>,
    log: Grid<Line>,
    logbook: Logbook,
    logged: u64,
    /// Whether the cursor of the log stays where it is.
    log_rests: bool,
    /// The one object that is looked at.
    only: Option<String>,
    /// Whether another pane wanted it to be looked at.
    visits: bool,
    shown: bool,
    asked: Instant,
    offset: Cell<usize>,
    split: Cell<Split>,
}

impl Activity {
    /// With the log of this console.
    #[must_use]
    pub fn new(logbook: Logbook) -> Self {
        Self {
            logbook,
            ..Self::default()
        }
    }

    fn sheet(&self) -> &dyn Sheet {
        match self.view {
            View::Events => &self.events.grid,
            View::Audit => &self.audit.grid,
            View::Sent => &self.sent,
            View::Work => &self.work,
            View::Log => &self.log,
        }
    }

    fn sheet_mut(&mut self) -> &mut dyn Sheet {
        match self.view {
            View::Events => &mut self.events.grid,
            View::Audit => &mut self.audit.grid,
            View::Sent => &mut self.sent,
            View::Work => &mut self.work,
            View::Log => &mut self.log,
        }
    }
}

/// Whether asking again is of no use.
fn refused(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::Forbidden | FaultKind::Unauthenticated
    )
}

impl Pane for Activity {
    fn id(&self) -> PaneId {
        PaneId::Activity
    }

    fn sections(&self) -> &'static [Section] {
        &[Section::Activity, Section::List, Section::Global]
    }

    fn count(&self) -> usize {
        let tasks = self.tasks.value().map(|all| all.tasks.iter());
        let failing = |task: &&TaskView| matches!(task.state.as_str(), "dead" | "resting");
        let tasks = tasks.map_or(0, |tasks| tasks.filter(failing).count());
        tasks + self.given_up.value().copied().unwrap_or(0)
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>) {
        self.events.ask(ctx);
        self.tasks.ask(ctx, ListTasks { limit: Some(1000) });
        self.count_given_up(ctx);
        match self.view {
            // Whoever asks again may have become somebody else.
            View::Audit => self.audit.ask(ctx),
            View::Sent if self.shown => self.ask_sent(ctx),
            View::Events | View::Sent | View::Work | View::Log => {}
        }
        self.read_log(ctx.now);
        self.asked = ctx.now;
    }

    fn show(&mut self, shown: bool, ctx: &mut Ctx<'_>) {
        self.shown = shown;
        self.visits &= shown;
        if shown && self.asked != Instant::default() {
            self.ask(ctx);
            self.search(ctx);
        }
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> bool {
        self.events.stop();
        self.audit.stop();
        match action {
            Action::NextView => self.look(self.view.next(1), ctx),
            Action::PreviousView => self.look(self.view.next(View::ALL.len() - 1), ctx),
            Action::Follow => self.follow(ctx),
            Action::AllObjects => self.only(None, ctx),
            Action::Replay => self.replay(ctx),
            Action::Back => return self.back(ctx),
            Action::Open => self.open(ctx),
            Action::Trail => match self.object() {
                Some((id, _)) => self.only(Some(id), ctx),
                None => return false,
            },
            Action::Copy => ctx.want(Effect::Copy(self.copied())),
            Action::Export => self.export(ctx),
            _ => {
                let mut split = self.split.get();
                if split.act(action) {
                    self.split.set(split);
                    return true;
                }
                if split.in_detail() && self.in_detail(action) {
                    return true;
                }
                if !self.sheet_mut().act(action) {
                    return false;
                }
                self.moved(action, ctx);
            }
        }
        true
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        match action {
            Action::AllObjects if self.only.is_none() => {
                Err("all objects are shown already".into())
            }
            Action::Replay => self.dead().map(drop),
            Action::Copy if self.sheet().shown_of_all().0 == 0 => {
                Err("there is no line here".into())
            }
            _ => Ok(()),
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        self.events.reply(ticket, reply, ctx);
        self.audit.reply(ticket, reply, ctx);
        if self.deliveries.take(ticket, reply, ctx.now) != Taken::Other {
            self.show_sent(ctx.now);
        }
        if self.given_up.take(ticket, reply, ctx.now) == Taken::AskAgain {
            self.count_given_up(ctx);
        }
        let taken = self.tasks.take(ticket, reply, ctx.now);
        if taken != Taken::Other {
            self.show_tasks(ctx.now);
            if taken == Taken::AskAgain {
                self.tasks.ask(ctx, ListTasks { limit: Some(1000) });
            }
        }
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if !self.events.put(event.clone(), ctx.now) {
            self.events.ask(ctx);
        }
        if event.event.starts_with("webhooks.") {
            // What was given up is counted wherever one looks.
            self.count_given_up(ctx);
        }
        if self.shown && matches!(self.view, View::Audit | View::Sent | View::Work) {
            self.ask(ctx);
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        if purpose == Purpose::Filter {
            self.set_filter(text, ctx);
            self.offset.set(0);
        }
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) {
        match spot {
            Spot::Panel(at) if at >= NAMES => {
                self.look(View::Events.next(usize::from(at - NAMES)), ctx);
            }
            Spot::Row(place) if place == self.sheet().cursor() => self.open(ctx),
            Spot::Row(place) => {
                self.sheet_mut().go(place);
                self.moved(Action::Down, ctx);
            }
            Spot::Tick(place) => {
                self.sheet_mut().go(place);
                self.sheet_mut().act(Action::Mark);
                self.sheet_mut().go(place);
                self.moved(Action::Mark, ctx);
            }
            Spot::Heading(column) => self.sheet_mut().sort_by(column),
            _ => {}
        }
    }

    fn scroll(&mut self, by: isize, ctx: &mut Ctx<'_>) {
        let place = self.sheet().cursor().saturating_add_signed(by);
        self.sheet_mut().go(place);
        self.moved(Action::Down, ctx);
    }

    fn unmark(&mut self) {
        self.sheet_mut().clear_marks();
    }

    fn go(&mut self, objects: &[String], ctx: &mut Ctx<'_>) {
        let object = objects.first().cloned();
        if object.is_some() && self.view == View::Log {
            self.view = View::Events;
        }
        self.only(object, ctx);
        self.visits = self.only.is_some();
    }

    fn find(&self, _text: &str, _most: usize) -> Vec<Found> {
        // Lines are no objects: what they are about is found in its own pane.
        Vec::new()
    }

    fn filter(&self) -> Option<&str> {
        Some(self.sheet().filter())
    }

    fn fields(&self) -> Vec<&'static str> {
        self.sheet().fields()
    }

    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let again = match self.view {
            View::Audit if self.audit.fault().is_some_and(refused) => None,
            View::Sent if self.deliveries.fault().is_some_and(refused) => None,
            View::Audit | View::Sent | View::Work => Some(self.asked + AGAIN),
            View::Log => Some(self.asked + LOOK),
            View::Events => None,
        };
        [again, self.sheet().next_change()]
            .into_iter()
            .flatten()
            .min()
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        self.sheet_mut().tire(ctx.now);
        let every = if self.view == View::Log { LOOK } else { AGAIN };
        if self.shown && self.view != View::Events && self.asked + every <= ctx.now {
            self.ask(ctx);
        }
    }

    fn hints(&self) -> Vec<Action> {
        let mut hints = vec![Action::NextView];
        match self.object() {
            Some((_, true)) => hints.extend([Action::Open, Action::Trail]),
            Some((_, false)) => hints.push(Action::Trail),
            None => {}
        }
        if self.only.is_some() {
            hints.push(Action::AllObjects);
        }
        if self.view == View::Sent {
            hints.extend([Action::Replay, Action::Sort]);
        } else {
            hints.extend([Action::Follow, Action::Sort]);
        }
        hints
    }

    fn save(&self) -> toml::Table {
        let mut table = toml::Table::new();
        table.insert("view".into(), self.view.name().into());
        table.insert("events".into(), self.events.grid.save().into());
        table.insert("audit".into(), self.audit.grid.save().into());
        table.insert("sent".into(), self.sent.save().into());
        table.insert("work".into(), self.work.save().into());
        table.insert("log".into(), self.log.save().into());
        table
    }

    fn restore(&mut self, table: &toml::Table) {
        let named = table.get("view").and_then(toml::Value::as_str);
        let view = |name: &str| View::ALL.into_iter().find(|view| view.name() == name);
        self.view = named.and_then(view).unwrap_or_default();
        let of = |name: &str| table.get(name).and_then(toml::Value::as_table);
        let sheets: [(&str, &mut dyn Sheet); 5] = [
            ("events", &mut self.events.grid),
            ("audit", &mut self.audit.grid),
            ("sent", &mut self.sent),
            ("work", &mut self.work),
            ("log", &mut self.log),
        ];
        for (name, sheet) in sheets {
            if let Some(kept) = of(name) {
                sheet.restore(kept);
            }
        }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        self.paint(canvas, look);
    }
}
