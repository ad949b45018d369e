//! One thing at a time from the bytes of a terminal: a character, a key, the mouse, the edge
//! of a paste. Knows no time; what nobody asked for is passed over whole, so that no part of
//! it becomes a letter.

use super::{
    MouseKind,
    key::{Code, Key},
};

/// What begins here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A key.
    Key(Key),
    /// The mouse, at a column and a row.
    Mouse(MouseKind, u16, u16),
    /// What follows was pasted.
    PasteBegins,
    /// Nothing that concerns us.
    Nothing,
}

/// No sequence that we know is longer.
const LONGEST: usize = 64;
/// No answer of a terminal that we pass over is longer.
const LONGEST_TEXT: usize = 4096;

/// What begins the bytes and how many of them it takes; none if they are not enough to tell.
pub fn parse(bytes: &[u8]) -> Option<(usize, Token)> {
    match bytes {
        [] => None,
        [0x1b, rest @ ..] => escape(rest).map(|(taken, token)| (taken + 1, token)),
        [byte, ..] if *byte < 0x20 || *byte == 0x7f => Some((1, Token::Key(control(*byte)))),
        _ => character(bytes),
    }
}

/// What is behind an escape.
fn escape(rest: &[u8]) -> Option<(usize, Token)> {
    match rest {
        [] | [b'[' | b'O' | b']' | b'P' | b'_' | b'^' | b'X'] => None,
        [0x1b, ..] => Some((0, Token::Key(Key::new(Code::Esc)))),
        [b'[', rest @ ..] => control_sequence(rest).map(|(taken, token)| (taken + 1, token)),
        [b'O', last, ..] => Some((2, single_shift(*last))),
        [b']' | b'P' | b'_' | b'^' | b'X', ..] => text(rest),
        _ => {
            let (taken, token) = parse(rest)?;
            let held = |key: Key| Token::Key(Key { alt: true, ..key });
            let token = if let Token::Key(key) = token {
                held(key)
            } else {
                token
            };
            Some((taken, token))
        }
    }
}

/// An answer of the terminal that nobody asked for, up to its end.
fn text(rest: &[u8]) -> Option<(usize, Token)> {
    let end = rest.iter().enumerate().find_map(|(at, byte)| match byte {
        0x07 => Some(at + 1),
        0x1b => match rest.get(at + 1) {
            Some(b'\\') => Some(at + 2),
            Some(_) => Some(at),
            None => None,
        },
        _ => None,
    });
    let end = end.or_else(|| (rest.len() > LONGEST_TEXT).then_some(rest.len()));
    end.map(|end| (end, Token::Nothing))
}

fn single_shift(last: u8) -> Token {
    let code = match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        b'M' => Code::Enter,
        b'P'..=b'S' => Code::F(last - b'P' + 1),
        _ => return Token::Nothing,
    };
    Token::Key(Key::new(code))
}

/// What is behind `ESC [`.
fn control_sequence(rest: &[u8]) -> Option<(usize, Token)> {
    match rest {
        // The first function keys of the Linux console.
        [b'[', last, ..] => {
            let code = last.checked_sub(b'A').filter(|at| *at < 5);
            let key = code.map(|at| Token::Key(Key::new(Code::F(at + 1))));
            return Some((2, key.unwrap_or(Token::Nothing)));
        }
        // The mouse as it was said before there was a better way: three bytes more.
        [b'M', ..] => return (rest.len() >= 4).then_some((4, Token::Nothing)),
        _ => {}
    }
    let end = rest.iter().position(|byte| !(0x20..0x40).contains(byte));
    let Some(at) = end else {
        return (rest.len() > LONGEST).then_some((rest.len(), Token::Nothing));
    };
    let last = rest[at];
    if !(0x40..0x7f).contains(&last) {
        return Some((at, Token::Nothing)); // cut off by something else
    }
    Some((at + 1, meaning(&rest[..at], last)))
}

