//! `get_signals`: audiences, contexts and places that campaigns can be aimed at.

use crate::{api::mcp::tool::Tool, engine::discovery::signals::GetSignals};

/// The tool.
pub const TOOL: Tool = Tool::of::<GetSignals>(
    "get_signals",
    "Find audiences, contexts and places to aim at, by signal_spec in everyday words or by signal_ids. \
     The older query and type are understood too.",
);
