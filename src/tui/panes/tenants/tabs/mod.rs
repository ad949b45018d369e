//! The tabs beside the directory: what is shown of one tenant. Each that is text is a file of
//! its own that makes lines; each that is a list is a grid in the detail.

pub mod ad_server;
pub mod overview;
pub mod settings;

use serde_json::{Map, Value};

use crate::{
    domain::when::Instant,
    tui::{clean::Clean, theme::Role},
};

/// How wide the names of facts are.
const NAME: u16 = 17;

/// A line of pieces.
pub type Line = Vec<(Clean, Role)>;

/// What is shown of a tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// How it is.
    #[default]
    Overview,
    /// What is set and switched on.
    Settings,
    /// Who buys from it.
    Principals,
    /// What delivers for it, and what was fetched from there.
    AdServer,
    /// What is told to others' addresses.
    Notices,
    /// Who gets in.
    Keys,
    /// Who did what.
    Audit,
}

impl Tab {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Overview,
        Self::Settings,
        Self::Principals,
        Self::AdServer,
        Self::Notices,
        Self::Keys,
        Self::Audit,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Settings => "settings",
            Self::Principals => "principals",
            Self::AdServer => "ad server",
            Self::Notices => "notifications",
            Self::Keys => "keys",
            Self::Audit => "audit",
        }
    }

    /// The one so many further on.
    #[must_use]
    pub fn next(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// Lines that are being written, so many columns wide.
pub struct Page {
    lines: Vec<Line>,
    width: u16,
}

impl Page {
    /// An empty page.
    #[must_use]
    pub fn new(width: u16) -> Self {
        Self {
            lines: Vec::new(),
            width,
        }
    }

    /// Its lines.
    #[must_use]
    pub fn lines(self) -> Vec<Line> {
        self.lines
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.lines.push(Vec::new());
    }

    /// A heading, under an empty line.
    pub fn heading(&mut self, text: impl Into<Clean>) {
        if !self.lines.is_empty() {
            self.gap();
        }
        self.lines.push(vec![(text.into(), Role::Title)]);
    }

    /// A sentence that goes on below.
    pub fn say(&mut self, text: impl Into<Clean>, role: Role) {
        let parts = text.into().wrap(self.width).into_iter();
        self.lines.extend(parts.map(|part| vec![(part, role)]));
    }

    /// A line of pieces, as long as it is.
    pub fn pieces(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// A name with what stands behind it, which goes on under itself.
    pub fn fact(&mut self, name: &'static str, text: impl Into<Clean>, role: Role) {
        let room = self.width.saturating_sub(NAME).max(8);
        let parts = text.into().wrap(room);
        for (at, part) in parts.into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            let head = clean!("{name:<width$}", width = usize::from(NAME));
            self.lines.push(vec![(head, Role::Muted), (part, role)]);
        }
    }
}

/// A value as people read it; nothing is a line.
#[must_use]
pub fn shown(of: &Map<String, Value>, name: &str) -> Clean {
    match of.get(name) {
        None | Some(Value::Null) => "-".into(),
        Some(Value::Bool(true)) => "yes".into(),
        Some(Value::Bool(false)) => "no".into(),
        Some(Value::String(text)) if text.is_empty() => "-".into(),
        Some(Value::String(text)) => Clean::new(text),
        Some(Value::Array(all)) if all.is_empty() => "-".into(),
        Some(Value::Array(all)) => {
            let texts: Vec<String> = all.iter().map(plain).collect();
            Clean::new(&texts.join(", "))
        }
        Some(Value::Object(map)) if map.is_empty() => "-".into(),
        Some(other) => Clean::new(&other.to_string()),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time to the minute.
#[must_use]
pub fn stamp(at: Instant) -> Clean {
    clean!("{} UTC", at.format("%Y-%m-%d %H:%M"))
}
