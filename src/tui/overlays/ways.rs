//! Other ways, on the keys 1 to 3: under a command that was refused because something else got
//! there first, and in a window of their own. Each is a proposal that is asked about like any
//! other; nothing is done by choosing it.

use super::{Overlay, Stay, centred};
use crate::{
    engine::fault::Fault,
    tui::{
        clean::Clean,
        command::{Action, Section},
        effect::{Ask, Ctx, Effect, Instead, Proposal, Reply, Step, Ticket},
        paint::{Canvas, Look},
        theme::Role,
    },
};

/// The keys, in their order.
const KEYS: [Action; 3] = [Action::FirstWay, Action::SecondWay, Action::ThirdWay];

/// Which of the ways a key means.
fn place(action: Action) -> Option<usize> {
    KEYS.iter().position(|key| *key == action)
}

/// The line of a way, with its key.
fn line(at: usize, about: &Clean) -> (Clean, Role) {
    (clean!("  {}  {about}", at + 1), Role::Accent)
}

/// Other ways than the one that was refused, as far as they are known.
#[derive(Default)]
pub struct Ways {
    waits: Option<Ticket>,
    found: Instead,
}

impl Ways {
    /// Looks for them, if the step knows how.
    pub fn seek(&mut self, step: &Step, fault: &Fault, ctx: &mut Ctx<'_>) {
        let Some(seek) = step.instead.clone() else {
            return;
        };
        let (ticket, fault) = (ctx.ticket(), fault.clone());
        ctx.want(Effect::Ask(Ask::with(ticket, move |session| {
            seek(session, fault)
        })));
        self.waits = Some(ticket);
    }

    /// Takes what was found; false when the answer is somebody else's.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>) -> bool {
        if self.waits != Some(ticket) {
            return false;
        }
        self.waits = None;
        match reply.take() {
            Some(Ok(answer)) => {
                if let Ok(found) = answer.downcast::<Instead>() {
                    self.found = *found;
                }
            }
            Some(Err(fault)) => {
                let said = clean!("what is free was not found: {}", fault.message);
                self.found.lines.push((said, Role::Bad));
            }
            None => {}
        }
        true
    }

    /// Takes the way of a key.
    pub fn take(&mut self, action: Action) -> Option<Proposal> {
        let (_, proposal) = self.found.ways.get(place(action)?)?;
        Some(proposal.clone())
    }

    /// Why a key does nothing.
    ///
    /// # Errors
    /// When there is no such way.
    pub fn may(&self, action: Action) -> Result<(), Clean> {
        match place(action) {
            Some(at) if at >= self.found.ways.len() => Err("there is no such choice".into()),
            _ => Ok(()),
        }
    }

    /// The key of the first, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<Action> {
        (!self.found.ways.is_empty()).then_some(KEYS[0])
    }

    /// What stands in the way, and the ways around it.
    #[must_use]
    pub fn lines(&self) -> Vec<(Clean, Role)> {
        if self.waits.is_some() {
            return vec![("Looking what is free ...".into(), Role::Muted)];
        }
        let mut lines = self.found.lines.clone();
        if !self.found.ways.is_empty() {
            lines.push(("Free instead:".into(), Role::Title));
            let ways = self.found.ways.iter().take(KEYS.len()).enumerate();
            lines.extend(ways.map(|(at, (about, _))| line(at, about)));
        }
        lines
    }
}

/// What is done with a way that was chosen.
pub type Chosen = Box<dyn Fn(&mut Ctx<'_>) + Send>;

/// A text with ways to go on from it.
pub struct Choice {
    title: Clean,
    lines: Vec<(Clean, Role)>,
    ways: Vec<(Clean, Chosen)>,
}

impl Choice {
    /// Shows lines, and offers at most three ways.
    pub fn new(
        title: impl Into<Clean>,
        lines: Vec<(Clean, Role)>,
        ways: Vec<(Clean, Chosen)>,
    ) -> Self {
        Self {
            title: title.into(),
            lines,
            ways,
        }
    }
}

impl Overlay for Choice {
    fn sections(&self) -> &'static [Section] {
        &[Section::Confirm, Section::Reader]
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        match action {
            Action::Down | Action::Up | Action::NextButton => return Stay::Open,
            _ => {}
        }
        if let Some((_, chosen)) = place(action).and_then(|at| self.ways.get(at)) {
            chosen(ctx);
        }
        Stay::Closed
    }

    fn may(&self, action: Action) -> Result<(), Clean> {
        match place(action) {
            Some(at) if at >= self.ways.len() => Err("there is no such choice".into()),
            _ => Ok(()),
        }
    }

    fn hints(&self) -> Vec<Action> {
        let mut hints: Vec<Action> = KEYS.into_iter().take(self.ways.len()).collect();
        hints.push(Action::Close);
        hints
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _look: &Look<'_>) {
        let width = canvas.width().min(84);
        let mut lines = self.lines.clone();
        let ways = self.ways.iter().take(KEYS.len()).enumerate();
        lines.extend(ways.map(|(at, (about, _))| line(at, about)));
        let wrapped: Vec<(Clean, Role)> = lines
            .into_iter()
            .flat_map(|(text, role)| {
                let parts = text.wrap(width.saturating_sub(4));
                parts.into_iter().map(move |part| (part, role))
            })
            .collect();
        let height = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
        let area = centred(canvas, width, height.saturating_add(2));
        let mut window = canvas.sub(area);
        window.clear();
        let mut inside = window.frame(&[(self.title.clone(), Role::Title)], true);
        for (y, (text, role)) in (0u16..).zip(&wrapped) {
            inside.text(1, y, text.clone(), *role);
        }
    }
}
