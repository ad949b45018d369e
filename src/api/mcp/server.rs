//! The tools as the protocol's own software development kit wants them served. Refuses
//! everything but tools: no prompts, no resources, no tasks of its own.

use std::sync::{Arc, OnceLock};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool as Listed, ToolAnnotations,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use super::{
    envelope,
    table::TOOLS,
    tool::{Object, Tool},
};
use crate::{domain::tenant::caller::Caller, engine::core::Core};

/// What an agent is told when it connects.
const INSTRUCTIONS: &str = "A seller of advertising that speaks AdCP 3.0. Begin with \
    get_adcp_capabilities, find what to buy with get_products, then buy it with create_media_buy. \
    Whatever changes something takes an idempotency_key: mint a UUID for each new request and \
    keep it for retries.";

/// Serves the tools of an engine to one caller.
#[derive(Clone)]
pub struct Served {
    /// The engine.
    pub core: Core,
    /// Who asks.
    pub caller: Caller,
}

impl ServerHandler for Served {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let us = Implementation::new("flightdeck", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities)
            .with_server_info(us)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let shown = listed()
            .iter()
            .filter(|(tool, _)| tool.is_for(&self.core, &self.caller));
        let shown = shown.map(|(_, listed)| listed.clone());
        Ok(ListToolsResult::with_all_items(shown.collect()))
    }

    async fn call_tool(
        &self,
        asked: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let there = |tool: &&Tool| tool.name == asked.name && tool.is_for(&self.core, &self.caller);
        let Some(tool) = TOOLS.iter().find(there) else {
            let message = "there is no tool of that name; tools/list names them";
            return Err(ErrorData::invalid_params(message, None));
        };
        let sent = asked.arguments.unwrap_or_default();
        Ok(envelope::call(&self.core, &self.caller, tool, sent)
            .await
            .into())
    }
}

/// Every tool as it is listed, made once.
fn listed() -> &'static [(&'static Tool, Listed)] {
    static LISTED: OnceLock<Vec<(&'static Tool, Listed)>> = OnceLock::new();
    LISTED.get_or_init(|| TOOLS.iter().map(|tool| (tool, list(tool))).collect())
}

fn list(tool: &Tool) -> Listed {
    let hints = ToolAnnotations::new()
        .read_only(!tool.changes)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    Listed::new(tool.name, tool.about, Arc::new(whole_input(tool))).with_annotations(hints)
}

/// A tool's arguments with those of the envelope: agents strip what a schema does not name.
fn whole_input(tool: &Tool) -> Object {
    let mut schema = (tool.input)();
    let mut arguments = match schema.remove("properties") {
        Some(Value::Object(own)) => own,
        _ => Object::new(),
    };
    let mut add = |name: &str, about: Value| {
        arguments.entry(name).or_insert(about);
    };
    add(
        "context",
        json!({ "type": "object", "description": "Echoed unchanged." }),
    );
    add(
        "ext",
        json!({ "type": "object", "description": "Extensions, by vendor." }),
    );
    add("adcp_major_version", json!({ "type": "integer" }));
    add("adcp_version", json!({ "type": "string" }));
    if tool.changes {
        let about = "Minted once for each new request; the same again gets the same answer.";
        add(
            "idempotency_key",
            json!({ "type": "string", "description": about }),
        );
    }
    schema.insert("properties".into(), Value::Object(arguments));
    schema.insert("additionalProperties".into(), true.into());
    schema
}
