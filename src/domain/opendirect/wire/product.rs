//! A product for `OpenDirect` clients. The same object carries the two spellings that the
//! trade's clients read: the specification's fields, and the shared catalogue's in snake
//! case with prices in millionths. Refuses to tell the floor price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::{
    money::{Amount, Currency, Money},
    opendirect::{
        Ext, Targeting,
        product::{self, RateType},
    },
};

/// A price in millionths of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MicrosPrice {
    /// Millionths of a unit.
    pub amount_micros: i64,
    /// Three capital letters.
    pub currency: Currency,
}

impl From<Money> for MicrosPrice {
    fn from(money: Money) -> Self {
        let finer = 10i64.pow(6u32.saturating_sub(money.currency().decimals()));
        Self {
            amount_micros: money.minor().saturating_mul(finer),
            currency: money.currency(),
        }
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Its id.
    pub id: String,
    /// Who sells it.
    pub publisherid: String,
    /// Its name.
    pub name: String,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The currency of the price.
    pub currency: Currency,
    /// The price on the rate card.
    pub baseprice: Amount,
    /// `CPM`, `CPMV`, `CPC`, `CPD` or `FlatRate`.
    pub ratetype: String,
    /// `Exclusive`, `Guaranteed` or `PMP`.
    pub deliverytype: String,
    /// The site or application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The placement, as `{"name": ..}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adunit: Option<Ext>,
    /// What it can be aimed at.
    #[serde(default)]
    pub targeting: Targeting,
    /// How many impressions are free: in the next 30 days where no other time is asked for.
    #[serde(
        default,
        rename = "availableImpressions",
        skip_serializing_if = "Option::is_none"
    )]
    pub available_impressions: Option<u64>,
    /// Its channel, format and publisher's name.
    #[serde(default)]
    pub ext: Ext,
    /// The id, for clients of the shared catalogue.
    #[serde(rename = "product_id")]
    pub catalogue_id: String,
    /// The publisher's id, for clients of the shared catalogue.
    pub seller_organization_id: String,
    /// The price, for clients of the shared catalogue.
    pub base_price: MicrosPrice,
    /// Always `fixed`: the price is on the rate card.
    pub pricing_type: String,
    /// `cpm`, `cpmv`, `cpc`, `cpd` or `flat_fee`.
    pub pricing_model: String,
    /// `Exclusive`, `Guaranteed` or `PMP`.
    pub delivery_type: String,
    /// `banner`, `video`, `native` or `audio`.
    pub ad_formats: Vec<String>,
}

impl Product {
    /// Writes a product, with what is free when that is known.
    #[must_use]
    pub fn of(product: &product::Product, available_impressions: Option<u64>) -> Self {
        let told = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            id: product.id.to_string(),
            publisherid: product.publisher_id.clone(),
            name: product.name.clone(),
            description: told(&product.description),
            currency: product.base_price.currency(),
            baseprice: product.base_price.amount(),
            ratetype: product.rate_type.name().to_owned(),
            deliverytype: product.delivery_type.name().to_owned(),
            domain: product.domain.clone(),
            adunit: product.ad_unit.as_ref().map(|name| object("name", name)),
            targeting: product.targeting.clone(),
            available_impressions,
            ext: ext(product),
            catalogue_id: product.id.to_string(),
            seller_organization_id: product.publisher_id.clone(),
            base_price: product.base_price.into(),
            pricing_type: "fixed".to_owned(),
            pricing_model: model(product.rate_type).to_owned(),
            delivery_type: product.delivery_type.name().to_owned(),
            ad_formats: vec![ad_format(&product.format).to_owned()],
        }
    }
}

fn object(key: &str, value: &str) -> Ext {
    Ext::from_iter([(key.to_owned(), json!(value))])
}

fn ext(product: &product::Product) -> Ext {
    Ext::from_iter([
        ("channel".to_owned(), json!(product.channel.name())),
        ("format".to_owned(), json!(product.format)),
        ("publishername".to_owned(), json!(product.publisher)),
    ])
}

fn model(rate_type: RateType) -> &'static str {
    match rate_type {
        RateType::Cpm => "cpm",
        RateType::Cpmv => "cpmv",
        RateType::Cpc => "cpc",
        RateType::Cpd => "cpd",
        RateType::FlatRate => "flat_fee",
    }
}

fn ad_format(format: &str) -> &str {
    if format == "display" {
        "banner"
    } else {
        format
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::opendirect::line_draft::tests::product;

    #[test]
    fn a_product_reads_in_both_spellings() {
        let product = product::Product {
            ad_unit: Some("pre-roll".to_owned()),
            domain: Some("northlight.example".to_owned()),
            ..product()
        };
        let json = serde_json::to_value(Product::of(&product, Some(500_000))).expect("json");
        let wanted = json!({
            "id": "ctv-prime",
            "publisherid": "pub-1",
            "name": "Prime time",
            "currency": "USD",
            "baseprice": 22.00,
            "ratetype": "CPM",
            "deliverytype": "Guaranteed",
            "domain": "northlight.example",
            "adunit": {"name": "pre-roll"},
            "targeting": {"geo": ["US", "CA"]},
            "availableImpressions": 500_000,
            "ext": {"channel": "ctv", "format": "video", "publishername": "Northlight"},
            "product_id": "ctv-prime",
            "seller_organization_id": "pub-1",
            "base_price": {"amount_micros": 22_000_000, "currency": "USD"},
            "pricing_type": "fixed",
            "pricing_model": "cpm",
            "delivery_type": "Guaranteed",
            "ad_formats": ["video"],
        });
        assert_eq!(json, wanted);
        assert!(!json.to_string().contains("18"), "the floor is not told");
    }

    #[test]
    fn money_keeps_its_digits_and_currencies_their_decimals() {
        let text = serde_json::to_string(&Product::of(&product(), None)).expect("json");
        assert!(text.contains(r#""baseprice":22.00,"#), "{text}");
        let yen = Money::new(1_500, "JPY".parse().expect("known"));
        assert_eq!(MicrosPrice::from(yen).amount_micros, 1_500_000_000);
        let dinar = Money::new(1_500, "KWD".parse().expect("known"));
        assert_eq!(MicrosPrice::from(dinar).amount_micros, 1_500_000);
    }
}
