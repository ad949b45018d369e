//! Texts that were made to do something to a terminal, in every field that an engine, a
//! seller or a person can fill: they are shown, and do nothing. What the engine refuses at
//! its door is put into its answers on their way.

use std::{
    any::{Any, type_name},
    cell::RefCell,
    collections::BTreeSet,
};

use flightdeck::{
    domain::{
        audit::Sealed,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        activity::Tasks,
        bookings::{approve::ApproveJob, rows::Rows, submit::SubmitBrief, view::JobView},
        events,
        fault::{Fault, FaultKind},
        seller::products::stock::{demo, stock},
        slots::{board::Board, hold::HoldList},
    },
    tui::{
        clean::Clean,
        console::Event,
        effect::Reply,
        paint::Notes,
        panes::slots::read::{Directory, Week},
        screen::Screen,
        theme,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, caller},
    home::{SIZES, brief},
    person::Person,
};

/// What terminals act on, by kind.
const ACTIVE: [&str; 61] = [
    // the clipboard, written and read; links; the title, set and told
    "\x1b]52;c;QUJD\x07",
    "\x1b]52;c;?\x1b\\",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\x1b[21t",
    // questions that are answered as if they were typed
    "\x1bP$q\"p\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b[6n",
    "\x1b[c",
    "\x1b[>c",
    "\x1b[>q",
    "\x1b]4;0;?\x07",
    "\x1b]11;?\x07",
    "\x1b]50;?\x07",
    // pictures and notifications
    "\x1b]1337;File=inline=1:AAAA\x07",
    "\x1b_Ga=T,f=24;AAAA\x1b\\",
    "\x1bPq#0;2;0;0;0~\x1b\\",
    "\x1b]9;note\x07",
    "\x1b]777;notify;a;b\x07",
    // clearing, moving, modes
    "\x1b[3J",
    "\x1bc",
    "\x1b[!p",
    "\x1b[777;777Hover",
    "\x1b[999Aup",
    "\x1b7\x1b8",
    "\x1b[?1049l",
    "\x1b[?1000h",
    "\x1b[?2004l",
    "\x1b[?5h",
    "\x1b[4h",
    "\x1b(0lqqk",
    // colours, the printer, repetition
    "\x1b[8mhidden",
    "\x1b[38;5;199mpink",
    "\x1b[5i",
    "a\x1b[999999b",
    // without an end, and in halves
    "\x1b]52;c;AAAA",
    "\x1bP",
    "\x1b_",
    "\x1b",
    "\x1b[",
    "open\x1b]0;",
    // as one character
    "\u{9b}31mred",
    "\u{9d}0;title\u{9c}",
    "\u{90}q\u{9c}",
    "\u{85}\u{84}",
    // floods, and lines where there is one
    "\r\r\rreturn",
    "\u{8}\u{8}\u{8}back",
    "\t\ttab",
    "\u{b}\u{c}feed",
    "\u{7}\u{7}\u{7}bell",
    "one\ntwo",
    "nul\0\u{7f}",
    "one\u{2028}two\u{2029}three",
    // hidden or turned round
    "\u{202e}gnp.exe\u{202c}",
    "\u{2066}in\u{2069}\u{200f}\u{61c}",
    "a\u{200b}b\u{200d}c\u{2060}d\u{feff}",
    "soft\u{ad}hyphen\u{180e}",
    "\u{fff9}a\u{fffa}b\u{fffb}",
    "tags\u{e0041}\u{e0042}\u{e007f}",
    "\u{1b}\u{200b}[31m",
    "x\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

/// What is only difficult: about its width terminals quarrel, or it looks like something else.
const STRANGE: [&str; 10] = [
    "👩🏽‍🚀 👨‍👩‍👧‍👦 🇩🇪 ☎️ ✈ 1️⃣ 👁️‍🗨️ ❤️ ⚠️ 🏴‍☠️ 👍🏿 🇺",
    "夏のキャンペーン한국어",
    "\u{3164}\u{2800}\u{115f}\u{a0}",
    "Αdmіn арple",
    "%1b%5b31m",
    "\\x1b[31m \\u001b[31m \\033[31m",
    "&#27;[31m &#x9b;31m",
    "{}{:?}%s%n${x}`x`",
    "ﷺ𒐫⸻꧅",
    "ยิ้ม नमस्ते לשלום مرحبا",
];

thread_local! {
    /// What stands in every field at this moment.
    static PAYLOAD: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
    /// Which answers were poisoned.
    static FIRED: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Puts the payload into every text of an answer that its type lets it into.
fn poisoned<T: Serialize + DeserializeOwned>(answer: &T) -> T {
    let mut value = serde_json::to_value(answer).expect("JSON");
    let payload = PAYLOAD.get();
    for path in texts(&value, String::new()) {
        let text = value.pointer_mut(&path).expect("it is there");
        let before = std::mem::replace(text, payload.into());
        if T::deserialize(&value).is_err() {
            *value.pointer_mut(&path).expect("it is there") = before;
        }
    }
    T::deserialize(value).expect("it was tried")
}

/// Where texts stand.
fn texts(value: &Value, path: String) -> Vec<String> {
    match value {
        Value::String(_) => vec![path],
        Value::Array(all) => {
            let all = all.iter().enumerate();
            all.flat_map(|(at, one)| texts(one, format!("{path}/{at}")))
                .collect()
        }
        Value::Object(all) => {
            let all = all.iter();
            all.flat_map(|(name, one)| {
                let name = name.replace('~', "~0").replace('/', "~1");
                texts(one, format!("{path}/{name}"))
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

/// An answer of any type.
type Answer = Box<dyn Any + Send>;

/// Every type of answer that the panes ask for.
const ASKED: usize = 12;

/// Remembers that an answer of a type was poisoned.
fn fired<T: 'static>() {
    FIRED.with_borrow_mut(|fired| fired.insert(type_name::<T>()));
}

/// Poisons the last lines of many: all of them would take long.
fn last<T: Serialize + DeserializeOwned + 'static>(lines: &mut [T]) {
    for line in lines.iter_mut().rev().take(3) {
        *line = poisoned(line);
        fired::<Vec<T>>();
    }
}

/// Lines about one object.
fn lines<T: Serialize + DeserializeOwned + Send + 'static>(
    answer: Answer,
) -> Result<Answer, Answer> {
    let mut lines = answer.downcast::<Vec<T>>()?;
    last(&mut lines);
    Ok(lines)
}

/// Lines of all objects, and from where on there is no gap.
fn page<T: Serialize + DeserializeOwned + Send + 'static>(
    answer: Answer,
) -> Result<Answer, Answer> {
    let mut page = answer.downcast::<(Vec<T>, Option<i64>)>()?;
    if !page.0.is_empty() {
        fired::<(Vec<T>, Option<i64>)>();
    }
    last(&mut page.0);
    Ok(page)
}

/// Poisons an answer if it is of this type.
fn poison<T: Serialize + DeserializeOwned + Send + 'static>(
    answer: Answer,
) -> Result<Answer, Answer> {
    let answer = answer.downcast::<T>()?;
    fired::<T>();
    Ok(Box::new(poisoned(&*answer)))
}

/// What can be booked.
fn directory(answer: Answer) -> Result<Answer, Answer> {
    let mut known = answer.downcast::<Directory>()?;
    last(&mut known.resources);
    Ok(known)
}

/// Poisons all that is said of a time but the time: what has none is to be seen nowhere.
fn timed<T: Serialize + DeserializeOwned + 'static>(one: &mut T) {
    let was = serde_json::to_value(&*one).expect("JSON");
    let mut now = serde_json::to_value(poisoned(one)).expect("JSON");
    for name in ["startsAt", "endsAt", "expiresAt"] {
        if let Some(at) = was.get(name) {
            now[name] = at.clone();
        }
    }
    *one = T::deserialize(now).expect("it was one");
    fired::<T>();
}

/// A week of a resource: the first who comes has no time any more, all others keep theirs.
fn week(answer: Answer) -> Result<Answer, Answer> {
    let mut week = answer.downcast::<Week>()?;
    week.board = poisoned(&week.board);
    if let Some((first, others)) = week.bookings.split_first_mut() {
        *first = poisoned(first);
        others.iter_mut().for_each(timed);
    }
    week.waiting.iter_mut().for_each(timed);
    Ok(week)
}

fn holds(answer: Answer) -> Result<Answer, Answer> {
    let mut held = answer.downcast::<HoldList>()?;
    held.data.iter_mut().for_each(timed);
    Ok(held)
}

fn tamper(reply: Reply) -> Reply {
    let answer = match reply?.downcast::<JobView>() {
        Ok(job) => {
            fired::<JobView>();
            return Ok(Box::new(poisoned(&full(&job))));
        }
        Err(other) => other,
    };
    let poisons = [
        poison::<Rows>,
        poison::<Tasks>,
        lines::<events::Event>,
        lines::<Sealed>,
        page::<events::Event>,
        page::<Sealed>,
        poison::<Board>,
        directory,
        week,
        holds,
    ];
    let mut answer = answer;
    for one in poisons {
        answer = match one(answer) {
            Ok(poisoned) => return Ok(poisoned),
            Err(other) => other,
        };
    }
    Ok(answer)
}

/// A job in which everything is said that can be said.
fn full(job: &JobView) -> JobView {
    let mut job = job.clone();
    let payload = PAYLOAD.get().to_owned();
    let some = || vec!["said".to_owned()];
    (job.errors, job.notes, job.audience_gaps) = (Some(some()), some(), Some(some()));
    if let Some(all) = &mut job.recommendations {
        all.truncate(2);
    }
    for line in job.booked_lines.iter_mut().flatten().take(1) {
        line.error = Some("said".to_owned());
    }
    if let Some(all) = &mut job.budget_allocations
        && let Some((_, one)) = all.pop_first()
    {
        all.insert(payload, one);
    }
    job
}

fn fault() -> Fault {
    let payload = PAYLOAD.get();
    let mut fault = Fault::new(FaultKind::Stale, payload, payload).hint(payload);
    let event = json!({ "at": payload, "event": payload, "detail": payload });
    fault = fault.with("what_happened", json!([event, event]));
    fault.problems = vec![
        flightdeck::domain::problem::Problem::new(
            payload,
            flightdeck::domain::problem::Code::new("BAD"),
            payload
        );
        2
    ];
    fault
}

/// A desk with a job that waits and one that was booked.
async fn desk() -> Desk {
    let desk = Desk::sqlite("2026-06-15T12:00:00Z").await;
    let tenant = "acme".parse().expect("a tenant");
    stock(&desk.core, &tenant, demo().expect("products"))
        .await
        .expect("stocked");
    let admin = caller("acme", Role::Admin);
    for name in ["Game Night", "Spring Launch"] {
        let asked: SubmitBrief =
            serde_json::from_value(json!({ "brief": brief(name) })).expect("a brief");
        let job = desk.core.ask(&admin, asked).await.expect("a job");
        desk.pass(chrono::Duration::seconds(60)).await;
        if name == "Game Night" {
            let approve = ApproveJob {
                job_id: job.job_id,
                approved_product_ids: None,
                expected_revision: None,
                despite_warnings: false,
            };
            desk.core.ask(&admin, approve).await.expect("approved");
            desk.pass(chrono::Duration::seconds(60)).await;
        }
    }
    crate::slots::busy(&desk).await;
    desk
}

/// Shows the console in these sizes; says how many stand-ins are to be seen.
#[track_caller]
fn shown(person: &mut Person<'_>, about: &str, sizes: &[(u16, u16)]) -> usize {
    let mut stand_ins = 0;
    for &(width, height) in sizes {
        let mut screen = Screen::new(width, height);
        let mut notes = Notes::default();
        let buffer = screen.next();
        person.console.draw(buffer, &mut notes);
        let right = (0..height).map(|y| buffer[(width - 1, y)].symbol().to_owned());
        let right: Vec<String> = right.collect();
        let bytes = screen.finish(None, notes.cursor).to_vec();
        let text = String::from_utf8(bytes).expect("text");
        check(&text, about);
        stand_ins += text.matches('\u{fffd}').count();
        let mut terminal = vt100::Parser::new(
            height.try_into().expect("cells"),
            width.try_into().expect("cells"),
            0,
        );
        terminal.process(text.replace('\u{fffd}', "?").as_bytes());
        for (y, symbol) in (0u16..).zip(right) {
            let cell = terminal.screen().cell(y, width - 1).expect("a cell");
            let contents = if cell.has_contents() {
                cell.contents()
            } else {
                " "
            };
            assert_eq!(contents, symbol, "{about}: the end of row {y}");
        }
    }
    stand_ins
}

/// Nothing but what the screen itself writes.
#[track_caller]
fn check(text: &str, about: &str) {
    let own = "\x1b[m\x1b[r\x1b[H\x1b[2J";
    let (head, body) = text.split_once(own).expect("it begins anew");
    assert!(["\x1b[?2026h", "\x1b[?25l", "\x1b[?2026h\x1b[?25l", ""].contains(&head));
    let body = body.strip_suffix("\x1b[?2026l").unwrap_or(body);
    let body = body.strip_suffix("\x1b[?25h").unwrap_or(body);
    let mut rest = body;
    let mut marks = 0;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let mark = matches!(c, '\u{300}'..='\u{36f}');
        marks = if mark { marks + 1 } else { 0 };
        assert!(marks <= 8, "{about}: a tower");
        let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200c}'
            | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
        let acts = c.is_control() && !matches!(c, '\x1b' | '\r' | '\n');
        assert!(!hidden && !acts, "{about}: {c:?} in {body:?}");
        if c != '\x1b' {
            continue;
        }
        let sequence = rest.strip_prefix('[').expect("only sequences");
        let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';'));
        let end = end.expect("it ends");
        let (numbers, after) = sequence.split_at(end);
        rest = &after[1..];
        let fits = match &after[..1] {
            "H" | "G" | "C" | "D" | "K" | "X" => numbers
                .split(';')
                .all(|number| number.parse::<u16>().unwrap_or(0) <= 200),
            "m" => numbers != "8" && numbers != "38;5;199",
            _ => false,
        };
        assert!(fits, "{about}: {numbers}{after:.8?} in {body:?}");
    }
}

