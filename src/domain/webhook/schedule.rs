//! When something that could not be delivered is tried again: soon at first, then ever more
//! patiently, for about a day. Says also which answers are worth another try.

use std::time::Duration;

/// How long to wait after each try that failed, in seconds.
const WAITS: [u64; 12] = [
    1, 3, 10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200,
];

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// An answer with this status.
    Status(u16),
    /// No answer: not reached, too slow, broken off.
    Nothing,
    /// It is never to be called.
    Refused,
}

/// What follows from what came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It was delivered.
    Delivered,
    /// Try again after this.
    Again(Duration),
    /// Give it up.
    Dead,
}

/// Decides after a try; `tried` counts it.
#[must_use]
pub fn after(came: Came, tried: u32) -> Then {
    match came {
        Came::Status(200..=299) => return Then::Delivered,
        // Moved, gone, or not to be called: no other try changes that.
        Came::Status(300..=399 | 410) | Came::Refused => return Then::Dead,
        Came::Status(_) | Came::Nothing => {}
    }
    let at = usize::try_from(tried.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = WAITS.get(at).copied();
    wait.map_or(Then::Dead, |wait| Then::Again(Duration::from_secs(wait)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_receiver_is_tried_for_a_day_and_a_gone_one_once() {
        let mut waited = Duration::ZERO;
        let mut tried = 0;
        loop {
            tried += 1;
            match after(Came::Status(503), tried) {
                Then::Again(wait) => waited += wait,
                then => {
                    assert_eq!(then, Then::Dead);
                    break;
                }
            }
        }
        assert_eq!(tried, 13);
        assert!(waited > Duration::from_hours(22) && waited < Duration::from_hours(26));
        assert_eq!(after(Came::Status(204), 1), Then::Delivered);
        for lost in [Came::Status(302), Came::Status(410), Came::Refused] {
            assert_eq!(after(lost, 1), Then::Dead, "{lost:?}");
        }
        assert_eq!(after(Came::Nothing, 1), Then::Again(Duration::from_secs(1)));
    }
}
