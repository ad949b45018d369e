//! A list and the detail of what its cursor is on: side by side where there is room, one
//! above the other where there is less, one alone where a person wants it so.

use ratatui::layout::Rect;

use crate::tui::{
    clean::Clean,
    command::Action,
    effect::{Ctx, Effect},
    overlays::menu::Menu,
    paint::{Canvas, Look},
    theme::Role,
};

/// From so many columns on they stand side by side.
const BESIDE: u16 = 110;
/// From so many rows on they stand one above the other.
const ABOVE: u16 = 17;

/// How a pane is divided, and which part has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Split {
    detail: bool,
    zoomed: bool,
}

impl Split {
    /// Does what a key of every divided pane does.
    pub fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Focus => self.detail = !self.detail,
            Action::Zoom => self.zoomed = !self.zoomed,
            _ => return false,
        }
        true
    }

    /// Whether the keys go to the detail.
    #[must_use]
    pub fn in_detail(self) -> bool {
        self.detail
    }

    /// Gives the keys to the detail.
    pub fn enter(&mut self) {
        self.detail = true;
    }

    /// Gives the keys back to the list; false when it had them.
    pub fn leave(&mut self) -> bool {
        let left = self.detail || self.zoomed;
        *self = Self::default();
        left
    }

    /// Where list and detail stand.
    #[must_use]
    pub fn areas(self, canvas: &Canvas<'_>) -> (Option<Rect>, Option<Rect>) {
        let (width, height) = (canvas.width(), canvas.height());
        let whole = Rect::new(0, 0, width, height);
        let beside = width >= BESIDE;
        if self.zoomed || (!beside && height < ABOVE) {
            return if self.detail {
                (None, Some(whole))
            } else {
                (Some(whole), None)
            };
        }
        if beside {
            let left = width * 3 / 5;
            let list = Rect::new(0, 0, left, height);
            return (Some(list), Some(Rect::new(left, 0, width - left, height)));
        }
        let upper = height / 2 + 1;
        let list = Rect::new(0, 0, width, upper);
        let below = Rect::new(0, upper, width, height - upper);
        (Some(list), Some(below))
    }
}

/// The title of a list: how many, in which order, through which filter.
#[must_use]
pub fn title(
    name: &'static str,
    (shown, all): (usize, usize),
    (sorted, down): (&'static str, bool),
    filter: &str,
    marked: usize,
    look: &Look<'_>,
) -> Vec<(Clean, Role)> {
    let dot = look.glyphs.dot;
    let [up, below] = look.glyphs.sorted;
    let sign = if down { below } else { up };
    let count = if shown == all {
        clean!(" {dot} {all}")
    } else {
        clean!(" {dot} {shown} of {all}")
    };
    let mut title = vec![
        (name.into(), Role::Title),
        (count, Role::Text),
        (
            clean!(" {dot} by {} {sign}", sorted.to_lowercase()),
            Role::Muted,
        ),
    ];
    if marked > 0 {
        title.push((clean!(" {dot} {marked} marked"), Role::Marked));
    }
    if !filter.is_empty() {
        title.push((clean!(" {dot} /{filter}"), Role::Match));
    }
    title
}

/// Asks in which format, and writes the file.
pub fn export(files: [(String, String); 2], ctx: &mut Ctx<'_>) {
    let items = vec!["CSV, for spreadsheets".into(), "JSON, for programs".into()];
    let menu = Menu::new("Export what is shown", items, move |at, ctx| {
        if let Some((name, text)) = files.get(at) {
            ctx.want(Effect::Write {
                name: name.clone(),
                text: text.clone(),
            });
        }
    });
    ctx.want(Effect::Open(Box::new(menu)));
}
