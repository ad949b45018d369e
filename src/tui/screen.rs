//! The screen: two buffers, and the bytes that make the terminal show the second instead of
//! the first. Writes nothing that has not changed and nothing that a terminal would act on;
//! does no input or output itself.

mod dot;
mod pen;

use std::ops::Range;

use ratatui::{
    buffer::{Buffer, Cell},
    layout::{Position, Rect},
};

use dot::{Dot, Look, only_ascii, pack};
use pen::Pen;

/// Asks the terminal to show nothing until the frame is whole.
const HOLD: &[u8] = b"\x1b[?2026h";
/// Lets it show the frame.
const SHOW: &[u8] = b"\x1b[?2026l";
/// Smaller frames arrive in one piece anyway, and tmux redraws whole regions inside brackets.
const BRACKETED: usize = 1400;
/// Makes everything plain and blank, whatever was there.
const ANEW: &[u8] = b"\x1b[m\x1b[r\x1b[H\x1b[2J";
/// Blank cells that are cheaper to erase than to write.
const WORTH_ERASING: usize = 9;

/// Rows `top..bottom` of the whole screen moved up by `by` rows; down where it is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    /// The first row that moves.
    pub top: u16,
    /// The first row below that does not.
    pub bottom: u16,
    /// How far up.
    pub by: i32,
}

/// What the terminal shows, and what it shall show next.
#[derive(Debug)]
pub struct Screen {
    area: Rect,
    next: Buffer,
    /// What the terminal shows.
    shown: Vec<Dot>,
    /// What it shall show.
    wanted: Vec<Dot>,
    /// Whether the next buffer was handed out to be drawn into.
    drawn: bool,
    /// Whether the terminal shows what we think.
    known: bool,
    /// Whether the terminal shows ASCII alone.
    ascii: bool,
    cursor: Option<Position>,
    plain: Pen,
    scrolled: Pen,
}

impl Screen {
    /// A screen of a terminal that shows who knows what.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        let area = Rect::new(0, 0, width, height);
        Self {
            area,
            next: Buffer::empty(area),
            shown: Vec::new(),
            wanted: Vec::new(),
            drawn: false,
            known: false,
            ascii: false,
            cursor: None,
            plain: Pen::new(),
            scrolled: Pen::new(),
        }
    }

    /// For a terminal that shows ASCII alone: whatever else is drawn gets a stand-in.
    #[must_use]
    pub fn only_ascii(mut self, ascii: bool) -> Self {
        self.ascii = ascii;
        self
    }

    /// Takes another size; the next frame repaints everything.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.area = Rect::new(0, 0, width, height);
        self.next.resize(self.area);
        self.next.reset();
        self.forget();
    }

    /// Somebody else wrote to the terminal: the next frame repaints everything.
    pub fn forget(&mut self) {
        self.known = false;
    }

    /// A blank buffer to draw the next frame into.
    #[expect(
        clippy::should_implement_trait,
        reason = "a frame is no item of an iterator"
    )]
    pub fn next(&mut self) -> &mut Buffer {
        if self.drawn {
            self.next.reset();
        }
        self.drawn = true;
        &mut self.next
    }

    /// The bytes that show what was drawn, and the cursor where it shall be seen; none when
    /// nothing has changed. A scroll is a hint: it is taken where that is shorter.
    pub fn finish(&mut self, scroll: Option<Scroll>, cursor: Option<Position>) -> &[u8] {
        if self.next.area != self.area {
            self.next.resize(self.area);
        }
        let anew = !self.known;
        if anew {
            self.shown.clear();
            self.shown.resize(self.next.content.len(), Dot::BLANK);
        }
        pack(&self.next, self.area, &mut self.wanted);
        if self.ascii {
            only_ascii(&mut self.wanted);
        }
        let cursor = cursor.filter(|at| self.area.contains(*at));
        self.draw_plain(anew, cursor);
        let hint = scroll.and_then(|scroll| Shift::new(scroll, self.area.height));
        if let Some(shift) = hint.filter(|_| !anew && self.plain.out.len() > HOLD.len()) {
            self.draw_scrolled(&shift, cursor);
            if self.scrolled.out.len() < self.plain.out.len() {
                std::mem::swap(&mut self.scrolled, &mut self.plain);
            }
        }
        let was = if anew { None } else { self.cursor };
        end(&mut self.plain, was, cursor);
        self.cursor = cursor;
        self.known = true;
        self.drawn = false;
        std::mem::swap(&mut self.shown, &mut self.wanted);
        self.next.reset();
        let out = &mut self.plain.out;
        if out.len() > HOLD.len() + BRACKETED {
            out.extend_from_slice(SHOW);
            out
        } else {
            &out[HOLD.len()..]
        }
    }

    fn draw_plain(&mut self, anew: bool, cursor: Option<Position>) {
        let pen = &mut self.plain;
        begin(pen, self.cursor.is_some() || anew, cursor);
        if anew {
            pen.raw(ANEW);
        }
        for y in 0..self.area.height {
            let row = row(self.area, y);
            let old = Some(&self.shown[row.clone()]);
            let (new, cells) = (&self.wanted[row.clone()], &self.next.content[row]);
            Row { y, old, new, cells }.draw(pen);
        }
    }

    fn draw_scrolled(&mut self, shift: &Shift, cursor: Option<Position>) {
        let pen = &mut self.scrolled;
        begin(pen, self.cursor.is_some(), cursor);
        shift.write(pen);
        for y in 0..self.area.height {
            let from = shift.came_from(y);
            let old = from.map(|from| &self.shown[row(self.area, from)]);
            let row = row(self.area, y);
            let (new, cells) = (&self.wanted[row.clone()], &self.next.content[row]);
            Row { y, old, new, cells }.draw(pen);
        }
    }
}

