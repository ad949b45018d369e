//! Commands on media buys that live in a sales agent: what must hold before one is kept, and what
//! is kept of it so that it is sent once. Nothing is told as done here; what the other side cannot
//! be asked at all is refused in words.

use super::{SEND, desks::Place, known, link, placed};
use crate::{
    domain::{
        ids::{BuyId, OrderId},
        media_buy::{
            action::OrderVerb,
            approval::Approval,
            buy::MediaBuy,
            change::{BuyChange, PackageChange},
            draft::BuyDraft,
            history::{Done, Entry},
            status::BuyStatus,
            upstream::{
                Upstream,
                deed::{Ask, Deed, Say},
                mirror,
            },
        },
    },
    engine::{
        fault::Fault,
        media_buys::{
            decide::Say as Said,
            hand,
            place::account,
            tell,
            view::{BuyView, Ordered},
        },
        work::Work,
    },
    store::record::Stored,
};

/// The code of what the other side cannot do.
const NOT_AT_UPSTREAM: &str = "NOT_AT_UPSTREAM";

fn cannot(what: &str, hint: &str) -> Fault {
    let message = format!("this media buy lives in a sales agent, which cannot {what}");
    Fault::wrong_state(NOT_AT_UPSTREAM, message).hint(hint)
}

fn place<'a>(work: &Work<'a>) -> Result<&'a Place, Fault> {
    let place = work.desk().agents.of(work.tenant());
    place.map(AsRef::as_ref).ok_or_else(|| {
        let message = "this media buy lives in a sales agent that is not set up here any more";
        Fault::conflict("UPSTREAM_NOT_SET_UP", message)
            .hint("put its address back into the settings")
    })
}

/// Refuses to ask anything of a buy that nothing can be asked of now.
fn may_ask(buy: &MediaBuy, ask: &Ask) -> Result<(), Fault> {
    let Some(known) = buy.upstream.as_deref() else {
        return Ok(());
    };
    if let Some(since) = known.missing_since {
        let since = since.format("%Y-%m-%d %H:%M:%S UTC");
        let message = format!("the sales agent does not show this media buy since {since}");
        return Err(Fault::conflict("GONE_AT_UPSTREAM", message)
            .hint("look there; when it is shown again, ask again"));
    }
    if let Some(deed) = known.in_the_way() {
        let message = format!(
            "something that {} asked is on its way there: {}",
            deed.by,
            deed.line()
        );
        return Err(Fault::conflict("ON_ITS_WAY", message)
            .hint("wait until it is seen what came of it, then ask again"));
    }
    if known.shown.is_none() {
        let message = "the sales agent has not shown this media buy yet";
        return Err(Fault::conflict("NOT_SEEN_YET", message).hint("ask again once it has"));
    }
    if buy.status.is_final() && *ask != Ask::Act(OrderVerb::ArchiveOrder) {
        let cancels = matches!(ask, Ask::Change(change) if change.canceled == Some(true));
        let (code, verb) = if cancels {
            ("NOT_CANCELLABLE", "canceled")
        } else {
            ("INVALID_STATE", "changed")
        };
        let message = format!(
            "the media buy is {}, and cannot be {verb} any more",
            buy.status
        );
        return Err(Fault::wrong_state(code, message).with("state", buy.status.name()));
    }
    Ok(())
}

/// Keeps something that is asked of a buy, to be sent once.
///
/// # Errors
/// When nothing can be asked of it now.
pub(in crate::engine) async fn ask(
    work: &mut Work<'_>,
    stored: Stored<MediaBuy>,
    ask: Ask,
) -> Result<Ordered, Fault> {
    place(work)?;
    may_ask(&stored.record, &ask)?;
    let mut buy = stored.record.clone();
    let hand = hand(work);
    let known = known(&mut buy)?;
    let key = uuid::Uuid::new_v4().to_string();
    let deed = Deed::new(key, ask, (hand.by, hand.at), known.shown.as_deref());
    let detail = format!("{} asks the sales agent to {}", hand.by, deed.words);
    known.keep(deed);
    work.replace(&stored, &buy)?;
    work.tell("media_buys.asked", "media_buy", buy.id.to_string(), detail);
    link(work, &buy, None).await?;
    work.wake(SEND, buy.id.to_string(), work.now());
    Ok(Ordered {
        buy: BuyView::new(buy, stored.revision + 1, stored.created_at, work.now()),
        approval: None,
        affected: Vec::new(),
    })
}

/// Keeps a change that is asked for.
///
/// # Errors
/// When the other side cannot be asked for it.
pub(in crate::engine) async fn change(
    work: &mut Work<'_>,
    stored: Stored<MediaBuy>,
    mut change: BuyChange,
) -> Result<Ordered, Fault> {
    if let Some(what) = unsendable(&change) {
        let hint = "change that there, or leave it out";
        return Err(cannot(
            &format!("be asked from here to change {what}"),
            hint,
        ));
    }
    leave_out(&mut change, &stored.record);
    if change.is_empty() {
        return Ok(Ordered {
            buy: BuyView::of(stored),
            approval: None,
            affected: Vec::new(),
        });
    }
    Box::pin(ask(work, stored, Ask::Change(Box::new(change)))).await
}

/// What of a change cannot be asked from here, if anything.
fn unsendable(change: &BuyChange) -> Option<&'static str> {
    let buy = [
        (change.invoice_recipient.is_some(), "the invoice recipient"),
        (change.reporting_webhook.is_some(), "where reports are sent"),
        (
            change.push_notification_config.is_some(),
            "where its buyer is told",
        ),
    ];
    let told = buy.iter().find_map(|(there, what)| there.then_some(*what));
    told.or_else(|| change.packages.iter().flatten().find_map(of_package))
}

