//! Changes a media buy: only what is named changes. More of what is promised is laid before
//! the publisher first; everything else is done at once, with its order and its lines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ask_publisher, carry, decide, find,
    guard::Asked,
    hand, open_question,
    place::{Place, Priced, package, priced},
    readiness, refused,
    reprice::{self, Touched},
    upstream,
    view::{BuyView, Ordered},
    write,
};
use crate::{
    domain::{
        adcp,
        ids::{BuyId, PackageId},
        media_buy::{
            approval::{Verdict, Wanted},
            buy::MediaBuy,
            change::BuyChange,
            draft::{Span, read_start},
            history::Done,
            status::BuyStatus,
        },
        opendirect::order::Order,
        policy::Permission,
        problem::{Code, Problem},
        text,
    },
    engine::{
        ad_orders,
        fault::{Fault, FaultKind},
        governance::{self, Sealed},
        operation::{Kind, Operation},
        webhooks,
        work::Work,
    },
    store::record::Stored,
};

/// Changes a media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBuy {
    /// Which.
    pub media_buy_id: BuyId,
    /// The revision that the buyer knows; if it is another by now, nothing changes.
    #[serde(default)]
    pub revision: Option<u64>,
    /// What shall be different.
    pub change: BuyChange,
    /// What the account's governance agents said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governed: Option<Sealed>,
}

impl Operation for UpdateBuy {
    const NAME: &'static str = "media_buys.update";
    const ABOUT: &'static str = "Change a media buy, its packages, or call it off.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Ordered;

    async fn perform(self, work: &mut Work<'_>) -> Result<Ordered, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let stored = find(work, &self.media_buy_id).await?;
        let now = stored.record.revision;
        if self.revision.is_some_and(|known| known != now) {
            let message = format!("the media buy has changed: it is at revision {now}");
            return Err(Fault::conflict("CONFLICT", message)
                .hint("read it again, then change it")
                .with("current_revision", now));
        }
        let asked = Box::new(self.clone());
        let mut ordered = change(work, stored, self.change, Some(&asked)).await?;
        ad_orders::beside(work, &mut ordered.buy).await?;
        Ok(ordered)
    }
}

/// What those said who govern the account, where the change is one of money or time.
async fn agreed(
    work: &Work<'_>,
    buy: &MediaBuy,
    change: &BuyChange,
    asked: Option<&UpdateBuy>,
) -> Result<Vec<adcp::governance::Verdict>, Fault> {
    if !change.commits() || governance::questions::governed(work, buy).await?.is_none() {
        return Ok(Vec::new());
    }
    let Some(asked) = asked else {
        let message = "the account is governed: change it with update_media_buy's own fields";
        return Err(Fault::adcp(
            adcp::error::Code::GovernanceUnavailable,
            message,
        ));
    };
    governance::admit(work, asked, asked.governed.as_ref())
}

/// There is no such package in the buy.
pub(super) fn no_package(id: &PackageId) -> Fault {
    let message = format!("there is no package {} in it", text::echo(id.as_str()));
    Fault::new(FaultKind::NotFound, "PACKAGE_NOT_FOUND", message)
        .hint("read the media buy and its packages")
}

/// Changes a buy, or asks the publisher to agree to the change.
pub(in crate::engine) async fn change(
    work: &mut Work<'_>,
    stored: Stored<MediaBuy>,
    change: BuyChange,
    asked: Option<&UpdateBuy>,
) -> Result<Ordered, Fault> {
    if stored.record.upstream.is_some() {
        return upstream::keep::change(work, stored, change).await;
    }
    let mut buy = stored.record.clone();
    may_change(&buy, &change)?;
    buy.particulars
        .governed(agreed(work, &buy, &change, asked).await?);
    if change.is_empty() {
        return Ok(Ordered {
            buy: BuyView::of(stored),
            approval: None,
            affected: Vec::new(),
        });
    }
    webhooks::check_change(work, &change)?;
    let hook = change.push_notification_config.clone();
    let asks = Asked::of(work, &buy, &change).await?;
    asks.affordable(work)?;
    let (approval, affected) = if asks.needs_a_person(work)? {
        // Whatever is wrong with it is said now, and not to the person who agrees to it.
        let checked = reprice::checked(work, &buy, &change).await?;
        let wanted = Wanted::Change {
            change: Box::new(change),
        };
        // One question at a time: whoever asks anew no longer wants what they asked before.
        if let Some(earlier) = open_question(work, &buy).await? {
            let reason = "another change was asked for instead".to_owned();
            if let Some(gone) = decide(work, &earlier, Verdict::Withdrawn, Some(reason))? {
                webhooks::tasks::decided(work, &gone, &buy).await?;
            }
        }
        let asked = ask_publisher(work, &checked, wanted, None)?;
        buy.approval_id = Some(asked.id);
        let summary = format!("asked for a change to {}", asked.amount);
        buy.note(hand(work), Done::Submitted, summary);
        (Some(asked), Vec::new())
    } else {
        (None, apply(work, &mut buy, change).await?)
    };
    write(work, &stored, &buy, "media_buys.changed").await?;
    let changed = Ordered {
        buy: BuyView::new(buy, stored.revision + 1, stored.created_at, work.now()),
        approval,
        affected,
    };
    if changed.approval.is_none() {
        webhooks::tasks::changed(work, hook.as_ref(), &changed)?;
    }
    Ok(changed)
}

fn may_change(buy: &MediaBuy, change: &BuyChange) -> Result<(), Fault> {
    for package in change.packages.iter().flatten() {
        if buy.package(&package.package_id).is_none() {
            return Err(no_package(&package.package_id));
        }
    }
    if !buy.status.is_final() {
        return Ok(());
    }
    let (code, verb) = match change.canceled {
        Some(true) => ("NOT_CANCELLABLE", "canceled"),
        _ => ("INVALID_STATE", "changed"),
    };
    let message = format!(
        "the media buy is {}, and cannot be {verb} any more",
        buy.status
    );
    Err(Fault::wrong_state(code, message).with("state", buy.status.name()))
}

