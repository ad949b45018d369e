//! A month at a glance: as a small picture beside the resources, and as a window in which a day is
//! chosen. Weeks begin on Monday and have their number.

use chrono::{Datelike as _, Months, NaiveDate};
use ratatui::layout::Rect;

use super::wall;
use crate::{
    domain::slot::zone::shifted,
    tui::{
        command::{Action, Section},
        effect::{Ctx, Effect},
        overlays::{Overlay, Stay, centred, prompt::Purpose},
        paint::{Canvas, Look},
        theme::Role,
    },
};

/// How many columns and rows it takes.
pub const SIZE: (u16, u16) = (25, 8);

/// Draws the month of a day.
pub fn draw(canvas: &mut Canvas<'_>, day: NaiveDate, today: NaiveDate) {
    let title = clean!("{}", day.format("%B %Y"));
    canvas.text(4, 0, title, Role::Title);
    canvas.text(0, 1, "    Mo Tu We Th Fr Sa Su", Role::Muted);
    let first = day.with_day(1).unwrap_or(day);
    let mut monday = wall::monday(first);
    for y in 2..SIZE.1 {
        if monday.month() != day.month() && monday > first {
            break;
        }
        let week = clean!("{:>3}", format!("w{}", monday.iso_week().week()));
        canvas.text(0, y, week, Role::Border);
        for (column, one) in (0u16..).zip(wall::week(monday)) {
            let x = 4 + column * 3;
            let role = match one {
                _ if one.month() != day.month() => Role::Border,
                _ if one == today => Role::Key,
                _ => Role::Text,
            };
            canvas.text(x, y, clean!("{:>2}", one.day()), role);
            if one == day {
                canvas.tint(Rect::new(x, y, 2, 1), Role::Selected);
            }
        }
        monday = shifted(monday, 7);
    }
}

/// A window in which a day is chosen.
pub struct Month {
    day: NaiveDate,
    today: NaiveDate,
}

impl Month {
    /// With its cursor on this day.
    #[must_use]
    pub fn new(day: NaiveDate, today: NaiveDate) -> Self {
        Self { day, today }
    }

    fn months(&mut self, forward: bool) {
        let one = Months::new(1);
        let there = if forward {
            self.day.checked_add_months(one)
        } else {
            self.day.checked_sub_months(one)
        };
        self.day = there.unwrap_or(self.day);
    }
}

impl Overlay for Month {
    fn sections(&self) -> &'static [Section] {
        &[Section::Reader, Section::Slots, Section::List]
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        match action {
            Action::Close | Action::Back | Action::Month => return Stay::Closed,
            Action::Pick | Action::Open => {
                let day = self.day.format("%Y-%m-%d").to_string();
                ctx.want(Effect::Typed(Purpose::Day, day));
                return Stay::Closed;
            }
            Action::DayBack => self.day = shifted(self.day, -1),
            Action::DayOn => self.day = shifted(self.day, 1),
            Action::Up => self.day = shifted(self.day, -7),
            Action::Down => self.day = shifted(self.day, 7),
            Action::WeekBack | Action::PageUp => self.months(false),
            Action::WeekOn | Action::PageDown => self.months(true),
            Action::Today => self.day = self.today,
            _ => {}
        }
        Stay::Open
    }

    fn hints(&self) -> Vec<Action> {
        vec![
            Action::Pick,
            Action::WeekBack,
            Action::WeekOn,
            Action::Today,
            Action::Close,
        ]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _look: &Look<'_>) {
        let area = centred(canvas, SIZE.0 + 4, SIZE.1 + 2);
        let mut window = canvas.sub(area);
        window.clear();
        let mut inside = window.frame(&[("Go to a day".into(), Role::Title)], true);
        let area = Rect::new(1, 0, SIZE.0, SIZE.1);
        draw(&mut inside.sub(area), self.day, self.today);
    }
}
