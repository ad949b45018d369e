//! Reads what other companies' systems answer, value by value: a time with or without a zone, a
//! number as it comes, exact money out of floats with their noise. Refuses nothing: what makes no
//! sense is empty.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use crate::domain::{
    money::{Currency, MOST_MINOR, Money},
    text::inert,
    when::{Instant, stored},
};

/// The longest text that is kept, in characters.
const LONGEST: usize = 2_000;

/// A field as text; empty where it is missing.
pub(super) fn text(body: &Value, name: &str) -> String {
    body.get(name)
        .filter(|value| !value.is_null())
        .map(plain)
        .unwrap_or_default()
}

/// A value as text that can be shown.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => clip(text),
        other => clip(&other.to_string()),
    }
}

/// The beginning of a text, fit to be shown.
pub(super) fn clip(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    inert(&short)
}

/// An instant with or without its zone; without, it is in UTC.
pub(super) fn instant(value: Option<&Value>) -> Option<Instant> {
    let text = value?.as_str()?.trim();
    let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    let naive = || {
        let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
        let mut read = formats.iter();
        read.find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|at| DateTime::<Utc>::from_naive_utc_and_offset(at, Utc))
    };
    zoned.ok().or_else(naive).map(stored)
}

/// A number, also one that is written as a text.
fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let read = value
        .as_f64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    read.filter(|number| number.is_finite())
}

/// A number so many times as large, as the nearest whole one.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to lie within what a float holds exactly"
)]
pub(super) fn rounded(value: Option<&Value>, times: f64) -> Option<i64> {
    let scaled = (number(value)? * times).round();
    (scaled.abs() <= 9e15).then_some(scaled as i64)
}

/// An amount in minor units: its floats carry noise, so the nearest one is meant.
pub(super) fn money(value: Option<&Value>, currency: Currency) -> Option<Money> {
    let times = f64::from(10u32.pow(currency.decimals()));
    let minor = rounded(value, times)?;
    (minor.abs() <= MOST_MINOR).then_some(Money::new(minor, currency))
}

/// A whole number that is not below zero.
pub(super) fn whole(value: &Value) -> Option<u64> {
    u64::try_from(rounded(Some(value), 1.0)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let read = |text: &str| instant(Some(&json!(text))).map(crate::domain::when::rfc3339);
        let naive = read("2026-11-21T00:06:01.388672").expect("an instant");
        assert_eq!(naive, "2026-11-21T00:06:01.388672Z");
        assert_eq!(read("2026-11-21T00:06:01"), read("2026-11-21T00:06:01Z"));
        assert_eq!(
            read("2026-11-21T02:06:01+02:00"),
            read("2026-11-21T00:06:01")
        );
        assert_eq!(read("soon"), None);
        assert_eq!(instant(Some(&json!(null))), None);
    }

    #[test]
    fn money_loses_its_noise_and_nothing_else() {
        let usd = |value: Value| money(Some(&value), Currency::USD).map(Money::minor);
        assert_eq!(usd(json!(19_999.920_000_000_002)), Some(1_999_992));
        assert_eq!(usd(json!(0)), Some(0));
        assert_eq!(usd(json!(null)), None);
        assert_eq!(usd(json!(1e300)), None);
    }
}
