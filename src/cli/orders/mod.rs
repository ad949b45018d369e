//! The publisher's queue from the command line: everything that the Orders pane decides.
//! Refuses to reject or send back without a reason.

pub(super) mod show;

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Ended, Shown, code_of, open::Desktop, out};
use crate::{
    config::Settings,
    domain::{
        ids::BuyId,
        media_buy::{action::OrderVerb, upstream::deed::Stage},
    },
    engine::{
        fault::{Fault, FaultKind},
        media_buys::{
            act::ActOnBuy,
            approvals::ListApprovals,
            check::{BuyCheck, CheckBuy},
            decide::{DecideApproval, Say},
            get::GetBuy,
            upstream::desk::GetBuysDesk,
            view::BuyView,
        },
    },
    session::Session,
};

/// How long it is waited for what came of something that was asked elsewhere: two looks there.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often it is looked whether that is known.
const LOOK: Duration = Duration::from_millis(300);

/// Decide on the orders that wait for the publisher.
#[derive(Debug, Subcommand)]
pub enum Orders {
    /// List what waits for the publisher, the longest waiting first.
    List(List),
    /// Show an order whole: what is asked, what would change, and what is free for it.
    Show(Which),
    /// Agree to orders, or to the changes of them that are asked for.
    Approve(These),
    /// Refuse orders, or the changes of them that are asked for.
    Reject(Because),
    /// Have orders changed first.
    SendBack(Because),
    /// Lay drafts before the publisher.
    Submit(These),
    /// Start drafts that nobody has to agree to.
    Activate(These),
    /// Put away orders that are over.
    Archive(These),
}

/// List what waits for the publisher.
#[derive(Debug, Args)]
pub struct List {
    /// What was decided too, the newest first.
    #[arg(long)]
    decided: bool,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
}

/// Which order.
#[derive(Debug, Args)]
pub struct Which {
    /// The order's id.
    pub(super) media_buy_id: String,
}

/// Which orders.
#[derive(Debug, Args)]
pub struct These {
    /// The ids of the orders.
    #[arg(required = true)]
    pub(super) media_buy_ids: Vec<String>,
    /// The revision that you looked at; if the order has changed since, it is left alone.
    #[arg(long)]
    pub(super) revision: Option<i64>,
}

/// Which orders, and why.
#[derive(Debug, Args)]
pub struct Because {
    #[command(flatten)]
    these: These,
    /// Why; the buyer reads it.
    #[arg(long)]
    reason: String,
}

/// What is done to each order.
#[derive(Debug, Clone, Copy)]
enum Deed<'a> {
    Say(Say, Option<&'a str>),
    Act(OrderVerb),
}

