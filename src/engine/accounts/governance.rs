//! Says who has to agree to what is bought on the caller's accounts. What is said replaces what
//! was there; each account is answered for itself.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::look;
use crate::{
    domain::{
        adcp::{
            account::{Account, AccountRef, without},
            error::{self, Error},
            governance::{MOST_AGENTS, agent},
        },
        policy::Permission,
        problem::{Code, Problem},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        sandbox,
        work::Work,
    },
};

/// How many accounts are said at once.
const MOST: usize = 100;

/// Says who governs accounts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SyncGovernance {
    /// At most 100.
    pub accounts: Vec<Governed>,
}

/// Who governs an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Governed {
    /// Which account.
    pub account: AccountRef,
    /// One to ten agents: address, credentials, and what they look at.
    pub governance_agents: Vec<Map<String, Value>>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SyncedGovernance {
    /// One for each that was sent.
    pub accounts: Vec<SyncedOne>,
}

/// What became of one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SyncedOne {
    /// Which account.
    pub account: AccountRef,
    /// `synced` or `failed`.
    pub status: String,
    /// Its agents now, without credentials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub governance_agents: Vec<Value>,
    /// What stood in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Error>,
}

impl Operation for SyncGovernance {
    const NAME: &'static str = "adcp.sync_governance";
    const ABOUT: &'static str = "Say who has to agree to what is bought on the caller's accounts.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = SyncedGovernance;

    async fn perform(self, work: &mut Work<'_>) -> Result<SyncedGovernance, Fault> {
        work.about("adcp_account");
        self.check(work)?;
        let mut seen = BTreeSet::new();
        let mut told = Vec::with_capacity(self.accounts.len());
        for one in self.accounts {
            told.push(sync(work, one, &mut seen).await?);
        }
        Ok(SyncedGovernance { accounts: told })
    }
}

impl SyncGovernance {
    fn check(&self, work: &Work<'_>) -> Result<(), Fault> {
        let wrong = |field: String, message: &str| {
            let code = Code::new("INVALID_REQUEST");
            Err(Fault::field(Problem::new(field, code, message)))
        };
        if !(1..=MOST).contains(&self.accounts.len()) {
            return wrong("accounts".to_owned(), "must be 1 to 100");
        }
        let plays = sandbox::plays(work.desk().sandbox.as_ref(), work.caller());
        for (n, one) in self.accounts.iter().enumerate() {
            let at = format!("accounts[{n}].governance_agents");
            if !(1..=MOST_AGENTS).contains(&one.governance_agents.len()) {
                return wrong(at, "must be 1 to 10");
            }
            for (m, said) in one.governance_agents.iter().enumerate() {
                agent(said, &format!("{at}[{m}]"), plays).map_err(Fault::field)?;
            }
        }
        Ok(())
    }
}

async fn sync(
    work: &mut Work<'_>,
    one: Governed,
    seen: &mut BTreeSet<String>,
) -> Result<SyncedOne, Fault> {
    let failed = |account, message: &str| SyncedOne {
        account,
        status: "failed".to_owned(),
        governance_agents: Vec::new(),
        errors: vec![Error::new(error::Code::AccountNotFound, message)],
    };
    let Some(was) = look(work, &one.account).await? else {
        return Ok(failed(one.account, "there is no such account"));
    };
    if !seen.insert(was.record.account_id.clone()) {
        return Ok(failed(one.account, "the same account stands there twice"));
    }
    let agents: Vec<Value> = one.governance_agents.into_iter().map(Value::from).collect();
    let shown = agents.iter().map(|one| without(one, "authentication"));
    let shown: Vec<Value> = shown.collect();
    if was.record.governance_agents != agents {
        let account = Account {
            governance_agents: agents,
            ..was.record.clone()
        };
        work.replace(&was, &account)?;
        let detail = format!("{} is governed by {} agents", account.name, shown.len());
        let id = account.account_id.clone();
        work.tell("accounts.governed", "adcp_account", id, detail);
    }
    Ok(SyncedOne {
        account: one.account,
        status: "synced".to_owned(),
        governance_agents: shown,
        errors: Vec::new(),
    })
}
