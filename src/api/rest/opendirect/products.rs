//! Products and what is free of them.

use std::collections::HashMap;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{Paging, ask, doc, theirs};
use crate::{
    api::{
        App,
        gate::Asker,
        rejection::Rejection,
        rest::{answered, path::Ids, products::search, sent},
        route::Routes,
    },
    domain::{
        ids::ProductId,
        opendirect::{
            product,
            wire::{Avails, AvailsCollection, AvailsRequest, AvailsResponse, Product, ProductList},
        },
        tenant::caller::Caller,
    },
    engine::{
        fault::Fault,
        seller::{
            avails::CheckAvails,
            products::{
                free::FreeAhead,
                get::GetProduct,
                list::ListProducts,
                search::{FoundProducts, SearchProducts},
            },
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get(
            "/api/v2.1/products",
            doc("List the products that are on sale.")
                .asks::<Paging>()
                .gives::<ProductList>(),
            list,
        )
        .post(
            "/api/v2.1/products/search",
            doc("Search products by channel, format and price.")
                .takes::<SearchProducts>()
                .gives::<FoundProducts>(),
            search,
        )
        .post(
            "/api/v2.1/products/avails",
            doc("Say what is free of products in a flight, and at what cost.")
                .takes::<AvailsRequest>()
                .gives::<AvailsResponse>(),
            avails,
        )
        .get(
            "/api/v2.1/products/{product_id}",
            doc("Show a product.").gives::<Product>(),
            get,
        )
}

async fn list(
    State(app): State<App>,
    Asker(caller): Asker,
    uri: Uri,
) -> Result<Response, Rejection> {
    let paging = Paging::read(&uri)?;
    let question = ListProducts {
        limit: paging.limit(),
        offset: paging.offset(),
        search: paging.search,
        off_sale: false,
    };
    let page = ask(&app, &caller, question).await?;
    let ids = page.items.iter().map(|one| one.id.clone()).collect();
    let free = free(&app, &caller, ids).await?;
    let product = |one: &product::Product| Product::of(one, free.get(&one.id).copied());
    let list = ProductList {
        products: page.items.iter().map(product).collect(),
        total_count: page.total,
        limit: page.limit.into(),
        offset: page.offset.into(),
    };
    Ok(answered(false, &list))
}

async fn get(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let question = GetProduct {
        product_id: ids.text("product_id").into(),
    };
    let product = ask(&app, &caller, question).await?;
    let free = free(&app, &caller, vec![product.id.clone()]).await?;
    let free = free.get(&product.id).copied();
    Ok(answered(false, &Product::of(&product, free)))
}

/// How many impressions are free of products in the days ahead.
async fn free(
    app: &App,
    caller: &Caller,
    product_ids: Vec<ProductId>,
) -> Result<HashMap<ProductId, u64>, Rejection> {
    let told = ask(app, caller, FreeAhead { product_ids }).await?.free;
    let each = told
        .into_iter()
        .map(|one| (one.product_id, one.impressions));
    Ok(each.collect())
}

/// Answers in the dialect of the question.
async fn avails(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let request: AvailsRequest = sent(&headers, body).await?;
    let question = request
        .read()
        .map_err(|problems| theirs(Fault::invalid(problems)))?;
    let found = ask(&app, &caller, CheckAvails(question.draft))
        .await?
        .avails;
    match (question.account, &found[..]) {
        (None, [only]) => Ok(answered(false, &AvailsResponse::from(only))),
        (account, all) => {
            let account = account.unwrap_or_default();
            let avails = all.iter().map(|one| Avails::of(one, &account)).collect();
            Ok(answered(false, &AvailsCollection { avails }))
        }
    }
}
