//! How often somebody may ask: exact to the request in any sliding minute, with no double
//! burst at its edge. Counts in memory; a refusal costs no database.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
    time::{Duration, Instant},
};

/// The window.
const WINDOW: Duration = Duration::from_mins(1);
/// How many askers are remembered before the idle ones are forgotten.
const MOST: usize = 10_000;

/// Where an asker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many are allowed in the window; 0 means no limit.
    pub limit: u32,
    /// How many are left.
    pub remaining: u32,
    /// Seconds until one more is free, or until all are.
    pub reset: u64,
    /// Whether this one was allowed.
    pub allowed: bool,
}

/// Askers and when they asked.
pub struct Limits {
    limit: u32,
    asked: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Limits {
    /// Allows each asker so many requests in any minute; 0 means no limit.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            asked: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a request and says where its asker stands.
    pub fn ask(&self, who: &str, now: Instant) -> Standing {
        self.stand(who, now, true)
    }

    /// Says where an asker stands without counting.
    pub fn look(&self, who: &str, now: Instant) -> Standing {
        self.stand(who, now, false)
    }

    fn stand(&self, who: &str, now: Instant, count: bool) -> Standing {
        if self.limit == 0 {
            return Standing {
                limit: 0,
                remaining: u32::MAX,
                reset: 0,
                allowed: true,
            };
        }
        let mut asked = self
            .asked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if asked.len() >= MOST && !asked.contains_key(who) {
            asked.retain(|_, times| {
                times
                    .back()
                    .is_some_and(|last| now.duration_since(*last) < WINDOW)
            });
        }
        if !asked.contains_key(who) {
            asked.insert(who.to_owned(), VecDeque::new());
        }
        let Some(times) = asked.get_mut(who) else {
            return Standing {
                limit: self.limit,
                remaining: 0,
                reset: 1,
                allowed: false,
            };
        };
        while times
            .front()
            .is_some_and(|first| now.duration_since(*first) >= WINDOW)
        {
            times.pop_front();
        }
        let used = u32::try_from(times.len()).unwrap_or(u32::MAX);
        let allowed = used < self.limit;
        if allowed && count {
            times.push_back(now);
        }
        let wait = times.front().map_or(Duration::ZERO, |first| {
            WINDOW.saturating_sub(now.duration_since(*first))
        });
        let used = used.saturating_add(u32::from(allowed && count));
        Standing {
            limit: self.limit,
            remaining: self.limit.saturating_sub(used),
            reset: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
            allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_so_many_pass_in_any_minute() {
        let limits = Limits::new(100);
        let start = Instant::now();
        let passed = |at: f64, tries: u32| {
            let now = start + Duration::from_secs_f64(at);
            (0..tries)
                .filter(|_| limits.ask("robot", now).allowed)
                .count()
        };
        assert_eq!(passed(59.9, 110), 100);
        assert_eq!(
            passed(60.1, 110),
            0,
            "no second burst at the edge of the minute"
        );
        assert_eq!(passed(119.8, 1), 0);
        assert_eq!(passed(119.9, 110), 100);
    }

    #[test]
    fn one_asker_does_not_use_up_anothers() {
        let limits = Limits::new(1);
        let now = Instant::now();
        assert!(limits.ask("a", now).allowed);
        assert!(limits.ask("b", now).allowed);
        let refused = limits.ask("a", now);
        assert_eq!(
            (refused.allowed, refused.remaining, refused.reset),
            (false, 0, 60)
        );
    }
}
