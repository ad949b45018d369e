//! Accounts: opened, shown and listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        ids::AccountId,
        opendirect::account::{Account, AccountDraft},
        policy::Permission,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        seller::page::{Asked, Page, page},
        work::Work,
    },
    store::record::Filter,
};

/// Opens an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateAccount(pub AccountDraft);

impl Operation for CreateAccount {
    const NAME: &'static str = "opendirect.create_account";
    const ABOUT: &'static str = "Open an account.";
    const KIND: Kind = Kind::Command(Permission::TradeOrders);
    type Output = Account;

    async fn perform(self, work: &mut Work<'_>) -> Result<Account, Fault> {
        let account = self.0.check(work.mint()).map_err(Fault::invalid)?;
        work.create(&account)?;
        let (id, name) = (account.id.to_string(), account.name.clone());
        work.tell("accounts.opened", "account", id, name);
        Ok(account)
    }
}

/// Shows an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetAccount {
    /// Which.
    pub account_id: AccountId,
}

impl Operation for GetAccount {
    const NAME: &'static str = "opendirect.get_account";
    const ABOUT: &'static str = "Show an account.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Account;

    async fn perform(self, work: &mut Work<'_>) -> Result<Account, Fault> {
        Ok(work.find::<Account, _>(self.account_id).await?.record)
    }
}

/// Lists accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListAccounts {
    /// At most so many; 50 where it is not said, 1000 at most.
    pub limit: Option<u32>,
    /// Behind so many.
    pub offset: u32,
    /// Only those whose name, id or parties contain this.
    pub search: Option<String>,
}

impl Operation for ListAccounts {
    const NAME: &'static str = "opendirect.list_accounts";
    const ABOUT: &'static str = "List accounts.";
    const KIND: Kind = Kind::Query(Permission::ReadOrders);
    type Output = Page<Account>;

    async fn perform(self, work: &mut Work<'_>) -> Result<Page<Account>, Fault> {
        let asked = Asked {
            limit: self.limit,
            offset: self.offset,
            search: self.search,
        };
        page(work, asked, Filter::default()).await
    }
}
