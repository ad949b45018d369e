//! Slots from the command line: what can be booked and when, bookings and what becomes of them,
//! and a look at opening hours before anybody can book by them.

mod preview;

use clap::Subcommand;

use super::Ended;

/// Look at what can be booked, book it, and see to who comes.
#[derive(Debug, Subcommand)]
pub enum Slots {
    /// Compute the slots of a resource that is not stored: a JSON file with its hours.
    ///
    /// Reads timezone, operatingHours, dateOverrides, closures, defaultDurationMinutes,
    /// slotStepMinutes, bufferBeforeMinutes, bufferAfterMinutes, maxConcurrent,
    /// minNoticeMinutes and maxHorizonDays; all but the first have a usual value.
    Preview(preview::Preview),
}

/// Computes slots of what is not stored.
pub fn preview(preview: &preview::Preview, as_json: bool) -> Result<(), Ended> {
    preview::run(preview, as_json)
}
