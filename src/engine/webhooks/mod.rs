//! What is sent to buyers when something has happened to what they asked for: written down in
//! the same commit as the thing itself, byte for byte, and delivered from there. A request that
//! is answered a second time from memory writes nothing down again.

pub mod deliver;
pub mod list;
pub mod tasks;

use serde_json::{Map, Value, json};

use super::{fault::Fault, sandbox, work::Work};
use crate::domain::{
    ids::NoticeId,
    media_buy::{buy::Particulars, change::BuyChange, reporting::Frequency},
    problem::{Code, Problem},
    text::echo,
    webhook::{
        hook::Hook,
        notice::{Notice, NoticeStatus, Plan},
    },
    when::rfc3339,
};

/// The kind of the reconciler that delivers.
pub const DELIVER: &str = "deliver_webhook";

/// Something that has happened to a task.
pub(in crate::engine) struct News {
    /// The task.
    pub task_id: String,
    /// The tool that was called.
    pub task_type: &'static str,
    /// Where the task stands.
    pub status: String,
    /// In a sentence.
    pub message: String,
    /// What came of it.
    pub result: Value,
}

/// What a report can be asked to tell, by the protocol's names.
const METRICS: &[&str] = &[
    "impressions",
    "spend",
    "clicks",
    "ctr",
    "video_completions",
    "completion_rate",
    "conversions",
    "conversion_value",
    "roas",
    "cost_per_acquisition",
    "new_to_brand_rate",
    "viewability",
    "engagement_rate",
    "views",
    "completed_views",
    "leads",
    "reach",
    "frequency",
    "grps",
    "quartile_data",
    "dooh_metrics",
    "cost_per_click",
];

/// Refuses a hook that nothing could be sent to.
///
/// # Errors
/// With the field that makes no sense, named from `at` on.
pub(in crate::engine) fn check(
    work: &Work<'_>,
    said: Option<&Map<String, Value>>,
    at: &str,
) -> Result<Option<Hook>, Fault> {
    let plays = sandbox::plays(work.desk().sandbox.as_ref(), work.caller());
    let read = said.map(|said| Hook::read(said, at, plays));
    read.transpose().map_err(Fault::field)
}

/// Refuses hooks of an order that nothing could be sent to.
///
/// # Errors
/// With the field that makes no sense.
pub(in crate::engine) fn check_all(work: &Work<'_>, said: &Particulars) -> Result<(), Fault> {
    let push = said.push_notification_config.as_ref();
    check(work, push, "push_notification_config")?;
    check_artifacts(work, said.artifact_webhook.as_ref())?;
    check_reporting(work, said.reporting_webhook.as_ref())
}

/// Refuses hooks of a change that nothing could be sent to.
///
/// # Errors
/// With the field that makes no sense.
pub(in crate::engine) fn check_change(work: &Work<'_>, change: &BuyChange) -> Result<(), Fault> {
    let push = change.push_notification_config.as_ref();
    check(work, push, "push_notification_config")?;
    check_reporting(work, change.reporting_webhook.as_ref())
}

/// Something of a hook makes no sense.
fn wrong(hook: &str, field: &str, message: &str) -> Fault {
    let code = Code::new("INVALID_REQUEST");
    Fault::field(Problem::new(format!("{hook}.{field}"), code, message))
}

/// Refuses a hook for what was shown beside what that says neither how it comes nor who it is.
fn check_artifacts(work: &Work<'_>, said: Option<&Map<String, Value>>) -> Result<(), Fault> {
    let Some(said) = said else { return Ok(()) };
    check(work, Some(said), "artifact_webhook")?;
    let wrong = |field: &str, message: &str| Err(wrong("artifact_webhook", field, message));
    let text = |field: &str| said.get(field).and_then(Value::as_str);
    if !said.get("authentication").is_some_and(Value::is_object) {
        return wrong("authentication", "is missing");
    }
    let often = matches!(text("batch_frequency"), Some("hourly" | "daily"));
    match text("delivery_mode") {
        Some("realtime") => {}
        Some("batched") if often => {}
        Some("batched") => {
            let message = "must be hourly or daily where delivery_mode is batched";
            return wrong("batch_frequency", message);
        }
        _ => return wrong("delivery_mode", "must be realtime or batched"),
    }
    let sampled = said.get("sampling_rate").map(Value::as_f64);
    match sampled {
        None => Ok(()),
        Some(Some(rate)) if (0.0..=1.0).contains(&rate) => Ok(()),
        Some(_) => wrong("sampling_rate", "must be a fraction between 0 and 1"),
    }
}

