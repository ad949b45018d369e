//! The last gate before the terminal: what a cell may show, in a form that is compared in no
//! time. Refuses everything that a terminal would act on, no matter how it came into the
//! buffer.

use ratatui::{
    buffer::{Buffer, Cell, CellWidth as _},
    layout::Rect,
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr as _;

use crate::domain::text;

/// Stands for what must not be shown.
const REPLACED: &str = "\u{fffd}";
/// What makes a blank cell visible.
const SEEN_ON_BLANK: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

/// The colour that the terminal has by itself.
pub const OWN: u32 = 0;
/// Begins the colours of the palette.
pub const PALETTE: u32 = 1 << 24;
/// Begins all other colours.
pub const TRUE: u32 = 2 << 24;

/// How text looks: its colour, the one behind it, bold and its kin, all in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look(u64);

/// How many bits a colour takes.
const COLOUR: u32 = 26;

impl Look {
    /// How a terminal draws by itself.
    pub const PLAIN: Self = Self(0);
    const BG: u64 = ((1 << COLOUR) - 1) << COLOUR;
    const SEEN: u64 = (SEEN_ON_BLANK.bits() as u64) << (2 * COLOUR);

    fn of(cell: &Cell) -> Self {
        // Most of a screen is plain.
        if (cell.fg, cell.bg) == (Color::Reset, Color::Reset) && cell.modifier.is_empty() {
            return Self::PLAIN;
        }
        let (fg, bg) = (number(cell.fg), number(cell.bg));
        let modifier = u64::from(cell.modifier.bits());
        Self(u64::from(fg) | u64::from(bg) << COLOUR | modifier << (2 * COLOUR))
    }

    /// The colour of the text.
    pub fn fg(self) -> u32 {
        u32::try_from(self.0 & (Self::BG >> COLOUR)).unwrap_or(OWN)
    }

    /// The colour behind it.
    pub fn bg(self) -> u32 {
        u32::try_from((self.0 & Self::BG) >> COLOUR).unwrap_or(OWN)
    }

    /// Bold and its kin.
    pub fn modifier(self) -> Modifier {
        let bits = u16::try_from(self.0 >> (2 * COLOUR)).unwrap_or(0);
        Modifier::from_bits_truncate(bits)
    }

    /// Whether a blank looks the same with either.
    pub fn is_blank_as(self, other: Self) -> bool {
        self == other || (self.0 ^ other.0) & Self::BG == 0 && (self.0 | other.0) & Self::SEEN == 0
    }

    /// Without what cannot be seen on a blank.
    fn on_blank(self) -> Self {
        let seen = self.0 & Self::SEEN != 0;
        if seen { self } else { Self(self.0 & Self::BG) }
    }
}

/// What one column of one row shows.
#[derive(Debug, Clone, Copy)]
pub struct Dot {
    /// Its text, where that has at most eight bytes; else what is surely another number for
    /// another text.
    text: u64,
    /// How it looks.
    pub look: Look,
    /// How many columns it takes; 0 where it belongs to what begins further left.
    pub width: u8,
    kind: Kind,
}

/// Equal ones look the same: the rest follows from the text.
impl PartialEq for Dot {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.look == other.look
    }
}

/// What is to know of a text besides its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Terminals agree how wide it is.
    Agreed,
    /// They do not.
    Doubtful,
    /// They do not, and it is too long to be kept here.
    Long,
}

impl Dot {
    /// Nothing.
    pub const BLANK: Self = Self::one(b" ", Look::PLAIN);
    /// Covered by what begins further left.
    const TAIL: Self = Self {
        text: 0,
        look: Look::PLAIN,
        width: 0,
        kind: Kind::Agreed,
    };

    const fn one(text: &[u8], look: Look) -> Self {
        let (width, kind) = (1, Kind::Agreed);
        Self {
            text: short(text),
            look,
            width,
            kind,
        }
    }

    /// What is drawn for a cell with `room` columns to its right, its own included.
    fn new(cell: &Cell, room: usize) -> Self {
        let look = Look::of(cell);
        match cell.symbol().as_bytes() {
            [] | b" " => Self::one(b" ", look.on_blank()),
            byte @ [0x20..0x7f] => Self::one(byte, look),
            [_] => Self::one(REPLACED.as_bytes(), look),
            _ => Self::wider(cell.symbol(), room, look),
        }
    }

