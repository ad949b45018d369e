//! Delivery as agents read it: what the engine counts, in the protocol's words and as fractions.
//! Leaves out what was not counted; a missing number is not zero.

use serde_json::{Map, Value, json};

use super::{
    delivery::{BuyDelivery, DayDelivery, Deliveries, PackageDelivery},
    reach::Reach,
    told::status,
};
use crate::domain::{
    delivery::totals::Totals,
    money::{Currency, Money},
    pacing::ratio::Ratio,
    when::{Instant, rfc3339},
};

type Object = Map<String, Value>;

/// What the answer about delivery itself may not say, though a snapshot may.
const SNAPSHOT_ONLY: &str = "not_delivering";

/// Where reach and frequency come from.
const MODELLED: &str =
    "reach and frequency are modelled by the ad server inside, as its people are";

/// An amount in the units of its currency.
#[must_use]
pub fn amount(minor: i64, currency: Currency) -> Value {
    json!(Money::new(minor, currency).amount())
}

/// A fraction, to six decimals.
#[must_use]
pub fn fraction(ratio: Option<Ratio>) -> Value {
    ratio.map_or(Value::Null, |ratio| {
        json!((ratio.approximate() * 1e6).round() / 1e6)
    })
}

fn put(into: &mut Object, name: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_null() {
        into.insert(name.to_owned(), value);
    }
}

/// Totals in the protocol's words.
#[must_use]
pub fn metrics(totals: &Totals, currency: Currency) -> Object {
    let mut told = Object::new();
    put(&mut told, "impressions", totals.impressions);
    put(&mut told, "spend", amount(totals.spent, currency));
    put(&mut told, "clicks", json!(totals.clicks));
    put(&mut told, "ctr", fraction(totals.ctr()));
    put(&mut told, "completed_views", json!(totals.completes));
    put(&mut told, "completion_rate", fraction(totals.completion()));
    let per_click = totals
        .clicks
        .filter(|clicks| *clicks > 0)
        .and_then(|clicks| {
            let spent = Ratio::whole(totals.spent).over(Ratio::count(clicks))?;
            spent.over(Ratio::whole(10_i64.checked_pow(currency.decimals())?))
        });
    put(&mut told, "cost_per_click", fraction(per_click));
    if let (Some(measurable), Some(viewable)) = (totals.measurable, totals.viewable) {
        let mut seen = Map::new();
        put(&mut seen, "measurable_impressions", measurable);
        put(&mut seen, "viewable_impressions", viewable);
        put(&mut seen, "viewable_rate", fraction(totals.viewability()));
        seen.insert("standard".into(), "mrc".into());
        told.insert("viewability".into(), seen.into());
    }
    told
}

/// What a buy and its packages delivered.
#[must_use]
pub fn told(deliveries: &Deliveries) -> Object {
    let buys = &deliveries.buys;
    let first = buys.first().map_or(Currency::USD, |buy| buy.currency);
    let mixed = buys.iter().any(|buy| buy.currency != first);
    let mut told = Object::from_iter([
        (
            "reporting_period".to_owned(),
            period(deliveries.start, deliveries.end),
        ),
        ("currency".to_owned(), first.code().into()),
        (
            "media_buy_deliveries".to_owned(),
            buys.iter().map(of_buy).collect(),
        ),
    ]);
    let mut errors = Vec::new();
    if mixed {
        let message = "the media buys are paid in several currencies, which are not added up: \
                       each delivery names its own";
        errors.push(json!({
            "code": "VALIDATION_ERROR", "message": message, "recovery": "correctable",
            "field": "media_buy_ids", "suggestion": "ask for the media buys of one currency",
        }));
    } else {
        let sum = buys.iter().map(|buy| buy.totals);
        let sum = sum.fold(Totals::default(), Totals::plus);
        let mut all = metrics(&sum, first);
        all.remove("viewability");
        all.insert("media_buy_count".into(), buys.len().into());
        told.insert("aggregated_totals".into(), all.into());
    }
    for id in &deliveries.missing {
        errors.push(json!({
            "code": "MEDIA_BUY_NOT_FOUND", "message": format!("there is no media buy {id}"),
            "recovery": "correctable", "field": "media_buy_ids",
        }));
    }
    for one in &deliveries.not_yet {
        let (why, hint) = one.status.not_yet().unwrap_or_default();
        errors.push(json!({
            "code": "INVALID_STATE", "message": format!("media buy {} {why}", one.media_buy_id),
            "recovery": "correctable", "suggestion": hint, "field": "media_buy_ids",
        }));
    }
    if deliveries.more {
        errors.push(json!({
            "code": "VALIDATION_ERROR", "message": "there are more media buys than one answer tells of",
            "recovery": "correctable", "suggestion": "name media_buy_ids, or filter by status",
        }));
    }
    if !buys.is_empty() && buys.iter().all(|buy| buy.sandbox) {
        told.insert("sandbox".into(), true.into());
    }
    if !errors.is_empty() {
        told.insert("errors".into(), errors.into());
    }
    told
}

