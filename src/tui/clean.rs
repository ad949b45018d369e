//! Text that is safe to show: the only text that a cell, a title, a toast, a file or the
//! clipboard takes. What would move a cursor, hide or rearrange is replaced where the text
//! comes in, once; refuses to drop anything silently.

use std::{borrow::Cow, fmt};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::text;

/// Stands where a text was cut.
const CUT: &str = "…";

/// Where a text may be broken.
const SPACES: [char; 2] = [' ', '\u{3000}'];
/// Stands between the parts of a name.
const BETWEEN: &str = " · ";
/// How many columns of a part say anything.
const LEAST: usize = 5;
/// How many say enough of those that come behind.
const WELL: usize = 8;

/// One line of text without anything in it that a terminal would act on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean(Cow<'static, str>);

impl Clean {
    /// Takes a text from outside.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Self(Cow::Owned(text.to_owned()));
        }
        Self(Cow::Owned(text::inert(text)))
    }

    /// Takes what anything shows of itself.
    #[must_use]
    pub fn of(value: impl fmt::Display) -> Self {
        Self::new(&value.to_string())
    }

    /// Takes a text of several lines, one by one.
    #[must_use]
    pub fn lines(text: &str) -> Vec<Self> {
        text.lines().map(Self::new).collect()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many columns it takes.
    #[must_use]
    pub fn width(&self) -> u16 {
        u16::try_from(self.0.width()).unwrap_or(u16::MAX)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// At most so many columns of it, with a mark where it was cut.
    #[must_use]
    pub fn cut(&self, columns: u16) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let room = usize::from(columns).saturating_sub(1);
        let mut short = String::new();
        let mut used = 0;
        for grapheme in self.0.graphemes(true) {
            used += grapheme.width();
            if used > room {
                break;
            }
            short.push_str(grapheme);
        }
        if columns > 0 {
            short.push_str(CUT);
        }
        Self(Cow::Owned(short))
    }

    /// At most so many columns of it, each of its parts cut in the middle with a mark there: of
    /// names that begin alike the ends still tell them apart.
    #[must_use]
    pub fn squeeze(&self, columns: u16, mark: char) -> Self {
        let columns = usize::from(columns);
        if self.0.width() <= columns {
            return self.clone();
        }
        let parts: Vec<&str> = self.0.split(BETWEEN).collect();
        let between = BETWEEN.width() * (parts.len() - 1);
        if parts.len() == 1 || columns < between + LEAST * parts.len() {
            return Self(Cow::Owned(in_the_middle(&self.0, columns, mark)));
        }
        // What comes first is whole where those behind still say something; whoever needs less
        // than an even share leaves it to them.
        let (mut room, mut short) = (columns - between, Vec::new());
        for (at, part) in parts.iter().enumerate() {
            let behind = &parts[at + 1..];
            let share = room / (behind.len() + 1);
            let spare: usize = behind
                .iter()
                .map(|one| share.saturating_sub(one.width()))
                .sum();
            let whole = part.width() + behind.len() * WELL <= room;
            let columns = if whole { part.width() } else { share + spare };
            let part = in_the_middle(part, columns, mark);
            room = room.saturating_sub(part.width());
            short.push(part);
        }
        Self(Cow::Owned(short.join(BETWEEN)))
    }

    /// The text in lines of at most so many columns, broken at spaces; a word is broken only where
    /// it is longer than a line.
    #[must_use]
    pub fn wrap(&self, columns: u16) -> Vec<Self> {
        let most = usize::from(columns.max(1));
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in self.0.split_inclusive(SPACES) {
            let bare = word.trim_end_matches(SPACES);
            let used = line.width();
            if used + bare.width() <= most {
                line.push_str(word);
                continue;
            }
            if !line.trim_end_matches(SPACES).is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.clear();
            if bare.width() <= most {
                line.push_str(word);
                continue;
            }
            // Of what is too long for any line, its own parts stay in one piece where they can.
            for part in word.split_word_bounds() {
                let whole = part.trim_end_matches(SPACES).width() <= most;
                let pieces: Vec<&str> = if whole {
                    vec![part]
                } else {
                    part.graphemes(true).collect()
                };
                for piece in pieces {
                    let wide = piece.trim_end_matches(SPACES).width();
                    if line.width() + wide > most && !line.is_empty() {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push_str(piece);
                }
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
            .into_iter()
            .map(|line| Self(Cow::Owned(line.trim_end().to_owned())))
            .collect()
    }
}

/// At most so many columns of a text, with a mark in the middle where it was cut.
fn in_the_middle(text: &str, columns: usize, mark: char) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else {
        return String::new();
    };
    let head = bytes_in(text.graphemes(true), room - room / 2);
    let tail = bytes_in(text.graphemes(true).rev(), room / 2);
    format!("{}{mark}{}", &text[..head], &text[text.len() - tail..])
}

/// How many bytes of some letters go into so many columns.
fn bytes_in<'a>(letters: impl Iterator<Item = &'a str>, columns: usize) -> usize {
    let mut used = 0;
    let fitting = letters.take_while(|letter| {
        used += letter.width();
        used <= columns
    });
    fitting.map(str::len).sum()
}

/// Our own words: fixed in the program, so there is nothing to clean.
impl From<&'static str> for Clean {
    fn from(ours: &'static str) -> Self {
        Self(Cow::Borrowed(ours))
    }
}

