//! Slots through the front door: what can be booked, who has it, who waits, and what other
//! calendars read of it; on every database that is there.

mod boards;
mod booking;
mod calendars;
mod contention;
mod hours;
mod house;
mod keeping;
mod names;
#[path = "../support/postgres.rs"]
mod postgres;
