//! Pacing: whether a line will deliver what was promised, told from what was counted and until
//! when. Every figure is exact and can say its sum. Refuses to ask what time it is, to give a
//! number where there is none, and to add what does not belong together.
//!
//! [`terms::Terms`] and [`terms::Seen`] make [`figures::Figures`]; from these come the
//! [`status`], the [`alerts`], the reasons in [`why`] and the words in [`explained`].
//! [`whatif`] changes terms and takes the change back; [`reallocate`] moves budgets.

pub mod alerts;
pub mod booked;
pub mod clock;
pub mod counted;
pub mod curve;
pub mod explained;
pub mod figures;
pub mod floor;
pub mod hours;
pub mod journal;
pub mod outward;
pub mod quality;
pub mod ratio;
pub mod reallocate;
pub mod rollup;
pub mod samples;
pub mod status;
pub mod terms;
pub mod whatif;
pub mod why;

#[cfg(test)]
mod tests;
