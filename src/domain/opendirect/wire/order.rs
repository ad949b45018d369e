//! Orders for `OpenDirect` clients. Refuses to be born approved: a decision is the
//! publisher's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Reading, days};
use crate::domain::{
    ids::AccountId,
    money::{Amount, Currency},
    opendirect::{
        Ext,
        order::{self, OrderAction, OrderChange, OrderDraft, OrderStatus},
    },
    problem::Problem,
};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The account that it belongs to.
    pub accountid: String,
    /// The publisher that it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisherid: Option<String>,
    /// The brand that is advertised.
    #[serde(default, rename = "brandId", skip_serializing_if = "Option::is_none")]
    pub brand_id: Option<String>,
    /// The currency of the budget and of every line.
    pub currency: Currency,
    /// What may be spent.
    pub budget: Amount,
    /// Its first moment.
    pub startdate: String,
    /// Its last second.
    pub enddate: String,
    /// `PENDING`, `APPROVED` or `REJECTED`.
    pub orderstatus: String,
    /// What a vendor added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Ext>,
}

impl From<&order::Order> for Order {
    fn from(one: &order::Order) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name.clone(),
            accountid: one.account_id.to_string(),
            publisherid: one.publisher_id.clone(),
            brand_id: one.brand_id.clone(),
            currency: one.budget.currency(),
            budget: one.budget.amount(),
            startdate: days::start(one.flight),
            enddate: days::end(one.flight),
            orderstatus: one.status.name().to_owned(),
            ext: one.ext.clone(),
        }
    }
}

/// A request for an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// To be left out.
    #[serde(default)]
    pub id: Option<String>,
    /// At most 100 characters.
    pub name: String,
    /// The account; the one that the path names.
    #[serde(default, alias = "account_id")]
    pub accountid: Option<String>,
    /// The publisher that it is meant for.
    #[serde(default, alias = "publisher_id")]
    pub publisherid: Option<String>,
    /// The brand that is advertised.
    #[serde(
        default,
        rename = "brandId",
        alias = "brand_id",
        alias = "advertiserbrandid"
    )]
    pub brand_id: Option<String>,
    /// The currency; dollars when it is missing.
    #[serde(default)]
    pub currency: Option<String>,
    /// What may be spent.
    pub budget: Amount,
    /// The first day, or an instant on it.
    #[serde(alias = "start_date")]
    pub startdate: String,
    /// The last day, or an instant on it.
    #[serde(alias = "end_date")]
    pub enddate: String,
    /// Nothing but `PENDING`.
    #[serde(default, alias = "order_status")]
    pub orderstatus: Option<String>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl NewOrder {
    /// Reads it, for the account that the path names.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn draft(self, account: AccountId) -> Result<OrderDraft, Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), None);
        reading.own_id(
            "accountid",
            self.accountid.as_ref(),
            Some(&account.to_string()),
        );
        let status = reading.one_of("orderstatus", self.orderstatus.as_ref());
        if status.is_some_and(|status: OrderStatus| status != OrderStatus::Pending) {
            let message = "must be PENDING: the publisher decides on an order";
            reading.problem("orderstatus", "READ_ONLY", message);
        }
        let currency = match &self.currency {
            Some(text) => reading.one_of("currency", Some(text)),
            None => Some(Currency::USD),
        };
        let start = reading.day("startdate", &self.startdate);
        let end = reading.day("enddate", &self.enddate);
        let draft = currency
            .zip(start.zip(end))
            .map(|(currency, (start, end))| OrderDraft {
                name: self.name,
                publisher_id: self.publisherid,
                brand_id: self.brand_id,
                currency,
                budget: self.budget,
                start,
                end,
                ext: self.ext,
            });
        reading.done(draft)
    }
}

/// A request to change an order: what is missing stays. A whole order may be sent back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrderPatch {
    /// The one that the path names.
    pub id: Option<String>,
    /// At most 100 characters.
    pub name: Option<String>,
    /// The one that the path names.
    #[serde(alias = "account_id")]
    pub accountid: Option<String>,
    /// Another publisher.
    #[serde(alias = "publisher_id")]
    pub publisherid: Option<String>,
    /// Another brand.
    #[serde(rename = "brandId", alias = "brand_id", alias = "advertiserbrandid")]
    pub brand_id: Option<String>,
    /// The order's own currency.
    pub currency: Option<String>,
    /// A new budget.
    pub budget: Option<Amount>,
    /// A new first day.
    #[serde(alias = "start_date")]
    pub startdate: Option<String>,
    /// A new last day.
    #[serde(alias = "end_date")]
    pub enddate: Option<String>,
    /// The publisher's decision.
    #[serde(alias = "order_status")]
    pub orderstatus: Option<String>,
    /// Replaces what a vendor added.
    pub ext: Option<Ext>,
}

impl OrderPatch {
    /// Reads it against the order: the change of its fields, and the decision if one was
    /// sent. Whoever performs them asks whether the sender may decide.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn read(
        self,
        order: &order::Order,
    ) -> Result<(OrderChange, Option<OrderAction>), Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), Some(&order.id.to_string()));
        let account = order.account_id.to_string();
        reading.own_id("accountid", self.accountid.as_ref(), Some(&account));
        let decision = reading.decision(order.status, self.orderstatus.as_ref());
        let change = OrderChange {
            name: self.name,
            publisher_id: self.publisherid,
            brand_id: self.brand_id,
            currency: reading.one_of("currency", self.currency.as_ref()),
            budget: self.budget,
            start: self
                .startdate
                .and_then(|text| reading.day("startdate", &text)),
            end: self.enddate.and_then(|text| reading.day("enddate", &text)),
            ext: self.ext,
        };
        reading.done(Some((change, decision)))
    }
}

