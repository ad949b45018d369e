//! The same stories, told on an engine in this process, on one over HTTP and on one over TLS, each
//! on SQLite and on PostgreSQL: what a console or a command sees is the same. Then what happens
//! where the line is bad.

#[path = "../support/authority.rs"]
mod authority;
mod certificates;
#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "other tests serve the desk")]
mod desk;
mod faults;
mod lines;
mod people;
mod program;
mod stage;
mod stories;
