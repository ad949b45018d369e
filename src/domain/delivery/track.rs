//! A track: what is kept at hand of a line's readings, so that its pacing is told from one
//! small object. The last marks by hour and by day, the impressions of each hour of the last
//! week, and whether the totals ever fell. Refuses readings that are no newer than the last
//! one, and totals in another currency.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{mark::Mark, reading::Reading};
use crate::domain::{
    currency::Currency,
    ids::LineId,
    money::Money,
    opendirect::stats::Delivered,
    pacing::{quality::Counts, ratio::Ratio, samples::Sample, terms::Unit},
    when::Instant,
};

/// How many marks by hour are kept at hand: a day, and what a speed over it starts from.
pub const HOURS: usize = 26;
/// How many marks by day are kept at hand.
pub const DAYS: usize = 31;
/// How many hours' impressions are kept: a week and the hour that it came round to.
pub const WEEK: usize = 169;

/// Why a reading cannot follow the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It is as old as the last one, or older.
    #[error("is no newer than what is known")]
    Old,
    /// It counts money in another currency.
    #[error("counts what was spent in another currency than before")]
    Currency,
}

/// What is kept at hand of a line's readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Track {
    /// Which line.
    pub line_id: LineId,
    /// Until when the first reading counted.
    pub first: Instant,
    /// Until when the reading before the last counted.
    pub before: Option<Instant>,
    /// The last reading.
    pub latest: Delivered,
    /// How its ad server said that it keeps up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_index: Option<f64>,
    /// The last mark of each of the last hours that have one, oldest first.
    pub hours: Vec<Mark>,
    /// The last mark of each of the last days that have one, oldest first.
    pub days: Vec<Mark>,
    /// Impressions in each of the last hours without gaps, oldest first; nothing where the
    /// hour before has no mark.
    pub hourly: Vec<Option<u64>>,
    /// Until when the last reading counted whose totals were below those before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusted: Option<Instant>,
}

impl Track {
    /// Begins with a line's first reading.
    #[must_use]
    pub fn begin(reading: Reading) -> Self {
        let mark = Mark::from(&reading.delivered);
        Self {
            line_id: reading.line_id,
            first: reading.delivered.as_of,
            before: None,
            latest: reading.delivered,
            reported_index: reading.reported_index,
            hours: vec![mark],
            days: vec![mark],
            hourly: vec![None],
            adjusted: None,
        }
    }

    /// Takes a line's next reading.
    ///
    /// # Errors
    /// When it cannot follow the last one.
    pub fn take(&mut self, reading: Reading) -> Result<(), NotTaken> {
        if reading.delivered.as_of <= self.latest.as_of {
            return Err(NotTaken::Old);
        }
        let currency = |delivered: &Delivered| delivered.spent.map(Money::currency);
        let pair = currency(&self.latest).zip(currency(&reading.delivered));
        if pair.is_some_and(|(before, now)| before != now) {
            return Err(NotTaken::Currency);
        }
        let (last, mark) = (Mark::from(&self.latest), Mark::from(&reading.delivered));
        if mark.is_below(&last) {
            self.adjusted = Some(mark.at);
        }
        self.count_hour(&last, &mark);
        let same_hour = |kept: &Mark| kept.hour() == mark.hour();
        keep(&mut self.hours, mark, HOURS, same_hour);
        keep(&mut self.days, mark, DAYS, |kept| kept.day() == mark.day());
        self.before = Some(self.latest.as_of);
        self.latest = reading.delivered;
        self.reported_index = reading.reported_index;
        Ok(())
    }

    /// Writes down the impressions of the hour that a mark closes.
    fn count_hour(&mut self, last: &Mark, mark: &Mark) {
        let gone = usize::try_from(mark.hour() - last.hour()).unwrap_or(0);
        if gone == 0 {
            self.hourly.pop();
        }
        let unseen = gone.saturating_sub(1).min(WEEK);
        self.hourly.extend(std::iter::repeat_n(None, unseen));
        let base = self
            .hours
            .iter()
            .rev()
            .find(|kept| kept.hour() < mark.hour())
            .filter(|kept| kept.hour() + 1 == mark.hour());
        let more = base.and_then(|base| mark.impressions.checked_sub(base.impressions));
        self.hourly.push(more);
        let over = self.hourly.len().saturating_sub(WEEK);
        self.hourly.drain(..over);
    }

    /// The day of the last reading, with its marks by hour.
    #[must_use]
    pub fn day(&self) -> Option<(NaiveDate, &[Mark])> {
        let day = self.hours.last()?.day();
        let begin = self.hours.partition_point(|mark| mark.day() < day);
        Some((day, self.hours.get(begin..)?))
    }

    /// The same hour a week before the last reading's, and that one, in impressions.
    #[must_use]
    pub fn hour_against_last_week(&self) -> Option<(u64, u64)> {
        let then = self.hourly.first().filter(|_| self.hourly.len() == WEEK)?;
        let now = self.hourly.last()?;
        then.zip(*now)
    }

