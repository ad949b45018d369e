//! One line in full: the chart, its figures, what is wrong with it and who sees to it; on a key
//! the arithmetic of every number, or why it is short with the evidence.

use ratatui::layout::Rect;

use super::{
    chart,
    rows::{self, count, counted, money},
};
use crate::{
    domain::{
        delivery::measured::Count,
        ids::LineId,
        pacing::{alerts::watch::State, ratio::Ratio},
    },
    engine::pacing::{
        alerts::list::AlertView,
        get::{GetPacing, Pace},
        row::PaceRow,
    },
    tui::{
        clean::Clean,
        command::Action,
        effect::{Ctx, Reply, Ticket},
        live::{Live, Taken},
        paint::{Canvas, Look, Spot},
        panes::{jobs::rows::age, scroll::Scroll},
        theme::Role,
    },
};

/// From so many rows on there is a chart.
const CHARTED: u16 = 14;

/// What it tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// All of it, briefly.
    #[default]
    Overview,
    /// The arithmetic of every number.
    Sums,
    /// Why it is short.
    Why,
}

/// The detail of the line under the cursor.
#[derive(Default)]
pub struct Detail {
    id: Option<LineId>,
    pace: Live<Pace>,
    mode: Mode,
    blank: bool,
    scroll: Scroll,
}

type Line = Vec<(Clean, Role)>;

fn text(text: impl Into<Clean>, role: Role) -> Line {
    vec![(text.into(), role)]
}

impl Detail {
    /// Which line it shows.
    #[must_use]
    pub fn id(&self) -> Option<LineId> {
        self.id.filter(|_| !self.blank)
    }

    /// Shows nothing until it is told what to look at.
    pub fn blank(&mut self) {
        self.blank = true;
    }

    /// Looks at another line.
    pub fn look_at(&mut self, id: Option<LineId>, ctx: &mut Ctx<'_>) {
        self.blank = false;
        if self.id != id {
            self.id = id;
            self.scroll.home();
            self.pace.forget();
        }
        self.again(ctx);
    }

    /// Asks again.
    pub fn again(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(line_id) = self.id {
            let as_of = None;
            self.pace.ask(ctx, GetPacing { line_id, as_of });
        }
    }

    /// Tells something else, or what it told before.
    pub fn turn(&mut self, mode: Mode) {
        self.scroll.home();
        self.mode = if self.mode == mode {
            Mode::Overview
        } else {
            mode
        };
    }

    /// Tells everything briefly again; false when it does.
    pub fn turn_back(&mut self) -> bool {
        let turned = self.mode != Mode::Overview;
        self.mode = Mode::Overview;
        turned
    }

    /// Takes an answer, if it is its own.
    pub fn reply(&mut self, ticket: Ticket, reply: &mut Option<Reply>, ctx: &mut Ctx<'_>) {
        if self.pace.take(ticket, reply, ctx.now) == Taken::AskAgain {
            self.again(ctx);
        }
    }

    /// Scrolls.
    pub fn act(&mut self, action: Action) -> bool {
        self.scroll.act(action)
    }

    /// Draws it in its frame.
    pub fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        let pace = self.pace.value().filter(|_| !self.blank);
        let title = match pace {
            Some(pace) => title(&pace.row, self.mode, canvas.width(), look),
            None => Vec::new(),
        };
        let mut inside = canvas.frame(&title, focused);
        let (width, height) = (inside.width(), inside.height());
        inside.spot(Rect::new(0, 0, width, height), Spot::Panel(1));
        if self.blank {
            return;
        }
        let mut from = 0;
        let lines = match (pace, self.pace.fault()) {
            (Some(pace), _) => {
                if self.mode == Mode::Overview && height >= CHARTED && !pace.plan.is_empty() {
                    from = (height / 2).min(12);
                    let area = Rect::new(1, 0, width.saturating_sub(2), from);
                    chart::draw(&mut inside.sub(area), pace);
                }
                self.describe(pace, width.saturating_sub(2), look)
            }
            (None, Some(fault)) => vec![text(Clean::new(&fault.message), Role::Bad)],
            (None, None) => Vec::new(),
        };
        let room = usize::from(height - from);
        self.scroll.fit(room);
        let skip = self.scroll.first(lines.len());
        for (y, line) in (from..height).zip(lines.iter().skip(skip)) {
            inside.line(1, y, line);
        }
        self.scroll.tell(canvas, lines.len());
    }

    fn describe(&self, pace: &Pace, width: u16, look: &Look<'_>) -> Vec<Line> {
        match self.mode {
            Mode::Overview => overview(pace, width, look),
            Mode::Sums => sums(pace, width),
            Mode::Why => why(pace, width, look),
        }
    }
}

