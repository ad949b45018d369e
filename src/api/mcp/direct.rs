//! The one message that nearly all are: a plain call of a tool by a client of the protocol's
//! released versions. It is answered here and at once; the kit makes a session of tasks and
//! channels for each message, which costs more than most tools. Refuses everything else, which
//! is the kit's, and every judgement: what is answered is the same.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    envelope::{self, Written},
    table::TOOLS,
    tool::{Object, Tool},
};
use crate::{domain::tenant::caller::Caller, engine::core::Core};

/// The versions of the protocol that say nothing of a message in its headers.
const PLAIN: &[&str] = &["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// A call of a tool.
pub struct Call<'a> {
    id: &'a RawValue,
    tool: &'static Tool,
    arguments: Object,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Params<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    arguments: Object,
}

impl<'a> Call<'a> {
    /// Reads a message; nothing where it is not a plain call of a tool that is there.
    pub fn read(
        headers: &HeaderMap,
        sent: &'a [u8],
        (core, caller): (&Core, &Caller),
    ) -> Option<Self> {
        if !is_plain(headers) {
            return None;
        }
        let message: Message = serde_json::from_slice(sent).ok()?;
        let named = message.id.get().starts_with('"') || message.id.get().parse::<i64>().is_ok();
        if message.jsonrpc != "2.0" || message.method != "tools/call" || !named {
            return None;
        }
        let there = |tool: &&Tool| tool.name == message.params.name && tool.is_for(core, caller);
        Some(Self {
            id: message.id,
            tool: TOOLS.iter().find(there)?,
            arguments: message.params.arguments,
        })
    }

    /// Answers it.
    pub async fn answer(self, core: &Core, caller: &Caller) -> Response {
        let written = envelope::written(core, caller, self.tool, self.arguments).await;
        let json = [(header::CONTENT_TYPE, "application/json")];
        (json, Body::from(wrapped(self.id, &written))).into_response()
    }
}

/// Whether a message is nothing but its body.
fn is_plain(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let json = text("content-type").is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    });
    let spoken = text("mcp-protocol-version").is_none_or(|version| PLAIN.contains(&version));
    json && spoken && !headers.contains_key("mcp-method")
}

/// The answer in the message that carries it.
fn wrapped(id: &RawValue, written: &Written) -> Vec<u8> {
    let Written { text, is_error } = written;
    let mut body = Vec::with_capacity(text.len() * 9 / 4 + 128);
    body.extend(br#"{"jsonrpc":"2.0","id":"#);
    body.extend(id.get().as_bytes());
    body.extend(br#","result":{"content":[{"type":"text","text":"#);
    // A string can always be written to memory.
    let _ = serde_json::to_writer(&mut body, text);
    body.extend(br#"}],"structuredContent":"#);
    body.extend(text.as_bytes());
    body.extend(br#","isError":"#);
    body.extend(is_error.to_string().as_bytes());
    body.extend(b"}}");
    body
}
