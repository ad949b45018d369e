//! The question before every command: says exactly what will be done, has its focus on
//! Cancel, takes a typed name where nothing can be undone, and shows what came of each
//! line. The only place that makes an [`Order`]; refuses one that nobody has read.

mod draw;

use std::cell::Cell;

use chrono::TimeDelta;

use super::{
    Overlay, Stay,
    told::{happened, is_late, told, unanswered, what_changed},
    ways::Ways,
};
use crate::{
    domain::when::Instant,
    engine::{events::Event, fault::Fault},
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ask, Ctx, Done, Effect, Proposal, Reply, Step, StepReply, Ticket},
        field::Field,
        input::{Code, Key},
        paint::{Canvas, Look},
        theme::Role,
    },
};

/// How long a question must have stood there before a key can answer it with yes.
const READ: TimeDelta = TimeDelta::milliseconds(300);
/// The most lines that are listed; the rest is counted.
const MOST: usize = 200;
/// How much is told of what happens while it stands there.
const LATEST: usize = 4;

/// Commands that a person has agreed to. Nothing outside of this file can make one.
pub struct Order {
    ticket: Ticket,
    steps: Vec<(usize, Step)>,
}

impl Order {
    /// The number of the answers.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The commands, with the place of each among those that were proposed.
    #[must_use]
    pub fn steps(&self) -> &[(usize, Step)] {
        &self.steps
    }
}

/// Which button has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Name,
    Cancel,
    Do,
}

enum State {
    /// Waits for the person.
    Asking,
    /// The commands are on their way, or have come back.
    Sent(Ticket),
    /// Something changed: it is being looked at again.
    Renewing(Ticket),
}

/// A question.
pub struct Confirm {
    proposal: Proposal,
    since: Instant,
    /// Since when it can be read as it is now.
    stands: Instant,
    focus: Focus,
    name: Field,
    state: State,
    results: Vec<Option<Result<Done, Fault>>>,
    changed: Vec<(Clean, Role)>,
    /// What happened to what it is about since it stands there.
    meanwhile: Vec<(Clean, Role)>,
    ways: Ways,
    offset: Cell<u16>,
    /// How many lines of it can be seen at once.
    height: Cell<u16>,
}

impl Confirm {
    /// Asks about a proposal.
    pub fn new(proposal: Proposal, ctx: &mut Ctx<'_>) -> Self {
        ctx.want(Effect::Wake(ctx.now + READ));
        let focus = if proposal.typed.is_some() {
            Focus::Name
        } else {
            Focus::Cancel
        };
        Self {
            since: ctx.now,
            stands: ctx.now,
            focus,
            name: Field::default(),
            state: State::Asking,
            results: proposal.steps.iter().map(|_| None).collect(),
            changed: Vec::new(),
            meanwhile: Vec::new(),
            ways: Ways::default(),
            offset: Cell::new(0),
            height: Cell::new(1),
            proposal,
        }
    }

    fn named(&self) -> bool {
        let typed = self.proposal.typed.as_ref();
        typed.is_none_or(|consent| consent.is(self.name.text()))
    }

    fn ready(&self, now: Instant) -> Result<(), Clean> {
        if !matches!(self.state, State::Asking) {
            return Err("it is on its way".into());
        }
        if now - self.stands < READ {
            return Err("read it first".into());
        }
        match &self.proposal.typed {
            Some(consent) if !self.named() => Err(clean!("type {} to agree", consent.text())),
            _ => Ok(()),
        }
    }

    fn send(&mut self, ctx: &mut Ctx<'_>) -> Stay {
        if let Err(why) = self.ready(ctx.now) {
            ctx.toast(why, Role::Warn);
            return Stay::Open;
        }
        self.order(ctx)
    }

