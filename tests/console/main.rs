//! The console as its terminal sees it: bytes in, a screen out.

mod driver;
mod screen;
#[path = "../support/terminal.rs"]
mod terminal;
