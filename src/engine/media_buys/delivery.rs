//! What media buys have delivered: all of it, or what came in between two days; by package, and
//! by day where that is wanted. The index of a package is worked out here, whatever an ad server
//! says. Refuses to add up what is paid in different currencies.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    only_of,
    reach::{Reach, reach},
};
use crate::{
    domain::{
        delivery::{mark::Mark, totals::Totals},
        ids::{BuyId, LineId, PackageId, ProductId},
        media_buy::{
            buy::MediaBuy,
            package::Package,
            status::BuyStatus,
            terms::{Pricing, Spread},
        },
        money::{Currency, Money},
        pacing::{outward, status::Status},
        policy::Permission,
        problem::{Code, Problem},
        when::Instant,
    },
    engine::{
        delivery::series::{Grain, marks},
        fault::Fault,
        operation::{Kind, Operation},
        pacing::book::{Weighed, weighed_of},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// How many media buys one answer tells of at most.
pub const MOST: usize = 500;

/// Tells what media buys have delivered.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GetDelivery {
    /// Of these; of all of the caller's where none are named.
    pub media_buy_ids: Option<Vec<BuyId>>,
    /// Only of those in one of these states.
    pub status: Option<Vec<BuyStatus>>,
    /// Only of those that this account pays for.
    pub account_id: Option<String>,
    /// From this day on, in UTC; from the beginning where it is not said.
    pub start_date: Option<NaiveDate>,
    /// Until this day and with it; until now where it is not said.
    pub end_date: Option<NaiveDate>,
    /// Also day by day.
    pub daily: bool,
}

/// What media buys have delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deliveries {
    /// From when on was counted.
    pub start: Instant,
    /// Until when; this instant does not belong to it.
    pub end: Instant,
    /// Each buy that was asked for and is there, newest first.
    pub buys: Vec<BuyDelivery>,
    /// Those that are not there, or somebody else's.
    pub missing: Vec<BuyId>,
    /// Those that nobody has agreed to yet, of those that were asked for.
    #[serde(default)]
    pub not_yet: Vec<NotYet>,
    /// Whether there are more than are told.
    pub more: bool,
}

/// A media buy that cannot have delivered anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotYet {
    /// Which.
    pub media_buy_id: BuyId,
    /// Where it stands.
    pub status: BuyStatus,
}

/// What a media buy has delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BuyDelivery {
    /// Which.
    pub media_buy_id: BuyId,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: BuyStatus,
    /// What all of it is paid in.
    pub currency: Currency,
    /// Whether it is simulated.
    pub sandbox: bool,
    /// When it begins.
    pub start: Instant,
    /// When it is over.
    pub end: Instant,
    /// What all of its packages delivered.
    pub totals: Totals,
    /// Each package.
    pub packages: Vec<PackageDelivery>,
    /// Day by day, where that was wanted.
    pub days: Vec<DayDelivery>,
    /// Whether totals have ever fallen, so that days need not add up to them.
    pub adjusted: bool,
}

/// What a package has delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackageDelivery {
    /// Which.
    pub package_id: PackageId,
    /// The line that delivers it.
    pub line_id: LineId,
    /// What is bought.
    pub product_id: ProductId,
    /// For how much.
    pub budget: Money,
    /// At which price.
    pub pricing: Pricing,
    /// How it is spread.
    pub spread: Spread,
    /// Whether it is stopped for a while.
    pub paused: bool,
    /// What it delivered.
    pub totals: Totals,
    /// Delivered by what is due, to four decimals; nothing where nothing is due by a plan.
    pub pacing_index: Option<f64>,
    /// How it does, in our words.
    pub pacing: String,
    /// How it does, in the protocol's words.
    pub delivery_status: Option<String>,
    /// Until when it was counted; nothing where it was not.
    pub as_of: Option<Instant>,
    /// Whether it was counted to its end.
    pub is_final: bool,
    /// Day by day, where that was wanted.
    pub days: Vec<DayDelivery>,
    /// How many people saw it, where it has a frequency cap and the ad server inside delivers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
}

/// What was delivered on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayDelivery {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// What was delivered on it.
    pub totals: Totals,
}

impl Operation for GetDelivery {
    const NAME: &'static str = "media_buys.delivery";
    const ABOUT: &'static str =
        "Tell what media buys have delivered, in all or between two days, by package and by day.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = Deliveries;

