//! How full a piece of a calendar is, as a sign and a colour: the sign alone says it where there
//! are no colours. Draws nothing.

use crate::{
    engine::slots::board::{BoardRow, Cell},
    tui::theme::{Glyphs, Role},
};

/// The signs of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Free, a little, half, mostly and wholly taken.
    pub heat: [&'static str; 5],
    /// Closed.
    pub closed: &'static str,
    /// Outside of the hours.
    pub outside: &'static str,
    /// Free, but nobody can book it any more, or not yet.
    pub barred: &'static str,
    /// Left out by the clock.
    pub gap: &'static str,
    /// What time it is.
    pub now: &'static str,
}

/// For terminals that draw Unicode.
const UNICODE: Signs = Signs {
    heat: [" ", "░", "▒", "▓", "█"],
    closed: "╱",
    outside: "·",
    barred: "-",
    gap: "⇢",
    now: "━",
};

/// For those that do not.
const ASCII: Signs = Signs {
    heat: [" ", ":", "=", "%", "#"],
    closed: "/",
    outside: ".",
    barred: "-",
    gap: ">",
    now: "_",
};

/// The signs that go with those of a theme.
#[must_use]
pub fn signs(glyphs: &Glyphs) -> &'static Signs {
    if glyphs.bar[0].is_ascii() {
        &ASCII
    } else {
        &UNICODE
    }
}

/// Which of the five shades so much of so much is.
#[must_use]
pub fn shade(taken: u32, seats: u32) -> usize {
    match taken {
        0 => 0,
        _ if taken >= seats => 4,
        _ => 1 + usize::try_from(u64::from(taken) * 3 / u64::from(seats.max(1))).unwrap_or(2),
    }
}

/// The role of a shade.
#[must_use]
pub fn role(shade: usize) -> Role {
    match shade {
        0 => Role::Text,
        1 => Role::Good,
        2 => Role::Accent,
        3 => Role::Warn,
        _ => Role::Bad,
    }
}

/// What a piece of time is in the calendar of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Outside of its hours.
    Outside,
    /// Closed, by which of its closures.
    Closed(usize),
    /// Time that can be booked, or could be.
    Open {
        /// How much of it is taken.
        taken: u32,
        /// How much there is.
        seats: u32,
        /// The first slot that begins in it, if one does.
        begins: Option<i64>,
        /// The first of them that can still be booked.
        free: Option<i64>,
    },
}

/// What a resource is from one second to another.
#[must_use]
pub fn state(row: &BoardRow, (start, end): (i64, i64), now: i64) -> State {
    let closed = row
        .closures
        .iter()
        .position(|one| one.start < end && start < one.end);
    let length = i64::from(row.minutes) * 60;
    let from = row.cells.partition_point(|cell| cell.0 + length <= start);
    let here = row.cells[from..].iter().take_while(|cell| cell.0 < end);
    let here: Vec<&Cell> = here.collect();
    if here.is_empty() {
        return closed.map_or(State::Outside, State::Closed);
    }
    let count = u32::try_from(here.len()).unwrap_or(u32::MAX);
    let mine = |cell: &&&Cell| cell.0 >= start;
    let offered = |cell: &&&Cell| cell.2 && cell.0 >= now;
    State::Open {
        taken: here
            .iter()
            .fold(0, |sum: u32, cell| sum.saturating_add(cell.1)),
        seats: row.capacity.saturating_mul(count),
        begins: here.iter().find(mine).map(|cell| cell.0),
        free: here.iter().filter(mine).find(offered).map(|cell| cell.0),
    }
}

/// How much of the slots that begin from one second to another is taken, and how much there is.
#[must_use]
pub fn sums(row: &BoardRow, (start, end): (i64, i64)) -> (u64, u64) {
    let from = row.cells.partition_point(|cell| cell.0 < start);
    let here = row.cells[from..].iter().take_while(|cell| cell.0 < end);
    here.fold((0, 0), |(taken, seats), cell| {
        (taken + u64::from(cell.1), seats + u64::from(row.capacity))
    })
}

/// A share in percent, where there is anything to share.
#[must_use]
pub fn percent((taken, seats): (u64, u64)) -> Option<u64> {
    (taken * 100 + seats / 2).checked_div(seats)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::slot::resource::ResourceType, engine::slots::board::Closed};

    fn tour() -> BoardRow {
        BoardRow {
            id: uuid::Uuid::nil().into(),
            name: "Tour".to_owned(),
            kind: ResourceType::Location,
            timezone: "UTC".to_owned(),
            is_active: true,
            capacity: 10,
            minutes: 60,
            step: 60,
            cells: vec![
                Cell(3600, 0, true),
                Cell(7200, 4, true),
                Cell(10_800, 10, false),
            ],
            upstream: None,
            closures: vec![Closed {
                start: 18_000,
                end: 20_000,
                why: "Power".to_owned(),
            }],
        }
    }

    #[test]
    fn five_shades_from_nothing_to_all() {
        let shades: Vec<usize> = [0, 1, 3, 4, 6, 7, 9, 10, 12]
            .into_iter()
            .map(|taken| shade(taken, 10))
            .collect();
        assert_eq!(shades, [0, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(shade(1, 1), 4);
        assert_eq!(shade(0, 0), 0);
        assert_eq!(shade(1, 0), 4);
        assert_eq!(shade(u32::MAX - 1, u32::MAX), 3);
    }

    #[test]
    fn a_piece_of_time_is_what_lies_in_it() {
        let row = tour();
        let of = |start, end| state(&row, (start, end), 0);
        assert_eq!(of(0, 3600), State::Outside);
        assert_eq!(of(18_000, 21_600), State::Closed(0));
        let open = |taken, seats, begins, free| State::Open {
            taken,
            seats,
            begins,
            free,
        };
        assert_eq!(of(3600, 7200), open(0, 10, Some(3600), Some(3600)));
        // The second half of a slot: nothing begins in it.
        assert_eq!(of(9000, 10_800), open(4, 10, None, None));
        assert_eq!(of(10_800, 14_400), open(10, 10, Some(10_800), None));
        // Several in one.
        assert_eq!(of(3600, 14_400), open(14, 30, Some(3600), Some(3600)));
        let later = state(&row, (3600, 7200), 5000);
        assert_eq!(later, open(0, 10, Some(3600), None), "it has begun");
        assert_eq!(sums(&row, (0, 10_800)), (4, 20));
        assert_eq!(percent((4, 20)), Some(20));
        assert_eq!(percent((0, 0)), None);
    }
}
