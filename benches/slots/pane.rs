//! The pane of slots with a full week on it, a column of quarters of an hour for each day: the
//! cursor moves, and what has changed is painted, against a real engine with real bookings.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use flightdeck::{
    domain::{
        ids::TenantId,
        tenant::{caller::Caller, role::Role},
        zone::Zone,
    },
    engine::{
        clock::ManualClock,
        core::Core,
        slots::{availability::ListSlots, book::BookSlot, resources::CreateResource},
        start::start,
    },
    session::Session,
    store::open::{Database, open},
    tui::{
        console::{Console, Event, Identity},
        effect::Effect,
        keymap::{Keymap, Overrides},
        logbook::Logbook,
        paint::Notes,
        screen::Screen,
        theme::{Depth, Theme},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A Monday.
const NOW: &str = "2026-06-15T00:00:00Z";
/// How many bookings the week has.
const BOOKINGS: usize = 300;

fn now() -> DateTime<Utc> {
    NOW.parse().expect("an instant")
}

/// A console with the pane in front, and the engine that it asks.
pub struct Seat {
    console: Console,
    screen: Screen,
    session: Session,
    runtime: Runtime,
    _home: TempDir,
}

impl Seat {
    /// Opens an engine with a busy week and looks at it.
    pub fn taken() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
        let tenant: TenantId = "main".parse().expect("a tenant");
        let caller = Caller::new("anna", tenant, Role::Admin);
        let core = runtime.block_on(busy(&home, &caller));
        let identity = Identity {
            caller: caller.clone(),
            engine: "embedded".into(),
            read_only: false,
            keeps_house: false,
            zone: Zone::UTC,
        };
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        let theme = Theme::named("dark", Depth::True, false).expect("a theme");
        let mut seat = Self {
            console: Console::new(identity, keymap, theme, Logbook::new(), now()),
            screen: Screen::new(200, 60),
            session: Session::embedded(core, caller),
            runtime,
            _home: home,
        };
        seat.follow(Event::Opened);
        seat.presses("6");
        seat
    }

    /// Presses a key, lets everything be answered, and paints; gives how many bytes the terminal
    /// gets.
    pub fn presses(&mut self, key: &str) -> usize {
        self.follow(Event::Key(key.parse().expect("a key")));
        let mut notes = Notes::default();
        self.console.draw(self.screen.next(), &mut notes);
        let bytes = self.screen.finish(notes.scroll, notes.cursor).len();
        self.console.drawn(notes);
        bytes
    }

    fn follow(&mut self, event: Event) {
        let mut effects = self.console.take(event, now());
        while let Some(effect) = effects.pop() {
            if let Effect::Ask(ask) = effect {
                let ticket = ask.ticket;
                let reply = self.runtime.block_on(ask.run(self.session.clone()));
                effects.extend(self.console.take(Event::Reply(ticket, reply), now()));
            }
        }
    }
}

/// An engine with a week of quarters of an hour, day and night, and bookings all over it.
async fn busy(home: &TempDir, admin: &Caller) -> Core {
    let store = open(&Database::File(home.path().join("desk.db"))).await;
    let clock = Arc::new(ManualClock::at(now()));
    let started = start(store.expect("a database"), clock, |_| ()).await;
    let core = started.expect("an engine").core;
    let all_day = json!([{"open": "00:00", "close": "24:00"}]);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let hours: serde_json::Map<String, Value> = days
        .map(|day| (day.to_owned(), all_day.clone()))
        .into_iter()
        .collect();
    let create = json!({
        "type": "room", "name": "Studio", "timezone": "UTC", "operatingHours": hours,
        "defaultDurationMinutes": 15, "maxConcurrent": 4,
    });
    let create: CreateResource = serde_json::from_value(create).expect("a resource");
    let room = core.ask(admin, create).await.expect("it is made");
    let room = json!(room)["resource"]["id"].clone();
    let list = json!({"resourceId": room, "from": "2026-06-15", "to": "2026-06-21"});
    let list: ListSlots = serde_json::from_value(list).expect("a question");
    let free = json!(core.ask(admin, list).await.expect("slots"));
    let free = free["data"].as_array().expect("a list");
    for n in 0..BOOKINGS {
        let book = json!({
            "slotId": free[n * 7919 % free.len()]["slotId"], "firstName": "Guest",
            "lastName": n.to_string(), "email": "guest@example.com",
        });
        let book: BookSlot = serde_json::from_value(book).expect("a booking");
        // Some slots are full by then.
        drop(core.ask(admin, book).await);
    }
    core
}
