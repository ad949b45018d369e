//! What time it is: the one place that asks the machine. Everything else gets the time as
//! an argument.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time,
};

use crate::domain::when::{Instant, stored};

/// Says what time it is.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, in whole microseconds.
    fn now(&self) -> Instant;
}

/// The machine's clock, or a rehearsal of another day that runs on at the same pace.
#[derive(Debug, Clone, Default)]
pub struct SystemClock {
    start: Option<(Instant, time::Instant)>,
}

impl SystemClock {
    /// The machine's own time; with a start, that time and what has passed since.
    #[must_use]
    pub fn new(starts_at: Option<Instant>) -> Self {
        Self {
            start: starts_at.map(|at| (at, time::Instant::now())),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let now = match &self.start {
            None => chrono::Utc::now(),
            Some((at, since)) => *at + since.elapsed(),
        };
        stored(now)
    }
}

/// Another clock, and how far it was turned forward. Never goes back.
#[derive(Clone)]
pub struct Turnable {
    base: Arc<dyn Clock>,
    ahead: Arc<AtomicI64>,
}

impl Turnable {
    /// Shows what the other shows.
    #[must_use]
    pub fn new(base: Arc<dyn Clock>) -> Self {
        let ahead = Arc::default();
        Self { base, ahead }
    }

    /// Turns it so many microseconds before the other; stays where it is further already.
    pub fn reach(&self, ahead: i64) {
        self.ahead.fetch_max(ahead, Ordering::SeqCst);
    }
}

impl Clock for Turnable {
    fn now(&self) -> Instant {
        self.base.now() + chrono::Duration::microseconds(self.ahead.load(Ordering::SeqCst))
    }
}

/// A clock that stands still until it is moved; for tests and rehearsals.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands at this instant.
    #[must_use]
    pub fn at(instant: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(instant.timestamp_micros())))
    }

    /// Moves by so much, back or forth.
    pub fn advance(&self, by: chrono::Duration) {
        self.0
            .fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}
