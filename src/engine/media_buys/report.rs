//! A report on one media buy: the metrics that are wanted, by the dimensions that are wanted.
//! Refuses, by name, what nobody counts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    absent,
    delivery::{BuyDelivery, GetDelivery, PackageDelivery},
};
use crate::{
    domain::{
        delivery::totals::Totals,
        ids::BuyId,
        media_buy::status::BuyStatus,
        money::{Currency, Money},
        pacing::ratio::Ratio,
        policy::Permission,
        problem::{Code, Problem},
        text::echo,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// How many dimensions or metrics one report takes.
const MOST: usize = 20;

/// What rows are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Date,
    Package,
    Product,
    MediaBuy,
}

/// What is told of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Metric {
    Impressions,
    Spend,
    Clicks,
    Ctr,
    Starts,
    CompletedViews,
    CompletionRate,
    Measurable,
    Viewable,
    Viewability,
    Ecpm,
}

/// A word of a report and what it is called.
trait Word: Copy + Sized + 'static {
    const WHAT: &'static str;
    const ALL: &'static [(Self, &'static str)];
    /// Other words that callers have for some of them.
    const ALSO: &'static [(Self, &'static str)] = &[];
}

impl Word for Dimension {
    const WHAT: &'static str = "dimension";
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Date, "date"),
        (Self::Package, "package"),
        (Self::Product, "product"),
        (Self::MediaBuy, "media_buy"),
    ];
}

impl Word for Metric {
    const WHAT: &'static str = "metric";
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Impressions, "impressions"),
        (Self::Spend, "spend"),
        (Self::Clicks, "clicks"),
        (Self::Ctr, "ctr"),
        (Self::Starts, "video_starts"),
        (Self::CompletedViews, "completed_views"),
        (Self::CompletionRate, "completion_rate"),
        (Self::Measurable, "measurable_impressions"),
        (Self::Viewable, "viewable_impressions"),
        (Self::Viewability, "viewability"),
        (Self::Ecpm, "effective_cpm"),
    ];
    const ALSO: &'static [(Self, &'static str)] = &[(Self::CompletedViews, "video_completions")];
}

/// Reads the words of a list, or says which is none and what there is.
fn words<W: Word>(list: &[String], field: &str) -> Result<Vec<W>, Fault> {
    let wrong = |field: String, message: String| {
        let known: Vec<&str> = W::ALL.iter().map(|(_, name)| *name).collect();
        let problem = Problem::new(field, Code::new("INVALID_REQUEST"), message);
        Fault::field(problem.hint(format!("known are {}", known.join(", "))))
    };
    if list.len() > MOST {
        return Err(wrong(
            field.to_owned(),
            format!("has more than {MOST} entries"),
        ));
    }
    let one = |(n, text): (usize, &String)| {
        let mut known = W::ALL.iter().chain(W::ALSO);
        let found = known.find(|(_, name)| name == text);
        found.map(|(word, _)| *word).ok_or_else(|| {
            let message = format!("{} is no {} of a report", echo(text), W::WHAT);
            wrong(format!("{field}[{n}]"), message)
        })
    };
    list.iter().enumerate().map(one).collect()
}

fn name<W: Word + PartialEq>(word: W) -> &'static str {
    let found = W::ALL.iter().find(|(one, _)| *one == word);
    found.map_or("", |(_, name)| name)
}

impl Metric {
    /// What it is of some totals; null where nobody counted it.
    fn of(self, totals: &Totals, currency: Currency) -> Value {
        let rate = |rate: Option<Ratio>| {
            rate.map_or(Value::Null, |rate| {
                json!((rate.approximate() * 1e6).round() / 1e6)
            })
        };
        let spent = Money::new(totals.spent, currency);
        match self {
            Self::Impressions => json!(totals.impressions),
            Self::Spend => json!(spent.amount()),
            Self::Clicks => json!(totals.clicks),
            Self::Ctr => rate(totals.ctr()),
            Self::Starts => json!(totals.starts),
            Self::CompletedViews => json!(totals.completes),
            Self::CompletionRate => rate(totals.completion()),
            Self::Measurable => json!(totals.measurable),
            Self::Viewable => json!(totals.viewable),
            Self::Viewability => rate(totals.viewability()),
            Self::Ecpm => {
                let cpm = crate::domain::opendirect::stats::per_thousand(spent, totals.impressions);
                json!(cpm.map(Money::amount))
            }
        }
    }
}