/// Where a row is in a buffer.
fn row(area: Rect, y: u16) -> Range<usize> {
    let width = usize::from(area.width);
    let start = usize::from(y) * width;
    start..start + width
}

/// Begins a frame. Room is left for the bracket, which is only wanted around large ones.
fn begin(pen: &mut Pen, seen: bool, cursor: Option<Position>) {
    pen.begin(HOLD);
    if seen && cursor.is_none() {
        pen.raw(b"\x1b[?25l");
    }
}

/// Ends a frame: plain colours, and the cursor where it shall be.
fn end(pen: &mut Pen, was: Option<Position>, cursor: Option<Position>) {
    let changed = pen.out.len() > HOLD.len();
    pen.take(Look::PLAIN);
    if let Some(at) = cursor.filter(|_| changed || was != cursor) {
        pen.go(at.x, at.y);
        if was.is_none() {
            pen.raw(b"\x1b[?25h");
        }
    }
}

/// A scroll that can be done.
#[derive(Debug)]
struct Shift {
    top: u16,
    bottom: u16,
    by: u16,
    up: bool,
}

impl Shift {
    fn new(scroll: Scroll, height: u16) -> Option<Self> {
        let Scroll { top, bottom, by } = scroll;
        let rows = bottom.checked_sub(top)?;
        let up = by > 0;
        let by = u16::try_from(by.unsigned_abs()).ok()?;
        let fits = bottom <= height && by > 0 && by < rows;
        let shift = Self {
            top,
            bottom,
            by,
            up,
        };
        fits.then_some(shift)
    }

    /// Lets the terminal move its rows.
    fn write(&self, pen: &mut Pen) {
        pen.sequence(&[self.top + 1, self.bottom], b'r');
        if self.up {
            pen.go(0, self.bottom - 1);
            (0..self.by).for_each(|_| pen.raw(b"\n"));
        } else {
            pen.go(0, self.top);
            (0..self.by).for_each(|_| pen.raw(b"\x1bM"));
        }
        pen.raw(b"\x1b[r");
    }

    /// The row whose text stands in row `y` now; none where it is blank.
    fn came_from(&self, y: u16) -> Option<u16> {
        if !(self.top..self.bottom).contains(&y) {
            return Some(y);
        }
        let from = if self.up {
            y.checked_add(self.by)
        } else {
            y.checked_sub(self.by)
        };
        from.filter(|from| (self.top..self.bottom).contains(from))
    }
}

/// One row of a frame.
#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    y: u16,
    /// What the terminal shows there; blank where there is none.
    old: Option<&'a [Dot]>,
    new: &'a [Dot],
    /// What the new one was made of.
    cells: &'a [Cell],
}

impl Row<'_> {
    /// Draws what differs.
    fn draw(self, pen: &mut Pen) {
        let mut at = 0;
        while let Some(next) = self.next_change(at) {
            at = next;
            let dot = self.new[at];
            if dot == Dot::BLANK
                && let Some(end) = self.erase(pen, at)
            {
                at = end;
                continue;
            }
            self.go(pen, at);
            pen.draw(dot, &self.cells[at]);
            at += usize::from(dot.width);
        }
    }

    fn is_changed(self, at: usize) -> bool {
        self.new[at] != self.old.map_or(Dot::BLANK, |old| old[at])
    }

    /// The first column from `at` on that shows something else, and does not belong to one
    /// further left that is drawn with it.
    fn next_change(self, at: usize) -> Option<usize> {
        (at..self.new.len()).find(|at| self.is_changed(*at) && self.new[*at].width > 0)
    }

    /// Erases the blanks from `at` on, where that is shorter than to write them; says where
    /// they end.
    fn erase(self, pen: &mut Pen, at: usize) -> Option<usize> {
        let blanks = self.new[at..].iter().take_while(|dot| **dot == Dot::BLANK);
        let end = at + blanks.count();
        let last = (at..end).rev().find(|at| self.is_changed(*at))?;
        let count = last + 1 - at;
        let to_end = end == self.new.len();
        if count < if to_end { 4 } else { WORTH_ERASING } {
            return None;
        }
        pen.go(column(at), self.y);
        if !pen.erases_plain() {
            pen.take(Look::PLAIN);
        }
        if to_end {
            pen.sequence(&[], b'K');
        } else {
            pen.sequence(&[column(count)], b'X');
        }
        Some(end)
    }

    /// Goes to a column; over a few that stay as they are by writing them again.
    fn go(self, pen: &mut Pen, to: usize) {
        if let Some(gap @ 1..=3) = pen.gap(column(to), self.y) {
            let between = to - usize::from(gap)..to;
            let as_is = |dot: &Dot| dot.is_ascii() && pen.draws(*dot);
            if self.new[between.clone()].iter().all(as_is) {
                for at in between {
                    pen.draw(self.new[at], &self.cells[at]);
                }
                return;
            }
        }
        pen.go(column(to), self.y);
    }
}

/// A column as a terminal counts them.
fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
