//! The life of an alert: it waits until it has held, is open, is seen to, and resolves itself
//! when nothing is wrong any more. Looking twice at the same changes nothing. Refuses to be
//! seen to before it is open and after it is over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Key, Severity};
use crate::domain::{pacing::terms::Name, when::Instant};

/// Where an alert stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Something is wrong, not yet for long enough.
    Waiting,
    /// Somebody should look.
    Open {
        /// Since when.
        since: Instant,
    },
    /// Somebody does.
    Acknowledged {
        /// Who.
        by: String,
        /// What they said.
        note: String,
        /// Since when.
        at: Instant,
    },
    /// Not now.
    Snoozed {
        /// Until when.
        until: Instant,
        /// Who said so.
        by: String,
    },
    /// Nothing is wrong any more.
    Resolved {
        /// Since when.
        at: Instant,
    },
}

/// Something that is wrong with a line, and whether anybody sees to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What and where.
    pub key: Key,
    /// Since when it is wrong.
    pub since: Instant,
    /// What was found last.
    pub finding: Finding,
    /// Where it stands.
    pub state: State,
}

/// Why somebody cannot see to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has not held for long enough.
    #[error("the alert is not open yet")]
    NotYet,
    /// Nothing is wrong any more.
    #[error("the alert has resolved itself")]
    Resolved,
    /// Somebody does already.
    #[error("the alert is acknowledged already")]
    Acknowledged,
    /// That is over already.
    #[error("an alert can only be snoozed until a later time")]
    Past,
    /// It is not asleep.
    #[error("the alert is not snoozed")]
    Awake,
}

impl Alert {
    /// A new one, open when it need not hold.
    #[must_use]
    pub fn new(line: Name, finding: Finding, at: Instant) -> Self {
        let key = Key {
            rule: finding.rule,
            line,
        };
        let state = State::Waiting;
        Self {
            key,
            since: at,
            finding,
            state,
        }
        .held(at)
    }

    /// What becomes of it when a rule has looked again; nothing when it was never told.
    #[must_use]
    pub fn seen_again(self, finding: Option<Finding>, at: Instant) -> Option<Self> {
        let Some(finding) = finding else {
            return self.cleared(at);
        };
        if matches!(self.state, State::Resolved { .. }) {
            return Some(Self::new(self.key.line, finding, at));
        }
        let worse = finding.severity > self.finding.severity;
        let state = match self.state {
            State::Acknowledged { .. } if worse => State::Open { since: at },
            State::Snoozed { until, .. } if at >= until || worse => State::Open { since: at },
            state => state,
        };
        Some(
            Self {
                finding,
                state,
                ..self
            }
            .held(at),
        )
    }

    fn cleared(self, at: Instant) -> Option<Self> {
        match self.state {
            State::Waiting => None,
            State::Resolved { .. } => Some(self),
            _ => Some(Self {
                state: State::Resolved { at },
                ..self
            }),
        }
    }

    fn held(self, at: Instant) -> Self {
        if self.state == State::Waiting && at - self.since >= self.finding.hold {
            return Self {
                state: State::Open { since: at },
                ..self
            };
        }
        self
    }

    /// Somebody sees to it.
    ///
    /// # Errors
    /// When it is not open, or somebody does already.
    pub fn acknowledge(self, by: &str, note: &str, at: Instant) -> Result<Self, Refusal> {
        self.is_told()?;
        if matches!(self.state, State::Acknowledged { .. }) {
            return Err(Refusal::Acknowledged);
        }
        let state = State::Acknowledged {
            by: by.into(),
            note: note.into(),
            at,
        };
        Ok(Self { state, ..self })
    }

    /// Not now.
    ///
    /// # Errors
    /// When it is not open, or not until a later time.
    pub fn snooze(self, by: &str, until: Instant, at: Instant) -> Result<Self, Refusal> {
        self.is_told()?;
        if until <= at {
            return Err(Refusal::Past);
        }
        Ok(Self {
            state: State::Snoozed {
                until,
                by: by.into(),
            },
            ..self
        })
    }

    /// Now after all.
    ///
    /// # Errors
    /// When it is not snoozed.
    pub fn wake(self, at: Instant) -> Result<Self, Refusal> {
        self.is_told()?;
        match self.state {
            State::Snoozed { .. } => Ok(Self {
                state: State::Open { since: at },
                ..self
            }),
            _ => Err(Refusal::Awake),
        }
    }

    fn is_told(&self) -> Result<(), Refusal> {
        match self.state {
            State::Waiting => Err(Refusal::NotYet),
            State::Resolved { .. } => Err(Refusal::Resolved),
            _ => Ok(()),
        }
    }

    /// Whether somebody should look now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.finding.severity
    }
}
