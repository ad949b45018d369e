//! What governance agents are asked about an order or a change: what the seller would deliver,
//! and under which plan. For the engine only: the answer carries the agents' credentials.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        adcp::{account::Account, governance::agent, product::channels},
        media_buy::{buy::MediaBuy, buy::Particulars},
        money::Money,
        policy::Permission,
        problem::{Code, Problem},
        webhook::hook::Hook,
        when::{Instant, rfc3339},
    },
    engine::{
        accounts,
        fault::Fault,
        media_buys::{
            create::{self, CreateBuy},
            find,
            place::priced,
            reprice,
            update::UpdateBuy,
        },
        operation::{Kind, Operation},
        sandbox,
        work::Work,
    },
};

/// Asks what governance agents are to be asked about an order; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OrderToGovern(pub CreateBuy);

/// Asks what governance agents are to be asked about a change; for the engine only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangeToGovern(pub UpdateBuy);

/// Whom to ask what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToAsk {
    /// The agents, credentials and all.
    pub agents: Vec<Hook>,
    /// The arguments of `check_governance`.
    pub question: Map<String, Value>,
    /// Whether they may be on this machine.
    pub sandbox: bool,
}

impl Operation for OrderToGovern {
    const NAME: &'static str = "governance.of_order";
    const ABOUT: &'static str =
        "Say what governance agents are asked about an order; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = ToAsk;

    async fn perform(self, work: &mut Work<'_>) -> Result<ToAsk, Fault> {
        let mut draft = self.0.draft;
        let account = self.0.account.as_ref();
        let account = account.ok_or_else(|| Fault::broken("a governed order without account"))?;
        let account = accounts::find(work, account).await?.record;
        sandbox::shorten(work, &mut draft);
        let span = draft.span(work.now()).map_err(Fault::field)?;
        let mut drafts = draft.packages.take().unwrap_or_default();
        if drafts.is_empty() {
            drafts = create::proposed(work, &draft).await?;
        }
        let all = priced(work, drafts, "packages").await?;
        let mut run: Vec<&str> = all.iter().flat_map(|one| channels(&one.product)).collect();
        run.sort_unstable();
        run.dedup();
        let currency = all.first().map(|one| one.budget.currency());
        let currency = currency.ok_or_else(|| Fault::broken("an order without packages"))?;
        let total = Money::sum(currency, all.iter().map(|one| one.budget));
        let total = total.map_err(Fault::broken)?;
        let mut planned = planned(span.start, span.end, total);
        planned["channels"] = json!(run);
        question(work, &account, &draft.particulars, ("purchase", planned))
    }
}

impl Operation for ChangeToGovern {
    const NAME: &'static str = "governance.of_change";
    const ABOUT: &'static str =
        "Say what governance agents are asked about a change; for the engine only.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = ToAsk;

    async fn perform(self, work: &mut Work<'_>) -> Result<ToAsk, Fault> {
        let UpdateBuy {
            media_buy_id,
            change,
            ..
        } = self.0;
        let buy = find(work, &media_buy_id).await?.record;
        let account = governed(work, &buy).await?;
        let account = account.ok_or_else(|| Fault::broken("a change that nobody governs"))?;
        let checked = reprice::checked(work, &buy, &change).await?;
        let total = checked.total().map_err(Fault::broken)?;
        let planned = planned(checked.start, checked.end, total);
        let said = &buy.particulars;
        let mut ask = question(work, &account, said, ("modification", planned))?;
        let summary = format!("from {} to {total}", buy.total().map_err(Fault::broken)?);
        ask.question
            .insert("modification_summary".into(), json!(summary));
        Ok(ask)
    }
}

/// The account of a buy, if somebody governs it.
///
/// # Errors
/// When the store cannot be read.
pub(in crate::engine) async fn governed(
    work: &Work<'_>,
    buy: &MediaBuy,
) -> Result<Option<Account>, Fault> {
    let Some(id) = &buy.account_id else {
        return Ok(None);
    };
    let account = work.get::<Account>(id).await?.map(|one| one.record);
    Ok(account.filter(|one| !one.governance_agents.is_empty()))
}

fn planned(start: Instant, end: Instant, total: Money) -> Value {
    json!({
        "start_time": rfc3339(start),
        "end_time": rfc3339(end),
        "total_budget": total.amount(),
        "currency": total.currency().code(),
    })
}

fn question(
    work: &Work<'_>,
    account: &Account,
    said: &Particulars,
    (phase, planned): (&str, Value),
) -> Result<ToAsk, Fault> {
    let plays = work.desk().sandbox.as_ref() == Some(work.tenant());
    let read = |one: &Value| {
        let fields = one.as_object().cloned().unwrap_or_default();
        agent(&fields, "governance_agents", plays).map_err(Fault::field)
    };
    let agents = account.governance_agents.iter().map(read);
    let agents = agents.collect::<Result<Vec<Hook>, Fault>>()?;
    let plan = said.plan_id.as_ref().ok_or_else(no_plan)?;
    let mut question = Map::from_iter([
        ("plan_id".to_owned(), json!(plan)),
        ("caller".to_owned(), json!(work.desk().agent_url)),
        ("purchase_type".to_owned(), json!("media_buy")),
        ("phase".to_owned(), json!(phase)),
        ("planned_delivery".to_owned(), planned),
    ]);
    let contexts = said.governance.iter().rev();
    let kept = contexts.filter_map(|one| one.governance_context.clone());
    let context = kept.chain(said.governance_context.clone()).next();
    if let Some(context) = context {
        question.insert("governance_context".into(), json!(context));
    }
    if let Some(invoice) = &said.invoice_recipient {
        let mut invoice = invoice.clone();
        invoice.remove("bank");
        question.insert("invoice_recipient".into(), invoice.into());
    }
    Ok(ToAsk {
        agents,
        question,
        sandbox: plays,
    })
}

/// A governed account buys under a plan.
pub(in crate::engine) fn no_plan() -> Fault {
    let message = "is missing: the account is governed, and its agents go by a plan";
    Fault::field(Problem::new(
        "plan_id",
        Code::new("INVALID_REQUEST"),
        message,
    ))
}
