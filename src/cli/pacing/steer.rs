//! Changes from the command line: tried, made, taken back, listed.

use super::{
    Apply, Change, Journal, Undo,
    read::{id, money, shown, time},
};
use crate::{
    cli::{Ended, out},
    domain::{
        ids::{ChangeId, LineId},
        pacing::{journal::Changed, ratio::Ratio},
    },
    engine::pacing::steer::{
        LineChange, Outcome, Projection,
        apply::{Applied, ApplyChanges},
        journal::ReadJournal,
        undo::UndoChanges,
        whatif::WhatIf,
        words,
    },
    session::Session,
};

/// The same changes of every line.
fn changes(change: &Change, revision: Option<i64>) -> Result<Vec<LineChange>, Ended> {
    let steers = words::read(&change.changes, |name| name.parse().ok());
    let steers = steers.map_err(|wrong| Ended::Usage(format!("--do: {wrong}")))?;
    let mut all = Vec::new();
    for line in &change.line_ids {
        let line_id: LineId = id(line)?;
        all.extend(steers.iter().map(|steer| LineChange {
            line_id,
            steer: steer.clone(),
            revision,
        }));
    }
    Ok(all)
}

/// Tries changes.
pub async fn whatif(session: &Session, change: &Change, as_json: bool) -> Result<(), Ended> {
    let changes = changes(change, None)?;
    let tried = session.ask(WhatIf { changes }).await?;
    if as_json {
        return out::json(&tried);
    }
    projected(&tried)?;
    out::note("nothing was changed; `flightdeck pacing apply` does");
    Ok(())
}

/// Makes changes.
pub async fn apply(session: &Session, apply: Apply, as_json: bool) -> Result<(), Ended> {
    let changes = changes(&apply.change, apply.revision)?;
    let note = apply.note;
    let made = session.ask(ApplyChanges { changes, note }).await?;
    told(&made, as_json)
}

/// Takes changes back.
pub async fn undo(session: &Session, undo: &Undo, as_json: bool) -> Result<(), Ended> {
    let change_id: ChangeId = id(&undo.change_id)?;
    let made = session.ask(UndoChanges { change_id }).await?;
    told(&made, as_json)
}

fn told(made: &Applied, as_json: bool) -> Result<(), Ended> {
    if as_json {
        return out::json(made);
    }
    projected(&made.projection)?;
    out::line(&format!("change {}", made.change_id))
}

fn projected(projection: &Projection) -> Result<(), Ended> {
    for one in &projection.lines {
        outcome(one)?;
    }
    for buy in &projection.asked {
        out::line(&format!("the publisher is asked to agree to {buy} first"))?;
    }
    Ok(())
}

fn outcome(one: &Outcome) -> Result<(), Ended> {
    out::line(&one.line)?;
    for change in &one.changes {
        out::line(&format!("  {}", change.words()))?;
    }
    let percent = |share: Option<Ratio>| shown(share.and_then(|it| it.times(Ratio::HUNDRED)), 1);
    let (before, after) = (&one.before, &one.after);
    out::line(&format!(
        "  ends at {} % → {} % of its goal; needs {} → {} a day; {} → {} at risk; {} → {}",
        percent(before.projected_share),
        percent(after.projected_share),
        shown(before.required_daily, 0),
        shown(after.required_daily, 0),
        shown(before.at_risk, 2),
        money(after.at_risk, one.currency),
        before.status.name(),
        after.status.name(),
    ))
}

/// Lists changes.
pub async fn journal(session: &Session, journal: &Journal, as_json: bool) -> Result<(), Ended> {
    let line = journal.line.as_deref().map(id::<LineId>).transpose()?;
    let since = journal.since.as_deref();
    let since = since
        .map(|text| time(session, "--since", text))
        .transpose()?;
    let ask = ReadJournal {
        line_id: line,
        since,
        limit: journal.limit,
    };
    let page = session.ask(ask).await?;
    if as_json {
        return out::json(&page);
    }
    let mut table = out::Table::new(&["AT", "BY", "LINE", "CHANGED", "CHANGE ID"]);
    for one in &page.entries {
        let entry = &one.entry;
        let mut changes = entry.changes.iter();
        let first = changes.next();
        let state = if entry.undone.is_some() {
            " (undone)"
        } else {
            ""
        };
        table.row(&[
            entry.at.format("%Y-%m-%d %H:%M").to_string(),
            entry.by.clone(),
            first.map_or_else(String::new, |one| one.line.to_string()),
            first.map_or_else(|| "asked for".to_owned(), Changed::words) + state,
            entry.id.to_string(),
        ]);
        for more in changes {
            let empty = String::new;
            table.row(&[
                empty(),
                empty(),
                more.line.to_string(),
                more.words(),
                empty(),
            ]);
        }
    }
    table.print()
}
