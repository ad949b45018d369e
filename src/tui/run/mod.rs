//! The loop: waits for keys, answers, events, signals and time, hands them to the console,
//! performs what it wants, and draws when something may have changed. The list of what can
//! wake it is [`Msg`]; it never waits for the engine.

mod background;
mod engines;
mod frames;
mod outside;
mod perform;

use std::{future::Future, io, path::PathBuf, pin::Pin};

use tokio::{
    sync::mpsc,
    time::{Instant as Tick, sleep_until},
};

use self::{background::Background, engines::Waiting, frames::Frames};
use super::{
    clean::Clean,
    console::{Console, Event},
    input::{Input, Inputs},
    paint::Notes,
    screen::Screen,
    signals::{HANGUP, Signal, Signals, can_go_on},
    terminal::{self, Panicked, Terminal},
    theme::Role,
};
use crate::{
    domain::when::Instant,
    engine::clock::{Clock as _, SystemClock},
    session::Session,
};

pub use engines::{Choice, Engines, First, Opens, Unopened};

/// How many messages may wait for the loop.
const QUEUE: usize = 1024;

/// What the loop has to know besides the console itself.
#[derive(Debug, Default)]
pub struct Place {
    /// Where the console's state is kept; nowhere, for a demonstration.
    pub state: Option<PathBuf>,
    /// Whether the line is slow: frames are fewer then.
    pub slow: bool,
    /// Whether the terminal shows ASCII alone.
    pub ascii: bool,
    /// What time it is until the engine says so.
    pub clock: SystemClock,
    /// The engines that can be chosen.
    pub engines: Option<Engines>,
    /// Variables of the environment that no other program is given.
    pub own: &'static [&'static str],
}

/// Why the console ended.
#[derive(Debug)]
pub enum Left<E> {
    /// Somebody wanted it so.
    Quit,
    /// A signal or a lost line: the exit code.
    Signal(u8),
    /// The engine could not be opened.
    Unopened(E),
}

/// What can wake the loop besides keys, signals and time.
pub enum Msg {
    /// Something for the console.
    Event(Event),
    /// A text that was edited outside comes back.
    Edited(u64, io::Result<String>),
    /// An engine is open, or is not.
    Opened(usize, Result<Session, Unopened>),
}

/// Runs the console until somebody leaves it. `open` opens the engine while the first
/// picture stands there already; one that is away is tried again and again.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run<E>(
    mut console: Console,
    place: Place,
    open: impl Future<Output = Result<First, E>>,
) -> io::Result<Left<E>> {
    // Signals first: one that comes while the terminal changes must find it watched.
    let mut signals = Signals::new()?;
    let panics = terminal::watch_panics();
    let terminal = Terminal::enter(console.wants_mouse())?;
    let (tell, told) = mpsc::channel(QUEUE);
    let (width, height) = terminal::size()?;
    let mut desk = Desk {
        terminal,
        screen: Screen::new(width, height).only_ascii(place.ascii),
        inputs: Some(Inputs::new()),
        session: None,
        background: None,
        tell,
        told,
        state: place.state,
        engines: place.engines,
        opens: None,
        waits: None,
        slow: place.slow,
        own: place.own,
        clock: place.clock,
        quit: false,
        stop: false,
        edit: None,
        panics,
    };
    if let Some(path) = &desk.state {
        console.restore(&outside::read_state(path));
    }
    let left = desk.turn(&mut console, &mut signals, open).await;
    let back = desk.terminal.leave();
    if let Some(path) = &desk.state {
        outside::write_state(path, &console.save());
    }
    match left {
        // A line that is gone is one way to leave.
        Err(_) if terminal::is_gone() => Ok(Left::Signal(HANGUP)),
        Ok(Left::Quit) => back.map(|()| Left::Quit),
        left => left,
    }
}

/// The loop's own things.
struct Desk {
    terminal: Terminal,
    screen: Screen,
    inputs: Option<Inputs>,
    session: Option<Session>,
    background: Option<Background>,
    tell: mpsc::Sender<Msg>,
    told: mpsc::Receiver<Msg>,
    state: Option<PathBuf>,
    engines: Option<Engines>,
    /// Which engine is being opened to be asked next.
    opens: Option<usize>,
    /// The engine that is shown although it is not there.
    waits: Option<Waiting>,
    slow: bool,
    own: &'static [&'static str],
    clock: SystemClock,
    quit: bool,
    stop: bool,
    edit: Option<super::effect::Edit>,
    panics: mpsc::Receiver<Panicked>,
}

