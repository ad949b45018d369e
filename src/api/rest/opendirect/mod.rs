//! `OpenDirect` 2.1 as its clients speak it, below `/api/v2.1`. Fields are named in their
//! dialect, also where they are wrong.

mod accounts;
mod creatives;
mod lines;
mod orders;
mod products;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{answered, command, refuse};
use crate::{
    api::{
        App, body,
        rejection::Rejection,
        route::{Doc, Routes},
    },
    domain::{opendirect::wire, tenant::caller::Caller},
    engine::{
        core::Answer,
        fault::{Fault, FaultKind},
        operation::Operation,
    },
};

/// Adds the routes.
pub fn add(routes: Routes) -> Routes {
    let routes = products::add(routes);
    let routes = accounts::add(routes);
    let routes = orders::add(routes);
    let routes = lines::add(routes);
    creatives::add(routes)
}

fn doc(about: &'static str) -> Doc {
    Doc::about("OpenDirect 2.1", about)
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Paging {
    /// At most so many; 50 where it is not said, 1000 at most.
    limit: Option<u32>,
    /// Behind so many.
    offset: Option<u32>,
    /// The same as `limit`.
    #[serde(rename = "$top")]
    top: Option<u32>,
    /// The same as `offset`.
    #[serde(rename = "$skip")]
    skip: Option<u32>,
    /// Only those that contain this.
    search: Option<String>,
}

impl Paging {
    /// Reads the parameters of a list that has no others.
    fn read(uri: &Uri) -> Result<Self, Fault> {
        body::query(uri, &["limit", "offset", "$top", "$skip"])
    }

    fn limit(&self) -> Option<u32> {
        self.limit.or(self.top)
    }

    fn offset(&self) -> u32 {
        self.offset.or(self.skip).unwrap_or(0)
    }
}

/// Asks a command; one that could not even be read is written down as refused.
async fn trade<O: Operation>(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    read: Result<O, Fault>,
) -> Result<Answer<O::Output>, Rejection> {
    match read {
        Ok(operation) => command(app, caller, headers, operation)
            .await
            .map_err(|Rejection(fault)| theirs(fault)),
        Err(fault) => {
            let Rejection(fault) = refuse::<O>(app, caller, fault).await;
            Err(theirs(fault))
        }
    }
}

/// Asks a question.
async fn ask<O: Operation>(
    app: &App,
    caller: &Caller,
    question: O,
) -> Result<O::Output, Rejection> {
    app.core().ask(caller, question).await.map_err(theirs)
}

/// Gives a fault the field names of this dialect.
fn theirs(fault: Fault) -> Rejection {
    if fault.kind != FaultKind::Invalid || fault.problems.is_empty() {
        return Rejection(fault);
    }
    Rejection(Fault {
        details: fault.details,
        ..Fault::invalid(wire::renamed(fault.problems))
    })
}

/// Answers with what was made, and where it is.
fn created<T: Serialize>(replayed: bool, at: &str, made: &T) -> Response {
    let mut response = (StatusCode::CREATED, answered(replayed, made)).into_response();
    if let Ok(at) = HeaderValue::from_str(&format!("/api/v2.1/{at}")) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    response
}
