//! A product as agents read it. Refuses to tell what the seller would take in the end.

use serde_json::{Map, Value, json};

use super::{
    format,
    offer::{Price, formats, prices},
};
use crate::domain::{
    channel::Channel,
    opendirect::product::{DeliveryType, Product, RateType},
};

/// A JSON object.
pub type Object = Map<String, Value>;

/// The channels that a product counts to, in the protocol's words.
#[must_use]
pub fn channels(product: &Product) -> Vec<&str> {
    if !product.offer.channels.is_empty() {
        return product.offer.channels.iter().map(String::as_str).collect();
    }
    let by_format = match product.format.as_str() {
        "video" => "olv",
        "audio" => "streaming_audio",
        _ => "display",
    };
    vec![match product.channel {
        Channel::Branding | Channel::MobileApp | Channel::Performance => by_format,
        Channel::Ctv => "ctv",
        Channel::Social => "social",
        Channel::LinearTv => "linear_tv",
    }]
}

/// Writes a product, with its formats under the name of the agent that defines them.
#[must_use]
pub fn wire(product: &Product, agent_url: &str) -> Object {
    let guaranteed = product.delivery_type != DeliveryType::Pmp;
    let exclusive = product.delivery_type == DeliveryType::Exclusive;
    let format_id = |id: &str| json!({ "agent_url": agent_url, "id": id });
    let told = if product.description.is_empty() {
        &product.name
    } else {
        &product.description
    };
    let Value::Object(mut wire) = json!({
        "product_id": product.id.as_str(),
        "name": product.name,
        "description": told,
        "publisher_properties": [
            { "publisher_domain": domain(product, agent_url), "selection_type": "all" }
        ],
        "channels": channels(product),
        "format_ids": formats(product).into_iter().map(format_id).collect::<Vec<_>>(),
        "delivery_type": if guaranteed { "guaranteed" } else { "non_guaranteed" },
        "exclusivity": if exclusive { "exclusive" } else { "none" },
        "pricing_options": prices(product).iter().map(Price::wire).collect::<Vec<_>>(),
        "delivery_measurement": { "provider": "The publisher's ad server" },
        "reporting_capabilities": {
            "available_reporting_frequencies": ["hourly", "daily", "monthly"],
            "expected_delay_minutes": 60,
            "timezone": "UTC",
            "supports_webhooks": true,
            "available_metrics": metrics(product),
            "date_range_support": "date_range"
        },
        "property_targeting_allowed": false,
        "is_custom": false
    }) else {
        return Object::new();
    };
    let options: Vec<Value> = formats(product)
        .into_iter()
        .filter_map(|id| Some(format::find(id)?.option(agent_url)))
        .collect();
    if !options.is_empty() {
        wire.insert("format_options".into(), options.into());
    }
    let more = [
        ("measurement_terms", &product.offer.measurement_terms),
        (
            "performance_standards",
            &product.offer.performance_standards,
        ),
        ("cancellation_policy", &product.offer.cancellation_policy),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            wire.insert(name.into(), value.clone());
        }
    }
    wire
}

/// What the older shape of an entry has beside the present one.
#[must_use]
pub fn older(product: &Product) -> Object {
    let least = product.offer.min_spend.map(|least| json!(least.amount()));
    let per_thousand = matches!(product.rate_type, RateType::Cpm | RateType::Cpmv);
    let mut wire = Object::from_iter([
        ("formats".to_owned(), json!(formats(product))),
        ("min_spend".to_owned(), least.unwrap_or(json!(0))),
        ("pricing_type".to_owned(), json!(product.rate_type.name())),
        (
            "targeting_available".to_owned(),
            json!(product.targeting.keys().collect::<Vec<_>>()),
        ),
    ]);
    if per_thousand {
        wire.insert("price_cpm".into(), json!(product.base_price.amount()));
    }
    wire
}

/// The site that a product runs on; our own where it names none.
#[must_use]
pub fn domain(product: &Product, agent_url: &str) -> String {
    let ours = agent_url.split("://").nth(1).unwrap_or(agent_url);
    let ours = ours.split(['/', ':']).next().unwrap_or(ours);
    let domain = product.domain.as_deref().unwrap_or(ours);
    domain.to_ascii_lowercase()
}

fn metrics(product: &Product) -> Vec<&'static str> {
    let mut metrics = vec!["impressions", "spend", "clicks", "ctr"];
    if matches!(product.format.as_str(), "video" | "audio") {
        metrics.extend(["completed_views", "completion_rate"]);
    }
    if product.usual.viewability_bp.is_some() {
        metrics.push("viewability");
    }
    metrics
}
