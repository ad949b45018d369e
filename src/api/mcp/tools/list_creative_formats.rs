//! `list_creative_formats`: the creative formats that are taken here.

use crate::{api::mcp::tool::Tool, engine::discovery::formats::ListFormats};

/// The tool.
pub const TOOL: Tool = Tool::of::<ListFormats>(
    "list_creative_formats",
    "List the creative formats that this seller takes, with the assets that each wants. Filter by \
     format_ids, asset_types, size or name.",
);
