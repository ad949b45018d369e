//! Where the cursor of the calendar is, and how it moves: by rows, days and weeks of the clock
//! that is shown, over hours that a day has twice and hours that it leaves out. The cursor is an
//! instant, so that nothing it stands on moves when the clock is another one.

use std::cell::Cell;

use chrono::{NaiveDate, NaiveTime, Timelike as _};

use super::wall::{self, HEIGHTS, Moment, TimeRow};
use crate::{
    domain::{
        slot::zone::{day_of, local, midnight, second_of, shifted},
        zone::Zone,
    },
    engine::slots::board::BoardRow,
};

/// The hours that are shown where nothing is known of any.
const USUAL: (u16, u16) = (8 * 60, 18 * 60);

/// Where the cursor is.
pub struct Calendar {
    at: i64,
    zone: Zone,
    /// The highest rows in which no two slots begin.
    finest: u16,
    /// From when until when anything is open on any day, in minutes since midnight.
    hours: (u16, u16),
    /// How high a row was drawn last, in minutes.
    height: Cell<u16>,
    /// The first row that was drawn last.
    top: Cell<Option<usize>>,
}

impl Calendar {
    /// With its cursor on this instant.
    #[must_use]
    pub fn new(at: i64) -> Self {
        Self {
            at,
            zone: Zone::UTC,
            finest: 60,
            hours: USUAL,
            height: Cell::new(60),
            top: Cell::new(None),
        }
    }

    /// Whose clock is shown.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// Shows another clock.
    pub fn set_zone(&mut self, zone: Zone) {
        if self.zone != zone {
            self.zone = zone;
            self.top.set(None);
        }
    }

