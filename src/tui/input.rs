//! stub
use std::{fmt, str::FromStr};
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    Down,
    Up,
    Drag,
    ScrollUp,
    ScrollDown,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    Paste(String),
    Mouse { kind: MouseKind, x: u16, y: u16 },
    Resize(u16, u16),
    Gone,
}
impl FromStr for Key {
    type Err = &'static str;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let mut k = Key {
            code: Code::Esc,
            ctrl: false,
            alt: false,
            shift: false,
        };
        let mut rest = s;
        loop {
            if let Some(r) = rest.strip_prefix("ctrl-") {
                k.ctrl = true;
                rest = r
            } else if let Some(r) = rest.strip_prefix("alt-") {
                k.alt = true;
                rest = r
            } else if let Some(r) = rest.strip_prefix("shift-") {
                k.shift = true;
                rest = r
            } else {
                break;
            }
        }
        k.code = match rest {
            "enter" => Code::Enter,
            "esc" => Code::Esc,
            "tab" if k.shift => {
                k.shift = false;
                Code::BackTab
            }
            "tab" => Code::Tab,
            "backspace" => Code::Backspace,
            "delete" => Code::Delete,
            "insert" => Code::Insert,
            "left" => Code::Left,
            "right" => Code::Right,
            "up" => Code::Up,
            "down" => Code::Down,
            "home" => Code::Home,
            "end" => Code::End,
            "pgup" => Code::PageUp,
            "pgdn" => Code::PageDown,
            "space" => Code::Char(' '),
            _ => {
                let mut c = rest.chars();
                match (c.next(), c.next()) {
                    (Some(c), None) => Code::Char(c),
                    (Some('f'), _) => Code::F(rest[1..].parse().map_err(|_| "no key")?),
                    _ => return Err("no key"),
                }
            }
        };
        Ok(k)
    }
}
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?
        }
        match self.code {
            Code::Char(' ') => f.write_str("space"),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "f{n}"),
            Code::PageDown => f.write_str("pgdn"),
            Code::PageUp => f.write_str("pgup"),
            Code::BackTab => f.write_str("shift-tab"),
            other => f.write_str(&format!("{other:?}").to_lowercase()),
        }
    }
}
use crossterm::event::{Event, EventStream, KeyCode, KeyEventKind, KeyModifiers, MouseEventKind};
use futures_util::StreamExt as _;
pub struct Inputs(EventStream);
impl Inputs {
    pub fn new() -> Self {
        Self(EventStream::new())
    }
    pub async fn next(&mut self) -> Input {
        loop {
            match self.0.next().await {
                Some(Ok(Event::Key(k))) if k.kind != KeyEventKind::Release => {
                    let code = match k.code {
                        KeyCode::Char(c) => Code::Char(c),
                        KeyCode::Enter => Code::Enter,
                        KeyCode::Esc => Code::Esc,
                        KeyCode::Tab => Code::Tab,
                        KeyCode::BackTab => Code::BackTab,
                        KeyCode::Backspace => Code::Backspace,
                        KeyCode::Delete => Code::Delete,
                        KeyCode::Left => Code::Left,
                        KeyCode::Right => Code::Right,
                        KeyCode::Up => Code::Up,
                        KeyCode::Down => Code::Down,
                        KeyCode::Home => Code::Home,
                        KeyCode::End => Code::End,
                        KeyCode::PageUp => Code::PageUp,
                        KeyCode::PageDown => Code::PageDown,
                        KeyCode::F(n) => Code::F(n),
                        _ => continue,
                    };
                    return Input::Key(Key {
                        code,
                        ctrl: k.modifiers.contains(KeyModifiers::CONTROL),
                        alt: k.modifiers.contains(KeyModifiers::ALT),
                        shift: false,
                    });
                }
                Some(Ok(Event::Paste(t))) => return Input::Paste(t),
                Some(Ok(Event::Resize(w, h))) => return Input::Resize(w, h),
                Some(Ok(Event::Mouse(m))) => {
                    let kind = match m.kind {
                        MouseEventKind::Down(_) => MouseKind::Down,
                        MouseEventKind::ScrollDown => MouseKind::ScrollDown,
                        MouseEventKind::ScrollUp => MouseKind::ScrollUp,
                        _ => continue,
                    };
                    return Input::Mouse {
                        kind,
                        x: m.column,
                        y: m.row,
                    };
                }
                Some(Ok(_)) => {}
                _ => return Input::Gone,
            }
        }
    }
}
