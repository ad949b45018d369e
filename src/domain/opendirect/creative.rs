//! A creative: what is shown, and which publishers have agreed to show it. Refuses links
//! that are not web pages. A changed creative must be looked at again.

use std::{collections::BTreeMap, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{Ext, check::Checks, refusal::Refusal};
use crate::domain::{
    ids::{AccountId, CreativeId},
    problem::Problem,
    when::Instant,
};

/// The longest name of a creative.
const LONGEST_NAME: usize = 255;
/// The longest reason for a decision.
const LONGEST_REASON: usize = 500;
/// The longest id of a publisher.
const LONGEST_ID: usize = 255;
/// The most publishers that may have looked at one creative.
pub const MOST_APPROVALS: usize = 200;

/// What one publisher has decided about a creative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ApprovalStatus {
    /// Nothing yet.
    Pending,
    /// It may be shown.
    Approved,
    /// It may not be shown.
    Rejected,
}

impl ApprovalStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Rejected];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }

    /// The state that a step leads to. An approval can be withdrawn; a rejected creative
    /// must be sent again before it can be approved.
    ///
    /// # Errors
    /// When the step leads nowhere from here.
    pub fn after(self, action: ApprovalAction) -> Result<Self, Refusal> {
        self.step(action).ok_or_else(|| {
            let possible: Vec<&str> = ApprovalAction::ALL
                .into_iter()
                .filter(|one| self.step(*one).is_some())
                .map(ApprovalAction::name)
                .collect();
            Refusal::new(action.name(), "creative", self.name(), &possible)
        })
    }

    /// The table.
    fn step(self, action: ApprovalAction) -> Option<Self> {
        match (self, action) {
            (Self::Pending, ApprovalAction::Approve) => Some(Self::Approved),
            (Self::Pending | Self::Approved, ApprovalAction::Reject) => Some(Self::Rejected),
            (Self::Approved | Self::Rejected, ApprovalAction::Resubmit) => Some(Self::Pending),
            _ => None,
        }
    }
}

/// No decision about a creative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an approval status; known are PENDING, APPROVED and REJECTED")]
pub struct UnknownApproval;

impl FromStr for ApprovalStatus {
    type Err = UnknownApproval;

    /// Takes the names in any case.
    fn from_str(text: &str) -> Result<Self, UnknownApproval> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownApproval)
    }
}

impl<'de> Deserialize<'de> for ApprovalStatus {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(input)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What can happen between a creative and a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalAction {
    /// The publisher takes it.
    Approve,
    /// The publisher turns it down, or takes its approval back.
    Reject,
    /// The buyer sends it again.
    Resubmit,
}

impl ApprovalAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Resubmit];

    /// The name in sentences and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Resubmit => "resubmit",
        }
    }
}

/// A decision, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreativeApproval {
    /// What it is now.
    pub status: ApprovalStatus,
    /// Since when.
    pub at: Instant,
    /// Who moved it.
    pub by: String,
    /// Why, when a reason was given.
    pub reason: Option<String>,
}

/// A creative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Creative {
    /// Its id.
    pub id: CreativeId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// At most 255 characters.
    pub name: String,
    /// The language in it, two letters.
    pub language: Option<String>,
    /// Where a click leads.
    pub click_url: Option<String>,
    /// What is shown, as its maker describes it.
    pub asset: Option<Ext>,
    /// The decisions by publisher id.
    #[serde(default)]
    pub approvals: BTreeMap<String, CreativeApproval>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl Creative {
    /// What a publisher has decided; pending when it was never asked.
    #[must_use]
    pub fn approval(&self, publisher_id: &str) -> ApprovalStatus {
        self.approvals
            .get(publisher_id)
            .map_or(ApprovalStatus::Pending, |one| one.status)
    }

    /// The creative after a publisher's decision, or after it was sent to one again.
    ///
    /// # Errors
    /// When the step leads nowhere, or too many publishers have looked at it.
    pub fn after(
        mut self,
        publisher_id: &str,
        action: ApprovalAction,
        decision: Decision,
    ) -> Result<Self, Refusal> {
        let status = self.approval(publisher_id).after(action)?;
        let full = self.approvals.len() >= MOST_APPROVALS;
        if full && !self.approvals.contains_key(publisher_id) {
            let refusal = Refusal::new(action.name(), "creative", status.name(), &[]);
            return Err(refusal.because("it has been with 200 publishers already"));
        }
        let Decision { at, by, reason } = decision;
        let approval = CreativeApproval {
            status,
            at,
            by,
            reason,
        };
        self.approvals.insert(publisher_id.to_owned(), approval);
        Ok(self)
    }
}

/// When, by whom and why a decision was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    at: Instant,
    by: String,
    reason: Option<String>,
}

impl Decision {
    /// Joins them.
    ///
    /// # Errors
    /// When the reason is no readable line of at most 500 characters.
    pub fn new(at: Instant, by: &str, reason: Option<&str>) -> Result<Self, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.maybe_line("reason", reason, LONGEST_REASON);
        let reason = reason.map(str::to_owned);
        checks.done(Some(Self {
            at,
            by: by.to_owned(),
            reason,
        }))
    }
}

