//! The objects of `OpenDirect` 2.1: what a publisher sells and how an order for it lives.
//! Every state machine here can refuse; nothing here stores, waits or asks the time.

pub mod account;
pub mod assignment;
pub mod avails;
pub mod booking_status;
mod check;
pub mod creative;
pub mod holding;
pub mod line;
pub mod line_draft;
pub mod order;
pub mod organization;
pub mod product;
pub mod refusal;
pub mod stats;
pub mod wire;

/// What a vendor adds to an object for its own use: kept, given back, never read.
pub type Ext = serde_json::Map<String, serde_json::Value>;

/// What a line is aimed at: `geo` -> `US`, `CA`.
pub type Targeting = std::collections::BTreeMap<String, Vec<String>>;
