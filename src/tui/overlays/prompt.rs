//! One line that is typed at the foot of the screen: a filter, which works while it is
//! typed, or the name of a file.

use ratatui::layout::Rect;

use super::{Overlay, Stay};
use crate::tui::{
    clean::Clean,
    command::{Action, Section},
    effect::{Ctx, Effect},
    field::Field,
    filter,
    input::Key,
    paint::{Canvas, Look},
    theme::Role,
};

/// What the line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Filters the list, letter by letter.
    Filter,
    /// Names a file to read.
    File,
    /// Says why.
    Reason,
    /// Names a day to go to.
    Day,
    /// Names what was picked from a list, to show it in full.
    Picked,
}

/// A line that is being typed.
pub struct Prompt {
    purpose: Purpose,
    label: Clean,
    field: Field,
    before: String,
    /// The fields that a filter may name.
    fields: Vec<&'static str>,
}

/// As much room as a line that is typed has beside what is said of it.
const LEAST: u16 = 24;
/// With less room nothing is said of it.
const SAID: u16 = 16;

impl Prompt {
    /// Begins with a text.
    #[must_use]
    pub fn new(purpose: Purpose, label: impl Into<Clean>, text: &str) -> Self {
        Self {
            purpose,
            label: label.into(),
            field: Field::new(text),
            before: text.to_owned(),
            fields: Vec::new(),
        }
    }

    /// Begins with a filter; these are the fields that it may name.
    #[must_use]
    pub fn filter(text: &str, fields: Vec<&'static str>) -> Self {
        Self {
            fields,
            ..Self::new(Purpose::Filter, "/", text)
        }
    }

    /// What is wrong with the filter: it names a field that is not there.
    fn unknown(&self) -> Option<Clean> {
        let name = filter::unknown(self.field.text(), &self.fields)?;
        let fields = self.fields.join(", ");
        Some(clean!("{name} is no field here; fields are {fields}"))
    }

    /// What is said beside what is typed.
    fn said(&self) -> Option<(Clean, Role)> {
        if self.fields.is_empty() {
            return None;
        }
        let known = || {
            clean!(
                "fields, as in {}:word: {}",
                self.fields[0],
                self.fields.join(" ")
            )
        };
        let wrong = self.unknown().map(|wrong| (wrong, Role::Warn));
        Some(wrong.unwrap_or_else(|| (known(), Role::Muted)))
    }

    fn tell(&self, ctx: &mut Ctx<'_>) {
        if self.purpose == Purpose::Filter {
            let text = self.field.text().to_owned();
            ctx.want(Effect::Typed(self.purpose, text));
        }
    }
}

impl Overlay for Prompt {
    fn sections(&self) -> &'static [Section] {
        &[Section::Prompt]
    }

    fn types(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) -> Stay {
        match action {
            Action::Accept => {
                let text = self.field.text().to_owned();
                ctx.want(Effect::Typed(self.purpose, text));
                if let Some(wrong) = self.unknown() {
                    ctx.toast(wrong, Role::Warn);
                }
                Stay::Closed
            }
            Action::Dismiss | Action::Back | Action::Close => {
                if self.purpose == Purpose::Filter {
                    ctx.want(Effect::Typed(self.purpose, self.before.clone()));
                }
                Stay::Closed
            }
            // The list moves below while its filter is typed.
            Action::NextMatch => {
                ctx.want(Effect::Do(Action::Down));
                Stay::Open
            }
            Action::PreviousMatch => {
                ctx.want(Effect::Do(Action::Up));
                Stay::Open
            }
            _ => Stay::Open,
        }
    }

    fn key(&mut self, key: Key, ctx: &mut Ctx<'_>) -> Stay {
        if self.field.key(key) {
            self.tell(ctx);
        }
        Stay::Open
    }

    fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) -> Stay {
        self.field.paste(text);
        self.tell(ctx);
        Stay::Open
    }

    fn is_foot(&self) -> bool {
        true
    }

    fn hints(&self) -> Vec<Action> {
        vec![Action::Accept, Action::Dismiss]
    }

    fn draw(&self, canvas: &mut Canvas<'_>, _look: &Look<'_>) {
        let Some(y) = canvas.height().checked_sub(1) else {
            return;
        };
        let mut line = canvas.sub(Rect::new(0, y, canvas.width(), 1));
        line.clear();
        let x = line.text(1, 0, self.label.clone(), Role::Key);
        let mut width = line.width().saturating_sub(x + 1);
        let typed = Clean::new(self.field.text()).width().saturating_add(1);
        let room = width.saturating_sub(typed.max(LEAST) + 2);
        if let Some((said, role)) = self.said().filter(|_| room >= SAID) {
            let said = said.cut(room);
            let from = line.right(x + width, 0, said, role);
            width = from.saturating_sub(x + 2);
        }
        let area = Rect::new(x, 0, width, 1);
        self.field.draw(&mut line, area, true);
    }
}
