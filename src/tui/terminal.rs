//! stub
use super::theme::Depth;
use crossterm::{cursor, event, execute, terminal};
use std::io::{self, Write as _};
pub struct Terminal {
    out: io::Stdout,
    left: bool,
}
impl Terminal {
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let mut out = io::stdout();
        terminal::enable_raw_mode()?;
        execute!(
            out,
            terminal::EnterAlternateScreen,
            cursor::Hide,
            event::EnableBracketedPaste
        )?;
        if mouse {
            execute!(out, event::EnableMouseCapture)?;
        }
        Ok(Self { out, left: false })
    }
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()
    }
    pub fn pause(&mut self) {
        self.leave();
    }
    pub fn resume(&mut self) -> io::Result<()> {
        *self = Self::enter(true)?;
        Ok(())
    }
    pub fn leave(&mut self) {
        if !self.left {
            self.left = true;
            let _ = execute!(
                self.out,
                event::DisableMouseCapture,
                event::DisableBracketedPaste,
                cursor::Show,
                terminal::LeaveAlternateScreen
            );
            let _ = terminal::disable_raw_mode();
        }
    }
    pub fn size(&self) -> (u16, u16) {
        terminal::size().unwrap_or((80, 24))
    }
}
impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave()
    }
}
pub fn check() -> Result<(), String> {
    Ok(())
}
pub fn depth(_: impl Fn(&str) -> Option<String>) -> Depth {
    Depth::True
}
pub fn is_ascii(_: impl Fn(&str) -> Option<String>) -> bool {
    false
}
pub fn is_slow(_: impl Fn(&str) -> Option<String>) -> bool {
    false
}
