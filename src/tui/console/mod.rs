//! The console as one value: panes, what lies over them, messages, and how the engine is.
//! Takes events and says what it wants done; draws itself; does nothing else. Whatever
//! happens to it is an [`Event`], so that a test can be a person.

mod engine;
mod frame;
mod identity;
mod may;
pub mod pulse;
mod settle;
mod tabs;
mod unreached;

use std::{collections::VecDeque, sync::Arc};

use chrono::{TimeDelta, Timelike as _};

pub use self::identity::Identity;
use self::pulse::{Freshness, Pulse};
use super::{
    clean::Clean,
    command::{Action, Section},
    effect::{Ctx, Done, Effect, PaneId, Proposal, Reply, StepReply, Ticket},
    input::{Code, Key, MouseKind},
    keymap::Keymap,
    logbook::Logbook,
    overlays::{Overlay, Stay, once::Once},
    paint::{Notes, Spot},
    panes::Pane,
    theme::{Role, Theme},
};
use crate::{
    domain::when::Instant,
    engine::{events, fault::Fault},
};

/// How long a message stands in the hint bar.
const TOAST: TimeDelta = TimeDelta::seconds(6);
/// How many messages are kept to be read again.
const KEPT: usize = 200;
/// How many actions can be undone.
const UNDOS: usize = 20;
/// How long the screen has to rest before the clock in it moves.
const REST: TimeDelta = TimeDelta::seconds(15);

/// Everything that can happen to the console.
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// A text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseKind, u16, u16),
    /// The engine is open.
    Opened,
    /// The engine was tried and is not open, for this reason; it will be tried again.
    Unreached(String),
    /// An answer.
    Reply(Ticket, Reply),
    /// What came of a step of an order.
    Stepped(Ticket, StepReply),
    /// Something happened in the engine.
    Happened(events::Event),
    /// Something happened that was not told: ask for everything again.
    Missed,
    /// The engine gave a sign of life, or not in time.
    Pulse(Result<(), Fault>),
    /// Something to tell.
    Told(Clean, Role),
    /// Time has passed.
    Time,
}

/// Something that was said.
struct Message {
    at: Instant,
    text: Clean,
    role: Role,
    /// Whether it tells what came of something that was sent.
    outcome: bool,
    /// Whether what it was about is no longer there.
    gone: bool,
}

/// The console.
pub struct Console {
    identity: Identity,
    engines: engine::Engines,
    logbook: Logbook,
    panes: Vec<Box<dyn Pane>>,
    at: usize,
    /// The pane in which one wanted to see something of this one.
    from: Option<usize>,
    overlays: Vec<Box<dyn Overlay>>,
    keymap: Keymap,
    theme: Theme,
    pulse: Pulse,
    messages: VecDeque<Message>,
    /// How often something was said.
    spoken: u64,
    undos: Vec<Arc<Proposal>>,
    tickets: Ticket,
    themed: bool,
    mouse: bool,
    spots: Notes,
    wakes: Vec<Instant>,
    now: Instant,
    touched: Instant,
}

impl Console {
    /// With all panes, the first one in front.
    #[must_use]
    pub fn new(
        identity: Identity,
        keymap: Keymap,
        theme: Theme,
        logbook: Logbook,
        now: Instant,
    ) -> Self {
        Self {
            panes: engine::panes(&identity, &logbook, now),
            identity,
            engines: engine::Engines::default(),
            logbook,
            at: 0,
            from: None,
            overlays: Vec::new(),
            keymap,
            theme,
            pulse: Pulse::Opening,
            messages: VecDeque::new(),
            spoken: 0,
            undos: Vec::new(),
            tickets: 0,
            themed: false,
            mouse: true,
            spots: Notes::default(),
            wakes: Vec::new(),
            now,
            touched: now,
        }
    }

    /// Takes what happened and says what it wants done.
    pub fn take(&mut self, event: Event, now: Instant) -> Vec<Effect> {
        self.now = now;
        let mut tickets = self.tickets;
        let mut ctx = Ctx::new(now, &mut tickets);
        let before = self.scene();
        self.update(event, &mut ctx);
        let out = self.settle(&mut ctx);
        self.hush(before);
        self.tickets = tickets;
        out
    }

