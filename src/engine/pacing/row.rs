//! A line as a row of a list that shows all of them: status, figures, rates, how old they are,
//! and what is at stake. Figures are exact; what cannot be told is missing.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::book::{Weighed, should_run, unit};
use crate::domain::{
    currency::Currency,
    delivery::measured::Count,
    ids::{BuyId, LineId, OrderId, PackageId, ProductId},
    media_buy::{item_type::ItemType, terms::Spread},
    pacing::{
        alerts::{Severity, rules::Creative},
        counted::Counted,
        figures::Figures,
        quality::{CompletedOf, ecpm},
        ratio::Ratio,
        status::{Beside, Bounds, Chip, Status, chips},
        terms::Unit,
    },
    when::Instant,
};

/// What a goal counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Impressions shown.
    Impressions,
    /// Clicks on them.
    Clicks,
    /// Videos seen.
    Views,
    /// Impressions in view.
    Viewable,
    /// Money spent.
    Money,
}

impl From<Unit> for Counts {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Impressions => Self::Impressions,
            Unit::Clicks => Self::Clicks,
            Unit::Views => Self::Views,
            Unit::Viewable(_) => Self::Viewable,
            Unit::Money(_) => Self::Money,
        }
    }
}

/// How a line paces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaceRow {
    /// Which line.
    pub line_id: LineId,
    /// What the line is called.
    pub line: Box<str>,
    /// The order that it belongs to.
    pub order_id: OrderId,
    /// What the order or the media buy is called.
    pub order: Box<str>,
    /// Who ordered it.
    pub owner: Box<str>,
    /// The media buy that it delivers a package of.
    pub media_buy_id: Option<BuyId>,
    /// That package.
    pub package_id: Option<PackageId>,
    /// What is delivered.
    pub product_id: ProductId,
    /// How it competes for impressions.
    pub item_type: ItemType,
    /// Where it stands in the queue of the ad server; lower goes first.
    pub priority: Option<u8>,
    /// The revision to pin a change to: of the media buy where it delivers one, else of the line.
    pub revision: i64,
    /// How it does.
    pub status: Status,
    /// What else is to be seen.
    pub chips: Vec<String>,
    /// What goal and delivered count.
    pub counts: Counts,
    /// What was promised; missing where a share was.
    pub goal: Option<Ratio>,
    /// What was delivered; missing where nobody counted.
    pub delivered: Option<Ratio>,
    /// What budget and spent are counted in.
    pub currency: Option<Currency>,
    /// Whether that is the currency that the desk counts in itself.
    #[serde(default)]
    pub own_currency: bool,
    /// What it may cost.
    pub budget: Option<Ratio>,
    /// What was spent.
    pub spent: Option<Ratio>,
    /// When it begins.
    pub start: Instant,
    /// When it is over.
    pub end: Instant,
    /// How it is spread.
    pub pacing: Spread,
    /// Its figures; missing where nobody counted.
    pub figures: Option<PaceFigures>,
    /// Impressions of each of the last days, oldest first.
    pub spark: Vec<u64>,
    /// What a thousand impressions came to.
    pub ecpm: Option<Ratio>,
    /// Clicks of impressions, in per cent.
    pub ctr: Option<Ratio>,
    /// Completed of begun videos, in per cent.
    pub vcr: Option<Ratio>,
    /// In view of those measured, in per cent.
    pub viewability: Option<Ratio>,
    /// Until when all of this was counted.
    pub as_of: Option<Instant>,
    /// How old that is, in minutes.
    pub age_minutes: Option<i64>,
    /// How its ad server says that it keeps up.
    pub upstream_index: Option<Ratio>,
    /// How many alerts are open.
    pub alerts: u32,
    /// How bad the worst of them is.
    pub severity: Option<Severity>,
}

/// The figures of a line at its data's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaceFigures {
    /// How much of the flight is over, 0 to 1.
    pub progress: Option<Ratio>,
    /// What is due by the contract.
    pub expected: Option<Ratio>,
    /// Delivered by that: the index that alerts go by.
    pub index: Option<Ratio>,
    /// Delivered by the plan as it was laid anew at the last change in flight.
    pub plan_index: Option<Ratio>,
    /// Delivered of the goal, in per cent.
    pub rate_pct: Option<Ratio>,
    /// What is still to be delivered.
    pub remaining: Option<Ratio>,
    /// Days of 24 hours until the end.
    pub days_left: Ratio,
    /// To be delivered a day from now on.
    pub required_daily: Option<Ratio>,
    /// Delivered a day over the last 24 hours.
    pub rate_24h: Option<Ratio>,
    /// How much faster it must become.
    pub lift: Option<Ratio>,
    /// The least and the most that it will end at.
    pub projected: Option<(Ratio, Ratio)>,
    /// The least of that, of the goal.
    pub projected_share: Option<Ratio>,
    /// When all is delivered at the speed of the last 24 hours.
    pub finish: Option<Instant>,
    /// Spent of the budget, in per cent.
    pub budget_pct: Option<Ratio>,
    /// What of the budget will not be earned if it goes on like this.
    pub at_risk: Option<Ratio>,
    /// Days in which it was held back.
    pub paused_days: Ratio,
}

