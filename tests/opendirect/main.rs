//! The seller inside, as its buyers meet it: over `OpenDirect`, through the operations, and
//! as the seller of booking jobs.

mod catalogue;
#[path = "../support/desk.rs"]
mod desk;
mod jobs;
mod market;
mod race;
mod refusals;
mod story;
mod tenants;
mod time;
