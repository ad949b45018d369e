//! An order as it is given to an ad server, and as it is read back. What was given is only
//! believed once it was read back.

use crate::domain::{
    inventory::item::{ItemStatus, Size},
    media_buy::item_type::ItemType,
    money::Money,
    when::Instant,
};

/// A line to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// What it is called; unique within its order.
    pub name: String,
    /// How it competes.
    pub item_type: ItemType,
    /// From when on.
    pub starts: Instant,
    /// Until when.
    pub ends: Instant,
    /// How many impressions.
    pub impressions: u64,
    /// The price of a thousand.
    pub cpm: Money,
    /// The places, by the server's ids.
    pub units: Vec<String>,
    /// The placements, by the server's ids.
    pub placements: Vec<String>,
    /// The sizes of what is shown.
    pub sizes: Vec<Size>,
}

/// An order to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A line as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// Its id there.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: ItemStatus,
    /// How much was delivered, where the server says.
    pub delivered: Option<i64>,
}

/// An order as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Whether an order is to be delivered or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Held for a while.
    Pause,
    /// Delivered again.
    Resume,
}
