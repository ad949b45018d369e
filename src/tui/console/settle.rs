//! Does what can be done inside of the console, and hands out the rest: questions and
//! orders for the engine, files, the clipboard, the terminal.

use super::{Console, KEPT, Message, UNDOS};
use crate::{
    engine::fault::{Fault, FaultKind},
    tui::{
        clean::Clean,
        command::{COMMANDS, Weight},
        effect::{Ctx, Effect, PaneId, Place, StepReply},
        overlays::{
            confirm::{Confirm, Order},
            help::help,
            menu::Menu,
            palette::{Found, Goal, MOST, Palette},
            prompt::Prompt,
            reader::Reader,
        },
        theme::Role,
    },
};

/// What is in sight, and how often something was said.
pub(super) type Scene = (usize, usize, u64);

impl Console {
    pub(super) fn settle(&mut self, ctx: &mut Ctx<'_>) -> Vec<Effect> {
        let mut out = Vec::new();
        loop {
            let effects = ctx.take();
            if effects.is_empty() {
                return out;
            }
            for effect in effects {
                out.extend(self.inside(effect, ctx));
            }
        }
    }

    /// Does an effect, or gives it back when it is for the world.
    fn inside(&mut self, effect: Effect, ctx: &mut Ctx<'_>) -> Option<Effect> {
        match effect {
            Effect::Toast(text, role) => self.say(text, role),
            Effect::Outcome(text, role) => {
                self.say(text, role);
                if let Some(last) = self.messages.back_mut() {
                    last.outcome = true;
                }
            }
            Effect::Propose(proposal) => {
                let question = Confirm::new(proposal, ctx);
                self.overlays.push(Box::new(question));
            }
            Effect::Open(overlay) => self.overlays.push(overlay),
            Effect::Go(place) => self.show(&place, ctx),
            Effect::Do(action) => {
                // A list moves below the line that filters it.
                if self.overlays.iter().all(|top| top.types()) {
                    self.act_below(action, ctx);
                } else {
                    self.act(action, ctx);
                }
            }
            Effect::Typed(purpose, text) => {
                match self.overlays.iter_mut().rev().find(|one| one.is_form()) {
                    Some(form) => form.typed(purpose, &text, ctx),
                    None => self.panes[self.at].typed(purpose, &text, ctx),
                }
            }
            Effect::Search(text) => {
                let mut found: Vec<Found> = Vec::new();
                for pane in &self.panes {
                    found.extend(pane.find(&text, MOST.saturating_sub(found.len())));
                }
                if let Some(top) = self.overlays.last_mut() {
                    top.found(found);
                }
            }
            Effect::Undo(undo) => {
                self.undos.push(undo);
                if self.undos.len() > UNDOS {
                    self.undos.remove(0);
                }
            }
            Effect::Unmark => self.unmark(),
            Effect::Wake(at) => self.wakes.push(at),
            Effect::Order(order) => return self.order(order, ctx),
            other => return Some(other),
        }
        None
    }

    /// Lets an order out, unless nothing may be changed just now.
    fn order(&mut self, order: Order, ctx: &mut Ctx<'_>) -> Option<Effect> {
        let why = if self.identity.read_only {
            Some("this session is read only: it sends no commands".into())
        } else {
            self.pulse.writable(ctx.now).err()
        };
        let Some(why) = why else {
            return Some(Effect::Order(order));
        };
        let fault = Fault::new(
            FaultKind::Busy,
            "NOT_SENT",
            format!("{why}: nothing was sent"),
        );
        for (at, _) in order.steps() {
            let reply = StepReply {
                at: *at,
                result: Err(fault.clone()),
            };
            self.each_over(ctx, |top, ctx| top.stepped(order.ticket(), &reply, ctx));
        }
        None
    }

    pub(super) fn say(&mut self, text: Clean, role: Role) {
        self.spoken += 1;
        self.messages.push_back(Message {
            at: self.now,
            text,
            role,
            outcome: false,
            gone: false,
        });
        if self.messages.len() > KEPT {
            self.messages.pop_front();
        }
    }

