//! What a failure looks like on the wire: `detail` for clients of the reference API,
//! `error` with code and field for everybody else.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::gate;
use crate::engine::fault::{Fault, FaultKind};

/// The problem type of whoever asks too often.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
/// What the limit is called that nobody gave another name.
const USUAL_POLICY: &str = "key";
/// The code of JSON-RPC for whoever asks too often.
const RPC_LIMITED: i32 = -32010;

/// How a failure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `detail` and `error`.
    Both,
    /// `error` alone.
    Bare,
    /// `error` as a sentence, with its code and whatever helps beside it.
    Plain,
    /// `detail`, and `error` with its kind too: whoever asks from another engine of ours reads
    /// it back whole.
    Own,
    /// As a message of JSON-RPC, where somebody asks too often; else as both.
    Rpc,
}

/// A failure on its way out.
pub struct Rejection(pub Fault);

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

/// The status of a kind of failure.
pub fn status(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Malformed | FaultKind::Invalid => StatusCode::BAD_REQUEST,
        FaultKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        FaultKind::WrongState | FaultKind::Conflict => StatusCode::CONFLICT,
        FaultKind::Gone => StatusCode::GONE,
        FaultKind::Stale => StatusCode::PRECONDITION_FAILED,
        FaultKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FaultKind::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        FaultKind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        FaultKind::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        FaultKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Storage => StatusCode::INSUFFICIENT_STORAGE,
        FaultKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The body of a failure.
pub fn body(fault: &Fault) -> Value {
    let mut details: Map<String, Value> = fault.details.clone();
    if let Some(first) = fault.problems.first() {
        details.insert("field".into(), first.field.clone().into());
        details.insert("problems".into(), json!(fault.problems));
    }
    if let Some(hint) = &fault.hint {
        details.insert("hint".into(), hint.clone().into());
    }
    json!({
        "detail": fault.message,
        "error": { "code": fault.code, "message": fault.message, "details": details }
    })
}

/// The body of a failure for clients that read a sentence.
fn plain(fault: &Fault) -> Value {
    let code = match fault.kind {
        FaultKind::KeyReused => "IDEMPOTENCY_MISMATCH",
        _ => &fault.code,
    };
    let Value::Object(mut plain) = body(fault)["error"]["details"].take() else {
        return Value::Null;
    };
    plain.insert("error".into(), fault.message.clone().into());
    plain.insert("code".into(), code.into());
    Value::Object(plain)
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        respond(&self.0, Shape::Both)
    }
}

/// Writes a failure.
pub fn respond(fault: &Fault, shape: Shape) -> Response {
    let mut fault = fault.clone();
    let policy = fault.details.remove("policy");
    let mut body = body(&fault);
    match (shape, body.as_object_mut()) {
        (Shape::Bare, Some(body)) => drop(body.remove("detail")),
        (Shape::Plain, _) => body = plain(&fault),
        // Whoever is not let in is told the same wherever they knock.
        (Shape::Own, _) if fault.kind != FaultKind::Unauthenticated => {
            body["error"]["kind"] = json!(fault.kind);
        }
        _ => {}
    }
    let is_limited = fault.kind == FaultKind::Limited;
    let as_rpc = is_limited && shape == Shape::Rpc;
    if as_rpc {
        let error = json!({ "code": RPC_LIMITED, "message": fault.message, "data": fault.details });
        body = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    } else if is_limited {
        body["type"] = QUOTA_EXCEEDED.into();
        body["title"] = "Quota exceeded".into();
        body["status"] = StatusCode::TOO_MANY_REQUESTS.as_u16().into();
        body["violated-policies"] = json!([policy.unwrap_or_else(|| USUAL_POLICY.into())]);
    }
    let mut response = (status(fault.kind), Json(body)).into_response();
    let headers = response.headers_mut();
    match fault.kind {
        FaultKind::Unauthenticated => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        FaultKind::Busy => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        FaultKind::Limited => {
            let after = fault.details.get("retry_after").and_then(Value::as_u64);
            headers.insert(header::RETRY_AFTER, after.unwrap_or(60).into());
            if !as_rpc {
                let kind = HeaderValue::from_static("application/problem+json");
                headers.insert(header::CONTENT_TYPE, kind);
            }
        }
        _ => {}
    }
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Nothing is served there.
pub async fn no_such_path(uri: Uri) -> Response {
    let fault = Fault::new(FaultKind::NotFound, "NOT_FOUND", "Not Found");
    let fault = fault.hint("GET /docs lists what is served");
    respond(&fault, gate::shape_of(uri.path()))
}

/// Something is served there, but not that way.
pub async fn not_that_way(uri: Uri) -> Response {
    let message = "Method Not Allowed";
    let fault = Fault::new(FaultKind::MethodNotAllowed, "METHOD_NOT_ALLOWED", message);
    respond(&fault, gate::shape_of(uri.path()))
}
