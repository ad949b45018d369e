//! What happened and what goes on, from the command line: everything that the Activity pane
//! shows but the console's own log. Newest last, as a log is read.

use clap::{Args, Subcommand};

use super::{Ended, Shown, audit, open::Desktop, out, webhooks};
use crate::{
    config::Settings,
    domain::when::rfc3339,
    engine::{
        activity::{FeedEnd, ListTasks, ReadAudit, ReadFeed},
        events::Event,
    },
    session::Session,
};

/// Look at what happened, and at what goes on behind it.
#[derive(Debug, Subcommand)]
pub enum Activity {
    /// What happened.
    Events(Which),
    /// Who asked for what, and what came of it.
    Trail(Which),
    /// What was sent to others, what waits and what was given up.
    Deliveries(webhooks::Deliveries),
    /// Background work with its leases.
    Work {
        /// At most so many.
        #[arg(long)]
        limit: Option<u32>,
    },
}

/// What of it.
#[derive(Debug, Args)]
pub struct Which {
    /// Only about this object, such as the id of a job.
    object: Option<String>,
    /// Only what came behind this number; the newest otherwise.
    #[arg(long)]
    after: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

impl Which {
    /// Behind which number it begins, where the last one is known.
    fn after(&self, last: i64) -> i64 {
        // What is about one object lies anywhere.
        let newest = match self.object {
            Some(_) => 0,
            None => last.saturating_sub(i64::from(self.limit)),
        };
        self.after.unwrap_or(newest.max(0))
    }
}

/// Does it.
pub async fn run(settings: &Settings, activity: Activity, shown: Shown) -> Result<(), Ended> {
    let desktop = Desktop::open(settings, shown.demo).await?;
    let done = Box::pin(dispatch(&desktop.session, activity, shown.as_json)).await;
    let closed = desktop.close().await;
    done?;
    Ok(closed?)
}

async fn dispatch(session: &Session, activity: Activity, as_json: bool) -> Result<(), Ended> {
    match activity {
        Activity::Events(which) => events(session, which, as_json).await,
        Activity::Trail(which) => {
            let end = session.ask(FeedEnd {}).await?;
            let question = ReadAudit {
                after: which.after(end.audit),
                limit: Some(which.limit),
                object: which.object,
            };
            audit::list(session, question, as_json).await
        }
        Activity::Deliveries(which) => webhooks::deliveries(session, which, as_json).await,
        Activity::Work { limit } => work(session, limit, as_json).await,
    }
}

async fn events(session: &Session, which: Which, as_json: bool) -> Result<(), Ended> {
    let end = session.ask(FeedEnd {}).await?;
    let question = ReadFeed {
        after: which.after(end.seq),
        limit: Some(which.limit),
        object: which.object,
    };
    let found = session.ask(question).await?;
    if as_json {
        return out::json(&found);
    }
    let mut table = out::Table::new(&["NO", "AT", "WHAT", "OBJECT", "DETAIL"]).right(&[0]);
    for Event {
        seq,
        at,
        event,
        kind,
        object,
        detail,
    } in found.events
    {
        table.row(&[
            seq.to_string(),
            at.format("%Y-%m-%d %H:%M:%S").to_string(),
            event,
            format!("{kind}/{object}"),
            detail,
        ]);
    }
    table.print()
}

async fn work(session: &Session, limit: Option<u32>, as_json: bool) -> Result<(), Ended> {
    let found = session.ask(ListTasks { limit }).await?;
    if as_json {
        return out::json(&found);
    }
    let headings = [
        "KIND", "OBJECT", "STATE", "DUE", "TRIES", "HELD BY", "TROUBLE",
    ];
    let mut table = out::Table::new(&headings).right(&[4]);
    for one in found.tasks {
        table.row(&[
            one.kind,
            one.object,
            one.state,
            rfc3339(one.run_at),
            one.attempts.to_string(),
            one.held_by.unwrap_or_default(),
            one.last_error.unwrap_or_default(),
        ]);
    }
    table.print()
}
