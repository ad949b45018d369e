//! A chart of one line: delivered over time, the plan that it is held against, and where it may
//! end. Reads without colour: each has its own sign.

use crate::{
    domain::{pacing::ratio::Ratio, when::Instant},
    engine::pacing::get::{Pace, Point},
    tui::{clean::Clean, paint::Canvas, panes::pacing::rows::count, theme::Role},
};

/// Columns for the numbers at the left.
const LABELS: u16 = 9;

/// Signs: full cells by eighths, the plan, the band.
struct Signs {
    full: [&'static str; 9],
    plan: &'static str,
    band: &'static str,
}

const TALL: Signs = Signs {
    full: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    plan: "•",
    band: "░",
};
const PLAIN: Signs = Signs {
    full: [" ", "_", "_", "_", "=", "=", "=", "#", "#"],
    plan: "+",
    band: ":",
};

/// Draws the chart of a line in all of the canvas; nothing where there is too little room.
pub fn draw(canvas: &mut Canvas<'_>, pace: &Pace) {
    let (width, height) = (canvas.width(), canvas.height());
    let Some(most) = top(pace).filter(|_| width > LABELS + 12 && height >= 4) else {
        return;
    };
    let rows = height - 1;
    let columns = width - LABELS;
    let signs = if canvas.glyphs().bar[0].is_ascii() {
        PLAIN
    } else {
        TALL
    };
    let (start, end) = (pace.row.start, pace.row.end);
    let span = (end - start).num_seconds().max(1);
    let cells = f64::from(rows) * 8.0;
    let eighths = |value: Option<f64>| value.map(|value| (value / most * cells).round());
    for x in 0..columns {
        let part = i64::from(x) * 2 + 1;
        let at = start + chrono::Duration::seconds(span / i64::from(columns) * part / 2);
        let done = eighths(delivered(pace, at));
        let plan = eighths(value(&pace.plan, at));
        let band =
            projected(pace, at).map(|(least, most)| (eighths(Some(least)), eighths(Some(most))));
        for y in 0..rows {
            let floor = f64::from(rows - 1 - y) * 8.0;
            let inside = |level: Option<f64>| {
                level.is_some_and(|level| level > floor && level <= floor + 8.0)
            };
            let fill = done.map_or(0.0, |done| (done - floor).clamp(0.0, 8.0));
            let between = band.is_some_and(|(least, most)| {
                least.is_some_and(|least| least <= floor + 8.0)
                    && most.is_some_and(|most| most > floor)
            });
            let (sign, role) = if inside(plan) {
                (signs.plan, Role::Title)
            } else if fill > 0.0 {
                (signs.full[eighth(fill)], Role::Accent)
            } else if between {
                (signs.band, Role::Warn)
            } else {
                continue;
            };
            canvas.text(LABELS + x, y, sign, role);
        }
    }
    labels(canvas, pace, most, rows);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 8"
)]
fn eighth(fill: f64) -> usize {
    (fill as usize).min(8)
}

fn labels(canvas: &mut Canvas<'_>, pace: &Pace, most: f64, rows: u16) {
    let width = canvas.width();
    let goal = pace.row.goal;
    canvas.right(LABELS - 1, rows - 1, "0", Role::Muted);
    if let Some(goal) = goal {
        let level = (goal.approximate() / most * f64::from(rows)).ceil();
        let from_top = (0..rows).find(|y| f64::from(rows - y) <= level);
        let y = from_top.unwrap_or(0);
        canvas.right(LABELS - 1, y, count(Some(goal)), Role::Muted);
    }
    let (start, end) = (pace.row.start, pace.row.end);
    let first = clean!("{}", start.format("%b %d"));
    canvas.text(LABELS, rows, first, Role::Muted);
    let last = end - chrono::Duration::seconds(1);
    canvas.right(width, rows, clean!("{}", last.format("%b %d")), Role::Muted);
    if let Some(at) = pace.row.as_of.filter(|at| *at > start && *at < end) {
        let span = (end - start).num_seconds().max(1);
        let columns = i64::from(width - LABELS);
        let x = (at - start).num_seconds() * columns / span;
        let x = LABELS + u16::try_from(x).unwrap_or(0);
        let text: Clean = clean!("{} now", canvas.glyphs().sorted[0]);
        if x > LABELS + 8 && x + text.width() + 8 < width {
            canvas.text(x, rows, text, Role::Text);
        }
    }
}

/// The highest of all that is drawn.
fn top(pace: &Pace) -> Option<f64> {
    let band = pace
        .row
        .figures
        .as_ref()
        .and_then(|figures| figures.projected);
    let all = [
        pace.row.goal,
        pace.row.delivered,
        band.map(|(_, most)| most),
    ];
    let most = all.into_iter().flatten().max()?;
    Some(most.approximate()).filter(|most| *most > 0.0)
}

/// The value of a curve at a time, straight between its points.
fn value(points: &[Point], at: Instant) -> Option<f64> {
    let next = points.partition_point(|point| point.at <= at);
    let before = points.get(next.checked_sub(1)?)?;
    let Some(after) = points.get(next) else {
        return (before.at == at).then(|| before.value.approximate());
    };
    let whole = (after.at - before.at).num_seconds().max(1);
    let part = Ratio::new((at - before.at).num_seconds().into(), whole.into())?;
    let (from, to) = (before.value.approximate(), after.value.approximate());
    Some(from + (to - from) * part.approximate())
}

/// What had been delivered; before the first count from nothing at the start.
fn delivered(pace: &Pace, at: Instant) -> Option<f64> {
    let first = pace.delivered.first()?;
    if at < first.at {
        let begin = Point {
            at: pace.row.start,
            value: Ratio::ZERO,
        };
        return value(&[begin, *first], at);
    }
    value(&pace.delivered, at)
}

/// Where it may be at a time to come.
fn projected(pace: &Pace, at: Instant) -> Option<(f64, f64)> {
    let figures = pace.row.figures.as_ref()?;
    let ((least, most), now) = (figures.projected?, pace.row.as_of?);
    let begin = Point {
        at: now,
        value: pace.row.delivered?,
    };
    let to = |end: Ratio| {
        let end = Point {
            at: pace.row.end,
            value: end,
        };
        value(&[begin, end], at)
    };
    Some((to(least)?, to(most)?))
}
