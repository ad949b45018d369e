//! The console, as people meet it: keys in, screen out, on a real engine; and the program
//! itself in a terminal of its own.

mod brief;
mod crowd;
#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "other tests serve the desk, and on PostgreSQL")]
mod desk;
mod driver;
mod editor;
mod failing;
mod home;
mod jobs;
mod looks;
mod manners;
mod orders;
mod pacing;
mod payloads;
mod person;
mod picture;
mod program;
mod random;
mod review;
mod screen;
mod snapshots;
mod tenants;
#[path = "../support/terminal.rs"]
mod terminal;
mod tmux;
mod world;
