//! The console, as people meet it: keys in, screen out, on a real engine.

#[path = "../support/desk.rs"]
mod desk;
mod jobs;
mod person;
