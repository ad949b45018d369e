//! Ad servers of others: each adapter against a server on loopback that answers as that make's
//! documentation says, and against one that does not.

mod google;
mod ground;
mod kevel;
mod triton;
mod unfriendly;

#[path = "../support/fake_google.rs"]
mod fake_google;
