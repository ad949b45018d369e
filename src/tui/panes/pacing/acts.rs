//! What can be done to lines and their alerts, as proposals: what exactly would become
//! different, with the projection before and after, pinned to what the person saw.

use std::sync::Arc;

use super::rows::{count, words};
use crate::{
    domain::{currency::Currency, ids::ChangeId, pacing::ratio::Ratio, when::Instant},
    engine::{
        fault::Fault,
        pacing::{
            alerts::{WhichAlert, acknowledge::AcknowledgeAlerts, snooze::SnoozeAlerts},
            list::ListPacing,
            row::PaceRow,
            steer::{
                LineChange, Outcome, Projection, Steer,
                apply::{Applied, ApplyChanges},
                undo::UndoChanges,
                whatif::WhatIf,
            },
        },
    },
    session::Session,
    tui::{
        clean::Clean,
        consent::Consent,
        effect::{Done, Proposal, Renew, Step},
        theme::Role,
    },
};

type Line = (Clean, Role);

/// The same changes of every line, pinned to what was seen.
#[must_use]
pub fn changes(rows: &[PaceRow], steers: &[Steer]) -> Vec<LineChange> {
    let of = |row: &PaceRow| {
        let (line_id, revision) = (row.line_id, Some(row.revision));
        let one = move |steer: &Steer| LineChange {
            line_id,
            steer: steer.clone(),
            revision,
        };
        steers.iter().map(one).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of).collect()
}

fn noun(lines: usize) -> Clean {
    match lines {
        1 => "1 line".into(),
        many => clean!("{many} lines"),
    }
}

/// A share of the goal, in per cent.
fn percent(share: Option<Ratio>) -> Clean {
    let percent = share.and_then(|share| share.times(Ratio::HUNDRED));
    percent.map_or_else(|| "-".into(), |percent| clean!("{percent:.0} %"))
}

/// What becomes of one line.
#[must_use]
pub fn outcome(one: &Outcome, alone: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    if !alone {
        lines.push((Clean::new(&one.line), Role::Title));
    }
    for change in &one.changes {
        lines.push((clean!("  {}", change.words()), Role::Text));
    }
    if one.asks {
        let said = "  the publisher is asked to agree first";
        lines.push((said.into(), Role::Warn));
    }
    let (before, after) = (&one.before, &one.after);
    let better = after.projected_share >= before.projected_share;
    let role = if better { Role::Good } else { Role::Warn };
    lines.push((
        clean!(
            "  ends at {} of its goal → {}",
            percent(before.projected_share),
            percent(after.projected_share)
        ),
        role,
    ));
    lines.push((
        clean!(
            "  needs {} a day → {}; {} → {}",
            count(before.required_daily),
            count(after.required_daily),
            words(before.status),
            words(after.status)
        ),
        Role::Muted,
    ));
    let risk = |risk: Option<Ratio>| risk.map_or_else(|| "-".into(), |risk| clean!("{risk:.2}"));
    if before.at_risk != after.at_risk {
        let (was, is) = (risk(before.at_risk), risk(after.at_risk));
        let code = one.currency.map_or("", Currency::code);
        lines.push((clean!("  at risk {was} → {is} {code}"), Role::Muted));
    }
    lines
}

/// Proposes changes that were tried.
#[must_use]
pub fn apply(changes: Vec<LineChange>, tried: &Projection) -> Proposal {
    let alone = tried.lines.len() == 1;
    let lines = tried.lines.iter().flat_map(|one| outcome(one, alone));
    let title = match &tried.lines[..] {
        [one] => clean!("Change {}", one.line),
        many => clean!("Change {}", noun(many.len())),
    };
    let about = title.clone();
    let mut all: Vec<Line> = vec![("All of it is done at once, or nothing:".into(), Role::Text)];
    all.extend(lines);
    let apply = ApplyChanges {
        changes: changes.clone(),
        note: None,
    };
    Proposal {
        title,
        lines: all,
        typed: (!alone).then(|| Consent::words(noun(tried.lines.len()))),
        button: "apply",
        steps: vec![Step::new(about, apply, |applied| done(&applied))],
        renew: Some(renew(changes)),
    }
}

fn done(applied: &Applied) -> Done {
    let lines = &applied.projection.lines;
    let asked = applied.projection.asked.len();
    let said = match (&lines[..], asked) {
        ([one], 0) => clean!("{} is changed", one.line),
        ([one], _) => clean!("{}: the publisher is asked", one.line),
        (many, 0) => clean!("{} are changed", noun(many.len())),
        (many, asked) => clean!("{} changed, {asked} asked for", noun(many.len())),
    };
    let undo = (asked == 0).then(|| Arc::new(undo(applied.change_id, &applied.projection)));
    Done {
        said,
        undo,
        place: None,
        shown: None,
    }
}

