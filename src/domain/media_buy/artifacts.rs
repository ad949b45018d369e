//! What a media buy was shown beside, as its buyer wants to be told: as it comes, or once an hour
//! or a day; all of it or a part. Keeps how far it was told, package by package, so that nothing is
//! told twice and nothing is left out however often that breaks off. Refuses to know how what is
//! told is worked out.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reporting::Frequency;
use crate::domain::{
    delivery::{chance::fraction, content::Sampling},
    ids::{BuyId, PackageId},
    when::Instant,
};

/// For how long a batch waits for what is not counted yet; that comes with a later one then.
const PATIENCE: Duration = Duration::hours(4);
/// How long after the ad server is asked somebody looks what it said.
const SOON: Duration = Duration::seconds(5);
/// After how long somebody looks again for what should be counted by now.
const AGAIN: Duration = Duration::minutes(1);
/// How long after its beginning a flight is told of from its beginning.
const LATE: Duration = Duration::hours(48);
/// How many artifacts one message tells of.
pub const MOST: usize = 200;

/// How a buyer wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// How often; as it comes where nothing is said.
    pub often: Option<Frequency>,
    /// How much of it.
    pub sampling: Sampling,
}

impl Wish {
    /// Reads how it is to come; nothing where that makes no sense.
    #[must_use]
    pub fn read(said: &Map<String, Value>) -> Option<Self> {
        let text = |field: &str| said.get(field).and_then(Value::as_str);
        let often = match text("delivery_mode")? {
            "realtime" => None,
            "batched" => match Frequency::read(text("batch_frequency")?)? {
                Frequency::Monthly => return None,
                often => Some(often),
            },
            _ => return None,
        };
        let sampling = match said.get("sampling_rate") {
            None | Some(Value::Null) => Sampling::ALL,
            Some(rate) => Sampling::of(fraction(rate.as_f64()?)?),
        };
        Some(Self { often, sampling })
    }

    /// How it comes, in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.often {
            None => "as it is shown",
            Some(Frequency::Hourly) => "once an hour",
            Some(Frequency::Daily | Frequency::Monthly) => "once a day",
        }
    }
}

/// How far a package was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    /// Which.
    pub package_id: PackageId,
    /// Until when.
    pub until: Instant,
    /// How many impressions it had by then.
    pub impressions: u64,
}

/// A batch that takes several messages, and is not all sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Open {
    /// Until when it tells.
    pub until: Instant,
    /// Whether it is the last.
    pub last: bool,
    /// How many messages were sent.
    pub sent: usize,
    /// How far each package will have been told.
    pub reached: Vec<Reached>,
}

/// How far what a media buy was shown beside was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifacts {
    /// Of which.
    pub media_buy_id: BuyId,
    /// Whose it is.
    pub owner: String,
    /// Since when it is told.
    pub began: Instant,
    /// Until when all that was counted is told.
    pub told_until: Instant,
    /// How many batches were sent.
    pub batches: u64,
    /// Whether the last one was sent.
    pub over: bool,
    /// How far each package was told.
    #[serde(default)]
    pub packages: Vec<Reached>,
    /// The batch that is being sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
}

/// How far a package was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// When it begins.
    pub starts: Instant,
    /// When it is over.
    pub ends: Instant,
    /// Until when it was counted; nothing where it was not.
    pub as_of: Option<Instant>,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing before then.
    Wait(Instant),
    /// Tell what there is.
    Tell {
        /// Until when.
        until: Instant,
        /// Whether nothing comes after it.
        last: bool,
    },
    /// Nothing any more.
    Nothing,
}

impl Artifacts {
    /// Begins with the flight; with the hour or day that it is now where that began long before
    /// anybody looked.
    #[must_use]
    pub fn new(
        (media_buy_id, owner): (BuyId, String),
        wish: Wish,
        start: Instant,
        now: Instant,
    ) -> Self {
        let often = wish.often.unwrap_or(Frequency::Hourly);
        let told_until = if now - start > LATE {
            often.begin(now)
        } else {
            start
        };
        Self {
            media_buy_id,
            owner,
            began: told_until,
            told_until,
            batches: 0,
            over: false,
            packages: Vec::new(),
            open: None,
        }
    }

