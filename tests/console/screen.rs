//! What the screen writes, read back by a terminal: cell for cell what was drawn, whatever
//! was there before, and in few bytes.

use std::num::NonZeroU16;

use flightdeck::tui::screen::{Screen, Scroll};
use proptest::prelude::*;
use ratatui::{
    buffer::{Buffer, Cell, CellWidth as _},
    layout::{Position, Rect},
    style::{Color, Modifier, Style},
};

/// Something that happens to a screen.
#[derive(Debug, Clone)]
enum Step {
    Write(u16, u16, String, Style),
    Symbol(u16, u16, &'static str),
    Fill(Rect, Style),
    Wipe(Rect),
    Scroll(Scroll),
    WrongHint(Scroll),
    Resize(u16, u16),
    Garbage,
    Cursor(Option<(u16, u16)>),
}

/// A screen and the terminal that shows it.
struct Shown {
    screen: Screen,
    terminal: vt100::Parser,
    /// What was drawn last.
    model: Buffer,
    cursor: Option<Position>,
}

fn size(of: u16) -> NonZeroU16 {
    NonZeroU16::new(of).expect("a screen has cells")
}

impl Shown {
    fn new(width: u16, height: u16) -> Self {
        let mut terminal = vt100::Parser::new(size(height), size(width), 0);
        terminal.process(b"\x1b[?1049h");
        Self {
            screen: Screen::new(width, height),
            terminal,
            model: Buffer::empty(Rect::new(0, 0, width, height)),
            cursor: None,
        }
    }

    /// Draws the model; says how many bytes that took.
    fn show(&mut self, scroll: Option<Scroll>) -> usize {
        self.screen.next().content.clone_from(&self.model.content);
        let bytes = self.screen.finish(scroll, self.cursor);
        let text = str::from_utf8(bytes).expect("text");
        // This terminal draws nothing for U+FFFD; others do.
        self.terminal
            .process(text.replace('\u{fffd}', "?").as_bytes());
        bytes.len()
    }

    fn perform(&mut self, step: &Step) {
        let area = self.model.area;
        let mut hint = None;
        match step {
            Step::Write(x, y, text, style) => {
                self.model
                    .set_string(x % area.width, y % area.height, text, *style);
            }
            Step::Symbol(x, y, symbol) => {
                self.model[(x % area.width, y % area.height)].set_symbol(symbol);
            }
            Step::Fill(rect, style) => self.model.set_style(*rect, *style),
            Step::Wipe(rect) => {
                for at in rect.intersection(area).positions() {
                    self.model[at].reset();
                }
            }
            Step::Scroll(scroll) => {
                self.scroll(*scroll);
                hint = Some(*scroll);
            }
            Step::WrongHint(scroll) => hint = Some(*scroll),
            Step::Resize(width, height) => {
                self.screen.resize(*width, *height);
                self.terminal.set_size(size(*height), size(*width));
                let mut model = Buffer::empty(Rect::new(0, 0, *width, *height));
                model.set_string(0, 0, "resized", Style::new());
                self.model = model;
            }
            Step::Garbage => {
                let garbage = b"\x1b[3;4r\x1b[7;41mgarbage\x1b[2;2Hfrom\n\n\nelsewhere\x1b[?25h";
                self.terminal.process(garbage);
                self.screen.forget();
            }
            Step::Cursor(at) => self.cursor = at.map(Position::from),
        }
        self.show(hint);
    }

    fn scroll(&mut self, Scroll { top, bottom, by }: Scroll) {
        let area = self.model.area;
        let old = self.model.clone();
        for y in top..bottom.min(area.height) {
            let from = i32::from(y) + by;
            let inside = (i32::from(top)..i32::from(bottom.min(area.height))).contains(&from);
            for x in 0..area.width {
                self.model[(x, y)] = if inside {
                    old[(x, u16::try_from(from).expect("inside"))].clone()
                } else {
                    Cell::default()
                };
            }
        }
    }

