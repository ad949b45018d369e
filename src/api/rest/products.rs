//! The product search of the buyer's API. Answers objects where others answer a text.

use axum::{
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{answered, sent, terms};
use crate::{
    api::{
        App,
        gate::Asker,
        rejection::Rejection,
        route::{Doc, Routes},
    },
    engine::seller::products::search::{FoundProducts, SearchProducts},
};

/// Adds the route.
pub fn add(routes: Routes) -> Routes {
    let doc = Doc::about("Products", "Search products by channel, format and price.");
    routes.post(
        "/products/search",
        doc.takes::<SearchProducts>().gives::<FoundProducts>(),
        search,
    )
}

pub(super) async fn search(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let question: SearchProducts = sent(&headers, body).await?;
    // Nothing is kept of a search; a key that could be none is refused as everywhere.
    let found = app
        .core()
        .ask_on(&caller, question, terms(&headers)?)
        .await?;
    Ok(answered(false, &found.output).into_response())
}
