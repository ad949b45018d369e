//! What an event was about, as endpoints and people in Slack are told: read when it is told, so
//! that it says how things stand. Leaves out every secret.

use serde_json::{Map, Value, json};

use crate::{
    domain::{
        booking::job::Job,
        ids::{ApprovalId, BuyId, JobId},
        media_buy::{
            action::guaranteed, approval::Approval, buy::MediaBuy, creative::LibraryCreative,
        },
        money::Money,
        notify::{
            failure::Failure,
            slack::{Channel, Kind, Message},
        },
        when::rfc3339,
    },
    engine::{events::Event, fault::Fault, work::Work},
};

/// What those hear of who keep track of what was done.
const KEPT_TRACK_OF: &[&str] = &[
    "approvals.decided",
    "media_buys.rejected",
    "webhooks.dead",
    "tenants.changed",
    "keys.made",
    "keys.revoked",
];

/// Whether an event is told to those who keep track.
pub fn is_kept_track_of(event: &str) -> bool {
    KEPT_TRACK_OF.contains(&event)
}

/// What an event was about.
pub struct Subject {
    /// As endpoints are told.
    pub data: Value,
    /// As people are told, by channel.
    pub messages: Vec<(Channel, Message)>,
}

/// Reads what an event was about.
///
/// # Errors
/// When the store cannot.
pub async fn of(work: &Work<'_>, event: &Event) -> Result<Subject, Fault> {
    let mut data = base(work, event);
    let mut messages = Vec::new();
    match event.event.split('.').next().unwrap_or_default() {
        "media_buys" if event.event == "media_buys.failed" => {
            if let Some(failure) = work.get::<Failure>(&event.object).await? {
                data.extend(failure.record.data());
                let message = failure.record.message(footer(event));
                messages.push((Channel::Audit, message.clone()));
                messages.push((Channel::Work, message));
            }
        }
        "media_buys" => {
            let id = BuyId::from(event.object.as_str());
            if let Some(buy) = work.get::<MediaBuy>(id.as_str()).await? {
                data.extend(of_buy(&buy.record));
                messages.extend(buy_message(event, &buy.record));
            }
        }
        "approvals" => {
            let asked = event.object.parse::<ApprovalId>().ok();
            let asked = match asked {
                Some(id) => work.get::<Approval>(&id.to_string()).await?,
                None => None,
            };
            if let Some(asked) = asked {
                let asked = asked.record;
                let buy = work.get::<MediaBuy>(asked.buy_id.as_str()).await?;
                let buy = buy.map(|stored| stored.record);
                data.extend(of_approval(&asked));
                data.extend(buy.iter().flat_map(of_buy));
                messages.extend(approval_message(work, event, &asked, buy.as_ref()));
            }
        }
        "creatives" => {
            if let Some(found) = work.get::<LibraryCreative>(&event.object).await? {
                data.extend(of_creative(&found.record));
            }
        }
        "bookings" => {
            let id = event.object.parse::<JobId>().ok();
            if let Some(job) = match id {
                Some(id) => work.get::<Job>(&id.to_string()).await?,
                None => None,
            } {
                data.extend(of_job(&job.record));
            }
        }
        "slots" => data.extend(super::calendar::of(work, event).await?),
        _ => {}
    }
    if messages.is_empty() && is_kept_track_of(&event.event) {
        let facts = vec![("What", event.event.clone())];
        messages.push((
            Channel::Audit,
            told(Kind::Done, &event.detail, facts, event),
        ));
    }
    Ok(Subject {
        data: Value::Object(data),
        messages,
    })
}

