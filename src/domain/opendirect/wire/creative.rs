//! Creatives and assignments for `OpenDirect` clients. Refuses approvals that a buyer
//! wrote, and assignments that are born switched off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Reading;
use crate::domain::{
    ids::{AccountId, CreativeId, LineId},
    opendirect::{
        Ext,
        assignment::{self, AssignmentStatus},
        creative::{self, CreativeDraft},
    },
    problem::Problem,
};

/// A creative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Creative {
    /// Its id.
    pub id: String,
    /// The account that owns it.
    pub accountid: String,
    /// Its name.
    pub name: String,
    /// The language in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where a click leads.
    #[serde(default, rename = "clickUrl", skip_serializing_if = "Option::is_none")]
    pub click_url: Option<String>,
    /// What is shown.
    #[serde(
        default,
        rename = "creativeAsset",
        skip_serializing_if = "Option::is_none"
    )]
    pub creative_asset: Option<Ext>,
    /// One object for each publisher that was asked: `publisherid`, `status`, `reason`.
    #[serde(default)]
    pub creativeapprovals: Vec<Ext>,
    /// What a vendor added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Ext>,
}

impl From<&creative::Creative> for Creative {
    fn from(one: &creative::Creative) -> Self {
        Self {
            id: one.id.to_string(),
            accountid: one.account_id.to_string(),
            name: one.name.clone(),
            language: one.language.clone(),
            click_url: one.click_url.clone(),
            creative_asset: one.asset.clone(),
            creativeapprovals: one.approvals.iter().map(approval).collect(),
            ext: one.ext.clone(),
        }
    }
}

fn approval((publisher_id, one): (&String, &creative::CreativeApproval)) -> Ext {
    let mut all = Ext::from_iter([
        ("publisherid".to_owned(), json!(publisher_id)),
        ("status".to_owned(), json!(one.status.name())),
    ]);
    if let Some(reason) = &one.reason {
        all.insert("reason".to_owned(), json!(reason));
    }
    all
}

/// A creative that is sent in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCreative {
    /// To be left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The account; the one that the path names.
    #[serde(default, alias = "account_id")]
    pub accountid: Option<String>,
    /// At most 255 characters.
    pub name: String,
    /// Two small letters.
    #[serde(default)]
    pub language: Option<String>,
    /// A web page.
    #[serde(default, rename = "clickUrl", alias = "click_url", alias = "clickurl")]
    pub click_url: Option<String>,
    /// What is shown.
    #[serde(
        default,
        rename = "creativeAsset",
        alias = "creative_asset",
        alias = "creativeasset"
    )]
    pub creative_asset: Option<Ext>,
    /// To be left out: publishers approve.
    #[serde(default, alias = "creative_approvals", alias = "creativeApprovals")]
    pub creativeapprovals: Option<Vec<Ext>>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl NewCreative {
    /// Reads it, for the account that the path names.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn draft(self, account: AccountId) -> Result<CreativeDraft, Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), None);
        reading.own_id(
            "accountid",
            self.accountid.as_ref(),
            Some(&account.to_string()),
        );
        if self.creativeapprovals.is_some_and(|all| !all.is_empty()) {
            let message = "must be left out: publishers approve creatives";
            reading.problem("creativeapprovals", "READ_ONLY", message);
        }
        reading.done(Some(CreativeDraft {
            name: self.name,
            language: self.language,
            click_url: self.click_url,
            asset: self.creative_asset,
            ext: self.ext,
        }))
    }
}

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// Its id.
    pub id: String,
    /// What is shown.
    pub creativeid: String,
    /// Where it is shown.
    #[serde(rename = "lineId")]
    pub line_id: String,
    /// `Active` or `Inactive`.
    pub status: String,
    /// What a vendor added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<Ext>,
}

impl From<&assignment::Assignment> for Assignment {
    fn from(one: &assignment::Assignment) -> Self {
        Self {
            id: one.id.to_string(),
            creativeid: one.creative_id.to_string(),
            line_id: one.line_id.to_string(),
            status: one.status.name().to_owned(),
            ext: one.ext.clone(),
        }
    }
}

