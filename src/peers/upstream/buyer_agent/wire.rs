//! Reads what a buyer agent answers, field by field: a time with or without a zone, a number as
//! it comes, nothing for null, a word that nobody knows as itself. Refuses only what has no id or
//! status at all.

use serde_json::Value;

use super::super::read::{clip, instant, money, plain, rounded, text, whole};
use crate::domain::{
    booking::upstream::{
        decided::Answer,
        link::LONGEST_ID,
        shown::{ListedJob, ListedJobs, ShownAllocation, ShownJob, ShownLine, ShownRecommendation},
    },
    money::{Currency, Money},
};

/// The most entries of a list that are read.
const MOST: usize = 5_000;
/// The most errors that are kept of a job.
const MOST_ERRORS: usize = 50;

/// A list of jobs.
pub(super) fn list(body: &Value, currency: Currency) -> Option<ListedJobs> {
    let jobs = body.get("jobs")?.as_array()?;
    let listed = |job: &Value| {
        let id = text(job, "job_id");
        let fits = !id.is_empty() && id.len() <= LONGEST_ID;
        fits.then(|| ListedJob {
            id,
            status: text(job, "status"),
            name: text(job, "campaign_name"),
            budget: money(job.get("budget"), currency),
            created_at: instant(job.get("created_at")),
        })
    };
    let total = body.get("total").and_then(whole);
    Some(ListedJobs {
        total: total.unwrap_or(u64::try_from(jobs.len()).unwrap_or(u64::MAX)),
        jobs: jobs.iter().filter_map(listed).collect(),
    })
}

/// A job in full.
pub(super) fn job(body: &Value, currency: Currency) -> Option<ShownJob> {
    let status = text(body, "status");
    if status.is_empty() {
        return None;
    }
    Some(ShownJob {
        status,
        progress: progress(body.get("progress")),
        allocations: allocations(body.get("budget_allocations"), currency),
        recommendations: entries(body, "recommendations")
            .map(|one| recommendation(one, currency))
            .collect(),
        lines: entries(body, "booked_lines")
            .map(|one| line(one, currency))
            .collect(),
        errors: entries(body, "errors")
            .take(MOST_ERRORS)
            .map(plain)
            .collect(),
    })
}

/// The id that a brief was given.
pub(super) fn job_id(body: &Value) -> Option<String> {
    let id = text(body, "job_id");
    (!id.is_empty() && id.len() <= LONGEST_ID).then_some(id)
}

/// What was answered to a decision.
pub(super) fn answer(body: &Value, currency: Currency) -> Option<Answer> {
    let status = text(body, "status");
    if status.is_empty() {
        return None;
    }
    let mut said: Vec<String> = ["error", "message"]
        .iter()
        .filter_map(|name| body.get(name))
        .filter(|told| !told.is_null())
        .map(plain)
        .collect();
    said.extend(entries(body, "failed").take(MOST_ERRORS).map(plain));
    Some(Answer {
        status,
        approved: body.get("approved_count").and_then(whole),
        booked: body.get("booked").and_then(whole),
        cost: money(body.get("total_cost"), currency),
        said,
    })
}

/// What an answer says of an error, in whichever of its shapes.
pub(super) fn said(body: &Value) -> Option<String> {
    let told = body.get("detail").or_else(|| body.get("error"))?;
    match told {
        Value::Null => None,
        Value::Array(all) => {
            let each = all.iter().take(5).map(|one| {
                let place = one.get("loc").and_then(Value::as_array);
                let place: Vec<String> = place.into_iter().flatten().map(plain).collect();
                match one.get("msg").and_then(Value::as_str) {
                    Some(said) if !place.is_empty() => {
                        clip(&format!("{}: {said}", place.join(".")))
                    }
                    Some(said) => clip(said),
                    None => plain(one),
                }
            });
            Some(each.collect::<Vec<_>>().join("; "))
        }
        Value::Object(map) => {
            let message = map.get("message").or_else(|| map.get("error"));
            Some(message.map_or_else(|| plain(told), plain))
        }
        other => Some(plain(other)),
    }
}

