//! What the console costs with 100,000 jobs in it, beside a bare table of ratatui with the
//! same rows: `cargo bench --bench console`. Says nothing about other machines.

use std::{
    hint::black_box,
    io::{self, Write as _},
    time::{Duration, Instant as Moment},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use criterion::Criterion;
use flightdeck::{
    domain::{
        booking::job::ExecutionStatus,
        ids::JobId,
        money::{Currency, Money},
        tenant::{caller::Caller, role::Role},
        zone::Zone,
    },
    engine::bookings::rows::{JobRow, Rows},
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
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Rect},
    widgets::{Row, StatefulWidget as _, Table as Plain, TableState},
};
use uuid::Uuid;

#[path = "../engine/cpu.rs"]
#[expect(dead_code, reason = "the engine's bench uses the rest")]
mod cpu;
mod load;
mod program;
#[path = "../engine/table.rs"]
mod table;
#[path = "../../tests/support/terminal.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod terminal;

use table::{Row as Line, Table, Target};

/// How many jobs are listed.
const JOBS: usize = 100_000;
/// How wide and high the screen is.
const SIZE: (u16, u16) = (200, 60);
/// How many frames are measured for the slowest of a hundred.
const FRAMES: usize = 2_000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

/// A job like many, and like no other.
fn job(number: usize) -> JobRow {
    const STATES: [ExecutionStatus; 6] = [
        ExecutionStatus::AwaitingApproval,
        ExecutionStatus::Completed,
        ExecutionStatus::Researching,
        ExecutionStatus::Failed,
        ExecutionStatus::Completed,
        ExecutionStatus::Initialized,
    ];
    const NAMES: [&str; 5] = [
        "Awareness Push",
        "Back to School",
        "Spring Launch",
        "Game Night",
        "Été à la mer",
    ];
    let number64 = u64::try_from(number).unwrap_or(0);
    let id = Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number64);
    let budget = i64::try_from(number % 90_000).unwrap_or(0) * 100 + 50_000;
    let age = TimeDelta::seconds(i64::try_from(number).unwrap_or(0) * 40);
    JobRow {
        job_id: JobId::from(id),
        campaign_name: format!("{} {number}", NAMES[number % NAMES.len()]).into(),
        status: STATES[number % STATES.len()],
        progress: u16::try_from(number % 1000).unwrap_or(0),
        budget: Money::new(budget, Currency::USD).amount(),
        currency: Currency::USD,
        first_day: NaiveDate::from_ymd_opt(2027, 1, 1).unwrap_or_default(),
        last_day: NaiveDate::from_ymd_opt(2027, 3, 31).unwrap_or_default(),
        recommended: 9,
        booked: (3, 4),
        created_at: now() - age,
        updated_at: now() - age,
        revision: 7,
        submitted_by: "anna".into(),
        upstream: None,
        retried: false,
    }
}

/// A console with all of them.
struct Seat {
    console: Console,
    screen: Screen,
}

impl Seat {
    fn taken() -> Self {
        let tenant = "acme".parse().expect("a tenant");
        let identity = Identity {
            caller: Caller::new("anna", tenant, Role::Trafficker),
            engine: "embedded".into(),
            read_only: false,
            keeps_house: false,
            zone: Zone::UTC,
        };
        let keymap = Keymap::new(&Overrides::new()).expect("a keymap");
        let theme = Theme::named("dark", Depth::True, false).expect("a theme");
        let console = Console::new(identity, keymap, theme, Logbook::new(), now());
        let screen = Screen::new(SIZE.0, SIZE.1);
        let mut seat = Self { console, screen };
        let mut asked = seat.console.take(Event::Opened, now());
        let jobs: Vec<JobRow> = (0..JOBS).map(job).collect();
        let mut pages = jobs.chunks(1000).peekable();
        while let Some(page) = pages.next() {
            // The jobs pane asks first.
            let Some(Effect::Ask(ask)) = asked.into_iter().next() else {
                break;
            };
            let rows = Rows {
                rows: page.to_vec(),
                next_cursor: pages.peek().map(|_| "more".to_owned()),
            };
            asked = seat
                .console
                .take(Event::Reply(ask.ticket, Ok(Box::new(rows))), now());
        }
        seat.frame();
        seat
    }

    /// Draws a frame; gives how many bytes the terminal gets.
    fn frame(&mut self) -> usize {
        let mut notes = Notes::default();
        self.console.draw(self.screen.next(), &mut notes);
        let bytes = self.screen.finish(notes.scroll, notes.cursor).len();
        self.console.drawn(notes);
        bytes
    }

    fn press(&mut self, key: &str) -> usize {
        let key = key.parse().expect("a key");
        self.console.take(Event::Key(key), now());
        self.frame()
    }
}

