//! Keys as people name them: what a keymap holds and what a terminal sends. Two ways to press
//! the same thing are one key here, so nothing below compares modifiers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a key is, without what is held down with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character, capital where shift was held.
    Char(char),
    /// The enter key.
    Enter,
    /// The escape key.
    Esc,
    /// The tabulator key.
    Tab,
    /// The same with shift.
    BackTab,
    /// Deletes to the left.
    Backspace,
    /// Deletes to the right.
    Delete,
    /// The insert key.
    Insert,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// A key and what is held down with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Key {
    /// What it is.
    pub code: Code,
    /// Whether control is held.
    pub ctrl: bool,
    /// Whether alt is held.
    pub alt: bool,
    /// Whether shift is held; never with a character or [`Code::BackTab`], which say so
    /// themselves.
    pub shift: bool,
}

/// A text names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no key; write x, G, ctrl-x, alt-x, shift-tab, enter, pgdn or f5")]
pub struct BadKey(String);

/// The keys that have a name, each by the one that is shown first.
const NAMES: [(&str, Code); 22] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("del", Code::Delete),
    ("ins", Code::Insert),
    ("left", Code::Left),
    ("right", Code::Right),
    ("up", Code::Up),
    ("down", Code::Down),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("space", Code::Char(' ')),
    ("delete", Code::Delete),
    ("insert", Code::Insert),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("backtab", Code::BackTab),
    ("return", Code::Enter),
];

impl Key {
    /// A key alone.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// A character alone.
    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::new(Code::Char(c))
    }

    /// A key with what is held down with it, the many ways to say the same made one.
    #[must_use]
    pub fn with(code: Code, ctrl: bool, alt: bool, shift: bool) -> Self {
        let (code, shift) = match code {
            // A terminal cannot tell ctrl-G from ctrl-g.
            Code::Char(c) if ctrl => (Code::Char(c.to_ascii_lowercase()), false),
            Code::Char(c) if shift => (Code::Char(upper(c)), false),
            Code::Tab if shift => (Code::BackTab, false),
            Code::BackTab => (Code::BackTab, false),
            code => (code, shift),
        };
        Self {
            code,
            ctrl,
            alt,
            shift,
        }
    }

    /// The character that it types into a text, if it does.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// The capital letter, where that is one character.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) => capital,
        _ => c,
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        let mut text = String::new();
        for (held, name) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            text.push_str(if held { name } else { "" });
        }
        let named = NAMES.iter().find(|(_, code)| *code == self.code);
        match (named, self.code) {
            (Some((name, _)), _) => text.push_str(name),
            (None, Code::F(number)) => write!(text, "f{number}")?,
            (None, Code::Char(c)) => text.push(c),
            (None, other) => write!(text, "{other:?}")?,
        }
        out.pad(&text)
    }
}

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        loop {
            let (held, after) = match rest {
                _ if rest.starts_with("ctrl-") => (&mut ctrl, &rest[5..]),
                _ if rest.starts_with("alt-") => (&mut alt, &rest[4..]),
                _ if rest.starts_with("shift-") => (&mut shift, &rest[6..]),
                _ => break,
            };
            if after.is_empty() || std::mem::replace(held, true) {
                return Err(BadKey(text.to_owned()));
            }
            rest = after;
        }
        let code = code(rest).ok_or_else(|| BadKey(text.to_owned()))?;
        Ok(Self::with(code, ctrl, alt, shift))
    }
}

fn code(text: &str) -> Option<Code> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(Code::Char(c));
    }
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some(*code);
    }
    let number = text.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(Code::F(number))
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = BadKey;

    fn try_from(text: String) -> Result<Self, BadKey> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_named_as_people_name_them() {
        let key = |text: &str| text.parse::<Key>().expect("a key");
        assert_eq!(key("G"), Key::char('G'));
        assert_eq!(key("shift-g"), Key::char('G'));
        assert_eq!(key("ctrl-G"), key("ctrl-g"));
        assert_eq!(key("shift-tab"), Key::new(Code::BackTab));
        assert_eq!(key("space"), Key::char(' '));
        assert_eq!(
            key("ctrl--"),
            Key::with(Code::Char('-'), true, false, false)
        );
        assert_eq!(key("alt-ctrl-pgdn").to_string(), "ctrl-alt-pgdn");
        assert_eq!(key("f5"), Key::new(Code::F(5)));
        for bad in [
            "",
            "ctrl-",
            "ctrl-ctrl-x",
            "f0",
            "f99",
            "hyper-x",
            "\u{1b}",
            "ab",
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_keymap_holds_keys_as_text() {
        let keys: Vec<Key> = serde_json::from_str(r#"["ctrl-c", "?"]"#).expect("keys");
        assert_eq!(
            serde_json::to_string(&keys).expect("text"),
            r#"["ctrl-c","?"]"#
        );
        assert!(serde_json::from_str::<Key>("\"nope\"").is_err());
    }

    proptest! {
        #[test]
        fn every_key_reads_back_as_itself(
            c in any::<char>(), at in 0usize..22, which in 0..3, held in any::<[bool; 3]>(),
        ) {
            prop_assume!(!c.is_control());
            let code = match which {
                0 => Code::Char(c),
                1 => NAMES[at].1,
                _ => Code::F(u8::try_from(at).expect("small") + 1),
            };
            let key = Key::with(code, held[0], held[1], held[2]);
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }
    }
}
