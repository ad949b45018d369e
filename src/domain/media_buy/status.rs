//! Where a media buy stands, and every step that leads on from there. Refuses all others,
//! and says what is possible instead.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::opendirect::refusal::Refusal;

/// Where a media buy stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuyStatus {
    /// Put together; nobody was asked to agree yet.
    Draft,
    /// Waits for a person at the publisher.
    AwaitingApproval,
    /// Agreed; lacks creatives.
    PendingCreatives,
    /// Agreed and complete; its flight has not begun.
    PendingStart,
    /// Runs.
    Active,
    /// Stopped for a while.
    Paused,
    /// Its flight is over.
    Completed,
    /// The publisher said no.
    Rejected,
    /// Called off.
    Canceled,
}

/// A step from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Ask a person at the publisher to agree.
    Submit,
    /// The publisher agrees, or nobody has to.
    Agree,
    /// The publisher says no.
    Reject,
    /// The publisher wants it changed first.
    SendBack,
    /// Whether its creatives are there and its flight has begun has changed.
    Settle(Ready),
    /// Stop for a while.
    Pause,
    /// Go on.
    Resume,
    /// Call it off.
    Cancel,
    /// The flight is over.
    Complete,
}

/// What an agreed buy is ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ready {
    /// For nothing yet: it lacks creatives.
    Creatives,
    /// To begin when its flight does.
    Start,
    /// To run.
    Run,
}

impl From<Ready> for BuyStatus {
    fn from(ready: Ready) -> Self {
        match ready {
            Ready::Creatives => Self::PendingCreatives,
            Ready::Start => Self::PendingStart,
            Ready::Run => Self::Active,
        }
    }
}

impl Step {
    /// The word for it in sentences.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Agree => "approve",
            Self::Reject => "reject",
            Self::SendBack => "send back",
            Self::Settle(_) => "settle",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Complete => "complete",
        }
    }

    /// The steps that somebody asks for.
    const ASKED: [Self; 7] = [
        Self::Submit,
        Self::Agree,
        Self::Reject,
        Self::SendBack,
        Self::Pause,
        Self::Resume,
        Self::Cancel,
    ];
}

impl BuyStatus {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::AwaitingApproval,
        Self::PendingCreatives,
        Self::PendingStart,
        Self::Active,
        Self::Paused,
        Self::Completed,
        Self::Rejected,
        Self::Canceled,
    ];

    /// Its name as it is stored and listed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::AwaitingApproval => "awaiting_approval",
            Self::PendingCreatives => "pending_creatives",
            Self::PendingStart => "pending_start",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
        }
    }

    /// The name of its order's state in an ad server, as the guards of orders speak of it.
    #[must_use]
    pub fn order_name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::AwaitingApproval => "PENDING_APPROVAL",
            Self::PendingCreatives | Self::PendingStart => "APPROVED",
            Self::Active => "DELIVERING",
            Self::Paused => "PAUSED",
            Self::Completed => "COMPLETED",
            Self::Rejected => "DISAPPROVED",
            Self::Canceled => "CANCELLED",
        }
    }

    /// Whether the publisher has agreed, so that buyers see it as a buy and not as a task.
    #[must_use]
    pub fn is_agreed(self) -> bool {
        !matches!(self, Self::Draft | Self::AwaitingApproval)
    }

    /// Why there is nothing to tell of one yet that nobody has agreed to, and what to do about it.
    #[must_use]
    pub fn not_yet(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Draft => Some((
                "is a draft that its buyer has not submitted yet",
                "lay it before the publisher by update_media_buy with the action submit_for_approval",
            )),
            Self::AwaitingApproval => Some((
                "waits for the approval of the publisher",
                "check_media_buy_status says where it stands",
            )),
            _ => None,
        }
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Rejected | Self::Canceled)
    }

    /// Whether it waits for its creatives or its flight.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingCreatives | Self::PendingStart)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// When there is no such step from here, with what is possible instead.
    pub fn after(self, step: Step) -> Result<Self, Refusal> {
        self.next(step).ok_or_else(|| {
            let possible: Vec<&str> = Step::ASKED
                .into_iter()
                .filter(|one| self.next(*one).is_some())
                .map(Step::name)
                .collect();
            Refusal::new(step.name(), "media buy", self.name(), &possible)
        })
    }

    /// The table.
    fn next(self, step: Step) -> Option<Self> {
        Some(match (self, step) {
            (Self::Draft, Step::Submit) => Self::AwaitingApproval,
            // Completed by `Settle` in the same breath: agreed, and not yet looked at.
            (Self::Draft | Self::AwaitingApproval, Step::Agree) => Self::PendingCreatives,
            (Self::AwaitingApproval, Step::SendBack) => Self::Draft,
            (
                Self::Draft | Self::AwaitingApproval | Self::PendingCreatives | Self::PendingStart,
                Step::Reject,
            ) => Self::Rejected,
            (Self::PendingCreatives | Self::PendingStart | Self::Active, Step::Settle(ready)) => {
                ready.into()
            }
            (Self::PendingCreatives | Self::PendingStart | Self::Active, Step::Pause) => {
                Self::Paused
            }
            (Self::Paused, Step::Resume) => Self::Active,
            (state, Step::Cancel) if !state.is_final() => Self::Canceled,
            (
                Self::PendingCreatives | Self::PendingStart | Self::Active | Self::Paused,
                Step::Complete,
            ) => Self::Completed,
            _ => return None,
        })
    }

    /// What a buyer's agent may do with it now, in the protocol's words.
    #[must_use]
    pub fn valid_actions(self) -> &'static [&'static str] {
        match self {
            Self::PendingCreatives | Self::PendingStart => &[
                "cancel",
                "update_budget",
                "update_dates",
                "update_packages",
                "add_packages",
                "sync_creatives",
            ],
            Self::Active => &[
                "pause",
                "cancel",
                "update_budget",
                "update_dates",
                "update_packages",
                "add_packages",
                "sync_creatives",
            ],
            Self::Paused => &[
                "resume",
                "cancel",
                "update_budget",
                "update_dates",
                "update_packages",
                "add_packages",
                "sync_creatives",
            ],
            Self::Draft | Self::AwaitingApproval => &["cancel"],
            Self::Completed | Self::Rejected | Self::Canceled => &[],
        }
    }
}

