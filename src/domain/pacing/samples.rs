//! Counts as they came in, and the speeds that they tell. Refuses to tell a speed from a single
//! count, from less than half of the time that it is named after, and from counts that fell.

use chrono::Duration;

use super::{
    clock::{in_days, micros},
    ratio::Ratio,
    terms::Seen,
};
use crate::domain::when::Instant;

/// What had been delivered and spent until some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Until when.
    pub at: Instant,
    /// Delivered.
    pub delivered: Ratio,
    /// Spent, where that is counted.
    pub spent: Option<Ratio>,
}

/// What is seen from samples in the order of their time; nothing from none.
#[must_use]
pub fn seen(samples: &[Sample]) -> Option<Seen> {
    let last = samples.last()?;
    Some(Seen {
        delivered: last.delivered,
        spent: last.spent,
        as_of: last.at,
        rate_24h: speed(samples, Duration::days(1)),
        rate_7d: speed(samples, Duration::days(7)),
        quiet_since: quiet_since(samples),
    })
}

/// The sample that a speed over a time before the last sample is told from: the last one that
/// is as old, or the first there is where that covers half of the time. None where the count
/// fell since.
#[must_use]
pub fn base(samples: &[Sample], over: Duration) -> Option<Sample> {
    let last = samples.last()?;
    let since = samples.partition_point(|sample| sample.at <= last.at - over);
    let window = samples.get(since.saturating_sub(1)..)?;
    let base = window.first()?;
    if (last.at - base.at) * 2 < over || last.at == base.at {
        return None;
    }
    let fell = |pair: &[Sample]| pair[1].delivered < pair[0].delivered;
    (!window.windows(2).any(fell)).then_some(*base)
}

/// Delivered a day between two samples.
#[must_use]
pub fn between(base: Sample, last: Sample) -> Option<Ratio> {
    let more = last.delivered.minus(base.delivered)?;
    more.over(in_days(micros(last.at - base.at)))
}

/// Delivered a day, over a time before the last sample.
#[must_use]
pub fn speed(samples: &[Sample], over: Duration) -> Option<Ratio> {
    between(base(samples, over)?, *samples.last()?)
}

/// The most that was delivered in one of the days before the last sample, each of 24 hours.
#[must_use]
pub fn best_day(samples: &[Sample]) -> Option<Ratio> {
    let mut best: Option<Ratio> = None;
    for (at, _) in samples.iter().enumerate() {
        best = best.max(speed(samples.get(..=at)?, Duration::days(1)));
    }
    best
}

/// Since when the count has stood still, when it does.
#[must_use]
pub fn quiet_since(samples: &[Sample]) -> Option<Instant> {
    let last = samples.last()?;
    let still = samples
        .iter()
        .rev()
        .take_while(|one| one.delivered == last.delivered);
    still
        .map(|one| one.at)
        .last()
        .filter(|since| *since < last.at)
}

/// Whether the last count is below the one before: an adjustment.
#[must_use]
pub fn went_back(samples: &[Sample]) -> bool {
    matches!(samples, [.., before, last] if last.delivered < before.delivered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Instant {
        let start: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
        start + Duration::hours(hour)
    }

    fn samples(counts: &[(i64, i64)]) -> Vec<Sample> {
        let sample = |(hour, count): &(i64, i64)| Sample {
            at: at(*hour),
            delivered: Ratio::whole(*count),
            spent: None,
        };
        counts.iter().map(sample).collect()
    }

    #[test]
    fn a_speed_takes_two_counts_and_half_of_its_time() {
        let speed = |counts: &[(i64, i64)]| seen(&samples(counts)).expect("counts").rate_24h;
        assert_eq!(seen(&[]), None);
        assert_eq!(speed(&[(0, 0)]), None);
        assert_eq!(speed(&[(0, 0), (11, 110)]), None, "too short a time");
        assert_eq!(speed(&[(0, 0), (12, 120)]), Some(Ratio::whole(240)));
        assert_eq!(
            speed(&[(0, 0), (24, 240), (48, 1_240)]),
            Some(Ratio::whole(1_000))
        );
        assert_eq!(
            speed(&[(0, 100), (24, 90)]),
            None,
            "an adjustment is no speed"
        );
    }

    #[test]
    fn the_week_the_best_day_and_the_silence_are_told_too() {
        let counts: Vec<(i64, i64)> = (0..=8).map(|day| (day * 24, day * 100)).collect();
        let told = seen(&samples(&counts)).expect("counts");
        assert_eq!(told.rate_7d, Some(Ratio::whole(100)));
        assert_eq!(told.quiet_since, None);
        let burst = samples(&[(0, 0), (24, 500), (48, 600), (60, 600), (72, 600)]);
        assert_eq!(best_day(&burst), Some(Ratio::whole(500)));
        assert_eq!(quiet_since(&burst), Some(at(48)));
        assert!(went_back(&samples(&[(0, 5), (1, 4)])) && !went_back(&burst));
    }
}
