//! A media buy as it is asked for, with every field of the protocol's request. Checks what
//! can be checked without the catalogue: dates, money, and what must not stand together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{buy::Particulars, package::Shown, terms::Spread};
use crate::domain::{
    ids::ProductId,
    money::{Amount, Currency},
    problem::{Code, Problem},
    when::{Instant, LONGEST_FLIGHT},
};

/// How many packages one buy may have.
pub const MOST_PACKAGES: usize = 200;
/// How far back a beginning may lie and still mean now.
const GRACE: chrono::Duration = chrono::Duration::hours(24);

/// How many characters may say who accepted an insertion order.
const LONGEST_SIGNATORY: usize = 250;

/// Money that is to be spread by a proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// How much.
    pub amount: Amount,
    /// In what.
    pub currency: Currency,
}

/// A media buy as it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BuyDraft {
    /// What it shall be called; the order's number or its first product where nothing is said.
    #[serde(default)]
    pub name: Option<String>,
    /// When it shall begin: `asap` or an instant.
    pub start_time: String,
    /// When it shall be over.
    pub end_time: String,
    /// What is bought.
    #[serde(default)]
    pub packages: Option<Vec<PackageDraft>>,
    /// Money for the proposal.
    #[serde(default)]
    pub total_budget: Option<Total>,
    /// Everything else.
    #[serde(flatten)]
    pub particulars: Particulars,
}

/// A package as it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackageDraft {
    /// What is bought.
    pub product_id: ProductId,
    /// For how much.
    pub budget: Amount,
    /// At which of the product's prices.
    pub pricing_option_id: String,
    /// What is bid, where the price is an auction's.
    #[serde(default)]
    pub bid_price: Option<Amount>,
    /// How many impressions.
    #[serde(default)]
    pub impressions: Option<u64>,
    /// How it is spread.
    #[serde(default)]
    pub pacing: Spread,
    /// When it shall begin, if not with the buy.
    #[serde(default)]
    pub start_time: Option<Instant>,
    /// When it shall be over, if not with the buy.
    #[serde(default)]
    pub end_time: Option<Instant>,
    /// Whether it shall not run yet.
    #[serde(default)]
    pub paused: bool,
    /// What it shows.
    #[serde(default)]
    pub creative_assignments: Vec<Shown>,
    /// New creatives to show.
    #[serde(default)]
    pub creatives: Vec<Map<String, Value>>,
    /// What else was said of it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What of a package's free fields is kept and told back.
pub const KEPT: [&str; 8] = [
    "format_ids",
    "targeting_overlay",
    "catalogs",
    "optimization_goals",
    "measurement_terms",
    "performance_standards",
    "context",
    "ext",
];

/// When a buy runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From.
    pub start: Instant,
    /// Until.
    pub end: Instant,
}

fn problem(field: &str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem::new(field, Code::new(code), message)
}

/// Reads when a flight begins: `asap` is now, and so is what lies a few hours back.
///
/// # Errors
/// When it is neither `asap` nor an instant, or lies too far back.
pub fn read_start(text: &str, now: Instant) -> Result<Instant, Problem> {
    if text == "asap" {
        return Ok(now);
    }
    let at = read_instant("start_time", text)?;
    if at < now - GRACE {
        let message = format!("{text} is over");
        return Err(
            problem("start_time", "START_IN_THE_PAST", message).hint("begin with `asap`, or later")
        );
    }
    Ok(at.max(now))
}

/// Reads an instant with its offset.
///
/// # Errors
/// When it is none.
pub fn read_instant(field: &str, text: &str) -> Result<Instant, Problem> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|at| crate::domain::when::stored(at.to_utc()))
        .map_err(|_| {
            problem(field, "INVALID_DATE", "is no date and time with an offset")
                .hint("write it as 2026-07-01T00:00:00Z")
        })
}

impl Span {
    /// Checks that a flight ends after it begins, is not over, and not endless.
    ///
    /// # Errors
    /// When it does not.
    pub fn new(start: Instant, end: Instant, now: Instant) -> Result<Self, Problem> {
        if end <= start {
            let code = if end <= now {
                "FLIGHT_ENDED"
            } else {
                "INVALID_FLIGHT"
            };
            return Err(problem("end_time", code, "must be after start_time"));
        }
        if (end - start).num_days() >= LONGEST_FLIGHT {
            let message = "the flight is longer than five years";
            return Err(problem("end_time", "INVALID_FLIGHT", message));
        }
        Ok(Self { start, end })
    }
}

