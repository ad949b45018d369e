//! What ad servers counted. A [`reading::Reading`] says how much a line had delivered until
//! some time; a [`track::Track`] keeps as much of a line's readings as pacing is told from.
//! Refuses increments: a total can be told twice without counting anything twice. What others
//! count of the same line is [`measured`].
//!
//! What the ad server inside shows is worked out here too: [`traffic`] says how much there is,
//! [`serve`] which of the [`running`] lines get it, [`people`] how
//! many see it and what a frequency cap lets through, [`content`] beside what it is shown.

pub mod chance;
pub mod content;
pub mod mark;
pub mod measured;
pub mod people;
pub mod reading;
pub mod running;
pub mod serve;
pub mod totals;
pub mod track;
pub mod traffic;
