//! Ad servers of others: each adapter against a server on loopback that answers as that make's
//! documentation says, and against one that does not; and what is brought here from them.

#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "these stories ask the engine itself")]
mod desk;
#[path = "../support/fake_google.rs"]
mod fake_google;
mod google;
mod ground;
mod kevel;
#[path = "../media_buys/market.rs"]
#[expect(dead_code, reason = "these stories need its products alone")]
mod market;
mod orders;
mod others;
mod stops;
mod sync;
mod triton;
mod unfriendly;