/// Carries a change out, and says which packages are different.
pub(super) async fn apply(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    change: BuyChange,
) -> Result<Vec<PackageId>, Fault> {
    if change.canceled == Some(true) {
        return call_off(work, buy, change.cancellation_reason).await;
    }
    let mut touched = Touched::default();
    move_dates(work, buy, &change, &mut touched)?;
    for one in change.packages.unwrap_or_default() {
        reprice::package(work, buy, one, &mut touched).await?;
    }
    let fresh = priced(
        work,
        change.new_packages.unwrap_or_default(),
        "new_packages",
    )
    .await?;
    let more = fresh.iter().map(|one| one.budget).collect();
    let order = reprice::carry_out(work, buy, &touched, more).await?;
    add(work, buy, &order, fresh, &mut touched).await?;
    let said = &mut buy.particulars;
    for (new, old, what) in [
        (
            change.invoice_recipient,
            &mut said.invoice_recipient,
            "invoice recipient",
        ),
        (
            change.reporting_webhook,
            &mut said.reporting_webhook,
            "reporting webhook",
        ),
        (
            change.push_notification_config,
            &mut said.push_notification_config,
            "webhook",
        ),
    ] {
        if new.is_some() {
            *old = new;
            touched.note(Done::UpdatedPackages, format!("another {what}"));
        }
    }
    if let Some((done, summary)) = touched.said() {
        buy.note(hand(work), done, summary);
    }
    let reason = change.cancellation_reason.as_deref();
    stop_or_go(work, buy, (change.paused, reason), &mut touched).await?;
    Ok(touched.packages.into_iter().collect())
}

async fn call_off(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    reason: Option<String>,
) -> Result<Vec<PackageId>, Fault> {
    let gone = match open_question(work, buy).await? {
        Some(question) => decide(work, &question, Verdict::Withdrawn, None)?,
        None => None,
    };
    let by_buyer = work.caller().name == buy.owner;
    buy.cancel(hand(work), by_buyer, reason).map_err(refused)?;
    carry::let_go(work, buy).await?;
    if let Some(gone) = gone {
        webhooks::tasks::decided(work, &gone, buy).await?;
    }
    Ok(buy.packages.iter().map(|one| one.id.clone()).collect())
}

async fn add(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    order: &Stored<Order>,
    fresh: Vec<Priced>,
    touched: &mut Touched,
) -> Result<(), Fault> {
    let (id, name, owner) = (buy.id.clone(), buy.name.clone(), buy.owner.clone());
    let place = Place {
        order,
        buy: &id,
        name: &name,
        span: Span {
            start: buy.start,
            end: buy.end,
        },
        agreed: buy.status.is_agreed(),
        owner: &owner,
    };
    for one in fresh {
        let package = package(work, &place, one, &mut touched.taken).await?;
        touched.note(
            Done::UpdatedPackages,
            format!("{} added", package.product_id),
        );
        touched.packages.insert(package.id.clone());
        buy.packages.push(package);
    }
    Ok(())
}

async fn stop_or_go(
    work: &mut Work<'_>,
    buy: &mut MediaBuy,
    (paused, reason): (Option<bool>, Option<&str>),
    touched: &mut Touched,
) -> Result<(), Fault> {
    let hand = hand(work);
    match paused {
        Some(true) => buy.pause(hand, reason).map_err(refused)?,
        Some(false) => buy.resume(hand).map_err(refused)?,
        None => {}
    }
    let waits = buy.status.is_pending() || buy.status == BuyStatus::Active;
    // What was let go on is active, whatever it lacks.
    if waits && paused != Some(false) {
        readiness::settle(work, buy, &touched.taken).await?;
    }
    if paused.is_some() {
        let all = buy.packages.iter().map(|one| one.id.clone());
        touched.packages.extend(all);
    }
    if (paused.is_some() || touched.stopped) && buy.status.is_agreed() {
        carry::hold(work, buy, buy.status == BuyStatus::Paused).await?;
    }
    Ok(())
}

fn move_dates(
    work: &Work<'_>,
    buy: &mut MediaBuy,
    change: &BuyChange,
    touched: &mut Touched,
) -> Result<(), Fault> {
    let mut start = buy.start;
    if let Some(text) = &change.start_time {
        if buy.start <= work.now() && buy.status.is_agreed() {
            let message = "has passed: the flight has begun";
            let problem = Problem::new("start_time", Code::new("INVALID_REQUEST"), message);
            return Err(Fault::field(problem));
        }
        start = read_start(text, work.now()).map_err(Fault::field)?;
    }
    let end = change.end_time.unwrap_or(buy.end);
    if (start, end) == (buy.start, buy.end) {
        return Ok(());
    }
    let span = Span::new(start, end, work.now()).map_err(Fault::field)?;
    if end <= work.now() {
        let message = "has passed";
        let problem = Problem::new("end_time", Code::new("INVALID_REQUEST"), message);
        return Err(Fault::field(problem.hint("to end it now, cancel it")));
    }
    (buy.start, buy.end) = (span.start, span.end);
    let living = buy.packages.iter().filter(|one| one.cancellation.is_none());
    for package in living {
        touched.terms.insert(package.id.clone());
        touched.packages.insert(package.id.clone());
        touched.anew.insert(package.id.clone());
    }
    touched.dates = true;
    touched.note(Done::UpdatedDates, format!("{start:?} to {end:?}"));
    Ok(())
}
