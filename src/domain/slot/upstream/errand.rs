//! Something on its way to a slot service: kept before it leaves, under a mark. It leaves once;
//! when its answer is lost, only looking tells what became of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    ids::{BookingId, ResourceId},
    slot::{guest::Guest, zone::written},
    when::Instant,
    zone::Zone,
};

/// How long it is looked for what may have arrived.
pub const SEARCH: chrono::Duration = chrono::Duration::minutes(3);
/// How long something that was kept may wait for whoever kept it to send it.
pub const GRACE: chrono::Duration = chrono::Duration::seconds(30);

/// Something on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// Its id, under which the other side is told of it too.
    pub id: BookingId,
    /// What it is.
    pub what: What,
    /// Who wants it.
    pub by: String,
    /// Since when.
    pub at: Instant,
    /// How far it has come.
    pub state: State,
}

/// What is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A slot is to be booked.
    Book(Box<Wish>),
    /// A booking is to be called off.
    Cancel {
        /// Which.
        booking: BookingId,
        /// Its id there.
        remote: String,
        /// What it is, for people.
        line: String,
    },
    /// A resource is to be made, or changed.
    Resource {
        /// Which, if it is there already.
        resource: Option<ResourceId>,
        /// Its id there.
        remote: Option<String>,
        /// What is said of it.
        fields: Map<String, Value>,
    },
}

/// A slot that is to be booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Of what.
    pub resource: ResourceId,
    /// Its id there.
    pub remote: String,
    /// What it is called.
    pub name: String,
    /// Whose clock hangs on its wall.
    pub timezone: Zone,
    /// When it begins, in seconds.
    pub start: i64,
    /// When it is over.
    pub end: i64,
    /// Who comes.
    pub guest: Guest,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It is kept, and nothing was sent.
    Kept,
    /// It was sent.
    Left {
        /// When.
        at: Instant,
    },
    /// It may have arrived: its answer was lost.
    Lost {
        /// When it was sent.
        at: Instant,
        /// Why nobody knows.
        why: String,
    },
    /// It was done, and read back.
    Done {
        /// What stands here for what came of it.
        object: String,
    },
    /// It was not done.
    Refused {
        /// Why, as it is told.
        fault: Value,
    },
}

impl State {
    /// In one word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Left { .. } => "left",
            Self::Lost { .. } => "lost",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
        }
    }
}

impl Errand {
    /// When it was sent, if it may have arrived and nobody knows what came of it.
    #[must_use]
    pub fn sent_at(&self) -> Option<Instant> {
        match &self.state {
            State::Left { at } | State::Lost { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// What it is, for people.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.what {
            What::Book(wish) => format!(
                "{}: {}, {}",
                wish.guest.name(),
                wish.name,
                written(wish.timezone, wish.start)
            ),
            What::Cancel { line, .. } => format!("to call off: {line}"),
            What::Resource { fields, .. } => {
                let name = fields.get("name").and_then(Value::as_str);
                format!("resource {}", name.unwrap_or("that is changed"))
            }
        }
    }
}
