//! How many impressions can be had, asked as servers of `OpenDirect` and the seller agent are asked:
//! about several products for an account and a brand where both are known, and else about one
//! product at a time. A server that has no such route is said to offer none.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Asked, Avails, Silent,
    http::{Came, Http},
    reading::{count, field, text},
};

/// The most answers that are read in one.
const MOST: usize = 200;

/// How servers call the number of impressions that can be had.
const NAMES: [&str; 5] = [
    "availableImpressions",
    "available_impressions",
    "availableimpressions",
    "availability",
    "available",
];

/// Asks for all of these; `named` is the account and the brand, where both are known.
///
/// # Errors
/// When it did not say.
pub(super) async fn ask(
    http: &Http,
    asked: &Asked,
    named: Option<(&str, &str)>,
) -> Result<Avails, Silent> {
    if let Some(named) = named {
        match send(http, &together(asked, named)).await? {
            Told::Said(told) => return Ok(Avails::Told(told)),
            Told::NotOffered => return Ok(Avails::NotOffered),
            // It speaks the older dialect.
            Told::NotSo(_) => {}
        }
    }
    let mut all = HashMap::new();
    for (product, impressions) in &asked.products {
        match send(http, &alone(asked, product, *impressions)).await? {
            Told::Said(told) => all.extend(told),
            Told::NotOffered => return Ok(Avails::NotOffered),
            Told::NotSo(why) => return Err(Silent(why)),
        }
    }
    Ok(Avails::Told(all))
}

/// What one question led to.
enum Told {
    Said(HashMap<String, u64>),
    NotOffered,
    NotSo(String),
}

async fn send(http: &Http, body: &Value) -> Result<Told, Silent> {
    let url = http.at(&["products", "avails"]);
    // It changes nothing there: it is asked, and waited for, as any question.
    match http.ask(Method::POST, url, body).await {
        Came::Answer(200..=299, Some(body)) => {
            let told = read(&body);
            if told.is_empty() {
                return Err(Silent("its answer names no number of impressions".into()));
            }
            Ok(Told::Said(told))
        }
        Came::Answer(404 | 405 | 501, _) | Came::Odd(404 | 405 | 501, _) => Ok(Told::NotOffered),
        came @ Came::Answer(400 | 422, _) => Ok(Told::NotSo(came.words())),
        came => Err(Silent(came.words())),
    }
}

fn alone(asked: &Asked, product: &str, impressions: u64) -> Value {
    let (start, end) = days(asked);
    json!({
        "productid": product,
        "startdate": start,
        "enddate": end,
        "requestedImpressions": impressions,
    })
}

fn together(asked: &Asked, (account, brand): (&str, &str)) -> Value {
    let (start, end) = days(asked);
    let products: Vec<&str> = asked.products.iter().map(|(id, _)| &**id).collect();
    let most = asked.products.iter().map(|(_, most)| *most).max();
    json!({
        "productids": products,
        "accountid": account,
        "advertiserbrandid": brand,
        "startdate": start,
        "enddate": end,
        "requestedImpressions": most.unwrap_or(0),
    })
}

fn days(asked: &Asked) -> (String, String) {
    let (first, last) = (asked.flight.first(), asked.flight.last());
    (format!("{first}T00:00:00Z"), format!("{last}T23:59:59Z"))
}

/// Reads one answer, or a list of them.
fn read(body: &Value) -> HashMap<String, u64> {
    let one = |of: &Value| {
        let id = text(of, &["productid", "product_id", "productId"])?;
        Some((id, count(of, &NAMES)?))
    };
    let many = match body {
        Value::Array(all) => Some(all),
        body => field(body, &["avails", "products", "items", "data"]).and_then(Value::as_array),
    };
    match many {
        Some(all) => all.iter().take(MOST).filter_map(one).collect(),
        None => one(body).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_alone_and_in_a_list() {
        let alone = json!({"productid": "prime", "availableImpressions": 300_000.0});
        assert_eq!(read(&alone)["prime"], 300_000);
        let many = json!({"avails": [
            {"productid": "a", "availability": 5}, {"productid": "b"}, {"product_id": "c", "available_impressions": 0},
        ]});
        let told = read(&many);
        assert_eq!((told.len(), told["a"], told["c"]), (2, 5, 0));
        assert!(read(&json!({"status": "ok"})).is_empty());
    }
}
