//! How often somebody may ask: exact to the request in any sliding minute on one node, with no
//! double burst at its edge. Counts in memory, four bytes a request; a refusal costs no
//! database. What other nodes have let through counts as far as they have told of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The window, in milliseconds.
const WINDOW: u32 = 60_000;
/// How many askers are counted one by one.
const MOST: usize = 10_000;
/// Whom those count as who come when there is no room.
const EVERYBODY_ELSE: &str = "";
/// After how long the count of milliseconds begins anew.
const ANEW: u32 = u32::MAX / 2;

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

/// How many requests of somebody a node let through, and how long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Whose.
    pub who: String,
    /// How long ago, in milliseconds.
    pub age: u32,
    /// How many.
    pub n: u32,
}

/// Askers and when they asked.
pub struct Limits {
    limit: u32,
    book: Mutex<Book>,
}

struct Book {
    askers: HashMap<String, Asker>,
    /// When the milliseconds are counted from.
    from: Option<Instant>,
    /// When there was last made room.
    swept: u32,
}

#[derive(Default)]
struct Asker {
    /// When this node let somebody through.
    times: VecDeque<u32>,
    /// What other nodes let through, and when.
    elsewhere: Vec<(u32, u32)>,
    /// How many the other nodes do not know of.
    untold: u32,
}

impl Asker {
    fn forget(&mut self, now: u32) {
        // Both ends are rounded down, so a request is old only when it surely is.
        let is_old = |at: u32| now.saturating_sub(at) > WINDOW;
        while self.times.front().is_some_and(|at| is_old(*at)) {
            self.times.pop_front();
        }
        self.elsewhere.retain(|(at, _)| !is_old(*at));
    }

    fn is_idle(&self, now: u32) -> bool {
        let last = self.times.back().copied().into_iter();
        let others = self.elsewhere.iter().map(|(at, _)| *at);
        last.chain(others).all(|at| now.saturating_sub(at) > WINDOW)
    }
}

impl Book {
    /// The milliseconds until now.
    fn clock(&mut self, now: Instant) -> u32 {
        // What other nodes tell of is older than what is asked here first.
        let before = Duration::from_millis(u64::from(2 * WINDOW));
        let first = || now.checked_sub(before).unwrap_or(now);
        let from = *self.from.get_or_insert_with(first);
        let millis = now.saturating_duration_since(from).as_millis();
        let millis = u32::try_from(millis).unwrap_or(u32::MAX);
        if millis < ANEW {
            return millis;
        }
        // Everything that still counts is moved along.
        let by = millis - 2 * WINDOW;
        for asker in self.askers.values_mut() {
            asker.forget(millis);
            asker.times.iter_mut().for_each(|at| *at -= by);
            asker.elsewhere.iter_mut().for_each(|(at, _)| *at -= by);
        }
        self.askers.retain(|_, asker| !asker.is_idle(2 * WINDOW));
        self.swept = 0;
        self.from = now.checked_sub(Duration::from_millis(u64::from(2 * WINDOW)));
        2 * WINDOW
    }

    fn asker(&mut self, who: &str, now: u32) -> &mut Asker {
        let mut who = who;
        if self.askers.len() >= MOST && !self.askers.contains_key(who) {
            if now.saturating_sub(self.swept) >= 1_000 {
                self.swept = now;
                self.askers.retain(|_, asker| !asker.is_idle(now));
            }
            if self.askers.len() >= MOST {
                who = EVERYBODY_ELSE;
            }
        }
        if !self.askers.contains_key(who) {
            self.askers.insert(who.to_owned(), Asker::default());
        }
        self.askers.entry(who.to_owned()).or_default()
    }
}