    /// What is to be done now about a buy that is over at `end`, whose packages were counted so
    /// far by an ad server that is asked `every` so often.
    #[must_use]
    pub fn step(
        &self,
        wish: Wish,
        (end, every): (Instant, Duration),
        counted: &[Counted],
        now: Instant,
    ) -> Step {
        if self.over {
            return Step::Nothing;
        }
        if let Some(Open { until, last, .. }) = self.open {
            return Step::Tell { until, last };
        }
        let whole = |until: Instant| {
            let by = |one: &Counted| {
                one.starts >= until || one.as_of.is_some_and(|at| at >= until.min(one.ends))
            };
            counted.iter().all(by)
        };
        let due = |until: Instant| now >= until && (whole(until) || now >= until + PATIENCE);
        let Some(often) = wish.often else {
            let newest = counted.iter().filter_map(|one| one.as_of).max();
            let newest = newest.filter(|at| *at > self.told_until && now >= self.told_until);
            return match newest {
                _ if due(end) => Step::Tell {
                    until: end.max(newest.unwrap_or(end)),
                    last: true,
                },
                Some(until) => Step::Tell { until, last: false },
                None => Step::Wait(later(self.told_until, every, now)),
            };
        };
        let until = often.end(self.told_until).min(end);
        let last = until >= end;
        if now < until {
            Step::Wait(until + SOON)
        } else if due(until) {
            Step::Tell { until, last }
        } else {
            Step::Wait((now + Duration::minutes(5)).min(until + PATIENCE))
        }
    }

    /// How far a package was told; from the beginning on where nothing was.
    #[must_use]
    pub fn reached(&self, id: &PackageId) -> Option<&Reached> {
        self.packages.iter().find(|one| one.package_id == *id)
    }

    /// After all of a batch was sent.
    #[must_use]
    pub fn told(&self, until: Instant, last: bool, reached: Vec<Reached>, sent: bool) -> Self {
        Self {
            told_until: until,
            batches: self.batches + u64::from(sent),
            over: last,
            packages: reached,
            open: None,
            ..self.clone()
        }
    }

    /// After a message of a batch that has more.
    #[must_use]
    pub fn opened(&self, open: Open) -> Self {
        Self {
            open: Some(open),
            ..self.clone()
        }
    }
}

