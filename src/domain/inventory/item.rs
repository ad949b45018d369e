//! A thing in an ad server, in our words. Refuses ids that are no plain text; names are made
//! inert and cut, because a foreign server may have let anything into them.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::ItemKind;
use crate::domain::{text, when::Instant};

/// The longest id, in bytes.
const LONGEST_ID: usize = 255;
/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 255;
/// How many sizes or parts of one thing are kept.
const MOST_PARTS: usize = 1_000;

/// Where a thing stands in its ad server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// In use; a line delivers or can.
    Active,
    /// Held by somebody for a while.
    Paused,
    /// Not yet: a draft, or somebody has to agree.
    Waiting,
    /// Over.
    Ended,
    /// Switched off.
    Inactive,
    /// Put away.
    Archived,
    /// In a state that we have no word for.
    Unknown,
}

impl ItemStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
            Self::Inactive => "inactive",
            Self::Archived => "archived",
            Self::Unknown => "unknown",
        }
    }
}

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// How wide.
    pub width: u32,
    /// How high.
    pub height: u32,
}

/// A price as an ad server writes it: millionths, in whatever currency it has. Never summed
/// with money of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// In millionths of the currency's unit.
    pub micros: i64,
    /// The currency, as three letters; empty where the server does not say.
    pub currency: String,
}

/// What is known of a thing beside its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Detail {
    /// The sizes of a place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<Size>,
    /// The ids of the places that are sold together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Whose order it is, by the server's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertiser: Option<String>,
    /// The server's own word for the type of a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_type: Option<String>,
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<NaiveDate>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<NaiveDate>,
    /// How much is to be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<i64>,
    /// How much was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<i64>,
    /// What a unit costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Price>,
}

/// A thing in an ad server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its id there.
    pub id: String,
    /// The id of what it belongs to: the unit above a unit, the order of a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What people there call it.
    pub name: String,
    /// What tags call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where it stands.
    pub status: ItemStatus,
    /// When it was last changed there, where the server says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Instant>,
    /// What else is known of it.
    #[serde(default)]
    pub detail: Detail,
}

/// Why something is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnItem {
    /// Its id is empty, longer than any, or no plain text.
    #[error("has an id that is none")]
    Id,
}

impl Item {
    /// A thing with nothing but what each has.
    #[must_use]
    pub fn new(kind: ItemKind, id: impl Into<String>, name: &str, status: ItemStatus) -> Self {
        Self {
            kind,
            id: id.into(),
            parent: None,
            name: name.to_owned(),
            code: None,
            status,
            changed_at: None,
            detail: Detail::default(),
        }
    }

    /// The same as it may be kept and shown.
    ///
    /// # Errors
    /// When its id is none.
    pub fn tidied(mut self) -> Result<Self, NotAnItem> {
        let plain = |id: &String| is_plain(id);
        if !plain(&self.id) || !self.parent.iter().all(plain) {
            return Err(NotAnItem::Id);
        }
        self.name = shown(&self.name);
        if self.name.is_empty() {
            self.name.clone_from(&self.id);
        }
        self.code = self.code.map(|code| shown(&code));
        let detail = &mut self.detail;
        detail.sizes.truncate(MOST_PARTS);
        detail.units.retain(plain);
        detail.units.truncate(MOST_PARTS);
        detail.advertiser = detail.advertiser.take().filter(plain);
        detail.line_type = detail.line_type.take().map(|word| text::echo(&word));
        Ok(self)
    }
}

fn is_plain(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_graphic())
}

/// Cuts a foreign text and makes it inert.
fn shown(text: &str) -> String {
    let cut: String = text.trim().chars().take(LONGEST_NAME).collect();
    text::inert(&cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_foreign_server_wrote_is_made_inert_and_its_ids_must_be_plain() {
        let name = format!("Front\u{0} page\u{1b}[2J{}", "x".repeat(400));
        let item = Item::new(ItemKind::AdUnit, "12", &name, ItemStatus::Active);
        let kept = item.clone().tidied().expect("kept");
        assert!(!kept.name.contains(['\u{0}', '\u{1b}']), "{}", kept.name);
        assert_eq!(kept.name.chars().count(), LONGEST_NAME);
        for id in ["", "a b", "a\nb", "\u{0}", &"x".repeat(256), "ü"] {
            let wrong = Item {
                id: id.into(),
                ..item.clone()
            };
            assert_eq!(wrong.tidied(), Err(NotAnItem::Id), "{id:?}");
        }
        let nameless = Item::new(ItemKind::AdUnit, "12", " ", ItemStatus::Active);
        assert_eq!(nameless.tidied().expect("kept").name, "12");
    }
}
