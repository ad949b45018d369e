//! How many impressions a product has from minute to minute, as the ad server inside sees it: a
//! pure function of a seed, the product and the time. Uneven by hour, by weekday and from day
//! to day. Refuses to have more on one day than the product can show.

use chrono::{Datelike as _, NaiveDate};

use super::chance;
use crate::domain::{ids::ProductId, when::Instant};

/// Minutes of an hour.
pub const HOUR: i64 = 60;
/// Minutes of a day.
pub const DAY: i64 = 24 * HOUR;

/// How busy an hour of the day is against the others.
const HOURS: [u64; 24] = [
    26, 20, 16, 13, 12, 14, 20, 29, 37, 42, 45, 47, 49, 49, 48, 48, 50, 53, 57, 61, 62, 58, 47, 37,
];
/// How busy a weekday is from Monday on, in thousandths of the best.
const WEEKDAYS: [u64; 7] = [995, 1_000, 995, 1_000, 980, 940, 960];
/// The least of a day, in thousandths of what its weekday has.
const LEAST_DAY: u64 = 940;
/// The least and the most of an hour, in hundredths of what it usually has.
const HOUR_NOISE: (u64, u64) = (88, 112);
/// By how many hours products differ in when they are busy.
const SHIFTS: u64 = 4;

/// The minute that an instant falls into, counted from the epoch.
#[must_use]
pub fn minute_of(at: Instant) -> i64 {
    at.timestamp().div_euclid(60)
}

/// When a minute begins.
#[must_use]
pub fn begin_of(minute: i64) -> Instant {
    Instant::from_timestamp(minute * 60, 0).unwrap_or_default()
}

/// A number that looks random and is always the same for the same parts.
#[must_use]
pub fn scramble(parts: &[u64]) -> u64 {
    parts
        .iter()
        .fold(0x9e37_79b9_7f4a_7c15, |state, part| mix(state ^ part))
}

