//! Draws a calendar: rows of time, columns of days or of resources, in each cell how full it is.
//! Knows nothing of where its columns come from.

use chrono::NaiveDate;
use ratatui::layout::Rect;

use super::{
    calendar::Calendar,
    heat::{self, Signs, State},
    wall::{Moment, TimeRow},
};
use crate::{
    engine::slots::board::BoardRow,
    tui::{
        clean::Clean,
        paint::{Canvas, Look, Spot},
        theme::Role,
    },
};

/// Columns before the first: what the clock shows.
const LABEL: u16 = 7;
/// From so many rows on the signs are explained.
const TALL: u16 = 14;

/// A column.
pub struct Column<'a> {
    /// What stands over it.
    pub heading: Clean,
    /// The same where there is little room.
    pub short: Clean,
    /// What stands below that.
    pub under: Clean,
    /// Which day it is.
    pub day: NaiveDate,
    /// Of what; nothing while it is on its way.
    pub row: Option<&'a BoardRow>,
    /// Whether the cursor is in it.
    pub here: bool,
}

/// What is drawn.
pub struct Sheet<'a> {
    /// Where the cursor is.
    pub calendar: &'a Calendar,
    /// All columns.
    pub columns: &'a [Column<'a>],
    /// What stands below them.
    pub foot: &'a [(Clean, Role)],
    /// Whether the keys go here.
    pub focused: bool,
}

/// How many columns fit, and how wide each is.
fn fit(room: u16, all: usize) -> (usize, u16) {
    let room = room.saturating_sub(LABEL);
    let all = u16::try_from(all).unwrap_or(u16::MAX);
    let sensible = [(all, 6), (5, 4), (3, 3)];
    let many = sensible
        .into_iter()
        .find(|(many, least)| *many > 0 && room / many >= *least);
    let many = many.map_or(1, |(many, _)| many).min(all.max(1));
    (usize::from(many), (room / many).min(18))
}

/// How many columns of resources fit, and how wide each is.
fn fit_wide(room: u16, all: usize) -> (usize, u16) {
    let room = room.saturating_sub(LABEL);
    let many = usize::from(room / 9).clamp(1, all.max(1));
    let width = room / u16::try_from(many).unwrap_or(1);
    (many, width.min(18))
}

