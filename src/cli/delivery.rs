//! Delivery from the command line: what a line has delivered day by day, what others counted of
//! it, and the clock of a sandbox turned forward while its lines are delivered.

mod measured;

use chrono::{Duration, NaiveDate};
use clap::Subcommand;

use super::{
    Ended,
    open::{self, Desktop, Opened},
    out::{self, Table},
};
use crate::{
    config::Settings,
    domain::{
        currency::Currency, delivery::mark::Mark, ids::LineId, money::Money, text::echo,
        when::rfc3339,
    },
    engine::{
        activity::{FeedEnd, ReadFeed, anchor},
        delivery::{
            series::{Grain, ReadSeries, Series},
            turn::{TurnClock, Turned},
        },
    },
    session::Session,
};

/// How many events are read at once.
const AT_ONCE: u32 = 500;
/// What happens at every step and is no news.
const UNTOLD: [&str; 2] = ["clock.turned", "delivery.recorded"];
/// By how many hours the clock is turned at once: no longer than counts may be old.
const STEP: i64 = 3;

/// Look at what lines have delivered and what others count, and turn the clock of a sandbox.
#[derive(Debug, Subcommand)]
pub enum Delivery {
    /// Show what a line has delivered, day by day.
    Show {
        /// Which line.
        line_id: String,
        /// By hour instead.
        #[arg(long)]
        hours: bool,
        /// From this day on.
        #[arg(long, value_name = "DAY")]
        from: Option<NaiveDate>,
        /// Until this day.
        #[arg(long, value_name = "DAY")]
        to: Option<NaiveDate>,
    },
    /// Take in what others counted of lines, to hold it against what we count.
    Measured(measured::Take),
    /// Turn the clock of a sandbox or a rehearsal forward, and tell what happens meanwhile.
    Turn {
        /// By how much: `+3d`, `+12h`, `+90m`.
        #[arg(value_name = "SPAN", allow_hyphen_values = true)]
        by: String,
    },
}

/// Does it.
pub async fn run(settings: &Settings, wanted: Delivery, as_json: bool) -> Result<(), Ended> {
    match wanted {
        Delivery::Show {
            line_id,
            hours,
            from,
            to,
        } => {
            let line_id = line(&line_id)?;
            let grain = if hours { Grain::Hour } else { Grain::Day };
            let ask = ReadSeries {
                line_id,
                grain,
                from,
                to,
            };
            let desktop = Desktop::open(settings, false).await?;
            let series = desktop.session.ask(ask).await;
            desktop.close().await?;
            let series = series?;
            if as_json {
                return out::json(&series);
            }
            show(&series, grain)
        }
        Delivery::Measured(take) => {
            let desktop = Desktop::open(settings, false).await?;
            let taken = take.run(&desktop.session, as_json).await;
            desktop.close().await?;
            taken
        }
        Delivery::Turn { by } => {
            let span = span(&by)?;
            let opened = open::open(settings).await?;
            let session = Session::embedded(opened.core.clone(), open::local_caller(settings)?);
            let turned = turn(&opened, &session, span, as_json).await;
            close(opened).await?;
            turned
        }
    }
}

async fn close(opened: Opened) -> Result<(), Ended> {
    anchor::follow(&opened.core, &opened.anchor).await?;
    opened.store.close().await;
    Ok(())
}

fn line(text: &str) -> Result<LineId, Ended> {
    text.parse().map_err(|_| {
        let said = echo(text);
        Ended::Usage(format!(
            "{said} is not the id of a line\nhint: `flightdeck call opendirect.list_lines` lists them"
        ))
    })
}

/// Reads a span such as `+3d`.
fn span(text: &str) -> Result<Duration, Ended> {
    let wrong = || {
        let said = echo(text);
        Ended::Usage(format!(
            "{said} is no span to turn a clock by\nhint: write +3d, +12h or +90m"
        ))
    };
    let plain = text.strip_prefix('+').unwrap_or(text);
    let unit = plain.chars().last().ok_or_else(wrong)?;
    let number = plain
        .strip_suffix(unit)
        .and_then(|number| number.parse::<u16>().ok());
    let number = i64::from(number.ok_or_else(wrong)?);
    match unit {
        'd' => Ok(Duration::days(number)),
        'h' => Ok(Duration::hours(number)),
        'm' => Ok(Duration::minutes(number)),
        _ => Err(wrong()),
    }
}

/// Turns the clock a few hours at a time, lets everything happen, and tells it day by day.
async fn turn(
    opened: &Opened,
    session: &Session,
    span: Duration,
    as_json: bool,
) -> Result<(), Ended> {
    let mut left = span;
    let mut whole: Option<Turned> = None;
    let mut seen = session.ask(FeedEnd::default()).await?.seq;
    // A flight that began before anybody looked begins now.
    opened.runner.settle().await?;
    loop {
        let step = left.min(Duration::hours(STEP));
        let count = |number: i64| u32::try_from(number).unwrap_or(0);
        let turn = TurnClock {
            days: 0,
            hours: 0,
            minutes: count(step.num_minutes()),
        };
        let turned = session.ask(turn).await?;
        opened.runner.settle().await?;
        if !as_json {
            seen = tell(session, seen).await?;
            let gone = span - left + step;
            if gone == span || gone.num_hours() % 24 == 0 {
                out::line(&rfc3339(turned.to))?;
            }
        }
        let from = whole.map_or(turned.from, |whole: Turned| whole.from);
        whole = Some(Turned {
            from,
            to: turned.to,
        });
        left -= step;
        if left <= Duration::zero() {
            break;
        }
    }
    match whole {
        Some(whole) if as_json => out::json(&whole),
        _ => Ok(()),
    }
}

/// Tells what happened behind a number of the feed.
async fn tell(session: &Session, mut seen: i64) -> Result<i64, Ended> {
    loop {
        let ask = ReadFeed {
            after: seen,
            limit: Some(AT_ONCE),
            object: None,
        };
        let events = session.ask(ask).await?.events;
        let Some(last) = events.last() else {
            return Ok(seen);
        };
        seen = last.seq;
        for event in &events {
            if !UNTOLD.contains(&event.event.as_str()) {
                let at = event.at.format("%Y-%m-%d %H:%M");
                out::line(&format!("  {at}  {:<24}  {}", event.event, event.detail))?;
            }
        }
    }
}

fn show(series: &Series, grain: Grain) -> Result<(), Ended> {
    let heading = match grain {
        Grain::Hour => "hour to",
        Grain::Day => "day",
    };
    let headings = [
        heading,
        "impressions",
        "in all",
        "clicks",
        "completes",
        "spent",
    ];
    let mut table = Table::new(&headings).right(&[1, 2, 3, 4, 5]);
    let mut before = 0;
    for mark in &series.marks {
        table.row(&row(mark, before, grain, series.currency));
        before = mark.impressions;
    }
    table.print()
}

fn row(mark: &Mark, before: u64, grain: Grain, currency: Option<Currency>) -> [String; 6] {
    let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
    let spent = mark.spent.zip(currency);
    let spent = spent.map(|(minor, currency)| Money::new(minor, currency).to_string());
    [
        match grain {
            Grain::Hour => mark.at.format("%Y-%m-%d %H:%M").to_string(),
            Grain::Day => mark.day().to_string(),
        },
        mark.impressions.saturating_sub(before).to_string(),
        mark.impressions.to_string(),
        count(mark.clicks),
        count(mark.completes),
        spent.unwrap_or_default(),
    ]
}
