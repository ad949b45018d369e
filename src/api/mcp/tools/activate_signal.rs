//! `activate_signal`: makes a signal live for the agent.

use crate::{api::mcp::tool::Tool, engine::discovery::signals::ActivateSignal};

/// The tool.
pub const TOOL: Tool = Tool::of::<ActivateSignal>(
    "activate_signal",
    "Make a signal live at one or more destinations, or take it away again with action deactivate.",
);
