//! The hand-shaped REST routes, one file for each document that they come from. A handler
//! reads its input, asks one operation, and shapes the answer; it decides nothing.

mod bookings;
mod opendirect;
mod path;
mod products;
mod service;
mod slots;
mod tenants;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{App, body, mcp, rejection::Rejection, route::Routes, rpc};
use crate::{
    domain::tenant::caller::Caller,
    engine::{
        answers::Written,
        core::{Answer, Terms},
        fault::{Fault, FaultKind},
        operation::Operation,
        question,
    },
};

/// Everything that is served.
pub fn routes() -> Routes {
    let routes = Routes::new();
    let routes = bookings::add(routes);
    let routes = products::add(routes);
    let routes = opendirect::add(routes);
    let routes = slots::add(routes);
    let routes = tenants::add(routes);
    let routes = mcp::add(routes);
    let routes = rpc::add(routes);
    let routes = super::events::add(routes);
    service::add(routes)
}

/// Reads a body.
async fn sent<T: DeserializeOwned + JsonSchema>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Fault> {
    question::read(&body::bytes(headers, body).await?)
}

/// Reads the body of a command; one that cannot be read is written down as refused.
async fn read<O: Operation, T: DeserializeOwned + JsonSchema>(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Rejection> {
    match sent(headers, body).await {
        Ok(question) => Ok(question),
        Err(fault) => Err(refuse::<O>(app, caller, fault).await),
    }
}

/// Writes down a command that could not even be asked.
async fn refuse<O: Operation>(app: &App, caller: &Caller, fault: Fault) -> Rejection {
    app.core().refuse(caller, O::NAME, &fault).await;
    Rejection(fault)
}

/// The terms that the headers set.
pub(super) fn terms(headers: &HeaderMap) -> Result<Terms, Fault> {
    let mut keys = headers.get_all("idempotency-key").iter();
    match (keys.next(), keys.next()) {
        (None, _) => Ok(Terms::default()),
        (Some(key), None) => {
            let unreadable = |_| {
                Fault::new(
                    FaultKind::Malformed,
                    "INVALID_IDEMPOTENCY_KEY",
                    "the idempotency key is not readable",
                )
            };
            // Structured-field strings come in quotes; the key is what stands between them.
            let key = key.to_str().map_err(unreadable)?.trim_matches('"');
            Ok(Terms::keyed(key))
        }
        (Some(_), Some(_)) => Err(Fault::new(
            FaultKind::Malformed,
            "INVALID_IDEMPOTENCY_KEY",
            "the request carries two idempotency keys",
        )),
    }
}

/// Asks a command on the terms of its headers.
async fn command<O: Operation>(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    operation: O,
) -> Result<Answer<O::Output>, Rejection> {
    let terms = match terms(headers) {
        Ok(terms) => terms,
        Err(fault) => return Err(refuse::<O>(app, caller, fault).await),
    };
    Ok(app.core().ask_on(caller, operation, terms).await?)
}

/// Has something done. Whoever may not is told so before anything is said of what was sent, and
/// what cannot even be asked is written down with whoever asked.
async fn done<O: Operation>(
    app: &App,
    (caller, headers): (&Caller, &HeaderMap),
    read: Result<O, Fault>,
) -> Result<Answer<O::Output>, Fault> {
    let may = O::KIND.permission();
    let asked = if caller.may(may) {
        read.and_then(|question| Ok((question, terms(headers)?)))
    } else {
        Err(Fault::forbidden(caller, may))
    };
    match asked {
        Ok((question, terms)) => app.core().ask_on(caller, question, terms).await,
        Err(fault) => Err(refuse::<O>(app, caller, fault).await.0),
    }
}

/// Gives an answer that is written out already, under the revision of what it shows.
fn given(answer: Written) -> Response {
    let kind = HeaderValue::from_static("application/json");
    let body = Bytes::from_owner(answer.json);
    let mut response = ([(header::CONTENT_TYPE, kind)], body).into_response();
    let tag = answer.revision.map(|revision| format!("\"{revision}\""));
    if let Some(Ok(tag)) = tag.as_deref().map(HeaderValue::from_str) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Marks an answer that was kept from the first time.
fn answered<T: Serialize>(replayed: bool, output: &T) -> Response {
    let mut body = Vec::with_capacity(1 << 10);
    if let Err(error) = serde_json::to_writer(&mut body, output) {
        return Rejection(Fault::broken(error)).into_response();
    }
    let kind = HeaderValue::from_static("application/json");
    let mut response = ([(header::CONTENT_TYPE, kind)], body).into_response();
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    response
}