impl From<String> for Clean {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

/// A [`Clean`] from a format string.
#[macro_export]
macro_rules! clean {
    ($($part:tt)*) => { $crate::tui::clean::Clean::new(&format!($($part)*)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_squeezed_keeps_both_ends_and_the_room() {
        let name = Clean::new("Summer Tour in the north, week 12 · Prime time living room");
        assert_eq!(name.squeeze(80, '…'), name);
        for (columns, short) in [
            (7, "Sum…oom"),
            (14, "Su…12 · Pri…om"),
            (24, "Summe…k 12 · Prime… room"),
            (44, "Summer Tour in the north, week 12 · Prim…oom"),
        ] {
            assert_eq!(name.squeeze(columns, '…').as_str(), short);
        }
        let short = Clean::new("Fair · Prime time living room");
        assert_eq!(short.squeeze(20, '…').as_str(), "Fair · Prime …g room");
        let wide = Clean::new("夏のツアー第一週と第二週");
        for columns in 0..30 {
            for text in [&name, &wide] {
                let short = text.squeeze(columns, '~');
                assert!(short.width() <= columns, "{short} in {columns}");
            }
        }
    }

    #[test]
    fn what_a_terminal_would_act_on_is_replaced_and_not_dropped() {
        assert_eq!(
            Clean::new("a\u{1b}[31mb\u{202e}c").as_str(),
            "a\u{fffd}[31mb\u{fffd}c"
        );
        assert_eq!(Clean::new("Été 夏 👩🏽‍🚀").as_str(), "Été 夏 👩🏽‍🚀");
    }

    #[test]
    fn a_text_is_cut_between_letters_as_people_see_them() {
        assert_eq!(Clean::new("夏のキャンペーン").cut(6).as_str(), "夏の…");
        assert_eq!(Clean::from("short").cut(5).as_str(), "short");
        assert_eq!(Clean::from("short").cut(1).as_str(), "…");
        assert_eq!(Clean::from("short").cut(0).as_str(), "");
    }

    #[test]
    fn a_long_text_is_broken_at_spaces() {
        let lines = Clean::from("the flight ended on Friday").wrap(10);
        let texts: Vec<_> = lines.iter().map(Clean::as_str).collect();
        assert_eq!(texts, ["the flight", "ended on", "Friday"]);
        assert_eq!(Clean::from("abcdef").wrap(3).len(), 2);
    }

    #[test]
    fn dates_signs_and_brackets_stay_in_one_piece() {
        for (text, columns, wanted) in [
            (
                "held back from 2026-11-22",
                20,
                &["held back from", "2026-11-22"][..],
            ),
            (
                "That cannot be undone: read it",
                21,
                &["That cannot be", "undone: read it"],
            ),
            (
                "object 01970000-0000-7000-8000-00000000c0de",
                30,
                &["object", "01970000-0000-7000-8000-", "00000000c0de"],
            ),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("eCPM 15.24, at 12 %.", 12, &["eCPM 15.24,", "at 12 %."]),
            ("  ✗ needs 1,000", 9, &["  ✗ needs", "1,000"]),
            ("budget    25,000.00", 12, &["budget", "25,000.00"]),
            ("夏のキャンペーン", 6, &["夏のキ", "ャンペ", "ーン"]),
            ("", 6, &[""]),
        ] {
            let lines = Clean::new(text).wrap(columns);
            let texts: Vec<_> = lines.iter().map(Clean::as_str).collect();
            assert_eq!(texts, wanted, "{text}");
        }
    }
}