    /// Fails where the terminal shows anything else than the model.
    #[track_caller]
    fn check(&self) {
        let screen = self.terminal.screen();
        for y in 0..self.model.area.height {
            let mut x = 0;
            while x < self.model.area.width {
                let cell = &self.model[(x, y)];
                let (text, width) = expected(cell.symbol(), self.model.area.width - x);
                let shown = screen.cell(y, x).expect("a cell");
                let contents = if shown.has_contents() {
                    shown.contents()
                } else {
                    " "
                };
                assert_eq!(contents, text, "at {x}, {y}");
                same_look(cell, shown, text == " ");
                x += width;
            }
        }
        let seen = self.cursor.filter(|at| self.model.area.contains(*at));
        assert_eq!(screen.hide_cursor(), seen.is_none(), "the cursor");
        if let Some(at) = seen {
            assert_eq!(screen.cursor_position(), (at.y, at.x));
        }
    }
}

/// What a terminal must show for a symbol, written down once more and naively.
fn expected(symbol: &str, room: u16) -> (&str, u16) {
    let bad = |c: char| c.is_control() || "\u{202e}\u{200b}\u{feff}\u{2066}\u{ad}".contains(c);
    if symbol.is_empty() {
        return (" ", 1);
    }
    if symbol.chars().any(bad) {
        return ("?", 1);
    }
    match symbol.cell_width() {
        0 => ("?", 1),
        width if width > room => (" ", 1),
        width => (symbol, width),
    }
}

#[track_caller]
fn same_look(cell: &Cell, shown: &vt100::Cell, blank: bool) {
    let has = |modifier| cell.modifier.contains(modifier);
    assert_eq!(shown.bgcolor(), colour(cell.bg), "{cell:?}");
    assert_eq!(shown.underline(), has(Modifier::UNDERLINED), "{cell:?}");
    assert_eq!(shown.inverse(), has(Modifier::REVERSED), "{cell:?}");
    if blank && !shown.underline() && !shown.inverse() {
        return; // the rest cannot be seen
    }
    assert_eq!(shown.fgcolor(), colour(cell.fg), "{cell:?}");
    assert_eq!(shown.italic(), has(Modifier::ITALIC), "{cell:?}");
    if has(Modifier::BOLD | Modifier::DIM) {
        return; // this terminal knows one of the two at a time
    }
    assert_eq!(shown.bold(), has(Modifier::BOLD), "{cell:?}");
    assert_eq!(shown.dim(), has(Modifier::DIM), "{cell:?}");
}

fn colour(of: Color) -> vt100::Color {
    match of {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(number) => vt100::Color::Idx(number),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        other => panic!("{other} is not tried"),
    }
}

fn colours() -> impl Strategy<Value = Color> {
    prop_oneof![
        4 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::LightBlue),
        2 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<[u8; 3]>().prop_map(|[r, g, b]| Color::Rgb(r, g, b)),
    ]
}

fn styles() -> impl Strategy<Value = Style> {
    let modifiers = prop_oneof![Just(0), 0u16..32, Just(64)].prop_map(|bits| {
        // What vt100 can show: it has no blinking.
        Modifier::from_bits_truncate(bits) - Modifier::SLOW_BLINK
    });
    (colours(), colours(), modifiers, any::<bool>()).prop_map(|(fg, bg, modifier, reversed)| {
        let style = Style::new().fg(fg).bg(bg).add_modifier(modifier);
        if reversed {
            style.add_modifier(Modifier::REVERSED)
        } else {
            style.remove_modifier(Modifier::all() - modifier)
        }
    })
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ a-z]{1,40}",
        "[a夏の│─é🚀 ]{1,12}",
        Just("e\u{301}x한국".to_owned()),
        Just(" ".repeat(30)),
    ]
}

fn rects() -> impl Strategy<Value = Rect> {
    (0u16..50, 0u16..20, 1u16..60, 1u16..12).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
}

fn scrolls() -> impl Strategy<Value = Scroll> {
    (0u16..20, 0u16..26, -6i32..7).prop_map(|(top, bottom, by)| Scroll { top, bottom, by })
}

