//! Media buys as agents read them: what the engine tells, in the protocol's words. Leaves out
//! what the protocol does not know, and every secret.

use serde_json::{Map, Value, json};

use super::{
    approvals::ApprovalView,
    view::{BuyView, Ordered},
};
use crate::domain::{
    media_buy::{
        ad_order::Standing,
        approval::{Approval, Verdict},
        buy::MediaBuy,
        history::Entry,
        package::Package,
        status::BuyStatus,
        terms::Cancellation,
    },
    when::{Instant, rfc3339},
};
use crate::engine::governance;

type Object = Map<String, Value>;

/// What the protocol calls where a buy stands; one that nobody has agreed to is none.
#[must_use]
pub fn status(status: BuyStatus) -> &'static str {
    match status {
        BuyStatus::Draft | BuyStatus::AwaitingApproval => "pending_start",
        agreed => agreed.name(),
    }
}

/// What is said of something whose outcome has not been seen.
const ON_ITS_WAY: &str = "kept, and asked for in the system that this media buy lives in: read it \
     again to see what came of it";

/// What is said of something that the publisher's ad server has not shown back yet.
const UNCONFIRMED: &str = "agreed to here; the publisher's ad server has not confirmed it yet: read \
     it again to see what came of it";
/// What is said of something that the publisher's ad server refused, or shows otherwise.
const NOT_AS_SOLD: &str = "agreed to here; the publisher's ad server does not show it as it was \
     sold, and the publisher was told so";

/// What is said of an artifact webhook that nothing is sent to.
const NOT_TOLD: &str = "artifact_webhook is kept and not called: the ad server that this media buy \
     is delivered by does not tell beside which content it shows a line";

fn put(into: &mut Object, name: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_null() {
        into.insert(name.to_owned(), value);
    }
}

fn instant(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, |at| rfc3339(at).into())
}

fn cancellation(off: &Cancellation) -> Value {
    let by = if off.by_buyer { "buyer" } else { "seller" };
    let mut told = json!({"canceled_at": rfc3339(off.at), "canceled_by": by});
    if let Some(reason) = &off.reason {
        told["reason"] = json!(reason);
    }
    told
}

/// A package, with what was said of it told back; tokens are not.
#[must_use]
pub fn package(one: &Package, buy: &MediaBuy) -> Object {
    let mut told = one.asked.clone();
    told.remove("context");
    if let Some(Value::Object(overlay)) = told.get_mut("targeting_overlay") {
        for list in [
            "property_list",
            "collection_list",
            "collection_list_exclude",
        ] {
            if let Some(Value::Object(list)) = overlay.get_mut(list) {
                list.remove("auth_token");
            }
        }
    }
    let (start, end) = one.flight(buy.start, buy.end);
    put(&mut told, "package_id", one.id.as_str());
    put(&mut told, "product_id", one.product_id.as_str());
    put(&mut told, "budget", json!(one.budget.amount()));
    put(&mut told, "currency", one.budget.currency().code());
    put(&mut told, "pacing", one.spread.name());
    put(
        &mut told,
        "pricing_option_id",
        one.pricing.option_id.as_str(),
    );
    if !one.pricing.fixed {
        put(&mut told, "bid_price", json!(one.pricing.rate.amount()));
    }
    put(&mut told, "impressions", json!(one.impressions));
    put(&mut told, "start_time", rfc3339(start));
    put(&mut told, "end_time", rfc3339(end));
    put(&mut told, "paused", one.paused);
    put(&mut told, "canceled", one.cancellation.is_some());
    if let Some(off) = &one.cancellation {
        put(&mut told, "cancellation", cancellation(off));
    }
    if !one.creatives.is_empty() {
        put(&mut told, "creative_assignments", json!(one.creatives));
    }
    told
}

