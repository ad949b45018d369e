//! Moves an account of any agent to another state: for the seller's own people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::absent;
use crate::{
    domain::{
        adcp::account::{Account, AccountStatus, ShownAccount},
        policy::Permission,
    },
    engine::{
        fault::Fault,
        media_buys::refused,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Moves an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAccountStatus {
    /// Which.
    pub account_id: String,
    /// To which state.
    pub status: AccountStatus,
}

impl Operation for SetAccountStatus {
    const NAME: &'static str = "adcp.set_account_status";
    const ABOUT: &'static str = "Approve, suspend or close an account of a buyer's agent.";
    const KIND: Kind = Kind::Command(Permission::ManageTenant);
    type Output = ShownAccount;

    async fn perform(self, work: &mut Work<'_>) -> Result<ShownAccount, Fault> {
        let found = work.get::<Account>(&self.account_id).await?;
        let was = found.ok_or_else(absent)?;
        if was.record.status == self.status {
            return Ok(was.record.shown());
        }
        let account = Account {
            status: was.record.status.to(self.status).map_err(refused)?,
            ..was.record.clone()
        };
        work.replace(&was, &account)?;
        let detail = format!("{} is {}", account.name, account.status);
        work.tell(
            "accounts.moved",
            "adcp_account",
            &account.account_id,
            detail,
        );
        Ok(account.shown())
    }
}