/// When to look for what comes after an instant, of an ad server that is asked on the stroke of the
/// clock.
#[must_use]
pub fn later(told_until: Instant, every: Duration, now: Instant) -> Instant {
    let every = every.num_seconds().max(60);
    let stroke = |at: Instant| at.timestamp().div_euclid(every) * every;
    let next = Instant::from_timestamp(stroke(now) + every, 0).unwrap_or(now + AGAIN) + SOON;
    let first = told_until + SOON;
    // It was asked and is not told yet: it may take a while to write that down.
    let expected = stroke(now) > told_until.timestamp() && now < told_until + PATIENCE;
    if now < told_until {
        first.max(next)
    } else if expected {
        next.min(now + AGAIN)
    } else {
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    const EVERY: Duration = Duration::minutes(15);
    const END: &str = "2026-07-03T18:00:00Z";

    fn wish(often: Option<Frequency>) -> Wish {
        Wish {
            often,
            sampling: Sampling::ALL,
        }
    }

    fn fresh(often: Option<Frequency>) -> Artifacts {
        let whose = (BuyId::from("mb_1"), "acme".to_owned());
        let start = at("2026-07-01T09:00:00Z");
        Artifacts::new(whose, wish(often), start, at("2026-06-20T00:00:00Z"))
    }

    fn counted(as_of: Option<Instant>) -> [Counted; 2] {
        let one = Counted {
            starts: at("2026-07-01T09:00:00Z"),
            ends: at(END),
            as_of,
        };
        // The other one begins later, and nobody waits for it before that.
        let starts = at("2026-07-03T00:00:00Z");
        let as_of = as_of.filter(|at| *at > starts);
        [
            one,
            Counted {
                starts,
                as_of,
                ..one
            },
        ]
    }

    /// Every time that it is told until, as the clock goes on and everything is counted at once.
    fn told(often: Option<Frequency>) -> Vec<(Instant, bool)> {
        let (mut artifacts, end) = (fresh(often), at(END));
        let mut now = at("2026-07-01T08:59:00Z");
        let mut all = Vec::new();
        loop {
            let begun = now > at("2026-07-01T09:00:00Z");
            let seconds = now.timestamp().div_euclid(900) * 900;
            let as_of = Instant::from_timestamp(seconds, 0).map(|at| at.min(end));
            let known = counted(as_of.filter(|_| begun));
            match artifacts.step(wish(often), (end, EVERY), &known, now) {
                Step::Wait(next) => {
                    assert!(next > now, "{now} {next}");
                    now = next;
                }
                Step::Tell { until, last } => {
                    all.push((until, last));
                    artifacts = artifacts.told(until, last, Vec::new(), true);
                }
                Step::Nothing => return all,
            }
        }
    }

    #[test]
    fn each_hour_each_day_or_each_count_is_told_once_and_the_end_is_last() {
        let days = told(Some(Frequency::Daily));
        let expected = ["2026-07-02T00:00:00Z", "2026-07-03T00:00:00Z", END];
        assert_eq!(days.len(), 3);
        for ((until, last), expected) in days.iter().zip(expected) {
            assert_eq!((*until, *last), (at(expected), expected == END));
        }
        let hours = told(Some(Frequency::Hourly));
        assert_eq!(hours.len(), 57);
        let counts = told(None);
        assert_eq!(counts.len(), 57 * 4);
        for all in [hours, counts] {
            assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert_eq!(all.iter().filter(|one| one.1).count(), 1);
            assert_eq!(all.last(), Some(&(at(END), true)));
        }
    }

    #[test]
    fn what_is_not_counted_is_waited_for_and_then_left_for_later() {
        let (artifacts, end) = (fresh(Some(Frequency::Hourly)), at(END));
        let known = counted(Some(at("2026-07-01T09:30:00Z")));
        let step =
            |now| artifacts.step(wish(Some(Frequency::Hourly)), (end, EVERY), &known, at(now));
        let until = at("2026-07-01T10:00:00Z");
        assert_eq!(step("2026-07-01T09:40:00Z"), Step::Wait(until + SOON));
        assert_eq!(
            step("2026-07-01T10:30:00Z"),
            Step::Wait(at("2026-07-01T10:35:00Z"))
        );
        let last = false;
        assert_eq!(step("2026-07-01T14:00:00Z"), Step::Tell { until, last });
        let realtime = fresh(None);
        let step = |now| realtime.step(wish(None), (end, EVERY), &counted(None), at(now));
        assert_eq!(
            step("2026-07-01T09:15:07Z"),
            Step::Wait(at("2026-07-01T09:16:07Z"))
        );
    }

    #[test]
    fn a_wish_is_read_whole_or_not_at_all() {
        let read = |said: Value| Wish::read(said.as_object().expect("an object"));
        let said = |often: &str, rate: f64| serde_json::json!({"delivery_mode": "batched", "batch_frequency": often, "sampling_rate": rate});
        let wish = read(said("daily", 0.25)).expect("a wish");
        assert_eq!(wish.often, Some(Frequency::Daily));
        assert_eq!(wish.word(), "once a day");
        let wish = read(serde_json::json!({"delivery_mode": "realtime"})).expect("a wish");
        assert_eq!((wish.often, wish.sampling), (None, Sampling::ALL));
        for none in [
            said("monthly", 0.5),
            said("hourly", 2.0),
            serde_json::json!({"delivery_mode": "batched"}),
            serde_json::json!({}),
        ] {
            assert_eq!(read(none.clone()), None, "{none}");
        }
    }

    #[test]
    fn what_is_wanted_late_begins_with_the_hour_that_it_is() {
        let whose = (BuyId::from("mb_1"), "acme".to_owned());
        let (start, now) = (at("2026-07-01T09:00:00Z"), at("2026-07-20T15:20:00Z"));
        let late = Artifacts::new(whose, wish(None), start, now);
        assert_eq!(late.told_until, at("2026-07-20T15:00:00Z"));
    }
}
