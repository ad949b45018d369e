//! What is known of the connection to an ad server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trouble::Trouble;
use crate::domain::when::Instant;

/// What is known of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Connection {
    /// How often somebody wanted it to be tested.
    pub asked: u64,
    /// Which of those was answered last.
    pub answered: u64,
    /// When it was last tested.
    pub tested_at: Option<Instant>,
    /// Which ad server and which account of it.
    pub source: String,
    /// What it said of itself.
    pub said: String,
    /// Why we were not let in, or did not get there.
    pub trouble: Option<Trouble>,
}

impl Connection {
    /// The id of the one object of this kind that a tenant has.
    pub const ID: &'static str = "connection";

    /// Whether we were let in the last time; nothing before the first.
    #[must_use]
    pub fn connected(&self) -> Option<bool> {
        self.tested_at.map(|_| self.trouble.is_none())
    }

    /// Whether it was tested since somebody last wanted it.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.answered >= self.asked
    }
}
