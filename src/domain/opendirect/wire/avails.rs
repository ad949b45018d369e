//! Questions of availability in both dialects: the simple one asks about one `productid`
//! and is answered with one object; the specification's asks about `productids` for an
//! account and a brand, and is answered with a collection. The answer follows the question.
//! Refuses a mixture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Reading, days, targeting};
use crate::domain::{
    ids::ProductId,
    money::{Amount, Currency},
    opendirect::{
        Ext,
        avails::{Availability, AvailsDraft, AvailsStatus},
    },
    problem::Problem,
};

/// Who says what our own entries of a product targeting mean.
const SOURCE: &str = "flightdeck";
/// The longest account or brand that is given back.
const LONGEST_ID: usize = 255;

/// A question, in either dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AvailsRequest {
    /// The one product, in the simple dialect.
    #[serde(alias = "product_id")]
    pub productid: Option<String>,
    /// The products, in the specification's.
    #[serde(alias = "product_ids")]
    pub productids: Option<Vec<String>>,
    /// For which account; the specification's dialect needs it.
    #[serde(alias = "account_id")]
    pub accountid: Option<String>,
    /// For which brand; the specification's dialect needs it.
    #[serde(alias = "advertiser_brand_id")]
    pub advertiserbrandid: Option<String>,
    /// The currency of the budget.
    pub currency: Option<String>,
    /// The first day, or an instant on it.
    #[serde(alias = "start_date")]
    pub startdate: Option<String>,
    /// The last day, or an instant on it.
    #[serde(alias = "end_date")]
    pub enddate: Option<String>,
    /// How many impressions are wanted.
    #[serde(rename = "requestedImpressions", alias = "requested_impressions")]
    pub requested_impressions: Option<u64>,
    /// How much may be spent.
    pub budget: Option<Amount>,
    /// What it would be aimed at: an object, or a list of segments.
    pub targeting: Option<Value>,
    /// Entries with a `target` and `targetvalues`; `requestedimpressions` and `budget` are
    /// read, others change nothing.
    #[serde(alias = "product_targeting")]
    pub producttargeting: Option<Vec<Ext>>,
    /// Taken and not used: there is one way to count.
    #[serde(alias = "availability_fields")]
    pub availabilityfields: Option<Vec<Ext>>,
    /// Taken and not used: the answer is one number for each product.
    pub grouping: Option<Vec<Ext>>,
}

/// A question as it was read, and how to answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub draft: AvailsDraft,
    /// The account to name in a collection; none when one object answers.
    pub account: Option<String>,
}

impl AvailsRequest {
    /// Reads either dialect.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn read(self) -> Result<Question, Vec<Problem>> {
        let mut reading = Reading::default();
        let (product_ids, account) = self.subject(&mut reading);
        let (impressions, budget) = self.volume(&mut reading);
        let targeting = targeting::read(&mut reading, self.targeting.as_ref());
        let currency = reading.one_of("currency", self.currency.as_ref());
        let start = reading.needed_day("startdate", self.startdate.as_ref());
        let end = reading.needed_day("enddate", self.enddate.as_ref());
        let draft = start.zip(end).map(|(start, end)| AvailsDraft {
            product_ids,
            start,
            end,
            impressions,
            budget,
            currency,
            targeting,
        });
        reading.done(draft.map(|draft| Question { draft, account }))
    }

    fn subject(&self, reading: &mut Reading) -> (Vec<ProductId>, Option<String>) {
        match (&self.productid, &self.productids) {
            (Some(one), None) => (vec![one.as_str().into()], None),
            (None, Some(many)) => {
                for (field, sent) in [
                    ("accountid", &self.accountid),
                    ("advertiserbrandid", &self.advertiserbrandid),
                ] {
                    let fits = |text: &String| !text.is_empty() && text.len() <= LONGEST_ID;
                    if !sent.as_ref().is_some_and(fits) {
                        reading.problem(field, "REQUIRED", "is needed with productids");
                    }
                }
                (
                    many.iter().map(|one| one.as_str().into()).collect(),
                    self.accountid.clone(),
                )
            }
            (None, None) => {
                reading.problem("productid", "REQUIRED", "is needed");
                (Vec::new(), None)
            }
            (Some(_), Some(_)) => {
                let message = "must be left out when productids is there";
                reading.problem("productid", "MIXED_DIALECTS", message);
                (Vec::new(), None)
            }
        }
    }

    /// Both numbers, from their own fields or from where the specification has room.
    fn volume(&self, reading: &mut Reading) -> (Option<u64>, Option<Amount>) {
        let mut impressions = self.requested_impressions;
        let mut budget = self.budget;
        for entry in self.producttargeting.iter().flatten() {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let value = entry.get("targetvalues").and_then(|values| values.get(0));
            let value = value.and_then(Value::as_str).unwrap_or_default();
            let wrong = match text("target") {
                Some("requestedimpressions") => {
                    impressions = value.parse().ok();
                    impressions.is_none()
                }
                Some("budget") => {
                    budget = value.parse().ok();
                    budget.is_none()
                }
                _ => false,
            };
            if wrong {
                let message = "has a number that cannot be read";
                reading.problem("producttargeting", "INVALID_NUMBER", message);
            }
        }
        (impressions, budget)
    }
}