fn entries<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten().take(MOST)
}

fn allocations(body: Option<&Value>, currency: Currency) -> Vec<ShownAllocation> {
    let map = body.and_then(Value::as_object);
    let all = map.into_iter().flatten().take(MOST);
    all.map(|(name, one)| {
        let channel = text(one, "channel");
        ShownAllocation {
            channel: if channel.is_empty() {
                clip(name)
            } else {
                channel
            },
            budget: money(one.get("budget"), currency).unwrap_or(Money::zero(currency)),
            share_bp: rounded(one.get("percentage"), 100.0)
                .and_then(|bp| u32::try_from(bp).ok())
                .unwrap_or(0),
            rationale: text(one, "rationale"),
        }
    })
    .collect()
}

fn recommendation(one: &Value, currency: Currency) -> ShownRecommendation {
    ShownRecommendation {
        channel: text(one, "channel"),
        product_id: text(one, "product_id"),
        product_name: text(one, "product_name"),
        publisher: text(one, "publisher"),
        format: text(one, "format"),
        impressions: one.get("impressions").and_then(whole).unwrap_or(0),
        cpm: minor(one.get("cpm"), currency),
        cost: minor(one.get("cost"), currency),
        status: text(one, "status"),
        rationale: text(one, "rationale"),
    }
}

fn line(one: &Value, currency: Currency) -> ShownLine {
    let first = |names: &[&str]| {
        let mut all = names.iter().map(|name| text(one, name));
        all.find(|text| !text.is_empty()).unwrap_or_default()
    };
    ShownLine {
        product_id: text(one, "product_id"),
        product_name: text(one, "product_name"),
        channel: text(one, "channel"),
        impressions: one.get("impressions").and_then(whole).unwrap_or(0),
        cpm: minor(one.get("cpm"), currency),
        cost: minor(one.get("cost"), currency),
        status: text(one, "booking_status"),
        booked_at: instant(one.get("booked_at")),
        seller: first(&["seller_id"]),
        order: first(&["order_id", "quote_id"]),
        line: first(&["line_id", "deal_id"]),
    }
}

fn minor(value: Option<&Value>, currency: Currency) -> i64 {
    money(value, currency).map_or(0, Money::minor)
}

fn progress(value: Option<&Value>) -> u16 {
    let thousandths = rounded(value, 1000.0).unwrap_or(0).clamp(0, 1000);
    u16::try_from(thousandths).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_in_each_of_their_shapes() {
        for (body, expected) in [
            (json!({"detail": "Job not found"}), "Job not found"),
            (
                json!({"detail": [{"loc": ["body", "brief", "name"], "msg": "too short"}]}),
                "body.brief.name: too short",
            ),
            (
                json!({"detail": {"error": "x", "message": "Order not found"}}),
                "Order not found",
            ),
            (json!({"error": "boom"}), "boom"),
        ] {
            assert_eq!(said(&body).as_deref(), Some(expected));
        }
        assert_eq!(said(&json!({"status": "ok"})), None);
    }

    #[test]
    fn what_is_missing_or_strange_leaves_a_job_readable() {
        let shown = job(
            &json!({"status": "paused?", "progress": 2, "budget_allocations": null,
                "recommendations": [{"product_id": null, "cpm": "12.5", "impressions": 10.0}],
                "booked_lines": [{"deal_id": "D1", "line_id": null, "booked_at": "2026-11-21T00:06:26Z"}],
                "errors": ["a", {"b": 1}]}),
            Currency::USD,
        )
        .expect("a job");
        assert_eq!((shown.status.as_str(), shown.progress), ("paused?", 1000));
        assert_eq!(shown.recommendations[0].cpm, 1250);
        assert_eq!(shown.recommendations[0].impressions, 10);
        assert_eq!(shown.lines[0].line, "D1");
        assert_eq!(shown.errors, ["a", "{\"b\":1}"]);
        assert!(job(&json!({"detail": "no"}), Currency::USD).is_none());
        assert!(list(&json!({"detail": "no"}), Currency::USD).is_none());
    }
}
