//! Something that is to be delivered: exactly these bytes to exactly this hook, and what came of
//! every try. The bytes are written once, so that a receiver who gets them twice knows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    hook::Hook,
    schedule::{Came, Then, after},
};
use crate::domain::{ids::NoticeId, when::Instant};

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeStatus {
    /// To be delivered.
    Waiting,
    /// Delivered.
    Delivered,
    /// Given up.
    Dead,
}

impl NoticeStatus {
    /// The name as it is stored and listed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// When.
    pub at: Instant,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// In a sentence, where it was not delivered.
    pub error: Option<String>,
}

/// Something that is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Who wanted it.
    pub owner: String,
    /// What it is about: a task, a media buy.
    pub about: String,
    /// What happened, such as `create_media_buy completed`.
    pub what: String,
    /// Where it goes.
    pub hook: Hook,
    /// What is sent, byte for byte.
    pub body: String,
    /// Where it stands.
    pub status: NoticeStatus,
    /// How often it was tried.
    pub tries: u32,
    /// What came of the last try.
    pub last: Option<Tried>,
    /// When it is tried next.
    pub next: Option<Instant>,
}

impl Notice {
    /// Writes down what came of a try.
    #[must_use]
    pub fn tried(mut self, came: Came, at: Instant, error: Option<String>) -> Self {
        self.tries = self.tries.saturating_add(1);
        let status = match came {
            Came::Status(status) => Some(status),
            Came::Nothing | Came::Refused => None,
        };
        self.last = Some(Tried { at, status, error });
        (self.status, self.next) = match after(came, self.tries) {
            Then::Delivered => (NoticeStatus::Delivered, None),
            Then::Dead => (NoticeStatus::Dead, None),
            Then::Again(wait) => {
                let wait = chrono::Duration::from_std(wait).unwrap_or_default();
                (NoticeStatus::Waiting, Some(at + wait))
            }
        };
        self
    }
}
