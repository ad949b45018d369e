//! Flightdeck.

pub mod config;
pub mod domain;
pub mod engine;
pub mod peers;
pub mod store;
