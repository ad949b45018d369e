//! What was delivered: told by ad servers, kept, and read back over time, through the engine's
//! one door.

mod budgets;
#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "these stories ask the engine itself")]
mod desk;
#[path = "../media_buys/market.rs"]
#[expect(dead_code, reason = "these stories need a part of the market")]
mod market;
mod readings;
mod serving;
