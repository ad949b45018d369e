//! A line that is being typed: what the person sees is always inert, what is kept is what
//! they typed. A paste becomes text, whatever it holds.

use ratatui::layout::Rect;
use tui_input::{Input, InputRequest};
use unicode_width::UnicodeWidthStr as _;

use super::{
    clean::Clean,
    input::{Code, Key},
    paint::Canvas,
    theme::Role,
};

/// The longest text that a line takes: as long as the longest brief that an engine reads.
const LONGEST: usize = 64 << 10;

/// A line of text with a cursor in it.
#[derive(Debug, Clone, Default)]
pub struct Field(Input);

impl Field {
    /// With a text, and the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// Puts another text in its place.
    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }

    /// Takes a key; false when it is none of a text field.
    pub fn key(&mut self, key: Key) -> bool {
        let request = match (key.code, key.ctrl, key.alt) {
            (Code::Char('a'), true, _) | (Code::Home, ..) => InputRequest::GoToStart,
            (Code::Char('e'), true, _) | (Code::End, ..) => InputRequest::GoToEnd,
            (Code::Char('w'), true, _) => InputRequest::DeletePrevWord,
            (Code::Char('u'), true, _) => InputRequest::DeleteLine,
            (Code::Char('k'), true, _) => InputRequest::DeleteTillEnd,
            (Code::Left, true, _) | (Code::Left, _, true) => InputRequest::GoToPrevWord,
            (Code::Right, true, _) | (Code::Right, _, true) => InputRequest::GoToNextWord,
            (Code::Left, ..) => InputRequest::GoToPrevChar,
            (Code::Right, ..) => InputRequest::GoToNextChar,
            (Code::Backspace, ..) => InputRequest::DeletePrevChar,
            (Code::Delete, ..) => InputRequest::DeleteNextChar,
            (Code::Char(letter), false, false) => {
                if self.text().len() >= LONGEST {
                    return true;
                }
                InputRequest::InsertChar(letter)
            }
            _ => return false,
        };
        self.0.handle(request);
        true
    }

    /// Takes what was pasted, as text on one line; says how many characters had no room.
    pub fn paste(&mut self, text: &str) -> usize {
        let room = LONGEST.saturating_sub(self.text().len());
        let mut letters = text.trim().chars();
        let (mut pasted, mut count) = (String::new(), 0);
        for letter in letters.by_ref() {
            if pasted.len() + letter.len_utf8() > room {
                let cut = letters.count() + 1;
                self.insert(&pasted, count);
                return cut;
            }
            pasted.push(if letter.is_control() { ' ' } else { letter });
            count += 1;
        }
        self.insert(&pasted, count);
        0
    }

    /// Puts so many characters in at the cursor.
    fn insert(&mut self, pasted: &str, count: usize) {
        let cursor = self.0.cursor();
        let before: String = self.text().chars().take(cursor).collect();
        let behind = &self.text()[before.len()..];
        let text = format!("{before}{pasted}{behind}");
        self.0 = Input::new(text).with_cursor(cursor + count);
    }

    /// Draws it, with the cursor when it has the keys.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, focused: bool) {
        let mut line = canvas.sub(area);
        let width = line.width();
        if width == 0 || line.height() == 0 {
            return;
        }
        line.tint(Rect::new(0, 0, width, 1), Role::Input);
        let before: String = self.text().chars().take(self.0.cursor()).collect();
        let before = Clean::new(&before);
        let column = before.as_str().width();
        let skip = column.saturating_sub(usize::from(width) - 1);
        let text = Clean::new(self.text());
        let shown = if skip == 0 { text } else { behind(&text, skip) };
        // The cursor's own column stays free at the end.
        line.cut(0, 0, &shown, Role::Input, width);
        if focused {
            line.cursor(u16::try_from(column - skip).unwrap_or(width - 1), 0);
        }
    }
}

/// What is left of a text behind so many columns.
fn behind(text: &Clean, columns: usize) -> Clean {
    let mut used = 0;
    let rest: String = text
        .as_str()
        .chars()
        .skip_while(|c| {
            let skip = used < columns;
            used += c.to_string().width();
            skip
        })
        .collect();
    Clean::new(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_edit_and_a_paste_is_text() {
        let mut field = Field::default();
        for key in ["a", "b", "left", "c", "backspace", "end", "ctrl-c"] {
            let key: Key = key.parse().expect("a key");
            assert_eq!(field.key(key), !key.ctrl);
        }
        assert_eq!(field.text(), "ab");
        field.paste("x\n\u{1b}q");
        assert_eq!(field.text(), "abx  q");
        let long = "é".repeat(LONGEST);
        assert_eq!(
            field.paste(&long),
            LONGEST / 2 + 3,
            "what has no room is counted"
        );
        assert!(field.text().len() <= LONGEST && field.text().starts_with("abx  qé"));
    }
}
