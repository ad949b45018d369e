//! An order as it is given to an ad server, and as it is read back. What was given is only
//! believed once it was read back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{
    inventory::item::{ItemStatus, Price, Size},
    media_buy::item_type::ItemType,
    money::Money,
    opendirect::product::RateType,
    when::Instant,
};

/// What a line is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Will {
    /// Deliver, within its flight.
    Deliver,
    /// Nothing for a while.
    Hold,
    /// Nothing any more.
    End,
}

impl Will {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Deliver => "to deliver",
            Self::Hold => "to be held",
            Self::End => "to have ended",
        }
    }
}

/// A line to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewLine {
    /// What it is called; unique within its order, and never another.
    pub name: String,
    /// Our id of it, for servers that keep one of others.
    pub mark: String,
    /// How it competes.
    pub item_type: ItemType,
    /// From when on.
    pub starts: Instant,
    /// Until when.
    pub ends: Instant,
    /// How many units of what is paid for: impressions, or clicks.
    pub goal: u64,
    /// What is paid for.
    pub priced: RateType,
    /// The price of one of it, or of a thousand.
    pub rate: Money,
    /// The places, by the server's ids.
    pub units: Vec<String>,
    /// The placements, by the server's ids.
    pub placements: Vec<String>,
    /// The sizes of what is shown.
    pub sizes: Vec<Size>,
    /// What it is to do.
    pub will: Will,
}

impl NewLine {
    /// Whether there is anything to make of it: it is to live, and some of its flight is left.
    #[must_use]
    pub fn can_begin(&self) -> bool {
        self.will != Will::End && self.starts < self.ends
    }
}

/// An order to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewOrder {
    /// What it is called. The same name is the same order: given twice, it is there once.
    pub name: String,
    /// Whose it is, by the server's id.
    pub advertiser: String,
    /// The buyer's number.
    pub po_number: Option<String>,
    /// Its lines.
    pub lines: Vec<NewLine>,
}

/// A line as the server has it. What the server does not tell is missing, and agrees with
/// everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldLine {
    /// Its id there.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: ItemStatus,
    /// From when on.
    pub starts: Option<Instant>,
    /// Until when.
    pub ends: Option<Instant>,
    /// How many units over its whole flight.
    pub goal: Option<i64>,
    /// What one costs, or a thousand.
    pub rate: Option<Price>,
    /// How much was delivered.
    pub delivered: Option<i64>,
}

/// An order as the server has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldOrder {
    /// Its id there.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: ItemStatus,
    /// Its lines.
    pub lines: Vec<HeldLine>,
}

impl HeldOrder {
    /// A line of it: by its id where that is known, else by its name.
    #[must_use]
    pub fn line(&self, id: Option<&str>, name: &str) -> Option<&HeldLine> {
        match id {
            Some(id) => self.lines.iter().find(|one| one.id == id),
            None => self.lines.iter().find(|one| one.name == name),
        }
    }
}

/// What is done to an order, or to a line of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Agreed to: it delivers as soon as it can.
    Activate,
    /// Held for a while.
    Pause,
    /// Delivered again.
    Resume,
    /// Put away.
    Archive,
}

/// What a server has counted of a line since it began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineCount {
    /// Which line, by its id there.
    pub line: String,
    /// Impressions.
    pub impressions: u64,
    /// Clicks.
    pub clicks: Option<u64>,
    /// Videos begun.
    pub starts: Option<u64>,
    /// Videos seen to the end.
    pub completes: Option<u64>,
    /// Impressions in view.
    pub viewable: Option<u64>,
}
