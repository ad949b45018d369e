//! The moment for which a cursor has to rest before what is under it is looked at: whoever holds
//! a key down asks for nothing on the way.

use chrono::TimeDelta;

use crate::domain::when::Instant;

/// How long the cursor rests before what is under it is looked at.
const REST: TimeDelta = TimeDelta::milliseconds(120);

/// Since when a cursor rests on something that was not looked at yet.
#[derive(Debug, Default)]
pub struct Rest(Option<Instant>);

impl Rest {
    /// The cursor came to something else; whether it had only just moved before.
    pub fn moved(&mut self, now: Instant) -> bool {
        let before = self.0.replace(now);
        before.is_some_and(|at| now - at < REST)
    }

    /// What is under the cursor is looked at already.
    pub fn stop(&mut self) {
        self.0 = None;
    }

    /// When it has rested long enough.
    pub fn due(&self) -> Option<Instant> {
        self.0.map(|at| at + REST)
    }

    /// Whether it has rested long enough; said once.
    pub fn is_over(&mut self, now: Instant) -> bool {
        let over = self.due().is_some_and(|at| at <= now);
        if over {
            self.stop();
        }
        over
    }
}
