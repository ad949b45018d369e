//! What is switched on for a tenant, one named value at a time. What is known here is checked;
//! what is not is kept and given back, for others who know it. Refuses to hand out addresses
//! that are secrets in themselves.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::secret::Secret;
use crate::domain::{
    money::Amount,
    problem::{Code, Problem},
    text,
    webhook::address,
};

/// How many features a tenant may have that nobody here knows.
const MOST_OTHERS: usize = 50;
/// The longest value of one of those, in bytes of JSON.
const LONGEST: usize = 4 << 10;
/// The largest daily budget: above what a number of minor units holds with ease.
const LARGEST: u32 = 4_000_000_000;
/// What is shown of the part of an address that is a secret.
const HIDDEN: &str = "***";

/// The features that are known here, in the order in which they are shown.
pub const KNOWN: [&str; 8] = [
    "max_daily_budget",
    "enable_axe_signals",
    "slack_webhook_url",
    "slack_audit_webhook_url",
    "hitl_webhook_url",
    "human_review_required",
    "auto_approve_formats",
    "policy_settings",
];

/// What is switched on for a tenant.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Features {
    /// The most that may be spent on one day, in the tenant's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_daily_budget: Option<Amount>,
    /// Whether signals of the exchange are used.
    pub enable_axe_signals: bool,
    /// Where Slack is told what happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slack_webhook_url: Option<Secret>,
    /// Where Slack is told what is written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slack_audit_webhook_url: Option<Secret>,
    /// Where somebody is told that a person has to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hitl_webhook_url: Option<Secret>,
    /// Whether a person agrees to whatever buyers order, also where nothing is promised.
    pub human_review_required: bool,
    /// Formats whose creatives nobody has to look at.
    pub auto_approve_formats: Vec<String>,
    /// What is advertised here and what is not.
    pub policy_settings: Map<String, Value>,
    /// Everything that others know.
    pub others: BTreeMap<String, Value>,
}

fn wrong(name: &str, message: impl Into<String>) -> Problem {
    let field = format!("features.{}", text::echo(name));
    Problem::new(field, Code::new("INVALID_FEATURE"), message)
}

/// Refuses what is all but the name of a feature that is known here: kept, it would do nothing,
/// and whoever set it would think that it did.
fn check_spelling(name: &str) -> Result<(), Problem> {
    let plain = name.to_ascii_lowercase().replace(['-', '.'], "_");
    let meant = KNOWN.iter().find(|known| text::apart(&plain, known) <= 2);
    let Some(meant) = meant else {
        return Ok(());
    };
    let message = format!("is not known here, and {meant} is");
    Err(wrong(name, message).hint(format!("write `{meant}`, or choose a name less like it")))
}

impl Features {
    /// What a tenant begins with: a person agrees to what is promised, and to nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one feature; null takes it back to what it is where nobody says.
    ///
    /// # Errors
    /// When the value is not what the feature takes.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<(), Problem> {
        let usual = Self::new();
        match name {
            "max_daily_budget" => self.max_daily_budget = amount(name, value)?,
            "enable_axe_signals" => {
                self.enable_axe_signals = switch(name, value, usual.enable_axe_signals)?;
            }
            "human_review_required" => {
                self.human_review_required = switch(name, value, usual.human_review_required)?;
            }
            "slack_webhook_url" => url(name, value, &mut self.slack_webhook_url)?,
            "slack_audit_webhook_url" => url(name, value, &mut self.slack_audit_webhook_url)?,
            "hitl_webhook_url" => url(name, value, &mut self.hitl_webhook_url)?,
            "auto_approve_formats" | "auto_approve_format_ids" => {
                self.auto_approve_formats = lines(name, value)?;
            }
            "policy_settings" => {
                small(name, value)?;
                self.policy_settings = match value {
                    Value::Null => Map::new(),
                    Value::Object(settings) => settings.clone(),
                    _ => return Err(wrong(name, "is not an object")),
                };
            }
            _ => self.set_other(name, value)?,
        }
        Ok(())
    }

    fn set_other(&mut self, name: &str, value: &Value) -> Result<(), Problem> {
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.');
        if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(wrong(name, "is not the name of a feature"));
        }
        if value.is_null() {
            self.others.remove(name);
            return Ok(());
        }
        if !self.others.contains_key(name) {
            check_spelling(name)?;
        }
        small(name, value)?;
        self.others.insert(name.to_owned(), value.clone());
        if self.others.len() > MOST_OTHERS {
            let message = format!("is one more than {MOST_OTHERS} that nobody here knows");
            return Err(wrong(name, message));
        }
        Ok(())
    }

    /// The features as they are shown.
    #[must_use]
    pub fn shown(&self) -> Map<String, Value> {
        let hidden = |of: &Option<Secret>| of.as_ref().map(|url| hide(url.reveal()));
        let known = json!({
            "max_daily_budget": self.max_daily_budget,
            "enable_axe_signals": self.enable_axe_signals,
            "slack_webhook_url": hidden(&self.slack_webhook_url),
            "slack_audit_webhook_url": hidden(&self.slack_audit_webhook_url),
            "hitl_webhook_url": hidden(&self.hitl_webhook_url),
            "human_review_required": self.human_review_required,
            "auto_approve_formats": self.auto_approve_formats,
            "policy_settings": self.policy_settings,
        });
        let mut shown = match known {
            Value::Object(known) => known,
            _ => Map::new(),
        };
        shown.extend(
            self.others
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        shown
    }
}

/// An address without what makes it a secret: its path.
fn hide(url: &str) -> String {
    let from = url.find("://").map_or(0, |at| at + 3);
    let end = url[from..].find('/').map_or(url.len(), |at| from + at);
    format!("{}/{HIDDEN}", &url[..end])
}

