//! What the console can ask the world to do, as data: panes return it, the loop performs
//! it. A command can only be ordered by a confirmation that a person has answered.

use std::{any::Any, fmt, path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::{
    clean::Clean,
    consent::Consent,
    overlays::{Overlay, confirm::Order, once::Shown, prompt::Purpose},
    theme::Role,
};
use crate::{
    domain::when::Instant,
    engine::{fault::Fault, operation::Operation},
    session::Session,
};

/// The number of a question; its answer carries it.
pub type Ticket = u64;
/// What came back; whoever asked knows its type.
pub type Reply = Result<Box<dyn Any + Send>, Fault>;

type Run = Box<dyn FnOnce(Session) -> BoxFuture<'static, Reply> + Send>;

/// A question to the engine that changes nothing.
pub struct Ask {
    /// Its number.
    pub ticket: Ticket,
    run: Run,
}

impl Ask {
    /// Asks one operation.
    pub fn new<O: Operation>(ticket: Ticket, operation: O) -> Self {
        Self::with(ticket, async move |session| session.ask(operation).await)
    }

    /// Asks whatever a function asks.
    pub fn with<T, F, Fut>(ticket: Ticket, ask: F) -> Self
    where
        T: Any + Send,
        F: FnOnce(Session) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        let run = move |session| -> BoxFuture<'static, Reply> {
            let answer = ask(session);
            Box::pin(async move {
                let answer = answer.await?;
                Ok(Box::new(answer) as Box<dyn Any + Send>)
            })
        };
        Self {
            ticket,
            run: Box::new(run),
        }
    }

    /// Asks it.
    #[must_use]
    pub fn run(self, session: Session) -> BoxFuture<'static, Reply> {
        (self.run)(session)
    }
}

/// Where something is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which pane.
    pub pane: PaneId,
    /// Which objects there, by their ids.
    pub objects: Vec<String>,
}

/// The panes, by the digit that goes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaneId {
    /// Booking jobs.
    Jobs,
    /// Recommendations under review.
    Review,
    /// How lines pace.
    Pacing,
    /// Orders of media.
    Orders,
    /// Tenants, with all that belongs to them.
    Tenants,
    /// Time that is booked.
    Slots,
    /// What happened.
    Activity,
}

impl PaneId {
    /// The digit that goes there; it stays the same whatever panes there are.
    #[must_use]
    pub fn digit(self) -> u8 {
        match self {
            Self::Jobs => 1,
            Self::Review => 2,
            Self::Pacing => 3,
            Self::Orders => 4,
            Self::Tenants => 5,
            Self::Slots => 6,
            Self::Activity => 7,
        }
    }

    /// The beginning of its name, where there is little room.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Jobs => "Jobs",
            Self::Review => "Rev",
            Self::Pacing => "Pace",
            Self::Orders => "Ord",
            Self::Tenants => "Ten",
            Self::Slots => "Slot",
            Self::Activity => "Act",
        }
    }

    /// Its name on the tab.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Jobs => "Jobs",
            Self::Review => "Review",
            Self::Pacing => "Pacing",
            Self::Orders => "Orders",
            Self::Tenants => "Tenants",
            Self::Slots => "Slots",
            Self::Activity => "Activity",
        }
    }
}

/// What a step came to.
#[derive(Clone)]
pub struct Done {
    /// A sentence.
    pub said: Clean,
    /// How to take it back, where that is real.
    pub undo: Option<Arc<Proposal>>,
    /// Where to look at it.
    pub place: Option<Place>,
    /// What is shown of it once and never again.
    pub shown: Option<Shown>,
}

impl Done {
    /// With a sentence alone.
    #[must_use]
    pub fn said(said: Clean) -> Self {
        Self {
            said,
            undo: None,
            place: None,
            shown: None,
        }
    }
}

/// Takes one step under an idempotency key.
pub type Take =
    Arc<dyn Fn(Session, String) -> BoxFuture<'static, Result<Done, Fault>> + Send + Sync>;
/// Makes a proposal again of what is there now, for those of its steps that came too late.
pub type Renew =
    Arc<dyn Fn(Session, Vec<usize>) -> BoxFuture<'static, Result<Proposal, Fault>> + Send + Sync>;

