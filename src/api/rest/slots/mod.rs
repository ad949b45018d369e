//! The Slots API, below `/api/bookings`: what can be booked by the hour, when, and who has. Its
//! failures are `{"error": sentence, "code": NAME}` with whatever helps beside.

mod bookings;
mod kept;
mod resources;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{answered, done};
use crate::{
    api::{
        App,
        rejection::{Rejection, Shape, respond},
        route::{Doc, Routes},
    },
    domain::tenant::caller::Caller,
    engine::{core::Answer, fault::Fault, operation::Operation},
};

/// What a calendar is called in front of whoever asks for one by its address.
const ICS: &str = ".ics";

fn doc(about: &'static str) -> Doc {
    Doc::about("Slots", about)
}

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let routes = resources::add(routes);
    let routes = bookings::add(routes);
    kept::add(routes)
}

/// A failure as this API writes it.
struct Refusal(Fault);

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self(rejection.0)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        respond(&self.0, Shape::Plain)
    }
}

type Answered = Result<Response, Refusal>;

/// It was done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Success {
    /// Always true.
    success: bool,
}

/// Asks a question. Whoever may not is told so before anything is said of what was sent.
async fn ask<O: Operation>(
    app: &App,
    caller: &Caller,
    read: impl FnOnce() -> Result<O, Fault>,
) -> Answered {
    if !caller.may(O::KIND.permission()) {
        return Err(Fault::forbidden(caller, O::KIND.permission()).into());
    }
    let output = app.core().ask(caller, read()?).await?;
    Ok(answered(false, &output))
}

fn told<T: Serialize>(answer: &Answer<T>) -> Response {
    marked(answer.replayed, answered(answer.replayed, &answer.output))
}

/// Marks an answer that was kept from the first time under the name that clients of this API know.
fn marked(replayed: bool, mut response: Response) -> Response {
    if replayed {
        let name = HeaderName::from_static("idempotent-replayed");
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(name, yes);
    }
    response
}

fn made<T: Serialize>(answer: &Answer<T>) -> Response {
    (StatusCode::CREATED, told(answer)).into_response()
}

fn success(replayed: bool) -> Response {
    marked(replayed, answered(replayed, &Success { success: true }))
}

/// Gives a calendar, unless whoever asks has it already.
fn calendar(headers: &HeaderMap, ics: String) -> Response {
    let digest = hex::encode(&Sha256::digest(&ics)[..16]);
    let tag = format!("\"{digest}\"");
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known
        .and_then(|known| known.to_str().ok())
        .unwrap_or_default();
    let is_known = known
        .split(',')
        .any(|one| one.trim().trim_start_matches("W/") == tag);
    let kind = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")];
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (kind, ics).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
