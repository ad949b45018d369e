//! What pacing needs of a line's track: short enough to be kept beside it, so that lists read
//! no marks. Keeps the counts that speeds are told from, not the speeds, so that every figure
//! stays exact. Refuses to know which unit a line is held against: it keeps all that is counted.

use chrono::{DateTime, Duration};
use serde::{Deserialize, Serialize};

use super::{
    quality::Counts,
    ratio::Ratio,
    samples::{Sample, base, best_day, between, quiet_since},
    terms::{Seen, Standard, Unit},
};
use crate::domain::{
    currency::Currency,
    delivery::{mark::Mark, track::Track},
    opendirect::stats::Delivered,
    when::Instant,
};

/// How many days a sparkline shows.
pub const SPARK: usize = 14;
/// What may be counted, in the order in which it is kept.
const UNITS: [Unit; 4] = [
    Unit::Impressions,
    Unit::Clicks,
    Unit::Views,
    Unit::Viewable(Standard::Mrc),
];

/// A track at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// The last totals.
    pub latest: Mark,
    /// What money is counted in, where it is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How its ad server says that it keeps up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<f64>,
    /// The totals before the last ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Mark>,
    /// What the speeds are told from, by unit; nothing where a unit is not counted.
    pub speeds: Vec<Option<Speed>>,
    /// Impressions of each of the last days, oldest first.
    pub spark: Vec<u64>,
    /// Impressions in the same hour last week, and in the last hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<(u64, u64)>,
    /// Until when it had first been counted.
    pub first: Instant,
    /// When the totals last fell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusted: Option<Instant>,
}

/// What the speeds of one unit are told from: seconds since 1970, and the count then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// A day before the last totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<(i64, u64)>,
    /// A week before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    week: Option<(i64, u64)>,
    /// Since when the count has stood still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet: Option<i64>,
    /// The most in a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    best: Option<Ratio>,
}

impl Counted {
    /// Looks at a track.
    #[must_use]
    pub fn of(track: &Track) -> Self {
        let latest = Mark::from(&track.latest);
        let behind = track.hours.iter().chain(&track.days);
        let before = behind
            .filter(|mark| mark.at < latest.at)
            .max_by_key(|mark| mark.at);
        Self {
            latest,
            currency: track.currency(),
            reported: track.reported_index,
            before: before.copied(),
            speeds: UNITS
                .iter()
                .map(|unit| Speed::of(&track.samples(*unit)))
                .collect(),
            spark: spark(&track.days),
            hour: track.hour_against_last_week(),
            first: track.first,
            adjusted: track.adjusted,
        }
    }

    /// The last totals, as the ad server told them.
    #[must_use]
    pub fn delivered(&self) -> Delivered {
        self.latest.delivered_in(self.currency)
    }

    /// What was seen in a unit; nothing where that is not counted.
    #[must_use]
    pub fn seen(&self, unit: Unit) -> Option<Seen> {
        let last = self.sample(&self.latest, unit)?;
        let speed = self.speed(unit);
        let at = |since: fn(&Speed) -> Option<(i64, u64)>| {
            let (at, count) = since(speed?)?;
            let base = Sample {
                at: instant(at),
                delivered: Ratio::count(count),
                spent: None,
            };
            between(base, last)
        };
        Some(Seen {
            delivered: last.delivered,
            spent: last.spent,
            as_of: last.at,
            rate_24h: at(|speed| speed.day),
            rate_7d: at(|speed| speed.week),
            quiet_since: speed.and_then(|speed| speed.quiet).map(instant),
        })
    }

    /// The totals before the last ones.
    #[must_use]
    pub fn previous(&self, unit: Unit) -> Option<Sample> {
        self.sample(self.before.as_ref()?, unit)
    }

    /// The most that was delivered in one day.
    #[must_use]
    pub fn best_day(&self, unit: Unit) -> Option<Ratio> {
        self.speed(unit)?.best
    }