/// Reports on one media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetReport {
    /// On which.
    pub media_buy_id: BuyId,
    /// From this day on, in UTC; from the beginning where it is not said.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// Until this day and with it; until now where it is not said.
    #[serde(default)]
    pub end_date: Option<NaiveDate>,
    /// What rows are told by: `date`, `package`, `product`, `media_buy`; by `date` where it is
    /// not said.
    #[serde(default)]
    pub dimensions: Option<Vec<String>>,
    /// What is told: `impressions`, `spend`, `clicks`, `ctr`, `video_starts`,
    /// `completed_views`, `completion_rate`, `measurable_impressions`, `viewable_impressions`,
    /// `viewability`, `effective_cpm`; all of them where it is not said.
    #[serde(default)]
    pub metrics: Option<Vec<String>>,
}

/// A report on one media buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// On which.
    pub media_buy_id: BuyId,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: BuyStatus,
    /// What money is counted in.
    pub currency: Currency,
    /// From when on was counted.
    pub start: crate::domain::when::Instant,
    /// Until when; this instant does not belong to it.
    pub end: crate::domain::when::Instant,
    /// What rows are told by.
    pub dimensions: Vec<String>,
    /// What is told of each.
    pub metrics: Vec<String>,
    /// The rows: dimensions and metrics by name; null where nobody counted.
    pub rows: Vec<Map<String, Value>>,
    /// The metrics of all of it.
    pub totals: Map<String, Value>,
}

impl Operation for GetReport {
    const NAME: &'static str = "media_buys.report";
    const ABOUT: &'static str = "Report on one media buy, by the dimensions that are wanted.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = Report;

    async fn perform(self, work: &mut Work<'_>) -> Result<Report, Fault> {
        let by_date = [name(Dimension::Date).to_owned()];
        let dimensions = self.dimensions.as_deref().unwrap_or(&by_date);
        let dimensions: Vec<Dimension> = words(dimensions, "dimensions")?;
        let metrics: Vec<Metric> = match self.metrics.as_deref() {
            Some(list) => words(list, "metrics")?,
            None => Metric::ALL.iter().map(|(metric, _)| *metric).collect(),
        };
        let get = GetDelivery {
            media_buy_ids: Some(vec![self.media_buy_id.clone()]),
            start_date: self.start_date,
            end_date: self.end_date,
            daily: dimensions.contains(&Dimension::Date),
            ..GetDelivery::default()
        };
        let told = get.perform(work).await?;
        let (start, end) = (told.start, told.end);
        let Some(buy) = told.buys.into_iter().next() else {
            let stands = told.not_yet.first().and_then(|one| one.status.not_yet());
            return Err(match stands {
                Some((why, hint)) => {
                    let message = format!("the media buy {why}");
                    Fault::wrong_state("INVALID_STATE", message).hint(hint)
                }
                None => absent(&self.media_buy_id),
            });
        };
        let of = |totals: &Totals| -> Map<String, Value> {
            let metric = |one: &Metric| (name(*one).to_owned(), one.of(totals, buy.currency));
            metrics.iter().map(metric).collect()
        };
        let row = |(key, totals): (Vec<String>, Totals)| {
            let named = dimensions.iter().zip(key);
            let mut row: Map<String, Value> = named
                .map(|(dimension, value)| (name(*dimension).to_owned(), value.into()))
                .collect();
            row.extend(of(&totals));
            row
        };
        Ok(Report {
            rows: grouped(&buy, &dimensions).into_iter().map(row).collect(),
            totals: of(&buy.totals),
            dimensions: dimensions.iter().map(|one| name(*one).to_owned()).collect(),
            metrics: metrics.iter().map(|one| name(*one).to_owned()).collect(),
            media_buy_id: buy.media_buy_id,
            name: buy.name,
            status: buy.status,
            currency: buy.currency,
            start,
            end,
        })
    }
}

/// Totals by what rows are told by, in the order of it.
fn grouped(buy: &BuyDelivery, dimensions: &[Dimension]) -> BTreeMap<Vec<String>, Totals> {
    let mut rows: BTreeMap<Vec<String>, Totals> = BTreeMap::new();
    let key = |package: &PackageDelivery, date: Option<NaiveDate>| {
        let of = |dimension: &Dimension| match dimension {
            Dimension::Date => date.map(|date| date.to_string()).unwrap_or_default(),
            Dimension::Package => package.package_id.to_string(),
            Dimension::Product => package.product_id.to_string(),
            Dimension::MediaBuy => buy.media_buy_id.to_string(),
        };
        dimensions.iter().map(of).collect::<Vec<_>>()
    };
    let mut add = |key: Vec<String>, totals: Totals| {
        let row = rows.entry(key).or_default();
        *row = row.plus(totals);
    };
    for package in &buy.packages {
        if dimensions.contains(&Dimension::Date) {
            for day in &package.days {
                add(key(package, Some(day.date)), day.totals);
            }
        } else {
            add(key(package, None), package.totals);
        }
    }
    rows
}
