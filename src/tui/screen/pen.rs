//! Writes text, colours and the way of the cursor in as few bytes as every terminal
//! understands. Knows nothing of what is on the screen.

use ratatui::{buffer::Cell, style::Modifier};

use super::dot::{Dot, Look, OWN, PALETTE, TRUE};

/// The attributes with the numbers that switch them on and off.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// Where the terminal's cursor is, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    y: u16,
    x: Option<u16>,
}

/// Bytes for a terminal, with what its cursor and colours are after them.
#[derive(Debug)]
pub struct Pen {
    /// The bytes.
    pub out: Vec<u8>,
    look: Look,
    at: Option<At>,
}

impl Pen {
    /// Nothing written yet.
    pub const fn new() -> Self {
        Self {
            out: Vec::new(),
            look: Look::PLAIN,
            at: None,
        }
    }

    /// Begins again with `head`, after which the colours are plain and the cursor is anywhere.
    pub fn begin(&mut self, head: &[u8]) {
        self.out.clear();
        self.out.extend_from_slice(head);
        self.look = Look::PLAIN;
        self.at = None;
    }

    /// Writes something that leaves the cursor anywhere and the colours as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.at = None;
    }

    /// Writes a control sequence with its numbers; moves no cursor that anybody remembers.
    pub fn sequence(&mut self, numbers: &[u16], last: u8) {
        self.out.extend_from_slice(b"\x1b[");
        for (at, number) in numbers.iter().enumerate() {
            if at > 0 {
                self.out.push(b';');
            }
            push_number(&mut self.out, *number);
        }
        self.out.push(last);
    }

    /// Draws what a cell shows where the cursor is.
    pub fn draw(&mut self, dot: Dot, cell: &Cell) {
        if !self.draws(dot) {
            self.take(dot.look);
        }
        if !dot.is_agreed() && dot.width > 1 {
            // A terminal that takes it for narrower would leave standing what was there.
            self.out.extend((0..dot.width).map(|_| b' '));
            self.sequence(&[u16::from(dot.width)], b'D');
        }
        dot.write(cell, &mut self.out);
        if let Some(at) = &mut self.at {
            let agreed = at.x.filter(|_| dot.is_agreed());
            at.x = agreed.map(|x| x + u16::from(dot.width));
        }
    }

    /// Whether the colours are right for a cell as they are.
    pub fn draws(&self, dot: Dot) -> bool {
        dot.look == self.look || dot.is_blank() && dot.look.is_blank_as(self.look)
    }

    /// Whether what is erased would look plain.
    pub fn erases_plain(&self) -> bool {
        Look::PLAIN.is_blank_as(self.look)
    }

    /// How many columns the cursor must go right to be at `(x, y)`, if it is on that row.
    pub fn gap(&self, x: u16, y: u16) -> Option<u16> {
        let at = self.at.filter(|at| at.y == y)?;
        x.checked_sub(at.x?)
    }

    /// Goes to a cell.
    pub fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at.y == y => self.go_along(at.x, x),
            Some(at) if at.y < y && y - at.y <= 3 => self.go_down(at, x, y),
            _ => self.place(x, y),
        }
        self.at = Some(At { y, x: Some(x) });
    }

    fn go_along(&mut self, from: Option<u16>, x: u16) {
        match from {
            Some(from) if from == x => {}
            _ if x == 0 => self.out.push(b'\r'),
            Some(from) if from < x => {
                let columns = x - from;
                let numbers = [columns];
                self.sequence(if columns == 1 { &[] } else { &numbers }, b'C');
            }
            _ => self.sequence(&[x + 1], b'G'),
        }
    }

    /// A few rows down, from where a line feed is shorter than naming the place.
    fn go_down(&mut self, at: At, x: u16, y: u16) {
        if x != 0 && at.x.is_none_or(|from| from != x) {
            return self.place(x, y);
        }
        if x == 0 && at.x != Some(0) {
            self.out.push(b'\r');
        }
        self.out.extend((at.y..y).map(|_| b'\n'));
    }

    fn place(&mut self, x: u16, y: u16) {
        match (x, y) {
            (0, 0) => self.sequence(&[], b'H'),
            (0, y) => self.sequence(&[y + 1], b'H'),
            (x, y) => self.sequence(&[y + 1, x + 1], b'H'),
        }
    }

    /// Takes the look of a cell, with only what differs.
    pub fn take(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        let start = self.out.len();
        if look != Look::PLAIN {
            self.change(self.look, look);
        }
        let changed = self.out.len() - start;
        // From nothing is sometimes shorter than from here.
        self.out.extend_from_slice(b"\x1b[");
        self.attributes(Look::PLAIN, look, true);
        self.out.push(b'm');
        let anew = self.out.len() - start - changed;
        if changed == 0 || anew < changed {
            self.out.drain(start..start + changed);
        } else {
            self.out.truncate(start + changed);
        }
        self.look = look;
    }

    fn change(&mut self, from: Look, to: Look) {
        self.out.extend_from_slice(b"\x1b[");
        self.attributes(from, to, false);
        self.out.push(b'm');
    }

    fn attributes(&mut self, from: Look, to: Look, anew: bool) {
        let out = &mut self.out;
        let mut first = true;
        let mut part = |out: &mut Vec<u8>, number: u8| {
            if !std::mem::take(&mut first) {
                out.push(b';');
            }
            push_number(out, u16::from(number));
        };
        let mut had = from.modifier();
        if anew && to != Look::PLAIN {
            part(out, 0);
        }
        let gone = had - to.modifier();
        for (attribute, _, off) in ATTRIBUTES {
            if !gone.intersects(attribute) || !had.intersects(attribute) {
                continue;
            }
            part(out, off);
            // One number switches two of them off.
            for (other, _, same) in ATTRIBUTES {
                if same == off {
                    had.remove(other);
                }
            }
        }
        for (attribute, on, _) in ATTRIBUTES {
            if (to.modifier() - had).contains(attribute) {
                part(out, on);
            }
        }
        for (was, is, base) in [(from.fg(), to.fg(), 30), (from.bg(), to.bg(), 40)] {
            if was != is {
                colour(is, base, |number| part(out, number));
            }
        }
    }
}

/// Names a colour: `base` is 30 for what is written and 40 for what is behind it.
fn colour(colour: u32, base: u8, mut part: impl FnMut(u8)) {
    let [_, r, g, b] = colour.to_be_bytes();
    match (colour, b) {
        (OWN, _) => part(base + 9),
        (TRUE.., _) => [base + 8, 2, r, g, b].into_iter().for_each(part),
        (PALETTE.., 0..8) => part(base + b),
        (PALETTE.., 8..16) => part(base + 60 + b - 8),
        _ => [base + 8, 5, b].into_iter().for_each(part),
    }
}

fn push_number(out: &mut Vec<u8>, number: u16) {
    let digit = |n: u16| b'0' + u8::try_from(n % 10).unwrap_or(0);
    let mut begun = false;
    for step in [10_000, 1_000, 100, 10] {
        begun |= number >= step;
        if begun {
            out.push(digit(number / step));
        }
    }
    out.push(digit(number));
}