fn switch(name: &str, value: &Value, usual: bool) -> Result<bool, Problem> {
    match value {
        Value::Null => Ok(usual),
        Value::Bool(on) => Ok(*on),
        _ => Err(wrong(name, "is not true or false")),
    }
}

fn amount(name: &str, value: &Value) -> Result<Option<Amount>, Problem> {
    if value.is_null() {
        return Ok(None);
    }
    let read = serde_json::from_value::<Amount>(value.clone());
    let amount = read.map_err(|_| wrong(name, "is not an amount of money"))?;
    if !amount.is_positive() || amount.compare(Amount::from(LARGEST)).is_gt() {
        return Err(wrong(
            name,
            format!("is not above zero and at most {LARGEST}"),
        ));
    }
    Ok(Some(amount))
}

/// Sets an address; one that is given back as it was shown stays what it is.
fn url(name: &str, value: &Value, kept: &mut Option<Secret>) -> Result<(), Problem> {
    match value {
        Value::Null => *kept = None,
        Value::String(text) if text.is_empty() => *kept = None,
        Value::String(text) if kept.as_ref().is_some_and(|it| hide(it.reveal()) == *text) => {}
        Value::String(text) => {
            address::read(text, false).map_err(|why| wrong(name, why.to_string()))?;
            *kept = Some(Secret::new(text.as_str()));
        }
        _ => return Err(wrong(name, "is not text")),
    }
    Ok(())
}

fn lines(name: &str, value: &Value) -> Result<Vec<String>, Problem> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) if list.len() <= 200 => list,
        Value::Array(_) => return Err(wrong(name, "has more than 200 entries")),
        _ => return Err(wrong(name, "is not a list")),
    };
    let one = |entry: &Value| {
        let line = entry
            .as_str()
            .ok_or_else(|| wrong(name, "has an entry that is no text"))?;
        text::check_line(line, 100)
            .map_err(|why| wrong(name, format!("has an entry that {why}")))?;
        Ok(line.to_owned())
    };
    list.iter().map(one).collect()
}

fn small(name: &str, value: &Value) -> Result<(), Problem> {
    if value.to_string().len() > LONGEST {
        return Err(wrong(name, format!("is larger than {LONGEST} bytes")));
    }
    Ok(())
}

/// Features as they are sent: names and values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Sent(pub Map<String, Value>);

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &Value) -> Result<Features, Problem> {
        let mut features = Features::new();
        features.set(name, value).map(|()| features)
    }

    #[test]
    fn what_is_known_is_checked_and_the_rest_is_kept() {
        let features = set("max_daily_budget", &json!(50000)).expect("set");
        assert_eq!(features.shown()["max_daily_budget"], json!(50000));
        let features = set("enable_axe_signals", &json!(true)).expect("set");
        assert!(features.enable_axe_signals && !features.human_review_required);
        let features = set("brand_safety", &json!({"level": 3})).expect("set");
        assert_eq!(features.shown()["brand_safety"], json!({"level": 3}));
        for (name, value) in [
            ("max_daily_budget", json!(0)),
            ("max_daily_budget", json!(-1)),
            ("max_daily_budget", json!(5_000_000_000_u64)),
            ("max_daily_budget", json!("50000")),
            ("enable_axe_signals", json!("yes")),
            ("human_review_required", json!(1)),
            ("auto_approve_formats", json!(["a\nb"])),
            ("policy_settings", json!([])),
            ("slack_webhook_url", json!("http://hooks.slack.com/x")),
            ("slack_webhook_url", json!("https://127.0.0.1/x")),
            ("hitl_webhook_url", json!("https://169.254.169.254/x")),
            ("with space", json!(1)),
            ("huge", json!("x".repeat(LONGEST))),
        ] {
            let problem = set(name, &value).expect_err(name);
            assert!(problem.field.starts_with("features."), "{problem}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_secret_and_may_be_given_back_so() {
        let url = json!("https://hooks.slack.com/services/T0/B0/canary");
        let mut features = set("slack_webhook_url", &url).expect("set");
        let shown = features.shown()["slack_webhook_url"].clone();
        assert_eq!(shown, "https://hooks.slack.com/***");
        features
            .set("slack_webhook_url", &shown)
            .expect("as it was");
        let kept = features.slack_webhook_url.as_ref().map(Secret::reveal);
        assert_eq!(kept, url.as_str());
        assert!(!format!("{features:?}").contains("canary"));
        features
            .set("slack_webhook_url", &Value::Null)
            .expect("taken away");
        assert_eq!(features.slack_webhook_url, None);
    }

    #[test]
    fn what_is_all_but_the_name_of_a_known_one_is_refused() {
        let mut features = Features::new();
        for name in [
            "max_daily_budgett",
            "max_daily_bugdet",
            "max-daily-budget",
            "Enable_AXE_signal",
        ] {
            let problem = features.set(name, &json!(5)).expect_err(name);
            assert_eq!(problem.field, format!("features.{name}"));
            assert!(problem.hint.is_some(), "{problem}");
        }
        // What was kept before anybody looked can be given back, and taken away.
        let kept = "max_daily_budgets";
        features.others.insert(kept.to_owned(), json!(1));
        features.set(kept, &json!(2)).expect("as it was");
        features.set(kept, &Value::Null).expect("taken away");
        assert!(features.others.is_empty());
    }

    #[test]
    fn not_more_than_so_many_that_nobody_knows() {
        let mut features = Features::new();
        for n in 0..MOST_OTHERS {
            features.set(&format!("f{n}"), &json!(n)).expect("room");
        }
        assert!(features.set("one-more", &json!(1)).is_err());
    }
}
