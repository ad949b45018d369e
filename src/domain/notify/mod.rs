//! What a publisher wants to hear of, and where: endpoints of its own systems, and Slack. Knows
//! no store and no clock; sends nothing itself.

pub mod endpoint;
pub mod failure;
pub mod patience;
pub mod slack;
pub mod standard;
pub mod topic;