impl BuyDraft {
    /// When it shall run.
    ///
    /// # Errors
    /// When the dates make no sense.
    pub fn span(&self, now: Instant) -> Result<Span, Problem> {
        let end = read_instant("end_time", &self.end_time)?;
        if self.start_time != "asap" {
            // Backwards is backwards, however long ago.
            let start = read_instant("start_time", &self.start_time)?;
            if end <= start {
                let message = "must be after start_time";
                return Err(problem("end_time", "INVALID_FLIGHT", message));
            }
        }
        Span::new(read_start(&self.start_time, now)?, end, now)
    }

    /// Every problem that shows without the catalogue.
    #[must_use]
    pub fn problems(&self, now: Instant) -> Vec<Problem> {
        let mut found = Vec::new();
        let packages = self.packages.as_deref().unwrap_or_default();
        match (&self.particulars.proposal_id, packages.len()) {
            (None, 0) => {
                let message = "is needed, or a proposal_id with a total_budget";
                found.push(problem("packages", "MISSING", message));
            }
            (_, n) if n > MOST_PACKAGES => {
                let message = format!("are more than {MOST_PACKAGES}");
                found.push(problem("packages", "TOO_MANY", message));
            }
            _ => {}
        }
        if self.particulars.proposal_id.is_some()
            && packages.is_empty()
            && self.total_budget.is_none()
        {
            let message = "is needed to carry out a proposal";
            found.push(problem("total_budget", "MISSING", message));
        }
        let total = self.total_budget.as_ref();
        if total.is_some_and(|total| !total.amount.is_positive()) {
            let message = "must be above zero";
            found.push(problem("total_budget.amount", "INVALID_BUDGET", message));
        }
        if let Some(accepted) = &self.particulars.io_acceptance {
            accepted_problems(accepted, &mut found);
        }
        for (n, package) in packages.iter().enumerate() {
            package.problems(&format!("packages[{n}]"), &mut found);
        }
        match self.span(now) {
            Err(wrong) => found.push(wrong),
            Ok(span) => {
                for (n, package) in packages.iter().enumerate() {
                    found.extend(package.outside(&format!("packages[{n}]"), span));
                }
            }
        }
        found
    }
}

/// Every problem with who accepted which insertion order, and when.
fn accepted_problems(accepted: &Map<String, Value>, found: &mut Vec<Problem>) {
    let text = |name: &str| accepted.get(name).and_then(Value::as_str);
    let mut wrong = |name: &str, message: &str| {
        let field = format!("io_acceptance.{name}");
        found.push(problem(&field, "INVALID_REQUEST", message));
    };
    if text("io_id").is_none_or(str::is_empty) {
        wrong("io_id", "must name the insertion order");
    }
    if text("accepted_at").is_none_or(|at| read_instant("accepted_at", at).is_err()) {
        wrong(
            "accepted_at",
            "must be when it was accepted, such as 2026-07-01T00:00:00Z",
        );
    }
    if text("signatory").is_none_or(|who| !(1..=LONGEST_SIGNATORY).contains(&who.chars().count())) {
        wrong(
            "signatory",
            "must say who accepted it, in 250 characters at most",
        );
    }
}

impl PackageDraft {
    /// Every problem of one package that shows without the catalogue.
    pub fn problems(&self, at: &str, found: &mut Vec<Problem>) {
        if self.budget.is_negative() {
            let message = "must not be below zero";
            found.push(problem(&format!("{at}.budget"), "INVALID_BUDGET", message));
        }
        if self.bid_price.is_some_and(Amount::is_negative) {
            let message = "must not be below zero";
            found.push(problem(&format!("{at}.bid_price"), "INVALID_RATE", message));
        }
        if let Some(catalogs) = self.rest.get("catalogs").and_then(Value::as_array) {
            let mut types: Vec<_> = catalogs.iter().map(|one| one["type"].as_str()).collect();
            types.sort_unstable();
            let all = types.len();
            types.dedup();
            if types.len() < all {
                let message = "has two catalogs of one type";
                found.push(problem(&format!("{at}.catalogs"), "TWICE", message));
            }
        }
    }

