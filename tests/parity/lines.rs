//! Lines that do not do what lines should.

#[path = "../support/line.rs"]
mod line;

pub use line::{Line, Mood, Slow};
