//! What became of a decision, while it is carried out and after: every line with its state,
//! its ids at the seller, why it failed and what to do then. The totals stand in the footer.

use super::{
    detail::{Line, STAGES, text, wrapped},
    figures,
    item::Stage,
    sheet::Seen,
};
use crate::{
    domain::booking::job::JobStatus,
    engine::bookings::{elsewhere::UpstreamView, view::LineView},
    tui::{clean::Clean, paint::Look, theme::Role},
};

/// Describes it in lines.
pub fn result(seen: &Seen, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let job = &seen.job;
    if let Some(decision) = seen.decision() {
        wrapped(lines, &decision, Role::Accent, width);
    }
    let all = || job.booked_lines.iter().flatten();
    let gone = gone(seen);
    for one in gone.iter().flat_map(|upstream| upstream.remarks()) {
        wrapped(lines, &clean!("{one}"), Role::Warn, width);
    }
    if !job.execution_status.is_final() && job.approval.is_some() && gone.is_none() {
        lines.push(Line {
            pieces: vec![(clean!("{} booking ", look.glyphs.busy), Role::Accent)],
            bar: Some(job.progress),
        });
    }
    for stage in STAGES {
        let here = all().filter(|line| Stage::of(line) == stage);
        for line in here {
            one(line, stage, seen, (width, look), lines);
        }
    }
    let errors = job.errors.iter().flatten();
    // The failures of single lines stand with their lines.
    let own = errors.filter(|error| all().all(|line| !error.contains(line.product_name.as_str())));
    for error in own {
        wrapped(
            lines,
            &clean!("{} {error}", look.glyphs.wrong),
            Role::Bad,
            width,
        );
    }
    if let Some(hint) = hint(seen) {
        wrapped(lines, &clean!("hint: {hint}"), Role::Muted, width);
    }
    lines.push(text("", Role::Text));
}

fn one(
    line: &LineView,
    stage: Stage,
    seen: &Seen,
    (width, look): (u16, &Look<'_>),
    lines: &mut Vec<Line>,
) {
    let sign = stage.sign(look.glyphs);
    let cost = figures::money(line.cost, seen.budget.currency());
    let (name, word) = (&line.product_name, stage.word());
    wrapped(
        lines,
        &clean!("{sign} {name}: {word}, {cost}"),
        stage.role(),
        width,
    );
    let ids = [("line", &line.line_id), ("order", &line.order_id)];
    for (what, id) in ids {
        if let Some(id) = id {
            lines.push(text(clean!("  {what} {id}"), Role::Muted));
        }
    }
    if let Some(at) = &line.booked_at {
        let at = figures::minute(at);
        lines.push(text(clean!("  booked at {at}"), Role::Muted));
    }
    if let Some(why) = &line.error {
        wrapped(lines, &clean!("  {why}"), Role::Bad, width);
    }
    if let Some(why) = &line.unclear {
        let said = "  it may have been booked: look there before you book it again";
        wrapped(lines, &said.into(), Role::Warn, width);
        wrapped(lines, &clean!("  {why}"), Role::Warn, width);
    }
    for said in line.there.iter().flat_map(|there| &there.remarks) {
        wrapped(lines, &clean!("  ≠ {said}"), Role::Warn, width);
    }
}

/// Where the job lives, if it is not shown there any more.
fn gone(seen: &Seen) -> Option<&UpstreamView> {
    let upstream = seen.job.upstream.as_ref();
    upstream.filter(|upstream| upstream.missing_since.is_some())
}

/// What to do next.
fn hint(seen: &Seen) -> Option<Clean> {
    let job = &seen.job;
    let failed = job.booked_lines.iter().flatten();
    let failed = failed.filter(|line| Stage::of(line) == Stage::Failed);
    let failed = failed.count();
    Some(match (job.status, job.retried_as) {
        (JobStatus::Failed, Some(other)) => clean!("it was tried again already, as job {other}"),
        (JobStatus::Failed, None) if job.approval.is_some() => {
            "nothing was booked and nothing is owed: retry the job in the pane of jobs".into()
        }
        (JobStatus::Failed, None) => {
            "retry it in the pane of jobs, or duplicate it and change the brief".into()
        }
        (JobStatus::Completed, _) if failed > 0 => {
            let left = seen.budget.minus(job.booked().cost).ok()?;
            clean!(
                "what is booked stays; duplicate the brief to spend the {left} that are left elsewhere"
            )
        }
        (JobStatus::Completed, _) if job.booked().lines > 0 => {
            "all lines are booked: their delivery begins with the flight".into()
        }
        (JobStatus::Running, _) if gone(seen).is_some() => {
            "what was booked cannot be seen there: ask its sellers, then close it with cancel in the pane of jobs".into()
        }
        (JobStatus::Running, _) if job.approval.is_some() => {
            "this goes on by itself, also when you leave".into()
        }
        _ => return None,
    })
}
