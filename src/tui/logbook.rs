//! The last lines that the console itself has logged, kept to be looked at while it runs.
//! Takes what `tracing` is told and keeps it as inert text; writes no file, and forgets the
//! oldest line for every one too many.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::clean::Clean;
use crate::{domain::when::Instant, engine::clock::Clock};

/// How many lines are kept.
pub const MOST: usize = 1000;
/// The longest line that is kept, in bytes.
const LONGEST: usize = 2000;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// How much it matters.
    pub level: Level,
    /// Which part of the program says it.
    pub target: Clean,
    /// What it says, fields and all.
    pub text: Clean,
}

#[derive(Debug, Default)]
struct Book {
    lines: Mutex<VecDeque<Line>>,
    /// How many lines there ever were.
    count: AtomicU64,
}

/// The log of this console; every copy of it is the same one.
#[derive(Debug, Clone, Default)]
pub struct Logbook(Arc<Book>);

impl Logbook {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The end of it that `tracing` writes to.
    pub fn layer<C: Clock>(&self, clock: C) -> LogLayer<C> {
        LogLayer {
            book: self.clone(),
            clock,
        }
    }

    /// How many lines there ever were: changes with every line.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.count.load(Ordering::Acquire)
    }

    /// The lines that are kept, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }

    /// Writes a line down.
    pub fn write(&self, at: Instant, level: Level, target: &str, text: &str) {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = self.0.count.fetch_add(1, Ordering::AcqRel) + 1;
        if lines.len() >= MOST {
            lines.pop_front();
        }
        lines.push_back(Line {
            seq: i64::try_from(seq).unwrap_or(i64::MAX),
            at,
            level,
            target: Clean::new(target),
            text: Clean::new(text),
        });
    }
}

/// Hands what is logged to a [`Logbook`].
pub struct LogLayer<C> {
    book: Logbook,
    clock: C,
}

impl<S: Subscriber, C: Clock> Layer<S> for LogLayer<C> {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let meta = event.metadata();
        let text = words.joined();
        self.book
            .write(self.clock.now(), *meta.level(), meta.target(), &text);
    }
}

/// What an event says: its message first, then its fields.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Words {
    fn joined(self) -> String {
        let mut text = self.message;
        text.push_str(&self.fields);
        if text.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
            text.truncate(end.unwrap_or(0));
            text.push('…');
        }
        text
    }
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into a string cannot fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::engine::clock::SystemClock;

    #[test]
    fn what_is_logged_is_kept_inert_and_bounded() {
        let book = Logbook::new();
        let layer = book.layer(SystemClock::new(None));
        let log = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(log, || {
            tracing::warn!(
                tries = 3,
                name = "a\u{1b}[31m\nb",
                "it went {}",
                "wrong\u{202e}"
            );
            for n in 0..MOST {
                tracing::info!(n, "x");
            }
        });
        let lines = book.lines();
        assert_eq!((lines.len(), book.count()), (MOST, MOST as u64 + 1));
        assert_eq!((lines[0].seq, lines[0].text.as_str()), (2, "x n=0"));
        let book = Logbook::new();
        book.write(lines[0].at, Level::WARN, "t", &"y".repeat(10));
        assert_eq!(book.lines()[0].level, Level::WARN);
    }

    #[test]
    fn nothing_that_a_terminal_would_act_on_stays() {
        let book = Logbook::new();
        let layer = book.layer(SystemClock::new(None));
        let log = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(log, || {
            tracing::warn!(tries = 3, name = "a\u{1b}[31m", "went wrong\u{202e}");
            tracing::error!("{}", "é".repeat(LONGEST));
        });
        let lines = book.lines();
        let said = "went wrong\u{fffd} tries=3 name=a\u{fffd}[31m";
        assert_eq!(lines[0].text.as_str(), said);
        assert!(lines[1].text.as_str().len() <= LONGEST + 4);
    }
}