    /// The last totals, as rates are told from them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |count: Option<u64>| count.map(Ratio::count);
        Counts {
            impressions: count(Some(self.latest.impressions)),
            clicks: count(self.latest.clicks),
            starts: count(self.latest.starts),
            completes: count(self.latest.completes),
            eligible: count(Some(self.latest.impressions)),
            measurable: count(self.latest.measurable),
            viewable: count(self.latest.viewable),
        }
    }

    /// How its ad server says that it keeps up.
    #[must_use]
    pub fn upstream(&self) -> Option<Ratio> {
        let told = self.reported.filter(|told| told.is_finite())?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "an index is small, and no more than four decimals of it are told"
        )]
        let parts = (told.clamp(-1e9, 1e9) * 1e4).round() as i128;
        Ratio::new(parts, 10_000)
    }

    fn sample(&self, mark: &Mark, unit: Unit) -> Option<Sample> {
        Some(Sample {
            at: mark.at,
            delivered: mark.delivered(unit)?,
            spent: self.currency.and_then(|currency| mark.spent(currency)),
        })
    }

    fn speed(&self, unit: Unit) -> Option<&Speed> {
        let at = UNITS.iter().position(|one| *one == unit)?;
        self.speeds.get(at)?.as_ref()
    }
}

impl Speed {
    fn of(samples: &[Sample]) -> Option<Self> {
        samples.last()?;
        let since = |over| {
            let base = base(samples, over)?;
            let count = u64::try_from(base.delivered.floor()).ok()?;
            Some((base.at.timestamp(), count))
        };
        Some(Self {
            day: since(Duration::days(1)),
            week: since(Duration::days(7)),
            quiet: quiet_since(samples).map(|at| at.timestamp()),
            best: best_day(samples),
        })
    }
}

/// Impressions of each day; a day without a mark has none of its own.
fn spark(days: &[Mark]) -> Vec<u64> {
    let mut spark = Vec::new();
    let mut before: Option<&Mark> = None;
    for mark in days {
        let had = before.map_or(0, |before| before.impressions);
        let gap = before.map_or(1, |before| (mark.day() - before.day()).num_days());
        let unseen = usize::try_from(gap - 1).unwrap_or(0).min(SPARK);
        spark.extend(std::iter::repeat_n(0, unseen));
        spark.push(mark.impressions.saturating_sub(had));
        before = Some(mark);
    }
    // What came before the first mark that is kept belongs to no day.
    if days.len() >= crate::domain::delivery::track::DAYS {
        spark.remove(0);
    }
    let over = spark.len().saturating_sub(SPARK);
    spark.drain(..over);
    spark
}

fn instant(seconds: i64) -> Instant {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        delivery::reading::Reading, money::Money, opendirect::stats::Delivered,
        pacing::samples::seen,
    };

    fn reading(hour: i64, impressions: u64) -> Reading {
        let begin: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
        Reading {
            line_id: uuid::Uuid::from_u128(1).into(),
            delivered: Delivered {
                impressions,
                clicks: Some(impressions / 100),
                starts: None,
                completes: None,
                measurable: Some(impressions),
                viewable: Some(impressions / 2),
                spent: Some(Money::new(250, Currency::USD)),
                as_of: begin + Duration::hours(hour),
            },
            reported_index: Some(0.95),
        }
    }

    fn track(told: impl IntoIterator<Item = (i64, u64)>) -> Track {
        let mut told = told.into_iter();
        let (hour, count) = told.next().expect("a first one");
        let mut track = Track::begin(reading(hour, count));
        for (hour, count) in told {
            track.take(reading(hour, count)).expect("taken");
        }
        track
    }

    #[test]
    fn the_glance_sees_what_the_marks_tell() {
        let hourly = (1..=200i64).map(|hour| (hour, u64::try_from(hour * hour).expect("small")));
        let silent = [(1, 10), (30, 900), (31, 900), (40, 900)];
        let fell = [(1, 10), (20, 900), (30, 800), (50, 1_000)];
        for track in [track(hourly), track(silent), track(fell)] {
            let glance = Counted::of(&track);
            let text = serde_json::to_string(&glance).expect("json");
            let glance: Counted = serde_json::from_str(&text).expect("back");
            for unit in UNITS {
                let samples = track.samples(unit);
                assert_eq!(glance.seen(unit), seen(&samples), "{unit:?}");
                assert_eq!(
                    glance.best_day(unit).map(|it| it.shown(6)),
                    best_day(&samples).map(|it| it.shown(6))
                );
            }
        }
    }

    #[test]
    fn a_sparkline_has_one_bar_a_day() {
        let days = (0..20i64).map(|day| (day * 24 + 12, u64::try_from(day * 100).expect("small")));
        let glance = Counted::of(&track(days));
        assert_eq!(glance.spark, [100; SPARK]);
        let gap = Counted::of(&track([(12, 100), (60, 400)]));
        assert_eq!(gap.spark, [100, 0, 300]);
        assert_eq!(gap.upstream(), Ratio::new(95, 100));
        assert_eq!(gap.counts().ctr(), Some(Ratio::ONE));
    }
}