/// Refuses a hook for reports that says neither how often nor who it is.
fn check_reporting(work: &Work<'_>, said: Option<&Map<String, Value>>) -> Result<(), Fault> {
    let Some(said) = said else { return Ok(()) };
    check(work, Some(said), "reporting_webhook")?;
    let wrong = |field: &str, message: &str| wrong("reporting_webhook", field, message);
    if !said.get("authentication").is_some_and(Value::is_object) {
        return Err(wrong("authentication", "is missing"));
    }
    let wanted = said.get("requested_metrics").and_then(Value::as_array);
    for (n, metric) in wanted.into_iter().flatten().enumerate() {
        if !metric.as_str().is_some_and(|name| METRICS.contains(&name)) {
            let metric = echo(metric.as_str().unwrap_or("what is no text"));
            let message = format!("{metric} is no metric, such as impressions or spend");
            return Err(wrong(&format!("requested_metrics[{n}]"), &message));
        }
    }
    let often = said.get("reporting_frequency").and_then(Value::as_str);
    match often.and_then(Frequency::read) {
        Some(_) => Ok(()),
        None => Err(wrong(
            "reporting_frequency",
            "must be hourly, daily or monthly",
        )),
    }
}

/// Writes down what a hook is to be told; nothing where there is none.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) fn tell(
    work: &mut Work<'_>,
    owner: &str,
    said: Option<&Map<String, Value>>,
    news: News,
) -> Result<(), Fault> {
    let hook = match check(work, said, "push_notification_config") {
        Ok(Some(hook)) => hook,
        Ok(None) => return Ok(()),
        Err(fault) => {
            // It was good when it was said; what it leads to now is no reason to stop the rest.
            tracing::warn!(%fault, "a webhook is not sent");
            return Ok(());
        }
    };
    let what = format!("{} {}", news.task_type, news.status);
    let mut payload = json!({
        "task_id": news.task_id,
        "task_type": news.task_type,
        "protocol": "media-buy",
        "status": news.status,
        "timestamp": rfc3339(work.now()),
        "message": news.message,
        "result": news.result,
    });
    if let Some(fields) = payload.as_object_mut() {
        if let Some(operation) = hook.operation() {
            fields.insert("operation_id".into(), operation.into());
        }
        if let Some(token) = &hook.token {
            fields.insert("token".into(), token.clone().into());
        }
    }
    send(work, owner, hook, (news.task_id, what), payload)
}

/// Writes a payload down to be delivered, under a key of its own.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) fn send(
    work: &mut Work<'_>,
    owner: &str,
    hook: Hook,
    (about, what): (String, String),
    mut payload: Value,
) -> Result<(), Fault> {
    let id: NoticeId = work.mint();
    let key = format!("whk_{}", uuid::Uuid::from(id).simple());
    if let Some(fields) = payload.as_object_mut() {
        fields.insert("idempotency_key".into(), key.into());
    }
    let notice = Notice {
        id,
        owner: owner.to_owned(),
        about,
        what,
        hook,
        body: payload.to_string(),
        status: NoticeStatus::Waiting,
        tries: 0,
        last: None,
        next: Some(work.now()),
        plan: Plan::Buyer,
    };
    let told = work.about.clone();
    work.create(&notice)?;
    // The audit line stays about what happened, and not about who hears of it.
    work.about = told;
    work.wake(DELIVER, id.to_string(), work.now());
    Ok(())
}
