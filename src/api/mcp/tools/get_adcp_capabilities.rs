//! `get_adcp_capabilities`: what this seller can do, with the specialisms whose tools are here.

use serde_json::{Value, json};

use crate::{
    api::mcp::{
        table::TOOLS,
        tool::{Answering, Ask, Tool},
    },
    domain::sandbox::Scenario,
    engine::{discovery::capabilities::GetCapabilities, sandbox},
};

/// The tool.
pub const TOOL: Tool = Tool::of::<GetCapabilities>(
    "get_adcp_capabilities",
    "Say what this seller can do: protocol versions, pricing models, targeting, accounts, and how \
     idempotency keys work. Ask this first.",
)
.called(call);

/// What may be claimed, and the tools that it takes.
const SPECIALISMS: &[(&str, &[&str])] = &[
    ("sales-guaranteed", BUYING),
    ("sales-non-guaranteed", BUYING),
    ("sales-proposal-mode", BUYING),
];
/// The tools that buying takes.
const BUYING: &[&str] = &[
    "get_products",
    "list_creative_formats",
    "create_media_buy",
    "update_media_buy",
    "get_media_buys",
    "get_media_buy_delivery",
    "sync_creatives",
];

fn call(ask: Ask) -> Answering {
    Box::pin(async move {
        let plays = sandbox::plays(ask.core.desk().sandbox.as_ref(), &ask.caller);
        let mut answer = ask.operation::<GetCapabilities>().await?;
        if plays {
            let scenarios: Vec<&str> = Scenario::claimed().collect();
            let testing = json!({ "scenarios": scenarios });
            answer.output.insert("compliance_testing".into(), testing);
        }
        let here = |name: &&str| TOOLS.iter().any(|tool| tool.name == *name);
        let claimed = SPECIALISMS
            .iter()
            .filter(|(_, tools)| tools.iter().all(here));
        let claimed: Vec<Value> = claimed.map(|(name, _)| Value::from(*name)).collect();
        if !claimed.is_empty() {
            answer.output.insert("specialisms".into(), claimed.into());
        }
        Ok(answer)
    })
}