/// The same rows in ratatui's own table, only those that are seen.
fn plain(buffer: &mut Buffer, rows: &[JobRow], at: usize) {
    let seen = rows.iter().skip(at).take(usize::from(SIZE.1));
    let lines = seen.map(|row| {
        Row::new([
            row.status.outside().words().to_owned(),
            row.campaign_name.to_string(),
            row.money().to_string(),
            format!("{}–{}", row.first_day, row.last_day),
            row.submitted_by.to_string(),
        ])
    });
    let widths = [19, 60, 16, 24, 12].map(Constraint::Length);
    let mut state = TableState::default().with_selected(Some(0));
    let area = buffer.area;
    buffer.reset();
    Plain::new(lines, widths).render(area, buffer, &mut state);
}

fn micros(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1e6
}

/// The median and the slowest of a hundred, in microseconds.
fn spread(mut all: Vec<f64>) -> (f64, f64) {
    all.sort_by(f64::total_cmp);
    (all[all.len() / 2], all[all.len() * 99 / 100])
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut seat = Seat::taken();
    let mut table = Table::default();
    criterion.bench_function("frame 200x60, 100,000 jobs", |bench| {
        bench.iter(|| black_box(seat.press("pgdn")));
    });
    frames(&mut seat, &mut table);
    bytes(&mut seat, &mut table);
    filter(&mut seat, &mut table);
    let process = cpu::Process::new(std::process::id());
    table.push(Line::figure(
        "resident memory of a console with 100,000 jobs",
        process.resident_mib(),
        "MiB",
        Target::AtMost(120.0),
    ));
    load::measure(&mut seat, &mut table);
    program::measure(&mut table);
    criterion.final_summary();
    write!(io::stdout(), "\n{table}").expect("somebody reads");
}

/// Frames after a page each, in turns with a bare table.
fn frames(seat: &mut Seat, table: &mut Table) {
    let rows: Vec<JobRow> = (0..2_000).map(job).collect();
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for at in 0..FRAMES {
        let begun = Moment::now();
        black_box(seat.press(if at % 3 == 2 { "pgup" } else { "pgdn" }));
        ours.push(micros(begun.elapsed()));
        let begun = Moment::now();
        plain(&mut buffer, &rows, at % 1_900);
        black_box(&buffer);
        bare.push(micros(begun.elapsed()));
    }
    let ((median, slow), (bare, _)) = (spread(ours), spread(bare));
    table.push(Line::figure(
        "key to bytes of a whole new page at 200x60, 100,000 jobs, median",
        median,
        "µs",
        Target::AtMost(1000.0),
    ));
    table.push(Line::ratio(
        "the same, beside ratatui's own table of the rows that are seen",
        (median, bare),
        "µs",
        Target::AtMost(2.0),
    ));
    table.push(Line::figure(
        "the same, the slowest of a hundred",
        slow,
        "µs",
        Target::AtMost(3000.0),
    ));
}

/// What goes to the terminal.
fn bytes(seat: &mut Seat, table: &mut Table) {
    seat.press("g");
    let count = |bytes: usize| u32::try_from(bytes).map_or(f64::NAN, f64::from);
    let steps: Vec<f64> = (0..40).map(|_| count(seat.press("j"))).collect();
    let held: Vec<f64> = (0..200).map(|_| count(seat.press("j"))).collect();
    let pages: Vec<f64> = (0..20).map(|_| count(seat.press("pgdn"))).collect();
    for (what, all, most) in [
        ("one row down", steps, 600.0),
        ("one row down, scrolling", held, 833.0),
        ("a page down", pages, 3000.0),
    ] {
        table.push(Line::figure(
            &format!("{what}, bytes to the terminal"),
            spread(all).0,
            "B",
            Target::AtMost(most),
        ));
    }
}

/// A filter as it is typed, letter by letter, and taken back.
fn filter(seat: &mut Seat, table: &mut Table) {
    let mut all = Vec::new();
    for word in ["game", "bts", "!launch", "status:fail", "été", "99 nite"] {
        seat.press("/");
        for letter in word.chars().map(String::from) {
            let key = if letter == " " { "space" } else { &letter };
            let begun = Moment::now();
            seat.press(key);
            all.push(micros(begun.elapsed()));
        }
        for _ in word.chars() {
            let begun = Moment::now();
            seat.press("backspace");
            all.push(micros(begun.elapsed()));
        }
        seat.press("esc");
    }
    let slowest = all.iter().copied().fold(0.0, f64::max);
    table.push(Line::figure(
        "a letter of a filter over 100,000 rows, the slowest",
        slowest / 1000.0,
        "ms",
        Target::AtMost(16.0),
    ));
}
