//! What is taken of a resource on one day of UTC: what every write to that day reads and writes,
//! so that two can never miss each other. Keeps numbers, not names: it stays small however many
//! come at once.

use std::{collections::BTreeSet, ops::RangeInclusive};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{load::Taken, span::Span};
use crate::domain::{
    ids::{HoldId, ResourceId},
    slot::span::instant,
    when::Instant,
};

/// The seconds of a day.
const DAY: i64 = 86_400;

/// What is taken on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diary {
    /// Of what.
    pub resource: ResourceId,
    /// On which day of UTC.
    pub day: NaiveDate,
    /// Booked: from, to, by how many seats. In order.
    booked: Vec<(i64, i64, u32)>,
    /// Kept for somebody: from, to, how many seats, by which hold, until when.
    held: Vec<(i64, i64, u32, HoldId, i64)>,
}

impl Diary {
    /// An empty day.
    #[must_use]
    pub fn new(resource: ResourceId, day: NaiveDate) -> Self {
        Self {
            resource,
            day,
            booked: Vec::new(),
            held: Vec::new(),
        }
    }

    /// Under which name the day of a resource is kept.
    #[must_use]
    pub fn name(resource: ResourceId, day: NaiveDate) -> String {
        format!("{resource}/{day}")
    }

    /// The days that a stretch of time touches.
    #[must_use]
    pub fn days(span: Span) -> RangeInclusive<NaiveDate> {
        let day = |second: i64| instant(second).date_naive();
        day(span.start)..=day(span.end - 1)
    }

    /// Every day of a range, in order.
    pub fn each(days: RangeInclusive<NaiveDate>) -> impl Iterator<Item = NaiveDate> {
        let (first, last) = days.into_inner();
        first.iter_days().take_while(move |day| *day <= last)
    }

    /// Whether a stretch of time touches this day.
    fn touches(&self, span: Span) -> bool {
        let start = self.midnight();
        span.meets(Span {
            start,
            end: start + DAY,
        })
    }

    fn midnight(&self) -> i64 {
        let midnight = self.day.and_time(chrono::NaiveTime::MIN);
        midnight.and_utc().timestamp()
    }

    /// Adds a booking, if it is of this day.
    pub fn book(&mut self, span: Span, seats: u32) {
        if !self.touches(span) {
            return;
        }
        let at = self
            .booked
            .partition_point(|(start, end, _)| (*start, *end) < (span.start, span.end));
        match self.booked.get_mut(at) {
            Some(same) if (same.0, same.1) == (span.start, span.end) => same.2 += seats,
            _ => self.booked.insert(at, (span.start, span.end, seats)),
        }
    }

    /// Takes a booking out, if it is of this day.
    pub fn leave(&mut self, span: Span, seats: u32) {
        let same = |one: &(i64, i64, u32)| (one.0, one.1) == (span.start, span.end);
        if let Some(at) = self.booked.iter().position(same) {
            let left = self.booked[at].2.saturating_sub(seats);
            if left == 0 {
                self.booked.remove(at);
            } else {
                self.booked[at].2 = left;
            }
        }
    }

    /// Adds a hold, or says until when it is kept now.
    pub fn hold(&mut self, span: Span, seats: u32, hold: HoldId, until: Instant) {
        self.release(hold);
        if self.touches(span) {
            let until = until.timestamp();
            self.held.push((span.start, span.end, seats, hold, until));
        }
    }

    /// Takes a hold out.
    pub fn release(&mut self, hold: HoldId) {
        self.held.retain(|one| one.3 != hold);
    }

    /// Whether anything is left of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.booked.is_empty() && self.held.is_empty()
    }

    /// What is taken on some days, at a moment. What lies on two of them counts once.
    #[must_use]
    pub fn taken<'a, I>(diaries: I, now: Instant) -> Vec<Taken>
    where
        I: IntoIterator<Item = &'a Self> + Clone,
    {
        let now = now.timestamp();
        let days: BTreeSet<NaiveDate> =
            diaries.clone().into_iter().map(|diary| diary.day).collect();
        let mut all = Vec::new();
        for diary in diaries {
            let midnight = diary.midnight();
            // What began on the day before counts there, if that day was looked at.
            let before = diary.day.pred_opt();
            let is_first = before.is_none_or(|before| !days.contains(&before));
            let counts = |start: i64| start >= midnight || is_first;
            let booked = diary
                .booked
                .iter()
                .map(|(start, end, seats)| (*start, *end, *seats));
            let held = diary.held.iter().filter(|one| now < one.4);
            let held = held.map(|(start, end, seats, ..)| (*start, *end, *seats));
            let both = booked.chain(held).filter(|(start, ..)| counts(*start));
            all.extend(both.map(|(start, end, seats)| Taken {
                span: Span { start, end },
                seats,
            }));
        }
        all
    }

    /// The holds on some days whose time is over.
    #[must_use]
    pub fn over(diaries: &[Self], now: Instant) -> BTreeSet<HoldId> {
        let now = now.timestamp();
        let held = diaries.iter().flat_map(|diary| &diary.held);
        held.filter(|one| now >= one.4).map(|one| one.3).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        Span::between(at(start), at(end)).expect("time")
    }

    #[test]
    fn what_lies_on_two_days_counts_once() {
        let resource = ResourceId::from(uuid::Uuid::nil());
        let night = span("2026-06-15T23:00:00Z", "2026-06-16T01:00:00Z");
        let days = Diary::days(night);
        let mut diaries: Vec<Diary> = Diary::each(days)
            .map(|day| Diary::new(resource, day))
            .collect();
        assert_eq!(diaries.len(), 2);
        let now = "2026-06-01T00:00:00Z".parse().expect("now");
        for diary in &mut diaries {
            diary.book(night, 2);
            diary.book(night, 1);
            diary.book(span("2026-06-14T10:00:00Z", "2026-06-14T11:00:00Z"), 1);
        }
        let both = Diary::taken(&diaries, now);
        assert_eq!(
            both,
            [Taken {
                span: night,
                seats: 3
            }]
        );
        assert_eq!(
            Diary::taken(&diaries[1..], now),
            both,
            "asked for the second day alone"
        );
        let early = Diary::new(resource, "2026-06-10".parse().expect("a day"));
        let apart = [early, diaries[1].clone()];
        assert_eq!(
            Diary::taken(&apart, now),
            both,
            "with a day that is far away"
        );
        for diary in &mut diaries {
            diary.leave(night, 3);
            assert!(diary.is_empty());
        }
    }

    #[test]
    fn a_hold_counts_until_its_time_is_over() {
        let resource = ResourceId::from(uuid::Uuid::nil());
        let slot = span("2026-06-15T10:00:00Z", "2026-06-15T11:00:00Z");
        let mut diary = Diary::new(resource, "2026-06-15".parse().expect("a day"));
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let hold = HoldId::from(uuid::Uuid::from_u128(7));
        diary.hold(slot, 1, hold, at("2026-06-15T09:05:00Z"));
        let diaries = [diary];
        assert_eq!(Diary::taken(&diaries, at("2026-06-15T09:04:59Z")).len(), 1);
        assert_eq!(Diary::taken(&diaries, at("2026-06-15T09:05:00Z")).len(), 0);
        assert_eq!(
            Diary::over(&diaries, at("2026-06-15T09:05:00Z")),
            [hold].into()
        );
    }
}
