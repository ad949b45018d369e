//! A piece of the screen to draw on: takes [`Clean`] text and named roles, never strings or
//! colours. What lies outside of it is not drawn, so nothing here can fail or panic.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::{
    clean::Clean,
    command::Action,
    keymap::Keymap,
    screen::Scroll,
    theme::{Glyphs, Role, Theme},
};
use crate::domain::when::Instant;

/// What drawing may know besides what it draws.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// What time it is.
    pub now: Instant,
    /// The signs to draw with.
    pub glyphs: &'a Glyphs,
    /// Which key does what.
    pub keymap: &'a Keymap,
}

/// What the mouse may find under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Something that a key does too.
    Do(Action),
    /// A pane's tab.
    Tab(u8),
    /// The row of a list, by its place among the rows that are shown.
    Row(usize),
    /// The box beside a row.
    Tick(usize),
    /// The heading of a column.
    Heading(usize),
    /// A cell of a calendar, by its column and its row.
    Cell(u16, u16),
    /// The body of the list or of the detail beside it.
    Panel(u8),
}

/// What drawing finds out besides the picture.
#[derive(Debug, Default)]
pub struct Notes {
    /// What the mouse may find, later ones on top.
    pub spots: Vec<(Rect, Spot)>,
    /// What moved on the screen since the last frame.
    pub scroll: Option<Scroll>,
    /// Where a text is being typed.
    pub cursor: Option<Position>,
}

impl Notes {
    /// What is under the mouse.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<Spot> {
        let here = |(area, _): &&(Rect, Spot)| area.contains(Position::new(x, y));
        self.spots.iter().rev().find(here).map(|(_, spot)| *spot)
    }
}

/// A piece of the screen.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    notes: &'a mut Notes,
    theme: &'a Theme,
    area: Rect,
}

impl<'a> Canvas<'a> {
    /// The whole of a buffer.
    pub fn new(buffer: &'a mut Buffer, notes: &'a mut Notes, theme: &'a Theme) -> Self {
        let area = buffer.area;
        Self {
            buffer,
            notes,
            theme,
            area,
        }
    }

