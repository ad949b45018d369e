//! The ten actions on an order, each behind its guard. An answer that says it was accepted
//! was committed so; everything else says in a sentence why not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ask_publisher, carry, decide,
    decide::seen,
    find, hand, open_question, refused, update, upstream,
    view::{BuyView, Ordered},
    write,
};
use crate::{
    domain::{
        ids::{BuyId, PackageId},
        media_buy::{
            action::{Guarded, OrderVerb, may_activate, may_approve, may_archive, may_submit},
            approval::{Verdict, Wanted},
            buy::MediaBuy,
            change::{BuyChange, PackageChange},
            status::BuyStatus,
        },
        money::Amount,
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        ad_orders,
        fault::Fault,
        operation::{Kind, Operation},
        sandbox, webhooks,
        work::Work,
    },
    store::record::Stored,
};

/// Does something to an order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnBuy {
    /// Which.
    pub media_buy_id: BuyId,
    /// What.
    pub action: OrderVerb,
    /// The package that it is about, where it is about one.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// The new budget, for `update_package_budget`.
    #[serde(default)]
    pub budget: Option<Amount>,
    /// The new goal, for `update_package_impressions`.
    #[serde(default)]
    pub impressions: Option<u64>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// The revision that was looked at; if it has changed, it is left alone.
    #[serde(default)]
    pub expected_revision: Option<i64>,
}

impl Operation for ActOnBuy {
    const NAME: &'static str = "media_buys.act";
    const ABOUT: &'static str =
        "Pause, resume, change, activate, submit, approve or archive an order.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Ordered;

    async fn perform(self, work: &mut Work<'_>) -> Result<Ordered, Fault> {
        let mut ordered = self.act(work).await?;
        ad_orders::beside(work, &mut ordered.buy).await?;
        Ok(ordered)
    }
}

impl ActOnBuy {
    async fn act(self, work: &mut Work<'_>) -> Result<Ordered, Fault> {
        work.about(format!("media_buy/{}", self.media_buy_id));
        let stored = find(work, &self.media_buy_id).await?;
        seen(work, &stored, self.expected_revision).await?;
        let elsewhere = stored.record.upstream.is_some();
        match self.action {
            verb if elsewhere && verb.is_of_the_order() => {
                upstream::keep::act(work, stored, verb).await
            }
            OrderVerb::ActivateOrder => activate(work, stored).await,
            OrderVerb::SubmitForApproval => submit(work, stored).await,
            OrderVerb::ApproveOrder => approve(work, stored).await,
            OrderVerb::ArchiveOrder => archive(work, &stored).await,
            _ => {
                let change = self.change(&stored.record)?;
                update::change(work, stored, change, None).await
            }
        }
    }

    fn change(self, buy: &MediaBuy) -> Result<BuyChange, Fault> {
        let whole = |paused| BuyChange {
            paused: Some(paused),
            cancellation_reason: self.reason.clone(),
            ..BuyChange::default()
        };
        match self.action {
            OrderVerb::PauseMediaBuy => return Ok(whole(true)),
            OrderVerb::ResumeMediaBuy => return Ok(whole(false)),
            _ => {}
        }
        let missing = |field: &str| {
            let message = format!("is needed for {}", self.action);
            Fault::field(Problem::new(field, Code::new("INVALID_REQUEST"), message))
        };
        let package_id = self
            .package_id
            .clone()
            .ok_or_else(|| missing("package_id"))?;
        if buy.package(&package_id).is_none() {
            return Err(update::no_package(&package_id));
        }
        let mut change = PackageChange::of(package_id);
        match self.action {
            OrderVerb::PausePackage => change.paused = Some(true),
            OrderVerb::ResumePackage => change.paused = Some(false),
            OrderVerb::UpdatePackageBudget => {
                change.budget = Some(self.budget.ok_or_else(|| missing("budget"))?);
            }
            _ => {
                // The older callers put the impressions where the budget goes.
                let told = self.budget.and_then(whole_number);
                let goal = self.impressions.or(told);
                change.impressions = Some(goal.ok_or_else(|| missing("impressions"))?);
            }
        }
        Ok(BuyChange {
            packages: Some(vec![change]),
            ..BuyChange::default()
        })
    }
}