impl Sheet<'_> {
    /// Draws it; columns of days are a week, of which some are shown where there is little room.
    pub fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, is_week: bool) {
        let all = self.columns.len();
        if canvas.height() < 3 || canvas.width() <= LABEL || all == 0 {
            return;
        }
        let feet = self.foot_of(canvas, look);
        let room = canvas.height().saturating_sub(2 + feet);
        let (many, width) = if is_week {
            fit(canvas.width(), all)
        } else {
            fit_wide(canvas.width(), all)
        };
        let here = self
            .columns
            .iter()
            .position(|column| column.here)
            .unwrap_or(0);
        let first = here.saturating_sub(many / 2).min(all - many.min(all));
        self.calendar.fit(usize::from(room));
        let rows = self.calendar.rows();
        let top = self.calendar.first(&rows, usize::from(room));
        for y in 0..room {
            let Some(row) = rows.get(top + usize::from(y)) else {
                break;
            };
            let role = if row.minute % 60 == 0 {
                Role::Text
            } else {
                Role::Muted
            };
            canvas.text(0, y + 2, Clean::new(&row.label()), role);
        }
        let mut x = LABEL;
        for (at, column) in self.columns.iter().enumerate().skip(first).take(many) {
            let area = Rect::new(x, 0, width, room + 2);
            self.column(&mut canvas.sub(area), look, (at, column), (&rows, top));
            x += width;
        }
        self.now(canvas, look, &rows, (top, room));
    }

    fn column(
        &self,
        canvas: &mut Canvas<'_>,
        look: &Look<'_>,
        (at, column): (usize, &Column<'_>),
        (rows, top): (&[TimeRow], usize),
    ) {
        let width = canvas.width().saturating_sub(1);
        let now = look.now.timestamp();
        let (start, end) = self.calendar.span_of(column.day);
        let is_today = (start..end).contains(&now);
        let role = match (column.here, is_today) {
            (true, _) => Role::Title,
            (false, true) => Role::Key,
            (false, false) => Role::Muted,
        };
        let heading = if column.heading.width() > width {
            &column.short
        } else {
            &column.heading
        };
        canvas.cut(0, 0, heading, role, width);
        canvas.cut(0, 1, &column.under, Role::Muted, width);
        let cursor = self.calendar.row(rows);
        let moments = self.calendar.moments(column.day, rows);
        for (y, (row, moment)) in (2u16..).zip(moments.iter().enumerate().skip(top)) {
            if y >= canvas.height() {
                break;
            }
            let (text, role) = Self::cell(column, *moment, width, look);
            canvas.cut(0, y, &text, role, width);
            let area = Rect::new(0, y, width, 1);
            if let (Ok(across), Ok(down)) = (u16::try_from(at), u16::try_from(row)) {
                canvas.spot(area, Spot::Cell(across, down));
            }
            let is_now = matches!(moment, Moment::At(from, to) if (*from..*to).contains(&now));
            if is_now {
                canvas.text(0, y, heat::signs(look.glyphs).now, Role::Alarm);
            }
            if column.here && row == cursor {
                let role = if self.focused {
                    Role::Selected
                } else {
                    Role::Input
                };
                canvas.tint(area, role);
            }
        }
    }

    /// What stands in a cell.
    fn cell(column: &Column<'_>, moment: Moment, width: u16, look: &Look<'_>) -> (Clean, Role) {
        let signs = heat::signs(look.glyphs);
        let fill = |sign: &str| Clean::new(&sign.repeat(usize::from(width)));
        let (start, end) = match moment {
            Moment::At(start, end) => (start, end),
            Moment::Skipped => return (fill(signs.gap), Role::Accent),
            Moment::Never => return ("".into(), Role::Text),
        };
        let Some(row) = column.row else {
            return ("".into(), Role::Text);
        };
        match heat::state(row, (start, end), look.now.timestamp()) {
            State::Outside => (fill(signs.outside), Role::Border),
            State::Closed(_) => (fill(signs.closed), Role::Muted),
            State::Open {
                taken,
                seats,
                begins,
                free,
            } => {
                let shade = heat::shade(taken, seats);
                let barred = begins.is_some() && free.is_none() && shade == 0;
                if barred {
                    return (fill(signs.barred), Role::Muted);
                }
                let number = format!(" {taken}/{seats}");
                let counted = row.capacity > 1 && begins.is_some() && taken > 0;
                let bar = usize::from(width).saturating_sub(number.len());
                let sign = signs.heat[shade];
                let text = if counted && bar >= 2 {
                    clean!("{}{number}", sign.repeat(bar))
                } else {
                    fill(sign)
                };
                (text, heat::role(shade))
            }
        }
    }

    /// Marks what time it is at the edge.
    fn now(
        &self,
        canvas: &mut Canvas<'_>,
        look: &Look<'_>,
        rows: &[TimeRow],
        (top, room): (usize, u16),
    ) {
        let now = look.now.timestamp();
        let holds =
            |moment: &Moment| matches!(moment, Moment::At(from, to) if (*from..*to).contains(&now));
        let place = self.columns.iter().find_map(|column| {
            let moments = self.calendar.moments(column.day, rows);
            moments.iter().position(holds)
        });
        let y = place.and_then(|row| u16::try_from(row.checked_sub(top)?).ok());
        if let (Some(y), Some(row)) = (y.filter(|y| *y < room), place.and_then(|at| rows.get(at))) {
            canvas.text(0, y + 2, Clean::new(&row.label()), Role::Bad);
            canvas.text(6, y + 2, heat::signs(look.glyphs).now, Role::Bad);
        }
    }

    /// Draws what stands below, and says how many rows that takes.
    fn foot_of(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) -> u16 {
        let (width, height) = (canvas.width(), canvas.height());
        let legend = u16::from(height >= TALL);
        let wrapped = self.foot.iter().flat_map(|(text, role)| {
            let parts = text.wrap(width).into_iter();
            parts.map(|part| (part, *role))
        });
        let wrapped: Vec<(Clean, Role)> = wrapped.collect();
        let room = height.saturating_sub(5 + legend);
        let lines = u16::try_from(wrapped.len()).unwrap_or(room).min(room);
        for (y, (text, role)) in (height - lines - legend..height).zip(&wrapped) {
            canvas.cut(0, y, text, *role, width);
        }
        if legend > 0 {
            let pieces = legend_of(heat::signs(look.glyphs));
            let width = canvas.width();
            canvas
                .sub(Rect::new(0, height - 1, width, 1))
                .line(0, 0, &pieces);
        }
        lines + legend
    }
}

fn legend_of(signs: &Signs) -> Vec<(Clean, Role)> {
    let mut pieces: Vec<(Clean, Role)> = vec![("free ".into(), Role::Muted)];
    for (at, sign) in signs.heat.iter().enumerate().skip(1) {
        pieces.push((Clean::new(sign), heat::role(at)));
    }
    let rest = [
        (" full  ", Role::Muted),
        (signs.closed, Role::Muted),
        (" closed  ", Role::Muted),
        (signs.outside, Role::Border),
        (" not open  ", Role::Muted),
        (signs.barred, Role::Muted),
        (" not now", Role::Muted),
    ];
    pieces.extend(
        rest.into_iter()
            .map(|(text, role)| (Clean::from(text), role)),
    );
    pieces
}
