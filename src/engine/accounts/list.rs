//! Lists the caller's own accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        adcp::{
            account::{Account, AccountStatus, ShownAccount},
            page::{Paged, Paging},
        },
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        paging,
        work::Work,
    },
    store::record::Filter,
};

/// Lists accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListAccounts {
    /// Only in this state.
    pub status: Option<AccountStatus>,
    /// Only those on which nothing is spent, or only the others.
    pub sandbox: Option<bool>,
    /// Which page.
    pub pagination: Paging,
}

/// Accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedAccounts {
    /// The caller's own.
    pub accounts: Vec<ShownAccount>,
    /// Which page it is.
    pub pagination: Paged,
}

impl Operation for ListAccounts {
    const NAME: &'static str = "adcp.list_accounts";
    const ABOUT: &'static str = "List the caller's own accounts.";
    const KIND: Kind = Kind::Query(Permission::ReadBuys);
    type Output = ListedAccounts;

    async fn perform(self, work: &mut Work<'_>) -> Result<ListedAccounts, Fault> {
        let name = &work.caller().name;
        let filter = Filter {
            parent: Some(name.clone()),
            state: self.status.map(|status| status.name().to_owned()),
            search: self.sandbox.map(|sandbox| format!("sandbox:{sandbox}")),
            ..Filter::default()
        };
        let list = format!("accounts {name} {:?} {:?}", self.status, self.sandbox);
        let (found, pagination) =
            paging::read::<Account>(work, &list, &self.pagination, filter).await?;
        Ok(ListedAccounts {
            accounts: found.iter().map(|found| found.record.shown()).collect(),
            pagination,
        })
    }
}
