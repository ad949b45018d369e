//! Shows all about how one line paces: every figure with its arithmetic, why it is short with
//! the evidence, what was delivered against the plan over time, and what is wrong with it.

use chrono::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    alerts::{
        self,
        list::{AlertView, ListAlerts},
    },
    book::{Weighed, Which, unit, weighed},
    row::PaceRow,
};
use crate::{
    domain::{
        delivery::{mark::Mark, measured::Count, people::Through},
        ids::LineId,
        media_buy::{ad_order::AdOrder, buy::MediaBuy},
        opendirect::{line::Line, product::Product},
        pacing::{
            explained::{Explainer, Figure, Value},
            figures::due_at,
            ratio::Ratio,
            status::Bounds,
            terms::Unit,
            why::{Evidence, why},
        },
        policy::Permission,
        when::Instant,
    },
    engine::{
        ad_orders,
        delivery::series::{Grain, marks},
        fault::Fault,
        media_buys::reach::through,
        operation::{Kind, Operation},
        seller::lines::carry::room,
        work::Work,
    },
};

/// How many points of the plan are told.
const POINTS: i32 = 48;
/// A flight of so many days is told by the hour.
const BY_HOUR: i64 = 4;

/// Shows how one line paces.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPacing {
    /// Which line.
    pub line_id: LineId,
    /// As it was known at that time, by the terms that it has now.
    #[serde(default)]
    pub as_of: Option<Instant>,
}

/// How a line paces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// The line as a row.
    pub row: PaceRow,
    /// Every figure with its sum.
    pub figures: Vec<Told>,
    /// Why it is short, first what stops it, then what cost most; empty where it is not.
    pub reasons: Vec<Because>,
    /// What was delivered over time, in what the goal counts.
    pub delivered: Vec<Point>,
    /// What is due by the plan over time.
    pub plan: Vec<Point>,
    /// When it was held back: from, until.
    pub pauses: Vec<(Instant, Option<Instant>)>,
    /// What is wrong with it, or was.
    pub alerts: Vec<AlertView>,
    /// What others counted of it, each beside what we had counted by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<Count>,
    /// Where its media buy is in the tenant's own ad server, where it is to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ad_order: Option<Box<AdOrder>>,
}

/// A figure with its sum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// What it came to, for people; missing where it cannot be told.
    pub value: Option<String>,
    /// How, or why it cannot be told.
    pub sum: String,
}

/// What holds a line back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Because {
    /// What that cost, in points of the index.
    pub points: Option<Ratio>,
    /// The evidence in a sentence.
    pub evidence: String,
}

/// So much at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// When.
    pub at: Instant,
    /// How much.
    pub value: Ratio,
}

impl Operation for GetPacing {
    const NAME: &'static str = "pacing.get";
    const ABOUT: &'static str =
        "Show how one line paces: figures with their sums, reasons, plan and delivery over time.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Pace;

    async fn perform(self, work: &mut Work<'_>) -> Result<Pace, Fault> {
        let which = Which::These(vec![self.line_id]);
        let found = weighed(work, which, self.as_of).await?;
        let Some(one) = found.into_iter().next() else {
            return Err(Fault::missing(self.line_id));
        };
        let now = self.as_of.unwrap_or_else(|| work.now());
        let bounds = Bounds::default();
        let series = series(work, &one, now).await?;
        let told = told(&one, &bounds);
        let evidence = evidence(work, &one, &series).await?;
        let reasons = match (&one.seen, &one.figures) {
            (Some(seen), Some(figures)) => why(&one.terms, seen, figures, &bounds, &evidence),
            _ => Vec::new(),
        };
        let open = alerts::open(work).await?;
        let open = open.get(&self.line_id).copied().unwrap_or_default();
        let list = ListAlerts {
            all: true,
            line_id: Some(self.line_id),
            ..ListAlerts::default()
        };
        let alerts = list.perform(work).await?.orders;
        let row = PaceRow::of(&one, now, open, work.desk().currency);
        let ad_order = match &row.media_buy_id {
            Some(id) => ad_orders::shown(work, id).await?,
            None => None,
        };
        Ok(Pace {
            row,
            ad_order,
            figures: told,
            reasons: reasons
                .into_iter()
                .map(|reason| Because {
                    points: reason.points,
                    evidence: reason.evidence,
                })
                .collect(),
            delivered: points(&one, &series),
            plan: plan(&one),
            pauses: one.entry.booked.pauses.clone(),
            alerts: alerts.into_iter().flat_map(|order| order.alerts).collect(),
            measured: one.entry.measured.map_or_else(Vec::new, |all| all.counts),
        })
    }
}

