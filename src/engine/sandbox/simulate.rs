//! Makes delivery up: an ad server's count for the lines of a media buy, taken in by the same
//! operation as real ones. Refuses to deliver for what is over, and counts no conversions.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Controlled, absent, wrong};
use crate::{
    domain::{
        adcp::account::Account,
        delivery::{reading::Reading, track::Track},
        ids::BuyId,
        media_buy::{buy::MediaBuy, package::Package},
        money::{Amount, Currency, Money},
        opendirect::stats::Delivered,
    },
    engine::{
        delivery::record::RecordReadings, fault::Fault, media_buys::find,
        operation::Operation as _, work::Work,
    },
    store::record::Filter,
};

/// How many buys of one account are looked through.
const MOST_BUYS: u32 = 1_000;
/// What is all of a budget, in hundredths of a per cent.
const ALL: i64 = 10_000;

/// Money as it is reported.
#[derive(Deserialize)]
struct Reported {
    amount: Amount,
    currency: Currency,
}

/// What is delivered on top of what was.
#[derive(Deserialize)]
pub(super) struct OfDelivery {
    media_buy_id: BuyId,
    #[serde(default)]
    impressions: u64,
    #[serde(default)]
    clicks: u64,
    #[serde(default)]
    conversions: u64,
    #[serde(default)]
    reported_spend: Option<Reported>,
}

/// How much of a budget is spent.
#[derive(Deserialize)]
pub(super) struct OfSpend {
    #[serde(default)]
    media_buy_id: Option<BuyId>,
    #[serde(default)]
    account_id: Option<String>,
    spend_percentage: f64,
}

/// Delivers for a media buy of the caller's, each package by its part of the money.
pub(super) async fn delivery(work: &mut Work<'_>, of: OfDelivery) -> Result<Controlled, Fault> {
    let stored = find(work, &of.media_buy_id).await?;
    let buy = living(stored.record)?;
    let spend = match &of.reported_spend {
        None => Money::zero(buy.currency),
        Some(said) if said.currency != buy.currency => {
            let message = format!("is not {}, which the media buy is paid in", buy.currency);
            return Err(wrong("reported_spend.currency", message));
        }
        Some(said) => Money::from_amount(said.amount, said.currency)
            .map_err(|no| wrong("reported_spend.amount", no.to_string()))?,
    };
    if spend.minor() < 0 {
        return Err(wrong("reported_spend.amount", "must not be below zero"));
    }
    let packages = delivering(&buy);
    let weights: Vec<u64> = packages.iter().map(|one| weight(one)).collect();
    let spends = spend.split(&weights);
    let impressions = shares(of.impressions, &weights);
    let clicks = shares(of.clicks, &weights);
    let mut total = Totals::default();
    let mut readings = Vec::new();
    let parts = spends.into_iter().zip(impressions).zip(clicks);
    for (package, ((spend, impressions), clicks)) in packages.iter().zip(parts) {
        let mut delivered = so_far(work, package).await?;
        delivered.impressions = delivered.impressions.saturating_add(impressions);
        delivered.clicks = Some(delivered.clicks.unwrap_or(0).saturating_add(clicks));
        let before = delivered.spent.unwrap_or(Money::zero(buy.currency));
        let spent = Money::sum(buy.currency, [before, spend])
            .map_err(|no| wrong("reported_spend.amount", no.to_string()))?;
        delivered.spent = Some(spent);
        total.add(&delivered, spent);
        readings.push(reading(package, delivered));
    }
    RecordReadings { readings }.perform(work).await?;
    work.about(format!("media_buy/{}", buy.id));
    let mut message = format!(
        "{} impressions were delivered for {}",
        of.impressions, buy.id
    );
    if of.conversions > 0 {
        message.push_str("; conversions are not counted here");
    }
    Ok(Controlled::Simulated {
        simulated: told(of.impressions, of.clicks, spend),
        cumulative: Some(told(
            total.impressions,
            total.clicks,
            Money::new(total.spent, buy.currency),
        )),
        message,
    })
}

/// Spends of a media buy, or of all of an account, up to a part of the budget.
pub(super) async fn spend(work: &mut Work<'_>, of: OfSpend) -> Result<Controlled, Fault> {
    if !(0.0..=100.0).contains(&of.spend_percentage) {
        return Err(wrong("spend_percentage", "must be from 0 to 100"));
    }
    let buys = meant(work, &of).await?;
    let Some(currency) = buys.first().map(|one| one.currency) else {
        let message = "the account has no media buy that could spend anything";
        return Err(Fault::wrong_state("NOT_NOW", message));
    };
    if buys.iter().any(|one| one.currency != currency) {
        return Err(wrong("account_id", "has media buys in several currencies"));
    }
    let part = hundredths(of.spend_percentage);
    let (mut spent, mut budget) = (0, 0);
    let mut readings = Vec::new();
    for package in buys.iter().flat_map(|buy| delivering(buy)) {
        let now = package.budget.minor().saturating_mul(part) / ALL;
        spent += now;
        budget += package.budget.minor();
        let now = Money::new(now, currency);
        let mut delivered = so_far(work, package).await?;
        delivered.impressions = package.pricing.units(now).max(delivered.impressions);
        delivered.spent = Some(now);
        readings.push(reading(package, delivered));
    }
    RecordReadings { readings }.perform(work).await?;
    let money = |minor| money(Money::new(minor, currency));
    Ok(Controlled::Simulated {
        simulated: Map::from_iter([
            ("spend_percentage".to_owned(), json!(of.spend_percentage)),
            ("computed_spend".to_owned(), money(spent)),
            ("budget".to_owned(), money(budget)),
        ]),
        cumulative: None,
        message: format!("{} per cent of the budget are spent", of.spend_percentage),
    })
}

