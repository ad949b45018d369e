//! Has governance agents agree before money is committed. An order or a change of a governed
//! account is refused until its agents were asked; they are asked here, outside of any commit,
//! and what they said goes in with the order, sealed, so that nobody can write it for them.
//! Where an agent cannot be asked, nothing is bought.

pub mod questions;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    core::{Answer, Core, Terms},
    digest::digest,
    fault::Fault,
    media_buys::{create::CreateBuy, update::UpdateBuy, view::Ordered},
    operation::Operation,
    work::Work,
};
use crate::{
    domain::{
        adcp::{
            error::Code,
            governance::{Decision, Verdict},
        },
        ids::TenantId,
        tenant::{caller::Caller, role::Role},
        webhook::hook::Hook,
    },
    peers::governance::{Governance, NoAnswer},
};
use questions::{ChangeToGovern, OrderToGovern, ToAsk};

/// What agents said of exactly one order or change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// What each of them said.
    pub verdicts: Vec<Verdict>,
    /// That it was us who asked them.
    pub seal: String,
}

/// An operation that agents may have to agree to.
pub trait Governable: Operation<Output = Ordered> {
    /// The same with what they said.
    #[must_use]
    fn sealed(self, sealed: Option<Sealed>) -> Self;
}

impl Governable for CreateBuy {
    fn sealed(self, governed: Option<Sealed>) -> Self {
        Self { governed, ..self }
    }
}

impl Governable for UpdateBuy {
    fn sealed(self, governed: Option<Sealed>) -> Self {
        Self { governed, ..self }
    }
}

/// Orders, once the agents of the account have agreed where it has any.
///
/// # Errors
/// When it cannot be ordered so, or an agent does not agree.
pub async fn order(
    core: &Core,
    caller: &Caller,
    order: CreateBuy,
    terms: Terms,
) -> Result<Answer<Ordered>, Fault> {
    let order = order.sealed(None);
    let first = core.ask_on(caller, order.clone(), terms.clone()).await;
    let Err(fault) = first else { return first };
    if !is_unasked(&fault) {
        return Err(fault);
    }
    let asker = asker(caller);
    let ask = core.ask(&asker, OrderToGovern(order.clone())).await?;
    let sealed = agreed(core, caller, &order, &ask).await?;
    core.ask_on(caller, order.sealed(Some(sealed)), terms).await
}

/// Changes a buy, once the agents of its account have agreed where it has any.
///
/// # Errors
/// When it cannot be changed so, or an agent does not agree.
pub async fn change(
    core: &Core,
    caller: &Caller,
    change: UpdateBuy,
    terms: Terms,
) -> Result<Answer<Ordered>, Fault> {
    let change = change.sealed(None);
    let first = core.ask_on(caller, change.clone(), terms.clone()).await;
    let Err(fault) = first else { return first };
    if !is_unasked(&fault) {
        return Err(fault);
    }
    let asker = asker(caller);
    let ask = core.ask(&asker, ChangeToGovern(change.clone())).await?;
    let sealed = agreed(core, caller, &change, &ask).await?;
    core.ask_on(caller, change.sealed(Some(sealed)), terms)
        .await
}

/// The engine in the place of a caller: it sees the same accounts, and their secrets.
fn asker(caller: &Caller) -> Caller {
    Caller::new(&caller.name, caller.tenant.clone(), Role::Engine)
}

/// The refusal of what the agents were not asked about.
fn unasked() -> Fault {
    let message = "the governance agents of the account have to be asked first";
    Fault::adcp(Code::GovernanceUnavailable, message)
        .with("unasked", true)
        .hint("order it with create_media_buy; that asks them")
}

fn is_unasked(fault: &Fault) -> bool {
    fault.details.contains_key("unasked")
}

