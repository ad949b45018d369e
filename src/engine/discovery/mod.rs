//! What a buyer's agent finds out before it buys anything: what this seller can do, what it
//! sells, and in which formats. Refuses to sell.

pub mod capabilities;
