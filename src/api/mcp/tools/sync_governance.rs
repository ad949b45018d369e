//! `sync_governance`: says which agents have to agree to what is bought on the agent's accounts.

use crate::{api::mcp::tool::Tool, engine::accounts::governance::SyncGovernance};

/// The tool.
pub const TOOL: Tool = Tool::of::<SyncGovernance>(
    "sync_governance",
    "Say which governance agents have to agree to what is bought on your accounts. From then on \
     orders and changes of them need a plan_id, and check_governance is called before anything is \
     committed.",
)
.governing();
