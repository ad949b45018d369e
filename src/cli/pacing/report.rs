//! The morning report, and the check that a timer runs: what is at risk, what is wrong, what was
//! changed.

use std::fmt::Write as _;

use super::{
    Brief, Check, Format,
    read::{money, shown, time},
};
use crate::{
    cli::{Ended, out},
    domain::{
        money::Amount,
        pacing::{journal::Changed, ratio::Ratio, status::Status},
        text::echo,
        when::Instant,
    },
    engine::pacing::{
        alerts::list::{AlertList, ListAlerts},
        list::{ListPacing, PacePage, at_risk},
        row::PaceRow,
        steer::journal::{JournalPage, ReadJournal},
    },
    session::Session,
};

/// What a check has found.
#[derive(serde::Serialize)]
struct Checked {
    at_risk: Vec<(String, Ratio)>,
    max_risk: Ratio,
    exceeded: bool,
}

/// Ends with 2 when more is at risk than may be.
pub async fn check(session: &Session, check: &Check, as_json: bool) -> Result<(), Ended> {
    let most: Amount = check.max_risk.parse().map_err(|_| {
        let said = echo(&check.max_risk);
        Ended::Usage(format!(
            "--max-risk: {said} is no amount\nhint: write 5000 or 5000.50"
        ))
    })?;
    let most = Ratio::from(most);
    let page = session.ask(ListPacing::default()).await?;
    let mut risks = at_risk(&page);
    if let Some(only) = &check.currency {
        risks.retain(|(code, _)| code.eq_ignore_ascii_case(only));
    }
    let exceeded = risks.iter().any(|(_, risk)| *risk > most);
    if as_json {
        out::json(&Checked {
            at_risk: risks,
            max_risk: most,
            exceeded,
        })?;
    } else {
        for (code, risk) in &risks {
            let sign = if *risk > most { "✗" } else { "✓" };
            out::line(&format!("{sign} {risk:.2} {code} at risk, {most} may be"))?;
        }
        if risks.is_empty() {
            out::note("no line runs");
        }
    }
    if exceeded {
        Err(Ended::Code(2))
    } else {
        Ok(())
    }
}

/// What the report says, for programs.
#[derive(serde::Serialize)]
struct Report<'a> {
    at: Instant,
    since: Instant,
    pacing: &'a PacePage,
    alerts: &'a AlertList,
    changes: &'a JournalPage,
}

/// Writes the morning report.
pub async fn brief(session: &Session, brief: &Brief, as_json: bool) -> Result<(), Ended> {
    let since = time(session, "--since", &brief.since)?;
    let list = ListPacing {
        ended: true,
        ..ListPacing::default()
    };
    let mut page = session.ask(list).await?;
    // What ended long ago was in an earlier report.
    page.lines.retain(|row| row.end >= since);
    let alerts = session.ask(ListAlerts::default()).await?;
    let journal = ReadJournal {
        since: Some(since),
        limit: Some(500),
        ..ReadJournal::default()
    };
    let changes = session.ask(journal).await?;
    let at = session.now();
    if as_json {
        return out::json(&Report {
            at,
            since,
            pacing: &page,
            alerts: &alerts,
            changes: &changes,
        });
    }
    let worst = page.lines.iter().filter(|row| wants(row)).take(brief.limit);
    let worst: Vec<&PaceRow> = worst.collect();
    match brief.format {
        Format::Csv => out::raw(&csv(&worst)),
        Format::Markdown => {
            let text = markdown(at, since, &page, &worst, &alerts, &changes);
            out::raw(&text)
        }
    }
}

/// Whether somebody should read of a line.
fn wants(row: &PaceRow) -> bool {
    let calm = matches!(
        row.status,
        Status::OnTrack
            | Status::NotStarted
            | Status::WarmingUp
            | Status::EndedMet
            | Status::GoalMet
    );
    !calm || row.alerts > 0 || row.stake().is_some_and(|stake| stake > 0)
}

