//! From one engine to another: opens the one that was chosen beside the loop, and lets go of the
//! one before when it answers. What that still has to say is not heard any more. One that is not
//! there is shown as such and tried again and again; one that refuses us leaves all as it was.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::{Desk, Msg, QUEUE, outside};
use crate::{
    session::Session,
    tui::{
        clean::Clean,
        console::{Console, Event, Identity},
        theme::Role,
    },
};

/// The first pause before an engine that is not there is tried again, and the longest.
const PAUSE: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(2)];
/// How much longer where it is there and refuses us.
const REFUSED: Duration = Duration::from_secs(8);

/// An engine that can be asked.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What people call it.
    pub name: Clean,
    /// Where what the console showed of it last time is kept, if it is.
    pub state: Option<PathBuf>,
}

/// Why an engine is not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unopened {
    /// It is not there, for this reason; it may be in a moment.
    Away(String),
    /// It will not have us, or is none of ours.
    Refused(String),
}

/// What came of the first try to open the engine.
#[derive(Clone)]
pub enum First {
    /// It is open.
    Open(Box<Session>),
    /// It is not there, for this reason.
    Away(String),
}

/// Tries once to open the engine of that number, or says why it is not open.
pub type Opens = Arc<dyn Fn(usize) -> BoxFuture<'static, Result<Session, Unopened>> + Send + Sync>;

/// An engine that is shown and is not there yet: it is tried again and again until this is dropped.
pub(super) struct Waiting {
    to: usize,
    _tries: AbortOnDropHandle<()>,
}

/// The engines that can be asked.
#[derive(Clone)]
pub struct Engines {
    /// All of them.
    pub choices: Vec<Choice>,
    /// Which of them is asked first.
    pub at: usize,
    /// Tries to open one.
    pub open: Opens,
}

impl fmt::Debug for Engines {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Engines({:?})", self.choices)
    }
}

impl Desk {
    /// Opens another engine; the one before is asked until it is there.
    pub(super) fn switch(&mut self, to: usize) {
        let chosen = self.engines.as_ref();
        let chosen = chosen.and_then(|all| Some((all.choices.get(to)?.name.clone(), all)));
        let Some((name, engines)) = chosen else {
            return;
        };
        if self.opens.is_some() {
            return self.tell("another engine is being opened already".into(), Role::Warn);
        }
        let (open, tell) = ((engines.open)(to), self.tell.clone());
        self.opens = Some(to);
        self.tell(clean!("opening {name} ..."), Role::Muted);
        tokio::spawn(async move {
            let opened = open.await;
            // Nobody is there to hear it when the console has ended.
            drop(tell.send(Msg::Opened(to, opened)).await);
        });
    }

    /// The engine that is asked first is open, or is not there yet.
    pub(super) fn first(&mut self, console: &mut Console, first: First) {
        match first {
            First::Open(session) => self.opened(console, *session),
            First::Away(why) => {
                let at = self.engines.as_ref().map_or(0, |all| all.at);
                self.wait_for(console, at, why);
            }
        }
    }

    /// An engine is open, or is not: the one that was chosen, or the one that is waited for.
    pub(super) fn answered(
        &mut self,
        console: &mut Console,
        to: usize,
        opened: Result<Session, Unopened>,
    ) {
        let choice = self.engines.as_ref().and_then(|all| all.choices.get(to));
        let Some(choice) = choice.cloned() else {
            return;
        };
        let is_shown = self.waits.as_ref().is_some_and(|it| it.to == to);
        if !is_shown {
            self.opens = None;
        }
        match opened {
            Ok(session) => {
                if !is_shown {
                    self.moves(console, to, &choice, Some(&session));
                }
                self.waits = None;
                self.opened(console, session);
                self.tell(clean!("{} is asked now", choice.name), Role::Good);
            }
            Err(Unopened::Away(why) | Unopened::Refused(why)) if is_shown => {
                self.event(console, Event::Unreached(why));
            }
            Err(Unopened::Refused(why)) => {
                let why = why.lines().next().unwrap_or_default();
                self.tell(clean!("{} is not opened: {why}", choice.name), Role::Bad);
            }
            Err(Unopened::Away(why)) => {
                self.moves(console, to, &choice, None);
                self.wait_for(console, to, why);
            }
        }
    }

    /// Shows that an engine is not there, and tries it again and again.
    fn wait_for(&mut self, console: &mut Console, to: usize, why: String) {
        self.event(console, Event::Unreached(why));
        let Some(engines) = &self.engines else {
            return;
        };
        let (open, tell) = (Arc::clone(&engines.open), self.tell.clone());
        let tries = async move {
            for pause in pauses() {
                tokio::time::sleep(pause).await;
                let opened = open(to).await;
                let (done, refused) = (opened.is_ok(), matches!(opened, Err(Unopened::Refused(_))));
                if tell.send(Msg::Opened(to, opened)).await.is_err() || done {
                    return;
                }
                if refused {
                    // It is there: what it has against us takes a person to mend.
                    tokio::time::sleep(REFUSED).await;
                }
            }
        };
        self.waits = Some(Waiting {
            to,
            _tries: AbortOnDropHandle::new(tokio::spawn(tries)),
        });
    }

    /// Leaves the engine before, and shows another one: what it said when it was met, or nothing.
    fn moves(&mut self, console: &mut Console, to: usize, choice: &Choice, met: Option<&Session>) {
        if let Some(path) = &self.state {
            outside::write_state(path, &console.save());
        }
        (self.session, self.background, self.waits) = (None, None, None);
        // What the last one still tells ends with its channel.
        (self.tell, self.told) = mpsc::channel(QUEUE);
        let before = console.identity();
        let identity = Identity {
            caller: met.map_or_else(|| before.caller.clone(), |it| it.caller().clone()),
            engine: choice.name.clone(),
            read_only: before.read_only,
            keeps_house: met.is_some_and(Session::keeps_house),
            zone: before.zone,
        };
        console.moves(to, identity);
        if met.is_none() {
            console.awaits();
        }
        if let Some(path) = &choice.state {
            console.restore(&outside::read_state(path));
        }
        self.state.clone_from(&choice.state);
    }
}

/// The pauses between tries, longer and longer, without end.
fn pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::default()
        .with_min_delay(PAUSE[0])
        .with_max_delay(PAUSE[1])
        .with_jitter()
        .without_max_times()
        .build()
}
