//! Planning a campaign: from a brief to what could be bought for it. Everything here is
//! decided from its arguments alone and the same way twice; nothing is booked here.

pub mod allocation;
pub mod asked;
pub mod audience;
pub mod brief;
pub mod fit;
pub mod glance;
pub mod job;
pub mod kpis;
pub mod lines;
pub mod negotiation;
pub mod objective;
pub mod recommendation;
pub mod shelf;
pub mod status;
pub mod there;
pub mod upstream;
pub mod wants;

mod closed;
mod look;
#[cfg(test)]
mod samples;
mod shape;
mod share;
pub mod shortage;
mod words;
