//! A short list to pick one thing from.

use ratatui::layout::Rect;

use super::{Overlay, Stay, centred};
use crate::tui::{
    clean::Clean,
    command::{Action, Section},
    effect::Ctx,
    paint::{Canvas, Look, Spot},
    theme::Role,
};

type Picked = Box<dyn Fn(usize, &mut Ctx<'_>) + Send>;

/// A list to pick from.
pub struct Menu {
    title: Clean,
    items: Vec<Clean>,
    cursor: usize,
    picked: Picked,
    leaves: bool,
}

impl Menu {
    /// Offers items; `picked` learns which.
    pub fn new(
        title: impl Into<Clean>,
        items: Vec<Clean>,
        picked: impl Fn(usize, &mut Ctx<'_>) + Send + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            items,
            cursor: 0,
            picked: Box::new(picked),
            leaves: false,
        }
    }

    /// As the question whether to leave the console.
    #[must_use]
    pub fn to_leave(mut self) -> Self {
        self.leaves = true;
        self
    }
}

impl Overlay for Menu {
    fn sections(&self) -> &'static [Section] {
        &[Section::Reader, Section::List]
    }

    fn asks_to_leave(&self) -> bool {
        self.leaves
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        let last = self.items.len().saturating_sub(1);
        match action {
            Action::Close | Action::Back => return Stay::Closed,
            Action::Pick | Action::Open => {
                if !self.items.is_empty() {
                    (self.picked)(self.cursor, ctx);
                }
                return Stay::Closed;
            }
            Action::Down => self.cursor = (self.cursor + 1).min(last),
            Action::Up => self.cursor = self.cursor.saturating_sub(1),
            Action::Top => self.cursor = 0,
            Action::Bottom => self.cursor = last,
            _ => {}
        }
        Stay::Open
    }

    fn click(&mut self, spot: Spot, ctx: &mut Ctx<'_>) -> Stay {
        if let Spot::Row(at) = spot
            && at < self.items.len()
        {
            self.cursor = at;
            return self.act(Action::Pick, ctx);
        }
        Stay::Open
    }

    fn hints(&self) -> Vec<Action> {
        vec![Action::Pick, Action::Down, Action::Up, Action::Close]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _look: &Look<'_>) {
        let widest = self.items.iter().map(Clean::width).max().unwrap_or(0);
        let width = widest.max(self.title.width() + 2).saturating_add(6);
        let height = u16::try_from(self.items.len()).unwrap_or(u16::MAX);
        let area = centred(canvas, width, height.saturating_add(2));
        let mut window = canvas.sub(area);
        window.clear();
        let mut inside = window.frame(&[(self.title.clone(), Role::Title)], true);
        let rows = usize::from(inside.height());
        let top = (self.cursor + 1).saturating_sub(rows);
        let cursor = inside.glyphs().cursor;
        for (y, (at, item)) in (0u16..).zip(self.items.iter().enumerate().skip(top).take(rows)) {
            if at == self.cursor {
                inside.text(1, y, cursor, Role::Accent);
            }
            inside.text(3, y, item.clone(), Role::Text);
            let row = Rect::new(0, y, area.width, 1);
            inside.spot(row, Spot::Row(at));
            if at == self.cursor {
                inside.tint(Rect::new(3, y, item.width(), 1), Role::Selected);
            }
        }
    }
}