    /// Which pane is in front, how much lies over it, and how often something was said.
    pub(super) fn scene(&self) -> Scene {
        (self.at, self.overlays.len(), self.spoken)
    }

    /// Takes away what was said before something else came into sight, unless it tells what came
    /// of something that was sent.
    pub(super) fn hush(&mut self, before: Scene) {
        let now = self.scene();
        let moved = (now.0, now.1) != (before.0, before.1);
        if moved
            && now.2 == before.2
            && let Some(last) = self.messages.back_mut()
        {
            last.gone = !last.outcome;
        }
    }

    fn show(&mut self, place: &Place, ctx: &mut Ctx<'_>) {
        let from = self.at;
        self.go(place.pane, ctx);
        self.from = Some(from).filter(|from| *from != self.at);
        self.panes[self.at].go(&place.objects, ctx);
    }

    /// Takes the marks away in the pane that is seen. What is reviewed together was marked in
    /// the list of jobs.
    fn unmark(&mut self) {
        let marked = match self.panes[self.at].id() {
            PaneId::Review => PaneId::Jobs,
            other => other,
        };
        for pane in self.panes.iter_mut().filter(|pane| pane.id() == marked) {
            pane.unmark();
        }
    }

    /// Leaves; asks first where something would be lost with it.
    pub(super) fn quit(&mut self, ctx: &mut Ctx<'_>) {
        let lost = self.overlays.iter().rev().find_map(|one| one.loses());
        let asked = self.overlays.last().is_some_and(|top| top.asks_to_leave());
        let Some(lost) = lost else {
            return ctx.want(Effect::Quit);
        };
        if asked {
            ctx.toast("choose: stay, or leave and lose it", Role::Warn);
            return;
        }
        let items = vec!["stay".into(), "leave, and lose it".into()];
        let question = Menu::new(lost, items, |picked, ctx| {
            if picked == 1 {
                ctx.want(Effect::Quit);
            }
        });
        self.overlays.push(Box::new(question.to_leave()));
    }

    pub(super) fn open_help(&mut self) {
        let fields = match self.overlays.last() {
            Some(_) => Vec::new(),
            None => self.panes[self.at].fields(),
        };
        let may = |action| self.may(action);
        let help = help(&self.keymap, self.sections(), &fields, may);
        self.overlays.push(Box::new(help));
    }

    pub(super) fn open_messages(&mut self) {
        let line = |message: &Message| {
            let at = message.at.format("%H:%M:%S");
            (clean!("{at}  {}", message.text), message.role)
        };
        let mut lines: Vec<_> = self.messages.iter().rev().map(line).collect();
        if lines.is_empty() {
            lines.push(("nothing was said yet".into(), Role::Muted));
        }
        let reader = Reader::new("Messages, the last one first", lines);
        self.overlays.push(Box::new(reader));
    }

    pub(super) fn open_filter(&mut self) {
        if let Some(text) = self.panes[self.at].filter() {
            let prompt = Prompt::filter(text, self.panes[self.at].fields());
            self.overlays.push(Box::new(prompt));
        } else {
            self.say("there is no list to filter here".into(), Role::Muted);
        }
    }

    pub(super) fn open_palette(&mut self, ctx: &mut Ctx<'_>) {
        let sections = self.sections();
        let here = COMMANDS
            .iter()
            .filter(|command| sections.contains(&command.section));
        let commands = here.map(|command| {
            let goal = match self.may(command.action) {
                Ok(()) => Goal::Do(command.action),
                Err(why) => Goal::Refused(why),
            };
            let weight = match command.weight {
                Weight::Final => " (asks for a name)",
                Weight::Look | Weight::Write | Weight::Change => "",
            };
            let key = self.keymap.key(command.action);
            Found {
                title: command.title.into(),
                about: clean!("{}{weight}", command.about),
                side: key.map_or("".into(), |key| clean!("{key}")),
                goal,
            }
        });
        let palette = Palette::new(commands.collect());
        self.overlays.push(Box::new(palette));
        ctx.want(Effect::Search(String::new()));
    }
}
