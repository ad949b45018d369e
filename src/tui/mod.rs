//! The console: what a person sees and presses. Refuses to know where the engine is, or how
//! anything is stored: it asks the session.

pub mod clean;
pub mod input;
pub mod screen;
pub mod signals;
pub mod terminal;
pub mod theme;