fn title(row: &PaceRow, mode: Mode, width: u16, look: &Look<'_>) -> Line {
    let dot = look.glyphs.dot;
    let what = match mode {
        Mode::Overview => clean!(
            " {dot} {} {}",
            rows::sign(row.status, look.glyphs),
            rows::words(row.status)
        ),
        Mode::Sums => clean!(" {dot} arithmetic"),
        Mode::Why => clean!(" {dot} why"),
    };
    let name = Clean::new(&row.line).cut(width.saturating_sub(what.width() + 4));
    vec![(name, Role::Title), (what, rows::role(row.status))]
}

fn wrapped(lines: &mut Vec<Line>, what: &Clean, role: Role, width: u16) {
    let body = what.as_str().trim_start();
    let indent = u16::try_from(what.as_str().len() - body.len()).unwrap_or(0);
    let before = " ".repeat(usize::from(indent));
    for part in Clean::new(body).wrap(width.saturating_sub(indent)) {
        lines.push(text(clean!("{before}{part}"), role));
    }
}

fn shown(number: Option<Ratio>, decimals: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
}

fn overview(pace: &Pace, width: u16, look: &Look<'_>) -> Vec<Line> {
    let row = &pace.row;
    let dot = look.glyphs.dot;
    let mut lines = vec![text(
        clean!("{} {dot} {} {dot} {}", row.order, row.owner, row.item_type),
        Role::Muted,
    )];
    for chip in &row.chips {
        wrapped(&mut lines, &clean!("! {chip}"), Role::Warn, width);
    }
    for alert in open(pace) {
        told(alert, width, look, &mut lines);
    }
    figures(row, &mut lines);
    let rates = clean!(
        "eCPM {} {dot} CTR {} % {dot} VCR {} % {dot} in view {} %",
        shown(row.ecpm, 2),
        shown(row.ctr, 2),
        shown(row.vcr, 1),
        shown(row.viewability, 1)
    );
    wrapped(&mut lines, &rates, Role::Text, width);
    others(&pace.measured, width, look, &mut lines);
    let spread = row.pacing.name().replace('_', " ");
    let place = row
        .priority
        .map_or_else(|| "-".to_owned(), |place| place.to_string());
    let how = clean!(
        "{spread} {dot} place {place} in the queue {dot} {}",
        row.product_id
    );
    wrapped(&mut lines, &how, Role::Muted, width);
    wrapped(&mut lines, &counted(row, look), Role::Muted, width);
    if !pace.reasons.is_empty() {
        lines.push(text("", Role::Text));
        reasons(pace, width, &mut lines);
    }
    lines.push(text("", Role::Text));
    lines.push(text(clean!("line {}", row.line_id), Role::Muted));
    if let Some(id) = &row.media_buy_id {
        lines.push(text(clean!("buy {id}"), Role::Muted));
    }
    if let Some(order) = &pace.ad_order {
        let role = if order.standing.is_bad() {
            Role::Warn
        } else {
            Role::Muted
        };
        wrapped(&mut lines, &Clean::from(order.sentence()), role, width);
        for one in order.remarks() {
            wrapped(&mut lines, &clean!("  {one}"), Role::Warn, width);
        }
    }
    lines
}

/// What others counted, each beside what we had counted by then.
fn others(counts: &[Count], width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let dot = look.glyphs.dot;
    for one in counts {
        let until = one.until.format("%b %d %H:%M UTC");
        let theirs = count(Some(Ratio::count(one.impressions)));
        let beside = match (one.ours, one.discrepancy()) {
            (Some(ours), Some(differs)) => {
                clean!(
                    "ours then {}, {differs:.1} % apart",
                    count(Some(Ratio::count(ours)))
                )
            }
            _ => clean!("we had not counted that far"),
        };
        let mut said = clean!(
            "{} counts {theirs} until {until} {dot} {beside}",
            one.source
        );
        if let Some(rate) = one.counts().viewable_rate() {
            said = clean!("{said} {dot} in view {rate:.1} %");
        }
        let role = if one.is_apart() {
            Role::Warn
        } else {
            Role::Text
        };
        wrapped(lines, &said, role, width);
    }
}

