//! Alerts from the command line: what is wrong with lines, who sees to it, and not now.

use chrono::Duration;
use clap::{Args, Subcommand};

use super::{Ended, Shown, open::Desktop, out};
use crate::{
    config::Settings,
    domain::{
        ids::LineId,
        pacing::alerts::{Rule, Severity, watch::State},
        text::echo,
    },
    engine::pacing::alerts::{
        Tended, WhichAlert,
        acknowledge::AcknowledgeAlerts,
        list::{AlertList, ListAlerts},
        snooze::SnoozeAlerts,
    },
    session::Session,
};

/// See what is wrong with lines, and see to it.
#[derive(Debug, Subcommand)]
pub enum Alerts {
    /// List alerts, the most money at risk first.
    List(List),
    /// Say that you see to the alerts of lines.
    Acknowledge(Acknowledge),
    /// Put the alerts of lines off.
    Snooze(Snooze),
}

/// Which alerts.
#[derive(Debug, Args)]
pub struct List {
    /// Also those that somebody sees to, that sleep, and that are over.
    #[arg(long)]
    all: bool,
    /// Only critical ones.
    #[arg(long)]
    critical: bool,
    /// Only those whose line, order or owner contains this.
    #[arg(long)]
    search: Option<String>,
}

/// Which lines.
#[derive(Debug, Args)]
pub struct These {
    /// The ids of the lines.
    #[arg(required = true)]
    line_ids: Vec<String>,
    /// Only of this rule, such as BEHIND.
    #[arg(long)]
    rule: Option<String>,
}

/// Which lines, and what is done.
#[derive(Debug, Args)]
pub struct Acknowledge {
    #[command(flatten)]
    these: These,
    /// What is done about it.
    #[arg(long)]
    note: Option<String>,
}

/// Which lines, and how long.
#[derive(Debug, Args)]
pub struct Snooze {
    #[command(flatten)]
    these: These,
    /// For so many hours.
    #[arg(long, value_name = "HOURS", default_value_t = 4)]
    hours: u16,
}

/// Does it.
pub async fn run(settings: &Settings, alerts: Alerts, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let done = Box::pin(dispatch(&desktop.session, alerts, shown.as_json)).await;
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

async fn dispatch(session: &Session, alerts: Alerts, as_json: bool) -> Result<(), Ended> {
    let tended = match alerts {
        Alerts::List(list) => {
            let ask = ListAlerts {
                all: list.all,
                severity: list.critical.then_some(Severity::Critical),
                line_id: None,
                search: list.search,
            };
            let found = session.ask(ask).await?;
            return if as_json {
                out::json(&found)
            } else {
                table(&found)
            };
        }
        Alerts::Acknowledge(one) => {
            let alerts = which(&one.these)?;
            let note = one.note;
            session.ask(AcknowledgeAlerts { alerts, note }).await?
        }
        Alerts::Snooze(one) => {
            let alerts = which(&one.these)?;
            let until = Some(session.now() + Duration::hours(one.hours.into()));
            session.ask(SnoozeAlerts { alerts, until }).await?
        }
    };
    let Tended { alerts } = tended;
    if as_json {
        return out::json(&tended);
    }
    out::line(&format!("{alerts} alerts"))
}

fn which(these: &These) -> Result<Vec<WhichAlert>, Ended> {
    let rule = match &these.rule {
        None => None,
        Some(named) => {
            let found = Rule::ALL
                .iter()
                .find(|one| one.code().eq_ignore_ascii_case(named));
            Some(*found.ok_or_else(|| {
                let codes: Vec<&str> = Rule::ALL.iter().map(|one| one.code()).collect();
                let said = format!("--rule: {} is no rule", echo(named));
                Ended::Usage(format!("{said}\nhint: known are {}", codes.join(", ")))
            })?)
        }
    };
    let one = |text: &String| {
        let line_id: LineId = text
            .parse()
            .map_err(|_| Ended::Usage(format!("{} is no id of a line", echo(text))))?;
        Ok(WhichAlert { line_id, rule })
    };
    these.line_ids.iter().map(one).collect()
}

fn table(found: &AlertList) -> Result<(), Ended> {
    let headings = ["SEVERITY", "RULE", "LINE", "SAID", "STATE", "LINE ID"];
    let mut table = out::Table::new(&headings);
    for alert in found.orders.iter().flat_map(|order| &order.alerts) {
        let severity = match alert.severity {
            Severity::Critical => "✗ critical",
            Severity::Warning => "! warning",
            Severity::Info => "i info",
        };
        let state = match &alert.state {
            State::Waiting => "waiting".to_owned(),
            State::Open { since } => format!("open since {}", since.format("%m-%d %H:%M")),
            State::Acknowledged { by, .. } => format!("{by} sees to it"),
            State::Snoozed { until, .. } => format!("until {}", until.format("%m-%d %H:%M")),
            State::Resolved { at } => format!("over since {}", at.format("%m-%d %H:%M")),
        };
        table.row(&[
            severity.to_owned(),
            alert.rule.code().to_owned(),
            alert.line.to_string(),
            alert.said.clone(),
            state,
            alert.line_id.to_string(),
        ]);
    }
    table.print()?;
    if found.orders.is_empty() {
        out::note("nothing is wrong that anybody would have to look at");
    }
    Ok(())
}
