//! Media buys as a buyer's agent and the people at the publisher meet them: ordered, agreed
//! to, changed, stopped, called off and over, through the engine's one door.

mod approval;
mod creatives;
#[path = "../support/desk.rs"]
mod desk;
mod market;
mod rules;
mod story;