/// As long as a cursor has to rest until what is under it is read.
async fn breathe(person: &mut Person<'_>) {
    let moment = chrono::Duration::milliseconds(400);
    for _ in 0..2 {
        person.desk.clock.advance(moment);
        person.happens(Event::Pulse(Ok(()))).await;
        person.happens(Event::Time).await;
    }
}

async fn look_around(desk: &Desk, payload: &'static str) -> usize {
    PAYLOAD.set(payload);
    FIRED.take();
    let somebody = Caller::new(payload, "acme".parse().expect("a tenant"), Role::Admin);
    let mut person = Person::deceived(desk, somebody, tamper).await;
    person.presses("f5").await;
    breathe(&mut person).await;
    let mut seen = shown(&mut person, payload, &SIZES);
    for keys in ["s", "j", "tab", "pgdn", "z", "esc", "k", "x"] {
        person.presses(keys).await;
        breathe(&mut person).await;
        seen += shown(&mut person, payload, &SIZES[1..2]);
    }
    // What was asked is refused, with words of somebody else.
    person.pastes(payload).await;
    seen += shown(&mut person, payload, &SIZES[1..2]);
    person.refuses = Some(fault());
    person.presses("enter enter").await;
    seen += shown(&mut person, payload, &SIZES[1..2]);
    person.refuses = None;
    person.presses("esc").await;
    // Said, failed, happened.
    let said = Event::Told(Clean::new(payload), theme::Role::Bad);
    person.happens(said).await;
    person.happens(Event::Pulse(Err(fault()))).await;
    let happened = events::Event {
        seq: 999,
        at: "2026-06-15T12:00:00Z".parse().expect("an instant"),
        event: payload.into(),
        kind: payload.into(),
        object: payload.into(),
        detail: payload.into(),
    };
    person.happens(Event::Happened(happened)).await;
    seen += shown(&mut person, payload, &SIZES[1..2]);
    for keys in ["f4", "esc", "?", "esc", "e", "esc", ":", "/"] {
        person.presses(keys).await;
        person.pastes(payload).await;
        seen += shown(&mut person, payload, &SIZES[1..2]);
    }
    person.presses("esc esc").await;
    person.presses("/").await;
    person.pastes(payload).await;
    seen += shown(&mut person, payload, &SIZES[1..2]);
    person.presses("esc e enter y").await;
    for (name, text) in &person.written {
        let text = text.replace("\r\n", "\n");
        let bad = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{2066}\u{200b}".contains(c);
        assert!(!text.contains(bad), "{payload:?} in {name}: {text:?}");
    }
    // Panes, what happened to one object, the views of what happened.
    for keys in [
        "2", "1 o", "tab", "O", "tab", "6", "t", "tab j", "tab", "r", "d", "esc", "1",
    ] {
        person.presses(keys).await;
        breathe(&mut person).await;
        seen += shown(&mut person, payload, &SIZES[1..2]);
    }
    let fired = FIRED.take();
    assert_eq!(fired.len(), ASKED, "{fired:?}");
    // Nothing to be had but words of somebody else.
    person.refuses = Some(fault());
    person.presses("f5 j").await;
    breathe(&mut person).await;
    seen + shown(&mut person, payload, &SIZES[1..2])
}

#[tokio::test]
async fn what_terminals_act_on_is_shown_and_does_nothing() {
    act_on(&ACTIVE[..30]).await;
}

#[tokio::test]
async fn the_rest_of_it_does_nothing_either() {
    act_on(&ACTIVE[30..]).await;
}

async fn act_on(payloads: &[&'static str]) {
    let desk = desk().await;
    for payload in payloads {
        let seen = look_around(&desk, payload).await;
        assert!(seen > 30, "{payload:?} is seen {seen} times");
    }
}

#[tokio::test]
async fn what_terminals_quarrel_about_moves_nothing() {
    let desk = desk().await;
    for payload in STRANGE {
        look_around(&desk, payload).await;
    }
}