fn base(work: &Work<'_>, event: &Event) -> Map<String, Value> {
    Map::from_iter([
        ("id".to_owned(), json!(event.object)),
        ("tenant_id".to_owned(), json!(work.tenant())),
        ("event".to_owned(), json!(event.seq)),
        ("occurred_at".to_owned(), json!(rfc3339(event.at))),
        ("summary".to_owned(), json!(event.detail)),
    ])
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn of_buy(buy: &MediaBuy) -> Map<String, Value> {
    let packages: Vec<Value> = buy
        .packages
        .iter()
        .map(|one| {
            json!({
                "package_id": one.id, "product_id": one.product_id,
                "budget": one.budget.amount(), "line_item_type": one.item_type,
            })
        })
        .collect();
    fields(json!({
        "media_buy_id": buy.id,
        "name": buy.name,
        "principal_id": buy.owner,
        "status": buy.status,
        "total_budget": buy.total().ok().map(Money::amount),
        "currency": buy.currency.code(),
        "po_number": buy.particulars.po_number,
        "start_time": rfc3339(buy.start),
        "end_time": rfc3339(buy.end),
        "packages": packages,
        "revision": buy.revision,
    }))
}

fn of_approval(asked: &Approval) -> Map<String, Value> {
    let decision = asked.decision.as_ref();
    fields(json!({
        "workflow_id": asked.id,
        "task_id": asked.task_id(),
        "task_type": asked.wanted.tool(),
        "requested_by": asked.asked_by,
        "requested_at": rfc3339(asked.asked_at),
        "decision": decision.map(|made| made.verdict.name()),
        "decided_by": decision.map(|made| made.by.clone()),
        "reason": decision.and_then(|made| made.reason.clone()),
    }))
}

fn of_creative(one: &LibraryCreative) -> Map<String, Value> {
    fields(json!({
        "creative_id": one.creative_id,
        "name": one.name,
        "principal_id": one.owner,
        "status": one.status.name(),
        "reason": one.rejection_reason,
    }))
}

fn of_job(job: &Job) -> Map<String, Value> {
    fields(json!({
        "job_id": job.id,
        "name": job.brief.name,
        "status": job.status.outside().name(),
        "submitted_by": job.submitted_by,
    }))
}

fn footer(event: &Event) -> String {
    format!("event {} at {}", event.seq, rfc3339(event.at))
}

fn told(kind: Kind, subject: &str, facts: Vec<(&'static str, String)>, event: &Event) -> Message {
    Message {
        kind,
        subject: subject.to_owned(),
        facts,
        trouble: None,
        link: None,
        command: None,
        footer: footer(event),
    }
}

/// Everything that people are told of a buy.
fn facts(buy: &MediaBuy) -> Vec<(&'static str, String)> {
    let products: Vec<&str> = buy
        .packages
        .iter()
        .map(|one| one.product_id.as_str())
        .collect();
    let packages: Vec<String> = buy
        .packages
        .iter()
        .map(|one| format!("{} for {}", one.id, one.budget))
        .collect();
    let context = |name: &str| {
        let said = buy.particulars.ext.as_ref();
        let said = said.and_then(|said| said.get(name)).and_then(Value::as_str);
        said.unwrap_or_default().to_owned()
    };
    vec![
        ("Principal", buy.owner.clone()),
        ("Media buy", buy.id.to_string()),
        ("Campaign", buy.name.clone()),
        (
            "Budget",
            buy.total()
                .map_or_else(|_| String::new(), |sum| sum.to_string()),
        ),
        (
            "PO number",
            buy.particulars.po_number.clone().unwrap_or_default(),
        ),
        (
            "Flight",
            format!(
                "{} to {}",
                buy.start.format("%Y-%m-%d"),
                buy.end.format("%Y-%m-%d")
            ),
        ),
        ("Products", products.join(", ")),
        ("Packages", packages.join(", ")),
        ("Context", context("context_id")),
    ]
}

fn buy_message(event: &Event, buy: &MediaBuy) -> Option<(Channel, Message)> {
    let kind = match event.event.as_str() {
        // What waits for somebody is told as that.
        "media_buys.created" if buy.status.is_agreed() => Kind::Created,
        "media_buys.approved" => Kind::Created,
        "media_buys.started" => Kind::Activated,
        "media_buys.rejected" => {
            return Some((
                Channel::Audit,
                told(Kind::Done, &event.detail, facts(buy), event),
            ));
        }
        _ => return None,
    };
    let mut message = told(kind, &buy.name, facts(buy), event);
    message.command = Some(format!("flightdeck buys show {}", buy.id));
    Some((Channel::Work, message))
}

fn approval_message(
    work: &Work<'_>,
    event: &Event,
    asked: &Approval,
    buy: Option<&MediaBuy>,
) -> Option<(Channel, Message)> {
    let mut all = buy.map(facts).unwrap_or_default();
    all.push(("Asked by", asked.asked_by.clone()));
    all.push(("Workflow step", asked.id.to_string()));
    if event.event == "approvals.decided" {
        let made = asked.decision.as_ref()?;
        all.push(("Decided", format!("{} by {}", made.verdict, made.by)));
        all.push(("Reason", made.reason.clone().unwrap_or_default()));
        return Some((Channel::Audit, told(Kind::Done, &asked.name, all, event)));
    }
    let promised = buy.is_some_and(|buy| !guaranteed(buy.item_types()).is_empty());
    let kind = if promised {
        Kind::ApprovalRequired
    } else {
        Kind::ConfigApprovalRequired
    };
    let mut message = told(kind, &asked.name, all, event);
    message.link = Some(("Review it", link(work, asked)));
    message.command = Some(format!("flightdeck orders approve {}", asked.id));
    Some((Channel::Work, message))
}

/// Where the server shows what waits for the publisher.
fn link(work: &Work<'_>, asked: &Approval) -> String {
    let base = work
        .desk()
        .agent_url
        .trim_end_matches('/')
        .trim_end_matches("/mcp")
        .to_owned();
    let (tenant, id) = (work.tenant(), asked.id);
    format!("{base}/api/v1/tenant-management/tenants/{tenant}/workflows/{id}")
}
