//! A foreign product as our planning reads products. What its seller does not say is named and
//! never made up: no availability is an availability that is not known, and what has no price, no
//! currency that is known or no channel that can be told is left out, with the reason.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Usual,
    reading::{count, field, money, text},
};
use crate::domain::{
    channel::Channel,
    money::Money,
    opendirect::{
        Targeting,
        product::{DeliveryType, MOST_DAILY, Product, RateType, UsualRates},
    },
    text::inert,
};

/// The longest id of a product that is read, in bytes.
const LONGEST_ID: usize = 180;
/// The longest name, publisher and description, in characters.
const LONGEST: (usize, usize, usize) = (100, 200, 900);
/// The most sorts of targeting, and the most values of one.
const MOST_TARGETS: (usize, usize) = (16, 64);
/// Over how many days a number of impressions without days is spread, for weights only.
const SPREAD_DAYS: u64 = 30;

/// What a seller can leave unsaid of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsaid {
    /// How many impressions there are.
    Availability,
    /// How firmly it is delivered: it is taken for the least firm.
    Delivery,
    /// Where it runs: that was told from its formats and its name, or from the settings.
    Channel,
    /// Which format it has.
    Format,
}

impl Unsaid {
    /// As people say it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Delivery => "delivery type",
            Self::Channel => "channel",
            Self::Format => "format",
        }
    }
}

/// A product that a seller offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// What it is, by its seller's own id.
    pub product: Product,
    /// How many impressions its seller says that there are.
    pub available: Option<u64>,
    /// By which name its price is known there, where prices have names.
    pub price: Option<String>,
    /// What its seller does not say.
    pub unsaid: Vec<Unsaid>,
}

/// Reads a product of the shared catalogue or of `OpenDirect`.
///
/// # Errors
/// In words that end "it has no ...": why it cannot be considered.
pub fn product(wire: &Value, usual: &Usual) -> Result<Offered, String> {
    let id = text(wire, &["product_id", "productid", "productId", "id"]);
    let id = id.ok_or("has no id")?;
    let name = text(wire, &["name", "product_name", "title"]).unwrap_or_else(|| id.clone());
    let rate_type = rate_type(wire).ok_or("is priced in a way that is not known here")?;
    let price = price(wire, usual).ok_or("has no price that is told")?;
    let mut unsaid = Vec::new();
    let mut missing = |what: Unsaid| unsaid.push(what);
    let names = ["available_impressions", "availableImpressions", "avails"];
    let available = count(wire, &names);
    if available.is_none() {
        missing(Unsaid::Availability);
    }
    let delivery_type = delivery(wire).unwrap_or_else(|| {
        missing(Unsaid::Delivery);
        DeliveryType::Pmp
    });
    let format = format(wire).unwrap_or_else(|| {
        missing(Unsaid::Format);
        "unknown".to_owned()
    });
    let channel = if let Some(channel) = channel_said(wire) {
        channel
    } else {
        missing(Unsaid::Channel);
        let told = usual.channel.or_else(|| channel_told(wire, &name, &format));
        told.ok_or("has no channel that can be told")?
    };
    let publisher_id = text(
        wire,
        &["seller_organization_id", "publisherid", "publisher_id"],
    );
    let publisher_id = publisher_id.unwrap_or_else(|| usual.publisher.clone());
    let publisher = field(wire, &["ext"]).and_then(|ext| text(ext, &["publisher"]));
    let publisher = publisher.or_else(|| text(wire, &["publisher", "publisher_name"]));
    let description = text(wire, &["description"]).unwrap_or_default();
    let made = Product {
        publisher: line(publisher.as_ref().unwrap_or(&publisher_id), LONGEST.1),
        publisher_id: line(&publisher_id, LONGEST.1),
        name: line(&name, LONGEST.0),
        description: line(&description, LONGEST.2),
        channel,
        format,
        rate_type,
        delivery_type,
        base_price: price,
        floor_price: price,
        domain: text(wire, &["domain"]).map(|domain| line(&domain, LONGEST.1)),
        ad_unit: None,
        targeting: targeting(wire),
        daily_impressions: daily(available),
        usual: UsualRates::default(),
        active: true,
        offer: crate::domain::adcp::offer::Offer::default(),
        id: id.as_str().into(),
    };
    finish(made, available, None, unsaid)
}

/// Looks a product over that was read in whichever way.
///
/// # Errors
/// Why it cannot be considered.
pub fn finish(
    product: Product,
    available: Option<u64>,
    price: Option<String>,
    unsaid: Vec<Unsaid>,
) -> Result<Offered, String> {
    if product.id.as_str().len() > LONGEST_ID {
        return Err("has an id that is longer than any".into());
    }
    let checked = product.check().map_err(|problems| {
        let field = problems.first().map(|one| one.field.clone());
        format!("has no usable {}", field.unwrap_or_else(|| "fields".into()))
    })?;
    Ok(Offered {
        product: checked,
        available,
        price,
        unsaid,
    })
}