const HEAD: [&str; 10] = [
    "status",
    "line",
    "order",
    "buyer",
    "index",
    "delivered",
    "goal",
    "ends_at_pct",
    "days_left",
    "at_risk",
];

fn cells(row: &PaceRow) -> [String; 10] {
    let f = row.figures.as_ref();
    let share = f.and_then(|f| f.projected_share?.times(Ratio::HUNDRED));
    [
        row.status.name().to_owned(),
        row.line.to_string(),
        row.order.to_string(),
        row.owner.to_string(),
        shown(f.and_then(|f| f.index), 2),
        row.delivered.map_or_else(String::new, |it| it.shown(0)),
        row.goal.map_or_else(String::new, |it| it.shown(0)),
        share.map_or_else(String::new, |share| share.shown(1)),
        f.map_or_else(String::new, |f| f.days_left.shown(1)),
        money(f.and_then(|f| f.at_risk), row.currency),
    ]
}

fn csv(rows: &[&PaceRow]) -> String {
    let cell = |text: &str| {
        // A spreadsheet takes some beginnings for a formula.
        let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let text = if risky {
            format!("'{text}")
        } else {
            text.to_owned()
        };
        if text.contains([',', '"', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    let mut text = HEAD.join(",") + "\n";
    for row in rows {
        let cells: Vec<String> = cells(row).iter().map(|one| cell(one)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// A name as it may stand in a table.
fn plain(text: &str) -> String {
    crate::domain::text::inert(text).replace('|', "\\|")
}

fn markdown(
    at: Instant,
    since: Instant,
    page: &PacePage,
    worst: &[&PaceRow],
    alerts: &AlertList,
    changes: &JournalPage,
) -> String {
    let mut text = format!("# Pacing, {}\n\n", at.format("%A %Y-%m-%d %H:%M UTC"));
    for sums in &page.sums {
        let line = format!(
            "- {} lines: index {}, {} spent of {}, **{} at risk**\n",
            sums.lines,
            shown(sums.index, 2),
            money(Some(sums.spent), sums.currency),
            money(Some(sums.budget), sums.currency),
            money(Some(sums.at_risk), sums.currency)
        );
        text.push_str(&line);
    }
    let _ = writeln!(
        text,
        "- {} alerts open, {} critical\n",
        alerts.open, alerts.critical
    );
    let _ = writeln!(text, "## The most money at risk first\n");
    if worst.is_empty() {
        text.push_str("Nothing needs anybody.\n");
    } else {
        let _ = writeln!(text, "| {} |", HEAD.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(HEAD.len()));
        for row in worst {
            let cells: Vec<String> = cells(row).iter().map(|one| plain(one)).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    if alerts.open > 0 {
        let _ = writeln!(text, "\n## Alerts\n");
        for alert in alerts.orders.iter().flat_map(|order| &order.alerts) {
            let (rule, line) = (alert.rule.code(), plain(&alert.line));
            let _ = writeln!(text, "- **{rule}** {line}: {}", plain(&alert.said));
        }
    }
    changed(&mut text, since, changes);
    text
}

/// What was changed, entry by entry.
fn changed(text: &mut String, since: Instant, changes: &JournalPage) {
    let _ = writeln!(
        text,
        "\n## Changed since {}\n",
        since.format("%Y-%m-%d %H:%M UTC")
    );
    if changes.entries.is_empty() {
        text.push_str("Nothing.\n");
    }
    for one in &changes.entries {
        let entry = &one.entry;
        let when = entry.at.format("%Y-%m-%d %H:%M");
        let undone = if entry.undone.is_some() {
            " (undone)"
        } else {
            ""
        };
        let note = if entry.note.is_empty() {
            String::new()
        } else {
            format!(", {}", plain(&entry.note))
        };
        let _ = writeln!(text, "- {when}, {}{note}{undone}", plain(&entry.by));
        for change in &entry.changes {
            let _ = writeln!(
                text,
                "  - {}: {}",
                plain(&change.line),
                Changed::words(change)
            );
        }
    }
}