impl fmt::Display for BuyStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No state of a media buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a state of a media buy")]
pub struct UnknownBuyStatus;

impl FromStr for BuyStatus {
    type Err = UnknownBuyStatus;

    fn from_str(text: &str) -> Result<Self, UnknownBuyStatus> {
        Self::ALL
            .into_iter()
            .find(|one| one.name() == text)
            .ok_or(UnknownBuyStatus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows are states; columns are submit, agree, reject, send back, settle to run, pause,
    /// resume, cancel, complete.
    const TABLE: &str = "
        draft             | awaiting_approval pending_creatives rejected - - - - canceled -
        awaiting_approval | - pending_creatives rejected draft - - - canceled -
        pending_creatives | - - rejected - active paused - canceled completed
        pending_start     | - - rejected - active paused - canceled completed
        active            | - - - - active paused - canceled completed
        paused            | - - - - - - active canceled completed
        completed         | - - - - - - - - -
        rejected          | - - - - - - - - -
        canceled          | - - - - - - - - -";

    #[test]
    fn every_cell_of_the_table_is_as_written() {
        let steps = [
            Step::Submit,
            Step::Agree,
            Step::Reject,
            Step::SendBack,
            Step::Settle(Ready::Run),
            Step::Pause,
            Step::Resume,
            Step::Cancel,
            Step::Complete,
        ];
        let rows: Vec<_> = TABLE.lines().filter(|row| row.contains('|')).collect();
        assert_eq!(rows.len(), BuyStatus::ALL.len());
        for (row, state) in rows.iter().zip(BuyStatus::ALL) {
            let (name, cells) = row.split_once('|').expect("a row");
            assert_eq!(name.trim().parse(), Ok(state));
            let cells: Vec<_> = cells.split_whitespace().collect();
            assert_eq!(cells.len(), steps.len(), "{row}");
            for (cell, step) in cells.iter().zip(steps) {
                let to = state.after(step).map_or("-", BuyStatus::name);
                assert_eq!(*cell, to, "{state} {step:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let no = BuyStatus::Paused.after(Step::Pause).expect_err("refused");
        assert_eq!(
            no.to_string(),
            "cannot pause this media buy: it is paused; possible now: resume, cancel"
        );
    }
}