fn whole_number(amount: Amount) -> Option<u64> {
    let text = amount.to_string();
    let whole = text.split('.').next().unwrap_or(&text);
    let fraction = text.split('.').nth(1).unwrap_or_default();
    fraction
        .chars()
        .all(|c| c == '0')
        .then(|| whole.parse().ok())
        .flatten()
}

/// Says which guard stands in the way.
fn guarded(guard: &Guarded) -> Fault {
    let fault = Fault::wrong_state("INVALID_STATE", guard.to_string());
    match (guard, guard.hint()) {
        (Guarded::NotAdmin, hint) => Fault {
            kind: crate::engine::fault::FaultKind::Forbidden,
            code: "PERMISSION_DENIED".into(),
            hint: hint.map(str::to_owned),
            ..fault
        },
        (_, Some(hint)) => fault.hint(hint),
        (_, None) => fault,
    }
}

fn told(buy: MediaBuy, stored: &Stored<MediaBuy>, work: &Work<'_>) -> Ordered {
    Ordered {
        affected: buy.packages.iter().map(|one| one.id.clone()).collect(),
        buy: BuyView::new(buy, stored.revision + 1, stored.created_at, work.now()),
        approval: None,
    }
}

fn as_it_is(stored: Stored<MediaBuy>) -> Ordered {
    Ordered {
        buy: BuyView::of(stored),
        approval: None,
        affected: Vec::new(),
    }
}

async fn activate(work: &mut Work<'_>, stored: Stored<MediaBuy>) -> Result<Ordered, Fault> {
    may_activate(&stored.record.item_types(), stored.record.status)
        .map_err(|guard| guarded(&guard))?;
    if stored.record.status.is_agreed() {
        return Ok(as_it_is(stored));
    }
    let mut buy = stored.record.clone();
    carry::agree(work, &mut buy, "activated").await?;
    write(work, &stored, &buy, "media_buys.activated").await?;
    Ok(told(buy, &stored, work))
}

async fn submit(work: &mut Work<'_>, stored: Stored<MediaBuy>) -> Result<Ordered, Fault> {
    may_submit(&stored.record.item_types(), stored.record.status)
        .map_err(|guard| guarded(&guard))?;
    if stored.record.status == BuyStatus::AwaitingApproval {
        return Ok(as_it_is(stored));
    }
    let mut buy = stored.record.clone();
    let asked = ask_publisher(work, &buy, Wanted::Order, None)?;
    sandbox::have_signed(work, &asked);
    buy.submit(hand(work), asked.id).map_err(refused)?;
    write(work, &stored, &buy, "media_buys.submitted").await?;
    Ok(Ordered {
        approval: Some(asked),
        ..told(buy, &stored, work)
    })
}

async fn approve(work: &mut Work<'_>, stored: Stored<MediaBuy>) -> Result<Ordered, Fault> {
    let is_admin = work.caller().may(Permission::ApproveBuys);
    may_approve(is_admin, stored.record.status).map_err(|guard| guarded(&guard))?;
    let mut buy = stored.record.clone();
    let decided = match open_question(work, &buy).await? {
        Some(question) => decide(work, &question, Verdict::Approved, None)?,
        None => None,
    };
    let by = format!("approved by {}", work.caller().name);
    carry::agree(work, &mut buy, &by).await?;
    write(work, &stored, &buy, "media_buys.changed").await?;
    if let Some(decided) = decided {
        webhooks::tasks::decided(work, &decided, &buy).await?;
    }
    Ok(told(buy, &stored, work))
}

async fn archive(work: &mut Work<'_>, stored: &Stored<MediaBuy>) -> Result<Ordered, Fault> {
    let mut buy = stored.record.clone();
    may_archive(buy.status).map_err(|guard| guarded(&guard))?;
    if buy.archived_at.is_some() {
        return Ok(as_it_is(stored.clone()));
    }
    buy.archive(hand(work));
    write(work, stored, &buy, "media_buys.archived").await?;
    Ok(told(buy, stored, work))
}
