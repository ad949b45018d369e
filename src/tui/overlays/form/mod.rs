//! A form of any kind: fields that are checked as they are typed, with what is wrong beside
//! each. Sends nothing: it makes a proposal, and closes once a person has agreed to that and it
//! was done. Keeps nothing of what is typed when it closes.

mod draw;
mod slot;

use std::{cell::Cell, collections::BTreeSet};

pub use slot::{Kind, Slot, Values};

use super::{Overlay, Stay};
use crate::{
    engine::fault::FaultKind,
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, Proposal, StepReply, Ticket},
        input::{Code, Key},
        paint::{Canvas, Look, Spot},
        theme::Role,
    },
};

/// What is wrong, beside the field of that name; an empty name means all of it.
pub type Wrong = (String, Clean);

/// What a form is about.
pub trait Rules: Send {
    /// Whether a field belongs there as the others are filled.
    fn has(&self, _name: &str, _values: &Values) -> bool {
        true
    }

    /// What is wrong.
    fn check(&self, values: &Values) -> Vec<Wrong>;

    /// What would be done.
    ///
    /// # Errors
    /// When there is nothing to do, and why.
    fn propose(&self, values: &Values) -> Result<Proposal, Clean>;
}

/// A form.
pub struct Form {
    title: Clean,
    rules: Box<dyn Rules>,
    slots: Vec<Slot>,
    at: usize,
    touched: BTreeSet<usize>,
    /// Everything that is wrong is told from the first attempt to send on.
    pressed: bool,
    wrong: Vec<Wrong>,
    /// What the engine refused, until its field is changed.
    refused: Vec<Wrong>,
    /// Answers with later numbers are to what this form proposed.
    since: Option<Ticket>,
    /// What was proposed last: sent again unchanged, it is done once.
    last: Option<(Values, Proposal)>,
    leaving: bool,
    top: Cell<usize>,
}

impl Form {
    /// With its fields as they are filled at first.
    pub fn new(title: impl Into<Clean>, slots: Vec<Slot>, rules: impl Rules + 'static) -> Self {
        let mut form = Self {
            title: title.into(),
            rules: Box::new(rules),
            slots,
            at: 0,
            touched: BTreeSet::new(),
            pressed: false,
            wrong: Vec::new(),
            refused: Vec::new(),
            since: None,
            last: None,
            leaving: false,
            top: Cell::new(0),
        };
        form.at = form.fields().first().copied().unwrap_or(0);
        form.settle();
        form
    }

    fn values(&self) -> Values {
        Values::of(&self.slots)
    }

    fn settle(&mut self) {
        self.wrong = self.rules.check(&self.values());
    }

    /// The fields that belong there now.
    fn shown(&self) -> Vec<usize> {
        let values = self.values();
        let has = |at: &usize| self.rules.has(self.slots[*at].name, &values);
        (0..self.slots.len()).filter(has).collect()
    }

    /// Those of them that can have the keys.
    fn fields(&self) -> Vec<usize> {
        let mut fields = self.shown();
        fields.retain(|at| self.slots[*at].kind != Kind::Heading);
        fields
    }

    fn slot(&self) -> Option<&Slot> {
        self.slots.get(self.at)
    }

    fn changed(&mut self) {
        self.touched.insert(self.at);
        if let Some(name) = self.slot().map(|slot| slot.name) {
            self.refused.retain(|(field, _)| field != name);
        }
        self.settle();
    }

    fn go(&mut self, at: usize) {
        self.touched.insert(self.at);
        self.at = at;
    }

    fn step(&mut self, down: bool) {
        let shown = self.fields();
        let here = shown.iter().position(|at| *at == self.at).unwrap_or(0);
        let all = shown.len().max(1);
        let to = (here + if down { 1 } else { all - 1 }) % all;
        if let Some(at) = shown.get(to) {
            self.go(*at);
        }
    }

    /// What is told beside a field: nothing while nobody has been there.
    fn said(&self, at: usize) -> impl Iterator<Item = &Clean> {
        let told = self.pressed || self.touched.contains(&at);
        let name = self.slots[at].name;
        let wrong = self.wrong.iter().filter(move |_| told);
        let all = wrong.chain(&self.refused);
        all.filter(move |(field, _)| field == name)
            .map(|(_, said)| said)
    }

    /// What is told of all of it.
    fn notices(&self) -> impl Iterator<Item = &Clean> {
        let known = |field: &str| self.slots.iter().any(|slot| slot.name == field);
        let wrong = self.wrong.iter().filter(|_| self.pressed);
        let all = wrong.chain(&self.refused);
        all.filter(move |(field, _)| !known(field))
            .map(|(_, said)| said)
    }

