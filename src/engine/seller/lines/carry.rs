//! Lines that somebody else decides on: the packages of a media buy. They are drafted,
//! booked, changed, stopped and called off in the commit of their buy. Looks neither at who
//! asks nor at why: whoever calls has.

use chrono::NaiveDate;

use super::{act, give_back, take};
use crate::{
    domain::{
        delivery::track::Track,
        ids::{BuyId, LineId},
        opendirect::{
            avails::ByDay,
            booking_status::{LineAction, LineBookingStatus},
            holding::holding,
            line::{Line, Replanned},
            line_draft::LineDraft,
            order::Order,
            product::{DeliveryType, Product},
        },
        pacing::{booked::Booked, counted::Counted},
        when::Flight,
    },
    engine::{
        delivery,
        fault::Fault,
        seller::{FOLLOW_LINE, avails::free, orders, refused, tell_line},
        work::Work,
    },
    store::record::Stored,
};

/// Drafts a line for a package, and books it where its order is agreed to.
///
/// # Errors
/// With every problem of the draft, or when it cannot be booked.
pub(in crate::engine) async fn open(
    work: &mut Work<'_>,
    order: &Stored<Order>,
    product: &Product,
    (id, buy): (LineId, &BuyId),
    draft: LineDraft,
    agreed: bool,
) -> Result<Line, Fault> {
    let today = work.now().date_naive();
    let line = draft
        .check(id, &order.record, product, today)
        .map_err(Fault::invalid)?;
    let mut line = Line {
        buy_id: Some(buy.clone()),
        ..line
    };
    orders::add_line(work, order.record.id).await?;
    tell_line(work, &line, "lines.created");
    if agreed {
        line = booked(work, order, line).await?;
    }
    work.create(&line)?;
    follow(work, &line);
    Ok(line)
}

/// Books a line that is drafted.
///
/// # Errors
/// When there is too little left of what it needs.
pub(in crate::engine) async fn book(
    work: &mut Work<'_>,
    order: &Stored<Order>,
    stored: &Stored<Line>,
) -> Result<(), Fault> {
    let line = booked(work, order, stored.record.clone()).await?;
    work.replace(stored, &line)?;
    follow(work, &line);
    Ok(())
}

async fn booked(work: &mut Work<'_>, order: &Stored<Order>, line: Line) -> Result<Line, Fault> {
    let held = if line.delivery_type == DeliveryType::Pmp {
        line
    } else {
        act::reserve(work, order, line).await?
    };
    let line = act::book(work, order, held).await?;
    tell_line(work, &line, "lines.booked");
    Ok(line)
}

fn follow(work: &mut Work<'_>, line: &Line) {
    if let Some((at, _)) = line.next() {
        work.wake(FOLLOW_LINE, line.id.to_string(), at.max(work.now()));
    }
}

/// Gives a line other terms: another quantity, rate or flight. What it holds is given back
/// for the days to come and laid anew within what is free; the days that are over stay. Where
/// `anew` says that goal or dates are different while it runs, its plan goes on from what was
/// counted so far.
///
/// # Errors
/// With every problem of the terms, or when there is too little left of what they need.
pub(in crate::engine) async fn amend(
    work: &mut Work<'_>,
    order: &Stored<Order>,
    (product, stored): (&Product, &Stored<Line>),
    draft: LineDraft,
    anew: bool,
) -> Result<(), Fault> {
    let was = &stored.record;
    let today = work.now().date_naive();
    let terms = draft
        .check(was.id, &order.record, product, today)
        .map_err(Fault::invalid)?;
    let mut line = Line {
        name: terms.name,
        flight: terms.flight,
        rate: terms.rate,
        quantity: terms.quantity,
        cost: terms.cost,
        ..was.clone()
    };
    if was.status.holds_inventory() {
        give_back(work, was, today, was.cost)?;
        orders::recommit(work, &order.record, line.cost).await?;
    }
    if was.holds_inventory() {
        let (over, fresh) = laid_anew(work, product, was, &line, today).await?;
        take(work, product, &fresh)?;
        line.hold = over;
        line.hold.extend(fresh);
    }
    if anew && let Some(replanned) = so_far(work, was).await? {
        line.replanned = Some(replanned);
    }
    if line != *was {
        work.replace(stored, &line)?;
        tell_line(work, &line, "lines.changed");
        follow(work, &line);
    }
    Ok(())
}

