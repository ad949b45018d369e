//! What buyer and seller agents say to each other by the Ad Context Protocol, 3.0: the words
//! on the wire and the rules behind them. Nothing here stores, waits or asks the time.

pub mod capability;
pub mod error;
