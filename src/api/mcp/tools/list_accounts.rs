//! `list_accounts`: the agent's own accounts.

use crate::{api::mcp::tool::Tool, engine::accounts::list::ListAccounts};

/// The tool.
pub const TOOL: Tool = Tool::of::<ListAccounts>(
    "list_accounts",
    "List your accounts with this seller and the state that each is in.",
);
