//! The table of everything that an agent can call. Adding a tool is one file and one line.

use super::{tool::Tool, tools};

/// Every tool.
pub static TOOLS: &[Tool] = &[tools::get_adcp_capabilities::TOOL];
