//! One file for each tool: what the agent reads of it, which operation answers, and the older
//! shapes that it understands.

pub mod get_adcp_capabilities;
