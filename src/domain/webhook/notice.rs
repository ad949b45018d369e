//! Something that is to be delivered: exactly these bytes to exactly this hook, and what came of
//! every try. The bytes are written once, so that a receiver who gets them twice knows it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    hook::Hook,
    schedule::{Came, Then, after},
};
use crate::domain::{
    ids::{EndpointId, NoticeId},
    notify::{patience, slack::Channel},
    when::Instant,
};

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
    /// Who it goes to, and so how patiently.
    #[serde(default)]
    pub plan: Plan,
}

/// Who a notice goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// A buyer, where the buyer said.
    #[default]
    Buyer,
    /// An endpoint of the publisher's.
    Endpoint(EndpointId),
    /// A channel of the publisher's Slack.
    Slack(Channel),
}

impl Notice {
    /// Writes down what came of a try; `asked` is how long the receiver wants us to wait.
    #[must_use]
    pub fn tried(
        mut self,
        came: Came,
        at: Instant,
        (error, asked): (Option<String>, Option<Duration>),
    ) -> Self {
        self.tries = self.tries.saturating_add(1);
        let status = match came {
            Came::Status(status) => Some(status),
            Came::Nothing | Came::Refused => None,
        };
        self.last = Some(Tried { at, status, error });
        let chance = uuid::Uuid::from(self.id).as_u64_pair().1;
        let then = match self.plan {
            Plan::Buyer => after(came, self.tries),
            Plan::Endpoint(_) | Plan::Slack(_) => patience::after(came, self.tries, asked, chance),
        };
        (self.status, self.next) = match then {
            Then::Delivered => (NoticeStatus::Delivered, None),
            Then::Dead => (NoticeStatus::Dead, None),
            Then::Again(wait) => {
                let wait = chrono::Duration::from_std(wait).unwrap_or_default();
                (NoticeStatus::Waiting, Some(at + wait))
            }
        };
        self
    }

    /// Notes what came of a message that told this one among others; nothing for `status` where
    /// it is tried again.
    #[must_use]
    pub fn noted(
        mut self,
        status: Option<NoticeStatus>,
        answered: Option<u16>,
        error: Option<String>,
        at: Instant,
    ) -> Self {
        self.tries = self.tries.saturating_add(1);
        self.last = Some(Tried {
            at,
            status: answered,
            error,
        });
        if let Some(status) = status {
            (self.status, self.next) = (status, None);
        }
        self
    }

    /// To be delivered once more from the beginning.
    #[must_use]
    pub fn again(self, now: Instant) -> Self {
        Self {
            status: NoticeStatus::Waiting,
            tries: 0,
            next: Some(now),
            ..self
        }
    }
}