/// A creative as it is sent, before any check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreativeDraft {
    /// At most 255 characters.
    pub name: String,
    /// The language in it, two letters.
    #[serde(default)]
    pub language: Option<String>,
    /// Where a click leads.
    #[serde(default)]
    pub click_url: Option<String>,
    /// What is shown.
    #[serde(default)]
    pub asset: Option<Ext>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl CreativeDraft {
    /// Makes a creative of it that nobody has approved yet.
    ///
    /// # Errors
    /// Every problem with its fields.
    pub fn check(self, id: CreativeId, account_id: AccountId) -> Result<Creative, Vec<Problem>> {
        let mut checks = Checks::default();
        checks.line("name", &self.name, LONGEST_NAME);
        let two_letters =
            |text: &String| text.len() == 2 && text.bytes().all(|c| c.is_ascii_lowercase());
        if !self.language.as_ref().is_none_or(two_letters) {
            let message = "must be two small letters, such as en";
            checks.problem("language", "INVALID_LANGUAGE", message);
        }
        checks.web_page("click_url", self.click_url.as_deref());
        checks.object("asset", self.asset.as_ref());
        checks.object("ext", self.ext.as_ref());
        checks.done(Some(Creative {
            id,
            account_id,
            name: self.name,
            language: self.language,
            click_url: self.click_url,
            asset: self.asset,
            approvals: BTreeMap::new(),
            ext: self.ext,
        }))
    }
}

/// Reads the id of a publisher that is asked to decide.
///
/// # Errors
/// When it is no readable line.
pub fn check_publisher(publisher_id: &str) -> Result<(), Vec<Problem>> {
    let mut checks = Checks::default();
    checks.line("publisher_id", publisher_id, LONGEST_ID);
    checks.done(Some(()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn draft() -> CreativeDraft {
        CreativeDraft {
            name: "Spot, 30 s".to_owned(),
            language: Some("en".to_owned()),
            click_url: Some("https://example.com/summer".to_owned()),
            asset: None,
            ext: None,
        }
    }

    pub(crate) fn creative() -> Creative {
        draft()
            .check(
                uuid::Uuid::from_u128(5).into(),
                uuid::Uuid::from_u128(3).into(),
            )
            .expect("fine")
    }

    pub(crate) fn decision(reason: Option<&str>) -> Decision {
        let at = "2026-06-10T12:00:00Z".parse().expect("instant");
        Decision::new(at, "pat", reason).expect("fine")
    }

    #[test]
    fn every_cell_of_the_table_is_as_written() {
        use ApprovalAction::{Approve, Reject, Resubmit};
        use ApprovalStatus::{Approved, Pending, Rejected};
        let table = [
            (Pending, Approve, Some(Approved)),
            (Pending, Reject, Some(Rejected)),
            (Pending, Resubmit, None),
            (Approved, Approve, None),
            (Approved, Reject, Some(Rejected)),
            (Approved, Resubmit, Some(Pending)),
            (Rejected, Approve, None),
            (Rejected, Reject, None),
            (Rejected, Resubmit, Some(Pending)),
        ];
        for (from, action, to) in table {
            assert_eq!(from.after(action).ok(), to, "{from:?} {action:?}");
        }
        assert_eq!(
            Rejected.after(Approve).expect_err("refused").to_string(),
            "cannot approve this creative: it is REJECTED; possible now: resubmit"
        );
    }

    #[test]
    fn each_publisher_decides_for_itself() {
        let creative = creative()
            .after("pub-1", ApprovalAction::Approve, decision(None))
            .and_then(|one| one.after("pub-2", ApprovalAction::Reject, decision(Some("too loud"))))
            .expect("decided");
        assert_eq!(creative.approval("pub-1"), ApprovalStatus::Approved);
        assert_eq!(creative.approval("pub-2"), ApprovalStatus::Rejected);
        assert_eq!(creative.approval("pub-3"), ApprovalStatus::Pending);
        assert_eq!(
            creative.approvals["pub-2"].reason.as_deref(),
            Some("too loud")
        );
        assert!(
            creative
                .after("pub-2", ApprovalAction::Approve, decision(None))
                .is_err()
        );
    }

    #[test]
    fn the_publishers_are_counted() {
        let full = (0..MOST_APPROVALS).fold(creative(), |one, n| {
            one.after(&format!("pub-{n}"), ApprovalAction::Approve, decision(None))
                .expect("fine")
        });
        assert!(
            full.clone()
                .after("other", ApprovalAction::Approve, decision(None))
                .is_err()
        );
        assert!(
            full.after("pub-0", ApprovalAction::Reject, decision(None))
                .is_ok()
        );
    }

    #[test]
    fn what_could_harm_is_refused_by_field() {
        let wrong = CreativeDraft {
            name: "a\nb".to_owned(),
            language: Some("English".to_owned()),
            click_url: Some("javascript:alert(1)".to_owned()),
            ..draft()
        };
        let problems = wrong
            .check(creative().id, creative().account_id)
            .expect_err("wrong");
        let found: Vec<&str> = problems.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(found, ["INVALID_NAME", "INVALID_LANGUAGE", "INVALID_URL"]);
        assert!(check_publisher("").is_err());
        let at = "2026-06-10T12:00:00Z".parse().expect("instant");
        assert!(Decision::new(at, "pat", Some("\u{1b}[2J")).is_err());
    }
}
