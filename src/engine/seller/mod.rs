//! The seller inside: a catalogue, its availability by day, and `OpenDirect` orders from an
//! account to the stats of a line. Refuses to sell an impression twice.

pub mod embedded;

/// Begins the names of the counters of taken impressions; the product's id follows.
pub const AVAILS: &str = "avail/";
