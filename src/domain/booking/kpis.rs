//! What a campaign will be measured by, read from a map of free shape. Refuses numbers
//! that make no sense; keeps what it does not know and says that it is not used.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    booking::share::percent,
    money::{Amount, Currency, Money},
    problem::{Code, Problem},
    text::echo,
};

/// Key performance indicators that planning understands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Kpis {
    /// The price per thousand that is aimed at.
    pub target_cpm: Option<Money>,
    /// The price per thousand that nothing may exceed.
    pub max_cpm: Option<Money>,
    /// Clicks per impression, in basis points.
    pub ctr_bp: Option<u32>,
    /// Completed views per started view, in basis points.
    pub vcr_bp: Option<u32>,
    /// Viewable impressions per measured one, in basis points.
    pub viewability_bp: Option<u32>,
    /// How many people.
    pub reach: Option<u64>,
    /// How often each of them, in hundredths.
    pub frequency_hundredths: Option<u32>,
    /// What else was sent: kept, not used.
    pub other: Map<String, Value>,
}

/// What reading a map of KPIs gave: what was understood, what was wrong, what to tell.
#[derive(Debug, Default)]
pub(super) struct KpiReading {
    pub(super) kpis: Kpis,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

impl KpiReading {
    /// Reads every entry, in the currency of the budget.
    pub(super) fn of(map: &Map<String, Value>, currency: Currency) -> Self {
        let mut reading = Self::default();
        for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            reading.entry(key, value, currency);
        }
        reading.order_of_prices();
        reading
    }

    fn entry(&mut self, key: &str, value: &Value, currency: Currency) {
        match key {
            "target_cpm" | "max_cpm" => self.price(key, key, value, currency),
            "target_cpm_usd" | "max_cpm_usd" if currency == Currency::USD => {
                self.price(key, key.trim_end_matches("_usd"), value, currency);
            }
            "target_cpm_usd" | "max_cpm_usd" => {
                self.notes.push(format!(
                    "KPI `{key}` is not used here because the budget is in {currency}."
                ));
                self.keep(key, value);
            }
            "ctr" | "vcr" | "viewability" => self.rate(key, value),
            "reach" => match positive_whole(value) {
                Some(people) => self.kpis.reach = Some(people),
                None => self.wrong(key, "must be a whole number above zero"),
            },
            "frequency" => match hundredths(value) {
                Some(times) => self.kpis.frequency_hundredths = Some(times),
                None => self.wrong(key, "must be a number above zero and at most 1000"),
            },
            _ => {
                self.notes
                    .push(format!("KPI `{}` is not used here.", echo(key)));
                self.keep(key, value);
            }
        }
    }

    /// Reads a price; `name` is which of the two it is, `key` how it was called.
    fn price(&mut self, key: &str, name: &str, value: &Value, currency: Currency) {
        let read = match number(value) {
            None => Err("must be a number above zero".to_owned()),
            Some(amount) if !amount.is_positive() => Err("must be above zero".to_owned()),
            Some(amount) => Money::from_amount(amount, currency).map_err(|why| why.to_string()),
        };
        let price = match read {
            Ok(price) => price,
            Err(why) => return self.wrong(key, why),
        };
        let kept = match name {
            "target_cpm" => &mut self.kpis.target_cpm,
            _ => &mut self.kpis.max_cpm,
        };
        if kept.is_some_and(|other| other != price) {
            return self.wrong(key, format!("differs from `{name}`: send one of the two"));
        }
        *kept = Some(price);
    }

    fn rate(&mut self, key: &str, value: &Value) {
        let Some(bp) = rate_bp(value) else {
            return self.wrong(key, "must be a share from 0 to 1 or a percentage up to 100");
        };
        if value.as_f64().is_some_and(is_share) {
            self.notes
                .push(format!("KPI `{key}` is read as {}.", percent(bp)));
        }
        match key {
            "ctr" => self.kpis.ctr_bp = Some(bp),
            "vcr" => self.kpis.vcr_bp = Some(bp),
            _ => self.kpis.viewability_bp = Some(bp),
        }
    }

    fn order_of_prices(&mut self) {
        let (Some(target), Some(most)) = (self.kpis.target_cpm, self.kpis.max_cpm) else {
            return;
        };
        if target > most {
            self.wrong(
                "target_cpm",
                format!("the target of {target} is above the most allowed, {most}"),
            );
        }
    }

    fn wrong(&mut self, key: &str, why: impl AsRef<str>) {
        self.problems.push(Problem::new(
            format!("brief.kpis.{key}"),
            Code::INVALID_KPI,
            format!("{key}: {}", why.as_ref()),
        ));
    }