/// Every figure with its sum.
fn told(one: &Weighed, bounds: &Bounds) -> Vec<Told> {
    let (Some(seen), Some(figures)) = (&one.seen, &one.figures) else {
        return Vec::new();
    };
    let explainer = Explainer {
        terms: &one.terms,
        seen,
        figures,
        bounds,
    };
    let told = |figure: &Figure| {
        let explained = explainer.explain(*figure);
        Told {
            name: figure.name().to_owned(),
            value: explained.value.map(|value| match value {
                Value::Number(number) => number.to_string(),
                Value::At(at) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
                Value::Status(status) => status.name().to_owned(),
            }),
            sum: explained.sum,
        }
    };
    Figure::ALL.iter().map(told).collect()
}

/// What was counted of a line over time, as far as it was known then.
async fn series(work: &Work<'_>, one: &Weighed, now: Instant) -> Result<Vec<Mark>, Fault> {
    let clock = &one.terms.clock;
    let Some(counted) = &one.entry.counted else {
        return Ok(Vec::new());
    };
    let from = clock.start().min(counted.first).date_naive();
    let days = (from.pred_opt().unwrap_or(from), now.date_naive());
    let short = clock.end() - clock.start() <= Duration::days(BY_HOUR);
    let grain = if short { Grain::Hour } else { Grain::Day };
    let mut marks = marks(work, &one.entry.line, grain, days).await?;
    marks.retain(|mark| mark.at <= now);
    Ok(marks)
}

fn points(one: &Weighed, series: &[Mark]) -> Vec<Point> {
    let counts = unit(&one.terms);
    let point = |mark: &Mark| {
        Some(Point {
            at: mark.at,
            value: mark.delivered(counts)?,
        })
    };
    series.iter().filter_map(point).collect()
}

fn plan(one: &Weighed) -> Vec<Point> {
    let clock = &one.terms.clock;
    let step = (clock.end() - clock.start()) / POINTS;
    let point = |n: i32| {
        let at = if n == POINTS {
            clock.end()
        } else {
            clock.start() + step * n
        };
        Some(Point {
            at,
            value: due_at(&one.terms, at)?,
        })
    };
    (0..=POINTS).filter_map(point).collect()
}

/// What is known of a line beside its figures.
async fn evidence(work: &Work<'_>, one: &Weighed, series: &[Mark]) -> Result<Evidence, Fault> {
    let counts = unit(&one.terms);
    let none = |mark: &&Mark| mark.delivered(counts).is_some_and(Ratio::is_zero);
    // It delivered nothing until the last count of nothing, whoever says when it began.
    let silent = series.iter().take_while(none).last().map(|mark| mark.at);
    let measured = one.entry.measured.as_ref();
    Ok(Evidence {
        creative: one.entry.creative(),
        first_delivery: silent,
        cap: cap(work, one).await?,
        available: available(work, one).await?,
        discrepancy: measured.and_then(|all| all.counts.iter().filter_map(Count::below).max()),
        ..Evidence::default()
    })
}

/// What its frequency cap lets through, where it has one.
async fn cap(work: &Work<'_>, one: &Weighed) -> Result<Option<Through>, Fault> {
    let Some(id) = one.entry.booked.buy.as_ref() else {
        return Ok(None);
    };
    if unit(&one.terms) != Unit::Impressions {
        return Ok(None);
    }
    let Some(buy) = work.get::<MediaBuy>(id.as_str()).await? else {
        return Ok(None);
    };
    let buy = buy.record;
    let mut packages = buy.packages.iter();
    match packages.find(|package| package.line_id == one.entry.line) {
        Some(package) => through(work, &buy, package).await,
        None => Ok(None),
    }
}

/// How much can still be had of its product, with what it holds already.
async fn available(work: &Work<'_>, one: &Weighed) -> Result<Option<Ratio>, Fault> {
    let booked = &one.entry.booked;
    let product = work.get::<Product>(booked.product_id.as_str()).await?;
    let line = work.get::<Line>(&one.entry.line.to_string()).await?;
    let (Some(product), Some(line)) = (product, line) else {
        return Ok(None);
    };
    if unit(&one.terms) != Unit::Impressions {
        return Ok(None);
    }
    let line = line.record;
    let room = room(
        work,
        &product.record,
        Some(&line),
        line.quantity,
        line.flight,
    )
    .await?;
    Ok(Some(Ratio::count(room.free)))
}
