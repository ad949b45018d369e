//! A tenant's ad server from the command line: what it has is brought here, and it is told how
//! that went. Refuses tenants that nobody has opened.

use std::time::Duration;

use clap::Args;

use crate::{
    cli::{Ended, out},
    domain::{
        inventory::{
            kind::What,
            run::{Mode, Run, RunStatus},
        },
        when::rfc3339,
    },
    engine::sync::{
        history::ListSyncs,
        read::GetSync,
        start::StartSync,
        status::{CopyHealth, LastRun, Severity, SyncHealth},
        test::{GetConnection, TestConnection},
    },
    session::Session,
};

/// How often it is looked how far a sync has got.
const LOOK: Duration = Duration::from_millis(200);
/// The exit code of a sync that was given up.
const FAILED: u8 = 7;

/// Bring here what a tenant's ad server has.
#[derive(Debug, Args)]
pub struct Sync {
    /// The tenant, by its id or its subdomain; the one in the settings where it is not said.
    pub(super) name: Option<String>,
    /// Its orders and lines, instead of its inventory.
    #[arg(long)]
    orders: bool,
    /// Everything, instead of what has changed; marks what is there no more.
    #[arg(long)]
    full: bool,
}

/// Tell how a tenant's copy of its ad server does, and list its last syncs.
#[derive(Debug, Args)]
pub struct Syncs {
    /// The tenant, by its id or its subdomain; the one in the settings where it is not said.
    pub(super) name: Option<String>,
    /// At most so many.
    #[arg(long)]
    pub(super) limit: Option<u32>,
}

/// Test the connection to a tenant's ad server.
#[derive(Debug, Args)]
pub struct Test {
    /// The tenant, by its id or its subdomain; the one in the settings where it is not said.
    pub(super) name: Option<String>,
}

pub(super) async fn sync(session: &Session, wanted: &Sync, as_json: bool) -> Result<(), Ended> {
    let start = StartSync {
        what: [What::Inventory, What::Orders][usize::from(wanted.orders)],
        mode: [Mode::Incremental, Mode::Full][usize::from(wanted.full)],
    };
    let mut run = session.ask(start).await?;
    let mut told = String::new();
    while run.status.is_open() {
        let progress = progress(&run);
        if progress != told {
            out::note(&progress);
            told = progress;
        }
        tokio::time::sleep(LOOK).await;
        run = session.ask(GetSync { sync_id: run.id }).await?;
    }
    if as_json {
        out::json(&run)?;
    } else {
        finished(&run)?;
    }
    match run.status {
        RunStatus::Failed => Err(Ended::Code(FAILED)),
        _ => Ok(()),
    }
}

/// How far it has got, in a line.
fn progress(run: &Run) -> String {
    let waits = |at| format!(", waits until {}", rfc3339(at));
    let waits = run.next_at.map_or_else(String::new, waits);
    match run.stage() {
        Some(stage) => format!(
            "{}: {} read on {} pages{waits}",
            stage.kind.plural(),
            stage.seen,
            stage.pages
        ),
        None => format!("{} of {}{waits}", run.mode.name(), run.what),
    }
}

fn finished(run: &Run) -> Result<(), Ended> {
    if let Some(why) = &run.widened {
        out::note(&format!("everything was read: {why}"));
    }
    let heads = ["KIND", "READ", "NEW", "CHANGED", "GONE"];
    let mut table = out::Table::new(&heads).right(&[1, 2, 3, 4]);
    for stage in &run.stages {
        let counts = [stage.seen, stage.added, stage.changed, stage.gone];
        let mut cells = vec![stage.kind.plural().to_owned()];
        cells.extend(counts.iter().map(u64::to_string));
        table.row(&cells);
    }
    table.print()?;
    if let Some(trouble) = &run.trouble {
        out::complain(&trouble.message);
    }
    Ok(())
}

pub(super) async fn syncs(
    session: &Session,
    limit: Option<u32>,
    as_json: bool,
) -> Result<(), Ended> {
    let health = session.ask(SyncHealth {}).await?;
    let list = ListSyncs {
        limit,
        ..ListSyncs::default()
    };
    let page = session.ask(list).await?;
    if as_json {
        return out::json(&serde_json::json!({"status": health, "history": page}));
    }
    standing(&health)?;
    let heads = ["STARTED", "WHAT", "MODE", "STATUS", "READ", "BY", "ID"];
    let mut table = out::Table::new(&heads).right(&[4]);
    for run in &page.syncs {
        table.row(&[
            rfc3339(run.started_at),
            run.what.to_string(),
            run.mode.name().to_owned(),
            run.status.name().to_owned(),
            run.seen().to_string(),
            run.started_by.clone(),
            run.id.to_string(),
        ]);
    }
    table.print()
}

fn standing(health: &CopyHealth) -> Result<(), Ended> {
    for one in &health.syncs {
        let status = match one.status {
            LastRun::Success => "success",
            LastRun::Failed => "failed",
            LastRun::Running => "running",
            LastRun::NeverRun => "never run",
        };
        let mark = match one.severity {
            Severity::Ok => "ok",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        let issue = one.issue.as_ref();
        let issue = issue.map_or_else(String::new, |issue| format!(": {}", issue.message));
        out::line(&format!("{}: {status}, {mark}{issue}", one.what))?;
    }
    for count in &health.counts {
        let (items, gone) = (count.items, count.gone);
        let kind = count.kind.plural();
        out::line(&format!("  {items} {kind}, {gone} gone"))?;
    }
    out::line("")
}

pub(super) async fn test(session: &Session, as_json: bool) -> Result<(), Ended> {
    let mut known = session.ask(TestConnection::default()).await?;
    while known.testing {
        tokio::time::sleep(LOOK).await;
        known = session.ask(GetConnection::default()).await?;
    }
    if as_json {
        out::json(&known)?;
    } else if let Some(issue) = &known.issue {
        out::complain(&issue.message);
    } else {
        out::line(&format!("connected: {}", known.said))?;
    }
    match known.connected {
        Some(true) => Ok(()),
        _ => Err(Ended::Code(FAILED)),
    }
}