/// The figures of a line, each with what it is told from.
fn figures(row: &PaceRow, lines: &mut Vec<Line>) {
    let Some(f) = &row.figures else { return };
    let code = row.currency.map_or("", |currency| currency.code());
    let (least, most) = (
        f.projected.map(|band| band.0),
        f.projected.map(|band| band.1),
    );
    let cash = |amount: Option<Ratio>| money(amount, row.currency).to_string();
    let share = f
        .projected_share
        .and_then(|share| share.times(Ratio::HUNDRED));
    let told = [
        (
            "index",
            shown(f.index, 2),
            format!("{} due, plan {}", count(f.expected), shown(f.plan_index, 2)),
        ),
        (
            "delivered",
            count(row.delivered).to_string(),
            format!("of {}, {} %", count(row.goal), shown(f.rate_pct, 1)),
        ),
        (
            "ends at",
            format!("{} %", shown(share, 0)),
            format!("{} to {}", count(least), count(most)),
        ),
        (
            "needs",
            count(f.required_daily).to_string(),
            format!(
                "a day, had {} in 24 h, lift {}",
                count(f.rate_24h),
                shown(f.lift, 2)
            ),
        ),
        (
            "at risk",
            cash(f.at_risk),
            format!("{code} of {}", cash(row.budget)),
        ),
        (
            "spent",
            cash(row.spent),
            format!("{code}, {} %", shown(f.budget_pct, 1)),
        ),
        (
            "left",
            format!("{} d", shown(Some(f.days_left), 1)),
            format!("until {}", row.end.format("%b %d %H:%M UTC")),
        ),
    ];
    let finish = f.finish.map(|at| {
        let about = "at the speed of the last day".to_owned();
        ("done by", at.format("%b %d").to_string(), about)
    });
    for (name, value, about) in told.into_iter().chain(finish) {
        lines.push(vec![
            (clean!("{name:<10}"), Role::Muted),
            (clean!("{value:>12}  "), Role::Text),
            (Clean::new(&about), Role::Muted),
        ]);
    }
}

fn open(pace: &Pace) -> impl Iterator<Item = &AlertView> {
    let over = |alert: &&AlertView| !matches!(alert.state, State::Resolved { .. });
    pace.alerts.iter().filter(over)
}

fn told(alert: &AlertView, width: u16, look: &Look<'_>, lines: &mut Vec<Line>) {
    let role = rows::severity(Some(alert.severity));
    let sign = look.glyphs.wrong;
    let rule = alert.rule.code();
    let since = age(alert.since, look);
    let said = clean!("{sign} {rule} {since}: {}", alert.said);
    wrapped(lines, &said, role, width);
    let seen = match &alert.state {
        State::Acknowledged { by, note, .. } if note.is_empty() => clean!("  {by} sees to it"),
        State::Acknowledged { by, note, .. } => clean!("  {by} sees to it: {note}"),
        State::Snoozed { until, by } => {
            clean!("  {by} put it off until {}", until.format("%b %d %H:%M"))
        }
        _ => return,
    };
    wrapped(lines, &seen, Role::Muted, width);
}

fn reasons(pace: &Pace, width: u16, lines: &mut Vec<Line>) {
    for (n, reason) in pace.reasons.iter().enumerate() {
        let said = clean!("{}. {}", n + 1, reason.evidence);
        wrapped(lines, &said, Role::Text, width);
    }
}

fn sums(pace: &Pace, width: u16) -> Vec<Line> {
    let mut lines = vec![text(clean!("{}", pace.row.line), Role::Muted)];
    if pace.figures.is_empty() {
        lines.push(text(
            "nobody counted yet: there is nothing to add up",
            Role::Warn,
        ));
    }
    for told in &pace.figures {
        lines.push(text(clean!("{}", told.name.replace('_', " ")), Role::Title));
        wrapped(&mut lines, &clean!("  {}", told.sum), Role::Text, width);
    }
    lines
}

fn why(pace: &Pace, width: u16, look: &Look<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if pace.reasons.is_empty() {
        let said = match rows::role(pace.row.status) {
            Role::Bad | Role::Warn => "It is short, and nothing that is known explains it.",
            _ => "It is not short: there is nothing to explain.",
        };
        wrapped(&mut lines, &said.into(), Role::Text, width);
    } else {
        lines.push(text("What holds it back, and what that cost:", Role::Muted));
        reasons(pace, width, &mut lines);
    }
    for (from, until) in &pace.pauses {
        let from = from.format("%b %d %H:%M");
        let until = until.map_or("now".to_owned(), |at| at.format("%b %d %H:%M").to_string());
        let said = clean!("held back from {from} to {until}");
        wrapped(&mut lines, &said, Role::Muted, width);
    }
    lines.push(text("", Role::Text));
    for alert in open(pace) {
        told(alert, width, look, &mut lines);
    }
    let over = pace.alerts.len() - open(pace).count();
    if over > 0 {
        let noun = if over == 1 { "alert is" } else { "alerts are" };
        let said = clean!("{over} earlier {noun} over");
        wrapped(&mut lines, &said, Role::Muted, width);
    }
    lines
}
