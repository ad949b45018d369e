//! From one engine to another: opens the one that was chosen beside the loop, and only when it
//! answers lets go of the one before. What that still has to say is not heard any more.

use std::{fmt, path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::{Desk, Msg, QUEUE, outside};
use crate::{
    session::Session,
    tui::{
        clean::Clean,
        console::{Console, Identity},
        theme::Role,
    },
};

/// An engine that can be asked.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What people call it.
    pub name: Clean,
    /// Where what the console showed of it last time is kept, if it is.
    pub state: Option<PathBuf>,
}

/// Opens the engine of that number, or says why not.
pub type Opens = Arc<dyn Fn(usize) -> BoxFuture<'static, Result<Session, String>> + Send + Sync>;

/// The engines that can be asked.
#[derive(Clone)]
pub struct Engines {
    /// All of them.
    pub choices: Vec<Choice>,
    /// Opens one.
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

    /// Another engine is open, or is not.
    pub(super) fn switched(
        &mut self,
        console: &mut Console,
        to: usize,
        opened: Result<Session, String>,
    ) {
        self.opens = None;
        let choice = self.engines.as_ref().and_then(|all| all.choices.get(to));
        let Some(choice) = choice.cloned() else {
            return;
        };
        let session = match opened {
            Ok(session) => session,
            Err(why) => {
                let why = why.lines().next().unwrap_or_default().to_owned();
                return self.tell(clean!("{} is not opened: {why}", choice.name), Role::Bad);
            }
        };
        if let Some(path) = &self.state {
            outside::write_state(path, &console.save());
        }
        // What the last one still tells ends with its channel.
        (self.tell, self.told) = mpsc::channel(QUEUE);
        let identity = Identity {
            caller: session.caller().clone(),
            engine: choice.name.clone(),
            read_only: console.identity().read_only,
            keeps_house: session.keeps_house(),
            zone: console.identity().zone,
        };
        console.moves(to, identity);
        if let Some(path) = &choice.state {
            console.restore(&outside::read_state(path));
        }
        self.state = choice.state;
        self.opened(console, session);
        self.tell(clean!("{} is asked now", choice.name), Role::Good);
    }
}
