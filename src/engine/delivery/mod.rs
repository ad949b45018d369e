//! What was delivered: taken in from ad servers, kept, and told as a series over time. Refuses
//! to judge it; that is for pacing.

pub mod record;
pub mod series;
