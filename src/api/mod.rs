//! The engine over the wire: hand-shaped REST, tools for agents over MCP, RPC over the whole
//! catalogue, events, health and an OpenAPI document. Knows engine and domain; refuses to decide anything.

pub mod address;
pub mod auth;
mod body;
mod docs;
mod door;
mod events;
mod gate;
pub mod limit;
pub mod mcp;
mod openapi;
mod rejection;
mod rest;
mod route;
mod rpc;
pub mod serve;
mod share;
mod stopping;
pub mod tls;
mod whose;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{Router, body::Bytes, middleware};
use tower_http::compression::CompressionLayer;

use crate::engine::core::Core;

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Who may ask.
    pub keys: auth::Keys,
    /// Under which names it may be asked, and from which pages.
    pub address: address::Address,
    /// How many requests one key may send in any minute; 0 means no limit.
    pub requests_per_minute: u32,
    /// The same for agents, over MCP.
    pub mcp_per_minute: u32,
    /// The same for management keys, at tenant management.
    pub admin_per_minute: u32,
    /// How long an approval waits for its bookings.
    pub approve_wait: Duration,
}

/// What every handler has.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    core: Core,
    setup: Setup,
    door: door::Door,
    policies: Arc<gate::Policies>,
    renderer: Option<Renderer>,
    routes: Vec<route::Doc>,
    /// What is served, described for programs and for people: written once, by the first who
    /// asks.
    described: OnceLock<Bytes>,
    readable: OnceLock<Bytes>,
}

/// Renders what was measured, for whoever scrapes it.
pub type Renderer = Arc<dyn Fn() -> String + Send + Sync>;

impl App {
    /// The engine.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.0.core
    }

    fn setup(&self) -> &Setup {
        &self.0.setup
    }
}

/// Joins everything that is served.
pub fn router(core: Core, setup: Setup, renderer: Option<Renderer>) -> Router {
    let route::Routes { router, docs } = rest::routes();
    let policies = Arc::new(gate::Policies::new(&setup));
    share::begin(&core, &policies);
    let app = App(Arc::new(Inner {
        core,
        door: door::Door::new(setup.keys.clone()),
        setup,
        policies,
        renderer,
        routes: docs,
        described: OnceLock::new(),
        readable: OnceLock::new(),
    }));
    router
        .fallback(rejection::no_such_path)
        .method_not_allowed_fallback(rejection::not_that_way)
        .layer(middleware::from_fn_with_state(app.clone(), gate::admit))
        // For whoever asks for it; streams of events go out as they happen.
        .layer(CompressionLayer::new())
        .with_state(app)
}