    async fn perform(self, work: &mut Work<'_>) -> Result<Deliveries, Fault> {
        if self
            .start_date
            .zip(self.end_date)
            .is_some_and(|(from, to)| to < from)
        {
            let code = Code::new("INVALID_REQUEST");
            let problem = Problem::new("end_date", code, "comes before the start_date");
            return Err(Fault::field(problem));
        }
        let Found {
            buys,
            missing,
            not_yet,
            more,
        } = self.buys(work).await?;
        let found = weighed_of(work, &buys).await?;
        let mut found: HashMap<LineId, Weighed> =
            found.into_iter().map(|one| (one.entry.line, one)).collect();
        let mut told = Vec::with_capacity(buys.len());
        for buy in &buys {
            told.push(self.of_buy(work, &buy.record, &mut found).await?);
        }
        let (start, end) = self.period(&told, work.now());
        Ok(Deliveries {
            start,
            end,
            buys: told,
            missing,
            not_yet,
            more,
        })
    }
}

/// Media buys as they were looked for.
struct Found {
    buys: Vec<Stored<MediaBuy>>,
    missing: Vec<BuyId>,
    not_yet: Vec<NotYet>,
    more: bool,
}

impl GetDelivery {
    /// The buys that are asked for, and those of them that there is nothing to tell of.
    async fn buys(&self, work: &Work<'_>) -> Result<Found, Fault> {
        let own = only_of(work.caller());
        let one = self.status.as_deref().filter(|all| all.len() == 1);
        let filter = Filter {
            ids: self.media_buy_ids.as_ref().map(|ids| {
                let ids = ids.iter().take(MOST);
                ids.map(ToString::to_string).collect()
            }),
            parent: own.map(str::to_owned),
            state: one
                .filter(|_| self.media_buy_ids.is_none())
                .and_then(<[BuyStatus]>::first)
                .map(|status| status.name().to_owned()),
            sort: Sort::Created,
            descending: true,
            limit: u32::try_from(MOST).unwrap_or(u32::MAX) + 1,
            ..Filter::default()
        };
        let found = work.list::<MediaBuy>(&filter).await?;
        let asked = self.media_buy_ids.iter().flatten();
        let missing = asked
            .clone()
            .filter(|id| !found.iter().any(|buy| buy.record.id == **id));
        let missing = missing.take(MOST).cloned().collect();
        let more = found.len() > MOST || asked.count() > MOST;
        let fits = |buy: &Stored<MediaBuy>| {
            let buy = &buy.record;
            let status = self.status.as_ref();
            let account = self.account_id.as_ref();
            buy.status.is_agreed()
                && status.is_none_or(|all| all.contains(&buy.status))
                && account.is_none_or(|id| buy.account_id.as_ref() == Some(id))
        };
        let named = found.iter().filter(|_| self.media_buy_ids.is_some());
        let not_yet = named.filter(|buy| !buy.record.status.is_agreed());
        let not_yet = not_yet.map(|buy| NotYet {
            media_buy_id: buy.record.id.clone(),
            status: buy.record.status,
        });
        Ok(Found {
            not_yet: not_yet.take(MOST).collect(),
            buys: found.into_iter().take(MOST).filter(fits).collect(),
            missing,
            more,
        })
    }

    async fn of_buy(
        &self,
        work: &Work<'_>,
        buy: &MediaBuy,
        found: &mut HashMap<LineId, Weighed>,
    ) -> Result<BuyDelivery, Fault> {
        let mut packages = Vec::with_capacity(buy.packages.len());
        let mut adjusted = false;
        for package in &buy.packages {
            let weighed = found.remove(&package.line_id);
            let counted = weighed.as_ref().and_then(|one| one.entry.counted.as_ref());
            adjusted |= counted.is_some_and(|counted| counted.adjusted.is_some());
            let mut told = self
                .of_package(work, (buy, package), weighed.as_ref())
                .await?;
            told.reach = reach(work, (buy, package), &told, self).await?;
            packages.push(told);
        }
        let totals = packages.iter().map(|one| one.totals);
        Ok(BuyDelivery {
            media_buy_id: buy.id.clone(),
            name: buy.name.clone(),
            status: buy.status,
            currency: buy.currency,
            sandbox: buy.sandbox,
            start: buy.start,
            end: buy.end,
            totals: totals.fold(Totals::default(), Totals::plus),
            days: together(&packages),
            packages,
            adjusted,
        })
    }