impl PaceFigures {
    /// Of all figures, with the speed of the last day.
    #[must_use]
    pub fn of(figures: &Figures, rate_24h: Option<Ratio>) -> Self {
        Self {
            progress: figures.progress,
            expected: figures.expected,
            index: figures.index,
            plan_index: figures.plan_index,
            rate_pct: figures.rate_pct,
            remaining: figures.remaining,
            days_left: figures.days_left,
            required_daily: figures.required_daily,
            rate_24h,
            lift: figures.lift(),
            projected: figures.band,
            projected_share: figures.projected,
            finish: figures.finish,
            budget_pct: figures.budget_pct,
            at_risk: figures.at_risk,
            paused_days: figures.paused_days,
        }
    }
}

/// The open alerts of a line.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engine) struct Open {
    /// How many.
    pub count: u32,
    /// How bad the worst of them is.
    pub worst: Option<Severity>,
}

impl PaceRow {
    /// Of a line that was weighed.
    pub(in crate::engine) fn of(one: &Weighed, now: Instant, open: Open, own: Currency) -> Self {
        let (entry, terms, seen) = (&one.entry, &one.terms, one.seen.as_ref());
        let counted = entry.counted.as_ref();
        let age = counted.map(|counted| (now - counted.latest.at).max(Duration::zero()));
        let counts = counted.map(Counted::counts);
        let spent = seen.and_then(|seen| seen.spent);
        let parcel = entry.parcel().map(|(_, parcel)| parcel);
        Self {
            line_id: entry.line,
            line: entry.name.clone(),
            order_id: entry.order_id,
            order: entry.order().into(),
            owner: entry.owner().into(),
            media_buy_id: entry.buy.as_ref().map(|buy| buy.id.clone()),
            package_id: parcel.map(|parcel| parcel.id.clone()),
            product_id: entry.booked.product_id.clone(),
            item_type: entry.item_type(),
            priority: terms.priority,
            revision: entry.pin(),
            status: one.status,
            chips: told(one, now, age),
            counts: unit(terms).into(),
            goal: terms.goal.amount(),
            delivered: seen.map(|seen| seen.delivered),
            currency: terms.currency,
            own_currency: terms.currency == Some(own),
            budget: terms.budget,
            spent,
            start: terms.clock.start(),
            end: terms.clock.end(),
            pacing: parcel.map_or(Spread::Even, |parcel| parcel.spread),
            figures: figures(one),
            spark: counted.map_or_else(Vec::new, |counted| counted.spark.clone()),
            ecpm: spent
                .zip(counts.and_then(|counts| counts.impressions))
                .and_then(|(spent, shown)| ecpm(spent, shown)),
            ctr: counts.and_then(|counts| counts.ctr()),
            vcr: counts.and_then(|counts| counts.vcr(CompletedOf::Starts)),
            viewability: counts.and_then(|counts| counts.viewable_rate()),
            as_of: counted.map(|counted| counted.latest.at),
            age_minutes: age.map(|age| age.num_minutes()),
            upstream_index: counted.and_then(Counted::upstream),
            alerts: open.count,
            severity: open.worst,
        }
    }

    /// What is at risk, in thousandths; nothing where it cannot be told.
    #[must_use]
    pub fn stake(&self) -> Option<i128> {
        let risk = self.figures.as_ref()?.at_risk?;
        risk.times(Ratio::whole(1_000)).map(Ratio::floor)
    }
}

fn figures(one: &Weighed) -> Option<PaceFigures> {
    let rate = one.seen.as_ref().and_then(|seen| seen.rate_24h);
    one.figures
        .as_ref()
        .map(|figures| PaceFigures::of(figures, rate))
}

/// The chips of a line, as they stand on the screen.
fn told(one: &Weighed, now: Instant, age: Option<Duration>) -> Vec<String> {
    let Some(figures) = &one.figures else {
        return Vec::new();
    };
    let runs = should_run(&one.terms, now);
    let beside = Beside {
        age: age.filter(|_| runs),
        cadence: Some(Bounds::default().cycle),
        upstream: one.entry.counted.as_ref().and_then(Counted::upstream),
        discrepancy: one
            .entry
            .measured
            .as_ref()
            .and_then(|measured| measured.farthest().and_then(Count::discrepancy)),
        no_creative: one.entry.creative() != Creative::Approved && one.entry.buy.is_some(),
        ..Beside::default()
    };
    let chips = chips(figures, &beside);
    chips.iter().map(Chip::words).collect()
}
