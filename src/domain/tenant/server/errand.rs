//! Something on its way to a tenant-management server: kept before it leaves, without the secrets
//! among what is sent. It leaves once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Act;
use crate::domain::{ids::ChangeId, when::Instant};

/// Something on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerErrand {
    /// Its id, under which the other side is told of it too.
    pub id: ChangeId,
    /// What it is, for people.
    pub line: String,
    /// Who wants it.
    pub by: String,
    /// What it is, without what is secret of it: by that it is looked for when its answer is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// How far it has come.
    pub state: Way,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Way {
    /// Nothing was sent.
    Kept,
    /// It was sent, and what came of it is not known.
    Left {
        /// When.
        at: Instant,
        /// Why nobody knows, once that is sure.
        #[serde(default)]
        why: Option<String>,
    },
    /// It was done, and this is told of it.
    Done {
        /// What is told.
        outcome: Value,
    },
    /// It was not done.
    Refused {
        /// Why, as it is told.
        fault: Value,
    },
}

impl Way {
    /// In one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Left { .. } => "left",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
        }
    }
}
