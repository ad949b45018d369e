//! Reads orders with the questions about them. Leaves out what was put away.

use std::collections::HashMap;

use super::rows::OrderRow;
use crate::{
    domain::{ids::BuyId, media_buy::approval::Approval},
    engine::{
        fault::{Fault, FaultKind},
        media_buys::{
            approvals::ListApprovals,
            get::GetBuy,
            list::{ListBuys, MOST},
            view::BuyView,
        },
    },
    session::Session,
};

/// How many orders are read first, so that something stands there soon.
const FIRST: u32 = 100;

/// Some orders.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are there.
    pub rows: Vec<OrderRow>,
    /// Those that are no longer, or were put away.
    pub gone: Vec<BuyId>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// The open questions, by their order, the longest waiting first.
struct Questions(HashMap<BuyId, Vec<Approval>>);

impl Questions {
    async fn read(session: &Session) -> Result<Self, Fault> {
        let all = session.ask(ListApprovals::default()).await?;
        let mut of: HashMap<BuyId, Vec<Approval>> = HashMap::new();
        for one in all.approvals {
            let approval = one.approval;
            of.entry(approval.buy_id.clone())
                .or_default()
                .push(approval);
        }
        Ok(Self(of))
    }

    fn sort(&self, views: impl IntoIterator<Item = BuyView>, some: &mut Found) {
        for view in views {
            if view.buy.archived_at.is_some() {
                some.gone.push(view.buy.id);
                continue;
            }
            let asked = self.0.get(&view.buy.id).into_iter().flatten();
            some.rows.push(OrderRow::new(&view, asked));
        }
    }
}

/// Reads a page of orders.
///
/// # Errors
/// When they cannot be read.
pub async fn page(session: &Session, cursor: Option<String>) -> Result<Found, Fault> {
    let limit = if cursor.is_some() { MOST } else { FIRST };
    let list = ListBuys {
        limit: Some(limit),
        cursor,
        ..ListBuys::default()
    };
    let page = session.ask(list).await?;
    let questions = Questions::read(session).await?;
    let mut some = Found {
        next: page.next_cursor,
        ..Found::default()
    };
    questions.sort(page.media_buys, &mut some);
    Ok(some)
}

/// Reads these orders.
///
/// # Errors
/// When they cannot be read.
pub async fn few(session: &Session, ids: Vec<BuyId>) -> Result<Found, Fault> {
    let mut some = Found::default();
    let mut views = Vec::new();
    for media_buy_id in ids {
        let asked = GetBuy {
            media_buy_id: media_buy_id.clone(),
        };
        match session.ask(asked).await {
            Ok(view) => views.push(view),
            Err(fault) if fault.kind == FaultKind::NotFound => some.gone.push(media_buy_id),
            Err(fault) => return Err(fault),
        }
    }
    let questions = Questions::read(session).await?;
    questions.sort(views, &mut some);
    Ok(some)
}
