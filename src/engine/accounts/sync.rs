//! Opens and changes the caller's accounts, many at once: what is there already stays, what is
//! different is changed, and what is missing is closed if the caller says so.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{id_of, look};
use crate::{
    domain::{
        adcp::{
            account::{
                Account, AccountRef, AccountStatus, Billing, Brand, PaymentTerms, check_key,
                without,
            },
            error::{Code, Error},
        },
        policy::Permission,
        problem::{self, Problem},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::{Filter, Sort, Stored},
};

/// How many accounts are synced at once.
const MOST: usize = 1_000;

/// Opens and changes accounts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SyncAccounts {
    /// At most 1000.
    pub accounts: Vec<WantedAccount>,
    /// Close the caller's other accounts.
    #[serde(default)]
    pub delete_missing: bool,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// Where news of the accounts are sent.
    #[serde(default)]
    pub push_notification_config: Option<Value>,
}

/// An account as it shall be.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WantedAccount {
    /// For which brand.
    pub brand: Brand,
    /// Operated by whom: a domain.
    pub operator: String,
    /// Who is invoiced.
    pub billing: Billing,
    /// The business that is invoiced.
    #[serde(default)]
    pub billing_entity: Option<Value>,
    /// When invoices are due.
    #[serde(default)]
    pub payment_terms: Option<PaymentTerms>,
    /// Whether nothing is to be spent on it.
    #[serde(default)]
    pub sandbox: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SyncedAccounts {
    /// Whether nothing was really done.
    pub dry_run: bool,
    /// One for each that was sent, then those that were closed.
    pub accounts: Vec<SyncedAccount>,
}

/// What became of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SyncedAccount {
    /// Its id; nothing where it could not be opened, or was not really.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The brand.
    pub brand: Brand,
    /// Who operates it.
    pub operator: String,
    /// What people call it.
    pub name: String,
    /// `created`, `updated`, `unchanged` or `failed`.
    pub action: String,
    /// Where it is in its life.
    pub status: AccountStatus,
    /// Who is invoiced.
    pub billing: Billing,
    /// The business that is invoiced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_entity: Option<Value>,
    /// For which of brand and operator it stands.
    pub account_scope: String,
    /// When invoices are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// What stood in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Error>,
    /// Whether nothing is spent on it.
    pub sandbox: bool,
}

impl Operation for SyncAccounts {
    const NAME: &'static str = "adcp.sync_accounts";
    const ABOUT: &'static str = "Open and change the caller's own accounts.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = SyncedAccounts;

    async fn perform(self, work: &mut Work<'_>) -> Result<SyncedAccounts, Fault> {
        work.about("adcp_account");
        self.check().map_err(Fault::invalid)?;
        let mut told = Vec::with_capacity(self.accounts.len());
        let mut kept = BTreeSet::new();
        for (at, wanted) in self.accounts.iter().enumerate() {
            let id = id_of(work, &wanted.brand, &wanted.operator, wanted.sandbox)?;
            if !kept.insert(id.clone()) {
                told.push(twice(wanted, at));
                continue;
            }
            told.push(self.sync(work, wanted, id).await?);
        }
        if self.delete_missing {
            told.extend(self.close(work, &kept).await?);
        }
        Ok(SyncedAccounts {
            dry_run: self.dry_run,
            accounts: told,
        })
    }
}