    fn keep(&mut self, key: &str, value: &Value) {
        self.kpis.other.insert(key.to_owned(), value.clone());
    }
}

fn number(value: &Value) -> Option<Amount> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "every caller checks the range first"
)]
fn rounded(value: f64) -> u32 {
    value.round() as u32
}

/// Whether a rate that was sent is a share of one; above that it is a percentage.
#[must_use]
pub fn is_share(sent: f64) -> bool {
    sent > 0.0 && sent <= 1.0
}

fn rate_bp(value: &Value) -> Option<u32> {
    let sent = value.as_f64().filter(|sent| (0.0..=100.0).contains(sent))?;
    Some(rounded(if is_share(sent) {
        sent * 10_000.0
    } else {
        sent * 100.0
    }))
}

fn hundredths(value: &Value) -> Option<u32> {
    let sent = value
        .as_f64()
        .filter(|sent| (0.01..=1_000.0).contains(sent))?;
    Some(rounded(sent * 100.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, positive and within what a float holds exactly"
)]
fn positive_whole(value: &Value) -> Option<u64> {
    let float = || {
        let sent = value.as_f64()?;
        (sent.fract() == 0.0 && (1.0..=1e15).contains(&sent)).then_some(sent as u64)
    };
    value.as_u64().or_else(float).filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value, code: &str) -> KpiReading {
        let currency = code.parse().expect("currency");
        KpiReading::of(value.as_object().expect("an object"), currency)
    }

    #[test]
    fn prices_are_exact_and_dollars_count_only_in_dollars() {
        let usd = read(&json!({"target_cpm": 10, "max_cpm_usd": 20.25}), "USD");
        assert_eq!(usd.kpis.target_cpm, Some(Money::new(1_000, Currency::USD)));
        assert_eq!(usd.kpis.max_cpm, Some(Money::new(2_025, Currency::USD)));
        assert!(usd.problems.is_empty() && usd.notes.is_empty());
        let eur = read(&json!({"max_cpm_usd": 20}), "EUR");
        assert_eq!(eur.kpis.max_cpm, None);
        assert_eq!(eur.notes.len(), 1);
        assert!(eur.kpis.other.contains_key("max_cpm_usd"));
    }

    #[test]
    fn nonsense_is_named_key_by_key() {
        let bad = json!({
            "target_cpm": "ten", "max_cpm": 0, "ctr": -0.1, "vcr": "70%", "viewability": 101,
            "reach": 1.5, "frequency": 0,
        });
        let reading = read(&bad, "USD");
        let mut fields: Vec<&str> = reading.problems.iter().map(|p| p.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "brief.kpis.ctr",
                "brief.kpis.frequency",
                "brief.kpis.max_cpm",
                "brief.kpis.reach",
                "brief.kpis.target_cpm",
                "brief.kpis.vcr",
                "brief.kpis.viewability",
            ]
        );
        let reversed = read(&json!({"target_cpm": 12, "max_cpm": 10}), "USD");
        assert_eq!(reversed.problems.len(), 1, "target above most");
        let twice = read(&json!({"max_cpm": 12, "max_cpm_usd": 10}), "USD");
        assert_eq!(twice.problems.len(), 1, "two different ceilings");
        assert_eq!(
            read(&json!({"max_cpm": 0.001}), "USD").problems.len(),
            1,
            "too fine"
        );
    }

    #[test]
    fn rates_are_shares_or_percentages() {
        let reading = read(
            &json!({"ctr": 0.02, "vcr": 70, "viewability": 1, "reach": 1e6, "frequency": 2.5}),
            "USD",
        );
        assert_eq!(reading.kpis.ctr_bp, Some(200));
        assert_eq!(reading.kpis.vcr_bp, Some(7_000));
        assert_eq!(reading.kpis.viewability_bp, Some(10_000));
        assert_eq!(reading.kpis.reach, Some(1_000_000));
        assert_eq!(reading.kpis.frequency_hundredths, Some(250));
        assert_eq!(
            reading.notes.len(),
            2,
            "the two that were read as shares: {:?}",
            reading.notes
        );
    }

    #[test]
    fn what_is_unknown_is_kept_and_said() {
        let reading = read(&json!({"brand_lift": {"points": 3}, "ctr": null}), "USD");
        assert_eq!(reading.notes, ["KPI `brand_lift` is not used here."]);
        assert_eq!(reading.kpis.other["brand_lift"], json!({"points": 3}));
        assert_eq!(reading.kpis.ctr_bp, None);
    }
}
