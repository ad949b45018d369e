//! Reads and verifies the audit trail.

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::{
    Ended, Shown, demo, engines,
    open::{self, Desktop},
    out,
};
use crate::{
    config::Settings,
    engine::{
        activity::{ReadAudit, anchor},
        core::Core,
    },
    session::Session,
};

/// The exit code of a broken trail.
const BROKEN: u8 = 8;
/// The exit code of a trail that is whole as far as anybody can know.
const UNANCHORED: u8 = 9;

/// Read and verify the audit trail.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Verify every tenant's chain against its hashes and its anchor. Ends with 8 where one
    /// is broken, with 9 where one has no anchor and may have lost its tail.
    Verify,
    /// List what was asked and what came of it.
    List {
        /// Only what came behind this number.
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// Does it.
pub async fn run(settings: &Settings, audit: Audit, shown: Shown) -> Result<(), Ended> {
    if shown.demo {
        let desk = demo::open(settings).await?;
        anchor::follow(desk.core(), &desk.anchor()).await?;
        let session = desk.session.clone();
        let done = answer(desk.core(), &desk.anchor(), &session, audit, shown.as_json).await;
        desk.close().await;
        return done;
    }
    if let (Audit::List { .. }, Some(_)) = (&audit, &settings.engine) {
        let desktop = Desktop::open(settings, false).await?;
        return listed(&desktop.session, audit, shown.as_json).await;
    }
    if let Some(named) = &settings.engine {
        return Err(open::elsewhere(&engines::label(settings, named)));
    }
    if let (Audit::Verify, Some(missing)) = (&audit, open::missing(settings)?) {
        return Err(Ended::Usage(format!(
            "there is no database at {missing}, and so no trail to verify\nhint: name the right one with --database"
        )));
    }
    let opened = open::open(settings).await?;
    let session = Session::embedded(opened.core.clone(), open::local_caller(settings)?);
    let done = answer(&opened.core, &opened.anchor, &session, audit, shown.as_json).await;
    opened.store.close().await;
    done
}

async fn answer(
    core: &Core,
    anchor: &Path,
    session: &Session,
    audit: Audit,
    as_json: bool,
) -> Result<(), Ended> {
    match audit {
        Audit::Verify => verify(core, anchor, as_json).await,
        audit @ Audit::List { .. } => listed(session, audit, as_json).await,
    }
}

/// Lists what the arguments say.
async fn listed(session: &Session, audit: Audit, as_json: bool) -> Result<(), Ended> {
    let Audit::List { after, limit } = audit else {
        return Ok(());
    };
    let question = ReadAudit {
        after,
        limit: Some(limit),
        object: None,
    };
    list(session, question, as_json).await
}

async fn verify(core: &Core, anchor: &Path, as_json: bool) -> Result<(), Ended> {
    let anchors = anchor::read(anchor).map_err(|error| {
        Ended::Usage(format!(
            "the anchor {} cannot be read: {error}",
            anchor.display()
        ))
    })?;
    let verdicts = anchor::verify(core, &anchors).await?;
    let broken = verdicts.iter().any(|verdict| verdict.found.is_err());
    if as_json {
        let one = |verdict: &anchor::Verdict| {
            json!({
                "tenant": verdict.tenant,
                "whole": verdict.found.is_ok(),
                "lines": verdict.found.as_ref().ok().map(|end| end.seq),
                "anchored": verdict.anchored,
                "error": verdict.found.as_ref().err().map(ToString::to_string),
            })
        };
        out::json(&verdicts.iter().map(one).collect::<Vec<_>>())?;
    } else {
        for verdict in &verdicts {
            let said = match &verdict.found {
                Ok(end) => format!(
                    "{}: whole, {} lines, anchored up to {}",
                    verdict.tenant, end.seq, verdict.anchored
                ),
                Err(why) => format!("{}: BROKEN, {why}", verdict.tenant),
            };
            out::line(&said)?;
        }
        if verdicts.is_empty() {
            out::line("nothing was written yet")?;
        }
    }
    let unanchored: Vec<&str> = verdicts
        .iter()
        .filter(|verdict| verdict.is_unanchored())
        .map(|verdict| verdict.tenant.as_str())
        .collect();
    if !unanchored.is_empty() {
        out::complain(&format!(
            "no anchor in {} for {}: a tail that was cut off would not show",
            anchor.display(),
            unanchored.join(", ")
        ));
    }
    if broken {
        Err(Ended::Code(BROKEN))
    } else if !unanchored.is_empty() {
        Err(Ended::Code(UNANCHORED))
    } else {
        Ok(())
    }
}

/// Lists lines of the trail.
pub(super) async fn list(
    session: &Session,
    question: ReadAudit,
    as_json: bool,
) -> Result<(), Ended> {
    let trail = session.ask(question).await?;
    if as_json {
        return out::json(&trail);
    }
    let mut table = out::Table::new(&[
        "NO", "AT", "ACTOR", "ROLE", "ACTION", "OUTCOME", "OBJECT", "REVISION", "DETAIL",
    ])
    .right(&[0]);
    for line in trail.lines {
        let entry = line.entry;
        let number = |of: Option<i64>| of.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let revision = match (entry.revision_before, entry.revision_after) {
            (None, None) => String::new(),
            (before, after) => format!("{}>{}", number(before), number(after)),
        };
        let words = entry.words();
        table.row(&[
            line.seq.to_string(),
            entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            entry.actor,
            entry.role.to_string(),
            entry.action,
            entry.outcome.name().to_owned(),
            entry.object.unwrap_or_default(),
            revision,
            words,
        ]);
    }
    table.print()
}