impl SyncAccounts {
    fn check(&self) -> Result<(), Vec<Problem>> {
        if self.accounts.len() > MOST {
            let message = format!("has more than {MOST} accounts");
            let code = problem::Code::new(Code::InvalidRequest.name());
            return Err(vec![Problem::new("accounts", code, message)]);
        }
        let mut problems = Vec::new();
        for (at, wanted) in self.accounts.iter().enumerate() {
            let checked = check_key(&format!("accounts[{at}]."), &wanted.brand, &wanted.operator);
            problems.extend(checked.err().into_iter().flatten());
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    async fn sync(
        &self,
        work: &mut Work<'_>,
        wanted: &WantedAccount,
        account_id: String,
    ) -> Result<SyncedAccount, Fault> {
        let reference = AccountRef::Id {
            account_id: account_id.clone(),
        };
        let was = look(work, &reference).await?;
        let account = self.wanted(work, wanted, account_id, was.as_ref());
        let action = match &was {
            None => "created",
            Some(was) if was.record == account => "unchanged",
            Some(_) => "updated",
        };
        if !self.dry_run && action != "unchanged" {
            match &was {
                Some(was) => work.replace(was, &account)?,
                None => work.create(&account)?,
            }
            let detail = format!("{} is {}", account.name, account.status);
            work.tell(
                "accounts.synced",
                "adcp_account",
                &account.account_id,
                detail,
            );
        }
        let told = SyncedAccount::of(&account, action);
        let account_id = told.account_id.filter(|_| was.is_some() || !self.dry_run);
        Ok(SyncedAccount { account_id, ..told })
    }

    /// The account as it shall be: what is not said stays as it was.
    fn wanted(
        &self,
        work: &Work<'_>,
        wanted: &WantedAccount,
        account_id: String,
        was: Option<&Stored<Account>>,
    ) -> Account {
        let was = was.map(|was| &was.record);
        let status = was.map_or(AccountStatus::Active, |was| was.status);
        Account {
            account_id,
            principal: work.caller().name.clone(),
            name: Account::name_of(&wanted.brand, &wanted.operator),
            brand: wanted.brand.clone(),
            operator: wanted.operator.clone(),
            sandbox: wanted.sandbox,
            billing: wanted.billing,
            billing_entity: wanted
                .billing_entity
                .clone()
                .or_else(|| was.and_then(|was| was.billing_entity.clone())),
            payment_terms: wanted
                .payment_terms
                .or(was.and_then(|was| was.payment_terms)),
            status: match status {
                AccountStatus::Closed => AccountStatus::Active,
                other => other,
            },
            governance_agents: was.map_or_else(Vec::new, |was| was.governance_agents.clone()),
            push_notification_config: self
                .push_notification_config
                .clone()
                .or_else(|| was.and_then(|was| was.push_notification_config.clone())),
        }
    }

    /// Closes the caller's accounts that were not sent.
    async fn close(
        &self,
        work: &mut Work<'_>,
        kept: &BTreeSet<String>,
    ) -> Result<Vec<SyncedAccount>, Fault> {
        let mut closed = Vec::new();
        let mut filter = Filter {
            parent: Some(work.caller().name.clone()),
            limit: 500,
            ..Filter::default()
        };
        loop {
            let rows = work.rows::<Account>(&filter).await?;
            for row in &rows {
                if kept.contains(&row.id) || row.facets.state == "closed" {
                    continue;
                }
                let Some(was) = work.get::<Account>(&row.id).await? else {
                    continue;
                };
                let account = Account {
                    status: AccountStatus::Closed,
                    ..was.record.clone()
                };
                if !self.dry_run {
                    work.replace(&was, &account)?;
                }
                closed.push(SyncedAccount::of(&account, "updated"));
            }
            match rows.last() {
                Some(last) if rows.len() == 500 => filter.after = Some(last.mark(Sort::Created)),
                _ => return Ok(closed),
            }
        }
    }
}

impl SyncedAccount {
    fn of(account: &Account, action: &str) -> Self {
        Self {
            account_id: Some(account.account_id.clone()),
            brand: account.brand.clone(),
            operator: account.operator.clone(),
            name: account.name.clone(),
            action: action.to_owned(),
            status: account.status,
            billing: account.billing,
            billing_entity: account
                .billing_entity
                .as_ref()
                .map(|it| without(it, "bank")),
            account_scope: "operator_brand".to_owned(),
            payment_terms: account.payment_terms,
            errors: Vec::new(),
            sandbox: account.sandbox,
        }
    }
}

/// An account that stands there twice: which of the two was meant, nobody can say.
fn twice(wanted: &WantedAccount, at: usize) -> SyncedAccount {
    let message = "the same brand and operator stand there twice";
    SyncedAccount {
        account_id: None,
        brand: wanted.brand.clone(),
        operator: wanted.operator.clone(),
        name: Account::name_of(&wanted.brand, &wanted.operator),
        action: "failed".to_owned(),
        status: AccountStatus::Rejected,
        billing: wanted.billing,
        billing_entity: None,
        account_scope: "operator_brand".to_owned(),
        payment_terms: None,
        errors: vec![Error::new(Code::ValidationError, message).at(format!("accounts[{at}]"))],
        sandbox: wanted.sandbox,
    }
}
