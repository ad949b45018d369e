//! Makes a media buy what a sales agent shows of it. Everything here follows from what is shown;
//! a price that is not shown is read once from what was delivered, a flight that is not shown is
//! none. Refuses to pace what has neither.

use chrono::Duration;
use serde_json::Map;

use super::{
    Upstream,
    shown::{ShownBuy, ShownCount, ShownPackage},
};
use crate::domain::{
    ids::LineId,
    media_buy::{
        buy::{Hand, MediaBuy},
        history::Done,
        item_type::ItemType,
        package::{Package, Shown},
        status::BuyStatus,
        terms::{Cancellation, Pricing, PricingModel, Spread},
    },
    money::{Currency, Money},
    opendirect::booking_status::LineBookingStatus,
    text,
    when::Instant,
};

/// Who does what the other side shows.
pub const THERE: &str = "upstream";
/// The price as it is shown.
const TOLD: &str = "as_shown";
/// The price as it was delivered.
const DELIVERED: &str = "as_delivered";
/// No price.
const NONE: &str = "not_shown";
/// What must have been delivered before a price is read from it.
const ENOUGH: u64 = 1_000;
/// The longest name.
const LONGEST_NAME: usize = 100;
/// How long a flight of which nothing is known is drawn.
const UNDATED: Duration = Duration::days(365);

/// Takes over what is shown of a buy. `mint` names the lines of packages that are new here.
pub fn take(
    buy: &mut MediaBuy,
    shown: ShownBuy,
    counts: &[ShownCount],
    now: Instant,
    mint: &mut dyn FnMut() -> LineId,
) {
    let before = buy.clone();
    let held = buy.upstream.as_ref().and_then(|known| known.held.as_ref());
    let status = stands(&shown.status, held.map(|held| held.change), buy.status);
    buy.currency = shown.currency;
    buy.name = name(&shown, &before);
    if shown.po_number.is_some() {
        buy.particulars.po_number.clone_from(&shown.po_number);
    }
    let dated = shown
        .start
        .zip(shown.end)
        .filter(|(start, end)| start < end);
    (buy.start, buy.end) = dated.unwrap_or_else(|| {
        let start = shown.start.or(shown.created_at).unwrap_or(now);
        (start, start + UNDATED)
    });
    buy.packages = packages(buy, &shown, counts, (dated.is_some(), now), mint);
    buy.status = status;
    if status == BuyStatus::Canceled && buy.cancellation.is_none() {
        buy.cancellation = Some(Cancellation {
            at: now,
            by_buyer: false,
            reason: shown.reason.clone(),
        });
    }
    buy.rejection = match status {
        BuyStatus::Rejected => shown.reason.clone().or(buy.rejection.take()),
        _ => None,
    };
    if status.is_agreed() && buy.confirmed_at.is_none() {
        buy.confirmed_at = Some(now);
    }
    if let Some(known) = buy.upstream.as_deref_mut() {
        known.shown = Some(Box::new(shown));
        known.missing_since = None;
    }
    if before.packages.is_empty() {
        return;
    }
    note(buy, &before, now);
}

/// Writes down what is different, if anything is.
fn note(buy: &mut MediaBuy, before: &MediaBuy, now: Instant) {
    let hand = Hand { by: THERE, at: now };
    if buy.status != before.status {
        let done = match buy.status {
            BuyStatus::Draft | BuyStatus::AwaitingApproval => Done::Submitted,
            BuyStatus::PendingCreatives | BuyStatus::PendingStart => Done::Approved,
            BuyStatus::Active if before.status == BuyStatus::Paused => Done::Resumed,
            BuyStatus::Active => Done::Activated,
            BuyStatus::Paused => Done::Paused,
            BuyStatus::Completed => Done::Completed,
            BuyStatus::Rejected => Done::Rejected,
            BuyStatus::Canceled => Done::Canceled,
        };
        let words = buy.status.name().replace('_', " ");
        buy.note(hand, done, format!("shown there as {words}"));
    }
    if (buy.start, buy.end) != (before.start, before.end) {
        let (start, end) = (buy.start.date_naive(), buy.end.date_naive());
        buy.note(
            hand,
            Done::UpdatedDates,
            format!("shown there from {start} to {end}"),
        );
    }
    if let (Ok(total), Ok(was)) = (buy.total(), before.total())
        && total != was
    {
        buy.note(
            hand,
            Done::UpdatedBudget,
            format!("shown there for {total}"),
        );
    }
    if stops(buy) != stops(before) {
        buy.note(
            hand,
            Done::UpdatedPackages,
            "packages are shown otherwise there",
        );
    }
}

