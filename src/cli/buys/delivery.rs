//! What media buys have delivered, from the command line: as they stand, or as a report by day,
//! package or product.

use chrono::NaiveDate;
use clap::Args;
use serde_json::Value;

use crate::{
    cli::{
        Ended,
        out::{self, Table},
    },
    domain::money::Money,
    engine::media_buys::{
        delivery::{Deliveries, GetDelivery},
        report::{self, GetReport},
    },
    session::Session,
};

/// Which media buys, and over which days.
#[derive(Debug, Args)]
pub struct Delivery {
    /// Which media buys; all of them where none are named.
    #[arg(value_name = "ID")]
    media_buy_ids: Vec<String>,
    #[command(flatten)]
    days: Days,
}

/// A report on one media buy.
#[derive(Debug, Args)]
pub struct Report {
    /// Which media buy.
    #[arg(value_name = "ID")]
    media_buy_id: String,
    #[command(flatten)]
    days: Days,
    /// What rows are told by: date, package, product, `media_buy`.
    #[arg(long, value_delimiter = ',', value_name = "DIMENSIONS")]
    by: Vec<String>,
    /// What is told of each: impressions, spend, clicks, ctr, and others.
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    metrics: Vec<String>,
}

/// Over which days.
#[derive(Debug, Args)]
struct Days {
    /// From this day on, in UTC.
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// Until this day and with it.
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
}

/// Shows what media buys have delivered.
pub async fn deliveries(session: &Session, wanted: &Delivery, as_json: bool) -> Result<(), Ended> {
    let ids = wanted.media_buy_ids.iter().map(|id| id.as_str().into());
    let ids: Vec<_> = ids.collect();
    let get = GetDelivery {
        media_buy_ids: Some(ids).filter(|ids| !ids.is_empty()),
        start_date: wanted.days.from,
        end_date: wanted.days.to,
        ..GetDelivery::default()
    };
    let told = session.ask(get).await?;
    for id in &told.missing {
        out::note(&format!("there is no media buy {id}"));
    }
    if as_json {
        return out::json(&told);
    }
    show(&told)
}

fn show(told: &Deliveries) -> Result<(), Ended> {
    let headings = [
        "media buy",
        "product",
        "impressions",
        "spent",
        "of",
        "index",
        "pacing",
        "until",
    ];
    let mut table = Table::new(&headings).right(&[2, 3, 4, 5]);
    for buy in &told.buys {
        for (nth, one) in buy.packages.iter().enumerate() {
            let name = if nth == 0 {
                buy.name.clone()
            } else {
                String::new()
            };
            let index = one.pacing_index;
            let until = one.as_of.map(|at| at.format("%Y-%m-%d %H:%M").to_string());
            table.row(&[
                name,
                one.product_id.to_string(),
                one.totals.impressions.to_string(),
                Money::new(one.totals.spent, buy.currency).to_string(),
                one.budget.to_string(),
                index.map_or_else(String::new, |index| format!("{index:.2}")),
                one.pacing.clone(),
                until.unwrap_or_default(),
            ]);
        }
    }
    table.print()
}

/// Reports on a media buy.
pub async fn report(session: &Session, wanted: &Report, as_json: bool) -> Result<(), Ended> {
    let some = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
    let get = GetReport {
        media_buy_id: wanted.media_buy_id.as_str().into(),
        start_date: wanted.days.from,
        end_date: wanted.days.to,
        dimensions: some(&wanted.by),
        metrics: some(&wanted.metrics),
    };
    let told = session.ask(get).await?;
    if as_json {
        return out::json(&told);
    }
    rows(&told)
}

fn rows(told: &report::Report) -> Result<(), Ended> {
    let columns: Vec<&str> = told
        .dimensions
        .iter()
        .chain(&told.metrics)
        .map(String::as_str)
        .collect();
    let numbers: Vec<usize> = (told.dimensions.len()..columns.len()).collect();
    let mut table = Table::new(&columns).right(&numbers);
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    for row in told.rows.iter().chain([&told.totals]) {
        let cells = columns.iter().map(|column| cell(row.get(*column)));
        table.row(&cells.collect::<Vec<_>>());
    }
    table.print()
}
