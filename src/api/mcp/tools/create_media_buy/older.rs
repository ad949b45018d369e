//! The older shape of an order: products by their ids, one budget that is spread evenly over them,
//! and days. It is written anew in the protocol's own fields and goes the same way from there on,
//! so that nothing that is asked of one is let pass in the other; what goes wrong is told in the
//! names that were sent.

use serde_json::{Value, json};

use crate::{
    api::mcp::tool::{Ask, Object},
    domain::{
        ids::ProductId,
        media_buy::status::BuyStatus,
        money::{Amount, Money},
        problem::{Code, Problem},
        text::echo,
        when::parse_day,
    },
    engine::{
        fault::{Fault, FaultKind},
        media_buys::{told::confirmed, view::Ordered},
        seller::products::get::GetProduct,
    },
};

/// What of an order is meant for all of its packages.
const OF_PACKAGES: [&str; 2] = ["targeting_overlay", "format_ids"];

/// What the protocol's order does not know.
const OWN: [&str; 5] = [
    "product_ids",
    "flight_start_date",
    "flight_end_date",
    "total_budget",
    "creative_requirements",
];

/// Whether an order is in this shape.
pub fn is(sent: &Object) -> bool {
    let own = ["product_ids", "flight_start_date", "flight_end_date"];
    own.iter().any(|name| sent.contains_key(*name))
}

/// The same order as a question to the engine, kept as a draft where it is promised.
///
/// # Errors
/// When something is missing or makes no sense.
pub async fn question(ask: &Ask, mut sent: Object) -> Result<Object, Fault> {
    let ids = products(&sent)?;
    let (first, last) = (
        day(&sent, "flight_start_date")?,
        day(&sent, "flight_end_date")?,
    );
    let total = match sent.get("total_budget") {
        None | Some(Value::Null) => return Err(missing("total_budget")),
        Some(total) => serde_json::from_value::<Amount>(total.clone())
            .map_err(|_| wrong("total_budget", "INVALID_TYPE", "must be an amount"))?,
    };
    if let Some(formats) = formats(&sent, &ask.core.desk().agent_url)? {
        sent.insert("format_ids".into(), formats.into());
    }
    let packages = spread(ask, &ids, total, &sent).await?;
    for name in OWN.iter().chain(&OF_PACKAGES) {
        sent.remove(*name);
    }
    let overnight = last.succ_opt().unwrap_or(last);
    sent.insert("start_time".into(), json!(format!("{first}T00:00:00Z")));
    sent.insert("end_time".into(), json!(format!("{overnight}T00:00:00Z")));
    sent.insert("packages".into(), packages.into());
    let mut question = super::wrapped(sent);
    question.insert("keep_draft".into(), json!(true));
    Ok(question)
}

/// What is wrong with the order, in its own names.
pub fn named(fault: Fault) -> Fault {
    let mut fault = super::named(fault).renamed(field);
    for problem in &mut fault.problems {
        if problem.field == "flight_start_date" {
            problem.hint = Some("begin today or later".to_owned());
        }
    }
    if let Some(first) = fault.problems.first() {
        fault.hint.clone_from(&first.hint);
    }
    fault
}

/// A field of the protocol's order, as it is called here.
fn field(name: &str) -> String {
    let of_package = name
        .strip_prefix("packages[")
        .and_then(|rest| rest.split_once(']'));
    if let Some((at, rest)) = of_package {
        return match rest.trim_start_matches('.') {
            "" | "product_id" => format!("product_ids[{at}]"),
            format if format.starts_with("format_ids") => {
                format.replacen("format_ids", "creative_requirements.formats", 1)
            }
            "budget" | "impressions" | "bid_price" => "total_budget".to_owned(),
            "start_time" => "flight_start_date".to_owned(),
            "end_time" => "flight_end_date".to_owned(),
            other => other.to_owned(),
        };
    }
    match name {
        "start_time" => "flight_start_date".to_owned(),
        "end_time" => "flight_end_date".to_owned(),
        "packages" => "total_budget".to_owned(),
        other => other.to_owned(),
    }
}

/// The answer to such an order.
pub fn told(ordered: &Ordered) -> Object {
    let mut told = confirmed(&ordered.buy);
    if ordered.buy.buy.status == BuyStatus::Draft {
        let detail =
            "guaranteed line items need approval: call update_media_buy with submit_for_approval";
        told.insert("status".into(), "draft".into());
        told.insert("detail".into(), detail.into());
    }
    told
}