    /// That its own flight is not within the buy's.
    #[must_use]
    pub fn outside(&self, at: &str, span: Span) -> Option<Problem> {
        let start = self.start_time.unwrap_or(span.start);
        let end = self.end_time.unwrap_or(span.end);
        let (field, message) = if start < span.start {
            ("start_time", "is before the buy begins")
        } else if end > span.end {
            ("end_time", "is after the buy is over")
        } else if end <= start {
            ("end_time", "must be after start_time")
        } else {
            return None;
        };
        Some(problem(&format!("{at}.{field}"), "OUTSIDE_BUY", message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::media_buy::buy::tests::at;

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn draft(change: serde_json::Value) -> BuyDraft {
        let mut whole = serde_json::json!({
            "start_time": "2026-07-01T00:00:00Z",
            "end_time": "2026-07-31T00:00:00+02:00",
            "brand": {"domain": "acme.example"},
            "po_number": "PO-1",
            "packages": [{
                "product_id": "ctv-prime", "budget": 500.5, "pricing_option_id": "cpm",
                "targeting_overlay": {"geo_countries": ["US"]},
            }],
        });
        if let (Some(whole), Value::Object(change)) = (whole.as_object_mut(), change) {
            whole.extend(change);
        }
        serde_json::from_value(whole).expect("a draft")
    }

    fn codes(change: serde_json::Value) -> Vec<(String, String)> {
        let found = draft(change).problems(at(NOW));
        found
            .into_iter()
            .map(|one| (one.field, one.code.as_str().to_owned()))
            .collect()
    }

    fn one(field: &str, code: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), code.to_owned())]
    }

    #[test]
    fn a_whole_draft_keeps_all_that_was_said() {
        let fine = draft(serde_json::json!({}));
        assert_eq!(fine.problems(at(NOW)), []);
        assert_eq!(fine.particulars.po_number.as_deref(), Some("PO-1"));
        let packages = fine.packages.as_deref().unwrap_or_default();
        assert!(packages[0].rest.contains_key("targeting_overlay"));
        let span = fine.span(at(NOW)).expect("dates");
        assert_eq!(span.end, at("2026-07-30T22:00:00Z"));
    }

    #[test]
    fn dates_that_make_no_sense_are_refused_by_field() {
        use serde_json::json;
        assert_eq!(
            codes(json!({"start_time": "2026-08-01T00:00:00Z"})),
            one("end_time", "INVALID_FLIGHT")
        );
        assert_eq!(
            codes(json!({"start_time": "2020-01-01T00:00:00Z"})),
            one("start_time", "START_IN_THE_PAST")
        );
        assert_eq!(
            codes(json!({"start_time": "soon"})),
            one("start_time", "INVALID_DATE")
        );
        assert_eq!(
            codes(json!({"start_time": "asap", "end_time": "2026-05-01T00:00:00Z"})),
            one("end_time", "FLIGHT_ENDED")
        );
        let today = draft(json!({"start_time": "2026-06-01T00:00:00Z"}));
        assert_eq!(today.span(at(NOW)).expect("today").start, at(NOW));
    }

    #[test]
    fn something_must_be_bought_for_something() {
        use serde_json::json;
        assert_eq!(codes(json!({"packages": null})), one("packages", "MISSING"));
        assert_eq!(
            codes(json!({"packages": null, "proposal_id": "p"})),
            one("total_budget", "MISSING")
        );
        let package = |change: Value| {
            let mut one = json!({"product_id": "x", "budget": 1, "pricing_option_id": "cpm"});
            if let (Some(one), Value::Object(change)) = (one.as_object_mut(), change) {
                one.extend(change);
            }
            codes(json!({"packages": [one]}))
        };
        assert_eq!(
            package(json!({"budget": -1})),
            one("packages[0].budget", "INVALID_BUDGET")
        );
        assert_eq!(
            package(json!({"end_time": "2026-12-31T00:00:00Z"})),
            one("packages[0].end_time", "OUTSIDE_BUY")
        );
        assert_eq!(
            package(json!({"catalogs": [{"type": "store"}, {"type": "store"}]})),
            one("packages[0].catalogs", "TWICE")
        );
    }
}
