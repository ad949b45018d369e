//! What is asked of the things of an ad server. They stand in a table of their own, because
//! there are many of them and they are brought in pages.

use super::batch::{GONE, Thing};

/// Where a page ends: kind, name and id of its last thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The id.
    pub id: String,
}

/// Which things are wanted: by kind, then by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only in this state; where it is not said, all but those that are gone.
    pub state: Option<String>,
    /// Only of this parent.
    pub parent: Option<String>,
    /// Only those whose search text contains this, taken literally.
    pub search: Option<String>,
    /// Only what comes behind this one.
    pub after: Option<Last>,
    /// At most so many.
    pub limit: u32,
}

/// How many things of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: String,
    /// How many.
    pub n: i64,
}

impl Thing {
    /// Where a page that ends with this one goes on.
    #[must_use]
    pub fn last(&self) -> Last {
        Last {
            kind: self.kind.clone(),
            name: self.name.clone(),
            id: self.id.clone(),
        }
    }

    /// Whether it is there no more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.state == GONE
    }
}
