//! A text to read: help, messages, failures in full. Scrolls and closes, nothing else.

use super::{Overlay, Stay, centred};
use crate::tui::{
    clean::Clean,
    command::{Action, Section},
    effect::{Ctx, Effect},
    paint::{Canvas, Look},
    theme::Role,
};

/// A text over the panes.
pub struct Reader {
    title: Clean,
    lines: Vec<(Clean, Role)>,
    offset: std::cell::Cell<usize>,
    height: std::cell::Cell<usize>,
}

impl Reader {
    /// Shows lines under a title.
    #[must_use]
    pub fn new(title: impl Into<Clean>, lines: Vec<(Clean, Role)>) -> Self {
        Self {
            title: title.into(),
            lines,
            offset: 0.into(),
            height: 0.into(),
        }
    }
}

impl Overlay for Reader {
    fn sections(&self) -> &'static [Section] {
        &[Section::Reader, Section::List]
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        let (at, page) = (self.offset.get(), self.height.get().max(2) - 1);
        let to = match action {
            Action::Close | Action::Pick | Action::Back | Action::Help => return Stay::Closed,
            Action::Down => at.saturating_add(1),
            Action::Up => at.saturating_sub(1),
            Action::PageDown => at.saturating_add(page),
            Action::PageUp => at.saturating_sub(page),
            Action::Top => 0,
            Action::Bottom => usize::MAX,
            Action::Copy => {
                let lines = self.lines.iter().map(|(line, _)| line.as_str());
                let text: Vec<&str> = lines.collect();
                ctx.want(Effect::Copy(text.join("\n")));
                at
            }
            _ => at,
        };
        self.offset.set(to);
        Stay::Open
    }

    fn hints(&self) -> Vec<Action> {
        vec![Action::Close, Action::Down, Action::Up, Action::Copy]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _look: &Look<'_>) {
        let width = canvas.width().min(100);
        let inner = width.saturating_sub(4);
        let wrapped: Vec<(Clean, Role)> = self
            .lines
            .iter()
            .flat_map(|(line, role)| line.wrap(inner).into_iter().map(|part| (part, *role)))
            .collect();
        let body = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
        let most = canvas.height().saturating_sub(2);
        let area = centred(canvas, width, body.saturating_add(2).min(most));
        let mut window = canvas.sub(area);
        window.clear();
        let mut inside = window.frame(&[(self.title.clone(), Role::Title)], true);
        let rows = usize::from(inside.height());
        let offset = self.offset.get().min(wrapped.len().saturating_sub(rows));
        self.offset.set(offset);
        self.height.set(rows);
        for (y, (line, role)) in (0u16..).zip(wrapped.iter().skip(offset).take(rows)) {
            inside.text(1, y, line.clone(), *role);
        }
        let below = wrapped.len().saturating_sub(offset + rows);
        if below > 0 {
            let more = clean!(" {below} more lines ");
            window.right(
                area.width.saturating_sub(2),
                area.height.saturating_sub(1),
                more,
                Role::Muted,
            );
        }
    }
}
