//! Something that can be booked: what it is, what it is called, where it is, and its schedule.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{schedule::Schedule, unreadable, upstream::Elsewhere};
use crate::domain::{
    ids::ResourceId,
    problem::{Code, Problem},
    text::is_inert,
    when::Instant,
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;
/// The longest part of an address.
const LONGEST_LINE: usize = 200;
/// The longest description, in bytes.
const LONGEST_DESCRIPTION: usize = 8000;
/// The longest slug.
const LONGEST_SLUG: usize = 100;

/// What can be booked.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ResourceType {
    /// A place.
    Location,
    /// A service.
    Service,
    /// A room.
    Room,
    /// A piece of equipment.
    Equipment,
    /// A person.
    Person,
}

impl ResourceType {
    /// Every one of them.
    pub const ALL: [Self; 5] = [
        Self::Location,
        Self::Service,
        Self::Room,
        Self::Equipment,
        Self::Person,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Service => "service",
            Self::Room => "room",
            Self::Equipment => "equipment",
            Self::Person => "person",
        }
    }
}

/// No type of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not one of location, service, room, equipment and person")]
pub struct UnknownType;

impl FromStr for ResourceType {
    type Err = UnknownType;
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or(UnknownType)
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What something that can be booked is called, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ResourceType,
    /// What people call it.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// What there is to say of it.
    #[serde(default)]
    pub description: Option<String>,
    /// The street.
    #[serde(default)]
    pub address_line1: Option<String>,
    /// The city.
    #[serde(default)]
    pub city: Option<String>,
    /// The state.
    #[serde(default)]
    pub state: Option<String>,
    /// The postal code.
    #[serde(default)]
    pub postal_code: Option<String>,
}

impl Card {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let lines = [
            ("name", Some(&self.name), LONGEST_NAME),
            ("addressLine1", self.address_line1.as_ref(), LONGEST_LINE),
            ("city", self.city.as_ref(), LONGEST_LINE),
            ("state", self.state.as_ref(), LONGEST_LINE),
            ("postalCode", self.postal_code.as_ref(), LONGEST_LINE),
        ];
        let mut all = unreadable(lines);
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let fits = (1..=LONGEST_SLUG).contains(&self.slug.len());
        if !(fits && self.slug.bytes().all(plain)) {
            let said = format!("is not 1 to {LONGEST_SLUG} of a-z, 0-9 and '-'");
            all.push(Problem::new("slug", Code::new("INVALID_SLUG"), said));
        }
        let description = self.description.as_deref().unwrap_or_default();
        if description.len() > LONGEST_DESCRIPTION || !description.lines().all(is_inert) {
            let said = format!("is longer than {LONGEST_DESCRIPTION} bytes, or cannot be shown");
            all.push(Problem::new("description", Code::new("INVALID_TEXT"), said));
        }
        all
    }
}

/// A name as it can stand in an address: `Main Campus Tour` as `main-campus-tour`.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(LONGEST_SLUG);
    match slug.trim_end_matches('-') {
        "" => "resource".to_owned(),
        slug => slug.to_owned(),
    }
}

/// Something that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// What it is, and where.
    pub card: Card,
    /// When and how it can be booked.
    pub schedule: Schedule,
    /// Whether it can be booked.
    pub is_active: bool,
    /// Whether everybody may see it.
    pub published: bool,
    /// Which feed of its bookings is good: another number ends all feeds that were given out.
    pub feed: u32,
    /// When it was made.
    pub created_at: Instant,
    /// Its counterpart, where it lives in another company's slot service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<Elsewhere>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_an_address() {
        assert_eq!(slug_of("Main Campus Tour"), "main-campus-tour");
        assert_eq!(slug_of("  Zimmer 7 (Süd) "), "zimmer-7-s-d");
        assert_eq!(slug_of("会議室"), "resource");
    }
}
