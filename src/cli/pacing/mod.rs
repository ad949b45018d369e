//! Pacing from the command line: a trafficker's calculator, and everything that the pane of
//! pacing does.

mod asked;
mod explain;
mod read;
mod report;
mod steer;

use clap::{Args, Subcommand, ValueEnum};

use super::{Ended, Shown, open::Desktop};
use crate::config::Settings;

/// See how lines pace, and change it.
#[derive(Debug, Subcommand)]
pub enum Pacing {
    /// Explain the pacing of one line: reads a JSON object from standard input.
    ///
    /// Fields: goal, delivered, start, end, asof; and, where they matter, pacing (even,
    /// `front_loaded`, asap), curve ([[time share, goal share], ...]), timezone, `rate_24h`, budget,
    /// spent, `active_hours` ([9, 10, ...], [[9, 17], ...] or {"mon": [...]}).
    #[command(verbatim_doc_comment)]
    Explain,
    /// List the lines that run, the most money at risk first.
    ///
    /// Amounts of different currencies are not compared: the desk's own currency comes first (the
    /// setting `currency`), then the others by their codes.
    List(List),
    /// Show one line: its figures with their arithmetic, why it is short, its alerts.
    Show(Show),
    /// Write the morning report.
    Brief(Brief),
    /// End with 2 when more money is at risk than may be.
    Check(Check),
    /// Try changes of lines, and store nothing.
    Whatif(Change),
    /// Change lines, all as one, with one entry in the journal.
    Apply(Apply),
    /// Take changes back, while nothing else has changed since.
    Undo(Undo),
    /// List what was changed, the newest first.
    Journal(Journal),
}

/// Which lines.
#[derive(Debug, Args)]
pub struct List {
    /// Only in this state, such as behind; may be said several times.
    #[arg(long)]
    status: Vec<String>,
    /// Only those whose line, order, owner or product contains this.
    #[arg(long)]
    search: Option<String>,
    /// Only of this media buy.
    #[arg(long, value_name = "MEDIA_BUY")]
    buy: Option<String>,
    /// With those that are over.
    #[arg(long)]
    ended: bool,
    /// Sums of orders instead of lines.
    #[arg(long)]
    by_order: bool,
    /// As it was known at that time.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
    /// Where an earlier answer ended.
    #[arg(long)]
    cursor: Option<String>,
}

/// Which line.
#[derive(Debug, Args)]
pub struct Show {
    /// The line's id.
    line_id: String,
    /// As it was known at that time, by the terms that it has now.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Markdown,
    /// For spreadsheets.
    Csv,
}

/// What the report covers.
#[derive(Debug, Args)]
pub struct Brief {
    /// Since when changes are told: yesterday, today, a day or a time.
    #[arg(long, default_value = "yesterday")]
    since: String,
    /// How it is written.
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    /// How many lines are told at most.
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

/// How much may be at risk.
#[derive(Debug, Args)]
pub struct Check {
    /// More than this, in any one currency, ends with 2.
    #[arg(long, value_name = "AMOUNT")]
    max_risk: String,
    /// Only this currency counts.
    #[arg(long)]
    currency: Option<String>,
}

/// What is done to which lines.
#[derive(Debug, Args)]
pub struct Change {
    /// The ids of the lines.
    #[arg(required = true)]
    line_ids: Vec<String>,
    /// What to do: "+3d, goal +10%, budget 9000, shift 500 to LINE, asap, prio 6, pause".
    #[arg(long = "do", value_name = "CHANGES", allow_hyphen_values = true)]
    changes: String,
}

/// What is done to which lines, and why.
#[derive(Debug, Args)]
pub struct Apply {
    #[command(flatten)]
    change: Change,
    /// Why.
    #[arg(long)]
    note: Option<String>,
    /// The revision that you looked at; if the line has changed since, nothing is done.
    #[arg(long)]
    revision: Option<i64>,
}

/// Which changes are taken back.
#[derive(Debug, Args)]
pub struct Undo {
    /// The entry of the journal.
    change_id: String,
}

/// Which changes are listed.
#[derive(Debug, Args)]
pub struct Journal {
    /// Only of this line.
    #[arg(long, value_name = "LINE")]
    line: Option<String>,
    /// Only since then: yesterday, today, a day or a time.
    #[arg(long)]
    since: Option<String>,
    /// At most so many.
    #[arg(long)]
    limit: Option<u32>,
}

/// The calculator, which needs no engine.
pub fn explain(as_json: bool) -> Result<(), Ended> {
    explain::run(as_json)
}

/// Does it.
pub async fn run(settings: &Settings, pacing: Pacing, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let (session, json) = (&desktop.session, shown.as_json);
    let done = match pacing {
        Pacing::Explain => explain::run(json),
        Pacing::List(list) => Box::pin(read::list(session, list, json)).await,
        Pacing::Show(show) => Box::pin(read::show(session, &show, json)).await,
        Pacing::Brief(brief) => Box::pin(report::brief(session, &brief, json)).await,
        Pacing::Check(check) => Box::pin(report::check(session, &check, json)).await,
        Pacing::Whatif(change) => Box::pin(steer::whatif(session, &change, json)).await,
        Pacing::Apply(apply) => Box::pin(steer::apply(session, apply, json)).await,
        Pacing::Undo(undo) => Box::pin(steer::undo(session, &undo, json)).await,
        Pacing::Journal(journal) => Box::pin(steer::journal(session, &journal, json)).await,
    };
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}
