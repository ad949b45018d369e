//! Changes an order, or decides on it. A decision is the publisher's: it takes the right to
//! change the catalogue. Refuses changes that lines of the order could not live with, also
//! lines that are placed at the same moment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Counted, MOST_LINES, counted, find_order, hold_still};
use crate::{
    domain::{
        ids::{AccountId, OrderId},
        money::Money,
        opendirect::{
            line::Line,
            order::{Commitments, NotChanged, Order, OrderAction, OrderChange},
        },
        policy::Permission,
        when::Flight,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::{refused, tell_order},
        work::Work,
    },
    store::record::Filter,
};

/// Changes an order, or decides on it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeOrder {
    /// The account that it must belong to.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// Which.
    pub order_id: OrderId,
    /// What shall be different.
    #[serde(default)]
    pub change: OrderChange,
    /// What the publisher decides, if anything.
    #[serde(default)]
    pub decision: Option<OrderAction>,
}

impl Operation for ChangeOrder {
    const NAME: &'static str = "opendirect.change_order";
    const ABOUT: &'static str = "Change an order, or decide on it as its publisher.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Order;

    async fn perform(self, work: &mut Work<'_>) -> Result<Order, Fault> {
        work.about(format!("order/{}", self.order_id));
        let may_decide = work.caller().may(Permission::WriteCatalogue);
        if self.decision.is_some() && !may_decide {
            return Err(Fault::forbidden(work.caller(), Permission::WriteCatalogue));
        }
        let stored = find_order(work, self.account_id, self.order_id).await?;
        let mut order = stored.record.clone();
        if self.change != OrderChange::default() {
            order = change(work, &order, self.change).await?;
        }
        if let Some(decision) = self.decision {
            order = order.after(decision).map_err(refused)?;
        }
        if order == stored.record {
            return Ok(order);
        }
        work.replace(&stored, &order)?;
        let happened = match self.decision {
            None => "orders.changed",
            Some(OrderAction::Approve) => "orders.approved",
            Some(OrderAction::Reject) => "orders.rejected",
        };
        tell_order(work, &order, happened);
        Ok(order)
    }
}

async fn change(work: &mut Work<'_>, order: &Order, change: OrderChange) -> Result<Order, Fault> {
    let counted = counted(work, order.id).await?;
    let cost = Money::new(counted.committed, order.budget.currency());
    let bound = Commitments {
        cost: Some(cost),
        flight: covered(work, order).await?,
    };
    let today = work.now().date_naive();
    let next = order
        .change(change, bound, today)
        .map_err(|why| match why {
            NotChanged::Refused(refusal) => refused(refusal),
            NotChanged::Wrong(problems) => Fault::invalid(problems),
        })?;
    let most = Counted {
        committed: next.budget.minor(),
        lines: if next.flight == order.flight {
            MOST_LINES
        } else {
            counted.lines
        },
    };
    hold_still(work, order.id, most);
    Ok(next)
}

/// The days that the living lines of an order cover.
async fn covered(work: &Work<'_>, order: &Order) -> Result<Option<Flight>, Fault> {
    let filter = Filter {
        parent: Some(order.id.to_string()),
        limit: u32::try_from(MOST_LINES).unwrap_or(u32::MAX),
        ..Filter::default()
    };
    let lines = work.list::<Line>(&filter).await?;
    let living = lines
        .iter()
        .map(|line| &line.record)
        .filter(|line| !line.status.is_final());
    let (mut first, mut last) = (None, None);
    for line in living {
        let (begins, ends) = (line.flight.first(), line.flight.last());
        first = Some(first.map_or(begins, |day: chrono::NaiveDate| day.min(begins)));
        last = Some(last.map_or(ends, |day: chrono::NaiveDate| day.max(ends)));
    }
    let days = first.zip(last);
    days.map(|(first, last)| Flight::new(first, last).map_err(Fault::broken))
        .transpose()
}
