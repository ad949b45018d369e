//! Orders: placed, shown, listed, changed and decided. What their lines cost together is
//! counted beside them, so that no two lines can pass the budget at once.

pub mod change;
pub mod create;
pub mod get;
pub mod list;

use crate::{
    domain::{
        ids::{AccountId, OrderId},
        money::Money,
        opendirect::order::{Order, OrderAction, OrderDraft},
    },
    engine::{
        fault::{Fault, FaultKind},
        seller::{not_let, tell_order},
        work::Work,
    },
    store::record::Stored,
};

/// How many lines one order may have.
pub const MOST_LINES: i64 = 1_000;
/// The cell that counts what its lines cost, in minor units.
const COMMITTED: &str = "committed";
/// The cell that counts its lines.
const LINES: &str = "lines";

/// The counters of an order.
fn space(order: OrderId) -> String {
    format!("order/{order}")
}

/// What is counted of an order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    /// What its lines that are held or booked cost, in minor units.
    pub committed: i64,
    /// How many lines it has.
    pub lines: i64,
}

/// Finds an order of an account, or of any where none is named.
pub(super) async fn find_order(
    work: &Work<'_>,
    account: Option<AccountId>,
    id: OrderId,
) -> Result<Stored<Order>, Fault> {
    let stored = work.find::<Order, _>(id).await?;
    if account.is_some_and(|own| own != stored.record.account_id) {
        return Err(Fault::missing(id));
    }
    Ok(stored)
}

/// Makes an order of a draft, decided as the desk decides.
pub(super) fn open(
    work: &mut Work<'_>,
    draft: OrderDraft,
    id: OrderId,
    account: AccountId,
) -> Result<Order, Fault> {
    let today = work.now().date_naive();
    let mut order = draft.check(id, account, today).map_err(Fault::invalid)?;
    if work.desk().approve_orders {
        order = order.after(OrderAction::Approve).map_err(not_let)?;
    }
    work.create(&order)?;
    tell_order(work, &order, "orders.created");
    Ok(order)
}

/// Reads what is counted of an order.
pub(super) async fn counted(work: &Work<'_>, order: OrderId) -> Result<Counted, Fault> {
    let mut counted = Counted::default();
    for (cell, used) in work.used(&space(order), COMMITTED, LINES).await? {
        match cell.as_str() {
            COMMITTED => counted.committed = used,
            LINES => counted.lines = used,
            _ => {}
        }
    }
    Ok(counted)
}

/// Takes the cost of a line from what the order has left.
pub(super) async fn commit(work: &mut Work<'_>, order: &Order, cost: Money) -> Result<(), Fault> {
    let committed = counted(work, order.id).await?.committed;
    let left = order.budget.minor().saturating_sub(committed);
    if cost.minor() > left {
        let left = Money::new(left.max(0), order.budget.currency());
        let message = format!(
            "the line costs {cost}, and the order has {left} left of {}",
            order.budget
        );
        return Err(Fault::new(FaultKind::Conflict, "OVER_BUDGET", message)
            .hint("book less, or cancel another line of the order"));
    }
    let (amount, limit) = (cost.minor(), order.budget.minor());
    work.claim(space(order.id), COMMITTED, amount, limit);
    Ok(())
}

/// Takes what a line costs from now on, where what it cost was given back in the same commit.
pub(super) async fn recommit(work: &mut Work<'_>, order: &Order, cost: Money) -> Result<(), Fault> {
    let committed = counted(work, order.id).await?.committed;
    let left = order.budget.minor().saturating_sub(committed);
    if cost.minor() > left {
        let left = Money::new(left.max(0), order.budget.currency());
        let message = format!("the line would cost {cost}, and the order has {left} left for it");
        return Err(Fault::new(FaultKind::Conflict, "OVER_BUDGET", message)
            .hint("give the order a larger budget first"));
    }
    if cost.is_positive() {
        work.claim(
            space(order.id),
            COMMITTED,
            cost.minor(),
            order.budget.minor(),
        );
    }
    Ok(())
}

/// Makes an order of a draft whose publisher decides elsewhere, and decided so.
pub(in crate::engine) fn carry(
    work: &mut Work<'_>,
    draft: OrderDraft,
    id: OrderId,
    account: AccountId,
    agreed: bool,
) -> Result<Stored<Order>, Fault> {
    let now = work.now();
    let mut order = draft
        .check(id, account, now.date_naive())
        .map_err(Fault::invalid)?;
    if agreed {
        order = order.after(OrderAction::Approve).map_err(not_let)?;
    }
    work.create(&order)?;
    tell_order(work, &order, "orders.created");
    Ok(Stored {
        revision: 0,
        state: order.status.name().to_owned(),
        created_at: now,
        updated_at: now,
        record: order,
    })
}

/// Decides on an order, or gives it other terms, as its media buy has it.
pub(in crate::engine) fn settle(
    work: &mut Work<'_>,
    stored: &Stored<Order>,
    order: &Order,
    happened: &'static str,
) -> Result<(), Fault> {
    if *order != stored.record {
        work.replace(stored, order)?;
        tell_order(work, order, happened);
    }
    Ok(())
}

/// Gives the cost of a line back to its order.
pub(super) fn uncommit(work: &mut Work<'_>, order: OrderId, cost: Money) {
    if cost.is_positive() {
        work.claim(space(order), COMMITTED, -cost.minor(), i64::MAX);
    }
}

/// Counts one more line.
pub(super) async fn add_line(work: &mut Work<'_>, order: OrderId) -> Result<(), Fault> {
    if counted(work, order).await?.lines >= MOST_LINES {
        let message = format!("the order has {MOST_LINES} lines, which is the most it may have");
        return Err(Fault::conflict("TOO_MANY_LINES", message).hint("place another order"));
    }
    work.claim(space(order), LINES, 1, MOST_LINES);
    Ok(())
}

/// Requires that an order costs no more and has no more lines than this when it commits.
fn hold_still(work: &mut Work<'_>, order: OrderId, most: Counted) {
    work.claim(space(order), COMMITTED, 0, most.committed);
    work.claim(space(order), LINES, 0, most.lines);
}
