//! stub
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier},
};
use std::fmt::Write as _;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    pub top: u16,
    pub bottom: u16,
    pub by: i32,
}
pub struct Screen {
    old: Buffer,
    new: Buffer,
    out: String,
    all: bool,
}
impl Screen {
    pub fn new(w: u16, h: u16) -> Self {
        let r = Rect::new(0, 0, w, h);
        Self {
            old: Buffer::empty(r),
            new: Buffer::empty(r),
            out: String::new(),
            all: true,
        }
    }
    pub fn resize(&mut self, w: u16, h: u16) {
        *self = Self::new(w, h);
    }
    pub fn forget(&mut self) {
        self.all = true;
    }
    pub fn next(&mut self) -> &mut Buffer {
        self.new.reset();
        &mut self.new
    }
    pub fn finish(&mut self, _: Option<Scroll>, cursor: Option<Position>) -> &[u8] {
        self.out.clear();
        if self.all {
            self.out.push_str("\x1b[0m\x1b[2J");
            self.old.reset();
            self.all = false;
        }
        let c = |c: Color, b: u8| match c {
            Color::Rgb(r, g, bl) => format!("{b}8;2;{r};{g};{bl}"),
            Color::Indexed(n) => format!("{b}8;5;{n}"),
            _ => format!("{b}9"),
        };
        for (x, y, cell) in self.old.diff(&self.new) {
            let _ = write!(
                self.out,
                "\x1b[{};{}H\x1b[0;{};{}",
                y + 1,
                x + 1,
                c(cell.fg, 3),
                c(cell.bg, 4)
            );
            if cell.modifier.contains(Modifier::BOLD) {
                self.out.push_str(";1");
            }
            if cell.modifier.contains(Modifier::UNDERLINED) {
                self.out.push_str(";4");
            }
            if cell.modifier.contains(Modifier::REVERSED) {
                self.out.push_str(";7");
            }
            self.out.push('m');
            self.out.push_str(cell.symbol());
        }
        match cursor {
            Some(p) => {
                let _ = write!(self.out, "\x1b[{};{}H\x1b[?25h", p.y + 1, p.x + 1);
            }
            None => self.out.push_str("\x1b[?25l"),
        }
        std::mem::swap(&mut self.old, &mut self.new);
        self.out.as_bytes()
    }
}
