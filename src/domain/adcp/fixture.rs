//! Products and prices as a tester makes them up: as little as they care to say, filled up to
//! something that can be sold. Refuses what nobody here could sell.

use serde_json::{Map, Value};

use super::offer::{Offer, Price, prices};
use crate::domain::{
    channel::Channel,
    media_buy::terms::PricingModel,
    money::{Amount, Currency, Money},
    opendirect::product::{DeliveryType, Product, RateType, UsualRates},
    problem::{Code, Problem},
};

/// How many impressions a product shows a day where nothing is said.
const DAILY: u64 = 5_000_000;

type Fields = Map<String, Value>;

fn wrong(field: &str, message: impl Into<String>) -> Problem {
    Problem::new(field, Code::new("INVALID_PARAMS"), message)
}

fn text<'a>(fixture: &'a Fields, field: &str) -> Result<Option<&'a str>, Problem> {
    match fixture.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(&format!("fixture.{field}"), "must be text")),
    }
}

fn list<'a>(fixture: &'a Fields, field: &str) -> Result<Option<&'a [Value]>, Problem> {
    match fixture.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(all)) => Ok(Some(all)),
        Some(_) => Err(wrong(&format!("fixture.{field}"), "must be a list")),
    }
}

/// The formats that a fixture names.
///
/// # Errors
/// When one has no id.
pub fn formats(fixture: &Fields) -> Result<Vec<String>, Problem> {
    let named = list(fixture, "format_ids")?.unwrap_or_default();
    let id = |one: &Value| {
        let id = one.get("id").unwrap_or(one).as_str();
        id.map(str::to_owned)
            .ok_or_else(|| wrong("fixture.format_ids", "must have an id each"))
    };
    named.iter().map(id).collect()
}

/// A product as it shall be: what is there already, and what the fixture says.
///
/// # Errors
/// With the field that makes no sense.
pub fn product(id: &str, fixture: &Fields, was: Option<Product>) -> Result<Product, Problem> {
    let mut product = was.unwrap_or_else(|| plain(id));
    if let Some(name) = text(fixture, "name")? {
        name.clone_into(&mut product.name);
    }
    if let Some(told) = text(fixture, "description")? {
        told.clone_into(&mut product.description);
    }
    match text(fixture, "delivery_type")? {
        None => {}
        Some("guaranteed") => product.delivery_type = DeliveryType::Guaranteed,
        Some("non_guaranteed") => product.delivery_type = DeliveryType::Pmp,
        Some(_) => {
            let message = "must be guaranteed or non_guaranteed";
            return Err(wrong("fixture.delivery_type", message));
        }
    }
    if let Some(channels) = list(fixture, "channels")? {
        let named = channels.iter().filter_map(Value::as_str);
        (product.channel, product.format, product.offer.channels) = placed(named);
    }
    let formats = formats(fixture)?;
    if !formats.is_empty() {
        product.offer.formats = formats;
    }
    if let Some(options) = list(fixture, "pricing_options")? {
        product.offer.prices = Vec::new();
        for option in options {
            let Value::Object(option) = option else {
                return Err(wrong("fixture.pricing_options", "must be objects"));
            };
            let id = text(option, "pricing_option_id")?.unwrap_or("default");
            let price = price(id, option)?;
            priced(&mut product, price);
        }
    }
    product.active = true;
    Ok(product)
}

/// A price as a tester makes it up.
///
/// # Errors
/// With the field that makes no sense.
pub fn price(id: &str, fixture: &Fields) -> Result<Price, Problem> {
    let model = match text(fixture, "pricing_model")?.unwrap_or("cpm") {
        "cpm" => PricingModel::Cpm,
        "vcpm" => PricingModel::Vcpm,
        "cpc" => PricingModel::Cpc,
        "flat_rate" => PricingModel::FlatRate,
        "time" => PricingModel::Time,
        _ => {
            let message = "must be cpm, vcpm, cpc, flat_rate or time";
            return Err(wrong("fixture.pricing_model", message));
        }
    };
    let currency = text(fixture, "currency")?.unwrap_or("USD");
    let currency: Currency = currency
        .parse()
        .map_err(|_| wrong("fixture.currency", "is no currency that is known here"))?;
    let money = |field: &str| {
        let Some(amount) = fixture.get(field) else {
            return Ok(None);
        };
        let amount = serde_json::from_value::<Amount>(amount.clone()).ok();
        let amount = amount.and_then(|amount| Money::from_amount(amount, currency).ok());
        let no = || wrong(&format!("fixture.{field}"), "is no amount of money");
        amount.map(Some).ok_or_else(no)
    };
    let fixed = money("fixed_price")?;
    let floor = money("floor_price")?;
    let amount = fixed.or(floor).unwrap_or(Money::new(1_000, currency));
    Ok(Price {
        id: id.to_owned(),
        model,
        amount,
        auction: fixed.is_none() && floor.is_some(),
        min_spend: money("min_spend_per_package")?,
    })
}

