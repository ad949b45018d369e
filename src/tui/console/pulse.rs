//! How fresh the engine is: when it last answered, how old what is shown may be, and
//! whether anything may be changed. An engine that is silent never stops a key.

use chrono::TimeDelta;

use crate::{
    domain::when::Instant,
    engine::fault::Fault,
    tui::{clean::Clean, theme::Role},
};

/// From here on the age is shown.
pub const AMBER: TimeDelta = TimeDelta::seconds(3);
/// From here on nothing can be changed.
pub const RED: TimeDelta = TimeDelta::seconds(10);

/// How the engine is.
#[derive(Debug, Clone, PartialEq)]
pub enum Pulse {
    /// It is being opened.
    Opening,
    /// It was tried and is not there.
    Unreached(Missing),
    /// It answered then; with what it said when it last did not.
    Seen(Instant, Option<Fault>),
}

/// An engine that was never reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Since when it is tried.
    pub since: Instant,
    /// How often it was.
    pub tries: u32,
    /// Why it is not there, by the last try.
    pub why: Vec<Clean>,
}

/// How fresh that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Not known yet.
    Opening,
    /// As fresh as it gets.
    Live,
    /// So many seconds old.
    Old(i64),
    /// So old that nothing may be changed.
    Offline(i64),
}

impl Pulse {
    /// How fresh it is now.
    #[must_use]
    pub fn freshness(&self, now: Instant) -> Freshness {
        match self {
            Self::Opening => Freshness::Opening,
            Self::Unreached(it) => Freshness::Offline((now - it.since).num_seconds().max(0)),
            Self::Seen(at, _) => match now - *at {
                age if age >= RED => Freshness::Offline(age.num_seconds()),
                age if age >= AMBER => Freshness::Old(age.num_seconds()),
                _ => Freshness::Live,
            },
        }
    }

    /// Why nothing can be changed now.
    ///
    /// # Errors
    /// With the reason.
    pub fn writable(&self, now: Instant) -> Result<(), Clean> {
        if let Self::Unreached(_) = self {
            return Err(
                "the engine has not been reached; nothing can be changed until it is".into(),
            );
        }
        match self.freshness(now) {
            Freshness::Opening => Err("the engine is still being opened".into()),
            Freshness::Offline(age) => Err(clean!(
                "the engine has not answered for {age} s; nothing can be changed until it does"
            )),
            Freshness::Live | Freshness::Old(_) => Ok(()),
        }
    }

    /// Why it has not answered for a while; nothing while it is live, or where that is not known.
    #[must_use]
    pub fn why(&self, now: Instant) -> Option<Clean> {
        match (self, self.freshness(now)) {
            (Self::Seen(_, Some(fault)), Freshness::Old(_) | Freshness::Offline(_)) => {
                Some(Clean::new(&fault.message))
            }
            _ => None,
        }
    }

    /// Whether it gave no answer when it was last asked.
    #[must_use]
    pub fn failed(&self) -> bool {
        !matches!(self, Self::Seen(_, None))
    }

    /// Takes that it was tried in vain.
    pub fn miss(&mut self, why: &str, now: Instant) {
        let (since, tries) = match self {
            Self::Unreached(before) => (before.since, before.tries),
            Self::Opening | Self::Seen(..) => (now, 0),
        };
        *self = Self::Unreached(Missing {
            since,
            tries: tries.saturating_add(1),
            why: Clean::lines(why),
        });
    }

    /// Takes a sign of life, or the lack of one.
    pub fn beat(&mut self, answer: Result<(), Fault>, now: Instant) {
        match (answer, &mut *self) {
            (Ok(()), _) => *self = Self::Seen(now, None),
            (Err(fault), Self::Seen(_, last)) => *last = Some(fault),
            (Err(_), Self::Opening | Self::Unreached(_)) => {}
        }
    }

