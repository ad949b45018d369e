//! Says which account a reference means, so that keys of one account tell nothing of another's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{id_of, look};
use crate::{
    domain::{adcp::account::AccountRef, policy::Permission},
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
};

/// Asks which account is meant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResolveAccount {
    /// The reference.
    pub account: AccountRef,
}

/// Which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// Its id; nothing where the caller has none that fits.
    pub account_id: Option<String>,
}

impl Operation for ResolveAccount {
    const NAME: &'static str = "adcp.resolve_account";
    const ABOUT: &'static str = "Say which account of the caller a reference means.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = Resolved;

    async fn perform(self, work: &mut Work<'_>) -> Result<Resolved, Fault> {
        // One that is opened by its first order has its id before it is there, so that a
        // retry of that order is told from no other.
        if let AccountRef::Key {
            brand,
            operator,
            sandbox,
        } = &self.account
        {
            let id = id_of(work, brand, operator, *sandbox)?;
            return Ok(Resolved {
                account_id: Some(id),
            });
        }
        let found = look(work, &self.account).await?;
        Ok(Resolved {
            account_id: found.map(|found| found.record.account_id),
        })
    }
}