/// How much that is on one day, for weights only.
#[must_use]
pub fn daily(available: Option<u64>) -> u64 {
    (available.unwrap_or(0) / SPREAD_DAYS).clamp(1, MOST_DAILY)
}

/// A text as one line that can be shown, of at most so many characters.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    let plain = inert(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    plain.chars().take(most).collect()
}

fn rate_type(wire: &Value) -> Option<RateType> {
    let names = ["pricing_model", "ratetype", "rate_type", "rateType"];
    let Some(said) = text(wire, &names) else {
        return Some(RateType::Cpm);
    };
    match &*said.to_ascii_lowercase() {
        "vcpm" => Some(RateType::Cpmv),
        "flat_fee" | "flat_rate" => Some(RateType::FlatRate),
        other => other.parse().ok(),
    }
}

fn price(wire: &Value, usual: &Usual) -> Option<Money> {
    if text(wire, &["pricing_type"]).as_deref() == Some("on_request") {
        return None;
    }
    let currency = match text(wire, &["currency"]) {
        Some(code) => code.to_ascii_uppercase().parse().ok()?,
        None => usual.currency,
    };
    let names = ["base_price", "baseprice", "basePrice", "rate", "cpm"];
    money(field(wire, &names)?, currency)
}

fn delivery(wire: &Value) -> Option<DeliveryType> {
    let said = text(wire, &["delivery_type", "deliverytype", "deliveryType"])?;
    Some(match &*said.to_ascii_lowercase() {
        "exclusive" => DeliveryType::Exclusive,
        "guaranteed" => DeliveryType::Guaranteed,
        "pmp" | "non_guaranteed" | "non-guaranteed" => DeliveryType::Pmp,
        _ => return None,
    })
}

fn format(wire: &Value) -> Option<String> {
    let own = text(wire, &["format", "adformat", "ad_format"]);
    let ext = || field(wire, &["ext"]).and_then(|ext| text(ext, &["format"]));
    let first = || {
        let all = field(wire, &["ad_formats", "adFormats", "formats"])?;
        all.as_array()?.iter().find_map(Value::as_str)
    };
    let said = own
        .or_else(ext)
        .or_else(|| first().map(str::to_owned))?
        .to_ascii_lowercase();
    let said = if said == "banner" { "display" } else { &said };
    Some(line(said, 50)).filter(|said| !said.is_empty())
}

/// The channel that a product names.
fn channel_said(wire: &Value) -> Option<Channel> {
    const NAMES: [&str; 4] = ["channel", "inventory_type", "inventoryType", "media_type"];
    let own = text(wire, &NAMES);
    let ext = || field(wire, &["ext"]).and_then(|ext| text(ext, &NAMES));
    own.or_else(ext)?.parse().ok()
}

/// The channel that a product's name and formats give away.
fn channel_told(wire: &Value, name: &str, format: &str) -> Option<Channel> {
    let about = text(wire, &["description"]).unwrap_or_default();
    let plain = format!(" {name} {about} ").to_ascii_lowercase();
    let words: String = plain
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let has = |phrase: &str| words.contains(&format!(" {phrase} "));
    let told = [
        (
            Channel::Ctv,
            &["ctv", "connected tv", "ott", "streaming tv"][..],
        ),
        (Channel::LinearTv, &["linear tv", "broadcast"][..]),
        (
            Channel::MobileApp,
            &["mobile app", "in app", "mobile apps"][..],
        ),
        (Channel::Social, &["social"][..]),
    ];
    let mut named = told.into_iter();
    let named = named.find(|(_, phrases)| phrases.iter().any(|phrase| has(phrase)));
    named
        .map(|(channel, _)| channel)
        .or_else(|| matches!(format, "display" | "native").then_some(Channel::Branding))
}

fn targeting(wire: &Value) -> Targeting {
    let mut all = Targeting::new();
    let names = ["targeting", "audience_targeting", "content_targeting"];
    for said in names.iter().filter_map(|name| wire.get(name)) {
        match said {
            Value::Object(fields) => {
                for (name, values) in fields {
                    put(&mut all, name, values);
                }
            }
            Value::Array(segments) => {
                for segment in segments {
                    let name = text(segment, &["name", "type", "key"]);
                    let values = field(segment, &["values", "value", "id"]);
                    if let (Some(name), Some(values)) = (name, values) {
                        put(&mut all, &name, values);
                    }
                }
            }
            _ => {}
        }
    }
    all
}

