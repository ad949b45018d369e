//! What a buyer's agent finds out before it buys anything: what this seller can do, what it
//! sells, and in which formats. Refuses to sell.

pub mod avails;
pub mod capabilities;
pub mod formats;
mod found;
pub mod products;
pub mod proposals;
pub mod refine;
pub mod shelf;
pub mod shown;
pub mod signals;
