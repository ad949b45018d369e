//! The console, as people meet it: keys in, screen out, on a real engine; and the program
//! itself in a terminal of its own.

mod afar;
#[path = "../support/authority.rs"]
mod authority;
mod away;
mod brief;
mod crowd;
mod deliveries;
#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "other tests serve the desk, and on PostgreSQL")]
mod desk;
mod dialogs;
mod driver;
mod editor;
mod failing;
#[path = "../support/fake_google.rs"]
#[expect(dead_code, reason = "the stories of ad servers ask it more")]
mod fake_google;
mod guests;
mod home;
mod jobs;
#[path = "../support/line.rs"]
#[expect(dead_code, reason = "the stories of bad lines do more to theirs")]
mod line;
mod looks;
mod manners;
mod orders;
mod pacing;
mod payloads;
mod person;
mod picture;
mod program;
mod random;
#[path = "../adcp/receiver.rs"]
#[expect(dead_code, reason = "the stories of webhooks read more of what came")]
mod receiver;
mod review;
mod screen;
mod slots;
mod snapshots;
mod tenants;
#[path = "../support/terminal.rs"]
mod terminal;
mod tmux;
mod trails;
mod world;
