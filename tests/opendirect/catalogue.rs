//! The catalogue: the one for demonstrations holds together, and an empty one is filled once.

use std::collections::BTreeSet;

use flightdeck::{
    domain::{channel::Channel, ids::TenantId},
    engine::seller::products::stock::{demo, stock},
};
use serde_json::json;

use crate::{
    desk::Desk,
    market::{NOON, buyer, get, post, product, put},
};

#[test]
fn the_demonstration_sells_something_on_every_channel_in_every_way() {
    let products = demo().expect("it reads");
    assert!(products.len() >= 30);
    for product in &products {
        let checked = product.clone().check();
        assert!(checked.is_ok(), "{}: {checked:?}", product.id);
        let known = ["age", "interests", "geo", "gender", "device"];
        assert!(known.iter().all(|one| product.targeting.contains_key(*one)));
        assert!((20_000..=2_000_000).contains(&product.daily_impressions));
        assert!(product.floor_price < product.base_price);
    }
    let channels: BTreeSet<Channel> = products.iter().map(|one| one.channel).collect();
    assert_eq!(channels.len(), Channel::ALL.len());
    let deliveries: BTreeSet<&str> = products
        .iter()
        .map(|one| one.delivery_type.name())
        .collect();
    assert_eq!(deliveries.len(), 3);
    let ids: BTreeSet<&str> = products.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), products.len());
}

#[tokio::test]
async fn an_empty_catalogue_is_filled_once_by_however_many_nodes() {
    for desk in Desk::each(
        "an_empty_catalogue_is_filled_once_by_however_many_nodes",
        NOON,
    )
    .await
    {
        let products = demo().expect("it reads");
        let tenant = buyer().tenant;
        let fill = || stock(&desk.core, &tenant, products.clone());
        let filled = tokio::join!(fill(), fill(), fill());
        let added = [filled.0, filled.1, filled.2].map(|one| one.expect("filled"));
        assert_eq!(added.iter().sum::<u64>(), products.len() as u64);
        assert_eq!(fill().await.expect("full"), 0);
        let routes = desk.router(&buyer());
        let page = get(&routes, "/api/v2.1/products?limit=5&offset=30").await;
        assert_eq!(page["total_count"], products.len());
        assert_eq!(
            page["products"].as_array().map(Vec::len),
            Some(products.len() - 30)
        );
        let found = post(
            &routes,
            "/products/search",
            json!({"channel": "ctv", "limit": 2}),
        )
        .await;
        assert_eq!(found["results"].as_array().map(Vec::len), Some(2));
        assert_eq!(found["total"], 6);
        let dear = json!({"min_price": 30, "format": "video", "limit": 50});
        let dear = post(&routes, "/api/v2.1/products/search", dear).await;
        let prices = dear["results"].as_array().into_iter().flatten();
        assert!(prices.clone().all(|one| one["cpm"].as_f64() >= Some(30.0)));
        assert_eq!(prices.count(), 4);
    }
}

#[tokio::test]
async fn a_catalogue_that_has_anything_is_left_alone() {
    let desk = Desk::sqlite(NOON).await;
    put(&desk.core, product()).await;
    let tenant: TenantId = buyer().tenant;
    let added = stock(&desk.core, &tenant, demo().expect("it reads")).await;
    assert_eq!(added.expect("asked"), 0);
}
