//! Flightdeck.

pub mod domain;