/// Does it.
pub async fn run(settings: &Settings, orders: Orders, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let done = Box::pin(dispatch(&desktop.session, orders, shown.as_json)).await;
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

async fn dispatch(session: &Session, orders: Orders, as_json: bool) -> Result<(), Ended> {
    let (these, deed) = match &orders {
        Orders::List(wanted) => return list(session, wanted, as_json).await,
        Orders::Show(which) => return show(session, which, as_json).await,
        Orders::Approve(these) => (these, Deed::Say(Say::Approve, None)),
        Orders::Reject(no) => (&no.these, Deed::Say(Say::Reject, Some(&no.reason))),
        Orders::SendBack(no) => (&no.these, Deed::Say(Say::SendBack, Some(&no.reason))),
        Orders::Submit(these) => (these, Deed::Act(OrderVerb::SubmitForApproval)),
        Orders::Activate(these) => (these, Deed::Act(OrderVerb::ActivateOrder)),
        Orders::Archive(these) => (these, Deed::Act(OrderVerb::ArchiveOrder)),
    };
    each(these, as_json, async |id, seen| {
        let view = Box::pin(done(session, id, deed, seen)).await?;
        settled(session, view).await
    })
    .await
}

async fn list(session: &Session, wanted: &List, as_json: bool) -> Result<(), Ended> {
    let question = ListApprovals {
        decided: wanted.decided,
        limit: wanted.limit,
    };
    let found = session.ask(question).await?;
    if as_json {
        return out::json(&found);
    }
    show::approvals(&found, session.now())
}

async fn show(session: &Session, which: &Which, as_json: bool) -> Result<(), Ended> {
    let check = look(session, &which.media_buy_id.as_str().into()).await?;
    if as_json {
        return out::json(&check);
    }
    show::order(&check)?;
    if check.order.buy.upstream.is_some() {
        out::note(&session.ask(GetBuysDesk::default()).await?.sentence());
    }
    Ok(())
}

pub(super) async fn look(session: &Session, id: &BuyId) -> Result<BuyCheck, Fault> {
    let media_buy_id = id.clone();
    session.ask(CheckBuy { media_buy_id }).await
}

/// Decides on the question that waits longest, or acts where nothing is asked.
async fn done(
    session: &Session,
    id: BuyId,
    deed: Deed<'_>,
    seen: Option<i64>,
) -> Result<BuyView, Fault> {
    let action = match deed {
        Deed::Act(action) => action,
        Deed::Say(say, reason) => {
            let check = look(session, &id).await?;
            let asked = check.questions.first().map(|one| one.approval.id);
            if asked.is_some() || say != Say::Approve {
                let decide = DecideApproval {
                    approval_id: asked,
                    media_buy_id: asked.is_none().then_some(id),
                    say,
                    reason: reason.map(str::to_owned),
                    expected_revision: seen,
                };
                return session.ask(decide).await;
            }
            OrderVerb::ApproveOrder
        }
    };
    session.ask(act(id, action, seen)).await.map(|it| it.buy)
}

/// Waits until it is seen what came of what was asked of an order that lives elsewhere, for as long
/// as that usually takes.
///
/// # Errors
/// When it was turned down there, is not shown as it was asked for, or nobody knows.
pub(super) async fn settled(session: &Session, mut view: BuyView) -> Result<BuyView, Fault> {
    if view.buy.upstream.is_none() {
        return Ok(view);
    }
    let media_buy_id = view.buy.id.clone();
    let mut over = std::pin::pin!(tokio::time::sleep(PATIENCE));
    loop {
        let known = view.buy.upstream.as_deref();
        let deed = known.and_then(|known| known.deeds.last());
        let Some(deed) = deed else { return Ok(view) };
        let code = match deed.stage {
            Stage::Refused => "REFUSED_UPSTREAM",
            Stage::NotApplied => "NOT_APPLIED",
            Stage::Lost => "ANSWER_LOST",
            _ if !deed.is_in_the_way() || over.is_elapsed() => return Ok(view),
            _ => "",
        };
        if !code.is_empty() {
            let fault = Fault::conflict(code, format!("asked the sales agent to {}", deed.line()));
            let told = view.disagreements.first();
            return Err(match told.filter(|_| deed.stage == Stage::NotApplied) {
                Some(one) => fault.hint(one.sentence()),
                None => fault.hint(format!("look at it: `flightdeck buys show {media_buy_id}`")),
            });
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = &mut over => {}
        }
        let media_buy_id = media_buy_id.clone();
        view = session.ask(GetBuy { media_buy_id }).await?;
    }
}

pub(super) fn act(media_buy_id: BuyId, action: OrderVerb, seen: Option<i64>) -> ActOnBuy {
    ActOnBuy {
        media_buy_id,
        action,
        package_id: None,
        budget: None,
        impressions: None,
        reason: None,
        expected_revision: seen,
    }
}

/// Does something to each, and tells what came of each. One that is refused does not keep the
/// others from it; the exit code is that of the first that was.
pub(super) async fn each(
    these: &These,
    as_json: bool,
    deed: impl AsyncFn(BuyId, Option<i64>) -> Result<BuyView, Fault>,
) -> Result<(), Ended> {
    if these.revision.is_some() && these.media_buy_ids.len() > 1 {
        let said = "--revision goes with one order only";
        return Err(Ended::Usage(said.to_owned()));
    }
    let mut views = Vec::new();
    let mut first: Option<FaultKind> = None;
    for id in &these.media_buy_ids {
        match deed(id.as_str().into(), these.revision).await {
            Ok(view) if as_json => views.push(view),
            Ok(view) => show::said(&view)?,
            Err(fault) if these.media_buy_ids.len() == 1 => return Err(fault.into()),
            Err(fault) => {
                out::complain(&format!("{id}: {fault}"));
                first = first.or(Some(fault.kind));
            }
        }
    }
    match (&views[..], these.media_buy_ids.len()) {
        (_, _) if !as_json => {}
        ([one], 1) => out::json(one)?,
        (all, _) => out::json(&all)?,
    }
    first.map_or(Ok(()), |kind| Err(Ended::Code(code_of(kind))))
}
