//! What the choice comes to, moving with every tick: cost against the budget, impressions,
//! blended price, KPIs, channels, and everything together where several jobs are decided.
//! What matters most stands first, because little room shows only that.

use ratatui::layout::Rect;

use super::{figures, item::Stage, kpis, sheet::Seen};
use crate::{
    domain::money::Money,
    engine::bookings::view::LineView,
    tui::{
        clean::Clean,
        command::Action,
        paint::{Canvas, Look},
        panes::sums,
        theme::Role,
    },
};

/// From so many columns on there is room for a bar.
const BAR: u16 = 64;

/// Everything that would be decided together.
pub struct Together {
    /// How many jobs.
    pub jobs: usize,
    /// How many recommendations are ticked in them.
    pub ticked: usize,
    /// What they cost, each currency for itself.
    pub cost: Clean,
}

/// One line: pieces, and a bar at its end with its share and role.
struct Line {
    pieces: Vec<(Clean, Role)>,
    bar: Option<(f64, Role)>,
}

impl Line {
    fn of(pieces: Vec<(Clean, Role)>) -> Self {
        Self { pieces, bar: None }
    }
}

/// The lines of it, the most important first.
pub struct Footer(Vec<Line>);

impl Footer {
    /// What a job's choice comes to; `suggested` says that nobody has changed it yet.
    #[must_use]
    pub fn new(
        seen: &Seen,
        together: Option<&Together>,
        suggested: bool,
        width: u16,
        look: &Look<'_>,
    ) -> Self {
        let mut lines = if seen.job.approval.is_some() {
            booking(seen, look)
        } else {
            choice(seen, width, look)
        };
        if let Some(together) = together {
            let Together { jobs, ticked, cost } = together;
            let key = look.keymap.key(Action::Approve);
            let key = key.map_or_else(|| "approve".to_owned(), |key| key.to_string());
            let jobs = figures::many(*jobs, "job");
            let said = clean!("{key} decides {jobs}: {ticked} ticked, {cost}");
            lines.insert(1.min(lines.len()), Line::of(vec![(said, Role::Accent)]));
        }
        if suggested && seen.waits() {
            let said = "ticked so far: what fits the budget, the best of each channel first";
            lines.push(Line::of(vec![(said.into(), Role::Muted)]));
        }
        Self(lines)
    }

    /// How many rows it takes of so many.
    #[must_use]
    pub fn height(&self, of: u16) -> u16 {
        let wanted = u16::try_from(self.0.len()).unwrap_or(u16::MAX);
        wanted.min((of.saturating_sub(2) * 2 / 5).max(1)).min(of)
    }

    /// Draws as many lines as there is room for.
    pub fn draw(&self, canvas: &mut Canvas<'_>) {
        let width = canvas.width();
        for (y, line) in (0..canvas.height()).zip(&self.0) {
            let end = canvas.line(1, y, &line.pieces);
            if let Some((share, role)) = line.bar
                && width >= BAR
            {
                let columns = (width.saturating_sub(end + 2)).min(30);
                if columns >= 6 {
                    canvas.bar(width - columns - 1, y, columns, share, role);
                }
            }
        }
    }
}

/// The total against the budget, short enough for the room.
fn total(seen: &Seen, cost: Money, count: usize, width: u16, dot: &str) -> Line {
    let (all, budget) = (seen.items.len(), seen.budget);
    let ticked = (clean!("{count} of {all} ticked"), Role::Title);
    let share = figures::share(cost, budget);
    let bare = figures::bare(cost);
    let mut line = if let Some(over) = figures::over(cost, budget) {
        let over = (clean!("over budget by {over}"), Role::Alarm);
        let said = clean!(" {dot} {bare} of {budget} ({share})");
        // By how much it is too much is what must be seen.
        let first = (clean!("{count}/{all} {dot} "), Role::Title);
        Line::of(vec![first, over, (said, Role::Bad)])
    } else if width < 50 {
        let short = (clean!("{count}/{all} "), Role::Title);
        Line::of(vec![
            short,
            (clean!("{dot} {bare} of {budget}"), Role::Text),
        ])
    } else {
        let left = budget.minus(cost).unwrap_or(budget);
        let left = figures::bare(left);
        let said = clean!(" {dot} {bare} of {budget} ({share}) {dot} {left} left");
        Line::of(vec![ticked, (said, Role::Text)])
    };
    let role = if cost > budget {
        Role::Bad
    } else {
        Role::Accent
    };
    line.bar = Some((figures::filled(cost, budget), role));
    line
}

