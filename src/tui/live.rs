//! An answer that keeps itself fresh: it knows its question's number, its age and its
//! fault, keeps what it had while a new answer is on its way, and drops answers to
//! questions that were overtaken.

use super::effect::{Ask, Ctx, Effect, Reply, Ticket};
use crate::{
    domain::when::Instant,
    engine::{fault::Fault, operation::Operation},
    session::Session,
};

/// The latest answer to a question.
#[derive(Debug)]
pub struct Live<T> {
    value: Option<T>,
    at: Option<Instant>,
    fault: Option<Fault>,
    waits: Option<Ticket>,
    again: bool,
}

impl<T> Default for Live<T> {
    fn default() -> Self {
        Self {
            value: None,
            at: None,
            fault: None,
            waits: None,
            again: false,
        }
    }
}

impl<T: Send + 'static> Live<T> {
    /// Asks, unless the same question is on its way; then it is asked again after that.
    pub fn ask<O: Operation<Output = T>>(&mut self, ctx: &mut Ctx<'_>, operation: O) {
        if self.hold() {
            self.waits = Some(ctx.ask(operation));
        }
    }

    /// Asks whatever a function asks.
    pub fn ask_with<F, Fut>(&mut self, ctx: &mut Ctx<'_>, ask: F)
    where
        F: FnOnce(Session) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        if self.hold() {
            let ticket = ctx.ticket();
            ctx.want(Effect::Ask(Ask::with(ticket, ask)));
            self.waits = Some(ticket);
        }
    }

    fn hold(&mut self) -> bool {
        self.again = self.waits.is_some();
        !self.again
    }

    /// Forgets everything, also what is on its way.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes an answer that is its own; true when it was. The second truth is whether
    /// it should be asked again, because something happened meanwhile.
    pub fn take(&mut self, ticket: Ticket, reply: &mut Option<Reply>, now: Instant) -> Taken {
        if self.waits != Some(ticket) {
            return Taken::Other;
        }
        self.waits = None;
        match reply.take() {
            Some(Ok(answer)) => match answer.downcast::<T>() {
                Ok(answer) => {
                    self.value = Some(*answer);
                    self.at = Some(now);
                    self.fault = None;
                }
                Err(_) => self.fault = Some(Fault::broken("an answer of another type")),
            },
            Some(Err(fault)) => self.fault = Some(fault),
            None => {}
        }
        if std::mem::take(&mut self.again) {
            return Taken::AskAgain;
        }
        Taken::Mine
    }

    /// The latest answer.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The latest answer, to keep it up to date from elsewhere.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// Takes the latest answer away.
    pub fn take_value(&mut self) -> Option<T> {
        self.value.take()
    }

    /// Why there is no newer one.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// When it was answered.
    #[must_use]
    pub fn at(&self) -> Option<Instant> {
        self.at
    }

    /// Whether a question is on its way.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.waits.is_some()
    }
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was somebody else's.
    Other,
    /// It was taken.
    Mine,
    /// It was taken, and is out of date already.
    AskAgain,
}
