//! Who trades: organizations, and the accounts in which one buys for another.

pub mod accounts;
pub mod organizations;