fn steps() -> impl Strategy<Value = Step> {
    const SYMBOLS: [&str; 9] = [
        "",
        "\u{1b}",
        "\n",
        "\u{202e}",
        "夏",
        "\u{301}",
        "a\u{200b}",
        "🚀",
        "\u{9b}",
    ];
    prop_oneof![
        8 => (0u16..60, 0u16..24, texts(), styles()).prop_map(|(x, y, t, s)| Step::Write(x, y, t, s)),
        2 => (0u16..60, 0u16..24, prop::sample::select(&SYMBOLS[..]))
            .prop_map(|(x, y, s)| Step::Symbol(x, y, s)),
        2 => (rects(), styles()).prop_map(|(rect, style)| Step::Fill(rect, style)),
        1 => rects().prop_map(Step::Wipe),
        3 => scrolls().prop_map(Step::Scroll),
        1 => scrolls().prop_map(Step::WrongHint),
        1 => (1u16..60, 1u16..24).prop_map(|(w, h)| Step::Resize(w, h)),
        1 => Just(Step::Garbage),
        1 => proptest::option::of((0u16..60, 0u16..24)).prop_map(Step::Cursor),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_terminal_shows_what_was_drawn(
        width in 1u16..60,
        height in 1u16..24,
        steps in prop::collection::vec(steps(), 1..40),
    ) {
        let mut shown = Shown::new(width, height);
        for step in &steps {
            shown.perform(step);
            shown.check();
            prop_assert_eq!(shown.show(None), 0, "the same again is nothing");
        }
    }
}

/// A list of a table of jobs, the cursor in its first row.
fn list(width: u16, height: u16, first: u16) -> Shown {
    let mut shown = Shown::new(width, height);
    draw_list(&mut shown, first, 0);
    shown.show(None);
    shown
}

fn draw_list(shown: &mut Shown, first: u16, cursor: u16) {
    let area = shown.model.area;
    let model = &mut shown.model;
    model.reset();
    model.set_string(0, 0, "Flightdeck  Jobs 10,000", Style::new());
    for row in 1..area.height - 1 {
        let number = u32::from(first + row - 1);
        let text = format!(
            "  {:<12}{:<40}{:<14}{:>14} EUR  2026-{:02}-{:02}",
            format!("job-{number}"),
            format!("Campaign {} of the north", number * 7919 % 10_000),
            ["running", "waiting", "failed", "booked"][number as usize % 4],
            number * 104_729 % 1_000_000,
            number % 12 + 1,
            number % 28 + 1,
        );
        let style = Style::new().fg([Color::Reset, Color::Indexed(2)][number as usize % 2]);
        model.set_string(0, row, &text, style);
        if row == cursor + 1 {
            model.set_string(0, row, "▌", Style::new().fg(Color::Indexed(4)));
            model.set_style(Rect::new(2, row, 12, 1), Style::new().bg(Color::Indexed(8)));
        }
    }
}

#[test]
fn a_step_in_a_list_is_few_bytes() {
    let mut shown = list(200, 60, 0);
    draw_list(&mut shown, 0, 1);
    let bytes = shown.show(None);
    shown.check();
    assert!(bytes < 120, "{bytes} bytes");
}

#[test]
fn a_list_that_scrolls_is_moved_and_not_painted_again() {
    let mut shown = list(200, 60, 0);
    for first in 1..30 {
        draw_list(&mut shown, first, 0);
        let (top, bottom, by) = (1, 59, 1);
        let bytes = shown.show(Some(Scroll { top, bottom, by }));
        shown.check();
        assert!(bytes < 300, "{bytes} bytes");
    }
    draw_list(&mut shown, 87, 0);
    let page = shown.show(Some(Scroll {
        top: 1,
        bottom: 59,
        by: 58,
    }));
    shown.check();
    assert!(page < 8_000, "{page} bytes");
}

#[test]
fn nothing_is_written_when_nothing_has_changed() {
    let mut shown = list(80, 24, 0);
    shown.cursor = Some(Position::new(2, 1));
    assert!(shown.show(None) > 0, "the cursor came");
    assert_eq!(shown.show(None), 0);
    let hint = Scroll {
        top: 1,
        bottom: 20,
        by: 1,
    };
    assert_eq!(shown.show(Some(hint)), 0, "a hint alone changes nothing");
}

#[test]
fn after_a_picture_that_terminals_quarrel_about_the_column_is_named() {
    let mut screen = Screen::new(20, 1);
    screen.next().set_string(0, 0, "夏a👩🏽‍🚀b", Style::new());
    let text = String::from_utf8(screen.finish(None, None).to_vec()).expect("text");
    assert!(text.contains("👩\u{1b}[6Gb"), "{text:?}");
}

#[test]
fn where_there_is_only_ascii_every_column_keeps_its_place() {
    let mut screen = Screen::new(40, 1).only_ascii(true);
    let text = "Été 夏 👩🏽‍🚀 a…b · ✓ ✗ \u{202e}|";
    screen.next().set_string(0, 0, text, Style::new());
    let columns = text.split('|').next().expect("the bar").cell_width();
    let bytes = screen.finish(None, None);
    let mut terminal = vt100::Parser::new(size(1), size(40), 0);
    terminal.process(bytes);
    let shown = terminal.screen().contents();
    assert!(bytes.is_ascii(), "{bytes:?}");
    assert!(shown.starts_with("?t? ?? ?? a~b - + x"), "{shown}");
    assert_eq!(shown.find('|'), Some(usize::from(columns)), "{shown}");
}

#[test]
fn only_large_frames_are_held_back_until_they_are_whole() {
    let mut screen = Screen::new(80, 24);
    screen.next().set_string(0, 0, "small", Style::new());
    let small = screen.finish(None, None).to_vec();
    assert!(!small.windows(5).any(|it| it == b"?2026"));
    let next = screen.next();
    for y in 0..24 {
        next.set_string(0, y, "x".repeat(80), Style::new());
    }
    let large = screen.finish(None, None);
    assert!(large.starts_with(b"\x1b[?2026h"));
    assert!(large.ends_with(b"\x1b[?2026l"));
}

#[test]
fn no_byte_of_a_hostile_symbol_reaches_the_terminal() {
    let mut screen = Screen::new(40, 2);
    let next = screen.next();
    let payloads = [
        "\x1b]52;c;QQ==\x07",
        "\x1b[6n",
        "\u{9b}31m",
        "\u{202e}",
        "\u{200b}",
        "a\u{e0041}",
    ];
    for (x, payload) in (0u16..).zip(payloads) {
        next[(x, 1)].set_symbol(payload);
    }
    let bytes = screen.finish(None, None).to_vec();
    let text = String::from_utf8(bytes).expect("text");
    let row = text.rsplit('H').next().expect("a row");
    assert_eq!(text.matches('\u{fffd}').count(), payloads.len());
    assert!(!text.contains("52;c") && !text.contains("6n"), "{row:?}");
}
