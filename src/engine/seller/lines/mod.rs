//! Lines: drafted, shown, listed, and moved by buyers and by time. What a line holds of
//! each day is taken and given back in the commit that moves it.

pub mod act;
pub mod carry;
pub mod create;
pub mod follow;
pub mod get;
pub mod list;
pub mod stats;

use chrono::NaiveDate;

use crate::{
    domain::{
        ids::{AccountId, JobId, LineId, OrderId},
        money::Money,
        opendirect::{
            avails::ByDay,
            line::Line,
            line_draft::LineDraft,
            order::{Order, OrderStatus},
            product::Product,
            refusal::Refusal,
        },
        problem::{Code, Problem},
    },
    engine::{
        fault::Fault,
        seller::{avails, not_let, orders, tell_line},
        work::Work,
    },
    store::record::Stored,
};

/// Finds a line and its order.
async fn find_line(
    work: &Work<'_>,
    account: Option<AccountId>,
    order: Option<OrderId>,
    id: LineId,
) -> Result<(Stored<Order>, Stored<Line>), Fault> {
    let line = work.find::<Line, _>(id).await?;
    if order.is_some_and(|own| own != line.record.order_id) {
        return Err(Fault::missing(id));
    }
    let order = orders::find_order(work, account, line.record.order_id).await?;
    Ok((order, line))
}

/// Makes a line of a draft.
pub(super) async fn open(
    work: &mut Work<'_>,
    order: &Order,
    draft: LineDraft,
    id: LineId,
    job_id: Option<JobId>,
) -> Result<Line, Fault> {
    if order.status == OrderStatus::Rejected {
        let refusal = Refusal::new("add a line to", "order", order.status.name(), &[]);
        return Err(not_let(refusal));
    }
    let found = work.get::<Product>(draft.product_id.as_str()).await?;
    let Some(product) = found else {
        let code = Code::new("UNKNOWN_PRODUCT");
        let problem = Problem::new("product_id", code, "is not in the catalogue");
        return Err(Fault::field(problem.hint("search the products")));
    };
    let today = work.now().date_naive();
    let line = draft
        .check(id, order, &product.record, today)
        .map_err(Fault::invalid)?;
    let line = Line { job_id, ..line };
    orders::add_line(work, order.id).await?;
    work.create(&line)?;
    tell_line(work, &line, "lines.created");
    Ok(line)
}

/// Takes what a line holds from what others may have.
fn take(work: &mut Work<'_>, product: &Product, hold: &ByDay) -> Result<(), Fault> {
    let limit = i64::try_from(product.daily_impressions).map_err(Fault::broken)?;
    for (day, held) in hold.iter().filter(|(_, held)| **held > 0) {
        let held = i64::try_from(*held).map_err(Fault::broken)?;
        let space = avails::space(&product.id);
        work.claim(space, day.to_string(), held, limit);
    }
    Ok(())
}

/// Gives back what a line holds of the days that are still to come, and so much of its cost.
fn give_back(work: &mut Work<'_>, line: &Line, today: NaiveDate, cost: Money) -> Result<(), Fault> {
    for (day, held) in line.hold.range(today..).filter(|(_, held)| **held > 0) {
        let held = i64::try_from(*held).map_err(Fault::broken)?;
        let space = avails::space(&line.product_id);
        work.claim(space, day.to_string(), -held, i64::MAX);
    }
    if line.status.holds_inventory() {
        orders::uncommit(work, line.order_id, cost);
    }
    Ok(())
}