    fn update(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Key(key) => {
                self.touched = ctx.now;
                self.key(key, ctx);
            }
            Event::Paste(text) => {
                self.touched = ctx.now;
                match self.overlays.last_mut() {
                    Some(_) => self.over(ctx, |top, ctx| top.paste(&text, ctx)),
                    None => ctx.toast("a paste presses no keys here", Role::Muted),
                }
            }
            Event::Mouse(kind, x, y) if self.mouse => self.mouse(kind, x, y, ctx),
            Event::Mouse(..) => {}
            Event::Opened => {
                self.pulse.beat(Ok(()), ctx.now);
                // What is seen knows that when it asks, and asks once.
                self.panes[self.at].show(true, ctx);
                self.panes.iter_mut().for_each(|pane| pane.wake(ctx));
            }
            Event::Unreached(why) => self.pulse.miss(&why, ctx.now),
            Event::Missed => self.panes.iter_mut().for_each(|pane| pane.wake(ctx)),
            Event::Reply(ticket, reply) => {
                let mut reply = Some(reply);
                self.each_over(ctx, |overlay, ctx| overlay.reply(ticket, &mut reply, ctx));
                for pane in &mut self.panes {
                    pane.reply(ticket, &mut reply, ctx);
                }
            }
            Event::Stepped(ticket, reply) => {
                self.each_over(ctx, |overlay, ctx| overlay.stepped(ticket, &reply, ctx));
                // Whoever asked may have gone on: what is shown once is never lost with that.
                if let Ok(Done {
                    shown: Some(shown), ..
                }) = reply.result
                {
                    ctx.want(Effect::Open(Box::new(Once::new(shown, ctx.now))));
                }
            }
            Event::Happened(event) => {
                let overlays = self.overlays.iter_mut();
                overlays.for_each(|overlay| overlay.happened(&event, ctx));
                for pane in &mut self.panes {
                    pane.happened(&event, ctx);
                }
            }
            Event::Pulse(answer) => {
                let offline = self.pulse.writable(ctx.now).is_err();
                let failed = self.pulse.failed();
                self.pulse.beat(answer, ctx.now);
                let answers = !self.pulse.failed();
                if offline && answers {
                    ctx.toast("the engine answers again", Role::Good);
                }
                // What was asked meanwhile may have had no answer.
                if (offline || failed) && answers {
                    self.panes.iter_mut().for_each(|pane| pane.wake(ctx));
                }
            }
            Event::Told(text, role) => ctx.toast(text, role),
            Event::Time => {
                self.wakes.retain(|at| *at > ctx.now);
                for pane in &mut self.panes {
                    pane.tick(ctx);
                }
            }
        }
    }

    fn key(&mut self, key: Key, ctx: &mut Ctx<'_>) {
        let types = self.overlays.last().is_some_and(|top| top.types());
        let letter = matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt;
        let action = if types && letter {
            None
        } else {
            self.keymap.action(self.sections(), key)
        };
        // Two keys work everywhere, whatever lies on top; help wherever it types nothing.
        let form = self.overlays.last().is_some_and(|top| top.is_form());
        let always = |one: &Action| match one {
            Action::Quit | Action::Stop => true,
            Action::Help => form && !(types && letter),
            _ => false,
        };
        let global = self.keymap.action(&[Section::Global], key);
        let action = global.filter(always).or(action);
        match action {
            Some(action) => self.act(action, ctx),
            None if self.overlays.is_empty() => {}
            None => self.over(ctx, |top, ctx| top.key(key, ctx)),
        }
    }

    /// Does a command, or says why not.
    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) {
        if let Err(why) = self.may(action) {
            ctx.toast(why, Role::Warn);
            return;
        }
        match action {
            Action::Quit => self.quit(ctx),
            Action::Stop => ctx.want(Effect::Stop),
            Action::Redraw => ctx.want(Effect::Redraw),
            Action::Help if self.overlays.last().is_some_and(|top| top.is_form()) => {
                self.open_help();
            }
            _ if !self.overlays.is_empty() => self.over(ctx, |top, ctx| top.act(action, ctx)),
            _ => self.act_below(action, ctx),
        }
    }

    fn act_below(&mut self, action: Action, ctx: &mut Ctx<'_>) {
        let panes = self.panes.len();
        match action {
            Action::Help => self.open_help(),
            Action::Palette => self.open_palette(ctx),
            Action::Messages => self.open_messages(),
            Action::Engine => self.open_engines(),
            Action::PaneJobs => self.go(PaneId::Jobs, ctx),
            Action::PaneReview => self.go(PaneId::Review, ctx),
            Action::PanePacing => self.go(PaneId::Pacing, ctx),
            Action::PaneOrders => self.go(PaneId::Orders, ctx),
            Action::PaneTenants => self.go(PaneId::Tenants, ctx),
            Action::PaneSlots => self.go(PaneId::Slots, ctx),
            Action::PaneActivity => self.go(PaneId::Activity, ctx),
            Action::NextPane => self.switch((self.at + 1) % panes, ctx),
            Action::PreviousPane => self.switch((self.at + panes - 1) % panes, ctx),
            Action::Refresh => {
                self.panes[self.at].wake(ctx);
                ctx.toast("asked again", Role::Muted);
            }
            Action::Theme => {
                self.theme = self.theme.next();
                ctx.toast(clean!("theme {}", self.theme.name), Role::Muted);
                ctx.want(Effect::Redraw);
            }
            Action::Mouse => {
                self.mouse = !self.mouse;
                let word = if self.mouse { "on" } else { "off" };
                ctx.toast(clean!("the mouse is {word}"), Role::Muted);
                ctx.want(Effect::Mouse(self.mouse));
            }
            Action::Undo => match self.undos.pop() {
                Some(undo) => ctx.want(Effect::Propose(Proposal::clone(&undo))),
                None => ctx.toast("there is nothing to undo", Role::Muted),
            },
            Action::Filter => self.open_filter(),
            Action::Trail => {
                if !self.panes[self.at].act(action, ctx) {
                    ctx.toast("there is no object here", Role::Muted);
                }
            }
            Action::Back => {
                if !self.panes[self.at].act(action, ctx) && self.back_to() != self.at {
                    self.switch(self.back_to(), ctx);
                } else if self.at == 0 && ctx.is_quiet() {
                    ctx.toast("press ctrl-c to leave", Role::Muted);
                }
            }
            _ => {
                self.panes[self.at].act(action, ctx);
            }
        }
    }

    /// The sections of the keymap that are in force.
    fn sections(&self) -> &'static [Section] {
        match self.overlays.last() {
            Some(top) => top.sections(),
            None => self.panes[self.at].sections(),
        }
    }

    fn go(&mut self, pane: PaneId, ctx: &mut Ctx<'_>) {
        if let Some(at) = self.panes.iter().position(|one| one.id() == pane) {
            self.switch(at, ctx);
        }
    }

    /// Where one came from to see something, or else the first pane.
    fn back_to(&self) -> usize {
        self.from.unwrap_or(0)
    }

    fn switch(&mut self, at: usize, ctx: &mut Ctx<'_>) {
        if at != self.at {
            self.panes[self.at].show(false, ctx);
            self.at = at;
            self.from = None;
            self.panes[at].show(true, ctx);
        }
    }

    /// Lets the top overlay take something, and takes it away when it is done.
    fn over(
        &mut self,
        ctx: &mut Ctx<'_>,
        take: impl FnOnce(&mut dyn Overlay, &mut Ctx<'_>) -> Stay,
    ) {
        if let Some(mut top) = self.overlays.pop()
            && take(&mut *top, ctx) == Stay::Open
        {
            self.overlays.push(top);
        }
    }

    fn each_over(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut take: impl FnMut(&mut dyn Overlay, &mut Ctx<'_>) -> Stay,
    ) {
        self.overlays
            .retain_mut(|overlay| take(&mut **overlay, ctx) == Stay::Open);
    }

    fn mouse(&mut self, kind: MouseKind, x: u16, y: u16, ctx: &mut Ctx<'_>) {
        self.touched = ctx.now;
        match kind {
            MouseKind::ScrollDown | MouseKind::ScrollUp => {
                let by = if kind == MouseKind::ScrollDown { 3 } else { -3 };
                if self.overlays.is_empty() {
                    self.panes[self.at].scroll(by, ctx);
                } else {
                    let action = if by > 0 { Action::Down } else { Action::Up };
                    self.over(ctx, |top, ctx| top.act(action, ctx));
                }
            }
            MouseKind::Down => {
                let Some(spot) = self.spots.at(x, y) else {
                    return;
                };
                match spot {
                    Spot::Do(Action::Help) => self.act(Action::Help, ctx),
                    _ if !self.overlays.is_empty() => {
                        if let Spot::Do(action) = spot
                            && let Err(why) = self.may(action)
                        {
                            ctx.toast(why, Role::Warn);
                        } else {
                            self.over(ctx, |top, ctx| top.click(spot, ctx));
                        }
                    }
                    Spot::Tab(at) => self.switch(usize::from(at), ctx),
                    Spot::Do(action) => self.act(action, ctx),
                    spot => self.panes[self.at].click(spot, ctx),
                }
            }
            MouseKind::Up | MouseKind::Drag => {}
        }
    }

    /// When it wants to look again although nothing happens.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        let toast = self.messages.back().map(|last| last.at + TOAST);
        let times = [
            toast.filter(|at| *at > self.now),
            self.pulse.due(self.now),
            Some(self.next_minute()),
            self.wakes.iter().min().copied(),
        ];
        let panes = self.panes.iter().filter_map(|pane| pane.due());
        times.into_iter().flatten().chain(panes).min()
    }

    /// The next full minute that finds the screen at rest.
    fn next_minute(&self) -> Instant {
        let from = self.now.max(self.touched + REST);
        let into = i64::from(from.second()) * 1000 + i64::from(from.timestamp_subsec_millis());
        from + TimeDelta::milliseconds(60_000 - into)
    }

    /// Whether the engine was as fresh as it gets when something last happened.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.pulse.freshness(self.now) == Freshness::Live
    }

    /// Whether the mouse is wanted.
    #[must_use]
    pub fn wants_mouse(&self) -> bool {
        self.mouse
    }

    /// What a person set, to keep it until next time.
    #[must_use]
    pub fn save(&self) -> toml::Table {
        let mut table = toml::Table::new();
        table.insert("theme".into(), self.theme.name.clone().into());
        table.insert("mouse".into(), self.mouse.into());
        let pane = i64::from(self.panes[self.at].id().digit());
        table.insert("pane".into(), pane.into());
        for pane in &self.panes {
            let name = pane.id().title().to_lowercase();
            table.insert(name, pane.save().into());
        }
        table
    }

    /// Keeps the theme that it has, whatever it was last time.
    pub fn keep_theme(&mut self) {
        self.themed = true;
    }

    /// Sets what a person set last time.
    pub fn restore(&mut self, table: &toml::Table) {
        if let Some(name) = table.get("theme").and_then(toml::Value::as_str)
            && !self.themed
            && let Ok(theme) = Theme::named(name, self.theme.depth, self.theme.is_ascii())
        {
            self.theme = theme;
        }
        if let Some(mouse) = table.get("mouse").and_then(toml::Value::as_bool) {
            self.mouse = self.mouse && mouse;
        }
        let digit = table.get("pane").and_then(toml::Value::as_integer);
        let mut panes = self.panes.iter();
        if let Some(at) = panes.position(|pane| Some(i64::from(pane.id().digit())) == digit) {
            self.at = at;
        }
        for pane in &mut self.panes {
            let name = pane.id().title().to_lowercase();
            if let Some(kept) = table.get(&name).and_then(toml::Value::as_table) {
                pane.restore(kept);
            }
        }
    }

    /// Turns the mouse off for good.
    pub fn without_mouse(&mut self) {
        self.mouse = false;
    }
}
