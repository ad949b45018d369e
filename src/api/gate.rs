//! What every request passes before it is looked at: the host it names, the page it comes
//! from, the key it carries, and how often that key has asked.

use std::{net::SocketAddr, time::Instant};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Response, header::HeaderName},
    middleware::Next,
    response::IntoResponse,
};

use super::{
    App, auth,
    limit::Standing,
    rejection::{POLICY, Rejection},
};
use crate::{
    domain::tenant::caller::Caller,
    engine::fault::{Fault, FaultKind},
};

/// What is served to everybody.
const PUBLIC: &[&str] = &["/health", "/docs", "/openapi.json"];

/// Where clients look for what they might need; we have nothing there, for nobody.
const WELL_KNOWN: &str = "/.well-known/";

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
    if let Err(fault) = app.setup().address.check(request.uri(), request.headers()) {
        return Rejection(fault).into_response();
    }
    let path = request.uri().path();
    if PUBLIC.contains(&path) || path.starts_with(WELL_KNOWN) {
        return next.run(request).await;
    }
    let now = Instant::now();
    let caller = match known(&app, &request, now) {
        Ok(caller) => caller,
        Err(fault) => return Rejection(fault).into_response(),
    };
    let standing = app
        .0
        .limits
        .ask(&format!("{}/{}", caller.tenant, caller.name), now);
    if !standing.allowed {
        let mut response = Rejection(too_often(standing)).into_response();
        say(&mut response, standing);
        return response;
    }
    request.extensions_mut().insert(Asker(caller));
    let mut response = next.run(request).await;
    say(&mut response, standing);
    response
}

/// Says who asks; an address that keeps sending wrong keys has to wait.
fn known(app: &App, request: &Request, now: Instant) -> Result<Caller, Fault> {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_string());
    let peer = peer.unwrap_or_default();
    let setup = app.setup();
    let caller = setup.keys.caller(request.headers());
    let caller = caller.and_then(|caller| {
        let tenant = setup.address.tenant(request.uri(), request.headers());
        if tenant.is_none_or(|named| named == caller.tenant.as_str()) {
            Ok(caller)
        } else {
            Err(auth::unknown())
        }
    });
    if caller.is_err() {
        let standing = app.0.strangers.ask(&peer, now);
        if !standing.allowed {
            return Err(too_often(standing));
        }
    }
    caller
}

fn too_often(standing: Standing) -> Fault {
    let after = standing.reset.clamp(1, 3600);
    let message = format!(
        "{} requests per minute; try again in {after} s",
        standing.limit
    );
    Fault::new(FaultKind::Limited, "RATE_LIMITED", message).with("retry_after", after)
}

fn say(response: &mut Response<axum::body::Body>, standing: Standing) {
    if standing.limit == 0 {
        return;
    }
    let policy = format!("\"{POLICY}\";q={};w=60", standing.limit);
    let state = format!("\"{POLICY}\";r={};t={}", standing.remaining, standing.reset);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
