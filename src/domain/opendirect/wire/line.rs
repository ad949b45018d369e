//! Lines for `OpenDirect` clients. Refuses to be born booked: a line moves by actions. A
//! cost that is sent is not read, for the cost is ours to compute.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Reading, days, targeting};
use crate::domain::{
    ids::OrderId,
    money::{Amount, Currency},
    opendirect::{Ext, Targeting, booking_status::LineBookingStatus, line, line_draft::LineDraft},
    problem::Problem,
    when::rfc3339,
};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// The order that it belongs to.
    pub orderid: String,
    /// What is booked.
    pub productid: String,
    /// Its name.
    pub name: String,
    /// Its first moment.
    pub startdate: String,
    /// Its last second.
    pub enddate: String,
    /// How the rate is meant.
    pub ratetype: String,
    /// The currency of rate and cost.
    pub currency: Currency,
    /// The price of a unit.
    pub rate: Amount,
    /// How many impressions, or clicks.
    pub qty: u64,
    /// What the whole line costs.
    pub cost: Amount,
    /// Where it is in its life, such as `Reserved`, `Booked` or `Cancelled`.
    pub bookingstatus: String,
    /// When its hold runs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservedexpirydate: Option<String>,
    /// What it is aimed at.
    #[serde(default)]
    pub targeting: Targeting,
    /// What a vendor added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Ext>,
}

impl From<&line::Line> for Line {
    fn from(one: &line::Line) -> Self {
        Self {
            id: one.id.to_string(),
            orderid: one.order_id.to_string(),
            productid: one.product_id.to_string(),
            name: one.name.clone(),
            startdate: days::start(one.flight),
            enddate: days::end(one.flight),
            ratetype: one.rate_type.name().to_owned(),
            currency: one.rate.currency(),
            rate: one.rate.amount(),
            qty: one.quantity,
            cost: one.cost.amount(),
            bookingstatus: one.status.name().to_owned(),
            reservedexpirydate: one.reserved_until.map(rfc3339),
            targeting: one.targeting.clone(),
            ext: one.ext.clone(),
        }
    }
}

