//! A field of a form: a line, a line that nobody reads along, a switch, or a choice. Knows what
//! it was filled with at first; prints nothing of what is hidden.

use std::fmt;

use crate::{
    domain::tenant::secret::Secret,
    tui::{
        field::Field,
        input::{Code, Key},
    },
};

/// What a switch says.
const SWITCH: &[&str] = &["no", "yes"];

/// What kind of field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line.
    Line,
    /// A line that nobody may read over a shoulder.
    Hidden,
    /// Yes or no.
    Switch,
    /// One of these.
    Choice(&'static [&'static str]),
    /// No field: a heading above those that follow.
    Heading,
}

/// A field.
pub struct Slot {
    /// Its name, by which rules and answers speak of it.
    pub name: &'static str,
    /// What stands beside it.
    pub label: &'static str,
    /// What goes into it, while it is empty or has the keys.
    pub about: &'static str,
    /// What kind it is.
    pub kind: Kind,
    pub(super) field: Field,
    before: String,
}

impl Slot {
    /// With what stands in it at first.
    #[must_use]
    pub fn new(
        name: &'static str,
        label: &'static str,
        about: &'static str,
        kind: Kind,
        text: &str,
    ) -> Self {
        Self {
            name,
            label,
            about,
            kind,
            field: Field::new(text),
            before: text.to_owned(),
        }
    }

    /// A line.
    #[must_use]
    pub fn line(name: &'static str, label: &'static str, about: &'static str, text: &str) -> Self {
        Self::new(name, label, about, Kind::Line, text)
    }

    /// Yes or no.
    #[must_use]
    pub fn switch(name: &'static str, label: &'static str, about: &'static str, on: bool) -> Self {
        let text = SWITCH[usize::from(on)];
        Self::new(name, label, about, Kind::Switch, text)
    }

    /// A line that is empty at first and that nobody reads along.
    #[must_use]
    pub fn hidden(name: &'static str, label: &'static str, about: &'static str) -> Self {
        Self::new(name, label, about, Kind::Hidden, "")
    }

    pub(super) fn is_typed(&self) -> bool {
        matches!(self.kind, Kind::Line | Kind::Hidden)
    }

    pub(super) fn is_changed(&self) -> bool {
        self.field.text() != self.before
    }

    fn options(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Switch => SWITCH,
            Kind::Choice(options) => options,
            Kind::Line | Kind::Hidden | Kind::Heading => &[],
        }
    }

    /// Turns to the next thing that can be chosen.
    pub(super) fn turn(&mut self, on: bool) {
        let options = self.options();
        let all = options.len();
        let here = options.iter().position(|one| *one == self.field.text());
        let to = match (here, on) {
            (None, _) => 0,
            (Some(at), true) => at + 1,
            (Some(at), false) => at + all - 1,
        };
        if let Some(option) = options.get(to.checked_rem(all).unwrap_or(0)) {
            self.field.set(option);
        }
    }

    /// Takes a key; false when it changed nothing.
    pub(super) fn key(&mut self, key: Key) -> bool {
        if self.is_typed() {
            return self.field.key(key);
        }
        match key.code {
            Code::Left => self.turn(false),
            Code::Right | Code::Char(' ') => self.turn(true),
            _ => return false,
        }
        true
    }
}

/// What stands in the fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Values(Vec<(&'static str, Secret, bool)>);

impl fmt::Debug for Values {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Values")
    }
}

impl Values {
    pub(super) fn of(slots: &[Slot]) -> Self {
        let slots = slots.iter();
        let slots = slots.map(|slot| {
            let text = Secret::new(slot.field.text().trim());
            (slot.name, text, slot.is_changed())
        });
        Self(slots.collect())
    }

    /// What stands in a field.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(own, ..)| *own == name);
        found.map_or("", |(_, text, _)| text.reveal())
    }

    /// The same, where there is anything.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name).to_owned()).filter(|text| !text.is_empty())
    }

    /// The same, where it is not what it was at first.
    #[must_use]
    pub fn changed(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(own, ..)| *own == name);
        found
            .filter(|(.., changed)| *changed)
            .map(|(_, text, _)| text.reveal().to_owned())
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.text(name) == SWITCH[1]
    }

    /// Whether a switch is on, where it is not what it was at first.
    #[must_use]
    pub fn switched(&self, name: &str) -> Option<bool> {
        self.changed(name).map(|text| text == SWITCH[1])
    }
}