fn choice(seen: &Seen, width: u16, look: &Look<'_>) -> Vec<Line> {
    let sums = seen.sums();
    let dot = look.glyphs.dot;
    let mut lines = vec![total(seen, sums.cost, sums.count, width, dot)];
    let mut pieces = vec![(
        clean!("{} impressions", sums::short(sums.impressions)),
        Role::Text,
    )];
    // The target says it too.
    if seen.kpis.target_cpm.is_none() || sums.impressions == 0 {
        pieces.push((clean!("eCPM {}", sums.ecpm()), Role::Text));
    }
    pieces.extend(kpis::fare(seen, &sums));
    lines.extend(packed(pieces, width, dot));
    lines.extend(packed(channels(seen), width, dot));
    lines
}

/// As many pieces on a line as there is room for.
fn packed(pieces: Vec<(Clean, Role)>, width: u16, dot: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for (said, role) in pieces {
        let wide = said.width() + 3;
        match lines.last_mut() {
            Some(line) if used + wide < width => {
                line.pieces.push((clean!(" {dot} "), Role::Muted));
                line.pieces.push((said, role));
                used += wide;
            }
            _ => {
                used = wide;
                lines.push(Line::of(vec![(said, role)]));
            }
        }
    }
    lines
}

/// Each channel's cost against what it was given.
fn channels(seen: &Seen) -> Vec<(Clean, Role)> {
    let each = seen.groups.iter().enumerate().filter_map(|(at, group)| {
        let given = group.allocation?;
        let cost = seen.sums_of(|item| item.group == at && item.ticked).cost;
        let over = figures::over(cost, given).is_some();
        let role = if over { Role::Warn } else { Role::Muted };
        let (channel, cost, given) = (&group.channel, figures::bare(cost), figures::bare(given));
        Some((clean!("{channel} {cost} of {given}"), role))
    });
    each.collect()
}

/// How the booking goes, or how it went.
fn booking(seen: &Seen, look: &Look<'_>) -> Vec<Line> {
    let lines = || seen.job.booked_lines.iter().flatten();
    let of = |stage: Stage| lines().filter(move |line| Stage::of(line) == stage);
    let booked = seen.job.booked();
    let (all, failed) = (lines().count(), of(Stage::Failed).count());
    let open = all - booked.lines.min(all) - failed.min(all - booked.lines.min(all));
    let dot = look.glyphs.dot;
    let approved = lines().map(|line: &LineView| line.cost);
    let currency = seen.budget.currency();
    let approved = approved.map(|cost| figures::money(cost, currency));
    let approved = Money::sum(currency, approved).unwrap_or(booked.cost);
    let mut pieces = Vec::new();
    if failed > 0 {
        pieces.push((clean!("{failed} failed {dot} "), Role::Bad));
    }
    let role = if open == 0 && failed == 0 {
        Role::Good
    } else {
        Role::Title
    };
    let money = clean!("{} of {approved}", figures::bare(booked.cost));
    let count = clean!("{} of {all} booked {dot} {money}", booked.lines);
    pieces.push((count, role));
    if open > 0 {
        pieces.push((clean!(" {dot} {open} on their way"), Role::Accent));
    }
    let mut first = Line::of(pieces);
    if !seen.job.execution_status.is_final() {
        first.bar = Some((seen.job.progress, Role::Accent));
    }
    let volume = clean!(
        "{} impressions booked {dot} {} of the budget left",
        sums::short(booked.impressions),
        seen.budget.minus(booked.cost).unwrap_or(seen.budget)
    );
    vec![first, Line::of(vec![(volume, Role::Text)])]
}

/// Where list and footer stand in so much room.
#[must_use]
pub fn areas(canvas: &Canvas<'_>, footer: u16, banner: u16) -> [Rect; 3] {
    let (width, height) = (canvas.width(), canvas.height());
    let banner = banner.min(height);
    let footer = footer.min(height - banner);
    let list = height - banner - footer;
    [
        Rect::new(0, 0, width, banner),
        Rect::new(0, banner, width, list),
        Rect::new(0, banner + list, width, footer),
    ]
}
