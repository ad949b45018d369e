//! `sync_accounts`: opens and changes the agent's own accounts.

use crate::{api::mcp::tool::Tool, engine::accounts::sync::SyncAccounts};

/// The tool.
pub const TOOL: Tool = Tool::of::<SyncAccounts>(
    "sync_accounts",
    "Open or change your accounts with this seller, each for a brand and whoever operates it. What \
     is there already stays; delete_missing closes the others; dry_run only says what would be done.",
);
