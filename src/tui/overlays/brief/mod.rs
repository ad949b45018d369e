//! The form in which a campaign brief is written: every field, checked as it is typed, with
//! its problems beside it. Sends nothing that is wrong and nothing that nobody agreed to;
//! loses nothing that was typed.

mod check;
mod draw;
mod filled;
mod map;
mod outside;
mod part;
mod send;
#[cfg(test)]
mod tests;

use std::{
    cell::Cell,
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use self::{
    check::Checked,
    filled::{Filled, Talks},
    outside::Outside,
    part::{Part, Shape},
    send::Sent,
};
use super::{
    Overlay, Stay,
    prompt::{Prompt, Purpose},
};
use crate::{
    domain::{booking::brief::CampaignBrief, money::Currency, problem::Problem},
    engine::bookings::budget::{BudgetView, GetBudget},
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ctx, Effect, Reply, StepReply, Ticket},
        input::{Code, Key},
        live::Live,
        paint::{Canvas, Look, Spot},
        theme::Role,
    },
};

/// What a person typed and did not send, for the next time in the same run.
#[derive(Debug, Clone, Default)]
pub struct Draft(Arc<Mutex<Option<Kept>>>);

/// What is kept of a form.
#[derive(Debug, Clone)]
struct Kept {
    filled: Filled,
    edited: Option<String>,
}

impl Draft {
    fn keep(&self, kept: Option<Kept>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    fn take(&self) -> Option<Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_some(&self) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_some()
    }
}

/// Objectives that planning understands, offered while one is typed.
const OBJECTIVES: [&str; 8] = [
    "brand_awareness",
    "reach",
    "consideration",
    "engagement",
    "traffic",
    "conversions",
    "app_installs",
    "video_views",
];

/// The form.
pub struct BriefForm {
    title: &'static str,
    filled: Filled,
    /// As it was when it opened: closing it then loses nothing.
    before: Filled,
    /// What was emptied, to bring it back.
    spare: Option<Filled>,
    draft: Draft,
    currency: Currency,
    purse: Live<BudgetView>,
    at: Part,
    tick: usize,
    touched: BTreeSet<Part>,
    /// Everything that is wrong is told from the first attempt to send on.
    pressed: bool,
    /// What the engine refused, until its field is changed.
    refused: Vec<(Part, Problem)>,
    found: Checked,
    notice: Option<(Clean, Role)>,
    outside: Outside,
    leaving: bool,
    sent: Sent,
    top: Cell<usize>,
    height: Cell<usize>,
}

impl BriefForm {
    fn with(title: &'static str, filled: Filled, draft: &Draft, ctx: &mut Ctx<'_>) -> Self {
        let mut purse = Live::default();
        purse.ask(ctx, GetBudget::default());
        let found = Checked::new(&filled, ctx.now.date_naive(), Currency::USD);
        Self {
            title,
            before: filled.clone(),
            filled,
            spare: None,
            draft: draft.clone(),
            currency: Currency::USD,
            purse,
            at: Part::Name,
            tick: 0,
            touched: BTreeSet::new(),
            pressed: false,
            refused: Vec::new(),
            found,
            notice: None,
            outside: Outside::default(),
            leaving: false,
            sent: Sent::default(),
            top: Cell::new(0),
            height: Cell::new(0),
        }
    }

    /// An empty form, or what was typed last and not sent.
    pub fn new(draft: &Draft, ctx: &mut Ctx<'_>) -> Self {
        let mut form = Self::with("New brief", Filled::empty(), draft, ctx);
        if let Some(kept) = draft.take() {
            // Taken out and put back at once: only sending it ends it.
            draft.keep(Some(kept.clone()));
            form.fill(kept.filled, ctx);
            form.outside.keep(kept.edited);
            let said = "this is what you typed last and did not send";
            form.notice = Some((said.into(), Role::Accent));
        }
        form
    }

    /// An empty form, whatever was typed before.
    pub fn blank(draft: &Draft, ctx: &mut Ctx<'_>) -> Self {
        Self::with("Brief from a file", Filled::empty(), draft, ctx)
    }

    /// Begins as a copy of a brief.
    pub fn of(brief: &CampaignBrief, auto_approve: bool, draft: &Draft, ctx: &mut Ctx<'_>) -> Self {
        let filled = Filled::of(brief, auto_approve);
        let mut form = Self::with("Copy of a brief", filled.clone(), draft, ctx);
        form.fill(filled, ctx);
        form
    }

    /// The line that asks for the file to fill the form from.
    pub fn ask_file(ctx: &mut Ctx<'_>) {
        let prompt = Prompt::new(Purpose::File, "read the brief from file: ", "");
        ctx.want(Effect::Open(Box::new(prompt)));
    }

    /// Puts other contents in; all of it counts as typed.
    fn fill(&mut self, filled: Filled, ctx: &mut Ctx<'_>) {
        self.filled = filled;
        self.touched = Part::all()
            .filter(|part| !self.filled.text(*part).is_empty())
            .collect();
        self.refused.clear();
        self.settle(ctx);
    }

