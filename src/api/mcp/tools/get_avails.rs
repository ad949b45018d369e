//! `get_avails`: what could be had of products for a budget.

use crate::{api::mcp::tool::Tool, engine::discovery::avails::GetAvails};

/// The tool.
pub const TOOL: Tool = Tool::of::<GetAvails>(
    "get_avails",
    "Say how many impressions of products are free between two days, and what they cost for a budget.",
);