/// A request to put a creative on a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    /// To be left out.
    #[serde(default)]
    pub id: Option<String>,
    /// What to show.
    #[serde(alias = "creative_id", alias = "creativeId")]
    pub creativeid: String,
    /// Where to show it.
    #[serde(rename = "lineId", alias = "line_id", alias = "lineid")]
    pub line_id: String,
    /// Nothing but `Active`.
    #[serde(default)]
    pub status: Option<String>,
    /// What a vendor added.
    #[serde(default)]
    pub ext: Option<Ext>,
}

impl NewAssignment {
    /// Reads what to join. An id that is none of ours cannot be found either.
    ///
    /// # Errors
    /// Every problem with how its fields are written.
    pub fn read(self) -> Result<(CreativeId, LineId, Option<Ext>), Vec<Problem>> {
        let mut reading = Reading::default();
        reading.own_id("id", self.id.as_ref(), None);
        let status = reading.one_of("status", self.status.as_ref());
        if status == Some(AssignmentStatus::Inactive) {
            let message = "must be Active when it is made";
            reading.problem("status", "READ_ONLY", message);
        }
        let creative = reading.one_of("creativeid", Some(&self.creativeid));
        let line = reading.one_of("lineId", Some(&self.line_id));
        reading.done(
            creative
                .zip(line)
                .map(|(creative, line)| (creative, line, self.ext)),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::domain::opendirect::{
        assignment::tests::assignment,
        creative::{
            ApprovalAction,
            tests::{creative, decision},
        },
    };

    fn fields<T>(result: Result<T, Vec<Problem>>) -> Vec<String> {
        let problems = result.err().unwrap_or_default();
        problems.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn a_creative_shows_who_has_approved_it() {
        let one = creative()
            .after("pub-1", ApprovalAction::Approve, decision(None))
            .and_then(|one| one.after("pub-2", ApprovalAction::Reject, decision(Some("too loud"))))
            .expect("decided");
        assert_eq!(
            serde_json::to_value(Creative::from(&one)).expect("json"),
            json!({
                "id": "00000000-0000-0000-0000-000000000005",
                "accountid": "00000000-0000-0000-0000-000000000003",
                "name": "Spot, 30 s",
                "language": "en",
                "clickUrl": "https://example.com/summer",
                "creativeapprovals": [
                    {"publisherid": "pub-1", "status": "APPROVED"},
                    {"publisherid": "pub-2", "status": "REJECTED", "reason": "too loud"},
                ],
            })
        );
    }

    #[test]
    fn a_creative_is_read_in_either_spelling() {
        let read = |body: Value| {
            serde_json::from_value::<NewCreative>(body)
                .expect("read")
                .draft(creative().account_id)
        };
        let camel = read(json!({
            "accountid": "00000000-0000-0000-0000-000000000003", "name": "Spot",
            "clickUrl": "https://example.com", "creativeAsset": {"vast": "4.2"},
        }));
        let snake = read(json!({
            "account_id": "00000000-0000-0000-0000-000000000003", "name": "Spot",
            "click_url": "https://example.com", "creative_asset": {"vast": "4.2"},
        }));
        assert!(camel.is_ok());
        assert_eq!(camel, snake);
        let forged = read(json!({"name": "Spot", "creativeapprovals": [{"status": "APPROVED"}]}));
        assert_eq!(fields(forged), ["creativeapprovals"]);
    }

    #[test]
    fn an_assignment_joins_two_ids() {
        assert_eq!(
            serde_json::to_value(Assignment::from(&assignment())).expect("json"),
            json!({
                "id": "00000000-0000-0000-0000-000000000006",
                "creativeid": "00000000-0000-0000-0000-000000000005",
                "lineId": "00000000-0000-0000-0000-000000000009",
                "status": "Active",
            })
        );
        let read = |body: Value| {
            serde_json::from_value::<NewAssignment>(body)
                .expect("read")
                .read()
        };
        let fine = read(json!({
            "creativeid": "00000000-0000-0000-0000-000000000005",
            "line_id": "00000000-0000-0000-0000-000000000009",
        }));
        assert_eq!(
            fine,
            Ok((assignment().creative_id, assignment().line_id, None))
        );
        let wrong = read(json!({"creativeid": "5", "lineId": "", "status": "Inactive"}));
        assert_eq!(fields(wrong), ["status", "creativeid", "lineId"]);
    }
}
