//! Time that can be booked: rooms, people, services and places, when they are open, the slots
//! that their hours make, who holds which, and why a time is not offered. One predicate lists,
//! explains and lets book, so the three never disagree. Asks no clock and knows no machine's
//! own time zone.

pub mod booking;
pub mod calendar;
pub mod closure;
pub mod diary;
pub mod grid;
pub mod guest;
pub mod hold;
pub mod hours;
pub mod load;
pub mod range;
pub mod reason;
pub mod resource;
pub mod schedule;
pub mod span;
pub mod timetable;
pub mod token;
pub mod upstream;
pub mod waiting;
pub mod zone;

use crate::domain::{
    problem::{Code, Problem},
    text::check_line,
};

/// What is wrong with fields that are one readable line each, of so many characters at most.
fn unreadable<const N: usize>(lines: [(&str, Option<&String>, usize); N]) -> Vec<Problem> {
    let wrong = lines.into_iter().filter_map(|(field, text, most)| {
        let why = check_line(text?, most).err()?;
        Some(Problem::new(
            field,
            Code::new("INVALID_TEXT"),
            why.to_string(),
        ))
    });
    wrong.collect()
}
