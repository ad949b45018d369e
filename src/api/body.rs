//! Reads what was sent: a body of a bounded size in a bounded time, or the parameters of a
//! query, and from both a question.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, Uri, header},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    domain::{
        problem::{Code, Problem},
        text,
    },
    engine::{
        fault::{Fault, FaultKind},
        question,
    },
};

/// The largest JSON body, in bytes.
const LARGEST: usize = 256 << 10;
/// The largest body of a call that may carry many things at once, in bytes.
const LARGEST_CALL: usize = 2 << 20;
/// How long a body may take to arrive.
const SLOWEST: Duration = Duration::from_secs(15);
/// What stands for a whole number with more digits than any has.
const TOO_LONG: f64 = 1e20;
/// The longest URL.
const LONGEST_URL: usize = 8 << 10;

/// Reads a body of JSON.
///
/// # Errors
/// When it is not JSON, too large, or too slow.
pub async fn bytes(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Fault> {
    is_json(headers)?;
    collect(body, LARGEST).await
}

/// Reads a body of JSON that may carry many things at once.
///
/// # Errors
/// When it is not JSON, too large, or too slow.
pub async fn large(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Fault> {
    is_json(headers)?;
    collect(body, LARGEST_CALL).await
}

fn is_json(headers: &HeaderMap) -> Result<(), Fault> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let plain = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if !(plain == "application/json"
        || (plain.starts_with("application/") && plain.ends_with("+json")))
    {
        let message = "the body must be JSON, with Content-Type: application/json";
        return Err(Fault::new(
            FaultKind::UnsupportedMedia,
            "UNSUPPORTED_MEDIA_TYPE",
            message,
        ));
    }
    Ok(())
}

/// Refuses a body where none is wanted, except an empty one or an empty object.
///
/// # Errors
/// When there is something in it.
pub async fn none(body: Body) -> Result<(), Fault> {
    let sent = collect(body, LARGEST).await?;
    let empty =
        sent.iter().all(u8::is_ascii_whitespace) || question::read::<Nothing>(&sent).is_ok();
    if empty {
        Ok(())
    } else {
        Err(Fault::field(Problem::new(
            "body",
            Code::new("UNEXPECTED_BODY"),
            "nothing is read here; send no body",
        )))
    }
}

/// Reads a body of JSON where one may be sent; what is usual where none is.
///
/// # Errors
/// When it is not JSON, too large, too slow, or not what it should be.
pub async fn maybe<T: DeserializeOwned + JsonSchema + Default>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Fault> {
    let sent = collect(body, LARGEST).await?;
    if sent.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    is_json(headers)?;
    question::read(&sent)
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn collect(body: Body, largest: usize) -> Result<Vec<u8>, Fault> {
    let limited = Limited::new(body, largest);
    match tokio::time::timeout(SLOWEST, limited.collect()).await {
        Err(_) => Err(Fault::new(
            FaultKind::Malformed,
            "BODY_TIMEOUT",
            "the body took too long to arrive",
        )),
        Ok(Ok(whole)) => Ok(whole.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let message = format!("the body is larger than {} KiB", largest >> 10);
            Err(Fault::new(FaultKind::TooLarge, "TOO_LARGE", message))
        }
        Ok(Err(_)) => Err(Fault::new(
            FaultKind::Malformed,
            "BODY_INCOMPLETE",
            "the body broke off",
        )),
    }
}

/// Reads a question from the parameters of a query.
///
/// # Errors
/// When a parameter is unknown, stands there twice, or is not what it should be.
pub fn query<T: DeserializeOwned + JsonSchema>(uri: &Uri, numbers: &[&str]) -> Result<T, Fault> {
    let sent = uri.query().unwrap_or_default();
    if sent.len() > LONGEST_URL {
        return Err(Fault::new(
            FaultKind::TooLarge,
            "URL_TOO_LONG",
            "the URL is longer than 8 KiB",
        ));
    }
    let pairs: Vec<(String, String)> = axum::extract::Query::try_from_uri(uri)
        .map(|axum::extract::Query(pairs)| pairs)
        .map_err(|_| {
            Fault::new(
                FaultKind::Malformed,
                "MALFORMED_QUERY",
                "the query is not readable",
            )
        })?;
    let mut question = Map::new();
    for (name, value) in pairs {
        let wrong = |said: &str| {
            Fault::field(Problem::new(
                text::echo(&name),
                Code::new("INVALID_PARAMETER"),
                said,
            ))
        };
        let value = match value.as_str() {
            digits if numbers.contains(&name.as_str()) => {
                let whole = number(digits).ok_or_else(|| wrong("is not a whole number"))?;
                let below = whole.as_i64().map_or(digits.starts_with('-'), |it| it < 0);
                if below {
                    return Err(wrong("is below zero"));
                }
                whole
            }
            text => Value::from(text),
        };
        if question.contains_key(&name) {
            return Err(wrong("stands there twice"));
        }
        question.insert(name, value);
    }
    let json = serde_json::to_vec(&question).map_err(Fault::broken)?;
    question::read(&json).map_err(|fault| of_parameters(fault, &question))
}

/// Gives what is wrong with numbers that are too long for any the code of a wrong parameter, as
/// all have that cannot be read as the number that they should be.
fn of_parameters(mut fault: Fault, sent: &Map<String, Value>) -> Fault {
    let too_long = |field: &str| sent.get(field).is_some_and(Value::is_f64);
    if !fault.problems.iter().any(|one| too_long(&one.field)) {
        return fault;
    }
    for one in &mut fault.problems {
        if too_long(&one.field) {
            one.code = Code::new("INVALID_PARAMETER");
        }
    }
    Fault::invalid(fault.problems)
}

/// A whole number as it is written. One that is too long for any stays one: whoever reads the
/// question says how far numbers go there.
fn number(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    whole.then(|| TOO_LONG.into())
}