fn put(all: &mut BTreeMap<String, Vec<String>>, name: &str, values: &Value) {
    let name = line(name, 60);
    let room = all.len() < MOST_TARGETS.0 || all.contains_key(&name);
    if name.is_empty() || !room {
        return;
    }
    let one = |value: &Value| match value {
        Value::String(text) => Some(line(text, 100)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let values: Vec<String> = match values {
        Value::Array(many) => many.iter().filter_map(one).collect(),
        single => one(single).into_iter().collect(),
    };
    let known = all.entry(name).or_default();
    known.extend(values.into_iter().filter(|value| !value.is_empty()));
    known.sort();
    known.dedup();
    known.truncate(MOST_TARGETS.1);
    all.retain(|_, values| !values.is_empty());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::money::Currency;

    fn usual() -> Usual {
        Usual {
            currency: Currency::USD,
            channel: None,
            publisher: "north".into(),
        }
    }

    fn shared() -> Value {
        json!({
            "product_id": "prod-001", "seller_organization_id": "org-1", "name": "Prime CTV",
            "ad_formats": ["video"], "available_impressions": 5_000_000,
            "base_price": {"amount_micros": 25_000_000, "currency": "USD"},
            "delivery_type": "Guaranteed", "pricing_model": "cpm", "pricing_type": "fixed",
            "audience_targeting": {"segment_ids": ["1001"]}, "content_targeting": null,
            "description": null, "domain": null, "ext": null,
        })
    }

    #[test]
    fn the_dialects_say_the_same_product() {
        let one = product(&shared(), &usual()).expect("read");
        assert_eq!(one.product.id.as_str(), "prod-001");
        assert_eq!(one.product.base_price, Money::new(2_500, Currency::USD));
        assert_eq!(one.product.channel, Channel::Ctv);
        assert_eq!(one.product.delivery_type, DeliveryType::Guaranteed);
        assert_eq!(one.available, Some(5_000_000));
        assert_eq!(one.unsaid, [Unsaid::Channel], "told from its name");
        let lower = json!({
            "id": "prod-001", "publisherid": "org-1", "name": "Prime CTV", "baseprice": 25.0,
            "currency": "USD", "ratetype": "CPM", "deliverytype": "guaranteed",
            "availableImpressions": 5_000_000.0, "ext": {"format": "video", "channel": "ctv"},
            "targeting": [{"name": "segment_ids", "value": "1001"}],
        });
        let other = product(&lower, &usual()).expect("read");
        assert_eq!(other.product, one.product);
        assert_eq!(other.unsaid, []);
        let camel = json!({
            "productId": "prod-001", "publisher": "org-1", "name": "Prime CTV",
            "basePrice": "25", "rateType": "cpm", "deliveryType": "EXCLUSIVE",
        });
        let third = product(&camel, &usual()).expect("read");
        assert_eq!(third.product.base_price, one.product.base_price);
        assert_eq!(third.product.delivery_type, DeliveryType::Exclusive);
    }

    #[test]
    fn what_is_not_said_is_named_and_not_made_up() {
        let mut bare = shared();
        for gone in ["available_impressions", "delivery_type", "ad_formats"] {
            bare[gone] = Value::Null;
        }
        let bare = product(&bare, &usual()).expect("read");
        assert_eq!(bare.available, None);
        assert_eq!(bare.product.delivery_type, DeliveryType::Pmp);
        let words: Vec<_> = bare.unsaid.iter().map(|one| one.words()).collect();
        assert_eq!(
            words,
            ["availability", "delivery type", "format", "channel"]
        );
    }

    #[test]
    fn what_cannot_be_considered_says_why() {
        let without = |name: &str, value: Value| {
            let mut wire = shared();
            wire[name] = value;
            product(&wire, &usual()).expect_err("left out")
        };
        assert_eq!(without("product_id", Value::Null), "has no id");
        assert!(without("base_price", Value::Null).contains("no price"));
        assert!(without("pricing_type", json!("on_request")).contains("no price"));
        assert!(without("pricing_model", json!("cpp")).contains("priced in a way"));
        assert!(without("name", json!("Prime")).contains("no channel"));
        assert!(without("product_id", json!("x".repeat(200))).contains("longer"));
        let ctv = Usual {
            channel: Some(Channel::Ctv),
            ..usual()
        };
        let mut plain = shared();
        plain["name"] = json!("Prime");
        assert_eq!(
            product(&plain, &ctv).map(|one| one.product.channel),
            Ok(Channel::Ctv)
        );
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_field_a_product_is_sound_or_left_out(
            at in 0usize..10,
            text in "\\PC{0,300}",
            number in proptest::num::f64::ANY,
            nested in any::<bool>(),
        ) {
            let names = [
                "product_id", "name", "base_price", "delivery_type", "pricing_model",
                "available_impressions", "ad_formats", "audience_targeting", "description", "ext",
            ];
            for value in [json!(text), json!(number), json!({"geo": [text], text.as_str(): number})] {
                let value = if nested { json!([value]) } else { value };
                let mut wire = shared();
                wire[names[at]] = value;
                if let Ok(read) = product(&wire, &usual()) {
                    prop_assert!(read.product.clone().check().is_ok());
                }
            }
        }
    }
}
