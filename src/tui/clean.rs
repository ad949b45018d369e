//! Text that is safe to show: the only text that a cell, a title, a toast, a file or the
//! clipboard takes. What would move a cursor, hide or rearrange is replaced where the text
//! comes in, once; refuses to drop anything silently.

use std::{borrow::Cow, fmt};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::text;

/// Stands where a text was cut.
const CUT: &str = "…";

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

    /// The text in lines of at most so many columns, broken at spaces where there are any.
    #[must_use]
    pub fn wrap(&self, columns: u16) -> Vec<Self> {
        let most = usize::from(columns.max(1));
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in self.0.split_word_bounds() {
            if line.width() + word.width() <= most {
                line.push_str(word);
                continue;
            }
            if !line.trim_end().is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.clear();
            for grapheme in word.trim_start().graphemes(true) {
                if line.width() + grapheme.width() > most {
                    lines.push(std::mem::take(&mut line));
                }
                line.push_str(grapheme);
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
}
