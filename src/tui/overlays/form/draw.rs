//! Draws a form: labels, inputs, what is wrong beside each. Follows the field that has the keys
//! when there is more than fits; shows dots where nobody may read along.

use ratatui::layout::Rect;

use super::{
    Form,
    slot::{Kind, Slot},
};
use crate::tui::{
    clean::Clean,
    command::Action,
    field::Field,
    overlays::centred,
    paint::{Canvas, Look, Spot},
    theme::Role,
};

/// The widest that a form gets.
const WIDEST: u16 = 92;
/// How wide the labels are, where there is room.
const LABEL: u16 = 20;

/// A row of the form.
enum Row {
    Heading(&'static str),
    Input(usize),
    Said(usize, Clean, Role),
    Notice(Clean),
}

impl Form {
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, look: &Look<'_>) {
        let width = canvas.width().min(WIDEST);
        let label = LABEL.min(width / 3);
        let room = width.saturating_sub(label + 5).max(8);
        let rows = self.rows(room);
        let body = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let area = centred(canvas, width, body.saturating_add(4));
        let mut window = canvas.sub(area);
        window.clear();
        let title = self.title.cut(width.saturating_sub(6));
        let mut inside = window.frame(&[(title, Role::Title)], true);
        let height = inside.height().saturating_sub(2);
        let top = self.scroll(&rows, usize::from(height));
        for (y, row) in (0..height).zip(rows.iter().skip(top)) {
            self.row(&mut inside, y, row, label, look);
        }
        let y = inside.height().saturating_sub(1);
        let (foot, role) = self.foot(look);
        let foot = foot.cut(inside.width().saturating_sub(2));
        inside.text(1, y, foot, role);
        let below = rows.len().saturating_sub(top + usize::from(height));
        if below > 0 {
            let (x, y) = (area.width.saturating_sub(2), area.height.saturating_sub(1));
            window.right(x, y, clean!(" {below} more "), Role::Muted);
        }
    }

    fn rows(&self, room: u16) -> Vec<Row> {
        let mut rows = Vec::new();
        for said in self.notices() {
            let parts = said.wrap(room).into_iter();
            rows.extend(parts.map(Row::Notice));
        }
        for at in self.shown() {
            let slot = &self.slots[at];
            if slot.kind == Kind::Heading {
                rows.push(Row::Heading(slot.label));
                continue;
            }
            rows.push(Row::Input(at));
            let wrong: Vec<&Clean> = self.said(at).collect();
            for said in &wrong {
                let parts = said.wrap(room).into_iter();
                rows.extend(parts.map(|part| Row::Said(at, part, Role::Bad)));
            }
            if at == self.at && wrong.is_empty() && !slot.about.is_empty() {
                let parts = Clean::from(slot.about).wrap(room).into_iter();
                rows.extend(parts.map(|part| Row::Said(at, part, Role::Muted)));
            }
        }
        rows
    }

    /// Keeps the field that has the keys in sight, with what is said about it.
    fn scroll(&self, rows: &[Row], height: usize) -> usize {
        let own = |row: &Row| matches!(row, Row::Input(at) | Row::Said(at, ..) if *at == self.at);
        let first = rows.iter().position(own).unwrap_or(0);
        let last = rows.iter().rposition(own).unwrap_or(first);
        let mut top = self.top.get();
        if last >= top + height {
            top = (last + 1).saturating_sub(height);
        }
        // The heading above the first field of a group is worth its row.
        let wanted = first.saturating_sub(1);
        top = top.min(wanted).min(rows.len().saturating_sub(height));
        self.top.set(top);
        top
    }

    fn row(&self, inside: &mut Canvas<'_>, y: u16, row: &Row, label: u16, look: &Look<'_>) {
        let width = inside.width();
        match row {
            Row::Heading(text) => {
                inside.text(1, y, *text, Role::Title);
            }
            Row::Notice(said) => {
                inside.text(1, y, said.clone(), Role::Bad);
            }
            Row::Said(_, said, role) => {
                inside.text(label + 2, y, said.clone(), *role);
            }
            Row::Input(at) => {
                let (slot, focused) = (&self.slots[*at], *at == self.at);
                let role = if focused { Role::Accent } else { Role::Text };
                inside.cut(1, y, &slot.label.into(), role, label);
                let area = Rect::new(label + 2, y, width.saturating_sub(label + 3), 1);
                input(inside, slot, area, focused, look);
                inside.spot(Rect::new(0, y, width, 1), Spot::Row(*at));
            }
        }
    }

    fn foot(&self, look: &Look<'_>) -> (Clean, Role) {
        if self.leaving {
            let said = "esc once more closes it and forgets what you wrote";
            return (said.into(), Role::Warn);
        }
        let key = look.keymap.key(Action::Send);
        let key = key.map_or_else(String::new, |key| key.to_string());
        match self.wrong.len() {
            0 => (
                clean!("{key} shows what would be done, and asks"),
                Role::Muted,
            ),
            1 if self.pressed => ("1 problem".into(), Role::Warn),
            count if self.pressed => (clean!("{count} problems"), Role::Warn),
            _ => ("not complete yet".into(), Role::Muted),
        }
    }
}

fn input(canvas: &mut Canvas<'_>, slot: &Slot, area: Rect, focused: bool, look: &Look<'_>) {
    match slot.kind {
        Kind::Line => slot.field.draw(canvas, area, focused),
        Kind::Hidden => {
            let letters = slot.field.text().chars().count();
            let dots = look.glyphs.dot.repeat(letters);
            Field::new(&dots).draw(canvas, area, focused);
        }
        Kind::Switch | Kind::Choice(_) => {
            let text = match slot.field.text() {
                "" => "-".into(),
                text => Clean::new(text).cut(area.width.saturating_sub(4)),
            };
            let (text, role) = if focused {
                (clean!("[ {text} ]"), Role::Focus)
            } else {
                (clean!("  {text}  "), Role::Text)
            };
            canvas.text(area.x, area.y, text, role);
        }
        Kind::Heading => {}
    }
}
