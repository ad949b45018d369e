//! What every request passes before it is looked at: the host it names, the page it comes
//! from, the key it carries, and how often that key has asked.

use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Response, Uri, header::HeaderName},
    middleware::Next,
    response::IntoResponse,
};

use super::{
    App,
    door::Guest,
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
    let asked = (request.uri(), request.headers(), peer(&request));
    let guest = match known(&app, asked, now).await {
        Ok(guest) => guest,
        Err(fault) => return Rejection(fault).into_response(),
    };
    let standing = app.0.limits.ask(&guest.line, now);
    if !standing.allowed {
        let mut response = Rejection(too_often(standing)).into_response();
        say(&mut response, standing);
        return response;
    }
    request.extensions_mut().insert(Asker(guest.caller.clone()));
    request.extensions_mut().insert(guest);
    let mut response = next.run(request).await;
    say(&mut response, standing);
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
        let standing = app.0.strangers.ask(&peer, now);
        if !standing.allowed {
            return Err(too_often(standing));
        }
    }
    guest
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
