//! Draws the rows of a list that are seen, and nothing of the others.

use ratatui::layout::Rect;

use super::{
    Grid, View,
    column::{Row, SIGN, layout},
};
use crate::tui::{
    clean::Clean,
    paint::{Canvas, Look, Spot},
    theme::Role,
};

/// Columns before the first: the cursor and the mark.
const MARGIN: u16 = 3;

/// Where a row is drawn, and whether its list has the keys.
struct Place<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    y: u16,
    focused: bool,
}

impl<R: Row> Grid<R> {
    /// Draws headings and rows; `focused` says whether the keys go here.
    pub fn draw(&self, canvas: &mut Canvas<'_>, look: &Look<'_>, focused: bool) {
        let height = canvas.height().saturating_sub(1);
        if canvas.width() <= MARGIN || canvas.height() == 0 {
            return;
        }
        // What says how far down the list one is has a column of its own.
        let rail = u16::from(self.rows.len() > usize::from(height));
        let room = canvas.width().saturating_sub(MARGIN + rail);
        let columns = layout::<R>(room, &self.widths);
        self.headings(canvas, &columns);
        let top = self.scroll_to_cursor(canvas, height);
        for line in 0..height {
            let place = top + usize::from(line);
            let Some(row) = self.at(place) else { break };
            self.row(
                &mut Place {
                    canvas,
                    y: line + 1,
                    focused,
                },
                place,
                row,
                &columns,
                look,
            );
        }
        if self.shown.is_empty() && height > 0 && !self.rows.is_empty() {
            let text = clean!("nothing matches \"{}\"", self.filter.text());
            canvas.text(MARGIN, 1, text, Role::Muted);
        }
        self.rail(canvas, top, height);
    }

    /// Says by how much the list moved, so that the terminal can move it by itself.
    fn scroll_to_cursor(&self, canvas: &mut Canvas<'_>, height: u16) -> usize {
        let before = self.view.get();
        let rows = usize::from(height.max(1));
        let last = self.shown.len().saturating_sub(rows);
        let mut top = before.top.min(last);
        if self.cursor < top {
            top = self.cursor;
        } else if self.cursor >= top + rows {
            top = self.cursor + 1 - rows;
        }
        let now = View {
            top,
            height,
            version: self.version,
            area: canvas.area(),
        };
        let same_place = now.area == before.area && now.version == before.version;
        if let (true, Ok(by)) = (same_place, i32::try_from(top.abs_diff(before.top)))
            && by > 0
            && by < i32::from(height)
        {
            let by = if top > before.top { by } else { -by };
            canvas.scrolled(1, height + 1, by);
        }
        self.view.set(now);
        top
    }

    fn headings(&self, canvas: &mut Canvas<'_>, columns: &[(usize, u16)]) {
        let [up, down] = canvas.glyphs().sorted;
        let mut x = MARGIN;
        for (at, width) in columns {
            let column = &R::COLUMNS[*at];
            let sorted = self.sort.0 == *at;
            let sign = if self.sort.1 { down } else { up };
            let text = if R::SIGNED == Some(*at) && *width <= SIGN {
                Clean::default()
            } else if sorted && *width > 2 {
                let title = Clean::from(column.title).cut(width - 2);
                clean!("{title} {sign}")
            } else {
                Clean::from(column.title).cut(*width)
            };
            let role = if sorted { Role::Title } else { Role::Muted };
            if column.right {
                canvas.right(x + width, 0, text, role);
            } else {
                canvas.text(x, 0, text, role);
            }
            canvas.spot(Rect::new(x, 0, *width, 1), Spot::Heading(*at));
            x += width + 1;
        }
    }

    fn row(
        &self,
        here: &mut Place<'_, '_>,
        place: usize,
        row: &R,
        columns: &[(usize, u16)],
        look: &Look<'_>,
    ) {
        let Place { canvas, y, focused } = here;
        let (y, focused) = (*y, *focused);
        let id = row.id();
        let marked = self.marks.contains(&id);
        let here = place == self.cursor;
        let fresh = self.fresh.contains_key(&id);
        let glyphs = canvas.glyphs();
        if here {
            let role = if focused { Role::Accent } else { Role::Muted };
            canvas.text(0, y, glyphs.cursor, role);
        }
        if marked {
            canvas.text(1, y, glyphs.mark, Role::Marked);
        } else if self.range.as_ref() == Some(&id) {
            canvas.text(1, y, "v", Role::Marked);
        } else if fresh {
            canvas.text(1, y, "*", Role::Fresh);
        }
        let mut x = MARGIN;
        for (at, width) in columns {
            let column = &R::COLUMNS[*at];
            let mut text = (column.text)(row, look);
            if R::SIGNED == Some(*at) && *width <= SIGN {
                text = Clean::new(text.as_str().split(' ').next().unwrap_or_default());
            }
            let role = match (marked, fresh, (column.role)(row)) {
                (true, _, Role::Text) => Role::Marked,
                (false, true, Role::Text) => Role::Fresh,
                (_, _, role) => role,
            };
            if column.right {
                let text = text.cut(*width);
                canvas.right(x + width, y, text, role);
            } else if column.grows && R::NAMED {
                canvas.squeeze(x, y, &text, role, *width);
            } else {
                canvas.cut(x, y, &text, role, *width);
            }
            if here && column.grows {
                canvas.tint(Rect::new(x, y, *width, 1), Role::Selected);
            }
            x += width + 1;
        }
        let area = Rect::new(0, y, canvas.width(), 1);
        canvas.spot(area, Spot::Row(place));
        canvas.spot(Rect::new(0, y, MARGIN, 1), Spot::Tick(place));
    }

    /// Shows how far down the list the picture is, in the last column.
    fn rail(&self, canvas: &mut Canvas<'_>, top: usize, height: u16) {
        let (rows, shown) = (usize::from(height), self.shown.len());
        if shown <= rows || height < 3 {
            return;
        }
        let at = top * (rows - 1) / (shown - rows).max(1);
        let y = u16::try_from(at).unwrap_or(0).min(height - 1);
        let x = canvas.width() - 1;
        let sign = if canvas.glyphs().bar[0].is_ascii() {
            "|"
        } else {
            "▐"
        };
        canvas.text(x, y + 1, sign, Role::Border);
    }

    /// Which row was drawn first, and how many fit.
    #[must_use]
    pub fn window(&self) -> (usize, usize) {
        let view = self.view.get();
        (view.top, usize::from(view.height))
    }
}