fn stops(buy: &MediaBuy) -> Vec<(&str, bool, bool)> {
    let all = buy.packages.iter();
    all.map(|one| (one.id.as_str(), one.paused, one.cancellation.is_some()))
        .collect()
}

/// Where a buy stands by the other side's word. What waits there for its approval is shown as if
/// it waited for its flight.
fn stands(word: &str, held: Option<bool>, was: BuyStatus) -> BuyStatus {
    let status = match word {
        "pending_creatives" | "draft" | "pending_creative" => BuyStatus::PendingCreatives,
        "pending_start" | "pending" | "pending_activation" | "scheduled" | "ready" | "approved" => {
            BuyStatus::PendingStart
        }
        "pending_approval" | "pending_manual" | "submitted" | "input-required" => {
            BuyStatus::AwaitingApproval
        }
        "active" | "delivering" | "reporting_delayed" => BuyStatus::Active,
        "paused" => BuyStatus::Paused,
        "completed" => BuyStatus::Completed,
        "rejected" | "failed" => BuyStatus::Rejected,
        "canceled" | "cancelled" => BuyStatus::Canceled,
        _ => was,
    };
    match held {
        Some(false) if status.is_pending() => BuyStatus::AwaitingApproval,
        _ => status,
    }
}

fn name(shown: &ShownBuy, before: &MediaBuy) -> String {
    let said = shown.name.as_deref().or(shown.po_number.as_deref());
    let kept = Some(before.name.as_str()).filter(|name| !name.is_empty());
    let name = said.or(kept).unwrap_or(&shown.id);
    let plain: String = text::inert(name).chars().take(LONGEST_NAME).collect();
    match text::check_line(&plain, LONGEST_NAME) {
        Ok(()) => plain,
        Err(_) => "media buy".to_owned(),
    }
}

fn packages(
    buy: &MediaBuy,
    shown: &ShownBuy,
    counts: &[ShownCount],
    (dated, now): (bool, Instant),
    mint: &mut dyn FnMut() -> LineId,
) -> Vec<Package> {
    let budgets = budgets(shown);
    let mut all = Vec::with_capacity(shown.packages.len());
    for (one, budget) in shown.packages.iter().zip(budgets) {
        let known = buy.package(&one.id.as_str().into());
        let count = counts.iter().find(|count| count.package_id == one.id);
        let pricing = pricing(one, budget, known.map(|known| &known.pricing), count);
        all.push(package(one, (budget, pricing), known, (dated, now), mint));
    }
    // What is not shown any more was called off there.
    for gone in &buy.packages {
        if shown.package(gone.id.as_str()).is_none() {
            let mut gone = gone.clone();
            gone.cancellation.get_or_insert(Cancellation {
                at: now,
                by_buyer: false,
                reason: Some("not shown there any more".to_owned()),
            });
            all.push(gone);
        }
    }
    all
}

fn package(
    one: &ShownPackage,
    (budget, pricing): (Money, Pricing),
    known: Option<&Package>,
    (dated, now): (bool, Instant),
    mint: &mut dyn FnMut() -> LineId,
) -> Package {
    // Without days there is nothing to keep up with; without a price, nothing to count to.
    let model = if dated && pricing.rate.is_positive() {
        PricingModel::Cpm
    } else {
        PricingModel::FlatRate
    };
    let pricing = Pricing { model, ..pricing };
    let quantity = match model {
        PricingModel::Cpm => one
            .impressions
            .unwrap_or_else(|| pricing.units(budget))
            .max(1),
        _ => 1,
    };
    let off = one.canceled.then_some(Cancellation {
        at: now,
        by_buyer: false,
        reason: None,
    });
    Package {
        id: one.id.as_str().into(),
        line_id: known.map_or_else(mint, |known| known.line_id),
        product_id: one.product_id.as_str().into(),
        item_type: match one.guaranteed {
            Some(true) => ItemType::Standard,
            Some(false) => ItemType::PricePriority,
            None => known.map_or(ItemType::Standard, |known| known.item_type),
        },
        budget,
        quantity,
        pricing,
        impressions: one.impressions,
        start: one.start,
        end: one.end,
        spread: one.spread.unwrap_or(Spread::Even),
        priority: None,
        paused: one.paused == Some(true),
        cancellation: match known.and_then(|known| known.cancellation.clone()) {
            Some(was) if one.canceled => Some(was),
            _ => off,
        },
        creatives: one
            .creatives
            .iter()
            .map(|id| Shown {
                creative_id: id.clone(),
                weight: None,
                placement_ids: None,
            })
            .collect(),
        asked: Map::new(),
    }
}

