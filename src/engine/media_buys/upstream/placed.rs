//! The order and the lines of a media buy that lives elsewhere: what lists, pacing and delivery
//! are told from here. They hold no inventory and cost no order anything: that is done there.

use crate::{
    domain::{
        ids::AccountId,
        media_buy::{
            buy::MediaBuy,
            package::{Package, days},
            status::BuyStatus,
            terms::PricingModel,
            upstream::mirror::{THERE, line_status},
        },
        money::Money,
        opendirect::{
            Targeting,
            avails::ByDay,
            line::{Line, MOST_STEPS, Step},
            order::{Order, OrderStatus},
            product::{DeliveryType, RateType},
        },
        when::{Flight, Instant},
    },
    engine::{fault::Fault, work::Work},
};

/// The longest name of a line.
const LONGEST_NAME: usize = 150;

/// Writes the order and the lines of a buy as it stands now; only what has changed.
///
/// # Errors
/// When its days are none.
pub(super) async fn place(
    work: &mut Work<'_>,
    buy: &MediaBuy,
    account: AccountId,
) -> Result<(), Fault> {
    order(work, buy, account).await?;
    for package in &buy.packages {
        line(work, buy, package).await?;
    }
    Ok(())
}

async fn order(work: &mut Work<'_>, buy: &MediaBuy, account_id: AccountId) -> Result<(), Fault> {
    let (first, last) = days(buy.start, buy.end);
    let status = match buy.status {
        one if !one.is_agreed() => OrderStatus::Pending,
        BuyStatus::Rejected => OrderStatus::Rejected,
        _ => OrderStatus::Approved,
    };
    let stored = work.get::<Order>(&buy.order_id.to_string()).await?;
    let next = Order {
        id: buy.order_id,
        account_id: stored
            .as_ref()
            .map_or(account_id, |it| it.record.account_id),
        name: buy.name.clone(),
        publisher_id: None,
        brand_id: None,
        budget: buy.total().unwrap_or(Money::zero(buy.currency)),
        flight: Flight::new(first, last).map_err(Fault::broken)?,
        status,
        ext: None,
    };
    match stored {
        None => work.create(&next),
        Some(stored) if stored.record == next => Ok(()),
        Some(stored) => work.replace(&stored, &next),
    }
}

async fn line(work: &mut Work<'_>, buy: &MediaBuy, package: &Package) -> Result<(), Fault> {
    let stored = work.get::<Line>(&package.line_id.to_string()).await?;
    let before = stored.as_ref().map(|stored| &stored.record);
    let next = drawn(buy, package, before, work.now())?;
    match &stored {
        None => work.create(&next),
        Some(stored) if stored.record == next => Ok(()),
        Some(stored) => work.replace(stored, &next),
    }
}

/// The line of a package, as its buy stands.
fn drawn(
    buy: &MediaBuy,
    package: &Package,
    before: Option<&Line>,
    now: Instant,
) -> Result<Line, Fault> {
    let (first, last) = package.days(buy.start, buy.end);
    let status = line_status(buy, package);
    let mut history = before.map(|line| line.history.clone()).unwrap_or_default();
    if let Some(before) = before.filter(|line| line.status != status) {
        if history.len() >= MOST_STEPS {
            history.remove(0);
        }
        history.push(Step {
            at: now,
            by: THERE.to_owned(),
            from: before.status,
            to: status,
        });
    }
    let rate_type = match package.pricing.model {
        PricingModel::Cpm => RateType::Cpm,
        _ => RateType::FlatRate,
    };
    let name = format!("{} · {}", buy.name, package.product_id);
    Ok(Line {
        id: package.line_id,
        order_id: buy.order_id,
        product_id: package.product_id.clone(),
        delivery_type: DeliveryType::Guaranteed,
        name: name.chars().take(LONGEST_NAME).collect(),
        flight: Flight::new(first, last).map_err(Fault::broken)?,
        rate_type,
        rate: package.pricing.rate,
        quantity: package.quantity,
        cost: package.budget,
        status,
        targeting: Targeting::default(),
        reserved_until: None,
        hold: ByDay::new(),
        history,
        ext: None,
        job_id: None,
        buy_id: Some(buy.id.clone()),
        replanned: None,
    })
}
