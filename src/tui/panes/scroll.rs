//! How far a detail has been scrolled, and what that leaves below. Refuses to go beyond the last
//! line in what it shows, and to forget how far a person went when there is less for a moment.

use std::cell::Cell;

use crate::tui::{command::Action, paint::Canvas, theme::Role};

/// How far a detail has been scrolled.
#[derive(Debug, Default)]
pub struct Scroll {
    offset: usize,
    height: Cell<usize>,
}

impl Scroll {
    /// Does what a key of every detail does; false when it is not one of those.
    pub fn act(&mut self, action: Action) -> bool {
        let page = self.height.get().max(2) - 1;
        self.offset = match action {
            Action::Down => self.offset.saturating_add(1),
            Action::Up => self.offset.saturating_sub(1),
            Action::PageDown => self.offset.saturating_add(page),
            Action::PageUp => self.offset.saturating_sub(page),
            Action::Top => 0,
            _ => return false,
        };
        true
    }

    /// Goes back to the first line.
    pub fn home(&mut self) {
        self.offset = 0;
    }

    /// Says how many lines can be seen at once.
    pub fn fit(&self, height: usize) {
        self.height.set(height);
    }

    /// The first of so many lines that is seen.
    #[must_use]
    pub fn first(&self, lines: usize) -> usize {
        self.offset.min(lines.saturating_sub(self.height.get()))
    }

    /// Says at the foot of a frame how many of so many lines are below it.
    pub fn tell(&self, canvas: &mut Canvas<'_>, lines: usize) {
        let below = lines.saturating_sub(self.first(lines) + self.height.get());
        if below > 0 {
            let (x, y) = (
                canvas.width().saturating_sub(2),
                canvas.height().saturating_sub(1),
            );
            canvas.right(x, y, clean!(" {below} more "), Role::Muted);
        }
    }
}