/// What is told of a buy as a whole.
fn whole(view: &BuyView) -> Object {
    let buy = &view.buy;
    let mut told = Object::new();
    put(&mut told, "media_buy_id", buy.id.as_str());
    put(&mut told, "status", status(buy.status));
    put(&mut told, "media_buy_status", status(buy.status));
    put(&mut told, "currency", buy.currency.code());
    put(&mut told, "total_budget", json!(view.total.amount()));
    put(&mut told, "start_time", rfc3339(buy.start));
    put(&mut told, "end_time", rfc3339(buy.end));
    put(&mut told, "revision", buy.revision);
    put(&mut told, "confirmed_at", instant(buy.confirmed_at));
    put(
        &mut told,
        "creative_deadline",
        instant(buy.creative_deadline),
    );
    put(&mut told, "valid_actions", json!(view.valid_actions));
    put(
        &mut told,
        "invoice_recipient",
        json!(buy.particulars.invoice_recipient),
    );
    put(&mut told, "po_number", json!(buy.particulars.po_number));
    if buy.sandbox {
        put(&mut told, "sandbox", true);
    }
    if let Some(off) = &buy.cancellation {
        put(&mut told, "cancellation", cancellation(off));
    }
    told.extend(governance::told(&buy.particulars.governance));
    told
}

/// The answer to an order: the buy, or the task that waits for the publisher.
#[must_use]
pub fn ordered(ordered: &Ordered) -> Object {
    if let Some(asked) = &ordered.approval {
        return submitted(asked);
    }
    confirmed(&ordered.buy)
}

/// Whether something is asked of the system that a buy lives in, and nobody has seen yet what came
/// of it.
#[must_use]
pub fn on_its_way(view: &BuyView) -> bool {
    let known = view.buy.upstream.as_ref();
    known.is_some_and(|known| known.in_the_way().is_some())
}

/// What is to be said of a buy in the publisher's own ad server; nothing where it was read back as
/// it was sold, or need not be there.
#[must_use]
pub fn of_ad_server(view: &BuyView) -> Option<&'static str> {
    match view.ad_order.as_ref()?.standing {
        Standing::Placed => None,
        Standing::Waiting => Some(UNCONFIRMED),
        Standing::Differs | Standing::Refused => Some(NOT_AS_SOLD),
    }
}

/// A buy that was agreed to, as its order is answered.
#[must_use]
pub fn confirmed(view: &BuyView) -> Object {
    let mut told = whole(view);
    let packages = view
        .buy
        .packages
        .iter()
        .map(|one| package(one, &view.buy).into());
    told.insert("packages".into(), Value::Array(packages.collect()));
    if on_its_way(view) {
        put(&mut told, "message", ON_ITS_WAY);
    }
    let mut said: Vec<&str> = of_ad_server(view).into_iter().collect();
    if view.buy.particulars.artifact_webhook.is_some() && !view.tells_artifacts {
        said.push(NOT_TOLD);
    }
    if !said.is_empty() {
        put(&mut told, "message", said.join("; "));
    }
    told
}

fn submitted(asked: &Approval) -> Object {
    let mut told = Object::new();
    put(&mut told, "status", "submitted");
    put(&mut told, "task_id", asked.task_id());
    let usual = "waits for a person at the publisher; ask tasks/get for what becomes of it";
    let staged = asked.staged.as_ref().and_then(|one| one.message.as_deref());
    put(&mut told, "message", staged.unwrap_or(usual));
    told
}

/// The answer to a change: what is different, or that it waits for the publisher.
#[must_use]
pub fn changed(ordered: &Ordered, now: Instant) -> Object {
    let mut told = whole(&ordered.buy);
    let unseen = of_ad_server(&ordered.buy).filter(|_| ordered.approval.is_none());
    let waits = ordered.approval.is_some() || on_its_way(&ordered.buy) || unseen.is_some();
    let at = if waits {
        Value::Null
    } else {
        rfc3339(now).into()
    };
    told.insert("implementation_date".into(), at);
    if on_its_way(&ordered.buy) {
        put(&mut told, "message", ON_ITS_WAY);
    }
    if let Some(unseen) = unseen {
        put(&mut told, "message", unseen);
    }
    if let Some(asked) = &ordered.approval {
        put(&mut told, "task_id", asked.task_id());
    }
    let touched = |one: &&Package| ordered.affected.contains(&one.id);
    let packages = ordered.buy.buy.packages.iter().filter(touched);
    let packages = packages.map(|one| package(one, &ordered.buy.buy).into());
    told.insert("affected_packages".into(), Value::Array(packages.collect()));
    told
}