fn of_package(one: &PackageChange) -> Option<&'static str> {
    let all = [
        (one.priority.is_some(), "a package's place in the queue"),
        (
            one.creative_assignments.is_some() || one.creatives.is_some(),
            "what a package shows",
        ),
        (!one.rest.is_empty(), "what a package is aimed at"),
    ];
    all.iter().find_map(|(there, what)| there.then_some(*what))
}

/// Leaves out packages of which nothing is to be different.
fn leave_out(change: &mut BuyChange, buy: &MediaBuy) {
    let Some(packages) = &mut change.packages else {
        return;
    };
    packages.retain(|one| {
        let plain = PackageChange::of(one.package_id.clone());
        buy.package(&one.package_id).is_some() && *one != plain
    });
    if packages.is_empty() {
        change.packages = None;
    }
}

/// Keeps one of the actions on an order.
///
/// # Errors
/// When nothing can be asked of it now.
pub(in crate::engine) async fn act(
    work: &mut Work<'_>,
    stored: Stored<MediaBuy>,
    verb: OrderVerb,
) -> Result<Ordered, Fault> {
    if verb == OrderVerb::ApproveOrder && place(work)?.client.decides() {
        let say = say(&stored.record, (Said::Approve, None))?;
        return ask(work, stored, Ask::Decide(say)).await;
    }
    ask(work, stored, Ask::Act(verb)).await
}

/// Keeps a decision for the publisher on what waits there.
///
/// # Errors
/// When it cannot be told there.
pub(in crate::engine) async fn decide(
    work: &mut Work<'_>,
    stored: Stored<MediaBuy>,
    question: &Approval,
    said: (Said, Option<String>),
) -> Result<BuyView, Fault> {
    if question.decision.is_some() {
        let message = "that was decided there already";
        return Err(Fault::wrong_state("INVALID_STATE", message).hint("look at it again"));
    }
    if !place(work)?.client.decides() {
        let message = "this sales agent takes approvals on its own pages alone, and those are not set up here: its tool for tasks would tick the task and leave the media buy waiting";
        return Err(Fault::wrong_state(NOT_AT_UPSTREAM, message).hint(
            "decide there, or name `admin_url`, `admin_tenant` and a session in the settings",
        ));
    }
    let say = say(&stored.record, said)?;
    ask(work, stored, Ask::Decide(say))
        .await
        .map(|done| done.buy)
}

/// A decision on what waits there.
fn say(buy: &MediaBuy, (said, reason): (Said, Option<String>)) -> Result<Say, Fault> {
    let held = buy.upstream.as_ref().and_then(|known| known.held.as_ref());
    let Some(held) = held else {
        let message = "nothing about this media buy waits for a person at the sales agent";
        return Err(Fault::wrong_state("INVALID_STATE", message).with("state", buy.status.name()));
    };
    if said == Said::SendBack {
        let hint = "approve it, or reject it and say why";
        return Err(cannot("send an order back to be changed", hint));
    }
    Ok(Say {
        yes: said == Said::Approve,
        reason,
        change: held.change,
        task_id: held.id.clone(),
        context_id: held.context_id.clone(),
    })
}

/// Keeps an order that is to be placed in the sales agent in which a tenant's buys live.
///
/// # Errors
/// When it makes no sense, or holds what cannot be passed on.
pub(in crate::engine) async fn create(
    work: &mut Work<'_>,
    draft: BuyDraft,
) -> Result<Ordered, Fault> {
    let place = place(work)?;
    let (kind, principal) = (place.kind, place.principal.clone());
    let problems = draft.problems(work.now());
    if !problems.is_empty() {
        return Err(Fault::invalid(problems));
    }
    if draft.packages.as_deref().unwrap_or_default().is_empty() {
        let hint = "name packages in place of a proposal";
        return Err(cannot("be sent a proposal of ours", hint));
    }
    let said = &draft.particulars;
    let secret = said.push_notification_config.is_some()
        || said.reporting_webhook.is_some()
        || said.artifact_webhook.is_some()
        || said.invoice_recipient.is_some();
    if secret {
        let hint = "leave webhooks and invoice recipients out, and set them up there";
        return Err(cannot("be told of addresses and accounts of others", hint));
    }
    let (now, by) = (work.now(), work.caller().name.clone());
    let order_id: OrderId = work.mint();
    let id = format!("mb_{}", uuid::Uuid::from(order_id).simple());
    let mut buy = mirror::empty(&id, &principal, Upstream::new(kind), order_id, now);
    let span = draft.span(now).map_err(Fault::field)?;
    (buy.start, buy.end, buy.status) = (span.start, span.end, BuyStatus::Draft);
    buy.name = match &said.po_number {
        Some(number) => crate::domain::text::inert(number)
            .chars()
            .take(100)
            .collect(),
        None => "Media buy".to_owned(),
    };
    buy.particulars.po_number.clone_from(&said.po_number);
    buy.history = vec![Entry {
        revision: 1,
        at: now,
        by: by.clone(),
        done: Done::Created,
        summary: "to be ordered at the sales agent".to_owned(),
        package_id: None,
    }];
    let key = uuid::Uuid::new_v4().to_string();
    known(&mut buy)?.keep(Deed::new(
        key,
        Ask::Create(Box::new(draft)),
        (&by, now),
        None,
    ));
    let account = account(work, &principal).await?;
    placed::place(work, &buy, account).await?;
    work.create(&buy)?;
    work.about(format!("media_buy/{}", BuyId::from(id)));
    tell(work, &buy, "media_buys.created");
    work.wake(SEND, buy.id.to_string(), now);
    Ok(Ordered {
        buy: BuyView::new(buy, 1, now, now),
        approval: None,
        affected: Vec::new(),
    })
}