    /// Something was changed, or the day is another one.
    fn settle(&mut self, ctx: &mut Ctx<'_>) {
        self.found = Checked::new(&self.filled, ctx.now.date_naive(), self.currency);
        let parts = self.filled.parts();
        if !parts.contains(&self.at) {
            let group = self.at.group();
            let near = parts.iter().copied().find(|part| part.group() == group);
            self.at = near.unwrap_or(Part::Name);
        }
        self.tick = self.tick.min(self.filled.ticks.len().saturating_sub(1));
    }

    fn changed(&mut self, ctx: &mut Ctx<'_>) {
        let at = self.at;
        self.touched.insert(at);
        self.refused.retain(|(part, _)| *part != at);
        self.settle(ctx);
    }

    fn go(&mut self, part: Part) {
        self.touched.insert(self.at);
        self.at = part;
    }

    fn step(&mut self, by: isize) {
        let parts = self.filled.parts();
        let here = parts.iter().position(|part| *part == self.at).unwrap_or(0);
        let all = parts.len().cast_signed();
        let to = (here.cast_signed() + by).rem_euclid(all.max(1));
        if let Some(part) = parts.get(to.cast_unsigned()) {
            self.go(*part);
        }
    }

    fn page(&mut self, down: bool) {
        let by = self.height.get().clamp(2, 64) / 2;
        let parts = self.filled.parts();
        let here = parts.iter().position(|part| *part == self.at).unwrap_or(0);
        let to = if down {
            here.saturating_add(by).min(parts.len().saturating_sub(1))
        } else {
            here.saturating_sub(by)
        };
        if let Some(part) = parts.get(to) {
            self.go(*part);
        }
    }

    /// The objectives that what is being typed may become.
    fn suggestions(&self) -> Vec<&'static str> {
        let text = self.filled.text(Part::Objectives);
        let (before, last) = text.rsplit_once(',').unwrap_or(("", text));
        let last = last.trim().to_lowercase();
        let known: Vec<&str> = before.split(',').map(str::trim).collect();
        let fits = |one: &&str| !known.contains(one) && one.starts_with(&last) && **one != last;
        OBJECTIVES.into_iter().filter(fits).collect()
    }

    /// Completes an objective; false when there is nothing to complete.
    fn complete(&mut self, with: Option<&str>) -> bool {
        let text = self.filled.text(Part::Objectives).to_owned();
        let begun = !text.rsplit(',').next().unwrap_or("").trim().is_empty();
        let Some(word) = with.or_else(|| self.suggestions().first().copied().filter(|_| begun))
        else {
            return false;
        };
        let before = text.rsplit_once(',').map(|(before, _)| before.trim());
        let text = match before {
            Some(before) if !before.is_empty() => format!("{before}, {word}"),
            _ => word.to_owned(),
        };
        self.filled.field(Part::Objectives).set(&text);
        true
    }

    /// What enter and space do on the field.
    fn choose(&mut self, back: bool, ctx: &mut Ctx<'_>) {
        match self.at {
            Part::Channels => {
                if let Some((_, on)) = self.filled.ticks.get_mut(self.tick) {
                    *on = !*on;
                }
            }
            Part::Talks => {
                self.filled.talks = match (self.filled.talks, back) {
                    (Talks::Usual, false) | (Talks::Off, true) => Talks::On,
                    (Talks::On, false) | (Talks::Usual, true) => Talks::Off,
                    (Talks::Off, false) | (Talks::On, true) => Talks::Usual,
                };
            }
            Part::AutoApprove => self.filled.auto_approve = !self.filled.auto_approve,
            Part::Objectives => {
                if !self.complete(None) {
                    return self.step(1);
                }
            }
            _ => return self.step(1),
        }
        self.changed(ctx);
    }

    fn sideways(&mut self, right: bool, ctx: &mut Ctx<'_>) {
        if self.at != Part::Channels {
            return self.choose(!right, ctx);
        }
        let all = self.filled.ticks.len().max(1);
        let by = if right { 1 } else { all - 1 };
        self.tick = (self.tick + by) % all;
    }

    /// Goes from fields to JSON, or back, where the focus is.
    fn turn(&mut self, ctx: &mut Ctx<'_>) {
        let group = self.at.group();
        if group.raw().is_none() {
            ctx.toast("audience and KPIs can be edited as JSON", Role::Muted);
            return;
        }
        if let Err(problem) = self.filled.turn(group) {
            ctx.toast(clean!("{}", problem.message), Role::Warn);
        }
        self.settle(ctx);
    }

    /// Empties the form; once more brings back what stood there.
    fn empty(&mut self, ctx: &mut Ctx<'_>) {
        let other = self.spare.take().unwrap_or_else(Filled::empty);
        let now = std::mem::replace(&mut self.filled, other.clone());
        self.spare = Some(now);
        self.pressed = false;
        self.fill(other, ctx);
        ctx.toast("once more brings back what stood there", Role::Muted);
    }

    fn is_dirty(&self) -> bool {
        self.outside.holds() || !self.filled.says(&self.before)
    }

    /// Closes, when nothing would be lost or the person has said so twice.
    fn leave(&mut self) -> Stay {
        let dirty = self.is_dirty();
        if dirty && !self.leaving {
            self.leaving = true;
            return Stay::Open;
        }
        if dirty {
            self.draft.keep(Some(Kept {
                filled: self.filled.clone(),
                edited: self.outside.edited(),
            }));
        }
        Stay::Closed
    }

    fn typed_key(&mut self, key: Key, ctx: &mut Ctx<'_>) {
        if self.at.shape() == Shape::Text {
            if self.filled.field(self.at).key(key) {
                self.changed(ctx);
            }
            return;
        }
        match key.code {
            Code::Left => self.sideways(false, ctx),
            Code::Right => self.sideways(true, ctx),
            Code::Char(' ') => self.choose(false, ctx),
            _ => {}
        }
    }
}

