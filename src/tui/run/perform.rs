//! Performs what the console wants: the one place that does. Nothing here waits; what
//! takes time is a task that ends in a message.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{Desk, Msg, background::within, outside};
use crate::{
    engine::fault::{Fault, FaultKind},
    tui::{
        console::Event,
        effect::{Ask, Effect, Reply, StepReply, Ticket},
        overlays::confirm::Order,
        theme::Role,
    },
};

/// The most bytes that are copied: terminals drop more without a word.
const MOST_COPIED: usize = 48 << 10;

impl Desk {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ask(ask) => self.ask(ask),
            Effect::Order(order) => self.order(&order),
            Effect::Copy(text) => self.copy(&text),
            Effect::Write { name, text } => self.write(name, text),
            Effect::Edit(edit) => self.edit = Some(edit),
            Effect::Read(ticket, path) => {
                self.spawn_reply(ticket, async move {
                    let text = tokio::task::spawn_blocking(move || outside::read_text(&path));
                    match text.await {
                        Ok(Ok(text)) => Ok(Box::new(text) as _),
                        Ok(Err(said)) => Err(Fault::new(FaultKind::Invalid, "UNREADABLE", said)),
                        Err(error) => Err(Fault::broken(error)),
                    }
                });
            }
            Effect::Mouse(on) => self.mouse(on),
            Effect::Stop => self.stop = true,
            Effect::Switch(to) => self.switch(to),
            Effect::Redraw => self.screen.forget(),
            Effect::Quit => self.quit = true,
            // Done inside of the console.
            Effect::Propose(_)
            | Effect::Toast(..)
            | Effect::Outcome(..)
            | Effect::Go(_)
            | Effect::Open(_)
            | Effect::Do(_)
            | Effect::Typed(..)
            | Effect::Search(_)
            | Effect::Undo(_)
            | Effect::Unmark
            | Effect::Wake(_) => {}
        }
    }

    fn spawn_reply(&self, ticket: Ticket, reply: impl Future<Output = Reply> + Send + 'static) {
        let tell = self.tell.clone();
        tokio::spawn(async move {
            let reply = reply.await;
            // Nobody is there to hear it when the console has ended.
            drop(tell.send(Msg::Event(Event::Reply(ticket, reply))).await);
        });
    }

    fn ask(&self, ask: Ask) {
        let (ticket, session) = (ask.ticket, self.session.clone());
        self.spawn_reply(ticket, async move {
            match session {
                Some(session) => within(session.there(|session| ask.run(session))).await,
                None => Err(unopened()),
            }
        });
    }

    /// Takes the steps one after the other: a person reads the results in that order.
    fn order(&self, order: &Order) {
        let (ticket, steps) = (order.ticket(), order.steps().to_vec());
        let (tell, session) = (self.tell.clone(), self.session.clone());
        tokio::spawn(async move {
            for (at, step) in steps {
                let result = match &session {
                    Some(session) => within(session.there(|session| step.take(session))).await,
                    None => Err(unopened()),
                };
                let reply = StepReply { at, result };
                let event = Event::Stepped(ticket, reply);
                drop(tell.send(Msg::Event(event)).await);
            }
        });
    }

    /// Asks the terminal to put a text on the clipboard of whoever sits before it.
    fn copy(&mut self, text: &str) {
        if text.len() > MOST_COPIED {
            let most = MOST_COPIED >> 10;
            self.tell(
                clean!("too much to copy: terminals take {most} kB at most; export it instead"),
                Role::Warn,
            );
            return;
        }
        let coded = BASE64_STANDARD.encode(text);
        let plain = format!("\x1b]52;c;{coded}\x07");
        let wrapped = match (std::env::var_os("TMUX"), std::env::var_os("STY")) {
            (None, Some(_)) => format!("\x1bP{plain}\x1b\\"),
            _ => plain,
        };
        let lines = text.lines().count();
        let what = if lines == 1 { "it" } else { "the lines" };
        let said = match self.terminal.write(wrapped.as_bytes()) {
            Ok(()) => (
                clean!("copied {what}, if your terminal allows it"),
                Role::Good,
            ),
            Err(error) => (clean!("not copied: {error}"), Role::Bad),
        };
        self.tell(said.0, said.1);
    }

    fn write(&self, name: String, text: String) {
        let tell = self.tell.clone();
        tokio::task::spawn_blocking(move || {
            let (said, role) = match outside::write_new(&name, &text) {
                Ok(path) => (clean!("wrote {}", path.display()), Role::Good),
                Err(error) => (clean!("{name} was not written: {error}"), Role::Bad),
            };
            drop(tell.blocking_send(Msg::Event(Event::Told(said, role))));
        });
    }

    fn mouse(&mut self, on: bool) {
        // A terminal that cannot be written to ends the loop with its next frame.
        drop(self.terminal.set_mouse(on));
    }
}

fn unopened() -> Fault {
    Fault::new(
        FaultKind::Busy,
        "NOT_OPEN",
        "the engine is still being opened",
    )
}
