//! The tenant's budget: what is committed may not pass its limit, whoever commits it and
//! from how many nodes. The limit is guarded in the commit itself, never by looking first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        money::{Amount, Currency, Money},
        policy::Permission,
        problem::{Code, Problem},
        tenant::profile::Profile,
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::record::Stored,
};

/// What is counted.
pub const SPACE: &str = "budget";

/// Commits money of the tenant.
pub(super) async fn commit(work: &mut Work<'_>, cost: Money) -> Result<(), Fault> {
    let currency = cost.currency();
    let tenant = profile(work).await?;
    if let Some(tenant) = &tenant {
        // A limit that is lowered at this moment counts.
        work.expect(tenant);
    }
    let limit = tenant.and_then(|stored| stored.record.limit(currency));
    if let Some(limit) = limit {
        let used = Money::new(committed(work, currency).await?, currency);
        let after = used.plus(cost).map_err(Fault::broken)?;
        if after > limit {
            let message = if used > limit {
                let over = used.minus(limit).map_err(Fault::broken)?;
                format!(
                    "this costs {cost}, but the tenant's budget of {limit} is passed by {over} already"
                )
            } else {
                let left = limit.minus(used).map_err(Fault::broken)?;
                format!(
                    "this costs {cost}, but only {left} of the tenant's budget of {limit} is left"
                )
            };
            return Err(Fault::conflict("TENANT_BUDGET_EXCEEDED", message)
                .hint("approve less, or ask an admin to raise the budget")
                .with("committed", number(used))
                .with("limit", number(limit)));
        }
    }
    let most = limit.map_or(i64::MAX, Money::minor);
    work.claim(SPACE, currency.code(), cost.minor(), most);
    Ok(())
}

/// Gives money back that was committed for something that came to nothing.
pub(super) fn give_back(work: &mut Work<'_>, cost: Money) {
    if cost.is_positive() {
        work.claim(SPACE, cost.currency().code(), -cost.minor(), i64::MAX);
    }
}

/// Puts right what was committed for something once its true cost is known. What was spent
/// counts, whatever the limit says.
pub(super) fn correct(work: &mut Work<'_>, committed: Money, spent: Money) {
    let more = spent.minor() - committed.minor();
    if more != 0 && spent.currency() == committed.currency() {
        work.claim(SPACE, spent.currency().code(), more, i64::MAX);
    }
}

async fn committed(work: &Work<'_>, currency: Currency) -> Result<i64, Fault> {
    let used = work.used(SPACE, currency.code(), currency.code()).await?;
    Ok(used.first().map_or(0, |(_, used)| *used))
}

async fn profile(work: &Work<'_>) -> Result<Option<Stored<Profile>>, Fault> {
    work.get::<Profile>(work.tenant().as_str()).await
}

fn number(money: Money) -> serde_json::Value {
    serde_json::to_value(money.amount()).unwrap_or_default()
}

/// Sets the most that the tenant may commit in a currency.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetBudget {
    /// The limit.
    pub limit: Amount,
    /// Its currency; the desk's own where it is not said.
    #[serde(default)]
    pub currency: Option<String>,
}

/// A tenant's budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetView {
    /// The currency.
    pub currency: String,
    /// The most that may be committed; nothing when there is no limit.
    pub limit: Option<Amount>,
    /// What is committed.
    pub committed: Amount,
}

impl Operation for SetBudget {
    const NAME: &'static str = "tenant.set_budget";
    const ABOUT: &'static str = "Set the most that the tenant may commit in a currency.";
    const KIND: Kind = Kind::Command(Permission::ManageTenant);
    type Output = BudgetView;

    async fn perform(self, work: &mut Work<'_>) -> Result<BudgetView, Fault> {
        let currency = currency(work, self.currency.as_deref())?;
        let invalid =
            |said: String| Fault::field(Problem::new("limit", Code::INVALID_BUDGET, said));
        let limit =
            Money::from_amount(self.limit, currency).map_err(|why| invalid(why.to_string()))?;
        if limit.minor() < 0 {
            return Err(invalid("is below zero".into()));
        }
        let stored = profile(work).await?;
        let mut record = stored.as_ref().map_or_else(
            || Profile::new(work.tenant().clone()),
            |stored| stored.record.clone(),
        );
        record.set_limit(limit);
        match &stored {
            Some(stored) => work.replace(stored, &record)?,
            None => work.create(&record)?,
        }
        work.tell(
            "tenant.budget_set",
            "tenant",
            work.tenant().to_string(),
            format!("limit {limit}"),
        );
        view(work, currency, Some(limit)).await
    }
}

/// Shows what the tenant may commit in a currency, and what it has.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetBudget {
    /// The currency; the desk's own where it is not said.
    #[serde(default)]
    pub currency: Option<String>,
}

impl Operation for GetBudget {
    const NAME: &'static str = "tenant.get_budget";
    const ABOUT: &'static str = "Show the tenant's budget and what is committed of it.";
    const KIND: Kind = Kind::Query(Permission::ReadBookings);
    type Output = BudgetView;

    async fn perform(self, work: &mut Work<'_>) -> Result<BudgetView, Fault> {
        let currency = currency(work, self.currency.as_deref())?;
        let limit = profile(work)
            .await?
            .and_then(|stored| stored.record.limit(currency));
        view(work, currency, limit).await
    }
}

fn currency(work: &Work<'_>, named: Option<&str>) -> Result<Currency, Fault> {
    let invalid = |why: crate::domain::money::NotMoney| {
        Fault::field(Problem::new(
            "currency",
            Code::INVALID_CURRENCY,
            why.to_string(),
        ))
    };
    named.map_or(Ok(work.desk().currency), |code| {
        code.parse().map_err(invalid)
    })
}

async fn view(
    work: &Work<'_>,
    currency: Currency,
    limit: Option<Money>,
) -> Result<BudgetView, Fault> {
    let committed = Money::new(committed(work, currency).await?, currency).amount();
    Ok(BudgetView {
        currency: currency.code().to_owned(),
        limit: limit.map(Money::amount),
        committed,
    })
}
