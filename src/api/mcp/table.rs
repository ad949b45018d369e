//! The table of everything that an agent can call. Adding a tool is one file and one line.

use super::{tool::Tool, tools};

/// Every tool.
pub static TOOLS: &[Tool] = &[
    tools::get_adcp_capabilities::TOOL,
    tools::get_products::TOOL,
    tools::list_creative_formats::TOOL,
    tools::get_signals::TOOL,
    tools::activate_signal::TOOL,
    tools::get_avails::TOOL,
    tools::sync_accounts::TOOL,
    tools::list_accounts::TOOL,
];
