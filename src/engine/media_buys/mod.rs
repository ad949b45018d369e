//! Media buys: ordered, shown, changed, agreed to, and moved by time. A buy, its order and its
//! lines change in one commit, so that none of them ever says otherwise than the others.

pub mod act;
pub mod approvals;
pub mod artifacts;
pub(super) mod carry;
pub mod check;
pub mod create;
pub mod decide;
pub mod delivered;
pub mod delivery;
pub mod feedback;
pub mod follow;
pub mod get;
mod guard;
pub mod list;
pub(super) mod place;
pub mod price;
pub mod reach;
pub(super) mod readiness;
pub mod report;
pub mod reporting;
pub(super) mod reprice;
pub mod told;
pub mod update;
pub mod upstream;
pub mod view;

use crate::{
    domain::{
        ids::{ApprovalId, BuyId},
        media_buy::{
            approval::{Approval, Decision, Verdict, Wanted},
            buy::{Hand, MediaBuy},
        },
        opendirect::refusal::Refusal,
        sandbox::Staged,
        tenant::{caller::Caller, role::Role},
    },
    engine::{
        ad_orders,
        fault::{Fault, FaultKind},
        work::Work,
    },
    store::record::Stored,
};

/// The kind of the reconciler that moves buys when their time has come.
pub const FOLLOW_BUY: &str = "follow_buy";

/// Whose buys a caller sees: a buyer its own, everybody else all.
pub(in crate::engine) fn only_of(caller: &Caller) -> Option<&str> {
    (caller.role == Role::Buyer).then_some(caller.name.as_str())
}

/// Who does it, and when.
pub(in crate::engine) fn hand<'a>(work: &Work<'a>) -> Hand<'a> {
    Hand {
        by: &work.caller().name,
        at: work.now(),
    }
}

/// There is no such buy, or it is somebody else's: the same words for both.
pub(in crate::engine) fn absent(id: &BuyId) -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "MEDIA_BUY_NOT_FOUND",
        "there is no such media buy",
    )
    .with("media_buy_id", crate::domain::text::echo(id.as_str()))
    .hint("list your media buys")
}

/// Finds a buy of the caller's.
pub(in crate::engine) async fn find(
    work: &Work<'_>,
    id: &BuyId,
) -> Result<Stored<MediaBuy>, Fault> {
    let stored = work.get::<MediaBuy>(id.as_str()).await?;
    stored
        .filter(|stored| only_of(work.caller()).is_none_or(|own| own == stored.record.owner))
        .ok_or_else(|| absent(id))
}

/// Says why a buy refused, in the words of the border.
pub(in crate::engine) fn refused(refusal: Refusal) -> Fault {
    Fault::wrong_state("INVALID_STATE", refusal.to_string())
        .with("state", refusal.state)
        .with("possible", refusal.possible)
}

/// Tells whoever watches what happened to a buy.
pub(super) fn tell(work: &mut Work<'_>, buy: &MediaBuy, name: &'static str) {
    let total = buy
        .total()
        .map_or_else(|_| String::new(), |sum| format!(" for {sum}"));
    let detail = format!("{} of {}{total}", buy.name, buy.owner);
    work.tell(name, "media_buy", buy.id.to_string(), detail);
}

/// Writes a buy over the one that was read, and sees to it that it is looked at in time.
pub(in crate::engine) async fn write(
    work: &mut Work<'_>,
    stored: &Stored<MediaBuy>,
    buy: &MediaBuy,
    happened: &'static str,
) -> Result<(), Fault> {
    work.replace(stored, buy)?;
    watch(work, buy).await?;
    tell(work, buy, happened);
    Ok(())
}

/// Has a buy looked at when time alone will change it, and carried to the tenant's ad server.
pub(super) async fn watch(work: &mut Work<'_>, buy: &MediaBuy) -> Result<(), Fault> {
    if let Some(at) = buy.next() {
        work.wake(FOLLOW_BUY, buy.id.to_string(), at.max(work.now()));
    }
    if buy.particulars.reporting_webhook.is_some() && buy.status.is_agreed() {
        work.wake(reporting::REPORT_BUY, buy.id.to_string(), work.now());
    }
    artifacts::follow(work, buy);
    ad_orders::follow(work, buy).await
}

/// Lays something before the publisher.
pub(super) fn ask_publisher(
    work: &mut Work<'_>,
    buy: &MediaBuy,
    wanted: Wanted,
    staged: Option<Staged>,
) -> Result<Approval, Fault> {
    let asked = Approval {
        id: work.mint(),
        buy_id: buy.id.clone(),
        name: buy.name.clone(),
        wanted,
        amount: buy.total().map_err(Fault::broken)?,
        asked_by: work.caller().name.clone(),
        asked_at: work.now(),
        decision: None,
        staged,
    };
    work.create(&asked)?;
    let detail = format!(
        "{} asks to {} {}",
        asked.asked_by,
        asked.wanted.tool(),
        buy.name
    );
    work.tell("approvals.asked", "approval", asked.id.to_string(), detail);
    Ok(asked)
}

/// Finds the question to the publisher that a buy waits for.
pub(in crate::engine) async fn open_question(
    work: &Work<'_>,
    buy: &MediaBuy,
) -> Result<Option<Stored<Approval>>, Fault> {
    let Some(id) = buy.approval_id else {
        return Ok(None);
    };
    let stored = work.get::<Approval>(&id.to_string()).await?;
    Ok(stored.filter(|stored| stored.record.decision.is_none()))
}

/// Writes down what was decided; nothing where it was decided so before.
pub(in crate::engine) fn decide(
    work: &mut Work<'_>,
    stored: &Stored<Approval>,
    verdict: Verdict,
    reason: Option<String>,
) -> Result<Option<Approval>, Fault> {
    let decision = Decision {
        verdict,
        by: work.caller().name.clone(),
        at: work.now(),
        reason,
    };
    let id: ApprovalId = stored.record.id;
    let Some(decided) = stored.record.decide(decision).map_err(refused)? else {
        return Ok(None);
    };
    work.replace(stored, &decided)?;
    let detail = format!("{verdict} by {}", work.caller().name);
    work.tell("approvals.decided", "approval", id.to_string(), detail);
    Ok(Some(decided))
}
