//! The checks that every incoming object shares: collects problems field by field, so that
//! a sender hears of all of them at once. Refuses control characters in one-line texts.

use chrono::NaiveDate;

use super::{Ext, Targeting};
use crate::domain::{
    money::{Amount, Currency, Money},
    problem::{Code, Problem},
    text::check_line,
    when::Flight,
};

/// The most dimensions that one targeting may have.
const MOST_DIMENSIONS: usize = 50;
/// The most values that one dimension may have.
const MOST_VALUES: usize = 500;
/// The longest dimension or value, in graphemes.
const LONGEST_VALUE: usize = 100;
/// The largest free-form object that is kept, in bytes of JSON.
const LARGEST_OBJECT: usize = 16 * 1024;
/// The deepest free-form object that is kept.
const DEEPEST_OBJECT: usize = 16;

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Problem>);

impl Checks {
    /// Notes a problem.
    pub(super) fn problem(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(Problem::new(field, Code::new(code), message));
    }

    /// Notes a problem and what to do about it.
    pub(super) fn hinted(
        &mut self,
        field: &str,
        code: &'static str,
        message: &str,
        hint: impl Into<String>,
    ) {
        self.0
            .push(Problem::new(field, Code::new(code), message).hint(hint));
    }

    /// Gives back what was checked, or every problem with it.
    pub(super) fn done<T>(self, checked: Option<T>) -> Result<T, Vec<Problem>> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _ => Err(self.0),
        }
    }

    /// A text of one line that must say something.
    pub(super) fn line(&mut self, field: &str, text: &str, most: usize) {
        if let Err(wrong) = check_line(text, most) {
            let code = if field == "name" {
                "INVALID_NAME"
            } else {
                "INVALID_TEXT"
            };
            self.problem(field, code, wrong.to_string());
        }
    }

    /// A text of one line that may be missing, but not empty.
    pub(super) fn maybe_line(&mut self, field: &str, text: Option<&str>, most: usize) {
        if let Some(text) = text {
            self.line(field, text, most);
        }
    }

    /// Two days that must make a flight with something left of it.
    pub(super) fn flight(
        &mut self,
        start: NaiveDate,
        end: NaiveDate,
        today: NaiveDate,
    ) -> Option<Flight> {
        let flight = match Flight::new(start, end) {
            Ok(flight) => flight,
            Err(wrong) => {
                self.problem("end", "INVALID_FLIGHT", wrong.to_string());
                return None;
            }
        };
        if end < today {
            self.problem("end", "FLIGHT_ENDED", "the flight has already ended");
        }
        Some(flight)
    }

    /// An amount in a currency, zero or more.
    pub(super) fn price(
        &mut self,
        field: &str,
        amount: Amount,
        currency: Currency,
    ) -> Option<Money> {
        if amount.is_negative() {
            self.problem(field, amount_code(field), "must not be below zero");
            return None;
        }
        match Money::from_amount(amount, currency) {
            Ok(money) => Some(money),
            Err(wrong) => {
                self.problem(field, amount_code(field), wrong.to_string());
                None
            }
        }
    }

    /// An amount in a currency, above zero.
    pub(super) fn budget(
        &mut self,
        field: &str,
        amount: Amount,
        currency: Currency,
    ) -> Option<Money> {
        if !amount.is_positive() {
            self.problem(field, amount_code(field), "must be above zero");
            return None;
        }
        self.price(field, amount, currency)
    }

    /// A count of impressions: at least one, at most [`super::line_draft::MOST_QUANTITY`].
    pub(super) fn count(&mut self, field: &str, count: u64) {
        if count == 0 {
            self.problem(field, "INVALID_QUANTITY", "must be above zero");
        } else if count > super::line_draft::MOST_QUANTITY {
            self.problem(
                field,
                "INVALID_QUANTITY",
                "must be at most 1,000,000,000,000",
            );
        }
    }

    /// A targeting of bearable size.
    pub(super) fn targeting(&mut self, targeting: &Targeting) {
        if targeting.len() > MOST_DIMENSIONS {
            self.problem("targeting", "TOO_MANY", "has more than 50 dimensions");
            return;
        }
        for (dimension, values) in targeting {
            let field = "targeting";
            self.line(field, dimension, LONGEST_VALUE);
            if values.is_empty() || values.len() > MOST_VALUES {
                self.problem(
                    field,
                    "INVALID_TARGETING",
                    "a dimension needs 1 to 500 values",
                );
                continue;
            }
            for value in values {
                self.line(field, value, LONGEST_VALUE);
            }
        }
    }

    /// A free-form object of bearable size and depth.
    pub(super) fn object(&mut self, field: &str, object: Option<&Ext>) {
        let Some(object) = object else { return };
        if object.values().any(|value| deeper(value, DEEPEST_OBJECT)) {
            self.problem(field, "TOO_DEEP", "is nested deeper than 16 levels");
            return;
        }
        let size = serde_json::to_string(object).map_or(usize::MAX, |text| text.len());
        if size > LARGEST_OBJECT {
            self.problem(field, "TOO_LARGE", "is larger than 16 KiB");
        }
    }

    /// A page that a person may be sent to.
    pub(super) fn web_page(&mut self, field: &str, url: Option<&str>) {
        let Some(url) = url else { return };
        if !is_web_page(url) {
            self.problem(
                field,
                "INVALID_URL",
                "must be an http or https address of at most 1,024 characters",
            );
        }
    }
}

/// The rule that an amount in this field breaks.
fn amount_code(field: &str) -> &'static str {
    if field == "budget" {
        "INVALID_BUDGET"
    } else {
        "INVALID_RATE"
    }
}

fn deeper(value: &serde_json::Value, left: usize) -> bool {
    use serde_json::Value;
    let Some(left) = left.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Array(all) => all.iter().any(|one| deeper(one, left)),
        Value::Object(all) => all.values().any(|one| deeper(one, left)),
        _ => false,
    }
}

/// Whether a text is an absolute web address with a host and without a password.
fn is_web_page(url: &str) -> bool {
    let plain = url.len() <= 1024 && url.bytes().all(|c| c.is_ascii_graphic() && c != b'\\');
    let lower = url.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    let Some(rest) = rest.filter(|_| plain) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.starts_with(':') && !host.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_clicked() {
        for good in [
            "https://example.com",
            "HTTP://example.com/a?b#c",
            "http://[::1]:80/",
        ] {
            assert!(is_web_page(good), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "http://a b",
            "https://user:pass@host/",
            "http://:80",
            "https://example.com/\n",
            "ftp://example.com",
            "http:\\\\example.com",
        ] {
            assert!(!is_web_page(bad), "{bad}");
        }
    }

    #[test]
    fn free_form_objects_have_a_size_and_a_depth() {
        let of = |value: serde_json::Value| {
            let mut checks = Checks::default();
            checks.object("ext", value.as_object());
            checks.done(Some(())).map_err(|all| all[0].code.to_string())
        };
        assert_eq!(of(serde_json::json!({"a": {"b": [1, 2]}})), Ok(()));
        let long = "x".repeat(LARGEST_OBJECT);
        assert_eq!(
            of(serde_json::json!({"a": long})),
            Err("TOO_LARGE".to_owned())
        );
        let deep = (0..20).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
        assert_eq!(
            of(serde_json::json!({"a": deep})),
            Err("TOO_DEEP".to_owned())
        );
    }
}
