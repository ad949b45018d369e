//! What a buyer does with a line: reserve it, book it, call it off. What it takes from
//! others and from its order's budget is taken in the same commit, so that neither can be
//! passed, by however many nodes. Refuses to book an order that nobody approved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{find_line, give_back, take};
use crate::{
    domain::{
        ids::{AccountId, LineId, OrderId},
        media_buy::buy::MediaBuy,
        opendirect::{
            avails::ByDay,
            booking_status::LineAction,
            holding::{NotHeld, holding},
            line::Line,
            order::Order,
            product::{DeliveryType, Product},
        },
        policy::Permission,
        tenant::role::Role,
        when::Flight,
    },
    engine::{
        bookings::moved::moved,
        delivery,
        fault::{Fault, FaultKind},
        operation::{Kind, Operation},
        seller::{
            FOLLOW_LINE, avails::free, not_let, orders::commit, products::find_product, refused,
            tell_line,
        },
        work::Work,
    },
    store::record::Stored,
};

/// Who confirms what a buyer asked for.
const SELLER: &str = "seller";

/// What a buyer may do with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuyerAction {
    /// Hold its impressions for a while.
    Reserve,
    /// Book it.
    Book,
    /// Call it off.
    Cancel,
}

impl From<BuyerAction> for LineAction {
    fn from(action: BuyerAction) -> Self {
        match action {
            BuyerAction::Reserve => Self::Reserve,
            BuyerAction::Book => Self::Book,
            BuyerAction::Cancel => Self::Cancel,
        }
    }
}

/// Reserves, books or cancels a line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnLine {
    /// The account that it must belong to.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The order that it must belong to.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// Which.
    pub line_id: LineId,
    /// What to do.
    pub action: BuyerAction,
}

impl Operation for ActOnLine {
    const NAME: &'static str = "opendirect.act_on_line";
    const ABOUT: &'static str = "Reserve, book or cancel a line.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Line;

    async fn perform(self, work: &mut Work<'_>) -> Result<Line, Fault> {
        work.about(format!("line/{}", self.line_id));
        let (order, stored) = find_line(work, self.account_id, self.order_id, self.line_id).await?;
        lives_here(work, &stored.record).await?;
        order.record.lets(self.action.into()).map_err(not_let)?;
        let line = stored.record.clone();
        let (line, happened) = match self.action {
            BuyerAction::Reserve => (reserve(work, &order, line).await?, "lines.reserved"),
            BuyerAction::Book => (book(work, &order, line).await?, "lines.booked"),
            BuyerAction::Cancel => (cancel(work, &line).await?, "lines.cancelled"),
        };
        work.replace(&stored, &line)?;
        if let Some((at, _)) = line.next() {
            work.wake(FOLLOW_LINE, line.id.to_string(), at.max(work.now()));
        }
        tell_line(work, &line, happened);
        Ok(line)
    }
}

/// Refuses to move a line whose media buy lives in another company's system.
async fn lives_here(work: &Work<'_>, line: &Line) -> Result<(), Fault> {
    let Some(id) = &line.buy_id else {
        return Ok(());
    };
    let buy = work.get::<MediaBuy>(id.as_str()).await?;
    if buy.is_none_or(|buy| buy.record.upstream.is_none()) {
        return Ok(());
    }
    let message = "this line stands for a package of a media buy that lives in a sales agent";
    Err(Fault::wrong_state("NOT_AT_UPSTREAM", message).hint("change the media buy instead"))
}

pub(super) async fn reserve(
    work: &mut Work<'_>,
    order: &Stored<Order>,
    line: Line,
) -> Result<Line, Fault> {
    let (now, by) = (work.now(), work.caller().name.clone());
    let asked = line.after(LineAction::Reserve, now, &by).map_err(refused)?;
    let product = on_sale(work, &asked).await?;
    let hold = lay(work, &product.record, &asked).await?;
    take(work, &product.record, &hold)?;
    commit(work, &order.record, asked.cost).await?;
    work.expect(order);
    work.expect(&product);
    let until = now + work.desk().hold;
    let held = asked
        .after(LineAction::ConfirmReservation { until }, now, SELLER)
        .map_err(refused)?;
    Ok(Line { hold, ..held })
}

/// Lays a line over the days that are left of its flight.
async fn lay(work: &Work<'_>, product: &Product, line: &Line) -> Result<ByDay, Fault> {
    let today = work.now().date_naive();
    let Some(flight) = line.flight.from_today(today) else {
        return Err(Fault::broken("a flight that is over was to be held"));
    };
    let free = free(work, product, flight).await?;
    holding(product, line.quantity, flight, &free).map_err(|why| short(product, flight, &why))
}

/// Says what there is too little of.
pub(super) fn short(product: &Product, flight: Flight, why: &NotHeld) -> Fault {
    match why {
        NotHeld::Short(short) => {
            let (first, last) = (flight.first(), flight.last());
            let message = format!("{}: {short} from {first} to {last}", product.name);
            Fault::new(FaultKind::Conflict, "OUT_OF_INVENTORY", message)
                .hint("ask for fewer, for other days, or for another product")
                .with("wanted", short.wanted)
                .with("available", short.free)
        }
        NotHeld::Uncounted => Fault::conflict("UNCOUNTED", why.to_string()),
    }
}

async fn on_sale(work: &Work<'_>, line: &Line) -> Result<Stored<Product>, Fault> {
    let product = find_product(work, &line.product_id).await?;
    let (active, delivery) = (product.record.active, product.record.delivery_type);
    if !active || delivery != line.delivery_type {
        let message = format!("{} is no longer on sale as it was", product.record.name);
        return Err(Fault::conflict("NOT_ON_SALE", message).hint("draft another line"));
    }
    Ok(product)
}

pub(super) async fn book(
    work: &mut Work<'_>,
    order: &Stored<Order>,
    line: Line,
) -> Result<Line, Fault> {
    let (now, by) = (work.now(), work.caller().name.clone());
    let unheld = line.delivery_type == DeliveryType::Pmp;
    let asked = line.after(LineAction::Book, now, &by).map_err(refused)?;
    if unheld {
        let product = on_sale(work, &asked).await?;
        work.expect(&product);
        commit(work, &order.record, asked.cost).await?;
    }
    work.expect(order);
    asked
        .after(LineAction::ConfirmBooking, now, SELLER)
        .map_err(refused)
}

async fn cancel(work: &mut Work<'_>, line: &Line) -> Result<Line, Fault> {
    let (now, by) = (work.now(), work.caller().name.clone());
    let off = line
        .clone()
        .after(LineAction::Cancel, now, &by)
        .map_err(refused)?;
    let undelivered = delivery::undelivered(work, line).await?;
    let back = match delivery::spent(work, line).await? {
        Some(_) => undelivered,
        None => line.cost,
    };
    give_back(work, line, now.date_naive(), back)?;
    // What the engine calls off is a job's own step, which says so itself.
    if work.caller().role != Role::Engine {
        moved(work, &off, undelivered).await?;
    }
    Ok(Line {
        hold: ByDay::new(),
        ..off
    })
}