/// Gives a product a price, in place of the one with its name.
pub fn priced(product: &mut Product, price: Price) {
    let named = |one: &&mut Price| one.id == price.id;
    match product.offer.prices.iter_mut().find(named) {
        Some(was) => *was = price,
        None => product.offer.prices.push(price),
    }
    let all = prices(product);
    let Some(usual) = all.first() else { return };
    let same = all
        .iter()
        .map(|one| one.amount)
        .filter(|one| one.currency() == usual.amount.currency());
    product.rate_type = match usual.model {
        PricingModel::Cpm => RateType::Cpm,
        PricingModel::Vcpm => RateType::Cpmv,
        PricingModel::Cpc => RateType::Cpc,
        PricingModel::Time => RateType::Cpd,
        PricingModel::FlatRate => RateType::FlatRate,
    };
    product.base_price = usual.amount;
    product.floor_price = same.min_by_key(|one| one.minor()).unwrap_or(usual.amount);
}

/// Where a product runs, by the protocol's channels.
fn placed<'a>(named: impl Iterator<Item = &'a str>) -> (Channel, String, Vec<String>) {
    let known = |one: &'a str| match one {
        "video" => "olv",
        "audio" => "streaming_audio",
        other => other,
    };
    let channels: Vec<String> = named.map(known).map(str::to_owned).collect();
    let first = channels.first().map_or("display", String::as_str);
    let format = match first {
        "olv" | "ctv" | "linear_tv" | "cinema" => "video",
        "streaming_audio" | "radio" | "podcast" => "audio",
        _ => "display",
    };
    let channel = first.parse().unwrap_or(Channel::Branding);
    (channel, format.to_owned(), channels)
}

fn plain(id: &str) -> Product {
    let ten = Money::new(1_000, Currency::USD);
    Product {
        id: id.into(),
        publisher_id: "pub-sandbox".to_owned(),
        publisher: "Outdoor Network".to_owned(),
        name: id.replace(['_', '-'], " "),
        description: String::new(),
        channel: Channel::Branding,
        format: "display".to_owned(),
        rate_type: RateType::Cpm,
        delivery_type: DeliveryType::Guaranteed,
        base_price: ten,
        floor_price: ten,
        domain: Some("outdoornetwork.example".to_owned()),
        ad_unit: None,
        targeting: std::collections::BTreeMap::new(),
        daily_impressions: DAILY,
        usual: UsualRates::default(),
        active: true,
        offer: Offer::default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn as_little_as_a_tester_says_becomes_something_that_is_sold() {
        let said = fields(json!({
            "delivery_type": "non_guaranteed", "channels": ["video"],
            "format_ids": [{"id": "video_30s"}],
            "pricing_options": [{"pricing_option_id": "po", "pricing_model": "cpm",
                                 "currency": "EUR", "floor_price": 1.5}],
        }));
        let made = product("spot-1", &said, None).expect("a product");
        let made = made.check().expect("can be sold");
        assert_eq!(made.delivery_type, DeliveryType::Pmp);
        assert_eq!(
            (made.format.as_str(), made.offer.channels[0].as_str()),
            ("video", "olv")
        );
        assert!(made.offer.prices[0].auction);
        assert_eq!(made.base_price.minor(), 150);

        let price = price("po", &fields(json!({"fixed_price": 8.0}))).expect("a price");
        let mut dearer = made.clone();
        priced(&mut dearer, price);
        assert_eq!(dearer.offer.prices.len(), 1);
        assert!(!dearer.offer.prices[0].auction);
        assert_eq!(dearer.base_price, Money::new(800, Currency::USD));
        assert!(dearer.check().is_ok());
    }

    #[test]
    fn what_nobody_could_sell_is_refused_by_its_field() {
        for (said, field) in [
            (json!({"delivery_type": "maybe"}), "fixture.delivery_type"),
            (json!({"channels": "ctv"}), "fixture.channels"),
            (json!({"name": 7}), "fixture.name"),
            (json!({"format_ids": [{}]}), "fixture.format_ids"),
            (
                json!({"pricing_options": [{"pricing_model": "cpa"}]}),
                "fixture.pricing_model",
            ),
            (
                json!({"pricing_options": [{"fixed_price": "cheap"}]}),
                "fixture.fixed_price",
            ),
        ] {
            let problem = product("a", &fields(said), None).expect_err(field);
            assert_eq!(problem.field, field);
        }
    }
}
