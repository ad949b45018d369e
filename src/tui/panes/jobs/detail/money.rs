//! What a job costs, in its currency: by channel, as it is recommended, and line by line as it was
//! booked. Adds nothing up by itself.

use super::{Line, in_its, short, text, wrapped};
use crate::{
    engine::bookings::view::{JobView, LineView},
    tui::{clean::Clean, paint::Look, panes::sums::Sums, theme::Role},
};

pub(super) fn allocations(job: &JobView, lines: &mut Vec<Line>) {
    let Some(all) = &job.budget_allocations else {
        return;
    };
    lines.push(text("", Role::Text));
    for one in all.values() {
        let name = Clean::new(&one.channel).cut(12);
        let budget = in_its(job, one.budget);
        let share = clean!("{:>17} {:>5.1} %", budget.to_string(), one.percentage);
        lines.push(Line {
            pieces: vec![(clean!("{name:<13}"), Role::Text), (share, Role::Text)],
            bar: Some((39, one.percentage / 100.0)),
        });
    }
}

pub(super) fn recommended(job: &JobView, width: u16, lines: &mut Vec<Line>, look: &Look<'_>) {
    let Some(all) = job.recommendations.as_ref().filter(|all| !all.is_empty()) else {
        return;
    };
    lines.push(text("", Role::Text));
    let sums = Sums::of(all.iter(), &job.currency);
    let dot = look.glyphs.dot;
    let said = clean!(
        "{} recommendations {dot} {} {dot} {} impressions {dot} eCPM {}",
        all.len(),
        sums.cost(),
        sums.impressions_short(),
        sums.ecpm()
    );
    wrapped(lines, &said, Role::Text, width);
    if let Some(approval) = &job.approval {
        let how = if approval.automatic {
            " in advance"
        } else {
            ""
        };
        let said = clean!(
            "{} approved {}{how} for {} at {}",
            approval.by,
            approval.approved_count,
            in_its(job, approval.total_cost),
            short(&approval.at)
        );
        wrapped(lines, &said, Role::Muted, width);
    }
}

pub(super) fn booked(job: &JobView, width: u16, lines: &mut Vec<Line>, look: &Look<'_>) {
    let Some(all) = job.booked_lines.as_ref().filter(|all| !all.is_empty()) else {
        return;
    };
    let totals = job.booked();
    lines.push(text("", Role::Text));
    lines.push(text(
        clean!(
            "{} of {} lines booked, {}",
            totals.lines,
            all.len(),
            totals.cost
        ),
        Role::Title,
    ));
    for one in all {
        line(job, one, width, lines, look);
    }
}

fn line(job: &JobView, one: &LineView, width: u16, lines: &mut Vec<Line>, look: &Look<'_>) {
    let (sign, role) = match (&one.error, &one.booked_at) {
        _ if one.unclear.is_some() => (look.glyphs.wrong, Role::Warn),
        (Some(_), _) => (look.glyphs.wrong, Role::Bad),
        (None, Some(_)) => (look.glyphs.done, Role::Good),
        (None, None) => (look.glyphs.busy, Role::Accent),
    };
    let dot = look.glyphs.dot;
    let said = clean!(
        "{sign} {} {dot} {} {dot} {}",
        one.product_name,
        in_its(job, one.cost),
        one.booking_status.name()
    );
    wrapped(lines, &said, role, width);
    if let Some(error) = &one.error {
        wrapped(lines, &clean!("  {error}"), Role::Bad, width);
    }
    if let Some(why) = &one.unclear {
        let said = clean!("  may have been booked: {why}");
        wrapped(lines, &said, Role::Warn, width);
    }
    if let Some(there) = &one.there {
        if there.remarks.is_empty() {
            let since = short(&there.seen_at);
            let said = clean!("  {} at {} since {since}", there.status, one.seller);
            wrapped(lines, &said, Role::Muted, width);
        }
        for said in &there.remarks {
            wrapped(lines, &clean!("  ≠ {said}"), Role::Warn, width);
        }
    }
    if let (Some(line), Some(order)) = (&one.line_id, &one.order_id) {
        wrapped(lines, &clean!("  line {line}"), Role::Muted, width);
        wrapped(lines, &clean!("  order {order}"), Role::Muted, width);
    }
}
