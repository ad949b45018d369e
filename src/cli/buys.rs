//! Media buys from the command line: listed, shown, stopped, resumed and called off; and what
//! they have delivered.

mod delivery;

use clap::{Args, Subcommand};

use super::{
    Ended, Shown,
    open::Desktop,
    orders::{These, Which, act, each, look, settled, show},
    out,
};
use crate::{
    config::Settings,
    domain::{
        media_buy::{action::OrderVerb, change::BuyChange, status::BuyStatus},
        text::echo,
    },
    engine::{
        ad_orders::place::PlaceOrder,
        fault::{Fault, FaultKind},
        media_buys::{
            get::GetBuy, list::ListBuys, update::UpdateBuy, upstream::desk::GetBuysDesk,
            view::BuyView,
        },
    },
    session::Session,
};

/// List media buys, stop them, let them go on, call them off.
#[derive(Debug, Subcommand)]
pub enum Buys {
    /// List media buys, newest first.
    List(List),
    /// Show a media buy whole.
    Show(Which),
    /// Stop media buys for a while.
    Pause(These),
    /// Let paused media buys go on.
    Resume(These),
    /// Call media buys off for good.
    Cancel(Cancel),
    /// Have a media buy placed in the tenant's ad server, or looked at there again.
    Place(Which),
    /// Show what media buys have delivered.
    Delivery(delivery::Delivery),
    /// Report on a media buy, by day or otherwise.
    Report(delivery::Report),
}

/// List media buys, newest first.
#[derive(Debug, Args)]
pub struct List {
    /// draft, `awaiting_approval`, `pending_creatives`, `pending_start`, active, paused,
    /// completed, rejected or canceled.
    #[arg(long)]
    status: Option<String>,
    /// Those that were put away.
    #[arg(long, conflicts_with = "status")]
    archived: bool,
    /// Only those of this buyer.
    #[arg(long)]
    owner: Option<String>,
    /// Only those whose name, id, buyer or number contains this.
    #[arg(long)]
    search: Option<String>,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
    /// Where an earlier list ended.
    #[arg(long)]
    cursor: Option<String>,
}

/// Which media buys, and why.
#[derive(Debug, Args)]
pub struct Cancel {
    #[command(flatten)]
    these: These,
    /// Why.
    #[arg(long)]
    reason: Option<String>,
}

impl List {
    fn question(self) -> Result<ListBuys, Ended> {
        let status = self.status.as_deref().map(str::parse::<BuyStatus>);
        let status = status.transpose().map_err(|unknown| {
            let names: Vec<&str> = BuyStatus::ALL.iter().map(|one| one.name()).collect();
            let said = echo(self.status.as_deref().unwrap_or_default());
            let known = names.join(", ");
            Ended::Usage(format!("--status: {said} {unknown}\nhint: {known}"))
        })?;
        Ok(ListBuys {
            status,
            archived: self.archived,
            owner: self.owner,
            search: self.search,
            limit: self.limit,
            cursor: self.cursor,
        })
    }
}

/// Does it.
pub async fn run(settings: &Settings, buys: Buys, shown: Shown) -> Result<(), Ended> {
    // What cannot be asked at all is refused before anything is opened.
    let (buys, question) = match buys {
        Buys::List(list) => (None, Some(list.question()?)),
        other => (Some(other), None),
    };
    let desktop = Desktop::open(settings, shown.demo).await?;
    let session = &desktop.session;
    let done = match (buys, question) {
        (_, Some(question)) => list(session, question, shown.as_json).await,
        (Some(buys), None) => Box::pin(dispatch(session, &buys, shown.as_json)).await,
        (None, None) => Ok(()),
    };
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

async fn list(session: &Session, question: ListBuys, as_json: bool) -> Result<(), Ended> {
    let page = session.ask(question).await?;
    if as_json {
        return out::json(&page);
    }
    let desk = session.ask(GetBuysDesk::default()).await?;
    show::buys(&page, &desk)
}

async fn dispatch(session: &Session, buys: &Buys, as_json: bool) -> Result<(), Ended> {
    let verb = match buys {
        Buys::List(_) => return Ok(()),
        Buys::Delivery(wanted) => return delivery::deliveries(session, wanted, as_json).await,
        Buys::Report(wanted) => return delivery::report(session, wanted, as_json).await,
        Buys::Show(which) => {
            let media_buy_id = which.media_buy_id.as_str().into();
            if as_json {
                return out::json(&session.ask(GetBuy { media_buy_id }).await?);
            }
            let check = look(session, &media_buy_id).await?;
            let elsewhere = check.order.buy.upstream.is_some();
            show::order(&check)?;
            if elsewhere {
                out::note(&session.ask(GetBuysDesk::default()).await?.sentence());
            }
            return Ok(());
        }
        Buys::Place(which) => {
            let media_buy_id = which.media_buy_id.as_str().into();
            let view = session.ask(PlaceOrder { media_buy_id }).await?;
            if as_json {
                return out::json(&view);
            }
            show::said(&view)?;
            return show::ad_order(&view);
        }
        Buys::Cancel(cancel) => {
            let why = cancel.reason.as_deref();
            return each(&cancel.these, as_json, async |id, seen| {
                let view = Box::pin(call_off(session, id, seen, why)).await?;
                settled(session, view).await
            })
            .await;
        }
        Buys::Pause(these) => (these, OrderVerb::PauseMediaBuy),
        Buys::Resume(these) => (these, OrderVerb::ResumeMediaBuy),
    };
    let (these, verb) = verb;
    each(these, as_json, async |id, seen| {
        let done = session.ask(act(id, verb, seen)).await?;
        settled(session, done.buy).await
    })
    .await
}

async fn call_off(
    session: &Session,
    media_buy_id: crate::domain::ids::BuyId,
    seen: Option<i64>,
    why: Option<&str>,
) -> Result<BuyView, Fault> {
    let mut revision = None;
    if let Some(seen) = seen {
        let media_buy_id = media_buy_id.clone();
        let view = session.ask(GetBuy { media_buy_id }).await?;
        if view.seen != seen {
            let message = format!(
                "the media buy has changed: it is at revision {} now",
                view.seen
            );
            return Err(Fault::new(FaultKind::Stale, "STALE_REVISION", message)
                .hint("look at it again, then decide"));
        }
        revision = Some(view.buy.revision);
    }
    let cancel = UpdateBuy {
        media_buy_id,
        revision,
        change: BuyChange {
            canceled: Some(true),
            cancellation_reason: why.map(str::to_owned),
            ..BuyChange::default()
        },
        governed: None,
    };
    session.ask(cancel).await.map(|it| it.buy)
}