    /// A piece of this piece; `area` is counted from its corner and cut to it.
    pub fn sub(&mut self, area: Rect) -> Canvas<'_> {
        let moved = Rect {
            x: self.area.x.saturating_add(area.x),
            y: self.area.y.saturating_add(area.y),
            ..area
        };
        Canvas {
            area: moved.intersection(self.area),
            buffer: self.buffer,
            notes: self.notes,
            theme: self.theme,
        }
    }

    /// What was found out so far.
    pub fn notes(&mut self) -> &mut Notes {
        self.notes
    }

    /// Where it lies on the screen.
    #[must_use]
    pub fn area(&self) -> Rect {
        self.area
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// The signs to draw with.
    #[must_use]
    pub fn glyphs(&self) -> &'a Glyphs {
        &self.theme.glyphs
    }

    /// How a role looks.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Writes a text and says in which column it ends.
    pub fn text(&mut self, x: u16, y: u16, text: impl Into<Clean>, role: Role) -> u16 {
        let style = self.style(role);
        self.styled(x, y, &text.into(), style, self.area.width)
    }

    /// Writes at most so many columns of a text, with a mark where it was cut.
    pub fn cut(&mut self, x: u16, y: u16, text: &Clean, role: Role, columns: u16) -> u16 {
        let style = self.style(role);
        self.styled(x, y, text, style, x.saturating_add(columns))
    }

    /// Writes at most so many columns of a name, with a mark in the middle where it was cut.
    pub fn squeeze(&mut self, x: u16, y: u16, name: &Clean, role: Role, columns: u16) -> u16 {
        let mark = if self.theme.is_ascii() { '~' } else { '…' };
        let columns = columns.min(self.area.width.saturating_sub(x));
        self.cut(x, y, &name.squeeze(columns, mark), role, columns)
    }

    /// Writes a text that ends before a column.
    pub fn right(&mut self, end: u16, y: u16, text: impl Into<Clean>, role: Role) -> u16 {
        let text = text.into();
        let from = end.saturating_sub(text.width());
        self.text(from, y, text, role);
        from
    }

    /// Writes pieces one behind the other.
    pub fn line(&mut self, x: u16, y: u16, pieces: &[(Clean, Role)]) -> u16 {
        pieces
            .iter()
            .fold(x, |x, (text, role)| self.text(x, y, text.clone(), *role))
    }

    fn styled(&mut self, x: u16, y: u16, text: &Clean, style: Style, end: u16) -> u16 {
        let end = end.min(self.area.width);
        if y >= self.area.height || x >= end {
            return x;
        }
        let room = end - x;
        let row = self.area.y + y;
        let mut column = self.area.x + x;
        if text.as_str().is_ascii() {
            let whole = text.as_str().len() <= usize::from(room);
            let fits = usize::from(if whole { room } else { room - 1 });
            for letter in text.as_str().chars().take(fits) {
                let cell = &mut self.buffer[(column, row)];
                cell.set_char(letter).set_style(style);
                column += 1;
            }
            if !whole {
                let mark = if self.theme.is_ascii() { '~' } else { '…' };
                self.buffer[(column, row)].set_char(mark).set_style(style);
                column += 1;
            }
            return column - self.area.x;
        }
        let short = text.cut(room);
        for grapheme in short.as_str().graphemes(true) {
            let wide = u16::try_from(grapheme.width()).unwrap_or(0);
            if wide == 0 {
                continue;
            }
            self.buffer[(column, row)]
                .set_symbol(grapheme)
                .set_style(style);
            for behind in column + 1..column + wide {
                self.buffer[(behind, row)].set_symbol("").set_style(style);
            }
            column += wide;
        }
        column - self.area.x
    }

    /// Puts a role's style under a piece of it.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        let inner = self.sub(area);
        let area = inner.area;
        self.buffer.set_style(area, style);
    }

    /// Empties it.
    pub fn clear(&mut self) {
        for y in self.area.top()..self.area.bottom() {
            for x in self.area.left()..self.area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// Draws a frame with a title around it, and gives what is inside.
    pub fn frame(&mut self, title: &[(Clean, Role)], focused: bool) -> Canvas<'_> {
        let (width, height) = (self.width(), self.height());
        let role = if focused { Role::Focus } else { Role::Border };
        let style = self.style(role);
        if width >= 2 && height >= 2 {
            let [tl, tr, bl, br, across, down] = self.glyphs().frame;
            for x in 1..width - 1 {
                self.put(x, 0, across, style);
                self.put(x, height - 1, across, style);
            }
            for y in 1..height - 1 {
                self.put(0, y, down, style);
                self.put(width - 1, y, down, style);
            }
            for (x, y, corner) in [
                (0, 0, tl),
                (width - 1, 0, tr),
                (0, height - 1, bl),
                (width - 1, height - 1, br),
            ] {
                self.put(x, y, corner, style);
            }
            if width > 4 && !title.is_empty() {
                let mut line = self.sub(Rect::new(1, 0, width - 2, 1));
                let end = line.text(0, 0, " ", role);
                let end = line.line(end, 0, title);
                line.text(end, 0, " ", role);
            }
        }
        self.sub(Rect::new(
            1,
            1,
            width.saturating_sub(2),
            height.saturating_sub(2),
        ))
    }

    fn put(&mut self, x: u16, y: u16, symbol: &'static str, style: Style) {
        self.buffer[(self.area.x + x, self.area.y + y)]
            .set_symbol(symbol)
            .set_style(style);
    }

    /// Draws a bar; whatever the share is, it is between nothing and all.
    pub fn bar(&mut self, x: u16, y: u16, columns: u16, share: f64, role: Role) {
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let [full, empty] = self.glyphs().bar;
        let filled = (f64::from(columns) * share).round();
        let (on, off) = (self.style(role), self.style(Role::Border));
        for at in 0..columns {
            if x + at >= self.width() || y >= self.height() {
                return;
            }
            if f64::from(at) < filled {
                self.put(x + at, y, full, on);
            } else {
                self.put(x + at, y, empty, off);
            }
        }
    }

    /// Says what the mouse finds in a piece of it.
    pub fn spot(&mut self, area: Rect, spot: Spot) {
        let area = self.sub(area).area;
        if !area.is_empty() {
            self.notes.spots.push((area, spot));
        }
    }

    /// Says that what stood in these rows of it has moved up by so many rows.
    pub fn scrolled(&mut self, top: u16, bottom: u16, by: i32) {
        self.notes.scroll = Some(Scroll {
            top: self.area.y + top,
            bottom: (self.area.y + bottom).min(self.area.bottom()),
            by,
        });
    }

    /// Puts the cursor of a text field.
    pub fn cursor(&mut self, x: u16, y: u16) {
        if x < self.width() && y < self.height() {
            self.notes.cursor = Some(Position::new(self.area.x + x, self.area.y + y));
        }
    }
}