impl Overlay for BriefForm {
    fn sections(&self) -> &'static [Section] {
        &[Section::Form]
    }

    fn types(&self) -> bool {
        self.at.shape() == Shape::Text
    }

    fn is_form(&self) -> bool {
        true
    }

    fn loses(&self) -> Option<&'static str> {
        self.is_dirty()
            .then_some("The brief is not sent, and leaving loses it")
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        if matches!(action, Action::Back | Action::Close | Action::Dismiss) {
            return self.leave();
        }
        self.leaving = false;
        match action {
            Action::NextField | Action::Down => self.step(1),
            Action::PreviousField | Action::Up => self.step(-1),
            Action::Choose => self.choose(false, ctx),
            Action::Raw => self.turn(ctx),
            Action::Send => self.send(ctx),
            Action::Editor => self.edit(ctx),
            Action::LoadFile => Self::ask_file(ctx),
            Action::Clear => self.empty(ctx),
            Action::ReadWhole => self.read_whole(ctx),
            _ => {}
        }
        Stay::Open
    }

    fn key(&mut self, key: Key, ctx: &mut Ctx<'_>) -> Stay {
        if key.code == Code::Esc {
            return self.leave();
        }
        self.leaving = false;
        match key.code {
            Code::PageDown => self.page(true),
            Code::PageUp => self.page(false),
            _ => self.typed_key(key, ctx),
        }
        Stay::Open
    }

    fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) -> Stay {
        self.leaving = false;
        if self.at.shape() == Shape::Text {
            let cut = self.filled.paste(self.at, text);
            if cut > 0 {
                let said = clean!("{cut} characters of it had no room: load it from a file");
                ctx.toast(said, Role::Warn);
            }
            self.changed(ctx);
        } else {
            ctx.toast("nothing can be typed into this field", Role::Muted);
        }
        Stay::Open
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) -> Stay {
        match spot {
            Spot::Do(action) => return self.act(action, ctx),
            Spot::Row(at) => {
                if let Some(part) = Part::all().nth(at) {
                    let again = part == self.at && part.shape() == Shape::Choice;
                    self.go(part);
                    if again {
                        self.choose(false, ctx);
                    }
                }
            }
            Spot::Tick(at) => {
                self.go(Part::Channels);
                self.tick = at;
                self.choose(false, ctx);
            }
            Spot::Heading(at) => {
                if let Some(word) = self.suggestions().get(at) {
                    self.complete(Some(word));
                    self.changed(ctx);
                }
            }
            _ => {}
        }
        self.leaving = false;
        Stay::Open
    }

    fn typed(&mut self, purpose: Purpose, text: &str, ctx: &mut Ctx<'_>) {
        if purpose == Purpose::File {
            self.load(text, ctx);
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) -> Stay {
        self.purse.take(ticket, reply, ctx.now);
        let named = self.purse.value().map(|purse| purse.currency.parse());
        if let Some(Ok(currency)) = named
            && currency != self.currency
        {
            self.currency = currency;
            self.settle(ctx);
        }
        self.came_back(ticket, reply, ctx);
        Stay::Open
    }

    fn stepped(&mut self, ticket: Ticket, reply: &StepReply, ctx: &mut Ctx<'_>) -> Stay {
        self.answered(ticket, reply, ctx)
    }

    fn hints(&self) -> Vec<Action> {
        let mut hints = vec![Action::Send, Action::NextField];
        if self.at.shape() != Shape::Text || self.at == Part::Objectives {
            hints.push(Action::Choose);
        }
        if self.at.group().raw().is_some() {
            hints.push(Action::Raw);
        }
        if self.at.group().raw() == Some(self.at) {
            hints.push(Action::ReadWhole);
        }
        hints.extend([
            Action::Help,
            Action::Editor,
            Action::LoadFile,
            Action::Clear,
        ]);
        hints
    }

    fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        self.paint(canvas, look);
    }
}
