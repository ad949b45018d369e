//! What every request passes before it is looked at: the host it names, the page it comes
//! from, the key it carries, and how often that key has asked.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Response, Uri, header::HeaderName},
    middleware::Next,
};

use super::{
    App, Setup,
    door::Guest,
    limit::{Limits, Standing},
    rejection::{Rejection, Shape, respond},
};
use crate::{
    domain::tenant::caller::Caller,
    engine::fault::{Fault, FaultKind},
};

/// What is served to everybody. Who may have the first key is looked at where it is made.
const PUBLIC: &[&str] = &[
    "/health",
    "/docs",
    "/openapi.json",
    "/api/v1/tenant-management/init-api-key",
];

/// Where clients look for what they might need; we have nothing there, for nobody.
const WELL_KNOWN: &str = "/.well-known/";
/// Where tenants are managed.
const MANAGEMENT: &str = "/api/v1/tenant-management/";
/// Where slots are booked.
const SLOTS: &str = "/api/bookings";
/// Where calendars read, which carry no key: the address is one.
const FEEDS: &str = "/api/bookings/feeds/";
/// Where agents ask.
const AGENTS: [&str; 2] = ["/mcp", "/mcp/"];

/// Where our own consoles ask.
const OWN: &str = "/rpc/";

/// How a failure is written for whoever asks there.
pub(super) fn shape_of(path: &str) -> Shape {
    if path.starts_with(MANAGEMENT) {
        Shape::Bare
    } else if AGENTS.contains(&path) {
        Shape::Rpc
    } else if path.starts_with(OWN) {
        Shape::Own
    } else if path.strip_prefix(SLOTS).is_some_and(is_below) {
        Shape::Plain
    } else {
        Shape::Both
    }
}

/// Whether the rest of a path goes on with another part of it.
fn is_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// A limit with its name.
struct Policy {
    name: &'static str,
    /// Whose requests are counted together, in everyday words.
    each: &'static str,
    limits: Limits,
}

/// The limits, one for each kind of asker.
pub struct Policies {
    agents: Policy,
    management: Policy,
    others: Policy,
    feeds: Policy,
    strangers: Policy,
}

impl Policies {
    /// As the set-up says.
    pub fn new(setup: &Setup) -> Self {
        let policy = |name, each, limit| Policy {
            name,
            each,
            limits: Limits::new(limit),
        };
        Self {
            agents: policy("mcp-token", "token", setup.mcp_per_minute),
            management: policy("admin-key", "key", setup.admin_per_minute),
            others: policy("key", "key", setup.requests_per_minute),
            feeds: policy("feed", "address", setup.requests_per_minute),
            strangers: policy("address", "address", STRANGERS_PER_MINUTE),
        }
    }

    fn of(&self, path: &str) -> &Policy {
        match shape_of(path) {
            Shape::Bare => &self.management,
            Shape::Rpc => &self.agents,
            Shape::Both | Shape::Plain | Shape::Own => &self.others,
        }
    }

    /// The limits that all nodes on one database share, each with its name.
    pub fn shared(&self) -> [(&'static str, &Limits); 3] {
        [&self.agents, &self.management, &self.others].map(|it| (it.name, &it.limits))
    }
}

/// How many refused keys one address may send in any minute.
const STRANGERS_PER_MINUTE: u32 = 20;

/// When a request came that carries no key, as handlers find it.
#[derive(Debug, Clone, Copy)]
pub struct Arrived(pub Instant);

/// Who asks, as handlers find it in the request.
#[derive(Debug, Clone)]
pub struct Asker(pub Caller);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Asker {
    type Rejection = Rejection;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Rejection> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Rejection(Fault::broken("a handler behind no gate")))
    }
}

/// Lets a request in, or says why not.
pub async fn admit(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response<axum::body::Body> {
    let path = request.uri().path();
    let shape = shape_of(path);
    if let Err(fault) = app.setup().address.check(request.uri(), request.headers()) {
        return respond(&fault, shape);
    }
    if PUBLIC.contains(&path) || path.starts_with(WELL_KNOWN) {
        return next.run(request).await;
    }
    let now = Instant::now();
    if path.starts_with(FEEDS) {
        let policy = &app.0.policies.feeds;
        let reader = peer(&request).map_or_else(String::new, |peer| peer.to_string());
        let standing = policy.limits.ask(&reader, now);
        if !standing.allowed {
            return too_many(policy, standing, shape);
        }
        request.extensions_mut().insert(Arrived(now));
        return next.run(request).await;
    }
    let asked = (request.uri(), request.headers(), peer(&request));
    let guest = match known(&app, asked, now).await {
        Ok(guest) => guest,
        Err(fault) => return respond(&fault, shape),
    };
    let policies = Arc::clone(&app.0.policies);
    let policy = policies.of(path);
    let standing = policy.limits.ask(&guest.line, now);
    if !standing.allowed {
        return too_many(policy, standing, shape);
    }
    request.extensions_mut().insert(Asker(guest.caller.clone()));
    request.extensions_mut().insert(Arc::new(guest));
    let mut response = next.run(request).await;
    say(&mut response, policy, standing);
    response
}

/// Where a request comes from.
fn peer(request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip())
}

/// Says who asks; an address that keeps sending wrong keys has to wait.
async fn known(
    app: &App,
    (uri, headers, peer): (&Uri, &HeaderMap, Option<IpAddr>),
    now: Instant,
) -> Result<Guest, Fault> {
    let tenant = app.setup().address.tenant(uri, headers);
    let door = &app.0.door;
    let guest = door.guest(app.core(), headers, tenant, now).await;
    if guest
        .as_ref()
        .is_err_and(|fault| fault.kind == FaultKind::Unauthenticated)
    {
        let peer = peer.map_or_else(String::new, |peer| peer.to_string());
        let policy = &app.0.policies.strangers;
        let standing = policy.limits.ask(&peer, now);
        if !standing.allowed {
            return Err(too_often(policy, standing));
        }
    }
    guest
}

/// Refuses whoever asks too often.
fn too_many(policy: &Policy, standing: Standing, shape: Shape) -> Response<axum::body::Body> {
    let mut response = respond(&too_often(policy, standing), shape);
    say(&mut response, policy, standing);
    response
}

fn too_often(policy: &Policy, standing: Standing) -> Fault {
    let after = standing.reset.clamp(1, 3600);
    let message = format!(
        "{} requests per minute per {}; try again in {after} s",
        standing.limit, policy.each
    );
    Fault::new(FaultKind::Limited, "RATE_LIMITED", message)
        .with("retry_after", after)
        .with("policy", policy.name)
}

fn say(response: &mut Response<axum::body::Body>, of: &Policy, standing: Standing) {
    if standing.limit == 0 {
        return;
    }
    let policy = format!("\"{}\";q={};w=60", of.name, standing.limit);
    let state = format!(
        "\"{}\";r={};t={}",
        of.name, standing.remaining, standing.reset
    );
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
