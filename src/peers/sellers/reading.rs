//! Reads what sellers write, whichever of their dialects it is in: names in snake case, in camel
//! case or run together, prices as numbers, as texts or in millionths, times without a zone.
//! Leaves empty what is not there, and rounds a price never down.

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use crate::domain::{
    money::{Amount, Currency, MOST_MINOR, Money},
    when::Instant,
};

/// Millionths of a unit.
const MICROS: i128 = 1_000_000;

/// The first of these fields that is there and not null.
#[must_use]
pub fn field<'a>(of: &'a Value, names: &[&str]) -> Option<&'a Value> {
    let mut found = names.iter().filter_map(|name| of.get(name));
    found.find(|value| !value.is_null())
}

/// The first of these fields as a text; a number counts as one.
#[must_use]
pub fn text(of: &Value, names: &[&str]) -> Option<String> {
    let text = match field(of, names)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The first of these fields as a count; a float without a fraction counts as one.
#[must_use]
pub fn count(of: &Value, names: &[&str]) -> Option<u64> {
    let micros = micros_of(field(of, names)?)?;
    let whole = micros % MICROS == 0 && micros >= 0;
    u64::try_from(micros / MICROS).ok().filter(|_| whole)
}

/// A number in millionths, read from its digits; what is finer is rounded to the nearest.
fn micros_of(value: &Value) -> Option<i128> {
    let amount: Amount = match value {
        Value::Number(number) => number.to_string().parse().ok()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let (digits, unit) = amount.terms();
    let scaled = digits.checked_mul(MICROS)?.checked_mul(2)?;
    Some(scaled.checked_add(unit)?.div_euclid(unit.checked_mul(2)?))
}

/// An amount in millionths, with the currency that it names: a number or a text in whole units,
/// or an object with `amount_micros`, `amount` or `value`.
#[must_use]
pub fn micros(value: &Value) -> Option<(i128, Option<String>)> {
    if !value.is_object() {
        return micros_of(value).map(|micros| (micros, None));
    }
    let currency = text(value, &["currency", "currency_code", "currencyCode"]);
    let exact = field(value, &["amount_micros", "amountMicros", "micros"]);
    let micros = match exact {
        Some(exact) => i128::from(exact.as_i64()?),
        None => micros_of(field(value, &["amount", "value", "price"])?)?,
    };
    Some((micros, currency))
}

/// Money that something costs, in minor units and never rounded down; nothing when it is no
/// amount that is accepted, or names a currency that is not known.
#[must_use]
pub fn money(value: &Value, currency: Currency) -> Option<Money> {
    let (micros, named) = micros(value)?;
    let currency = match named {
        Some(code) => code.to_ascii_uppercase().parse().ok()?,
        None => currency,
    };
    let per_minor = MICROS / 10i128.pow(currency.decimals().min(6));
    let minor = micros.div_euclid(per_minor) + i128::from(micros.rem_euclid(per_minor) != 0);
    let minor = i64::try_from(minor).ok()?;
    (0..=MOST_MINOR)
        .contains(&minor)
        .then(|| Money::new(minor, currency))
}

/// Money in millionths, as sellers of the shared catalogue write it.
#[must_use]
pub fn in_micros(money: Money) -> Value {
    let finer = 10i64.pow(6u32.saturating_sub(money.currency().decimals()));
    serde_json::json!({
        "amount_micros": money.minor().saturating_mul(finer),
        "currency": money.currency().code(),
    })
}

/// An instant, with or without a zone: without one it is meant in UTC.
#[must_use]
pub fn instant(text: &str) -> Option<Instant> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    let without = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    with_zone
        .or_else(|_| without().map(|at| at.and_utc()))
        .ok()
        .map(crate::domain::when::stored)
}

/// What an error says, in whichever shape: a text, a list of them, an object with one.
#[must_use]
pub fn said(body: &Value) -> Option<String> {
    const NAMES: [&str; 6] = ["detail", "message", "msg", "error", "title", "errors"];
    match body {
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => all.iter().find_map(said),
        Value::Object(_) => NAMES
            .iter()
            .filter_map(|name| body.get(name))
            .find_map(said),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn usd(value: &Value) -> Option<i64> {
        money(value, Currency::USD).map(Money::minor)
    }

    #[test]
    fn a_price_is_read_in_every_dialect_and_never_rounded_down() {
        for (written, minor) in [
            (json!(22), Some(2_200)),
            (json!(22.0), Some(2_200)),
            (json!(12.345), Some(1_235)),
            (json!("12.5"), Some(1_250)),
            (json!(19.999_999_999_999_996), Some(2_000)),
            (json!(22.000_000_000_000_004), Some(2_200)),
            (
                json!({"amount_micros": 22_000_000, "currency": "USD"}),
                Some(2_200),
            ),
            (json!({"amount_micros": 12_345_000}), Some(1_235)),
            (json!({"amount": 9.99, "currency": "usd"}), Some(999)),
            (json!(0), Some(0)),
            (json!(-1), None),
            (json!("dear"), None),
            (json!(null), None),
            (json!([1]), None),
            (json!({"amount_micros": 1.5}), None),
            (json!({"amount": 1, "currency": "XXQ"}), None),
            (json!(1e300), None),
        ] {
            assert_eq!(usd(&written), minor, "{written}");
        }
        let yen = "JPY".parse().expect("a currency");
        assert_eq!(money(&json!(99.5), yen).map(Money::minor), Some(100));
    }

    #[test]
    fn times_without_a_zone_are_meant_in_utc() {
        let noon = instant("2026-06-01T12:00:00Z");
        assert!(noon.is_some());
        for same in [
            "2026-06-01T12:00:00",
            "2026-06-01T14:00:00+02:00",
            "2026-06-01T12:00:00.000000",
        ] {
            assert_eq!(instant(same), noon, "{same}");
        }
        assert_eq!(instant("yesterday"), None);
    }

    #[test]
    fn an_error_is_found_in_whichever_shape_it_comes() {
        for body in [
            json!({"detail": "it is full"}),
            json!({"detail": {"error": "", "message": "it is full"}}),
            json!({"detail": [{"loc": ["body"], "msg": "it is full"}]}),
            json!({"error": {"code": 3, "message": "it is full"}}),
            json!("it is full"),
        ] {
            assert_eq!(said(&body).as_deref(), Some("it is full"), "{body}");
        }
        assert_eq!(said(&json!({"status": 3})), None);
    }

    proptest! {
        #[test]
        fn what_was_written_in_minor_units_comes_back(minor in 0..=MOST_MINOR) {
            let price = Money::new(minor, Currency::USD);
            prop_assert_eq!(money(&in_micros(price), Currency::USD), Some(price));
            let text = price.amount().to_string();
            prop_assert_eq!(money(&json!(text), Currency::USD), Some(price));
        }

        #[test]
        fn a_price_is_never_below_what_was_written(micros in 0i64..1_000_000_000_000) {
            let read = money(&json!({"amount_micros": micros}), Currency::USD).expect("read");
            let written = i128::from(micros);
            let back = i128::from(read.minor()) * 10_000;
            prop_assert!(back >= written && back < written + 10_000);
        }

        #[test]
        fn nothing_that_is_written_makes_it_stumble(text in "\\PC{0,40}", number in proptest::num::f64::ANY) {
            for value in [json!(text), json!(number), json!({"amount": text}), json!({"value": number})] {
                let _ = (money(&value, Currency::USD), said(&value), count(&json!({"n": value}), &["n"]));
            }
            let _ = instant(&text);
        }
    }
}
