//! What buyer and seller agents say to each other by the Ad Context Protocol, 3.0: the words
//! on the wire and the rules behind them. Nothing here stores, waits or asks the time.

pub mod account;
pub mod capability;
pub mod error;
pub mod fixture;
pub mod format;
pub mod governance;
pub mod jcs;
pub mod offer;
pub mod page;
pub mod product;
pub mod proposal;
pub mod search;
pub mod signal;
pub mod wanted;
pub mod words;
