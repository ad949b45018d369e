//! What a person did, from what the terminal sent and from silence. A sequence that arrives in
//! pieces is one key, never letters; a burst that nobody can type is a paste, never keys.
//! Knows no clock: it is told when nothing came for as long as it asked.

use std::{collections::VecDeque, time::Duration};

use super::{
    Input,
    key::{Code, Key},
    sequence::{Token, parse},
};

/// How long an escape may be the beginning of something.
const ESCAPE: Duration = Duration::from_millis(25);
/// How long the rest of what has begun may take.
const REST: Duration = Duration::from_millis(250);
/// How long the rest of an escape that was given up is still no text.
const LATE: Duration = Duration::from_millis(500);
/// How long a few characters at once may be the beginning of a paste.
const SUSPECT: Duration = Duration::from_millis(5);
/// How long a paste may pause that does not say where it ends.
const PAUSE: Duration = Duration::from_millis(20);
/// How long one may pause that does.
const STALLED: Duration = Duration::from_secs(5);

/// As many characters at once may be the beginning of a paste.
const FEW: usize = 4;
/// More than so many at once are one.
const TYPED: usize = 25;
/// What is pasted beyond that is dropped.
const MOST_PASTED: usize = 1 << 20;

const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What was heard and is not told yet.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of something.
    held: Vec<u8>,
    /// Text between the brackets of a paste.
    pasted: Option<Vec<u8>>,
    /// Keys that may be a paste.
    burst: Vec<Key>,
    /// Whether an escape was given up a moment ago.
    gave_up: bool,
}

impl Decoder {
    /// Hears bytes as they came in one piece.
    pub fn hear(&mut self, bytes: &[u8], told: &mut VecDeque<Input>) {
        let late = std::mem::take(&mut self.gave_up);
        self.held
            .extend_from_slice(&bytes[late_rest(late, bytes)..]);
        let mut at = 0;
        loop {
            if self.pasted.is_some() {
                match self.paste(at, told) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            let Some((taken, token)) = parse(&self.held[at..]) else {
                self.held.drain(..at);
                break;
            };
            at += taken;
            self.take(token, told);
        }
        let escapes = self.held.first() == Some(&0x1b);
        if self.pasted.is_some() || escapes || !self.may_be_paste() {
            self.end_burst(told);
        }
    }

    /// How long nothing must come until [`Self::silence`] has something to say.
    pub fn patience(&self) -> Option<Duration> {
        match () {
            () if self.pasted.is_some() => Some(STALLED),
            () if self.held == [0x1b] => Some(ESCAPE),
            () if !self.held.is_empty() => Some(REST),
            () if self.burst.len() > TYPED => Some(PAUSE),
            () if !self.burst.is_empty() => Some(SUSPECT),
            () if self.gave_up => Some(LATE),
            () => None,
        }
    }

    /// Nothing came for as long as [`Self::patience`] said.
    pub fn silence(&mut self, told: &mut VecDeque<Input>) {
        if let Some(text) = self.pasted.take() {
            self.held.clear();
            tell_paste(&text, told);
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.gave_up = held == [0x1b];
        match held.as_slice() {
            [0x1b] => told.push_back(Input::Key(Key::new(Code::Esc))),
            [0x1b, byte] if byte.is_ascii_graphic() => {
                let code = Code::Char(char::from(*byte));
                told.push_back(Input::Key(Key::with(code, false, true, false)));
            }
            _ => {} // cut off for good: no part of it is a key
        }
        self.end_burst(told);
    }

    fn take(&mut self, token: Token, told: &mut VecDeque<Input>) {
        match token {
            Token::Key(key) if is_text(key) => {
                if self.burst.len() < MOST_PASTED {
                    self.burst.push(key);
                }
                return;
            }
            Token::Nothing => return,
            _ => self.end_burst(told),
        }
        match token {
            Token::Key(key) => told.push_back(Input::Key(key)),
            Token::Mouse(kind, x, y) => told.push_back(Input::Mouse { kind, x, y }),
            Token::PasteBegins => self.pasted = Some(Vec::new()),
            Token::Nothing => {}
        }
    }

    /// Takes what was pasted; says where it ended, or nothing when the end has not come.
    fn paste(&mut self, from: usize, told: &mut VecDeque<Input>) -> Option<usize> {
        let rest = &self.held[from..];
        let ends = rest
            .windows(PASTE_ENDS.len())
            .position(|it| it == PASTE_ENDS);
        // The end itself may come in pieces.
        let begun = || {
            (1..PASTE_ENDS.len())
                .rev()
                .find(|n| rest.ends_with(&PASTE_ENDS[..*n]))
        };
        let text = ends.unwrap_or_else(|| rest.len() - begun().unwrap_or(0));
        let pasted = self.pasted.get_or_insert_default();
        let room = MOST_PASTED - pasted.len();
        pasted.extend_from_slice(&rest[..text.min(room)]);
        if ends.is_none() {
            self.held.drain(..from + text);
            return None;
        }
        let text_end = from + text;
        tell_paste(&self.pasted.take().unwrap_or_default(), told);
        Some(text_end + PASTE_ENDS.len())
    }

    /// Whether more must be heard to tell a paste from a quick hand. A key that is held down
    /// is none.
    fn may_be_paste(&self) -> bool {
        self.burst.len() >= FEW && is_various(&self.burst)
    }

    fn end_burst(&mut self, told: &mut VecDeque<Input>) {
        if self.burst.len() > TYPED && is_various(&self.burst) {
            let text: String = self.burst.drain(..).filter_map(text_of).collect();
            told.push_back(Input::Paste(text));
        }
        told.extend(self.burst.drain(..).map(Input::Key));
    }
}

/// How many bytes are the rest of an escape that was given up: they are no letters.
fn late_rest(late: bool, bytes: &[u8]) -> usize {
    if !late || !matches!(bytes, [b'[' | b'O', _, ..]) {
        return 0;
    }
    let whole = [b"\x1b", bytes].concat();
    parse(&whole).map_or(0, |(taken, _)| taken - 1)
}

/// Whether a key may be part of a paste.
fn is_text(key: Key) -> bool {
    let plain = key == Key::new(Code::Enter) || key == Key::new(Code::Tab);
    plain || key.typed().is_some() || key == line_feed()
}

/// How a line feed arrives.
fn line_feed() -> Key {
    Key::with(Code::Char('j'), true, false, false)
}

fn text_of(key: Key) -> Option<char> {
    match key.code {
        Code::Enter => Some('\n'),
        Code::Tab => Some('\t'),
        _ if key == line_feed() => Some('\n'),
        _ => key.typed(),
    }
}

/// Whether there are more than two different keys.
fn is_various(keys: &[Key]) -> bool {
    let mut others = keys.iter().filter(|key| **key != keys[0]);
    others
        .next()
        .is_some_and(|second| others.any(|key| key != second))
}

/// Tells a paste, its line ends made one.
fn tell_paste(text: &[u8], told: &mut VecDeque<Input>) {
    let text = String::from_utf8_lossy(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    told.push_back(Input::Paste(text));
}

#[cfg(test)]
mod tests;
