//! A hundred thousand keys, clicks, pastes and sizes from somebody who does not look: nothing
//! breaks, and nothing final is done without its typed name.

use flightdeck::{
    domain::{ids::BuyId, media_buy::status::BuyStatus, slot::booking::Status, tenant::role::Role},
    engine::{
        activity::ReadFeed,
        bookings::rows::{JobRow, ListRows},
        events::Event as Happened,
        seller::products::stock::{demo, stock},
        slots::{bookings::ListBookings, view::BookingView},
    },
    tui::{
        console::Event,
        input::{Key, MouseKind},
    },
};

use crate::{
    desk::{Desk, caller},
    home::brief,
    person::Person,
    world,
};

/// How much is done in all.
const EVENTS: usize = 100_000;
/// How much from one start.
const SITTING: usize = 12_500;
/// How often the screen is drawn: whatever is done must also be shown.
const DRAWN: u64 = 12;

/// Numbers that are the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        let sides = u64::try_from(from.len()).expect("few");
        from[usize::try_from(self.roll(sides)).expect("few")]
    }

    fn size(&mut self, most: u64) -> u16 {
        u16::try_from(1 + self.roll(most)).expect("small")
    }
}

/// Keys that do something somewhere.
const KEYS: [&str; 66] = [
    "j",
    "k",
    "g",
    "G",
    "down",
    "up",
    "pgdn",
    "pgup",
    "home",
    "end",
    "left",
    "right",
    "space",
    "enter",
    "enter",
    "enter",
    "tab",
    "shift-tab",
    "esc",
    "q",
    "/",
    ":",
    "?",
    "s",
    "S",
    "v",
    "a",
    "y",
    "y",
    "n",
    "x",
    "x",
    "R",
    "d",
    "r",
    "u",
    "e",
    "z",
    "o",
    "c",
    "i",
    "f",
    "l",
    "h",
    "1",
    "2",
    "4",
    "5",
    "6",
    "6",
    "7",
    "w",
    "H",
    "W",
    "A",
    "B",
    "m",
    "p",
    "p",
    "t",
    "X",
    "]",
    "f2",
    "f4",
    "backspace",
    "ctrl-s",
];

/// What begins something that lies over the panes.
const OPENERS: [&str; 10] = ["x", "R", "u", ":", "/", "?", "e", "n", "A", "p"];

#[tokio::test]
async fn a_hundred_thousand_keys_break_nothing_and_end_nothing() {
    let mut ordered = 0;
    for sitting in 0..EVENTS / SITTING {
        let role = [Role::Trafficker, Role::Approver, Role::Admin][sitting % 3];
        let seed = u64::try_from(sitting).expect("few") + 0x00F1_1947_DEC4;
        ordered += Box::pin(sit(role, Dice(seed))).await;
    }
    // Otherwise all of this would prove nothing.
    assert!(ordered > 0, "something was done now and then");
}

/// One sitting; says how many commands were sent.
async fn sit(role: Role, mut dice: Dice) -> usize {
    let desk = Desk::sqlite("2026-06-15T12:00:00Z").await;
    let tenant = "acme".parse().expect("a tenant");
    stock(&desk.core, &tenant, demo().expect("products"))
        .await
        .expect("stocked");
    let admin = caller("acme", Role::Admin);
    for name in ["Back to School", "Spring Launch", "Game Night", "Gone"] {
        let asked = serde_json::json!({ "brief": brief(name) });
        let asked: flightdeck::engine::bookings::submit::SubmitBrief =
            serde_json::from_value(asked).expect("a brief");
        desk.core.ask(&admin, asked).await.expect("a job");
        desk.pass(chrono::Duration::seconds(60)).await;
    }
    let before = rows(&desk).await;
    let gone = before.iter().find(|row| &*row.campaign_name == "Gone");
    let gone = flightdeck::engine::bookings::cancel::CancelJob {
        job_id: gone.expect("it was sent").job_id,
        expected_revision: None,
    };
    desk.core.ask(&admin, gone).await.expect("cancelled");
    let before = rows(&desk).await;
    let buys = trade(&desk).await;
    crate::slots::busy(&desk).await;
    let guests = guests(&desk).await;
    let so_far = feed(&desk, 0).await.len();

    let mut person = Person::sits_down(&desk, caller("acme", role)).await;
    for _ in 0..SITTING {
        act(&mut person, &mut dice).await;
        if dice.roll(DRAWN) == 0 {
            person.picture();
        }
    }
    let ordered = person.orders;
    // What was there is as it was, but for jobs that were tried again.
    let after = rows(&desk).await;
    for row in &before {
        let now = after.iter().find(|one| one.job_id == row.job_id);
        let now = now.expect("nothing is ever removed");
        assert_eq!(now.status, row.status, "{now:?}");
        assert_eq!(now.booked, row.booked, "{now:?}");
    }
    for id in &buys {
        let status = world::look(&desk, id).await.buy.status;
        assert_ne!(status, BuyStatus::Canceled, "nobody typed its name");
    }
    let now = self::guests(&desk).await;
    for guest in &guests {
        let is_there = |one: &&BookingView| one.id == guest.id && one.status != Status::Cancelled;
        assert!(now.iter().any(|one| is_there(&one)), "{guest:?}");
    }
    let known = |id: &str| before.iter().any(|row| row.job_id.to_string() == id);
    let later = feed(&desk, so_far).await;
    for event in later.iter().filter(|event| known(&event.object)) {
        let ends = ["cancelled", "approved", "booked"];
        let ends = ends.iter().any(|word| event.event.contains(word));
        assert!(!ends, "{event:?}");
    }
    ordered
}