fn wrong(field: &str, code: &'static str, what: &str) -> Fault {
    Fault::field(Problem::new(field, Code::new(code), what))
}

fn missing(field: &str) -> Fault {
    wrong(field, "MISSING_FIELD", "is missing")
}

fn products(sent: &Object) -> Result<Vec<String>, Fault> {
    let ids = match sent.get("product_ids") {
        None | Some(Value::Null) => return Err(missing("product_ids")),
        Some(Value::Array(ids)) => ids,
        Some(_) => {
            return Err(wrong(
                "product_ids",
                "INVALID_TYPE",
                "must be a list of products",
            ));
        }
    };
    if ids.is_empty() {
        return Err(wrong(
            "product_ids",
            "INVALID_REQUEST",
            "must name a product",
        ));
    }
    let id = |(at, id): (usize, &Value)| {
        id.as_str().map(str::to_owned).ok_or_else(|| {
            let field = format!("product_ids[{at}]");
            wrong(&field, "INVALID_TYPE", "must be the id of a product")
        })
    };
    ids.iter().enumerate().map(id).collect()
}

/// The formats that creatives have to be in, by the names that our agent gives them.
fn formats(sent: &Object, agent_url: &str) -> Result<Option<Vec<Value>>, Fault> {
    let said = match sent.get("creative_requirements") {
        None | Some(Value::Null) => return Ok(None),
        Some(said) => said.get("formats").and_then(Value::as_array),
    };
    let like = "must be an object such as {\"formats\": [\"video_1920x1080\"]}";
    let said = said.ok_or_else(|| wrong("creative_requirements", "INVALID_TYPE", like))?;
    let format = |(at, one): (usize, &Value)| {
        let id = one.get("id").unwrap_or(one).as_str();
        let known = id.map(|id| json!({"agent_url": agent_url, "id": id}));
        known.ok_or_else(|| {
            let field = format!("creative_requirements.formats[{at}]");
            wrong(&field, "INVALID_TYPE", "must be the name of a format")
        })
    };
    said.iter()
        .enumerate()
        .map(format)
        .collect::<Result<_, _>>()
        .map(Some)
}

fn day(sent: &Object, field: &str) -> Result<chrono::NaiveDate, Fault> {
    match sent.get(field) {
        None | Some(Value::Null) => Err(missing(field)),
        Some(said) => said
            .as_str()
            .and_then(parse_day)
            .ok_or_else(|| wrong(field, "INVALID_REQUEST", "must be a day such as 2026-07-01")),
    }
}

/// One package for each product, each with its even share of the money.
async fn spread(
    ask: &Ask,
    ids: &[String],
    total: Amount,
    sent: &Object,
) -> Result<Vec<Value>, Fault> {
    let mut products = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let get = GetProduct {
            product_id: ProductId::from(id.as_str()),
        };
        let found = ask.core.ask(&ask.caller, get).await.map_err(|fault| {
            if fault.kind == FaultKind::NotFound {
                let message = format!("there is no product {}", echo(id));
                return Fault::new(FaultKind::NotFound, "PRODUCT_NOT_FOUND", message)
                    .with("field", format!("product_ids[{at}]"));
            }
            fault
        })?;
        products.push(found);
    }
    let currency = products.first().map(|one| one.base_price.currency());
    let currency = currency.ok_or_else(|| Fault::broken("no products"))?;
    let total = Money::from_amount(total, currency).map_err(|unfit| {
        let code = Code::INVALID_BUDGET;
        Fault::field(Problem::new("total_budget", code, unfit.to_string()))
    })?;
    let shares = total.split(&vec![1; products.len()]);
    let package = |(product, share): (&crate::domain::opendirect::product::Product, Money)| {
        let mut package = json!({
            "product_id": product.id,
            "budget": share.amount(),
            "pricing_option_id": "default",
        });
        for name in OF_PACKAGES {
            if let Some(value) = sent.get(name).filter(|value| !value.is_null()) {
                package[name] = value.clone();
            }
        }
        package
    };
    Ok(products.iter().zip(shares).map(package).collect())
}
