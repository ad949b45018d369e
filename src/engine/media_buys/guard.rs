//! What stands between a buyer and what is promised: how much a day the tenant lets anybody spend,
//! and what somebody at the publisher agrees to first. The same for what is ordered and for what
//! is changed, so that nobody orders little and asks for the rest later.

use chrono::NaiveDate;

use super::{place::Priced, reprice};
use crate::{
    domain::{
        adcp::{self, offer::line_item_type},
        media_buy::{
            action::guaranteed, buy::MediaBuy, change::BuyChange, draft::read_start, package::days,
        },
        money::{Amount, Money},
        policy::Permission,
        tenant::features::Features,
    },
    engine::{fault::Fault, tenants, work::Work},
};

/// What is switched on for the tenant.
pub(super) async fn features(work: &Work<'_>) -> Result<Features, Fault> {
    let tenant = tenants::entry(work).await?;
    Ok(tenant.map(|tenant| tenant.features).unwrap_or_default())
}

/// How much a day something comes to.
fn daily(total: Money, (first, last): (NaiveDate, NaiveDate)) -> Money {
    let days = u32::try_from((last - first).num_days() + 1).unwrap_or(1);
    let each = total.split(&vec![1; days.max(1) as usize]);
    each.first().copied().unwrap_or(total)
}

/// Refuses what comes to more a day than the tenant lets anybody spend.
pub(super) fn afford(
    total: Money,
    flight: (NaiveDate, NaiveDate),
    most: Option<Amount>,
) -> Result<(), Fault> {
    let Some(most) = most else { return Ok(()) };
    let daily = daily(total, flight);
    if !daily.amount().compare(most).is_gt() {
        return Ok(());
    }
    let currency = total.currency();
    let message = format!("{daily} a day is more than the {most} {currency} that is let here");
    Err(Fault::adcp(adcp::error::Code::BudgetExceeded, message).with("field", "packages"))
}

/// A change, with what it comes to.
pub(super) struct Asked<'a> {
    buy: &'a MediaBuy,
    change: &'a BuyChange,
    /// What it adds.
    fresh: Vec<Priced>,
    features: Features,
}

impl<'a> Asked<'a> {
    /// Reads what is asked for.
    ///
    /// # Errors
    /// When something of it cannot be sold.
    pub(super) async fn of(
        work: &Work<'_>,
        buy: &'a MediaBuy,
        change: &'a BuyChange,
    ) -> Result<Self, Fault> {
        let fresh = change.new_packages.clone().unwrap_or_default();
        Ok(Self {
            fresh: super::place::priced(work, fresh, "new_packages").await?,
            features: features(work).await?,
            buy,
            change,
        })
    }

    /// Refuses more a day than is let; less than it was before is always let.
    ///
    /// # Errors
    /// When it is more, or no amount of money.
    pub(super) fn affordable(&self, work: &Work<'_>) -> Result<(), Fault> {
        if self.features.max_daily_budget.is_none() || self.change.canceled == Some(true) {
            return Ok(());
        }
        let buy = self.buy;
        let start = self.change.start_time.as_deref();
        let start = start.and_then(|text| read_start(text, work.now()).ok());
        let end = self.change.end_time.unwrap_or(buy.end);
        let flight = days(start.unwrap_or(buy.start), end);
        let total = reprice::total(buy, self.change)?;
        let before = buy.total().map_err(Fault::broken)?;
        let before = daily(before, days(buy.start, buy.end));
        if daily(total, flight).minor() <= before.minor() {
            return Ok(());
        }
        afford(total, flight, self.features.max_daily_budget)
    }

    /// Whether somebody at the publisher has to agree first.
    ///
    /// # Errors
    /// When it comes to no amount of money.
    pub(super) fn needs_a_person(&self, work: &Work<'_>) -> Result<bool, Fault> {
        let (buy, change) = (self.buy, self.change);
        if !buy.status.is_agreed() || work.caller().may(Permission::ApproveBuys) {
            return Ok(false);
        }
        if self.features.human_review_required && change.asks_for_more(buy, |_| true) {
            return Ok(true);
        }
        let fresh = self.fresh.iter().map(|one| line_item_type(&one.product));
        let promised = !guaranteed(buy.item_types().into_iter().chain(fresh)).is_empty();
        if !promised || !change.asks_for_more(buy, |package| package.item_type.is_guaranteed()) {
            return Ok(false);
        }
        let total = reprice::total(buy, change)?;
        Ok(!total.amount().compare(work.desk().sign_off_from).is_lt())
    }
}