    /// The totals over time in one unit, oldest first: by day, then by hour. Empty where the
    /// unit is not measured.
    #[must_use]
    pub fn samples(&self, unit: Unit) -> Vec<Sample> {
        let first_hour = self.hours.first().map(|mark| mark.at);
        let days = self
            .days
            .iter()
            .filter(|mark| first_hour.is_none_or(|hour| mark.at < hour));
        let currency = self.currency();
        let sample = |mark: &Mark| {
            Some(Sample {
                at: mark.at,
                delivered: mark.delivered(unit)?,
                spent: currency.and_then(|currency| mark.spent(currency)),
            })
        };
        days.chain(&self.hours).filter_map(sample).collect()
    }

    /// What money is counted in, where it is counted.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.latest.spent.map(Money::currency)
    }

    /// The last totals, as rates are told from them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let whole =
            |count: Option<u64>| count.and_then(|n| i64::try_from(n).ok()).map(Ratio::whole);
        Counts {
            impressions: whole(Some(self.latest.impressions)),
            clicks: whole(self.latest.clicks),
            starts: whole(self.latest.starts),
            completes: whole(self.latest.completes),
            measurable: whole(self.latest.measurable),
            viewable: whole(self.latest.viewable),
            ..Counts::default()
        }
    }
}

/// Adds a mark behind the others, in the place of the last one where that is for the same
/// time, and drops the oldest where there are too many.
fn keep(marks: &mut Vec<Mark>, mark: Mark, most: usize, same: impl Fn(&Mark) -> bool) {
    if marks.last().is_some_and(same) {
        marks.pop();
    }
    marks.push(mark);
    let over = marks.len().saturating_sub(most);
    marks.drain(..over);
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use proptest::prelude::*;

    use super::*;

    fn reading(minute: i64, impressions: u64) -> Reading {
        let begin: Instant = "2026-07-01T00:00:00Z".parse().expect("a time");
        Reading {
            line_id: "00000000-0000-7000-8000-000000000001"
                .parse()
                .expect("an id"),
            delivered: Delivered {
                impressions,
                clicks: Some(impressions / 10),
                starts: None,
                completes: None,
                measurable: None,
                viewable: None,
                spent: Some(Money::new(250, Currency::USD)),
                as_of: begin + Duration::minutes(minute),
            },
            reported_index: None,
        }
    }

    fn track(readings: impl IntoIterator<Item = (i64, u64)>) -> Track {
        let mut readings = readings.into_iter().map(|(at, count)| reading(at, count));
        let mut track = Track::begin(readings.next().expect("a first one"));
        for reading in readings {
            track.take(reading).expect("taken");
        }
        track
    }

    #[test]
    fn a_week_of_hours_tells_the_last_against_the_same_a_week_ago() {
        let total = |hour: i64| u64::try_from(hour * (hour + 1) / 2).expect("small");
        let week = track((0..=169).map(|hour| (hour * 60, total(hour))));
        assert_eq!(week.hour_against_last_week(), Some((1, 169)));
        assert_eq!((week.hours.len(), week.days.len()), (HOURS, 9));
        let short = track((0..=160).map(|hour| (hour * 60, total(hour))));
        assert_eq!(short.hour_against_last_week(), None);
        let gap = track([0, 1, 2, 169, 170].map(|hour| (hour * 60, total(hour))));
        assert_eq!(gap.hourly.len(), WEEK);
        assert_eq!(gap.hour_against_last_week(), Some((2, 170)));
    }

    #[test]
    fn a_unit_that_is_not_counted_has_no_samples() {
        let one = track([(60, 100), (120, 300)]);
        assert_eq!(one.samples(Unit::Impressions).len(), 2);
        assert_eq!(one.samples(Unit::Clicks)[1].delivered, Ratio::whole(30));
        assert_eq!(one.samples(Unit::Views), []);
        assert_eq!(one.samples(Unit::Impressions)[0].spent, Ratio::new(5, 2));
    }

    proptest! {
        /// However often the totals are told, the last one stands, marks are in the order of
        /// their time, one for each hour and day, and never more than are kept.
        #[test]
        fn marks_are_few_and_in_order(steps in prop::collection::vec((1_i64..4_000, 0_u64..500), 1..80)) {
            let mut at = 0;
            let mut total = 0;
            let told: Vec<(i64, u64)> = steps.iter().map(|(minutes, more)| {
                (at, total) = (at + minutes, total + more);
                (at, total)
            }).collect();
            let track = track(told.clone());
            prop_assert_eq!(track.latest.impressions, total);
            prop_assert!(track.adjusted.is_none());
            prop_assert!(track.hours.len() <= HOURS && track.days.len() <= DAYS && track.hourly.len() <= WEEK);
            prop_assert!(track.hours.windows(2).all(|pair| pair[0].hour() < pair[1].hour()));
            prop_assert!(track.days.windows(2).all(|pair| pair[0].day() < pair[1].day()));
            let samples = track.samples(Unit::Impressions);
            prop_assert!(samples.windows(2).all(|pair| pair[0].at < pair[1].at));
            prop_assert_eq!(samples.last().map(|one| one.delivered), Some(Ratio::whole(i64::try_from(total).expect("small"))));
            let mut again = track.clone();
            let (old_at, old) = told[told.len() / 2];
            prop_assert_eq!(again.take(reading(old_at, old)), Err(NotTaken::Old));
            prop_assert_eq!(again, track);
        }
    }
}
