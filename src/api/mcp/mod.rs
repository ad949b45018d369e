//! The seller's agent over the Model Context Protocol: one table of tools, served over HTTP at
//! `/mcp` and over standard input and output. Stateless: any node answers any call, and whoever
//! calls a tool need not have said hello before.
//!
//! The protocol's own kit reads and writes the messages. It wants clients to accept event
//! streams; those that accept JSON alone are let in here, since JSON is all that is ever sent.

mod direct;
mod envelope;
mod fields;
mod message;
mod refusal;
mod server;
mod table;
mod tool;
mod tools;

use std::{io, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use rmcp::{
    ServiceExt as _,
    transport::{
        StreamableHttpServerConfig,
        streamable_http_server::{StreamableHttpService, session::never::NeverSessionManager},
    },
};
use serde_json::{Map, Value};

use super::{
    App, body,
    gate::Asker,
    rejection::Rejection,
    route::{Doc, Routes},
};
use crate::{domain::tenant::caller::Caller, engine::core::Core};
use direct::Call;
use server::Served;

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let doc = |about| {
        Doc::about("MCP", about)
            .takes::<Map<String, Value>>()
            .gives::<Map<String, Value>>()
    };
    routes
        .post(
            "/mcp",
            doc("Call the seller's tools, by the Model Context Protocol."),
            post,
        )
        .post("/mcp/", doc("The same, for those who write a slash."), post)
}

/// Serves over standard input and output until the other side closes.
///
/// # Errors
/// When the other side does not speak the protocol.
pub async fn speak(core: Core, caller: Caller) -> io::Result<()> {
    let served = Served { core, caller };
    let running = served
        .serve(rmcp::transport::stdio())
        .await
        .map_err(io::Error::other)?;
    running.waiting().await.map(drop).map_err(io::Error::other)
}

async fn post(
    State(app): State<App>,
    Asker(caller): Asker,
    request: Request,
) -> Result<Response, Rejection> {
    let (mut parts, sent) = request.into_parts();
    let sent = body::large(&parts.headers, sent).await?;
    if accept_streams(&mut parts.headers)
        && let Some(call) = Call::read(&parts.headers, &sent, (app.core(), &caller))
    {
        return Ok(call.answer(app.core(), &caller).await);
    }
    let sent = match message::read(sent) {
        Ok(sent) => sent,
        Err(refused) => return Ok(refused),
    };
    let core = app.core().clone();
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts() // the gate has looked at the host and the origin
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let served = move || {
        Ok(Served {
            core: core.clone(),
            caller: caller.clone(),
        })
    };
    let service =
        StreamableHttpService::new(served, Arc::new(NeverSessionManager::default()), config);
    let request = Request::from_parts(parts, Body::from(sent));
    Ok(service.handle(request).await.map(Body::new))
}

/// Whoever takes JSON, or anything, or does not say, is taken to take both; whether that is so.
fn accept_streams(headers: &mut HeaderMap) -> bool {
    let mut said = headers.get_all(header::ACCEPT).iter().peekable();
    let takes_json = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
        ["application/json", "application/*", "*/*"]
            .iter()
            .any(|it| text.contains(it))
    };
    let takes = said.peek().is_none() || said.any(takes_json);
    if takes {
        let both = HeaderValue::from_static("application/json, text/event-stream");
        headers.insert(header::ACCEPT, both);
    }
    takes
}