/// What each package may cost: where that is not shown, its part of what is left of the whole.
fn budgets(shown: &ShownBuy) -> Vec<Money> {
    let currency = shown.currency;
    let told: i64 = shown
        .packages
        .iter()
        .filter_map(|one| one.budget)
        .map(Money::minor)
        .sum();
    let left = shown.total.map_or(0, |total| (total.minor() - told).max(0));
    let without = shown.packages.iter().filter(|one| one.budget.is_none());
    let weights = vec![1; without.count()];
    let mut parts = Money::new(left, currency).split(&weights).into_iter();
    let each = shown.packages.iter().map(|one| {
        one.budget
            .unwrap_or_else(|| parts.next().unwrap_or(Money::zero(currency)))
    });
    each.collect()
}

fn pricing(
    one: &ShownPackage,
    budget: Money,
    known: Option<&Pricing>,
    count: Option<&ShownCount>,
) -> Pricing {
    let of = |rate: Money, how: &str| Pricing {
        option_id: how.to_owned(),
        model: PricingModel::Cpm,
        rate,
        fixed: true,
    };
    if let Some(cpm) = one.cpm.filter(|cpm| cpm.is_positive()) {
        return of(cpm, TOLD);
    }
    if let Some(rate) = one
        .impressions
        .and_then(|units| per_thousand(budget, units))
    {
        return of(rate, TOLD);
    }
    let same = |known: &&Pricing| known.rate.currency() == budget.currency();
    if let Some(known) = known.filter(same).filter(|known| known.rate.is_positive()) {
        return of(known.rate, &known.option_id);
    }
    let delivered = count.and_then(|count| {
        let enough = count.impressions >= ENOUGH;
        let spent = count
            .spent
            .filter(|spent| enough && spent.currency() == budget.currency())?;
        per_thousand(spent, count.impressions)
    });
    match delivered {
        Some(rate) => of(rate, DELIVERED),
        None => of(Money::zero(budget.currency()), NONE),
    }
}

/// What a thousand came to.
fn per_thousand(amount: Money, units: u64) -> Option<Money> {
    let units = i128::from(units);
    if units == 0 || !amount.is_positive() {
        return None;
    }
    let minor = (i128::from(amount.minor()) * 1_000 + units / 2) / units;
    let minor = i64::try_from(minor).ok().filter(|minor| *minor > 0)?;
    Some(Money::new(minor, amount.currency()))
}

/// Whether nothing can be counted to: nobody knows when a buy runs, or what it costs.
#[must_use]
pub fn is_unpriced(buy: &MediaBuy) -> bool {
    let mut living = buy.packages.iter().filter(|one| one.cancellation.is_none());
    living.any(|one| one.pricing.model == PricingModel::FlatRate)
}

/// Where the line of a package is, as its buy stands.
#[must_use]
pub fn line_status(buy: &MediaBuy, package: &Package) -> LineBookingStatus {
    use LineBookingStatus as S;
    match buy.status {
        _ if package.cancellation.is_some() => S::Cancelled,
        BuyStatus::Draft | BuyStatus::AwaitingApproval => S::Draft,
        BuyStatus::PendingCreatives | BuyStatus::PendingStart => S::Booked,
        BuyStatus::Active if package.paused => S::Stopped,
        BuyStatus::Active => S::InFlight,
        BuyStatus::Paused => S::Stopped,
        BuyStatus::Completed => S::Finished,
        BuyStatus::Rejected | BuyStatus::Canceled => S::Cancelled,
    }
}

