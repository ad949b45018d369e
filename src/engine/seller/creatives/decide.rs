//! What a publisher thinks of a creative, and how a buyer asks again. To decide takes the
//! right to change the catalogue; to ask again, the right to trade.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find_creative;
use crate::{
    domain::{
        ids::{AccountId, CreativeId},
        opendirect::creative::{ApprovalAction, Creative, Decision},
        policy::Permission,
        problem::{Code, Problem},
        text,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::refused,
        work::Work,
    },
};

/// The longest id of a publisher.
const LONGEST_ID: usize = 255;

/// Decides on a creative, or sends it to a publisher again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideCreative {
    /// Of which account.
    pub account_id: AccountId,
    /// Which.
    pub creative_id: CreativeId,
    /// For which publisher.
    pub publisher_id: String,
    /// What is decided.
    pub action: ApprovalAction,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Operation for DecideCreative {
    const NAME: &'static str = "opendirect.decide_creative";
    const ABOUT: &'static str = "Approve, reject or resubmit a creative for a publisher.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Creative;

    async fn perform(self, work: &mut Work<'_>) -> Result<Creative, Fault> {
        work.about(format!("creative/{}", self.creative_id));
        let decides = self.action != ApprovalAction::Resubmit;
        if decides && !work.caller().may(Permission::WriteCatalogue) {
            return Err(Fault::forbidden(work.caller(), Permission::WriteCatalogue));
        }
        if let Err(wrong) = text::check_line(&self.publisher_id, LONGEST_ID) {
            let code = Code::new("INVALID_TEXT");
            let problem = Problem::new("publisher_id", code, wrong.to_string());
            return Err(Fault::field(problem));
        }
        let stored = find_creative(work, self.account_id, self.creative_id).await?;
        let by = &work.caller().name;
        let decision =
            Decision::new(work.now(), by, self.reason.as_deref()).map_err(Fault::invalid)?;
        let creative = stored
            .record
            .clone()
            .after(&self.publisher_id, self.action, decision)
            .map_err(refused)?;
        work.replace(&stored, &creative)?;
        let happened = match self.action {
            ApprovalAction::Approve => "creatives.approved",
            ApprovalAction::Reject => "creatives.rejected",
            ApprovalAction::Resubmit => "creatives.resubmitted",
        };
        let detail = format!("{} for {}", creative.name, self.publisher_id);
        work.tell(happened, "creative", creative.id.to_string(), detail);
        Ok(creative)
    }
}