/// What can be done instead of what was refused.
#[derive(Clone, Default)]
pub struct Instead {
    /// What stands in the way.
    pub lines: Vec<(Clean, Role)>,
    /// The ways around it, each with a line about it.
    pub ways: Vec<(Clean, Proposal)>,
}

/// Looks what can be done instead of what was refused.
pub type Seek =
    Arc<dyn Fn(Session, Fault) -> BoxFuture<'static, Result<Instead, Fault>> + Send + Sync>;

/// One command that is proposed.
#[derive(Clone)]
pub struct Step {
    /// What it is about, for the line of its result.
    pub about: Clean,
    /// Its idempotency key: asked twice, it is done once.
    pub key: String,
    /// Looks for other ways when it is refused because something else got there first.
    pub instead: Option<Seek>,
    /// The command in JSON: it names the objects that it is about.
    asked: Arc<str>,
    take: Take,
}

impl Step {
    /// Asks one command; `tell` makes a sentence of its answer.
    pub fn new<O: Operation>(
        about: Clean,
        operation: O,
        tell: impl Fn(O::Output) -> Done + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::by(about, Ok, operation, tell)
    }

    /// The same, asked by the session that `door` makes of the person's own.
    pub fn by<O: Operation>(
        about: Clean,
        door: impl Fn(Session) -> Result<Session, Fault> + Send + Sync + 'static,
        operation: O,
        tell: impl Fn(O::Output) -> Done + Clone + Send + Sync + 'static,
    ) -> Self {
        let asked = serde_json::to_string(&operation).unwrap_or_default();
        let take = move |session: Session, key: String| {
            let (operation, tell, session) = (operation.clone(), tell.clone(), door(session));
            let future: BoxFuture<'static, _> =
                Box::pin(async move { session?.ask_keyed(operation, key).await.map(tell) });
            future
        };
        Self {
            about,
            key: Uuid::new_v4().to_string(),
            instead: None,
            asked: asked.into(),
            take: Arc::new(take),
        }
    }

    /// Looks for other ways when it is refused because something else got there first.
    #[must_use]
    pub fn or(mut self, seek: Seek) -> Self {
        self.instead = Some(seek);
        self
    }

    /// Whether it is about the object of that id: a field of it names that. What is listed in one,
    /// such as what of a job is approved, is not what it is done to.
    #[must_use]
    pub fn concerns(&self, object: &str) -> bool {
        self.asked.contains(&format!(":\"{object}\""))
    }

    /// Takes it.
    #[must_use]
    pub fn take(&self, session: Session) -> BoxFuture<'static, Result<Done, Fault>> {
        (self.take)(session, self.key.clone())
    }
}

/// What would be done, before anybody has agreed to it.
#[derive(Clone)]
pub struct Proposal {
    /// What it is.
    pub title: Clean,
    /// What exactly it does, with its numbers.
    pub lines: Vec<(Clean, Role)>,
    /// What the person types to agree, where a plain answer is too little.
    pub typed: Option<Consent>,
    /// The word on the button.
    pub button: &'static str,
    /// The commands, one by one.
    pub steps: Vec<Step>,
    /// Makes it again when something has changed.
    pub renew: Option<Renew>,
}

impl fmt::Debug for Proposal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Proposal({}, {} steps)", self.title, self.steps.len())
    }
}

/// The answer to one step of an order.
pub struct StepReply {
    /// Which of the steps.
    pub at: usize,
    /// What came of it.
    pub result: Result<Done, Fault>,
}

/// A text to edit outside.
pub struct Edit {
    /// The number of the answer, which is the text as a `String`.
    pub ticket: Ticket,
    /// The text.
    pub text: String,
}

