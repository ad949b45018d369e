//! Products and briefs for the tests of planning. Decides nothing.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    brief::{
        Brief,
        tests::{check, with},
    },
    shelf::Listing,
};
use crate::domain::{
    channel::Channel,
    money::{Currency, Money},
    opendirect::product::{Product, RateType},
};

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// The example brief with some fields replaced, checked.
pub(super) fn brief(changes: &Value) -> Brief {
    check(with(changes)).expect("a brief")
}

/// A product of a channel at a price, with some targeting.
pub(super) fn product(id: &str, channel: Channel, cpm: i64, targeting: &Value) -> Product {
    serde_json::from_value(json!({
        "id": id, "publisher_id": "pub", "publisher": "The Publisher", "name": format!("Product {id}"),
        "channel": channel, "format": "video", "rate_type": "CPM", "delivery_type": "Guaranteed",
        "base_price": {"minor": cpm, "currency": "USD"},
        "floor_price": {"minor": cpm * 3 / 4, "currency": "USD"},
        "targeting": targeting, "daily_impressions": 10_000,
    }))
    .expect("a product")
}

pub(super) fn listing(product: Product) -> Listing {
    Listing {
        seller: "embedded".into(),
        product: Arc::new(product),
    }
}

/// A small catalogue: something for most wants, and some things that may not be bought.
pub(super) fn catalogue() -> Vec<Listing> {
    let young = json!({"age": ["18-24", "25-34"], "interests": ["gaming"], "geo": ["US"]});
    let old = json!({"age": ["55-64", "65+"], "geo": ["US"]});
    let anyone = json!({});
    let mut clicks = product("by-click", Channel::Performance, 150, &young);
    clicks.rate_type = RateType::Cpc;
    let mut gone = product("gone", Channel::Ctv, 100, &young);
    gone.active = false;
    [
        product("ctv-young", Channel::Ctv, 900, &young),
        product("ctv-anyone", Channel::Ctv, 800, &anyone),
        product("ctv-old", Channel::Ctv, 300, &old),
        product("brand-young", Channel::Branding, 500, &young),
        product("app-anyone", Channel::MobileApp, 400, &anyone),
        product("perf-young", Channel::Performance, 600, &young),
        clicks,
        gone,
    ]
    .map(listing)
    .into()
}
