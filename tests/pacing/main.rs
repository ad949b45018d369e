//! How lines pace, what on-call is told of it, and what traffickers change: through the engine's
//! one door.

mod alerts;
#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "these stories need no routes")]
mod desk;
mod ground;
mod list;
#[path = "../media_buys/market.rs"]
#[expect(dead_code, reason = "these stories need a part of the market")]
mod market;
mod measured;
mod steer;
