//! Every operation of the catalogue under its own name: what our own consoles speak.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use serde_json::{Map, Value};

use super::{
    App, body,
    gate::Asker,
    rejection::Rejection,
    rest::terms,
    route::{Doc, Routes},
};
use crate::engine::{
    catalogue::{self, CATALOGUE},
    core::Answer,
};

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
    Asker(caller): Asker,
    Path(operation): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Rejection> {
    let entry = catalogue::find(&operation)?;
    let asked = async {
        let question = body::bytes(&headers, sent).await?;
        Ok((question, terms(&headers)?))
    };
    let (question, terms) = match asked.await {
        Ok(asked) => asked,
        Err(fault) => {
            if entry.kind.is_command() {
                app.core().refuse(&caller, entry.name, &fault).await;
            }
            return Err(Rejection(fault));
        }
    };
    let Answer { output, replayed } =
        (entry.call)(app.core().clone(), caller, question, terms).await?;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], output).into_response();
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}