impl Reading {
    fn needed_day(&mut self, field: &str, text: Option<&String>) -> Option<chrono::NaiveDate> {
        if text.is_none() {
            self.problem(field, "REQUIRED", "is needed");
        }
        self.day(field, text?)
    }
}

/// The answer in the simple dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AvailsResponse {
    /// Of which product.
    pub productid: String,
    /// How many of the wanted impressions can be had.
    #[serde(rename = "availableImpressions")]
    pub available_impressions: u64,
    /// How many would be promised; missing when the product promises none.
    #[serde(
        default,
        rename = "guaranteedImpressions",
        skip_serializing_if = "Option::is_none"
    )]
    pub guaranteed_impressions: Option<u64>,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What a thousand cost.
    #[serde(rename = "estimatedCpm")]
    pub estimated_cpm: Amount,
    /// What they cost together.
    #[serde(rename = "totalCost")]
    pub total_cost: Amount,
    /// The share of the wanted that can be promised, 0 to 100; missing when nothing is
    /// promised.
    #[serde(
        default,
        rename = "deliveryConfidence",
        skip_serializing_if = "Option::is_none"
    )]
    pub delivery_confidence: Option<u8>,
    /// What the product can be aimed by.
    #[serde(
        default,
        rename = "availableTargeting",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub available_targeting: Vec<String>,
}

impl From<&Availability> for AvailsResponse {
    fn from(one: &Availability) -> Self {
        Self {
            productid: one.product_id.to_string(),
            available_impressions: one.available,
            guaranteed_impressions: one.guaranteed,
            currency: one.cpm.currency(),
            estimated_cpm: one.cpm.amount(),
            total_cost: one.cost.amount(),
            delivery_confidence: one.confidence,
            available_targeting: one.dimensions.clone(),
        }
    }
}

/// One product's answer in the specification's dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Avails {
    /// Of which product.
    pub productid: String,
    /// For which account.
    pub accountid: String,
    /// How many of the wanted impressions can be had.
    pub availability: u64,
    /// `status`, a `reason` when it is not all, and the number again.
    pub availsstatus: Ext,
    /// The currency of the price.
    pub currency: Currency,
    /// What a thousand cost.
    pub price: Amount,
    /// The first moment.
    pub startdate: String,
    /// The last second.
    pub enddate: String,
}

/// The answer in the specification's dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AvailsCollection {
    /// One for each product.
    pub avails: Vec<Avails>,
}

impl Avails {
    /// Writes an answer for the account that asked.
    #[must_use]
    pub fn of(one: &Availability, account: &str) -> Self {
        Self {
            productid: one.product_id.to_string(),
            accountid: account.to_owned(),
            availability: one.available,
            availsstatus: availsstatus(one),
            currency: one.cpm.currency(),
            price: one.cpm.amount(),
            startdate: days::start(one.flight),
            enddate: days::end(one.flight),
        }
    }
}