/// Per cent as whole hundredths of one; was looked at before.
#[expect(
    clippy::cast_possible_truncation,
    reason = "from 0 to 10,000 after rounding"
)]
fn hundredths(percent: f64) -> i64 {
    (percent * 100.0).round() as i64
}

/// The media buys that are meant.
async fn meant(work: &Work<'_>, of: &OfSpend) -> Result<Vec<MediaBuy>, Fault> {
    if let Some(id) = &of.media_buy_id {
        return Ok(vec![living(find(work, id).await?.record)?]);
    }
    let Some(account_id) = &of.account_id else {
        return Err(wrong("media_buy_id", "is needed, or an account_id"));
    };
    let caller = &work.caller().name;
    work.get::<Account>(account_id)
        .await?
        .filter(|one| one.record.principal == *caller)
        .ok_or_else(|| absent("account", account_id))?;
    let filter = Filter {
        parent: Some(caller.clone()),
        limit: MOST_BUYS,
        ..Filter::default()
    };
    let all = work.list::<MediaBuy>(&filter).await?;
    let all = all.into_iter().map(|one| one.record);
    let of_account = all.filter(|one| one.account_id.as_ref() == Some(account_id));
    Ok(of_account.filter(|one| !one.status.is_final()).collect())
}

/// A media buy that something can be delivered for.
fn living(buy: MediaBuy) -> Result<MediaBuy, Fault> {
    if buy.status.is_final() || delivering(&buy).is_empty() {
        let message = format!("nothing can be delivered for it: it is {}", buy.status);
        return Err(Fault::wrong_state("NOT_NOW", message).with("state", buy.status.name()));
    }
    Ok(buy)
}

fn delivering(buy: &MediaBuy) -> Vec<&Package> {
    let living = buy.packages.iter().filter(|one| one.cancellation.is_none());
    living.collect()
}

fn weight(package: &Package) -> u64 {
    u64::try_from(package.budget.minor()).unwrap_or(0).max(1)
}

/// A whole number by weights, with nothing lost.
fn shares(whole: u64, weights: &[u64]) -> Vec<u64> {
    let all: u128 = weights.iter().copied().map(u128::from).sum();
    let mut behind = 0_u128;
    let mut given = 0_u64;
    let share = |weight: &u64| {
        behind += u128::from(*weight);
        let until = u128::from(whole) * behind / all.max(1);
        let until = u64::try_from(until).unwrap_or(whole);
        let own = until - given;
        given = until;
        own
    };
    weights.iter().map(share).collect()
}

/// What was delivered of a package before, as a count of this moment.
async fn so_far(work: &Work<'_>, package: &Package) -> Result<Delivered, Fault> {
    let track = work.get::<Track>(&package.line_id.to_string()).await?;
    let now = work.now();
    Ok(match track {
        None => Delivered {
            impressions: 0,
            clicks: None,
            starts: None,
            completes: None,
            measurable: None,
            viewable: None,
            spent: None,
            as_of: now,
        },
        Some(known) => {
            let latest = known.record.latest;
            // Twice in one moment, the second is the later one.
            let as_of = now.max(latest.as_of + chrono::Duration::microseconds(1));
            Delivered { as_of, ..latest }
        }
    })
}

fn reading(package: &Package, delivered: Delivered) -> Reading {
    Reading {
        line_id: package.line_id,
        delivered,
        reported_index: None,
    }
}

/// What a media buy delivered in all.
#[derive(Default)]
struct Totals {
    impressions: u64,
    clicks: u64,
    spent: i64,
}

impl Totals {
    fn add(&mut self, delivered: &Delivered, spent: Money) {
        self.impressions += delivered.impressions;
        self.clicks += delivered.clicks.unwrap_or(0);
        self.spent += spent.minor();
    }
}

fn money(money: Money) -> Value {
    json!({"amount": money.amount(), "currency": money.currency().code()})
}

fn told(impressions: u64, clicks: u64, spent: Money) -> Map<String, Value> {
    Map::from_iter([
        ("impressions".to_owned(), json!(impressions)),
        ("clicks".to_owned(), json!(clicks)),
        ("reported_spend".to_owned(), money(spent)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_when_a_number_is_spread() {
        assert_eq!(shares(10, &[1, 1, 1]), [3, 3, 4]);
        assert_eq!(shares(5_000, &[1_500_000, 1_000_000]), [3_000, 2_000]);
        assert_eq!(shares(u64::MAX, &[7, 3]).iter().sum::<u64>(), u64::MAX);
        assert_eq!(shares(3, &[]), Vec::<u64>::new());
    }
}