    /// The instant under the cursor.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.at
    }

    /// Puts the cursor on an instant.
    pub fn go(&mut self, at: i64) {
        // What no calendar has is not gone to.
        if (-60_000_000_000..250_000_000_000).contains(&at) {
            self.at = at;
        }
    }

    /// The day under the cursor.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        day_of(self.zone, self.at)
    }

    /// The Monday of its week.
    #[must_use]
    pub fn monday(&self) -> NaiveDate {
        wall::monday(self.day())
    }

    /// The seconds of a day.
    #[must_use]
    pub fn span_of(&self, day: NaiveDate) -> (i64, i64) {
        (
            midnight(self.zone, day),
            midnight(self.zone, shifted(day, 1)),
        )
    }

    /// The seconds of the week.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        let monday = self.monday();
        (
            midnight(self.zone, monday),
            midnight(self.zone, shifted(monday, 7)),
        )
    }

    /// Learns from what is shown how fine its rows have to be, and which hours matter.
    pub fn know<'a>(&mut self, rows: impl Iterator<Item = &'a BoardRow>) {
        let (mut finest, mut hours) = (60, (u16::MAX, 0));
        for row in rows {
            for cell in &row.cells {
                let clock = local(self.zone, cell.0);
                let minute = u16::try_from(clock.hour() * 60 + clock.minute()).unwrap_or(0);
                let fits = |height: &&u16| minute.is_multiple_of(**height);
                finest = finest.min(HEIGHTS.iter().rev().find(fits).copied().unwrap_or(15));
                let end = minute.saturating_add(u16::try_from(row.minutes).unwrap_or(u16::MAX));
                hours = (hours.0.min(minute), hours.1.max(end.min(1440)));
            }
        }
        self.finest = finest;
        let hours = if hours.0 < hours.1 { hours } else { USUAL };
        if self.hours != hours {
            self.hours = hours;
            self.top.set(None);
        }
    }

    /// How high rows are where there is room for so many: as fine as the slots need, unless that
    /// leaves some of the hours out.
    pub fn fit(&self, room: usize) -> u16 {
        let open = usize::from(self.hours.1 - self.hours.0);
        let fits = |height: &&u16| **height >= self.finest && open / usize::from(**height) <= room;
        let height = HEIGHTS.iter().find(fits).copied().unwrap_or(60);
        if self.height.replace(height) != height {
            self.top.set(None);
        }
        height
    }

    /// The rows of the week.
    #[must_use]
    pub fn rows(&self) -> Vec<TimeRow> {
        wall::rows(self.zone, &wall::week(self.monday()), self.height.get())
    }

    /// What the rows are on a day.
    #[must_use]
    pub fn moments(&self, day: NaiveDate, rows: &[TimeRow]) -> Vec<Moment> {
        wall::moments(self.zone, day, rows, self.height.get())
    }

    /// In which row the cursor is.
    #[must_use]
    pub fn row(&self, rows: &[TimeRow]) -> usize {
        wall::place(self.zone, self.at, rows, self.height.get()).1
    }

    /// The stretch of time under the cursor.
    #[must_use]
    pub fn cell(&self) -> (i64, i64) {
        let rows = self.rows();
        let (day, row) = wall::place(self.zone, self.at, &rows, self.height.get());
        match self.moments(day, &rows).get(row) {
            Some(Moment::At(start, end)) => (*start, *end),
            _ => (self.at, self.at + i64::from(self.height.get()) * 60),
        }
    }

    /// The first of so many rows that is drawn where so many fit: the cursor is always among
    /// them, and the hours at first.
    pub fn first(&self, rows: &[TimeRow], room: usize) -> usize {
        let last = rows.len().saturating_sub(room);
        let opens = || {
            rows.iter()
                .position(|row| row.minute + self.height.get() > self.hours.0)
        };
        let top = self.top.get().or_else(opens).unwrap_or(0).min(last);
        let here = self.row(rows);
        let top = top.min(here).max((here + 1).saturating_sub(room));
        self.top.set(Some(top));
        top
    }

    /// Moves by so many rows, over midnight too.
    pub fn down(&mut self, by: isize) {
        for _ in 0..by.unsigned_abs() {
            let (start, end) = self.cell();
            self.go(if by > 0 { end } else { start - 1 });
            self.go(self.cell().0);
        }
    }

    /// Moves by so many days, at the same time by the clock.
    pub fn side(&mut self, by: i64) {
        let rows = self.rows();
        let here = rows.get(self.row(&rows)).copied();
        let day = shifted(self.day(), by);
        self.on(day, here);
    }

    /// Goes to a row of a day, or what is there instead.
    fn on(&mut self, day: NaiveDate, here: Option<TimeRow>) {
        let rows = wall::rows(self.zone, &wall::week(wall::monday(day)), self.height.get());
        let moments = self.moments(day, &rows);
        let is_here = |row: &&TimeRow| here.is_some_and(|here| here.minute == row.minute);
        let same = rows.iter().position(|row| Some(*row) == here);
        let place = same.or_else(|| rows.iter().position(|row| is_here(&row)));
        let from = moments.iter().skip(place.unwrap_or(0));
        let begins = |moment: &Moment| match moment {
            Moment::At(start, _) => Some(*start),
            Moment::Skipped | Moment::Never => None,
        };
        let found = match from.clone().next().copied() {
            // The hour that another day has twice.
            Some(Moment::Never) => moments
                .iter()
                .take(place.unwrap_or(0))
                .rev()
                .find_map(begins),
            _ => from.clone().find_map(begins),
        };
        self.go(found.unwrap_or_else(|| midnight(self.zone, day)));
    }

    /// Goes to a day, at the same time by the clock or at another one.
    pub fn go_day(&mut self, day: NaiveDate, time: Option<NaiveTime>) {
        if let Some(time) = time {
            return self.go(second_of(self.zone, day.and_time(time)));
        }
        let rows = self.rows();
        let here = rows.get(self.row(&rows)).copied();
        self.on(day, here);
    }

    /// Goes to the first row of the hours of the day, or to the last one.
    pub fn edge(&mut self, is_last: bool) {
        let minute = if is_last {
            self.hours.1.saturating_sub(self.height.get())
        } else {
            self.hours.0
        };
        let minute = u32::from(minute.min(1439));
        let time = NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap_or_default();
        self.go(second_of(self.zone, self.day().and_time(time)));
    }

    /// Goes to a row of a day of the week, as it was drawn.
    pub fn click(&mut self, day: NaiveDate, row: usize) {
        let rows = self.rows();
        if let Some(Moment::At(start, _)) = self.moments(day, &rows).get(row) {
            self.go(*start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::slot::zone::written;

    fn at(text: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(text)
            .expect("an instant")
            .timestamp()
    }

    fn calendar(text: &str) -> Calendar {
        let mut calendar = Calendar::new(at(text));
        calendar.set_zone("America/New_York".parse().expect("a zone"));
        calendar
    }

    fn here(calendar: &Calendar) -> String {
        written(calendar.zone(), calendar.at())
    }

    #[test]
    fn the_cursor_walks_through_the_hour_that_comes_twice() {
        let mut calendar = calendar("2026-11-01T00:00:00-04:00");
        let mut walked = Vec::new();
        for _ in 0..4 {
            calendar.down(1);
            walked.push(here(&calendar));
        }
        assert_eq!(
            walked,
            [
                "2026-11-01T01:00:00-04:00",
                "2026-11-01T01:00:00-05:00",
                "2026-11-01T02:00:00-05:00",
                "2026-11-01T03:00:00-05:00",
            ]
        );
        calendar.down(-2);
        assert_eq!(here(&calendar), "2026-11-01T01:00:00-05:00");
        // The day before has it once.
        calendar.side(-1);
        assert_eq!(here(&calendar), "2026-10-31T01:00:00-04:00");
    }

    #[test]
    fn the_cursor_steps_over_the_hour_that_is_left_out() {
        let mut calendar = calendar("2026-03-07T02:00:00-05:00");
        calendar.side(1);
        assert_eq!(here(&calendar), "2026-03-08T03:00:00-04:00");
        calendar.down(-1);
        assert_eq!(here(&calendar), "2026-03-08T01:00:00-05:00");
        calendar.side(7);
        assert_eq!(here(&calendar), "2026-03-15T01:00:00-04:00");
    }

    #[test]
    fn another_clock_moves_nothing() {
        let mut calendar = calendar("2026-06-15T22:00:00-04:00");
        let day = calendar.day();
        calendar.set_zone(Zone::UTC);
        assert_eq!(here(&calendar), "2026-06-16T02:00:00+00:00");
        assert_eq!(calendar.day(), shifted(day, 1));
        calendar.down(1);
        assert_eq!(here(&calendar), "2026-06-16T03:00:00+00:00");
    }
}