/// Asks every agent, and seals what they said; the first that does not agree ends it.
async fn agreed<O: Governable>(
    core: &Core,
    caller: &Caller,
    of: &O,
    ask: &ToAsk,
) -> Result<Sealed, Fault> {
    let client = Governance::new();
    let mut verdicts = Vec::with_capacity(ask.agents.len());
    for agent in &ask.agents {
        verdicts.push(one(core, &client, agent, ask).await?);
    }
    let seal = seal(
        core.desk()
            .secret
            .name(&caller.tenant, &marked(caller, of, &verdicts)?),
    )?;
    Ok(Sealed { verdicts, seal })
}

fn seal(name: Option<String>) -> Result<String, Fault> {
    name.ok_or_else(|| Fault::broken("a verdict could not be sealed"))
}

/// What a seal is put on.
fn marked<O: Governable>(caller: &Caller, of: &O, said: &[Verdict]) -> Result<String, Fault> {
    let said = serde_json::to_string(said).map_err(Fault::broken)?;
    let of = digest(&of.clone().sealed(None))?;
    Ok(format!("governed {} {of} {said}", caller.name))
}

async fn one(
    core: &Core,
    client: &Governance,
    agent: &Hook,
    ask: &ToAsk,
) -> Result<Verdict, Fault> {
    let now = core.clock().now();
    let at = (now.timestamp(), ask.sandbox);
    let answer = client.check(agent, &ask.question, at).await;
    let answer = answer.map_err(|no| unavailable(&no))?;
    let verdict = Verdict::read(&agent.url, answer, now).map_err(|no| {
        let message = format!("the governance agent did not agree: {no}");
        Fault::adcp(Code::GovernanceUnavailable, message)
    })?;
    if verdict.lets(&ask.question) {
        return Ok(verdict);
    }
    Err(denied(&verdict))
}

fn unavailable(no: &NoAnswer) -> Fault {
    if *no == NoAnswer::Failed("PLAN_NOT_FOUND".to_owned()) {
        let message = "the governance agent does not know this plan";
        return Fault::adcp(Code::PlanNotFound, message).with("field", "plan_id");
    }
    let message = format!("the governance agent cannot be asked: {no}");
    Fault::adcp(Code::GovernanceUnavailable, message)
}

fn denied(verdict: &Verdict) -> Fault {
    let message = match verdict.status {
        Decision::Conditions => format!(
            "the governance agent wants changes: {}",
            verdict.explanation
        ),
        _ => format!("the governance agent said no: {}", verdict.explanation),
    };
    Fault::adcp(Code::GovernanceDenied, message)
        .with("check_id", verdict.check_id.clone())
        .with("findings", json!(verdict.findings))
        .with("conditions", json!(verdict.conditions))
}

/// What agents said of this very operation; refused where they were not asked.
///
/// # Errors
/// When they were not asked, or somebody else wrote it for them.
pub(in crate::engine) fn admit<O: Governable>(
    work: &Work<'_>,
    of: &O,
    sealed: Option<&Sealed>,
) -> Result<Vec<Verdict>, Fault> {
    let Some(sealed) = sealed else {
        return Err(unasked());
    };
    let mark = marked(work.caller(), of, &sealed.verdicts)?;
    if seal(name(work, work.tenant(), &mark))? != sealed.seal {
        return Err(unasked());
    }
    Ok(sealed.verdicts.clone())
}

fn name(work: &Work<'_>, tenant: &TenantId, mark: &str) -> Option<String> {
    work.desk().secret.name(tenant, mark)
}

/// What is told of governance beside a buy: the context to hand on, and the conditions.
#[must_use]
pub fn told(verdicts: &[Verdict]) -> Map<String, Value> {
    let mut told = Map::new();
    let mut contexts = verdicts.iter().rev();
    if let Some(context) = contexts.find_map(|one| one.governance_context.as_ref()) {
        told.insert("governance_context".into(), json!(context));
    }
    let conditions: Vec<&Value> = verdicts.iter().flat_map(|one| &one.conditions).collect();
    if !conditions.is_empty() {
        told.insert("governance_conditions".into(), json!(conditions));
    }
    told
}
