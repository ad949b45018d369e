//! The console as its terminal sees it: bytes in, a screen out.

mod screen;
