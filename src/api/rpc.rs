//! Every operation of the catalogue under its own name: what our own consoles speak.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use serde_json::{Map, Value};

use super::{
    App, body,
    door::Guest,
    gate::Asker,
    rejection::{Shape, respond},
    rest::terms,
    route::{Doc, Routes},
    whose::whose,
};
use crate::engine::{
    catalogue::{self, CATALOGUE},
    core::Answer,
    fault::Fault,
};

/// The header that says what time it is here, in microseconds: whoever asks goes by our clock.
const TIME: &str = "flightdeck-time";

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let section = "RPC";
    routes
        .get(
            "/rpc",
            Doc::about(
                section,
                "List every operation with its question and answer.",
            )
            .gives::<Vec<Value>>(),
            list,
        )
        .post(
            "/rpc/{operation}",
            Doc::about(section, "Ask any operation with a JSON object.")
                .takes::<Map<String, Value>>()
                .gives::<Map<String, Value>>(),
            call,
        )
}

async fn list(Asker(_): Asker) -> Response {
    axum::Json(catalogue::describe(CATALOGUE)).into_response()
}

async fn call(
    State(app): State<App>,
    Extension(guest): Extension<Arc<Guest>>,
    Path(operation): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Response {
    let asked = ask(&app, &guest, &operation, (&headers, sent)).await;
    let mut response = match asked {
        Ok(Answer { output, replayed }) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            let mut response = (json, output).into_response();
            if replayed {
                let name = HeaderName::from_static("idempotency-replayed");
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static("true"));
            }
            response
        }
        Err(fault) => respond(&fault, Shape::Own),
    };
    let now = app.core().clock().now().timestamp_micros();
    response
        .headers_mut()
        .insert(HeaderName::from_static(TIME), now.into());
    response
}

async fn ask(
    app: &App,
    guest: &Guest,
    operation: &str,
    (headers, sent): (&HeaderMap, Body),
) -> Result<Answer<String>, Fault> {
    let entry = catalogue::find(operation)?;
    let asked = async {
        let caller = whose(app, guest, headers).await?;
        let question = body::bytes(headers, sent).await?;
        Ok((caller, question, terms(headers)?))
    };
    match asked.await {
        Ok((caller, question, terms)) => {
            (entry.call)(app.core().clone(), caller, question, terms).await
        }
        Err(fault) => {
            if entry.kind.is_command() {
                app.core().refuse(&guest.caller, entry.name, &fault).await;
            }
            Err(fault)
        }
    }
}