    /// Orders what has no answer yet, each under its own key: asked again, it is done once.
    fn order(&mut self, ctx: &mut Ctx<'_>) -> Stay {
        let ticket = ctx.ticket();
        let open = self.proposal.steps.iter().enumerate();
        let steps = open
            .filter(|(at, _)| unanswered(self.results[*at].as_ref()))
            .map(|(at, step)| (at, step.clone()));
        let order = Order {
            ticket,
            steps: steps.collect(),
        };
        for (at, _) in &order.steps {
            self.results[*at] = None;
        }
        ctx.want(Effect::Order(order));
        self.state = State::Sent(ticket);
        self.focus = Focus::Cancel;
        Stay::Open
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Sent(_)) && self.results.iter().all(Option::is_some)
    }

    fn lost(&self) -> bool {
        self.is_over() && self.results.iter().any(|one| unanswered(one.as_ref()))
    }

    /// Closes by itself when all went well; otherwise the lines stay to be read.
    fn settle(&mut self, ctx: &mut Ctx<'_>) -> Stay {
        let done: Vec<&Done> = self
            .results
            .iter()
            .filter_map(|one| one.as_ref()?.as_ref().ok())
            .collect();
        if let Some(undo) = done.iter().rev().find_map(|done| done.undo.clone()) {
            ctx.want(Effect::Undo(undo));
        }
        if done.len() == self.results.len() {
            let said = match &done[..] {
                [one] => one.said.clone(),
                all => clean!("{}: {} done", self.proposal.title, all.len()),
            };
            ctx.want(Effect::Unmark);
            if let Some(place) = done.iter().find_map(|done| done.place.clone()) {
                ctx.want(Effect::Go(place));
            }
            ctx.outcome(said, Role::Good);
            return Stay::Closed;
        }
        self.look_again(ctx);
        if let ([step], [Some(Err(fault))]) = (&self.proposal.steps[..], &self.results[..]) {
            self.ways.seek(step, fault, ctx);
        }
        Stay::Open
    }

    /// What came too late is proposed again as it is now, under what became of the rest. What
    /// nobody knows the end of comes first.
    fn look_again(&mut self, ctx: &mut Ctx<'_>) {
        let late: Vec<usize> = (0..self.results.len())
            .filter(|at| matches!(&self.results[*at], Some(Err(fault)) if is_late(fault)))
            .collect();
        let Some(renew) = self.proposal.renew.clone() else {
            return;
        };
        if late.is_empty() || self.lost() {
            return;
        }
        self.changed = self.so_far();
        let ticket = ctx.ticket();
        ctx.want(Effect::Ask(Ask::with(ticket, move |session| {
            renew(session, late)
        })));
        self.state = State::Renewing(ticket);
    }

    /// What became of each step; of one that came too late, what has happened meanwhile.
    fn so_far(&self) -> Vec<(Clean, Role)> {
        let alone = self.results.len() == 1;
        let mut lines = Vec::new();
        for (step, result) in self.proposal.steps.iter().zip(&self.results).take(MOST) {
            match result {
                Some(Err(fault)) if is_late(fault) => {
                    let about = if alone { None } else { Some(&step.about) };
                    let changed = what_changed(about, fault, self.since).into_iter();
                    lines.extend(changed.map(|line| (line, Role::Warn)));
                }
                result => lines.extend(told(&step.about, result.as_ref())),
            }
        }
        lines
    }
}

impl Confirm {
    /// Says what happened to something that it is about since it stood there, and has that read
    /// before a key can answer it.
    fn overtaken(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        if self.meanwhile.is_empty() {
            let head = "While you looked at this:".into();
            self.meanwhile.push((head, Role::Warn));
        }
        self.meanwhile.push((happened(event), Role::Warn));
        let over = self.meanwhile.len().saturating_sub(1 + LATEST);
        self.meanwhile.drain(1..=over);
        self.offset.set(0);
        self.stands = ctx.now;
        ctx.want(Effect::Wake(ctx.now + READ));
    }

    fn scroll(&mut self, by: i16) -> Stay {
        self.offset.set(self.offset.get().saturating_add_signed(by));
        Stay::Open
    }
}