    /// When it must be drawn again although nothing happened.
    #[must_use]
    pub fn due(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::Opening => None,
            Self::Unreached(it) => {
                let whole = (now - it.since).num_seconds().max(0) + 1;
                Some(it.since + TimeDelta::seconds(whole))
            }
            Self::Seen(at, _) if now - *at < AMBER => Some(*at + AMBER),
            Self::Seen(at, _) => Some(*at + TimeDelta::seconds((now - *at).num_seconds() + 1)),
        }
    }

    /// As it stands in the top bar.
    #[must_use]
    pub fn words(&self, now: Instant, [live, old, gone]: [&str; 3]) -> (Clean, Role) {
        match self.freshness(now) {
            Freshness::Offline(age) if matches!(self, Self::Unreached(_)) => (
                clean!("{gone} not reached for {age} s, retrying"),
                Role::Alarm,
            ),
            Freshness::Opening => (clean!("{old} opening"), Role::Muted),
            Freshness::Live => (clean!("{live} live"), Role::Good),
            Freshness::Old(age) => (clean!("{old} {age} s old"), Role::Warn),
            Freshness::Offline(age) => {
                (clean!("{gone} offline for {age} s, retrying"), Role::Alarm)
            }
        }
    }

    /// The same in the least room.
    #[must_use]
    pub fn briefly(&self, now: Instant, [live, old, gone]: [&str; 3]) -> Clean {
        match self.freshness(now) {
            Freshness::Live => clean!("{live}"),
            Freshness::Opening => clean!("{old}"),
            Freshness::Old(age) => clean!("{old} {age} s"),
            Freshness::Offline(_) => clean!("{gone} offline"),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn it_ages_step_by_step_and_recovers_at_once() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).expect("an instant");
        let after = |seconds| start + TimeDelta::seconds(seconds);
        let mut pulse = Pulse::Opening;
        assert!(pulse.writable(start).is_err());
        pulse.beat(Ok(()), start);
        assert_eq!(pulse.freshness(after(2)), Freshness::Live);
        assert_eq!(pulse.freshness(after(3)), Freshness::Old(3));
        assert!(pulse.writable(after(9)).is_ok());
        assert_eq!(pulse.why(after(9)), None, "nobody said");
        pulse.beat(Err(Fault::broken("silence")), after(9));
        let said = Fault::broken("silence").message;
        assert_eq!(pulse.why(after(9)), Some(Clean::new(&said)));
        assert_eq!(pulse.freshness(after(10)), Freshness::Offline(10));
        assert!(pulse.writable(after(10)).is_err());
        assert_eq!(pulse.due(after(4)), Some(after(5)));
        pulse.beat(Ok(()), after(11));
        assert_eq!(pulse.freshness(after(11)), Freshness::Live);
        assert_eq!(pulse.why(after(20)), None, "it answered since");
        assert_eq!(pulse.due(after(11)), Some(after(14)));
    }

    #[test]
    fn one_that_was_never_reached_says_for_how_long_and_why() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).expect("an instant");
        let after = |seconds| start + TimeDelta::seconds(seconds);
        let mut pulse = Pulse::Opening;
        pulse.miss("nobody listens there\nhint: see that it runs", start);
        pulse.miss("it does not answer", after(2));
        let Pulse::Unreached(missing) = &pulse else {
            panic!("{pulse:?}");
        };
        assert_eq!((missing.since, missing.tries), (start, 2));
        assert_eq!(missing.why, ["it does not answer".into()]);
        let (words, _) = pulse.words(after(5), ["+", "o", "-"]);
        assert_eq!(words.as_str(), "- not reached for 5 s, retrying");
        assert!(pulse.writable(after(5)).is_err() && pulse.failed());
        assert_eq!(pulse.due(after(5)), Some(after(6)));
        pulse.beat(Err(Fault::broken("silence")), after(6));
        assert!(pulse.failed());
        pulse.beat(Ok(()), after(7));
        assert_eq!(pulse.freshness(after(7)), Freshness::Live);
    }
}