fn entry(one: &Entry) -> Value {
    let action = match (&one.package_id, one.done.name()) {
        (Some(_), "paused") => "package_paused",
        (Some(_), "resumed") => "package_resumed",
        (Some(_), "canceled") => "package_canceled",
        (_, name) => name,
    };
    let mut told = json!({
        "revision": one.revision, "timestamp": rfc3339(one.at), "actor": one.by,
        "action": action, "summary": one.summary,
    });
    if let Some(package) = &one.package_id {
        told["package_id"] = json!(package);
    }
    told
}

/// A buy as it is listed, with the newest of its history and what became of its creatives.
pub fn listed(
    view: &BuyView,
    history: usize,
    snapshot: impl Fn(&Package, &mut Object),
    approval: impl Fn(&str) -> Value,
) -> Value {
    let mut told = whole(view);
    told.remove("po_number");
    put(&mut told, "created_at", rfc3339(view.created_at));
    put(&mut told, "updated_at", rfc3339(view.updated_at));
    let packages = view.buy.packages.iter().map(|one| {
        let mut told = package(one, &view.buy);
        let approvals: Vec<Value> = one
            .creatives
            .iter()
            .map(|shown| approval(&shown.creative_id))
            .collect();
        if !approvals.is_empty() {
            put(&mut told, "creative_approvals", approvals);
        }
        snapshot(one, &mut told);
        Value::Object(told)
    });
    told.insert("packages".into(), Value::Array(packages.collect()));
    if history > 0 {
        let entries: Vec<Value> = view
            .buy
            .history
            .iter()
            .rev()
            .take(history)
            .map(entry)
            .collect();
        put(&mut told, "history", entries);
    }
    Value::Object(told)
}

/// A question to the publisher as the task that it is for its buyer.
#[must_use]
pub fn task(view: &ApprovalView, buy: Option<&BuyView>, result: bool) -> Object {
    let asked = &view.approval;
    let mut told = Object::new();
    put(&mut told, "task_id", asked.task_id());
    put(&mut told, "task_type", asked.wanted.tool());
    put(&mut told, "protocol", "media-buy");
    put(&mut told, "domain", "media-buy");
    put(&mut told, "created_at", rfc3339(asked.asked_at));
    put(&mut told, "updated_at", rfc3339(view.updated_at));
    let hook = buy.is_some_and(|buy| buy.buy.particulars.push_notification_config.is_some());
    put(&mut told, "has_webhook", hook);
    let Some(made) = &asked.decision else {
        put(&mut told, "status", "submitted");
        return told;
    };
    let (status, code) = match made.verdict {
        Verdict::Approved => ("completed", None),
        Verdict::Rejected | Verdict::SentBack => ("rejected", Some("POLICY_VIOLATION")),
        Verdict::Withdrawn => ("canceled", None),
    };
    put(&mut told, "status", status);
    put(&mut told, "completed_at", rfc3339(made.at));
    if let Some(code) = code {
        let why = made.reason.as_deref().unwrap_or("the publisher said no");
        told.insert("error".into(), json!({"code": code, "message": why}));
    }
    if let Some(buy) = buy.filter(|_| result && code.is_none()) {
        let mut done: Map<String, Value> = confirmed(buy);
        done.remove("context");
        let staged = asked.staged.as_ref().and_then(|one| one.result.clone());
        done.extend(staged.unwrap_or_default());
        told.insert("result".into(), done.into());
    }
    told
}
