//! The kinds of things that ad servers have, and which of them are brought here together.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of thing in an ad server.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A place where something is shown.
    AdUnit,
    /// Places that are sold together.
    Placement,
    /// Something that delivery can be aimed by.
    TargetingKey,
    /// One of the values of such a key.
    TargetingValue,
    /// A site of Kevel's.
    Site,
    /// A part of such a site.
    Zone,
    /// A station of Triton's.
    Station,
    /// An order; other servers say campaign.
    Order,
    /// A line of an order; other servers say flight.
    LineItem,
}

impl ItemKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::AdUnit,
        Self::Placement,
        Self::TargetingKey,
        Self::TargetingValue,
        Self::Site,
        Self::Zone,
        Self::Station,
        Self::Order,
        Self::LineItem,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AdUnit => "ad_unit",
            Self::Placement => "placement",
            Self::TargetingKey => "targeting_key",
            Self::TargetingValue => "targeting_value",
            Self::Site => "site",
            Self::Zone => "zone",
            Self::Station => "station",
            Self::Order => "order",
            Self::LineItem => "line_item",
        }
    }

    /// What people call several of them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::AdUnit => "ad units",
            Self::Placement => "placements",
            Self::TargetingKey => "targeting keys",
            Self::TargetingValue => "targeting values",
            Self::Site => "sites",
            Self::Zone => "zones",
            Self::Station => "stations",
            Self::Order => "orders",
            Self::LineItem => "line items",
        }
    }
}

impl fmt::Display for ItemKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a kind of inventory that is known here, such as ad_unit")]
pub struct UnknownKind;

impl FromStr for ItemKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or(UnknownKind)
    }
}

/// What one run brings here.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Places, and what they can be aimed by.
    Inventory,
    /// Orders and their lines.
    Orders,
}

impl What {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Inventory, Self::Orders];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Orders => "orders",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for What {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or(UnknownKind)
    }
}
