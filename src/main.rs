//! The `flightdeck` program.

fn main() {}
