//! Pages of lists as the protocol has them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many are listed where nobody says.
pub const USUAL: u32 = 50;
/// How many are listed at most.
pub const MOST: u32 = 100;

/// Which page is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Paging {
    /// At most so many, 1 to 100; 50 where it is not said.
    pub max_results: Option<u32>,
    /// From the page before.
    pub cursor: Option<String>,
}

/// Which page it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Paged {
    /// Whether there are more.
    pub has_more: bool,
    /// Where they begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many there are on all pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u64>,
}

/// For whom an answer about what is sold holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheScope {
    /// For everybody: prices are those of the rate card, whoever asks.
    #[default]
    Public,
    /// For the account that was named.
    Account,
}
