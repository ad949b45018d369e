//! An assignment: a creative that runs on a line. Refuses creatives of other accounts,
//! creatives that the publisher has turned down, and lines whose life is over. Once
//! switched off it stays off: assign the creative anew instead.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{
    Ext,
    check::Checks,
    creative::{ApprovalStatus, Creative},
    line::Line,
    order::Order,
    refusal::Refusal,
};
use crate::domain::{
    ids::{AccountId, AssignmentId, CreativeId, LineId},
    problem::Problem,
};

/// Whether the creative is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub enum AssignmentStatus {
    /// It is, while the line runs.
    Active,
    /// It is not, and never will be again.
    Inactive,
}

impl AssignmentStatus {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }

    /// The state that was asked for.
    ///
    /// # Errors
    /// When it is that already, or was switched off before.
    pub fn after(self, action: AssignmentAction) -> Result<Self, Refusal> {
        match (self, action) {
            (Self::Active, AssignmentAction::Deactivate) => Ok(Self::Inactive),
            (Self::Active, AssignmentAction::Activate) => Err(Refusal::new(
                "activate",
                "assignment",
                "Active",
                &["deactivate"],
            )),
            (Self::Inactive, action) => {
                Err(Refusal::new(action.name(), "assignment", "Inactive", &[]))
            }
        }
    }
}

/// No state of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an assignment status; known are Active and Inactive")]
pub struct UnknownAssignmentStatus;

impl FromStr for AssignmentStatus {
    type Err = UnknownAssignmentStatus;

    /// Takes the names in any case.
    fn from_str(text: &str) -> Result<Self, UnknownAssignmentStatus> {
        [Self::Active, Self::Inactive]
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownAssignmentStatus)
    }
}

impl<'de> Deserialize<'de> for AssignmentStatus {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(input)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What can be done to an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentAction {
    /// Show it; only possible by assigning anew.
    Activate,
    /// Stop showing it.
    Deactivate,
}

impl AssignmentAction {
    /// The name in sentences and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
        }
    }
}

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// The account of both.
    pub account_id: AccountId,
    /// What is shown.
    pub creative_id: CreativeId,
    /// Where it is shown.
    pub line_id: LineId,
    /// Whether it is shown.
    pub status: AssignmentStatus,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl Assignment {
    /// Puts a creative on a line of an order, for the publisher who shows it.
    ///
    /// # Errors
    /// When they do not belong together, or the line can show nothing any more.
    pub fn new(
        id: AssignmentId,
        creative: &Creative,
        (order, line): (&Order, &Line),
        publisher_id: &str,
        ext: Option<Ext>,
    ) -> Result<Self, Vec<Problem>> {
        let mut checks = Checks::default();
        if creative.account_id != order.account_id {
            let message = "belongs to another account than the line";
            checks.problem("creative_id", "OTHER_ACCOUNT", message);
        }
        if creative.approval(publisher_id) == ApprovalStatus::Rejected {
            let hint = "send a changed creative, or ask the publisher to look again";
            checks.hinted(
                "creative_id",
                "REJECTED",
                "was turned down by the publisher",
                hint,
            );
        }
        if line.status.is_final() {
            let message = format!("is {} and shows nothing any more", line.status);
            checks.problem("line_id", "LINE_IS_OVER", message);
        }
        checks.object("ext", ext.as_ref());
        checks.done(Some(Self {
            id,
            account_id: order.account_id,
            creative_id: creative.id,
            line_id: line.id,
            status: AssignmentStatus::Active,
            ext,
        }))
    }

    /// The assignment after an action.
    ///
    /// # Errors
    /// When it was switched off before, or is on already.
    pub fn after(self, action: AssignmentAction) -> Result<Self, Refusal> {
        let status = self.status.after(action)?;
        Ok(Self { status, ..self })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::opendirect::{
        booking_status::LineBookingStatus,
        creative::{
            ApprovalAction,
            tests::{creative, decision},
        },
        line_draft::tests::line,
        order::tests::order,
    };

    pub(crate) fn assignment() -> Assignment {
        let id = uuid::Uuid::from_u128(6).into();
        Assignment::new(id, &creative(), (&order(), &line()), "pub-1", None).expect("fine")
    }

    #[test]
    fn every_cell_of_the_table_is_as_written() {
        use AssignmentAction::{Activate, Deactivate};
        use AssignmentStatus::{Active, Inactive};
        assert_eq!(Active.after(Deactivate), Ok(Inactive));
        for (from, action) in [
            (Active, Activate),
            (Inactive, Activate),
            (Inactive, Deactivate),
        ] {
            assert!(from.after(action).is_err(), "{from:?} {action:?}");
        }
        let off = assignment().after(Deactivate).expect("off");
        assert_eq!(
            off.after(Activate).expect_err("stays off").to_string(),
            "cannot activate this assignment: it is Inactive, and nothing more can be done with it"
        );
    }

    #[test]
    fn what_does_not_belong_together_is_not_joined() {
        let foreign = Creative {
            account_id: uuid::Uuid::from_u128(4).into(),
            ..creative()
        };
        let foreign = foreign
            .after("pub-1", ApprovalAction::Reject, decision(None))
            .expect("turned down");
        let over = Line {
            status: LineBookingStatus::Cancelled,
            ..line()
        };
        let made = Assignment::new(assignment().id, &foreign, (&order(), &over), "pub-1", None);
        let problems = made.expect_err("wrong");
        let codes: Vec<&str> = problems.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["OTHER_ACCOUNT", "REJECTED", "LINE_IS_OVER"]);
    }
}
