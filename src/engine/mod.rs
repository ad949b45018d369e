//! The engine: one type per operation behind one door, and the loops that do what takes
//! time. Knows the domain, the store and the peers; refuses to know any surface.

pub mod accounts;
pub mod activity;
pub mod answers;
pub mod bookings;
pub mod catalogue;
pub mod clock;
pub mod core;
pub mod creatives;
pub mod cursor;
pub mod delivery;
pub mod desk;
mod digest;
pub mod discovery;
pub mod due;
pub mod events;
pub mod fault;
mod flights;
pub mod governance;
pub mod keys;
pub mod media_buys;
mod memo;
pub mod notify;
pub mod operation;
pub mod pacing;
pub mod paging;
pub mod question;
pub mod quota;
pub mod reconcile;
pub mod sandbox;
pub mod seller;
pub mod sellers;
pub mod start;
pub mod sync;
pub mod tenants;
pub mod webhooks;
pub mod work;
