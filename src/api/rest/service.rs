//! What is served about the server itself: health, measurements, and what can be asked.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use crate::{
    api::{
        App, docs,
        gate::Asker,
        openapi,
        rejection::{Rejection, no_such_path},
        route::{Doc, Routes},
    },
    domain::{policy::Permission, webhook::signature::SigningKey},
    engine::fault::{Fault, FaultKind},
};

const SECTION: &str = "Service";
/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let doc = |about| Doc::about(SECTION, about);
    routes
        .get(
            "/health",
            doc("Say whether the server can work.").gives::<Health>(),
            health,
        )
        .get(
            "/metrics",
            doc("Show what was measured, for Prometheus."),
            metrics,
        )
        .get(
            "/openapi.json",
            doc("Describe everything that is served, as OpenAPI 3.1."),
            openapi_json,
        )
        .get(
            "/.well-known/jwks.json",
            doc("Show the public key that checks what this server sends."),
            keys,
        )
        .get(
            "/docs",
            doc("Describe everything that is served, for people."),
            readable,
        )
}

async fn keys(State(app): State<App>) -> Json<serde_json::Value> {
    let key = app.core().desk().webhook_key.as_ref();
    let keys: Vec<_> = key.map(SigningKey::jwk).into_iter().collect();
    Json(serde_json::json!({ "keys": keys }))
}

/// How the server is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Health {
    /// `healthy` or `unhealthy`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The database, or what is wrong with it.
    database: String,
}

/// Whoever asks wants to know now.
fn silent() -> Fault {
    let message = format!("the database has not answered for {} s", PATIENCE.as_secs());
    Fault::new(FaultKind::Storage, "STORAGE_UNAVAILABLE", message)
}

async fn health(State(app): State<App>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    let looked = timeout(PATIENCE, app.core().database()).await;
    let looked = looked.unwrap_or_else(|_| Err(silent()));
    match looked {
        Ok(database) => Json(Health {
            status: "healthy",
            version,
            database,
        })
        .into_response(),
        Err(fault) => {
            let health = Health {
                status: "unhealthy",
                version,
                database: fault.message,
            };
            (StatusCode::SERVICE_UNAVAILABLE, Json(health)).into_response()
        }
    }
}

async fn metrics(State(app): State<App>, Asker(caller): Asker, uri: Uri) -> Response {
    if !caller.may(Permission::ReadActivity) {
        return Rejection(Fault::forbidden(&caller, Permission::ReadActivity)).into_response();
    }
    match &app.0.renderer {
        Some(render) => (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
            render(),
        )
            .into_response(),
        None => no_such_path(uri).await,
    }
}

async fn openapi_json(State(app): State<App>) -> Response {
    let document = || openapi::document(&app.0.routes).to_string().into();
    let written = app.0.described.get_or_init(document).clone();
    ([(header::CONTENT_TYPE, "application/json")], written).into_response()
}

async fn readable(State(app): State<App>) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    let page = || docs::page(&app.0.routes).into();
    let page = app.0.readable.get_or_init(page).clone();
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}