fn mix(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// How many of so many impressions a day there can be in an hour at most.
#[must_use]
pub fn most_in_an_hour(daily: u64) -> u64 {
    let (least, most) = HOUR_NOISE;
    let (all, top) = HOURS
        .iter()
        .fold((0, 0), |(all, top), busy| (all + busy, top.max(*busy)));
    let (busy, rest) = (top * most, (all - top) * least);
    let exact = (u128::from(daily) * u128::from(busy)).div_ceil(u128::from(busy + rest));
    u64::try_from(exact).unwrap_or(daily).saturating_add(1)
}

/// The traffic of one product.
#[derive(Debug, Clone)]
pub struct Traffic {
    key: u64,
    /// What it can show on one day.
    daily: u64,
    shift: usize,
    /// The day that was looked at last.
    day: Option<Day>,
}

/// What one day has until each of its hours begins.
#[derive(Debug, Clone)]
struct Day {
    number: i64,
    before: [u64; 25],
}

impl Day {
    fn hour(&self, nth: usize) -> u64 {
        self.before[nth + 1] - self.before[nth]
    }
}

impl Traffic {
    /// The traffic of a product that can show so many impressions on one day.
    #[must_use]
    pub fn new(seed: u64, product: &ProductId, daily: u64) -> Self {
        let name = product.as_str().bytes();
        let key = name.fold(mix(seed), |key, byte| mix(key ^ u64::from(byte)));
        Self {
            key,
            daily,
            shift: usize::try_from(key % SHIFTS).unwrap_or(0),
            day: None,
        }
    }

    /// How many impressions there are in a minute.
    pub fn minute(&mut self, minute: i64) -> u64 {
        let (hour, within) = (minute.div_euclid(HOUR), minute.rem_euclid(HOUR));
        let all = u128::from(self.hour(hour));
        let until = |minutes: i64| all * u128::try_from(minutes).unwrap_or(0) / 60;
        u64::try_from(until(within + 1) - until(within)).unwrap_or(0)
    }

    /// How many there are in an hour, counted from the epoch.
    pub fn hour(&mut self, hour: i64) -> u64 {
        let (number, nth) = (hour.div_euclid(24), hour.rem_euclid(24));
        let nth = usize::try_from(nth).unwrap_or(0);
        if self.day.as_ref().is_none_or(|day| day.number != number) {
            self.day = Some(self.of_day(number));
        }
        self.day.as_ref().map_or(0, |day| day.hour(nth))
    }

    /// How many impressions of a minute are left where a part of each hour may be shown; of the
    /// day that was looked at last.
    #[must_use]
    pub fn part_of(&self, minute: i64, share: u64) -> u64 {
        let (hour, within) = (minute.div_euclid(HOUR), minute.rem_euclid(HOUR));
        let nth = usize::try_from(hour.rem_euclid(24)).unwrap_or(0);
        let known = self.day.as_ref();
        let known = known.filter(|day| day.number == hour.div_euclid(24));
        let all = u128::from(known.map_or(0, |day| chance::of(share, day.hour(nth))));
        let until = |minutes: i64| all * u128::try_from(minutes).unwrap_or(0) / 60;
        u64::try_from(until(within + 1) - until(within)).unwrap_or(0)
    }

    /// Spreads a day over its hours.
    fn of_day(&self, number: i64) -> Day {
        let of = |what: u64| scramble(&[self.key, number.cast_unsigned(), what]);
        let date = NaiveDate::from_epoch_days(i32::try_from(number).unwrap_or(0));
        let weekday = date.map_or(0, |date| date.weekday().num_days_from_monday());
        let weekday = WEEKDAYS[usize::try_from(weekday).unwrap_or(0) % 7];
        let noise = LEAST_DAY + of(24) % (1_001 - LEAST_DAY);
        let all = u128::from(self.daily) * u128::from(weekday * noise) / 1_000_000;
        let mut sums = [0u128; 25];
        let (least, most) = HOUR_NOISE;
        for (nth, shift) in (0..24u64).zip(self.shift..) {
            let at = usize::try_from(nth).unwrap_or(0);
            let busy = HOURS[shift % 24] * (least + of(nth) % (most - least + 1));
            sums[at + 1] = sums[at] + u128::from(busy);
        }
        let whole = sums[24].max(1);
        let before = sums.map(|sum| u64::try_from(all * sum / whole).unwrap_or(0));
        Day { number, before }
    }

    /// A number for a line and a minute.
    #[must_use]
    pub fn chance(&self, line: u64, minute: i64, what: u64) -> u64 {
        scramble(&[self.key, line, minute.cast_unsigned(), what])
    }

    /// How much of the product's usual week has gone by until a minute, in units of its own:
    /// half of it as time goes by, half as people come. Only differences mean anything.
    #[must_use]
    pub fn usual_until(&self, minute: i64) -> u64 {
        let (day, within) = (minute.div_euclid(DAY), minute.rem_euclid(DAY));
        let (hour, rest) = (within / HOUR, within % HOUR);
        let weight = |nth: usize| HOURS[(nth + self.shift) % 24] + MEAN;
        let hour = usize::try_from(hour).unwrap_or(0);
        let before: u64 = (0..hour).map(weight).sum();
        let of_day = (before * 60) + weight(hour) * u64::try_from(rest).unwrap_or(0);
        u64::try_from(day).unwrap_or(0) * WHOLE + of_day
    }
}

/// What an hour has on average.
const MEAN: u64 = {
    let (mut sum, mut nth) = (0, 0);
    while nth < 24 {
        sum += HOURS[nth];
        nth += 1;
    }
    sum / 24
};
/// The usual of a whole day.
const WHOLE: u64 = {
    let (mut sum, mut nth) = (0, 0);
    while nth < 24 {
        sum += HOURS[nth] + MEAN;
        nth += 1;
    }
    sum * 60
};

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(seed: u64, daily: u64) -> Traffic {
        Traffic::new(seed, &ProductId::from("ctv-prime"), daily)
    }

    /// The days of July 2026, as numbers from the epoch.
    fn july() -> std::ops::Range<i64> {
        let first = minute_of("2026-07-01T00:00:00Z".parse().expect("a time")) / DAY;
        first..first + 31
    }

    fn day(traffic: &mut Traffic, number: i64) -> u64 {
        (number * DAY..(number + 1) * DAY)
            .map(|minute| traffic.minute(minute))
            .sum()
    }

    #[test]
    fn no_day_has_more_than_the_product_can_show_and_none_much_less() {
        for daily in [0, 1, 999, 100_000, 1_000_000_000] {
            let mut traffic = traffic(7, daily);
            for number in july() {
                let all = day(&mut traffic, number);
                assert!(all <= daily, "{all} of {daily}");
                assert!(daily < 1_000 || all > daily / 100 * 87, "{all} of {daily}");
            }
        }
    }

    #[test]
    fn days_hours_and_products_differ_and_the_same_seed_is_the_same() {
        let mut one = traffic(7, 100_000);
        let days: Vec<u64> = july().map(|number| day(&mut one, number)).collect();
        let same: Vec<u64> = july()
            .map(|number| day(&mut traffic(7, 100_000), number))
            .collect();
        assert_eq!(days, same);
        let mut distinct = days.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert!(distinct.len() > 25, "{days:?}");
        let first = july().start * 24;
        let hours: Vec<u64> = (first..first + 24).map(|hour| one.hour(hour)).collect();
        let (least, most) = (hours.iter().min(), hours.iter().max());
        assert!(least.map(|n| n * 3) < most.copied(), "{hours:?}");
        let other = july().map(|number| day(&mut traffic(8, 100_000), number));
        assert_ne!(days, other.collect::<Vec<_>>());
        let mut product = Traffic::new(7, &ProductId::from("news"), 100_000);
        let other = july().map(|number| day(&mut product, number));
        assert_ne!(days, other.collect::<Vec<_>>());
    }

    #[test]
    fn the_usual_week_goes_on_and_every_day_of_it_is_alike() {
        let traffic = traffic(7, 1);
        let first = july().start * DAY;
        let until: Vec<u64> = (0..=3 * DAY)
            .map(|n| traffic.usual_until(first + n))
            .collect();
        assert!(until.windows(2).all(|pair| pair[0] < pair[1]));
        let day = usize::try_from(DAY).expect("small");
        assert_eq!(until[day] - until[0], until[2 * day] - until[day]);
        assert_eq!(until[day] - until[0], WHOLE);
    }
}
