//! Pure types and rules: what the trade's things are and what may happen to them.
//! Refuses to wait, to look at a clock, and to touch a disk or a wire.

pub mod adcp;
pub mod audit;
pub mod booking;
pub mod channel;
pub mod currency;
pub mod delivery;
pub mod ids;
pub mod inventory;
pub mod media_buy;
pub mod money;
pub mod notify;
pub mod object;
pub mod opendirect;
pub mod pacing;
pub mod policy;
pub mod problem;
pub mod sandbox;
pub mod slot;
pub mod tenant;
pub mod text;
pub mod webhook;
pub mod when;
pub mod zone;