impl Overlay for Confirm {
    fn sections(&self) -> &'static [Section] {
        &[Section::Confirm, Section::Reader]
    }

    fn types(&self) -> bool {
        self.focus == Focus::Name && matches!(self.state, State::Asking)
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        match action {
            Action::No | Action::Back | Action::Close => Stay::Closed,
            Action::NextButton => {
                self.focus = match (self.focus, &self.proposal.typed) {
                    (Focus::Cancel, _) => Focus::Do,
                    (Focus::Do, Some(_)) => Focus::Name,
                    (Focus::Name, _) | (Focus::Do, None) => Focus::Cancel,
                };
                Stay::Open
            }
            Action::FirstWay | Action::SecondWay | Action::ThirdWay => {
                if let Some(way) = self.ways.take(action) {
                    *self = Self::new(way, ctx);
                }
                Stay::Open
            }
            Action::Yes if self.lost() => self.order(ctx),
            Action::Yes if self.is_over() => Stay::Closed,
            Action::Yes if self.proposal.typed.is_some() => {
                ctx.toast("go to the button with tab, then press enter", Role::Warn);
                Stay::Open
            }
            Action::Yes => self.send(ctx),
            Action::Press => match self.focus {
                Focus::Cancel => Stay::Closed,
                Focus::Name if self.named() => {
                    self.focus = Focus::Do;
                    Stay::Open
                }
                Focus::Do if self.lost() => self.order(ctx),
                Focus::Do if self.is_over() => Stay::Closed,
                Focus::Name | Focus::Do => self.send(ctx),
            },
            Action::Down => self.scroll(1),
            Action::Up => self.scroll(-1),
            _ => Stay::Open,
        }
    }

    fn key(&mut self, key: Key, _ctx: &mut Ctx<'_>) -> Stay {
        let page = self.height.get().max(2).cast_signed() - 1;
        match key.code {
            Code::Down => return self.scroll(1),
            Code::Up => return self.scroll(-1),
            Code::PageDown => return self.scroll(page),
            Code::PageUp => return self.scroll(-page),
            _ => {}
        }
        if self.types() {
            self.name.key(key);
        }
        Stay::Open
    }

    fn paste(&mut self, text: &str, _ctx: &mut Ctx<'_>) -> Stay {
        if self.types() {
            self.name.paste(text);
        }
        Stay::Open
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) -> Stay {
        if self.ways.reply(ticket, reply)
            || !matches!(self.state, State::Renewing(waits) if waits == ticket)
        {
            return Stay::Open;
        }
        match reply.take() {
            Some(Ok(answer)) => {
                if let Ok(proposal) = answer.downcast::<Proposal>() {
                    let changed = std::mem::take(&mut self.changed);
                    *self = Self::new(*proposal, ctx);
                    self.changed = changed;
                }
            }
            Some(Err(fault)) => {
                let why = (Clean::new(&fault.message), Role::Bad);
                self.changed.push(why);
                self.state = State::Sent(0);
            }
            None => {}
        }
        Stay::Open
    }

    fn stepped(&mut self, ticket: Ticket, reply: &StepReply, ctx: &mut Ctx<'_>) -> Stay {
        if !matches!(self.state, State::Sent(waits) if waits == ticket) {
            return Stay::Open;
        }
        if let Some(slot) = self.results.get_mut(reply.at) {
            *slot = Some(reply.result.clone());
        }
        if self.is_over() {
            return self.settle(ctx);
        }
        Stay::Open
    }

    fn happened(&mut self, event: &Event, ctx: &mut Ctx<'_>) {
        let mut steps = self.proposal.steps.iter();
        if matches!(self.state, State::Asking)
            && event.at > self.since
            && steps.any(|step| step.concerns(&event.object))
        {
            self.overtaken(event, ctx);
        }
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        self.ways.may(action)
    }

    fn hints(&self) -> Vec<Action> {
        if let Some(first) = self.ways.first() {
            return vec![first, Action::NextButton, Action::No];
        }
        if self.types() {
            return vec![Action::NextButton, Action::Press];
        }
        vec![Action::NextButton, Action::Press, Action::No]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        self.paint(canvas, look);
    }
}
