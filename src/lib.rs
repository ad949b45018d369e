//! Flightdeck.

pub mod api;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod peers;
pub mod session;
pub mod store;
