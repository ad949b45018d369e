//! Tells buyers what became of their tasks: orders and changes that the publisher decided on,
//! and those that nobody had to.

use serde_json::{Map, Value, json};

use super::{News, tell};
use crate::{
    domain::media_buy::{
        approval::{Approval, Wanted},
        buy::MediaBuy,
        creative::{CreativeHook, LibraryCreative},
    },
    engine::{
        creatives::{self, sync::Library},
        fault::Fault,
        media_buys::{
            approvals::ApprovalView,
            artifacts, told,
            view::{BuyView, Ordered},
        },
        work::Work,
    },
};

/// Tells that an order was agreed to as it came.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) fn ordered(
    work: &mut Work<'_>,
    hook: Option<&Map<String, Value>>,
    view: &BuyView,
) -> Result<(), Fault> {
    let buy = &view.buy;
    let news = News {
        task_id: buy.id.to_string(),
        task_type: "create_media_buy",
        status: "completed".to_owned(),
        message: format!("{} was ordered", buy.name),
        result: told::confirmed(view).into(),
    };
    tell(work, &buy.owner, hook, news)
}

/// Tells that a change was made as it came, where the change says whom.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) fn changed(
    work: &mut Work<'_>,
    hook: Option<&Map<String, Value>>,
    ordered: &Ordered,
) -> Result<(), Fault> {
    let buy = &ordered.buy.buy;
    let news = News {
        task_id: format!("{}.{}", buy.id, buy.revision),
        task_type: "update_media_buy",
        status: "completed".to_owned(),
        message: format!("{} was changed", buy.name),
        result: told::changed(ordered, work.now()).into(),
    };
    tell(work, &buy.owner, hook, news)
}

/// Tells what became of creatives, where somebody wants to know, and keeps where to tell what is
/// decided on them later.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) async fn synced(
    work: &mut Work<'_>,
    owner: &str,
    hook: Option<&Map<String, Value>>,
    library: &Library,
) -> Result<(), Fault> {
    let Some(said) = hook.filter(|_| !library.dry_run) else {
        return Ok(());
    };
    let task: crate::domain::ids::TaskId = work.mint();
    let task_id = task.to_string();
    creatives::hooks::keep(work, (owner, &task_id), said, library).await?;
    let news = News {
        task_id,
        task_type: "sync_creatives",
        status: "completed".to_owned(),
        message: format!("{} creatives were taken in", library.creatives.len()),
        result: creatives::told::synced(library).into(),
    };
    tell(work, owner, hook, news)
}

/// Tells what was decided on a creative after its task was answered.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) fn reviewed(
    work: &mut Work<'_>,
    hook: &CreativeHook,
    creative: &LibraryCreative,
) -> Result<(), Fault> {
    let status = creative.status.name();
    let message = match &creative.rejection_reason {
        Some(reason) => format!("{} is {status}: {reason}", creative.name),
        None => format!("{} is {status}", creative.name),
    };
    let news = News {
        task_id: hook.task_id.clone(),
        task_type: "sync_creatives",
        status: "completed".to_owned(),
        message,
        result: creatives::told::reviewed(creative).into(),
    };
    tell(work, &hook.owner, Some(&hook.said), news)
}

/// Tells what the publisher decided on, or that nobody asks any more.
///
/// # Errors
/// When it cannot be written.
pub(in crate::engine) async fn decided(
    work: &mut Work<'_>,
    approval: &Approval,
    buy: &MediaBuy,
) -> Result<(), Fault> {
    let now = work.now();
    let mut view = BuyView::new(buy.clone(), 0, now, now);
    artifacts::beside(work, &mut view).await?;
    let question = ApprovalView {
        approval: approval.clone(),
        seen: 0,
        updated_at: now,
    };
    let task = told::task(&question, Some(&view), true);
    let status = task.get("status").and_then(Value::as_str);
    let error = task.get("error").cloned();
    let result = match (task.get("result").cloned(), &error) {
        (Some(result), _) => result,
        (None, Some(error)) => json!({ "errors": [error] }),
        (None, None) => json!({}),
    };
    let news = News {
        task_id: approval.task_id(),
        task_type: approval.wanted.tool(),
        status: status.unwrap_or("unknown").to_owned(),
        message: format!("{}: {}", buy.name, approval.state().replace('_', " ")),
        result,
    };
    match &approval.wanted {
        Wanted::Change { change } if change.push_notification_config.is_some() => {
            let hook = change.push_notification_config.clone();
            tell(work, &buy.owner, hook.as_ref(), news)
        }
        _ => hook_of(work, buy, news),
    }
}

fn hook_of(work: &mut Work<'_>, buy: &MediaBuy, news: News) -> Result<(), Fault> {
    let hook = buy.particulars.push_notification_config.as_ref();
    tell(work, &buy.owner, hook, news)
}
