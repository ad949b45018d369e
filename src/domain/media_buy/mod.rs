//! What a publisher sells to a buyer's agent: media buys and their packages, who has to
//! agree to them, and what may be done with them when. Knows no wire and no clock.

pub mod action;
pub mod ad_order;
pub mod aim;
pub mod approval;
pub mod artifacts;
pub mod buy;
pub mod change;
pub mod creative;
pub mod draft;
pub mod feedback;
pub mod history;
pub mod item_type;
pub mod package;
pub mod reporting;
pub mod status;
pub mod terms;
pub mod upstream;
