//! When the next picture may be drawn: at once for somebody at the keys, seldom for what
//! changes by itself. Draws nothing and reads no clock.

use std::time::Duration;

use tokio::time::Instant as Tick;

/// The shortest time from one picture that a key wanted to the next: the later of two keys is
/// answered within a sixtieth of a second still.
const HURRIED: Duration = Duration::from_millis(10);
/// The shortest time between two pictures of what changes by itself.
const CALM: Duration = Duration::from_millis(33);

/// What there is to draw, and what was drawn when.
pub struct Frames {
    /// The last of all pictures, and the last that a key wanted.
    last: Tick,
    answered: Option<Tick>,
    dirty: bool,
    hurry: bool,
    slow: bool,
}

impl Frames {
    /// Nothing is to be drawn any more, as of now; seldom anything on a slow line.
    pub fn new(now: Tick, slow: bool) -> Self {
        Self {
            last: now,
            answered: None,
            dirty: false,
            hurry: false,
            slow,
        }
    }

    /// When to draw, if there is anything. What changed by itself holds up no key: only the
    /// picture of another key does.
    pub fn due(&self) -> Option<Tick> {
        let due = if self.hurry && !self.slow {
            self.answered.map_or(self.last, |at| at + HURRIED)
        } else {
            self.last + CALM
        };
        self.dirty.then_some(due)
    }

    /// Something may look otherwise.
    pub fn changed(&mut self) {
        self.dirty = true;
    }

    /// Somebody waits for it.
    pub fn hurry(&mut self) {
        self.dirty = true;
        self.hurry = true;
    }

    /// All that there was is drawn.
    pub fn drawn(&mut self, now: Tick) {
        self.last = now;
        if self.hurry {
            self.answered = Some(now);
        }
        self.dirty = false;
        self.hurry = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_key_waits_for_no_picture_of_what_changed_by_itself() {
        let start = Tick::now();
        let mut frames = Frames::new(start, false);
        assert_eq!(frames.due(), None);
        frames.changed();
        assert_eq!(frames.due(), Some(start + CALM));
        frames.drawn(start + CALM);
        frames.changed();
        frames.hurry();
        let pressed = start + CALM + MS;
        assert!(frames.due() <= Some(pressed));
        frames.drawn(pressed);
        // What it leads to is no hurry.
        frames.changed();
        assert_eq!(frames.due(), Some(pressed + CALM));
    }

    #[test]
    fn keys_that_come_in_a_flood_share_pictures() {
        let start = Tick::now();
        let mut frames = Frames::new(start, false);
        let mut drawn = 0;
        for ms in 0..1000 {
            let now = start + MS * ms;
            frames.hurry();
            if frames.due() <= Some(now) {
                frames.drawn(now);
                drawn += 1;
            }
        }
        assert_eq!(drawn, 100);
    }

    #[test]
    fn a_slow_line_is_sent_as_few_for_keys_as_for_anything() {
        let start = Tick::now();
        let mut frames = Frames::new(start, true);
        frames.hurry();
        assert_eq!(frames.due(), Some(start + CALM));
        frames.drawn(start + CALM);
        frames.hurry();
        assert_eq!(frames.due(), Some(start + CALM + CALM));
    }
}
