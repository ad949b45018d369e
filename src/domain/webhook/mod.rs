//! What is sent to others when something has happened: to which address, how it is signed, and
//! when it is tried again. Sends nothing itself, and asks neither the time nor for luck.

pub mod address;
pub mod hook;
pub mod legacy;
pub mod notice;
pub mod schedule;
pub mod signature;