impl Desk {
    async fn turn<E>(
        &mut self,
        console: &mut Console,
        signals: &mut Signals,
        open: impl Future<Output = Result<First, E>>,
    ) -> io::Result<Left<E>> {
        let (mut open, mut opens) = (Box::pin(open), true);
        self.draw(console)?;
        let mut frames = Frames::new(Tick::now(), self.slow);
        while !self.quit {
            let frame = frames.due();
            let due = self.wake_at(console);
            tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    Signal::Quit(code) => return Ok(Left::Signal(code)),
                    Signal::Gone => return Ok(Left::Signal(HANGUP)),
                    Signal::Stop => self.stop = true,
                    Signal::Continued => {
                        self.terminal.renew()?;
                        self.back()?;
                        frames.hurry();
                    }
                },
                Some(panic) = self.panics.recv() => {
                    let text = clean!("a background task failed: {}; see the log", panic.what);
                    self.event(console, Event::Told(text, Role::Bad));
                    frames.changed();
                }
                () = until(frame) => {
                    self.draw(console)?;
                    frames.drawn(Tick::now());
                }
                input = next(&mut self.inputs) => {
                    if !self.input(console, input) {
                        return Ok(Left::Signal(HANGUP));
                    }
                    frames.hurry();
                }
                Some(msg) = self.told.recv() => if self.msg(console, msg) {
                    frames.changed();
                },
                // Who went elsewhere meanwhile stays there.
                first = &mut open, if opens && self.session.is_none() && self.waits.is_none() => match first {
                    Ok(first) => {
                        opens = false;
                        self.first(console, first);
                        frames.hurry();
                    }
                    Err(error) => return Ok(Left::Unopened(error)),
                },
                () = until(due) => {
                    self.event(console, Event::Time);
                    frames.changed();
                }
            }
            if let Some(code) = self.after(console, signals).await? {
                return Ok(Left::Signal(code));
            }
        }
        Ok(Left::Quit)
    }

    /// What needs the terminal for itself: a stop, or an editor. Gives the code with which a
    /// signal ends us meanwhile.
    async fn after(
        &mut self,
        console: &mut Console,
        signals: &mut Signals,
    ) -> io::Result<Option<u8>> {
        let stop = std::mem::take(&mut self.stop);
        if stop && !can_go_on() {
            // What was typed behind it is still to come.
            self.tell(
                "no shell is there that could let us go on".into(),
                Role::Muted,
            );
            self.screen.forget();
            self.draw(console)?;
        } else if stop {
            self.inputs = None;
            signals.stop_self(&mut self.terminal).await?;
            self.inputs = Some(Inputs::new());
            self.back()?;
            self.draw(console)?;
        }
        if let Some(edit) = self.edit.take() {
            self.inputs = None;
            self.terminal.pause()?;
            let text = match signals
                .undisturbed(outside::edit(&edit.text, self.own))
                .await
            {
                Ok(text) => text,
                Err(Signal::Quit(code)) => return Ok(Some(code)),
                Err(_) => return Ok(Some(HANGUP)),
            };
            self.terminal.resume()?;
            self.inputs = Some(Inputs::new());
            self.back()?;
            self.msg(console, Msg::Edited(edit.ticket, text));
            self.draw(console)?;
        }
        Ok(None)
    }

    /// Somebody else had the terminal.
    fn back(&mut self) -> io::Result<()> {
        let (width, height) = terminal::size()?;
        self.screen.resize(width, height);
        Ok(())
    }

    fn opened(&mut self, console: &mut Console, session: Session) {
        console.meets(session.caller(), session.keeps_house());
        self.background = Some(background::start(&session, &self.tell));
        self.session = Some(session);
        self.event(console, Event::Opened);
    }

    /// Takes what was pressed; false when there is nobody any more.
    fn input(&mut self, console: &mut Console, input: Input) -> bool {
        let event = match input {
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Paste(text),
            Input::Mouse { kind, x, y } => Event::Mouse(kind, x, y),
            Input::Resize(width, height) => {
                self.screen.resize(width, height);
                Event::Time
            }
            Input::Gone => return false,
        };
        self.event(console, event);
        true
    }

    /// Takes what was told; false where that is nothing to draw.
    fn msg(&mut self, console: &mut Console, msg: Msg) -> bool {
        let answers = matches!(msg, Msg::Event(Event::Pulse(Ok(()))));
        // An engine that goes on answering looks as it did.
        let changes = !answers || !console.is_live();
        match msg {
            Msg::Event(event) => self.event(console, event),
            Msg::Opened(to, opened) => self.answered(console, to, opened),
            Msg::Edited(ticket, Ok(text)) => {
                self.event(console, Event::Reply(ticket, Ok(Box::new(text))));
            }
            Msg::Edited(_, Err(error)) => {
                let text = clean!("the editor: {error}");
                self.event(console, Event::Told(text, Role::Bad));
            }
        }
        changes
    }

    fn event(&mut self, console: &mut Console, event: Event) {
        let now = self.now();
        for effect in console.take(event, now) {
            self.perform(effect);
        }
    }

    /// The engine's time, as soon as there is one.
    fn now(&self) -> Instant {
        let session = self.session.as_ref();
        session.map_or_else(|| self.clock.now(), Session::now)
    }

    /// When the console wants to look again.
    fn wake_at(&self, console: &Console) -> Option<Tick> {
        let due = console.due()?;
        let wait = (due - self.now()).to_std().unwrap_or_default();
        Some(Tick::now() + wait)
    }

    fn draw(&mut self, console: &mut Console) -> io::Result<()> {
        let mut notes = Notes::default();
        console.draw(self.screen.next(), &mut notes);
        let bytes = self.screen.finish(notes.scroll, notes.cursor);
        if !bytes.is_empty() {
            self.terminal.write(bytes)?;
        }
        console.drawn(notes);
        Ok(())
    }

    fn tell(&self, text: Clean, role: Role) {
        // A full queue drops a toast, nothing else.
        drop(self.tell.try_send(Msg::Event(Event::Told(text, role))));
    }
}

async fn until(tick: Option<Tick>) {
    match tick {
        Some(tick) => sleep_until(tick).await,
        None => std::future::pending().await,
    }
}

async fn next(inputs: &mut Option<Inputs>) -> Input {
    match inputs {
        Some(inputs) => inputs.next().await,
        None => Pin::new(&mut std::future::pending()).await,
    }
}
