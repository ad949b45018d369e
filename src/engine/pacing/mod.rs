//! Pacing: whether lines will deliver what they promised, told from lines, media buys and what
//! was counted of them; what on-call should look at; and changes that are tried before they
//! are made, made as one, and taken back. Counts nothing itself, and judges by nothing but
//! [`crate::domain::pacing`].

pub mod alerts;
pub(in crate::engine) mod book;

pub mod get;
pub mod list;
mod rewound;
pub mod row;
pub mod steer;
pub mod sums;