    fn wider(symbol: &str, room: usize, look: Look) -> Self {
        let mut chars = symbol.chars();
        let first = chars.next().filter(|_| chars.next().is_none());
        if first.is_none_or(|c| !is_surely_harmless(c)) && !text::is_inert(symbol) {
            return Self::one(REPLACED.as_bytes(), look);
        }
        let wide = symbol.cell_width();
        let Some(width) = u8::try_from(wide).ok().filter(|width| *width > 0) else {
            return Self::one(REPLACED.as_bytes(), look);
        };
        if usize::from(width) > room {
            return Self::one(b" ", look.on_blank());
        }
        if let Some(text) = agreed_upon(symbol, wide) {
            return Self {
                text: short(text.as_bytes()),
                look,
                width,
                kind: Kind::Doubtful,
            };
        }
        let agreed = first.is_some_and(|c| width == 1 || is_surely_wide(c));
        let (text, kind) = match symbol.as_bytes() {
            bytes if agreed => (short(bytes), Kind::Agreed),
            bytes if bytes.len() <= 8 => (short(bytes), Kind::Doubtful),
            bytes => (long(bytes), Kind::Long),
        };
        Self {
            text,
            look,
            width,
            kind,
        }
    }

    /// Whether all terminals agree how wide it is.
    pub fn is_agreed(self) -> bool {
        self.kind == Kind::Agreed
    }

    /// Whether it is one character of ASCII.
    pub fn is_ascii(self) -> bool {
        self.text < 0x80 && self.width == 1
    }

    /// Whether nothing is written there.
    pub fn is_blank(self) -> bool {
        self.text == u64::from(b' ')
    }

    /// Writes its text; `cell` is where it came from.
    pub fn write(self, cell: &Cell, out: &mut Vec<u8>) {
        if self.kind == Kind::Long {
            out.extend_from_slice(cell.symbol().as_bytes());
            return;
        }
        let bytes = self.text.to_le_bytes();
        let unused = usize::try_from(self.text.leading_zeros() / 8).unwrap_or(0);
        out.extend_from_slice(&bytes[..bytes.len() - unused]);
    }
}

/// What is drawn for a picture about whose width terminals quarrel, in as many columns as it
/// has here: its first sign, which they agree about; for a flag the letters of its country.
/// None for what is no such picture.
fn agreed_upon(symbol: &str, columns: u16) -> Option<String> {
    let mut chars = symbol.chars();
    let first = chars.next()?;
    let dressed = |c| matches!(c, '\u{fe0f}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}');
    let mut text = String::new();
    match (country(first), chars.next()) {
        (Some(one), other) => text.extend([Some(one), other.and_then(country)].iter().flatten()),
        (None, Some(other)) if dressed(other) || chars.any(dressed) => text.push(first),
        _ => return None,
    }
    let blanks = usize::from(columns).saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', blanks));
    Some(text)
}

/// The letter of a country that half a flag stands for.
fn country(c: char) -> Option<char> {
    let letter = u32::from(c).checked_sub(0x1f1e6).filter(|at| *at < 26)?;
    char::from_u32(u32::from('A') + letter)
}

/// What a buffer shows, row after row.
pub fn pack(buffer: &Buffer, area: Rect, dots: &mut Vec<Dot>) {
    dots.resize(buffer.content.len(), Dot::BLANK);
    let width = usize::from(area.width).max(1);
    let rows = dots.chunks_mut(width).zip(buffer.content.chunks(width));
    for (dots, cells) in rows {
        let mut covered = 0;
        for (at, (dot, cell)) in dots.iter_mut().zip(cells).enumerate() {
            if covered > 0 {
                covered -= 1;
                *dot = Dot::TAIL;
                continue;
            }
            *dot = Dot::new(cell, width - at);
            covered = dot.width - 1;
        }
    }
}

/// What stands for signs of ours where there is only ASCII; for all else stands `?`.
const PLAIN: [(&str, &[u8; 1]); 8] = [
    ("…", b"~"),
    ("·", b"-"),
    ("–", b"-"),
    ("—", b"-"),
    ("✓", b"+"),
    ("✗", b"x"),
    ("‘", b"'"),
    ("’", b"'"),
];