    fn send(&mut self, ctx: &mut Ctx<'_>) {
        self.pressed = true;
        self.settle();
        if let Some((field, _)) = self.wrong.first() {
            let at = self.slots.iter().position(|slot| slot.name == field);
            let count = self.wrong.len();
            if let Some(at) = at {
                self.go(at);
            }
            let noun = if count == 1 { "problem" } else { "problems" };
            ctx.toast(clean!("nothing was sent: {count} {noun}"), Role::Warn);
            return;
        }
        let values = self.values();
        let proposal = match &self.last {
            Some((same, proposal)) if *same == values => Ok(proposal.clone()),
            _ => self.rules.propose(&values),
        };
        match proposal {
            Ok(proposal) => {
                self.last = Some((values, proposal.clone()));
                let ticket = ctx.ticket();
                self.since.get_or_insert(ticket);
                ctx.want(Effect::Propose(proposal));
            }
            Err(why) => ctx.toast(why, Role::Muted),
        }
    }

    fn is_dirty(&self) -> bool {
        self.slots.iter().any(Slot::is_changed)
    }

    /// Closes, when nothing would be lost or the person has said so twice.
    fn leave(&mut self) -> Stay {
        if self.is_dirty() && !self.leaving {
            self.leaving = true;
            return Stay::Open;
        }
        Stay::Closed
    }
}

impl Overlay for Form {
    fn sections(&self) -> &'static [Section] {
        &[Section::Form]
    }

    fn types(&self) -> bool {
        self.slot().is_some_and(Slot::is_typed)
    }

    fn is_form(&self) -> bool {
        true
    }

    fn loses(&self) -> Option<&'static str> {
        self.is_dirty()
            .then_some("The form is not sent, and leaving loses it")
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        if matches!(action, Action::Back | Action::Close | Action::Dismiss) {
            return self.leave();
        }
        self.leaving = false;
        match action {
            Action::NextField | Action::Down => self.step(true),
            Action::PreviousField | Action::Up => self.step(false),
            Action::Choose if self.types() => self.step(true),
            Action::Choose => {
                self.slots[self.at].turn(true);
                self.changed();
            }
            Action::Send => self.send(ctx),
            _ => {}
        }
        Stay::Open
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        match action {
            Action::Editor | Action::LoadFile | Action::Raw | Action::Clear | Action::ReadWhole => {
                Err("this form is filled field by field".into())
            }
            _ => Ok(()),
        }
    }

    fn key(&mut self, key: Key, _ctx: &mut Ctx<'_>) -> Stay {
        if key.code == Code::Esc {
            return self.leave();
        }
        self.leaving = false;
        let Some(slot) = self.slots.get_mut(self.at) else {
            return Stay::Open;
        };
        if slot.key(key) {
            self.changed();
        }
        Stay::Open
    }

    fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) -> Stay {
        self.leaving = false;
        match self.slots.get_mut(self.at) {
            Some(slot) if slot.is_typed() => {
                slot.field.paste(text);
                self.changed();
            }
            _ => ctx.toast("nothing can be typed into this field", Role::Muted),
        }
        Stay::Open
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) -> Stay {
        match spot {
            Spot::Do(action) => return self.act(action, ctx),
            Spot::Row(at) if at < self.slots.len() => {
                let again = at == self.at;
                self.go(at);
                if again && !self.types() {
                    self.slots[at].turn(true);
                    self.changed();
                }
            }
            _ => {}
        }
        Stay::Open
    }

    fn stepped(&mut self, ticket: Ticket, reply: &StepReply, _ctx: &mut Ctx<'_>) -> Stay {
        if self.since.is_none_or(|since| ticket <= since) {
            return Stay::Open;
        }
        let Err(fault) = &reply.result else {
            return Stay::Closed;
        };
        if fault.kind != FaultKind::Busy {
            // It was answered: sent again, it is another attempt.
            self.last = None;
        }
        let field = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        let told = fault.problems.iter();
        self.refused = told
            .map(|one| (field(&one.field), clean!("{}", one.message)))
            .collect();
        if self.refused.is_empty() {
            let named = fault.details.get("field").and_then(|field| field.as_str());
            let named = named.map(field).unwrap_or_default();
            self.refused = vec![(named, Clean::new(&fault.message))];
        }
        let first = self.refused.first().map(|(field, _)| field.clone());
        let at = self
            .slots
            .iter()
            .position(|slot| Some(slot.name) == first.as_deref());
        if let Some(at) = at {
            self.go(at);
        }
        Stay::Open
    }

    fn hints(&self) -> Vec<Action> {
        let mut hints = vec![Action::Send, Action::NextField];
        if !self.types() {
            hints.push(Action::Choose);
        }
        hints.push(Action::Help);
        hints
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        self.paint(canvas, look);
    }
}