fn period(start: Instant, end: Instant) -> Value {
    json!({"start": rfc3339(start), "end": rfc3339(end)})
}

fn of_buy(buy: &BuyDelivery) -> Value {
    let mut totals = metrics(&buy.totals, buy.currency);
    put(&mut totals, "effective_rate", effective_rate(buy));
    let packages = buy.packages.iter().map(|one| of_package(one, buy.currency));
    let mut told = json!({
        "media_buy_id": buy.media_buy_id,
        "status": status(buy.status),
        "currency": buy.currency.code(),
        "totals": totals,
        "by_package": packages.collect::<Vec<_>>(),
    });
    if let Some(model) = model(buy) {
        told["pricing_model"] = json!(model);
    }
    if buy.adjusted {
        told["is_adjusted"] = json!(true);
    }
    if !buy.days.is_empty() {
        told["daily_breakdown"] = days(&buy.days, buy.currency);
    }
    told
}

/// What is paid for, where that is the same in all packages.
fn model(buy: &BuyDelivery) -> Option<&'static str> {
    let mut models = buy.packages.iter().map(|one| one.pricing.model);
    let first = models.next()?;
    models.all(|one| one == first).then(|| first.name())
}

/// What a unit of what is paid for came to, where all packages pay for the same.
fn effective_rate(buy: &BuyDelivery) -> Value {
    let totals = &buy.totals;
    let (units, per) = match model(buy) {
        Some("cpm") => (Some(totals.impressions), 1_000),
        Some("vcpm") => (totals.viewable, 1_000),
        Some("cpc") => (totals.clicks, 1),
        _ => (None, 1),
    };
    let rate = units.filter(|units| *units > 0).and_then(|units| {
        let scale = 10_i64.checked_pow(buy.currency.decimals())?;
        let spent = Ratio::whole(totals.spent).times(Ratio::whole(per))?;
        spent.over(Ratio::count(units))?.over(Ratio::whole(scale))
    });
    fraction(rate)
}

fn of_package(one: &PackageDelivery, currency: Currency) -> Value {
    let mut told = metrics(&one.totals, currency);
    put(&mut told, "package_id", one.package_id.as_str());
    put(&mut told, "pricing_model", one.pricing.model.name());
    put(&mut told, "rate", json!(one.pricing.rate.amount()));
    put(&mut told, "currency", currency.code());
    put(&mut told, "pacing_index", json!(one.pacing_index));
    let status = one.delivery_status.as_deref();
    put(
        &mut told,
        "delivery_status",
        json!(status.filter(|status| *status != SNAPSHOT_ONLY)),
    );
    put(&mut told, "paused", one.paused);
    put(&mut told, "is_final", one.is_final);
    if let Some(Reach { reached, per }) = one.reach {
        put(&mut told, "reach", reached);
        put(&mut told, "reach_unit", per.name());
        let often = Ratio::count(one.totals.impressions).over(Ratio::count(reached));
        put(&mut told, "frequency", fraction(often));
        put(
            &mut told,
            "ext",
            json!({ "flightdeck": { "reach": MODELLED } }),
        );
    }
    if !one.days.is_empty() {
        told.insert("daily_breakdown".into(), days(&one.days, currency));
    }
    told.into()
}

fn days(days: &[DayDelivery], currency: Currency) -> Value {
    let day = |day: &DayDelivery| {
        let mut told = json!({
            "date": day.date.to_string(),
            "impressions": day.totals.impressions,
            "spend": amount(day.totals.spent, currency),
        });
        if let Some(clicks) = day.totals.clicks {
            told["clicks"] = json!(clicks);
        }
        if let Some(completes) = day.totals.completes {
            told["completed_views"] = json!(completes);
        }
        told
    };
    days.iter().map(day).collect()
}

/// The latest of a package beside its terms, or why there is none. `cycle` is how often its ad
/// server is asked.
pub fn snapshot(
    into: &mut Object,
    one: Option<&PackageDelivery>,
    now: Instant,
    cycle: std::time::Duration,
) {
    let Some((one, as_of)) = one.and_then(|one| Some((one, one.as_of?))) else {
        let why = "SNAPSHOT_TEMPORARILY_UNAVAILABLE";
        put(into, "snapshot_unavailable_reason", why);
        return;
    };
    let age = (now - as_of).to_std().unwrap_or_default().max(cycle);
    let currency = one.budget.currency();
    let mut told = Object::new();
    put(&mut told, "as_of", rfc3339(as_of));
    put(&mut told, "staleness_seconds", age.as_secs());
    put(&mut told, "impressions", one.totals.impressions);
    put(&mut told, "spend", amount(one.totals.spent, currency));
    put(&mut told, "currency", currency.code());
    put(&mut told, "clicks", json!(one.totals.clicks));
    put(&mut told, "pacing_index", json!(one.pacing_index));
    put(&mut told, "delivery_status", json!(one.delivery_status));
    put(into, "snapshot", told);
}