/// A buy of which nothing is known but that it is there.
#[must_use]
pub fn empty(
    id: &str,
    owner: &str,
    upstream: Upstream,
    order_id: crate::domain::ids::OrderId,
    now: Instant,
) -> MediaBuy {
    MediaBuy {
        id: id.into(),
        owner: owner.to_owned(),
        account_id: None,
        order_id,
        name: String::new(),
        currency: Currency::USD,
        start: now,
        end: now + UNDATED,
        status: BuyStatus::PendingStart,
        sandbox: false,
        packages: Vec::new(),
        particulars: super::super::buy::Particulars::default(),
        revision: 1,
        confirmed_at: None,
        creative_deadline: None,
        cancellation: None,
        rejection: None,
        approval_id: None,
        archived_at: None,
        history: Vec::new(),
        upstream: Some(Box::new(upstream)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::media_buy::upstream::AgentKind;

    fn at(text: &str) -> Instant {
        text.parse().expect(text)
    }

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn shown() -> ShownBuy {
        ShownBuy {
            id: "mb_1".into(),
            status: "active".into(),
            name: None,
            po_number: None,
            currency: Currency::USD,
            total: Some(usd(500_000)),
            start: None,
            end: None,
            created_at: Some(at("2026-06-01T00:00:00Z")),
            reason: None,
            packages: vec![
                ShownPackage {
                    id: "pkg_a".into(),
                    product_id: "display".into(),
                    budget: Some(usd(300_000)),
                    ..ShownPackage::default()
                },
                ShownPackage {
                    id: "pkg_b".into(),
                    product_id: "video".into(),
                    ..ShownPackage::default()
                },
            ],
        }
    }

    fn mirrored(shown: ShownBuy, counts: &[ShownCount]) -> MediaBuy {
        let now = at("2026-06-10T00:00:00Z");
        let id: crate::domain::ids::OrderId = uuid::Uuid::from_u128(1).into();
        let mut buy = empty("mb_1", "acme", Upstream::new(AgentKind::Adcp), id, now);
        let mut n = 10;
        take(&mut buy, shown, counts, now, &mut || {
            n += 1;
            uuid::Uuid::from_u128(n).into()
        });
        buy
    }

    fn counted(package: &str) -> ShownCount {
        ShownCount {
            package_id: package.into(),
            as_of: at("2026-06-10T00:00:00Z"),
            impressions: 100_000,
            clicks: None,
            spent: Some(usd(100_000)),
            index: Some(1.0),
        }
    }

    #[test]
    fn without_a_flight_nothing_is_paced() {
        let buy = mirrored(shown(), &[counted("pkg_a")]);
        assert!(is_unpriced(&buy));
        assert_eq!(buy.packages[0].pricing.model, PricingModel::FlatRate);
        assert_eq!(
            buy.packages[1].budget,
            usd(200_000),
            "what is left of the whole"
        );
        assert_eq!(buy.name, "mb_1");
    }

    #[test]
    fn a_price_that_is_not_shown_is_read_from_what_was_delivered_and_kept() {
        let mut dated = shown();
        dated.start = Some(at("2026-06-01T00:00:00Z"));
        dated.end = Some(at("2026-07-01T00:00:00Z"));
        let buy = mirrored(dated.clone(), &[counted("pkg_a")]);
        assert_eq!(buy.packages[0].pricing.rate, usd(1_000), "10.00 a thousand");
        assert_eq!(buy.packages[0].quantity, 300_000);
        let mut again = buy.clone();
        let later = at("2026-06-11T00:00:00Z");
        take(&mut again, dated, &[], later, &mut || {
            uuid::Uuid::nil().into()
        });
        assert_eq!(again.packages[0].pricing, buy.packages[0].pricing);
        assert_eq!(again.packages[0].line_id, buy.packages[0].line_id);
        assert_eq!(again.history, buy.history, "nothing has changed");
    }

    #[test]
    fn what_waits_for_approval_is_told_from_what_waits_for_its_flight() {
        assert_eq!(
            stands("pending_start", Some(false), BuyStatus::Draft),
            BuyStatus::AwaitingApproval
        );
        assert_eq!(
            stands("pending_start", None, BuyStatus::AwaitingApproval),
            BuyStatus::PendingStart
        );
        assert_eq!(
            stands("active", Some(true), BuyStatus::Active),
            BuyStatus::Active
        );
        assert_eq!(stands("odd", None, BuyStatus::Paused), BuyStatus::Paused);
    }

    #[test]
    fn a_package_that_is_not_shown_any_more_is_kept_as_called_off() {
        let buy = mirrored(shown(), &[]);
        let mut fewer = shown();
        fewer.packages.pop();
        let mut again = buy;
        let now = at("2026-06-11T00:00:00Z");
        take(&mut again, fewer, &[], now, &mut || {
            uuid::Uuid::nil().into()
        });
        assert_eq!(again.packages.len(), 2);
        assert!(again.packages[1].cancellation.is_some());
        assert_eq!(
            line_status(&again, &again.packages[1]),
            LineBookingStatus::Cancelled
        );
    }
}