    async fn of_package(
        &self,
        work: &Work<'_>,
        (buy, package): (&MediaBuy, &Package),
        weighed: Option<&Weighed>,
    ) -> Result<PackageDelivery, Fault> {
        let counted = weighed.and_then(|one| one.entry.counted.as_ref());
        let latest = counted.map(|counted| {
            let told = counted.currency.filter(|own| *own == buy.currency);
            let spent = told
                .and(counted.latest.spent)
                .or_else(|| minor(weighed?, buy.currency));
            let mark = Mark {
                spent,
                ..counted.latest
            };
            (mark, counted.first.date_naive())
        });
        let bounded = self.start_date.is_some() || self.end_date.is_some();
        let days = match latest {
            Some((mark, first)) if bounded || self.daily => {
                self.days(work, package.line_id, &mark, first).await?
            }
            _ => Vec::new(),
        };
        let totals = if bounded {
            let sum = days.iter().map(|day| day.totals);
            sum.fold(Totals::default(), Totals::plus)
        } else {
            latest.map_or_else(Totals::default, |(mark, _)| Totals::from(&mark))
        };
        let (_, end) = package.flight(buy.start, buy.end);
        let as_of = latest.map(|(mark, _)| mark.at);
        let off = package.cancellation.is_some() || buy.status == BuyStatus::Canceled;
        let status = weighed.map_or(Status::NoData, |one| one.status);
        let figures = weighed.and_then(|one| one.figures.as_ref());
        Ok(PackageDelivery {
            package_id: package.id.clone(),
            line_id: package.line_id,
            product_id: package.product_id.clone(),
            budget: package.budget,
            pricing: package.pricing.clone(),
            spread: package.spread,
            paused: package.paused || buy.status == BuyStatus::Paused,
            pacing_index: figures
                .and_then(outward::adcp)
                .map(|index| (index.approximate() * 1e4).round() / 1e4),
            pacing: status.name().to_owned(),
            delivery_status: delivery_status(status, (off, end <= work.now()), totals, package)
                .map(str::to_owned),
            is_final: off || as_of.is_some_and(|at| at >= end),
            as_of,
            totals,
            days: if self.daily { days } else { Vec::new() },
            reach: None,
        })
    }

    /// What was delivered on each of the days that are asked for.
    async fn days(
        &self,
        work: &Work<'_>,
        line: LineId,
        latest: &Mark,
        first: NaiveDate,
    ) -> Result<Vec<DayDelivery>, Fault> {
        let last = latest.day();
        let to = self.end_date.map_or(last, |to| to.min(last));
        let first = first.pred_opt().unwrap_or(first);
        let known = marks(work, &line, Grain::Day, (first, to)).await?;
        let mut before = Totals::default();
        let mut days = Vec::new();
        for mark in known {
            // What its ad server did not say was spent is known of the last totals alone.
            let spent = mark.spent.or(latest.spent.filter(|_| mark.at == latest.at));
            let totals = Totals::from(&Mark { spent, ..mark });
            let date = mark.day();
            if self.start_date.is_none_or(|from| date >= from) {
                let totals = totals.since(before);
                days.push(DayDelivery { date, totals });
            }
            before = totals;
        }
        Ok(days)
    }

    /// From when until when was counted.
    fn period(&self, told: &[BuyDelivery], now: Instant) -> (Instant, Instant) {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let first = told.iter().map(|buy| buy.start).min();
        let start = self.start_date.map(midnight).or(first).unwrap_or(now);
        let asked = self.end_date.and_then(|day| day.succ_opt()).map(midnight);
        let counted = told.iter().flat_map(|buy| &buy.packages);
        let counted = counted.filter_map(|package| package.as_of).max();
        let end = match asked {
            Some(end) if end <= now => end,
            _ => counted.unwrap_or(now),
        };
        // A flight that has not begun was counted until its beginning.
        (start.min(end), end.max(start.min(end)))
    }
}

/// What was spent by a line's own price, where its ad server does not say.
fn minor(weighed: &Weighed, currency: Currency) -> Option<i64> {
    let scale = 10_i64.checked_pow(currency.decimals())?;
    let spent = weighed.seen.as_ref()?.spent?;
    let minor = spent.times(crate::domain::pacing::ratio::Ratio::whole(scale))?;
    i64::try_from(minor.floor()).ok()
}

/// How a package does, in the protocol's words; nothing where it has none for it.
fn delivery_status(
    status: Status,
    (off, over): (bool, bool),
    totals: Totals,
    package: &Package,
) -> Option<&'static str> {
    let told = outward::adcp_delivery(status);
    match told {
        _ if off => Some("completed"),
        Some("goal_met") => told,
        _ if over => Some("flight_ended"),
        Some(_) if totals.spent >= package.budget.minor() => Some("budget_exhausted"),
        None if status == Status::NoGoal && totals.impressions > 0 => Some("delivering"),
        _ => told,
    }
}

/// The days of all packages, added up.
fn together(packages: &[PackageDelivery]) -> Vec<DayDelivery> {
    let mut sums = std::collections::BTreeMap::new();
    for day in packages.iter().flat_map(|package| &package.days) {
        let sum: &mut Totals = sums.entry(day.date).or_default();
        *sum = sum.plus(day.totals);
    }
    let day = |(date, totals)| DayDelivery { date, totals };
    sums.into_iter().map(day).collect()
}