fn meaning(parameters: &[u8], last: u8) -> Token {
    if let Some(mouse) = parameters.strip_prefix(b"<") {
        return mouse_event(mouse, last);
    }
    let Some([first, second, third]) = numbers(parameters) else {
        return Token::Nothing;
    };
    let code = match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        b'Z' => Code::BackTab,
        b'P' | b'Q' | b'S' => Code::F(last - b'P' + 1),
        // Without a modifier it would be the place of the cursor.
        b'R' if first.0 == 1 && second.0 > 1 => Code::F(3),
        b'u' => match character_key(first.0) {
            Some(code) => code,
            None => return Token::Nothing,
        },
        b'~' => match first.0 {
            200 => return Token::PasteBegins,
            27 => match character_key(third.0) {
                Some(code) => code,
                None => return Token::Nothing,
            },
            number => match numbered(number) {
                Some(code) => code,
                None => return Token::Nothing,
            },
        },
        _ => return Token::Nothing,
    };
    let (held, event) = second;
    if event == 3 {
        return Token::Nothing; // let go
    }
    let held = held.saturating_sub(1);
    let (shift, alt, ctrl) = (held & 1 > 0, held & 2 > 0, held & 4 > 0);
    Token::Key(Key::with(code, ctrl, alt, shift))
}

/// The first three numbers, each with its first part behind a colon.
fn numbers(parameters: &[u8]) -> Option<[(u32, u32); 3]> {
    let mut found = [(0, 0); 3];
    let text = str::from_utf8(parameters).ok()?;
    for (number, part) in found.iter_mut().zip(text.split(';')) {
        let mut parts = part.split(':').map(|part| match part {
            "" => Some(0),
            digits => digits.parse::<u32>().ok(),
        });
        *number = (parts.next()??, parts.next().unwrap_or(Some(0))?);
    }
    Some(found)
}

/// A key that is told by its character.
fn character_key(number: u32) -> Option<Code> {
    Some(match number {
        8 | 127 => Code::Backspace,
        9 => Code::Tab,
        13 => Code::Enter,
        27 => Code::Esc,
        // Private ones stand for keys that type nothing.
        0xe000..=0xf8ff => return None,
        number => Code::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    })
}

/// A key that is told by a number before `~`.
fn numbered(number: u32) -> Option<Code> {
    let f = |number: u32| u8::try_from(number).map(Code::F).ok();
    match number {
        1 | 7 => Some(Code::Home),
        2 => Some(Code::Insert),
        3 => Some(Code::Delete),
        4 | 8 => Some(Code::End),
        5 => Some(Code::PageUp),
        6 => Some(Code::PageDown),
        11..=15 => f(number - 10),
        17..=21 => f(number - 11),
        23..=26 => f(number - 12),
        28 | 29 => f(number - 13),
        31..=34 => f(number - 14),
        _ => None,
    }
}

/// What is behind `ESC [ <`.
fn mouse_event(parameters: &[u8], last: u8) -> Token {
    let Some([(button, _), (x, _), (y, _)]) = numbers(parameters) else {
        return Token::Nothing;
    };
    let kind = match (button & !0b1_1100, last) {
        (0, b'M') => MouseKind::Down,
        (0, b'm') => MouseKind::Up,
        (32, b'M') => MouseKind::Drag,
        (64, b'M') => MouseKind::ScrollUp,
        (65, b'M') => MouseKind::ScrollDown,
        _ => return Token::Nothing, // another button
    };
    let from_zero = |number: u32| u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
    Token::Mouse(kind, from_zero(x), from_zero(y))
}

fn control(byte: u8) -> Key {
    let ctrl = |c: u8| Key::with(Code::Char(char::from(c)), true, false, false);
    match byte {
        b'\r' => Key::new(Code::Enter),
        b'\t' => Key::new(Code::Tab),
        8 | 0x7f => Key::new(Code::Backspace),
        0 => ctrl(b' '),
        1..=26 => ctrl(byte - 1 + b'a'),
        _ => ctrl(byte - 0x1c + b'\\'),
    }
}

fn character(bytes: &[u8]) -> Option<(usize, Token)> {
    let most = bytes.len().min(4);
    let text = match str::from_utf8(&bytes[..most]) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) => return error.error_len().map(|wrong| (wrong, Token::Nothing)),
    };
    let c = text.chars().next()?;
    let token = if c.is_control() {
        Token::Nothing
    } else {
        Token::Key(Key::char(c))
    };
    Some((c.len_utf8(), token))
}