/// What was counted of a line that runs, and until when.
async fn so_far(work: &Work<'_>, line: &Line) -> Result<Option<Replanned>, Fault> {
    use LineBookingStatus as S;
    if !matches!(line.status, S::InFlight | S::Stopped) {
        return Ok(None);
    }
    let track = work.get::<Track>(&line.id.to_string()).await?;
    let replanned = track.and_then(|stored| {
        let seen = Counted::of(&stored.record).seen(Booked::of(line).unit())?;
        Some(Replanned {
            at: seen.as_of,
            delivered: u64::try_from(seen.delivered.floor()).ok()?,
        })
    });
    Ok(replanned)
}

/// What stays of the days that are over, and what the days to come take.
async fn laid_anew(
    work: &Work<'_>,
    product: &Product,
    was: &Line,
    line: &Line,
    today: NaiveDate,
) -> Result<(ByDay, ByDay), Fault> {
    let over: ByDay = was.hold.range(..today).map(|(day, n)| (*day, *n)).collect();
    let Some(flight) = line.flight.from_today(today) else {
        return Ok((over, ByDay::new()));
    };
    // What it held was given back before.
    let free = free(work, product, flight).await?;
    let done: u64 = over.values().sum();
    let wanted = line.quantity.saturating_sub(done);
    if wanted == 0 {
        return Ok((over, ByDay::new()));
    }
    let fresh =
        holding(product, wanted, flight, &free).map_err(|why| act::short(product, flight, &why))?;
    Ok((over, fresh))
}

/// What there is for a line.
#[derive(Debug, Default)]
pub(in crate::engine) struct Room {
    /// How many impressions it holds already.
    pub holds: u64,
    /// How many nobody else holds in what is left of the flight.
    pub free: u64,
    /// Why that is too little.
    pub short: Option<String>,
}

/// Looks what there is for a line, or for one that is not drafted yet.
///
/// # Errors
/// When what is taken cannot be read.
pub(in crate::engine) async fn room(
    work: &Work<'_>,
    product: &Product,
    line: Option<&Line>,
    quantity: u64,
    flight: Flight,
) -> Result<Room, Fault> {
    let today = work.now().date_naive();
    let held = line.map(|line| &line.hold);
    let holds: u64 = held.into_iter().flat_map(ByDay::values).sum();
    let Some(flight) = flight.from_today(today) else {
        return Ok(Room {
            holds,
            ..Room::default()
        });
    };
    let mut free = free(work, product, flight).await?;
    for (day, own) in held.into_iter().flat_map(|held| held.range(today..)) {
        if let Some(left) = free.get_mut(day) {
            *left = left.saturating_add(*own);
        }
    }
    let over = held.into_iter().flat_map(|held| held.range(..today));
    let wanted = quantity.saturating_sub(over.map(|(_, done)| *done).sum());
    let takes = product.delivery_type != DeliveryType::Pmp && wanted > 0;
    let laid = takes.then(|| holding(product, wanted, flight, &free));
    let short = laid.and_then(Result::err);
    Ok(Room {
        holds,
        free: free.values().sum(),
        short: short.map(|why| act::short(product, flight, &why).message),
    })
}

/// Stops a line that runs, or lets it go on; one that does not run yet is left alone.
///
/// # Errors
/// When it went back and forth too often.
pub(in crate::engine) fn stop(
    work: &mut Work<'_>,
    stored: &Stored<Line>,
    stopped: bool,
    by: &str,
) -> Result<(), Fault> {
    use LineBookingStatus as S;
    let line = &stored.record;
    let action = match (line.status, stopped) {
        (S::InFlight, true) => LineAction::Stop,
        (S::Stopped, false) => LineAction::Resume,
        _ => return Ok(()),
    };
    let next = line
        .clone()
        .after(action, work.now(), by)
        .map_err(refused)?;
    work.replace(stored, &next)?;
    let happened = if stopped {
        "lines.stopped"
    } else {
        "lines.resumed"
    };
    tell_line(work, &next, happened);
    Ok(())
}

/// Calls a line off; one that is over is left alone.
///
/// # Errors
/// When what it holds cannot be given back.
pub(in crate::engine) async fn cancel(
    work: &mut Work<'_>,
    stored: &Stored<Line>,
    by: &str,
) -> Result<(), Fault> {
    let line = &stored.record;
    if line.status.is_final() {
        return Ok(());
    }
    let next = line
        .clone()
        .after(LineAction::Cancel, work.now(), by)
        .map_err(refused)?;
    let back = match delivery::spent(work, line).await? {
        Some(_) => delivery::undelivered(work, line).await?,
        None => line.cost,
    };
    give_back(work, line, work.now().date_naive(), back)?;
    let next = Line {
        hold: ByDay::new(),
        ..next
    };
    work.replace(stored, &next)?;
    tell_line(work, &next, "lines.cancelled");
    Ok(())
}