fn availsstatus(one: &Availability) -> Ext {
    let count = json!([{
        "name": "Inventory",
        "type": "Audience",
        "datasource": SOURCE,
        "target": "impressions",
        "targetvalues": [one.available.to_string()],
        "selectable": false,
        "count": one.available,
    }]);
    let mut all = Ext::from_iter([
        ("status".to_owned(), json!(one.status())),
        ("producttargeting".to_owned(), count),
    ]);
    if one.status() != AvailsStatus::Available {
        all.insert("reason".to_owned(), json!("Booked"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::opendirect::{
        avails::tests::{ask, draft},
        line_draft::tests::product,
    };

    fn read(body: &str) -> Result<Question, Vec<String>> {
        let request: AvailsRequest =
            serde_json::from_str(body).map_err(|wrong| vec![wrong.to_string()])?;
        request
            .read()
            .map_err(|all| all.into_iter().map(|one| one.field).collect())
    }

    #[test]
    fn the_simple_dialect_asks_about_one_product() {
        let wanted = AvailsDraft {
            impressions: Some(500_000),
            budget: "4250.0".parse().ok(),
            ..draft()
        };
        let camel = r#"{"productid":"ctv-prime","startdate":"2026-07-01T00:00:00Z",
            "enddate":"2026-07-10T23:59:59Z","requestedImpressions":500000,"budget":4250.0}"#;
        let question = read(camel).expect("read");
        assert_eq!(
            question,
            Question {
                draft: wanted.clone(),
                account: None
            }
        );
        let snake = r#"{"product_id":"ctv-prime","start_date":"2026-07-01",
            "end_date":"2026-07-10","requested_impressions":500000,"budget":4250.0}"#;
        assert_eq!(read(snake).expect("read").draft, wanted);
    }

    #[test]
    fn the_specification_asks_about_many_for_an_account() {
        let body = r#"{"productids":["ctv-prime","other"],"accountid":"acct-42",
            "advertiserbrandid":"brand-7","currency":"USD",
            "startdate":"2026-07-01T00:00:00Z","enddate":"2026-07-10T23:59:59Z",
            "targeting":[{"name":"geo","value":"US"}],
            "producttargeting":[
                {"name":"Investment","type":"Audience","datasource":"x",
                 "target":"requestedimpressions","targetvalues":["500000"],"selectable":false},
                {"name":"Investment","type":"Investment","datasource":"x",
                 "target":"budget","targetvalues":["4250.0"],"selectable":false},
                {"name":"Inventory","type":"Frames","datasource":"x",
                 "target":"city","targetvalues":["Oslo"],"selectable":true}]}"#;
        let question = read(body).expect("read");
        assert_eq!(question.account.as_deref(), Some("acct-42"));
        assert_eq!(question.draft.product_ids.len(), 2);
        assert_eq!(question.draft.impressions, Some(500_000));
        assert_eq!(question.draft.budget, "4250".parse().ok());
        assert_eq!(question.draft.targeting["geo"], ["US"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let days = r#""startdate":"2026-07-01","enddate":"2026-07-10""#;
        let of = |rest: &str| read(&format!("{{{rest}}}")).expect_err("refused");
        assert_eq!(of(days), ["productid"]);
        assert_eq!(of(r#""productid":"x""#), ["startdate", "enddate"]);
        assert_eq!(
            of(&format!(r#""productid":"x","productids":["y"],{days}"#)),
            ["productid"]
        );
        let bare = format!(r#""productids":["y"],{days}"#);
        assert_eq!(of(&bare), ["accountid", "advertiserbrandid"]);
        let lots = r#""producttargeting":[{"target":"budget","targetvalues":["lots"]}]"#;
        assert_eq!(
            of(&format!(r#""productid":"x",{days},{lots}"#)),
            ["producttargeting"]
        );
        of(&format!(r#""productid":"x",{days},"budget":"12""#));
        of(&format!(r#""productid":"x",{days},"colour":1"#));
    }

    #[test]
    fn the_answer_follows_the_question() {
        let wanted = AvailsDraft {
            impressions: Some(800_000),
            ..draft()
        };
        let found = ask(wanted, &product(), 50_000);
        assert_eq!(
            serde_json::to_value(AvailsResponse::from(&found)).expect("json"),
            json!({
                "productid": "ctv-prime",
                "availableImpressions": 500_000,
                "guaranteedImpressions": 500_000,
                "currency": "USD",
                "estimatedCpm": 22.0,
                "totalCost": 11000.0,
                "deliveryConfidence": 62,
                "availableTargeting": ["geo"],
            })
        );
        let collection = AvailsCollection {
            avails: vec![Avails::of(&found, "acct-42")],
        };
        assert_eq!(
            serde_json::to_value(collection).expect("json"),
            json!({"avails": [{
                "productid": "ctv-prime",
                "accountid": "acct-42",
                "availability": 500_000,
                "availsstatus": {
                    "status": "Partially Available",
                    "reason": "Booked",
                    "producttargeting": [{
                        "name": "Inventory",
                        "type": "Audience",
                        "datasource": "flightdeck",
                        "target": "impressions",
                        "targetvalues": ["500000"],
                        "selectable": false,
                        "count": 500_000,
                    }],
                },
                "currency": "USD",
                "price": 22.0,
                "startdate": "2026-07-01T00:00:00Z",
                "enddate": "2026-07-10T23:59:59Z",
            }]})
        );
        let plain = serde_json::to_value(AvailsResponse::from(&ask(draft(), &product(), 0)));
        assert_eq!(plain.expect("json").get("deliveryConfidence"), None);
    }
}