/// Orders that wait, that are drafts, and that run as soon as they can.
async fn trade(desk: &Desk) -> Vec<BuyId> {
    let acme = world::buyer("acme-foods");
    let native = [("brand-signal-native", 12_000)];
    vec![
        world::order(
            desk,
            &acme,
            "Summer Tour",
            &[("ctv-outfield-match", 22_000)],
        )
        .await,
        world::order(desk, &acme, "Finals Snack", &native).await,
        world::ordered(desk, &acme, "Trail Weeks", &native, true).await,
        world::order(
            desk,
            &acme,
            "Commuter Week",
            &[("perf-marlow-display", 9_000)],
        )
        .await,
    ]
}

/// What happened after so many events.
async fn feed(desk: &Desk, after: usize) -> Vec<Happened> {
    let admin = caller("acme", Role::Admin);
    let question = ReadFeed {
        after: i64::try_from(after).expect("few"),
        limit: Some(1000),
        object: None,
    };
    desk.core.ask(&admin, question).await.expect("read").events
}

async fn guests(desk: &Desk) -> Vec<BookingView> {
    let admin = caller("acme", Role::Admin);
    let list = ListBookings {
        limit: Some(500),
        ..ListBookings::default()
    };
    desk.core.ask(&admin, list).await.expect("guests").data
}

async fn rows(desk: &Desk) -> Vec<JobRow> {
    let admin = caller("acme", Role::Admin);
    let rows = desk.core.ask(&admin, ListRows::default()).await;
    rows.expect("rows").rows
}

/// Something that a hand, a cat or a wild pointer does.
async fn act(person: &mut Person<'_>, dice: &mut Dice) {
    match dice.roll(1000) {
        0..5 => {
            let (width, height) = (dice.size(300), dice.size(100));
            person.resizes(width, height);
        }
        5..12 => person.resizes(120, 40),
        12..100 => {
            let kinds = [
                MouseKind::Down,
                MouseKind::Down,
                MouseKind::Up,
                MouseKind::Drag,
                MouseKind::ScrollDown,
                MouseKind::ScrollUp,
            ];
            let kind = kinds[usize::try_from(dice.roll(6)).expect("few")];
            let (x, y) = (dice.size(130) - 1, dice.size(44) - 1);
            person.happens(Event::Mouse(kind, x, y)).await;
        }
        100..115 => {
            let text = ["x", "y\ny\n", "Spring", "night", "1 job", "\u{3}\u{1b}[A"];
            person.pastes(dice.pick(&text)).await;
        }
        // Long enough to have read a question.
        115..165 => {
            let millis = i64::from(dice.size(900));
            person
                .desk
                .clock
                .advance(chrono::Duration::milliseconds(millis));
            person.happens(Event::Pulse(Ok(()))).await;
            person.happens(Event::Time).await;
        }
        165..167 => person.waits(500).await,
        // A burst into what lies on top.
        167..190 => {
            press(person, dice.pick(&OPENERS)).await;
            person.picture();
            for _ in 0..dice.roll(8) {
                press(
                    person,
                    dice.pick(&["enter", "tab", "y", "space", "left", "down"]),
                )
                .await;
            }
        }
        190..290 => {
            let letter = u32::try_from(0x20 + dice.roll(0x5f)).expect("small");
            let letter = char::from_u32(letter).expect("a letter");
            let key = match letter {
                ' ' => "space".to_owned(),
                letter => letter.to_string(),
            };
            press(person, &key).await;
        }
        _ => press(person, dice.pick(&KEYS)).await,
    }
}

async fn press(person: &mut Person<'_>, key: &str) {
    // Some keys have no name of one letter.
    if let Ok(key) = key.parse::<Key>() {
        person.happens(Event::Key(key)).await;
    }
}