/// A request for a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// To be left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The order; the one that the path names.
    #[serde(default, alias = "order_id")]
    pub orderid: Option<String>,
    /// What to book.
    #[serde(alias = "product_id")]
    pub productid: String,
    /// At most 200 characters.
    pub name: String,
    /// The first day, or an instant on it.
    #[serde(alias = "start_date")]
    pub startdate: String,
    /// The last day, or an instant on it.
    #[serde(alias = "end_date")]
    pub enddate: String,
    /// How the rate is meant; the product's own when it is missing.
    #[serde(default, alias = "rate_type")]
    pub ratetype: Option<String>,
    /// The price of a unit; the rate card's when it is missing.
    #[serde(default)]
    pub rate: Option<Amount>,
    /// How many impressions, or clicks.
    #[serde(alias = "quantity")]
    pub qty: u64,
    /// Not read.
    #[serde(default)]
    pub cost: Option<Amount>,
    /// Nothing but `Draft`.
    #[serde(default, alias = "booking_status")]
    pub bookingstatus: Option<String>,
    /// What to aim at: an object, or a list of segments.
    #[serde(default)]
    pub targeting: Option<Value>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl NewLine {
    /// Reads it, for the order that the path names.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn draft(self, order: OrderId) -> Result<LineDraft, Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), None);
        reading.own_id("orderid", self.orderid.as_ref(), Some(&order.to_string()));
        let status = reading.one_of("bookingstatus", self.bookingstatus.as_ref());
        if status.is_some_and(|status: LineBookingStatus| status != LineBookingStatus::Draft) {
            let message = "must be Draft: reserve and book are actions";
            reading.problem("bookingstatus", "READ_ONLY", message);
        }
        let targeting = targeting::read(&mut reading, self.targeting.as_ref());
        let rate_type = reading.one_of("ratetype", self.ratetype.as_ref());
        let start = reading.day("startdate", &self.startdate);
        let end = reading.day("enddate", &self.enddate);
        let draft = start.zip(end).map(|(start, end)| LineDraft {
            product_id: self.productid.into(),
            name: self.name,
            start,
            end,
            rate_type,
            rate: self.rate,
            quantity: self.qty,
            targeting,
            ext: self.ext,
        });
        reading.done(draft)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::opendirect::{
        booking_status::LineAction,
        line::tests::at,
        line_draft::tests::{line, product},
        order::tests::{day, order},
    };

    fn sent() -> Value {
        json!({
            "orderid": "00000000-0000-0000-0000-000000000007",
            "productid": "ctv-prime",
            "name": "Prime time, July",
            "startdate": "2026-07-01T00:00:00Z",
            "enddate": "2026-07-10T23:59:59Z",
            "ratetype": "CPM",
            "rate": 20.0,
            "qty": 500_000,
            "bookingstatus": "Draft",
            "targeting": {"geo": ["us"]},
        })
    }

    fn made(body: &Value) -> Result<Value, Vec<String>> {
        let new: NewLine =
            serde_json::from_str(&body.to_string()).map_err(|wrong| vec![wrong.to_string()])?;
        let names = |all: Vec<Problem>| {
            super::super::renamed(all)
                .into_iter()
                .map(|one| one.field)
                .collect::<Vec<_>>()
        };
        let draft = new.draft(order().id).map_err(names)?;
        let made = draft
            .check(line().id, &order(), &product(), day("2026-06-01"))
            .map_err(names)?;
        Ok(serde_json::to_value(Line::from(&made)).expect("json"))
    }

    #[test]
    fn a_line_comes_back_with_its_id_and_cost() {
        let mut wanted = sent();
        wanted["id"] = json!("00000000-0000-0000-0000-000000000009");
        wanted["currency"] = json!("USD");
        wanted["cost"] = json!(10000.0);
        assert_eq!(made(&sent()), Ok(wanted.clone()));
        let snake = json!({
            "order_id": "00000000-0000-0000-0000-000000000007", "product_id": "ctv-prime",
            "name": "Prime time, July", "start_date": "2026-07-01", "end_date": "2026-07-10",
            "rate_type": "cpm", "rate": 20, "quantity": 500_000, "cost": 9_999.990_000_1,
            "booking_status": "draft", "targeting": [{"name": "geo", "value": "us"}],
        });
        assert_eq!(made(&snake), Ok(wanted));
    }

    #[test]
    fn a_hold_and_an_end_are_written_as_clients_read_them() {
        let noon = at("2026-06-10T12:00:00Z");
        let until = at("2026-06-12T12:00:00Z");
        let held = line()
            .after(LineAction::Reserve, noon, "ann")
            .and_then(|one| one.after(LineAction::ConfirmReservation { until }, noon, "seller"))
            .expect("held");
        let wire = Line::from(&held);
        assert_eq!(wire.bookingstatus, "Reserved");
        assert_eq!(
            wire.reservedexpirydate.as_deref(),
            Some("2026-06-12T12:00:00.000000Z")
        );
        let off = held.after(LineAction::Cancel, noon, "ann").expect("off");
        assert_eq!(Line::from(&off).bookingstatus, "Cancelled");
    }

    #[test]
    fn what_is_wrong_is_named_in_this_dialect() {
        let of = |field: &str, value: Value| {
            let mut body = sent();
            body[field] = value;
            made(&body).expect_err("refused")
        };
        assert_eq!(of("orderid", json!("other")), ["orderid"]);
        assert_eq!(of("productid", json!("other")), ["productid"]);
        assert_eq!(of("bookingstatus", json!("Booked")), ["bookingstatus"]);
        assert_eq!(of("ratetype", json!("CPX")), ["ratetype"]);
        assert_eq!(of("startdate", json!("soon")), ["startdate"]);
        assert_eq!(of("qty", json!(0)), ["qty"]);
        assert_eq!(of("rate", json!(1)), ["rate"]);
        assert_eq!(of("targeting", json!({"mood": "happy"})), ["targeting"]);
        for (field, value) in [("qty", json!(-1)), ("qty", json!(1.5)), ("bid", json!(1))] {
            of(field, value);
        }
    }
}