/// Leaves nothing but ASCII; every column keeps its place.
pub fn only_ascii(dots: &mut [Dot]) {
    let mut look = Look::PLAIN;
    for dot in dots {
        if dot.width > 0 {
            look = dot.look;
        }
        if !dot.is_ascii() {
            let known = PLAIN
                .iter()
                .find(|(sign, _)| short(sign.as_bytes()) == dot.text);
            *dot = Dot::one(known.map_or(b"?", |(_, plain)| *plain), look);
        }
    }
}

/// A text of at most eight bytes as a number.
const fn short(text: &[u8]) -> u64 {
    let mut number = 0;
    let mut at = text.len();
    while at > 0 {
        at -= 1;
        number = number << 8 | text[at] as u64;
    }
    number
}

/// A number for a longer text.
fn long(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Characters that a screen of ours is full of, and that are only themselves.
fn is_surely_harmless(c: char) -> bool {
    matches!(c,
        '\u{a1}'..='\u{ac}'
        | '\u{ae}'..='\u{2ff}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2190}'..='\u{27bf}')
        || is_surely_wide(c)
}

/// Whether every terminal draws it in two columns; about pictures they quarrel.
fn is_surely_wide(c: char) -> bool {
    matches!(c,
        '\u{3001}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{ff01}'..='\u{ff60}')
}

/// A colour as a number.
fn number(colour: Color) -> u32 {
    let at = match colour {
        Color::Reset => return OWN,
        Color::Rgb(r, g, b) => return TRUE | u32::from_be_bytes([0, r, g, b]),
        Color::Indexed(at) => at,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    PALETTE | u32::from(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(symbol: &str, room: usize) -> (String, u8, bool) {
        let mut cell = Cell::EMPTY;
        cell.set_symbol(symbol);
        let dot = Dot::new(&cell, room);
        let mut out = Vec::new();
        dot.write(&cell, &mut out);
        let text = String::from_utf8(out).expect("text");
        (text, dot.width, dot.is_agreed())
    }

    #[test]
    fn what_a_terminal_acts_on_is_replaced() {
        for bad in [
            "\u{1b}",
            "\n",
            "\t",
            "\u{7f}",
            "\u{9b}",
            "a\u{1b}",
            "\u{202e}",
            "x\u{2066}",
            "\u{200b}",
            "\u{ad}",
            "\u{feff}",
            "\u{e0041}",
            "\u{2028}",
            "\u{301}",
            "\u{200d}",
        ] {
            assert_eq!(shown(bad, 9).0, REPLACED, "{bad:?}");
        }
        let tower = format!("a{}", "\u{301}".repeat(40));
        assert_eq!(shown(&tower, 9).0, REPLACED);
    }

    #[test]
    fn what_people_read_is_left_as_it_is() {
        for (good, width) in [("a", 1), ("é", 1), ("夏", 2), ("│", 1), ("e\u{301}", 1)] {
            let (text, wide, _) = shown(good, 9);
            assert_eq!((text.as_str(), wide), (good, width));
        }
        assert!(shown("夏", 2).2);
        for (quarrel, text) in [
            ("👩🏽‍🚀", "👩"),
            ("👍🏿", "👍"),
            ("☎\u{fe0f}", "☎ "),
            ("❤\u{fe0f}", "❤ "),
            ("1\u{fe0f}\u{20e3}", "1 "),
            ("🇩🇪", "DE"),
        ] {
            let (shown, wide, agreed) = shown(quarrel, 2);
            assert_eq!((shown.as_str(), wide, agreed), (text, 2, false));
        }
        assert_eq!(shown("夏", 1).0, " ");
        assert_eq!(shown("", 1).0, " ");
    }

    #[test]
    fn what_is_called_harmless_is_so_and_as_wide_as_we_say() {
        for c in '\u{80}'..='\u{3fffd}' {
            let text = c.to_string();
            if is_surely_harmless(c) {
                assert!(text::is_inert(&text), "{c:?}");
            }
            if is_surely_wide(c) {
                assert_eq!(text.cell_width(), 2, "{c:?}");
            }
        }
    }
}