/// Something for the world to do.
pub enum Effect {
    /// Ask the engine.
    Ask(Ask),
    /// Give the engine commands that were agreed to.
    Order(Order),
    /// Ask the person.
    Propose(Proposal),
    /// Say something for a moment.
    Toast(Clean, Role),
    /// Say what came of something that was sent: it stands there until its time is over.
    Outcome(Clean, Role),
    /// Put a text on the clipboard of whoever sits at the terminal.
    Copy(String),
    /// Write a file where the person can find it.
    Write {
        /// Its name.
        name: String,
        /// What stands in it.
        text: String,
    },
    /// Edit a text in the person's own editor.
    Edit(Edit),
    /// Read a file; the answer is its text.
    Read(Ticket, PathBuf),
    /// Show something.
    Go(Place),
    /// Put something over the panes.
    Open(Box<dyn Overlay>),
    /// Do a command as if its key was pressed.
    Do(super::command::Action),
    /// Hand a typed line to what lies below it.
    Typed(Purpose, String),
    /// Find objects for the palette.
    Search(String),
    /// Remember how to take back what was just done.
    Undo(Arc<Proposal>),
    /// Take the marks away: what they were set for is done.
    Unmark,
    /// Look again at this time, and draw.
    Wake(Instant),
    /// Ask the engine of this number from now on.
    Switch(usize),
    /// Turn the mouse on or off.
    Mouse(bool),
    /// Stop until `fg`.
    Stop,
    /// Draw everything again.
    Redraw,
    /// Leave.
    Quit,
}

impl fmt::Debug for Effect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ask(_) => "Ask",
            Self::Order(_) => "Order",
            Self::Propose(_) => "Propose",
            Self::Toast(..) => "Toast",
            Self::Outcome(..) => "Outcome",
            Self::Copy(_) => "Copy",
            Self::Write { .. } => "Write",
            Self::Edit(_) => "Edit",
            Self::Read(..) => "Read",
            Self::Go(_) => "Go",
            Self::Open(_) => "Open",
            Self::Do(_) => "Do",
            Self::Typed(..) => "Typed",
            Self::Search(_) => "Search",
            Self::Undo(_) => "Undo",
            Self::Unmark => "Unmark",
            Self::Wake(_) => "Wake",
            Self::Switch(_) => "Switch",
            Self::Mouse(_) => "Mouse",
            Self::Stop => "Stop",
            Self::Redraw => "Redraw",
            Self::Quit => "Quit",
        })
    }
}

/// What an update knows, and where it puts what it wants done.
pub struct Ctx<'a> {
    /// What time it is.
    pub now: Instant,
    /// The last number that was given to a question.
    tickets: &'a mut Ticket,
    effects: Vec<Effect>,
}

impl<'a> Ctx<'a> {
    /// For one update.
    pub fn new(now: Instant, tickets: &'a mut Ticket) -> Self {
        Self {
            now,
            tickets,
            effects: Vec::new(),
        }
    }

    /// A number for a question.
    pub fn ticket(&mut self) -> Ticket {
        *self.tickets += 1;
        *self.tickets
    }

    /// Wants something done.
    pub fn want(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Asks a question and gives its number.
    pub fn ask<O: Operation>(&mut self, operation: O) -> Ticket {
        let ticket = self.ticket();
        self.want(Effect::Ask(Ask::new(ticket, operation)));
        ticket
    }

    /// Says something for a moment.
    pub fn toast(&mut self, text: impl Into<Clean>, role: Role) {
        self.want(Effect::Toast(text.into(), role));
    }

    /// Says what came of something that was sent.
    pub fn outcome(&mut self, text: impl Into<Clean>, role: Role) {
        self.want(Effect::Outcome(text.into(), role));
    }

    /// Whether nothing is wanted so far.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.effects.is_empty()
    }

    /// What is wanted so far.
    pub fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::ids::JobId, engine::bookings::approve::ApproveJob};

    #[test]
    fn a_step_is_about_what_it_is_done_to_and_not_about_what_of_it() {
        let job_id = JobId::from(Uuid::nil());
        let approve = ApproveJob {
            job_id,
            approved_product_ids: Some(vec!["news".into(), "native".into()]),
            expected_revision: None,
            despite_warnings: false,
        };
        let step = Step::new("Game Night".into(), approve, |_| Done::said("done".into()));
        assert!(step.concerns(&job_id.to_string()));
        for other in ["news", "native", "Game Night", ""] {
            assert!(!step.concerns(other), "{other}");
        }
    }
}
