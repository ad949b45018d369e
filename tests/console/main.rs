//! The console, as people meet it: keys in, screen out, on a real engine; and the program
//! itself in a terminal of its own.

mod crowd;
#[expect(dead_code, reason = "other tests serve the desk, and on PostgreSQL")]
#[path = "../support/desk.rs"]
mod desk;
mod driver;
mod failing;
mod home;
mod jobs;
mod looks;
mod manners;
mod payloads;
mod person;
mod program;
mod random;
mod screen;
#[path = "../support/terminal.rs"]
mod terminal;
mod tmux;
