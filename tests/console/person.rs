//! A person at the console: keys in, screen out, on a real engine. What the console wants
//! is performed as the program does it, only at once, so that a story needs no waiting.

use std::collections::VecDeque;

use flightdeck::{
    domain::{tenant::caller::Caller, zone::Zone},
    engine::fault::{Fault, FaultKind},
    session::{Seen, Session, Watch},
    tui::{
        console::{Console, Event, Identity},
        effect::{Effect, Reply},
        input::MouseKind,
        keymap::{Keymap, Overrides},
        logbook::Logbook,
        paint::Notes,
        theme::{Depth, Theme},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::desk::Desk;

/// A person with a console before them.
pub struct Person<'a> {
    /// The console.
    pub console: Console,
    /// The engine behind it.
    pub desk: &'a Desk,
    session: Session,
    watch: Watch,
    size: (u16, u16),
    /// What was copied.
    pub copied: Vec<String>,
    /// What was written to files.
    pub written: Vec<(String, String)>,
    /// What an editor gives back, in order.
    pub edits: VecDeque<String>,
    /// Whether the console was left.
    pub left: bool,
    /// How many commands were sent.
    pub orders: usize,
    /// Whether the engine answers.
    pub answers: bool,
    /// What becomes of its answers on the way.
    pub tampers: Option<fn(Reply) -> Reply>,
    /// What it says to everything.
    pub refuses: Option<Fault>,
}

/// How the console looks.
pub struct Look {
    /// The theme.
    pub theme: &'static str,
    /// How many colours.
    pub depth: Depth,
    /// With ASCII alone.
    pub ascii: bool,
}

/// As most people have it.
pub const USUAL: Look = Look {
    theme: "dark",
    depth: Depth::True,
    ascii: false,
};

impl<'a> Person<'a> {
    /// Sits down: the console opens on the engine, and loads.
    pub async fn sits_down(desk: &'a Desk, caller: Caller) -> Self {
        Self::with(desk, caller, USUAL, false).await
    }

    /// The same, with answers that are changed on the way from the first one on.
    pub async fn deceived(desk: &'a Desk, caller: Caller, by: fn(Reply) -> Reply) -> Self {
        let mut person = Self::before(desk, caller, &USUAL, false);
        person.tampers = Some(by);
        person.begins().await;
        person
    }

    /// The same, in another way.
    pub async fn with(desk: &'a Desk, caller: Caller, look: Look, read_only: bool) -> Self {
        let mut person = Self::before(desk, caller, &look, read_only);
        person.begins().await;
        person
    }

    /// The same, for somebody who owns the database and looks after all its tenants.
    pub async fn keeps_house(desk: &'a Desk, caller: Caller, look: Look) -> Self {
        let session = Session::embedded(desk.core.clone(), caller).keeping_house();
        let mut person = Self::at(desk, session, &look, false);
        person.begins().await;
        person
    }

    async fn begins(&mut self) {
        self.happens(Event::Opened).await;
        self.rests().await;
    }

    fn before(desk: &'a Desk, caller: Caller, look: &Look, read_only: bool) -> Self {
        let session = Session::embedded(desk.core.clone(), caller);
        let session = if read_only {
            session.read_only()
        } else {
            session
        };
        Self::at(desk, session, look, read_only)
    }

    fn at(desk: &'a Desk, session: Session, look: &Look, read_only: bool) -> Self {
        let identity = Identity {
            caller: session.caller().clone(),
            engine: "embedded".into(),
            read_only,
            keeps_house: session.keeps_house(),
            zone: Zone::UTC,
        };
        let keymap = Keymap::new(&Overrides::new()).expect("the keymap");
        let theme = Theme::named(look.theme, look.depth, look.ascii).expect("a theme");
        Self {
            console: Console::new(identity, keymap, theme, Logbook::new(), session.now()),
            desk,
            watch: session.watch(),
            session,
            size: (120, 40),
            copied: Vec::new(),
            written: Vec::new(),
            edits: VecDeque::new(),
            left: false,
            orders: 0,
            answers: true,
            tampers: None,
            refuses: None,
        }
    }

    /// Makes the window another size.
    pub fn resizes(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.picture();
    }

    /// Presses keys, one after the other, separated by spaces.
    pub async fn presses(&mut self, keys: &str) {
        for key in keys.split(' ') {
            let key = key.parse().expect("a key");
            self.happens(Event::Key(key)).await;
            self.picture();
        }
    }

    /// Types a text, letter by letter.
    pub async fn types(&mut self, text: &str) {
        for letter in text.chars() {
            let key = match letter {
                ' ' => "space".parse(),
                letter => letter.to_string().parse(),
            };
            self.happens(Event::Key(key.expect("a key"))).await;
        }
    }

    /// Pastes a text.
    pub async fn pastes(&mut self, text: &str) {
        self.happens(Event::Paste(text.to_owned())).await;
    }

    /// Clicks on what stands on the screen.
    pub async fn clicks(&mut self, text: &str) {
        let rows = self.rows();
        let found = rows.iter().enumerate().find_map(|(y, row)| {
            let at = row.find(text)?;
            Some((row[..at].chars().count(), y))
        });
        let (x, y) = found.unwrap_or_else(|| panic!("{text} is not on\n{}", self.screen()));
        let (x, y) = (u16::try_from(x).expect("x"), u16::try_from(y).expect("y"));
        self.happens(Event::Mouse(MouseKind::Down, x, y)).await;
    }

    /// Lets time pass: the engine works, the console looks again.
    pub async fn waits(&mut self, millis: i64) {
        self.desk.pass(chrono::Duration::milliseconds(millis)).await;
        self.hears().await;
        self.happens(Event::Pulse(Ok(()))).await;
        self.happens(Event::Time).await;
    }

    /// Takes a breath, so that what needs a rest is done.
    pub async fn rests(&mut self) {
        self.picture();
        self.waits(400).await;
        self.waits(400).await;
    }

    /// Lets something happen to the console, and all that follows from it.
    pub async fn happens(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.session.now();
            for effect in self.console.take(event, now) {
                events.extend(self.performs(effect).await);
            }
        }
        self.hears_once().await;
    }

    async fn performs(&mut self, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::Ask(ask) if self.answers => {
                let ticket = ask.ticket;
                let reply = match &self.refuses {
                    Some(fault) => Err(fault.clone()),
                    None => ask.run(self.session.clone()).await,
                };
                let tampered = match self.tampers {
                    Some(tamper) => tamper(reply),
                    None => reply,
                };
                vec![Event::Reply(ticket, tampered)]
            }
            Effect::Order(order) => {
                let mut events = Vec::new();
                for (at, step) in order.steps() {
                    self.orders += 1;
                    let result = match &self.refuses {
                        Some(fault) => Err(fault.clone()),
                        None => step.take(self.session.clone()).await,
                    };
                    let reply = flightdeck::tui::effect::StepReply { at: *at, result };
                    events.push(Event::Stepped(order.ticket(), reply));
                }
                events
            }
            Effect::Copy(text) => {
                self.copied.push(text);
                Vec::new()
            }
            Effect::Write { name, text } => {
                self.written.push((name, text));
                Vec::new()
            }
            Effect::Edit(edit) => {
                let text = self.edits.pop_front().unwrap_or(edit.text);
                vec![Event::Reply(edit.ticket, Ok(Box::new(text)))]
            }
            Effect::Read(ticket, path) => {
                let read = std::fs::read_to_string(path);
                let fault = |error: std::io::Error| {
                    Fault::new(FaultKind::Storage, "NOT_READ", error.to_string())
                };
                let reply = read.map(|text| Box::new(text) as _).map_err(fault);
                vec![Event::Reply(ticket, reply)]
            }
            Effect::Quit => {
                self.left = true;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Learns what happened in the engine so far.
    async fn hears(&mut self) {
        for _ in 0..10 {
            self.hears_once().await;
        }
    }

    async fn hears_once(&mut self) {
        let mut events = VecDeque::new();
        while let Some(seen) = futures_util::FutureExt::now_or_never(self.watch.next()) {
            match seen {
                Some(Seen::Event(event)) => events.push_back(Event::Happened(event)),
                Some(Seen::Missed) => events.push_back(Event::Missed),
                None => break,
            }
        }
        while let Some(event) = events.pop_front() {
            let now = self.session.now();
            for effect in self.console.take(event, now) {
                let followed = Box::pin(self.performs(effect)).await;
                events.extend(followed);
            }
        }
    }

    /// Draws, and gives the picture.
    pub fn picture(&mut self) -> Buffer {
        let (width, height) = self.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let mut notes = Notes::default();
        self.console.draw(&mut buffer, &mut notes);
        self.console.drawn(notes);
        buffer
    }

    /// The rows of the screen.
    pub fn rows(&mut self) -> Vec<String> {
        let picture = self.picture();
        rows_of(&picture)
    }

    /// The screen as text.
    pub fn screen(&mut self) -> String {
        self.rows().join("\n")
    }

    /// Must see a text.
    #[track_caller]
    pub fn sees(&mut self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on\n{screen}");
    }

    /// Must not see a text.
    #[track_caller]
    pub fn sees_no(&mut self, text: &str) {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on\n{screen}");
    }
}

/// The rows of a picture.
pub fn rows_of(picture: &Buffer) -> Vec<String> {
    let area = picture.area;
    let row = |y| {
        let cells = (0..area.width).map(|x| picture[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..area.height).map(row).collect()
}
