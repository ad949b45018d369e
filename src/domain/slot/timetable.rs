//! What is offered and what is not: the grid, closures, notice and horizon, and who is there
//! already. Whoever lists, explains or books asks the same questions in the same order here.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::{
    grid::Grid,
    load::{Load, Sweep, Taken},
    reason::Reason,
    schedule::Schedule,
    span::{Span, second_from},
    zone::{day_of, midnight, shifted},
};
use crate::domain::when::Instant;

/// A time that can be booked, or could be but for those who have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When.
    pub span: Span,
    /// How many more can book it.
    pub remaining: u32,
    /// How many it serves at once.
    pub capacity: u32,
}

/// The slots of a schedule on some days, as it stands at a moment.
#[derive(Debug, Clone)]
pub struct Timetable<'a> {
    schedule: &'a Schedule,
    grid: Grid,
    closures: Vec<(Span, usize)>,
    load: Load,
    bare: Load,
    window: Window,
}

/// When a slot may begin, for somebody who books now.
#[derive(Debug, Clone, Copy)]
struct Window {
    now: i64,
    earliest: i64,
    end: i64,
}

impl Window {
    fn of(schedule: &Schedule, now: Instant) -> Self {
        let now = second_from(now);
        let zone = schedule.timezone;
        let last = |days: u32| shifted(day_of(zone, now), i64::from(days) + 1);
        Self {
            now,
            earliest: now + i64::from(schedule.min_notice_minutes) * 60,
            end: schedule
                .max_horizon_days
                .map_or(i64::MAX, |days| midnight(zone, last(days))),
        }
    }
}

impl<'a> Timetable<'a> {
    /// Of some days, for somebody who books now, with who is there already.
    #[must_use]
    pub fn new(
        schedule: &'a Schedule,
        days: RangeInclusive<NaiveDate>,
        now: Instant,
        taken: &[Taken],
    ) -> Self {
        let closures = schedule.closures.iter().enumerate();
        let closures = closures
            .filter_map(|(at, closure)| Some((closure.span(schedule.timezone)?, at)))
            .collect();
        let buffers = schedule.buffers();
        let load = Load::of(taken.iter().copied(), buffers);
        let bare = match buffers {
            (0, 0) => Load::default(),
            _ => Load::of(taken.iter().copied(), (0, 0)),
        };
        Self {
            schedule,
            grid: Grid::of(schedule, days),
            closures,
            load,
            bare,
            window: Window::of(schedule, now),
        }
    }

    /// Around one slot that begins then.
    #[must_use]
    pub fn around(schedule: &'a Schedule, start: i64, now: Instant, taken: &[Taken]) -> Self {
        let day = day_of(schedule.timezone, start);
        Self::new(schedule, day..=day, now, taken)
    }

    /// The slots that begin in a stretch of time, in order: those that can be booked, and if so
    /// wished those that could be if nobody had.
    #[must_use]
    pub fn slots(&self, within: Span, with_full: bool) -> Vec<Slot> {
        let mut sweep = Sweep::over(&self.load);
        let mut slots = Vec::new();
        for start in self.grid.starts(within) {
            let span = self.span(start);
            if self.barred(span).is_some() {
                continue;
            }
            let slot = self.slot(span, sweep.peak(self.occupied(span)));
            if with_full || slot.remaining > 0 {
                slots.push(slot);
            }
        }
        slots
    }

    /// Every slot that begins in a stretch of time and is not closed, past ones too, and whether
    /// somebody can still book it.
    #[must_use]
    pub fn all(&self, within: Span) -> Vec<(Slot, bool)> {
        let mut sweep = Sweep::over(&self.load);
        let starts = self.grid.starts(within).filter_map(|start| {
            let span = self.span(start);
            let barred = self.barred(span);
            if matches!(barred, Some(Reason::Closure { .. })) {
                return None;
            }
            let slot = self.slot(span, sweep.peak(self.occupied(span)));
            Some((slot, barred.is_none() && slot.remaining > 0))
        });
        starts.collect()
    }

    /// Why the first slot of a stretch of time cannot be booked, or its beginning where none
    /// begins in it.
    #[must_use]
    pub fn why_none(&self, within: Span) -> Option<Reason> {
        let first = self.grid.starts(within).next();
        self.judge(first.unwrap_or(within.start), 1).err()
    }

    /// The slot that begins then, if so many can still book it.
    ///
    /// # Errors
    /// With the first rule that it breaks.
    pub fn judge(&self, start: i64, seats: u32) -> Result<Slot, Reason> {
        if !self.grid.begins(start) {
            return Err(self.unopened(start));
        }
        let span = self.span(start);
        if let Some(reason) = self.barred(span) {
            return Err(reason);
        }
        let slot = self.slot(span, self.load.peak(self.occupied(span)));
        if slot.remaining >= seats {
            return Ok(slot);
        }
        Err(self.full(span, seats))
    }

    /// How many more fit into a time, whatever the hours say: for those who were there already.
    #[must_use]
    pub fn room(&self, span: Span) -> u32 {
        let peak = self.load.peak(self.occupied(span));
        self.schedule.max_concurrent.saturating_sub(peak)
    }

    fn span(&self, start: i64) -> Span {
        Span {
            start,
            end: start + self.grid.length(),
        }
    }

    /// The time that a slot takes with what is kept free around it.
    fn occupied(&self, span: Span) -> Span {
        let (before, after) = self.schedule.buffers();
        span.padded(before, after)
    }

    fn slot(&self, span: Span, peak: u32) -> Slot {
        let capacity = self.schedule.max_concurrent;
        Slot {
            span,
            remaining: capacity.saturating_sub(peak),
            capacity,
        }
    }

    /// Why no slot begins then.
    fn unopened(&self, start: i64) -> Reason {
        let day = day_of(self.schedule.timezone, start);
        if self.grid.is_open(start) {
            Reason::Grid
        } else if self.schedule.date_overrides.contains_key(&day) {
            Reason::Override
        } else {
            Reason::Hours
        }
    }

    /// Why nobody can book a slot, whoever has.
    fn barred(&self, span: Span) -> Option<Reason> {
        let Window { now, earliest, end } = self.window;
        let closed = self.closures.iter().find(|(closed, _)| closed.meets(span));
        if let Some((_, at)) = closed {
            let closure = &self.schedule.closures[*at];
            return Some(Reason::Closure {
                id: closure.id.clone(),
                reason: closure.reason.clone(),
            });
        }
        if span.start < now {
            return Some(Reason::Past);
        }
        if span.start < earliest {
            let minutes = self.schedule.min_notice_minutes;
            return Some(Reason::Notice { minutes });
        }
        let days = self.schedule.max_horizon_days?;
        (span.start >= end).then_some(Reason::Horizon { days })
    }

    /// Why so many do not fit.
    fn full(&self, span: Span, seats: u32) -> Reason {
        let capacity = self.schedule.max_concurrent;
        let taken = self.load.peak(self.occupied(span));
        let (before, after) = self.schedule.buffers();
        let alone = match (before, after) {
            (0, 0) => taken,
            _ => self.bare.peak(span),
        };
        if alone + seats <= capacity {
            Reason::Buffer { taken, capacity }
        } else {
            let taken = taken.max(alone);
            Reason::Capacity { taken, capacity }
        }
    }
}
