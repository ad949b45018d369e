//! When something that an endpoint did not take is tried again: twelve times over three days,
//! never all at the same moment, and not before the endpoint says. Refuses to try again what
//! another try cannot change.

use std::time::Duration;

use crate::domain::webhook::schedule::{Came, Then};

/// How long to wait after each try that failed, in seconds: three days in all.
const WAITS: [u64; 11] = [
    5, 60, 300, 1_800, 7_200, 14_400, 28_800, 43_200, 50_400, 54_000, 57_600,
];
/// How far a wait may be from what stands above, in percent.
const JITTER: u64 = 20;
/// The longest that an endpoint may have us wait.
const LONGEST: Duration = Duration::from_hours(24);

/// Decides after a try; `tried` counts it, `asked` is how long the endpoint wants us to wait,
/// and `chance` tells this message from all others.
#[must_use]
pub fn after(came: Came, tried: u32, asked: Option<Duration>, chance: u64) -> Then {
    match came {
        Came::Status(200..=299) => return Then::Delivered,
        // Moved, gone, or not to be called: no other try changes that.
        Came::Status(300..=399 | 410) | Came::Refused => return Then::Dead,
        Came::Status(_) | Came::Nothing => {}
    }
    let at = usize::try_from(tried.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(wait) = WAITS.get(at) else {
        return Then::Dead;
    };
    // From 80 to 120 percent, in thousandths.
    let mixed = chance
        .rotate_left(tried % 64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        >> 32;
    let share = 1_000 - 10 * JITTER + mixed % (20 * JITTER + 1);
    let wait = Duration::from_millis(wait * share);
    let asked = asked.unwrap_or_default().min(LONGEST);
    Then::Again(wait.max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_endpoint_is_tried_twelve_times_over_three_days() {
        for chance in [0, 1, 7_777, u64::MAX] {
            let (mut waited, mut tried) = (Duration::ZERO, 0);
            loop {
                tried += 1;
                match after(Came::Nothing, tried, None, chance) {
                    Then::Again(wait) => {
                        let plain = WAITS[usize::try_from(tried).expect("small") - 1] * 1_000;
                        let wait_ms = u64::try_from(wait.as_millis()).expect("small");
                        assert!((plain * 8 / 10..=plain * 12 / 10).contains(&wait_ms));
                        waited += wait;
                    }
                    then => {
                        assert_eq!(then, Then::Dead);
                        break;
                    }
                }
            }
            assert_eq!(tried, 12);
            assert!(waited > Duration::from_hours(57) && waited < Duration::from_hours(87));
        }
        let plain: u64 = WAITS.iter().sum();
        assert!((257_000..262_000).contains(&plain), "three days: {plain}");
    }

    #[test]
    fn an_endpoint_is_not_tried_before_it_says_and_no_later_than_a_day() {
        let hour = Some(Duration::from_hours(1));
        assert_eq!(
            after(Came::Status(429), 1, hour, 3),
            Then::Again(Duration::from_hours(1))
        );
        let week = Some(Duration::from_hours(24 * 7));
        assert_eq!(
            after(Came::Status(503), 1, week, 3),
            Then::Again(Duration::from_hours(24))
        );
        for lost in [Came::Status(301), Came::Status(410), Came::Refused] {
            assert_eq!(after(lost, 1, hour, 3), Then::Dead);
        }
        assert_eq!(after(Came::Status(204), 1, None, 3), Then::Delivered);
    }

    #[test]
    fn messages_that_fail_together_are_not_tried_together() {
        let waits: std::collections::HashSet<Duration> = (0..200)
            .filter_map(
                |chance| match after(Came::Nothing, 3, None, chance * 31 + 5) {
                    Then::Again(wait) => Some(wait),
                    _ => None,
                },
            )
            .collect();
        assert!(waits.len() > 100, "{}", waits.len());
    }
}
