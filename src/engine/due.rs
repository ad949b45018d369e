//! When something is to be looked at again because of time alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::when::Instant;

/// When there is something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    /// Then; never, when nothing comes of time alone.
    pub at: Option<Instant>,
}
