//! What an ad server has: its places, what they can be aimed by, its orders and lines, and the
//! runs that bring a copy of it here. One vocabulary for all of them, whatever each calls its
//! things. Refuses names that cannot be shown: what a foreign server wrote is made inert first.

pub mod connection;
pub mod item;
pub mod kind;
pub mod order;
pub mod run;
pub mod slot;
pub mod trouble;
