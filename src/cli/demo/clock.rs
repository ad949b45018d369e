//! A clock that begins weeks ago, runs as fast as any other, is moved forward while history is
//! made, and ends up at the present. Never goes back.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::Duration;

use crate::{
    domain::when::Instant,
    engine::clock::{Clock, SystemClock},
};

/// A clock that catches up with another.
#[derive(Debug, Clone)]
pub struct CatchingUp {
    real: SystemClock,
    /// How many microseconds it is behind.
    behind: Arc<AtomicI64>,
}

impl CatchingUp {
    /// Begins so long before the other.
    pub fn behind(real: SystemClock, ago: Duration) -> Self {
        let behind = Arc::new(AtomicI64::new(micros(ago)));
        Self { real, behind }
    }

    /// Moves forward to so long ago; stays where it is further already.
    pub fn reach(&self, ago: Duration) {
        self.behind.fetch_min(micros(ago), Ordering::SeqCst);
    }
}

impl Clock for CatchingUp {
    fn now(&self) -> Instant {
        self.real.now() - Duration::microseconds(self.behind.load(Ordering::SeqCst))
    }
}

fn micros(ago: Duration) -> i64 {
    ago.num_microseconds().unwrap_or(0).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_catches_up_and_never_goes_back() {
        let real = SystemClock::new(None);
        let clock = CatchingUp::behind(real.clone(), Duration::days(30));
        let ago = |clock: &CatchingUp| (real.now() - clock.now()).num_hours();
        assert!((719..=720).contains(&ago(&clock)));
        clock.reach(Duration::days(2));
        clock.reach(Duration::days(9));
        assert!((47..=48).contains(&ago(&clock)));
        clock.reach(Duration::zero());
        let before = real.now();
        assert!(clock.now() >= before);
    }
}
