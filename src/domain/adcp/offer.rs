//! What a product has for agents beside its rate card: prices by name, formats, how its lines
//! are served. Where nothing is said, the rate card decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::{
    media_buy::{item_type::ItemType, terms::PricingModel},
    money::Money,
    opendirect::product::{DeliveryType, Product},
};

/// One of the prices at which a product can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// Its name, such as `cpm_usd`.
    pub id: String,
    /// How it is meant.
    pub model: PricingModel,
    /// The price; in an auction the least that is taken.
    pub amount: Money,
    /// Whether the most that is offered decides.
    #[serde(default)]
    pub auction: bool,
    /// The least that is spent on a package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_spend: Option<Money>,
}

impl Price {
    /// As it stands on the wire.
    #[must_use]
    pub fn wire(&self) -> Value {
        let mut wire = Map::from_iter([
            ("pricing_option_id".to_owned(), json!(self.id)),
            ("pricing_model".to_owned(), json!(self.model.name())),
            ("currency".to_owned(), json!(self.amount.currency().code())),
        ]);
        let name = if self.auction {
            "floor_price"
        } else {
            "fixed_price"
        };
        wire.insert(name.into(), json!(self.amount.amount()));
        if let Some(least) = self.min_spend {
            wire.insert("min_spend_per_package".into(), json!(least.amount()));
        }
        if self.model == PricingModel::Time {
            wire.insert("parameters".into(), json!({ "time_unit": "day" }));
        }
        Value::Object(wire)
    }
}

/// What a product has for agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Offer {
    /// Its prices, the usual one first; none means the rate card.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Its formats by their ids with us; none means the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<String>,
    /// The channels that it counts to; none means those of its own channel and format.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Further words that it shall be found by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// How its lines are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_item_type: Option<ItemType>,
    /// The least that is spent on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_spend: Option<Money>,
    /// Who counts, and what happens when counts differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurement_terms: Option<Value>,
    /// What is promised beside the count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance_standards: Option<Value>,
    /// What it costs to cancel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellation_policy: Option<Value>,
}

impl Offer {
    /// Whether there is nothing beside the rate card.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// The prices at which a product can be had; always one at least.
#[must_use]
pub fn prices(product: &Product) -> Vec<Price> {
    if !product.offer.prices.is_empty() {
        return product.offer.prices.clone();
    }
    let model = PricingModel::from(product.rate_type);
    let auction = product.delivery_type == DeliveryType::Pmp;
    let amount = product.base_price;
    let currency = amount.currency().code().to_ascii_lowercase();
    vec![Price {
        id: format!("{}_{currency}", model.name()),
        model,
        amount,
        auction,
        min_spend: product.offer.min_spend,
    }]
}

/// How the lines of a product are served.
#[must_use]
pub fn line_item_type(product: &Product) -> ItemType {
    let by_delivery = match product.delivery_type {
        DeliveryType::Exclusive => ItemType::Sponsorship,
        DeliveryType::Guaranteed => ItemType::Standard,
        DeliveryType::Pmp => ItemType::PricePriority,
    };
    product.offer.line_item_type.unwrap_or(by_delivery)
}

/// The formats of a product, by their ids with us.
#[must_use]
pub fn formats(product: &Product) -> Vec<&str> {
    if !product.offer.formats.is_empty() {
        return product.offer.formats.iter().map(String::as_str).collect();
    }
    match product.format.as_str() {
        "display" => vec![
            "display_300x250",
            "display_728x90",
            "display_320x50",
            "display_html",
        ],
        "video" => vec!["video_1920x1080", "video_1280x720", "video_vast"],
        "native" => vec!["native_standard", "native_content"],
        "audio" => vec!["audio_standard", "audio_daast"],
        "rich_media" => vec!["rich_media_html"],
        _ => vec!["display_responsive"],
    }
}