impl Reading {
    fn decision(&mut self, is: OrderStatus, sent: Option<&String>) -> Option<OrderAction> {
        match self.one_of("orderstatus", sent)? {
            status if status == is => None,
            OrderStatus::Approved => Some(OrderAction::Approve),
            OrderStatus::Rejected => Some(OrderAction::Reject),
            OrderStatus::Pending => {
                let message = format!("is {is} and does not go back to PENDING");
                self.problem("orderstatus", "READ_ONLY", message);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::opendirect::order::tests::{day, order};

    fn sent() -> Value {
        json!({
            "name": "Summer",
            "accountid": "00000000-0000-0000-0000-000000000003",
            "brandId": "brand-7",
            "currency": "USD",
            "budget": 25000.50,
            "startdate": "2026-07-01T00:00:00Z",
            "enddate": "2026-07-31T23:59:59Z",
            "orderstatus": "PENDING",
        })
    }

    fn made(body: &str) -> Result<Value, Vec<String>> {
        let new: NewOrder = serde_json::from_str(body).map_err(|wrong| vec![wrong.to_string()])?;
        let names = |all: Vec<Problem>| {
            super::super::renamed(all)
                .into_iter()
                .map(|one| one.field)
                .collect::<Vec<_>>()
        };
        let account = order().account_id;
        let draft = new.draft(account).map_err(names)?;
        let made = draft
            .check(order().id, account, day("2026-06-01"))
            .map_err(names)?;
        Ok(serde_json::to_value(Order::from(&made)).expect("json"))
    }

    fn with(field: &str, value: Value) -> String {
        let mut body = sent();
        body[field] = value;
        body.to_string()
    }

    #[test]
    fn an_order_comes_back_with_its_id() {
        let mut wanted = sent();
        wanted["id"] = json!("00000000-0000-0000-0000-000000000007");
        assert_eq!(made(&sent().to_string()), Ok(wanted.clone()));
        let snake = r#"{"name":"Summer","account_id":"00000000-0000-0000-0000-000000000003",
            "brand_id":"brand-7","budget":25000.50,"start_date":"2026-07-01","end_date":"2026-07-31"}"#;
        assert_eq!(made(snake), Ok(wanted));
    }

    #[test]
    fn a_budget_keeps_every_digit() {
        let body = sent().to_string().replace("25000.5", "9007199254.99");
        let new: NewOrder = serde_json::from_str(&body).expect("read");
        let draft = new.draft(order().account_id).expect("fine");
        let made = draft
            .check(order().id, order().account_id, day("2026-06-01"))
            .expect("fine");
        let text = serde_json::to_string(&Order::from(&made)).expect("json");
        assert!(text.contains(r#""budget":9007199254.99,"#), "{text}");
    }

    #[test]
    fn what_is_wrong_is_named_in_this_dialect() {
        let of = |field: &str, value: Value| made(&with(field, value)).expect_err("refused");
        assert_eq!(of("accountid", json!("other")), ["accountid"]);
        assert_eq!(of("id", json!("mine")), ["id"]);
        assert_eq!(of("orderstatus", json!("APPROVED")), ["orderstatus"]);
        assert_eq!(of("currency", json!("usd")), ["currency"]);
        assert_eq!(of("startdate", json!("2026-02-30")), ["startdate"]);
        assert_eq!(of("enddate", json!("2026-06-30")), ["enddate"]);
        assert_eq!(of("budget", json!(0)), ["budget"]);
        assert_eq!(of("budget", json!(-1.5)), ["budget"]);
        for (field, value) in [
            ("budget", json!("12")),
            ("colour", json!(1)),
            ("name", json!(1)),
        ] {
            assert!(made(&with(field, value)).is_err(), "{field}");
        }
    }

    #[test]
    fn a_patch_tells_changes_from_decisions() {
        let read = |body: Value| {
            let patch: OrderPatch = serde_json::from_value(body).expect("read");
            patch.read(&order())
        };
        let (change, decision) = read(json!({"name": "Autumn"})).expect("fine");
        let wanted = OrderChange {
            name: Some("Autumn".to_owned()),
            ..OrderChange::default()
        };
        assert_eq!((change, decision), (wanted, None));
        let whole = serde_json::to_value(Order::from(&order())).expect("json");
        let (change, decision) = read(whole).expect("fine");
        let same = order().change(change, order::Commitments::default(), day("2026-06-01"));
        assert_eq!((same, decision), (Ok(order()), None));
        let (_, decision) = read(json!({"orderstatus": "approved"})).expect("fine");
        assert_eq!(decision, Some(OrderAction::Approve));
        let approved = order().after(OrderAction::Approve).expect("fine");
        let back = OrderPatch {
            orderstatus: Some("PENDING".to_owned()),
            ..OrderPatch::default()
        };
        assert!(back.read(&approved).is_err());
        assert!(
            read(json!({"id": "other", "enddate": "tomorrow"})).is_err_and(|all| all.len() == 2)
        );
    }
}