impl Limits {
    /// Allows each asker so many requests in any minute; 0 means no limit.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        let book = Book {
            askers: HashMap::new(),
            from: None,
            swept: 0,
        };
        Self {
            limit,
            book: Mutex::new(book),
        }
    }

    /// Whether there is a limit.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.limit > 0
    }

    /// Counts a request and says where its asker stands.
    pub fn ask(&self, who: &str, now: Instant) -> Standing {
        if self.limit == 0 {
            return Standing {
                limit: 0,
                remaining: u32::MAX,
                reset: 0,
                allowed: true,
            };
        }
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let now = book.clock(now);
        let asker = book.asker(who, now);
        asker.forget(now);
        let own = u32::try_from(asker.times.len()).unwrap_or(u32::MAX);
        let others = asker
            .elsewhere
            .iter()
            .fold(0, |sum: u32, (_, n)| sum.saturating_add(*n));
        let used = own.saturating_add(others);
        let allowed = used < self.limit;
        if allowed {
            asker.times.push_back(now);
            asker.untold = asker.untold.saturating_add(1);
        }
        let first = asker.times.front().copied().into_iter();
        let first = first.chain(asker.elsewhere.iter().map(|(at, _)| *at)).min();
        let wait = first.map_or(0, |at| (at + WINDOW + 1).saturating_sub(now));
        let used = used.saturating_add(u32::from(allowed));
        Standing {
            limit: self.limit,
            remaining: self.limit.saturating_sub(used),
            reset: u64::from(wait.div_ceil(1_000).min(60)),
            allowed,
        }
    }

    /// What was let through that other nodes do not know of yet.
    pub fn untold(&self) -> Vec<(String, u32)> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let askers = book.askers.iter_mut().filter(|(_, asker)| asker.untold > 0);
        let tell = |(who, asker): (&String, &mut Asker)| {
            let n = std::mem::take(&mut asker.untold);
            (who.clone(), n)
        };
        askers.map(tell).collect()
    }

    /// Takes note of what other nodes let through, in place of what they told before.
    pub fn hear(&self, told: &[Count], now: Instant) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let now = book.clock(now);
        for asker in book.askers.values_mut() {
            asker.elsewhere.clear();
        }
        for count in told {
            let asker = book.asker(&count.who, now);
            asker
                .elsewhere
                .push((now.saturating_sub(count.age), count.n));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(limits: &Limits, start: Instant, at: f64, tries: u32) -> usize {
        let now = start + Duration::from_secs_f64(at);
        let allowed = (0..tries).filter(|_| limits.ask("robot", now).allowed);
        allowed.count()
    }

    #[test]
    fn exactly_so_many_pass_in_any_minute() {
        let limits = Limits::new(100);
        let start = Instant::now();
        limits.ask("somebody else", start);
        let passed = |at, tries| passed(&limits, start, at, tries);
        assert_eq!(passed(59.9, 110), 100);
        let edge = "no second burst at the edge of the minute";
        assert_eq!(passed(60.1, 110), 0, "{edge}");
        assert_eq!(passed(119.89, 1), 0);
        assert_eq!(passed(119.91, 110), 100);
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

    #[test]
    fn what_other_nodes_let_through_counts_for_as_long_as_what_this_one_did() {
        let (one, other, start) = (Limits::new(100), Limits::new(100), Instant::now());
        assert_eq!(passed(&one, start, 0.0, 70), 70);
        let told = one.untold();
        assert_eq!(told, [("robot".to_owned(), 70)]);
        assert_eq!(one.untold(), [], "told once");
        let count = |age| Count {
            who: "robot".into(),
            age,
            n: 70,
        };
        other.hear(&[count(500)], start + Duration::from_millis(500));
        assert_eq!(passed(&other, start, 0.6, 110), 30);
        other.hear(&[count(50_000)], start + Duration::from_secs(50));
        assert_eq!(
            passed(&other, start, 50.0, 110),
            0,
            "heard twice, counted once"
        );
        assert_eq!(passed(&other, start, 60.5, 110), 70);
    }

    #[test]
    fn room_is_bounded_and_an_active_asker_keeps_its_count() {
        let limits = Limits::new(2);
        let start = Instant::now();
        for n in 0..MOST {
            limits.ask(&format!("asker {n}"), start);
        }
        let later = start + Duration::from_secs(30);
        assert!(limits.ask("asker 7", later).allowed);
        let allowed = (0..50).filter(|n| limits.ask(&format!("late {n}"), later).allowed);
        assert_eq!(allowed.count(), 2, "those who find no room share it");
        assert!(!limits.ask("asker 7", later).allowed);
        assert!(limits.book.lock().expect("the book").askers.len() <= MOST + 1);
        let much_later = start + Duration::from_secs(70);
        assert!(limits.ask("late 9", much_later).allowed);
        assert!(limits.ask("asker 7", much_later).allowed);
        assert!(
            !limits.ask("asker 7", much_later).allowed,
            "one of them still counts"
        );
    }

    #[test]
    fn weeks_do_not_wear_the_count_out() {
        let limits = Limits::new(10);
        let start = Instant::now();
        assert_eq!(passed(&limits, start, 0.0, 20), 10);
        let weeks = 30.0 * 24.0 * 3600.0;
        assert_eq!(passed(&limits, start, weeks, 5), 5);
        assert_eq!(passed(&limits, start, weeks + 30.0, 20), 5);
        assert_eq!(passed(&limits, start, weeks + 60.1, 20), 5);
    }
}