/// Proposes to take changes back that were just made.
#[must_use]
pub fn undo(change_id: ChangeId, made: &Projection) -> Proposal {
    let mut lines: Vec<Line> = vec![("Every field becomes again what it was:".into(), Role::Text)];
    for one in &made.lines {
        lines.push((Clean::new(&one.line), Role::Title));
        for change in &one.changes {
            let (name, before) = (change.before.name(), change.before.words());
            lines.push((
                clean!("  {name} {} → {before}", change.after.words()),
                Role::Text,
            ));
        }
    }
    take_back(
        change_id,
        clean!("Undo the change of {}", noun(made.lines.len())),
        lines,
    )
}

/// Proposes to take an entry of the journal back.
#[must_use]
pub fn take_back(change_id: ChangeId, title: Clean, lines: Vec<Line>) -> Proposal {
    let step = Step::new(
        title.clone(),
        UndoChanges { change_id },
        |applied: Applied| {
            let lines = applied.projection.lines.len();
            Done::said(clean!("{} as before", noun(lines)))
        },
    );
    Proposal {
        title,
        lines,
        typed: None,
        button: "undo",
        steps: vec![step],
        renew: None,
    }
}

/// Tries the same changes again with the lines as they are now.
fn renew(changes: Vec<LineChange>) -> Renew {
    Arc::new(move |session: Session, _| {
        let changes = changes.clone();
        Box::pin(async move { again(&session, changes).await })
    })
}

async fn again(session: &Session, mut changes: Vec<LineChange>) -> Result<Proposal, Fault> {
    let list = ListPacing {
        line_ids: Some(changes.iter().map(|one| one.line_id).collect()),
        ..ListPacing::default()
    };
    let rows = session.ask(list).await?.lines;
    for change in &mut changes {
        let now = rows.iter().find(|row| row.line_id == change.line_id);
        change.revision = now.map(|row| row.revision);
    }
    let tried = session
        .ask(WhatIf {
            changes: changes.clone(),
        })
        .await?;
    Ok(apply(changes, &tried))
}

fn which(rows: &[PaceRow]) -> Vec<WhichAlert> {
    rows.iter()
        .map(|row| WhichAlert {
            line_id: row.line_id,
            rule: None,
        })
        .collect()
}

fn listed(rows: &[PaceRow]) -> Vec<Line> {
    let line = |row: &PaceRow| (clean!("  {}: {} open", row.line, row.alerts), Role::Text);
    rows.iter().map(line).collect()
}

/// Proposes to acknowledge the alerts of lines.
#[must_use]
pub fn acknowledge(rows: &[PaceRow], note: &str) -> Proposal {
    let mut lines: Vec<Line> = vec![(
        "They no longer wait; you are named as who sees to them:".into(),
        Role::Text,
    )];
    lines.extend(listed(rows));
    if !note.is_empty() {
        lines.push((clean!("Note: {note}"), Role::Text));
    }
    let acknowledge = AcknowledgeAlerts {
        alerts: which(rows),
        note: (!note.is_empty()).then(|| note.to_owned()),
    };
    let title = clean!("Acknowledge the alerts of {}", noun(rows.len()));
    tended(
        title,
        lines,
        "acknowledge",
        Step::new("alerts".into(), acknowledge, |tended| {
            Done::said(clean!("{} acknowledged", tended.alerts))
        }),
    )
}

/// Proposes to put the alerts of lines off.
#[must_use]
pub fn snooze(rows: &[PaceRow], until: Instant) -> Proposal {
    let when = until.format("%b %d %H:%M UTC");
    let mut lines: Vec<Line> = vec![(clean!("They wait again from {when} on:"), Role::Text)];
    lines.extend(listed(rows));
    let snooze = SnoozeAlerts {
        alerts: which(rows),
        until: Some(until),
    };
    let title = clean!("Put off the alerts of {}", noun(rows.len()));
    tended(
        title,
        lines,
        "put off",
        Step::new("alerts".into(), snooze, |tended| {
            Done::said(clean!("{} put off", tended.alerts))
        }),
    )
}

fn tended(title: Clean, lines: Vec<Line>, button: &'static str, step: Step) -> Proposal {
    Proposal {
        title,
        lines,
        typed: None,
        button,
        steps: vec![step],
        renew: None,
    }
}
