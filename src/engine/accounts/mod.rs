//! Accounts of buyers' agents: opened, listed, found. Refuses to let one agent see another's:
//! what is not yours is not there.

pub mod governance;
pub mod list;
pub mod resolve;
pub mod status;
pub mod sync;

use super::{fault::Fault, work::Work};
use crate::{
    domain::adcp::{
        account::{Account, AccountRef, AccountStatus, Billing, Brand, check_key, natural_key},
        error::Code,
    },
    store::record::Stored,
};

/// The id of the account of this caller for a brand and an operator: always the same, and
/// nobody can guess it.
fn id_of(work: &Work<'_>, brand: &Brand, operator: &str, sandbox: bool) -> Result<String, Fault> {
    let whose = format!("account {} ", work.caller().name);
    let what = whose + &natural_key(brand, operator, sandbox);
    let name = work.desk().secret.name(work.tenant(), &what);
    name.map(|name| format!("acc_{name}"))
        .ok_or_else(|| Fault::broken("an account could not be named"))
}

/// Finds the caller's account.
///
/// # Errors
/// When the reference makes no sense, or there is no such account for this caller.
pub async fn find(work: &Work<'_>, account: &AccountRef) -> Result<Stored<Account>, Fault> {
    match look(work, account).await? {
        Some(found) => Ok(found),
        None => Err(absent()),
    }
}

/// Finds the caller's account; one that is named by brand and operator is opened if there is
/// none yet. For commands alone.
///
/// # Errors
/// When the reference makes no sense, or an id is nobody's.
pub async fn find_or_open(
    work: &mut Work<'_>,
    account: &AccountRef,
) -> Result<(Account, Option<Stored<()>>), Fault> {
    if let Some(found) = look(work, account).await? {
        let (record, known) = found.part();
        return Ok((record, Some(known)));
    }
    let AccountRef::Key {
        brand,
        operator,
        sandbox,
    } = account
    else {
        return Err(absent());
    };
    let opened = Account {
        account_id: id_of(work, brand, operator, *sandbox)?,
        principal: work.caller().name.clone(),
        name: Account::name_of(brand, operator),
        brand: brand.clone(),
        operator: operator.clone(),
        sandbox: *sandbox,
        billing: Billing::Operator,
        billing_entity: None,
        payment_terms: None,
        status: AccountStatus::Active,
        governance_agents: Vec::new(),
        push_notification_config: None,
    };
    work.create(&opened)?;
    Ok((opened, None))
}

/// Looks for the caller's account.
async fn look(work: &Work<'_>, account: &AccountRef) -> Result<Option<Stored<Account>>, Fault> {
    let id = match account {
        AccountRef::Id { account_id } => account_id.clone(),
        AccountRef::Key {
            brand,
            operator,
            sandbox,
        } => {
            check_key("account.", brand, operator).map_err(Fault::invalid)?;
            id_of(work, brand, operator, *sandbox)?
        }
    };
    let found = work.get::<Account>(&id).await?;
    Ok(found.filter(|found| found.record.principal == work.caller().name))
}

fn absent() -> Fault {
    Fault::adcp(Code::AccountNotFound, "there is no such account").with("field", "account")
}

/// Refuses to buy on an account that cannot be used now.
///
/// # Errors
/// With what stands in the way.
pub fn usable(account: &Account) -> Result<(), Fault> {
    let (code, message) = match account.status {
        AccountStatus::Active => return Ok(()),
        AccountStatus::PendingApproval => (
            Code::AccountSetupRequired,
            "the seller has not approved this account yet",
        ),
        AccountStatus::PaymentRequired => (
            Code::AccountPaymentRequired,
            "money is owed on this account",
        ),
        AccountStatus::Suspended => (Code::AccountSuspended, "this account is suspended"),
        AccountStatus::Rejected | AccountStatus::Closed => {
            (Code::AccountNotFound, "this account is closed")
        }
    };
    Err(Fault::adcp(code, message).with("field", "account"))
}
